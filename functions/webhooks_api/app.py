"""What was sent to a tenant's backend, sending it again, and the secret that signs it."""

from giftline.api import serve
from giftline.bootstrap import webhooks

door = webhooks.webhooks_door()

app = serve(
    {
        "GET /v1/webhooks": door.list,
        "GET /v1/webhooks/secret": door.secret,
        "POST /v1/webhooks/secret/rotate": door.rotate,
        "POST /v1/webhooks/resend": door.resend_all_failed,
        "GET /v1/webhooks/<event_id>": door.show,
        "POST /v1/webhooks/<event_id>/resend": door.resend,
    }
)

handler = app.resolve
