"""The Wpay document's calls: an order's whole way, and the balance; and how far a dropped file is."""

from giftline import bootstrap
from giftline.api import serve

door, files = bootstrap.wpay_door(), bootstrap.files_door()

app = serve(
    {
        "POST /v1/partner/giftcards/orders": door.place,
        "POST /v1/partner/giftcards/orders/cancel": door.cancel,
        "POST /v1/partner/giftcards/orders/reverse": door.reverse,
        "GET /v1/partner/giftcards/sva/balance": door.balance,
        "GET /v1/files/<name>": files.show,
        "GET /v1/partner/giftcards/order/<refno>/status": door.status,
        "GET /v1/partner/giftcards/order/<order_id>/cards": door.cards,
    }
)

handler = app.resolve
