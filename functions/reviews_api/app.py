"""The operators' calls: what is in review, and one act on one lot of it."""

from giftline import bootstrap
from giftline.api import serve

door = bootstrap.reviews_door()

app = serve(
    {
        "GET /v1/reviews": door.list,
        "POST /v1/reviews/<order_id>/<lot>": door.resolve,
    }
)

handler = app.resolve
