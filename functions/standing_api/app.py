"""Standing orders: set up, looked at, paused, resumed, ended."""

from giftline.api import serve
from giftline.bootstrap import standing

door = standing.standing_door()

app = serve(
    {
        "POST /v1/standing_orders": door.create,
        "GET /v1/standing_orders": door.list,
        "GET /v1/standing_orders/<standing_id>": door.show,
        "DELETE /v1/standing_orders/<standing_id>": door.delete,
        "POST /v1/standing_orders/<standing_id>/pause": door.pause,
        "POST /v1/standing_orders/<standing_id>/resume": door.resume,
    }
)

handler = app.resolve
