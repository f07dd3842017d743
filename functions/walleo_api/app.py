"""The Walleo document's calls, served: single pulls, cards at once, what is sold, the balance."""

from giftline.api import serve
from giftline.bootstrap import walleo
from giftline.doors import walleo_refusals

door = walleo.walleo_door()

app = serve(
    {
        "POST /partners/v1/pull_requests": door.create_pull_request,
        "GET /partners/v1/pull_requests/<request_id>": door.pull_request,
        "POST /partners/v1/cards": door.create_card,
        "GET /partners/v1/cards/<card_id>": door.card,
        "GET /partners/v1/gift_cards": door.gift_cards,
        "GET /partners/v1/gift_cards/<code>": door.gift_card,
        "GET /partners/v1/inventories/<code>": door.inventory,
        "GET /partners/v1/balance": door.balance,
    },
    walleo_refusals.error_reply,
)

handler = app.resolve
