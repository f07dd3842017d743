"""A dropped file in answers: by itself, and as the status of an order that is not there, or not yet."""

from __future__ import annotations

from typing import Any, Final

from giftline.delivery.file_progress import FileState
from giftline.delivery.viewing_files import FileView
from giftline.doors.wpay_answers import LINK_MINUTES
from giftline.orders.cancelling import CANCEL_MINUTES
from giftline.orders.model import OrderStatus
from giftline.orders.timing import timestamp

STOPPED: Final = "stopped"


def file(view: FileView) -> dict[str, Any]:
    """`orderId` is null until there is an order; `report` where the file was refused."""
    reading = view.reading
    body: dict[str, Any] = {
        "refno": reading.refno,
        "state": STOPPED if view.is_stopped else reading.state.value,
        "bytes": {"size": reading.size, "read": reading.read_bytes},
        "rows": reading.rows,
        "problems": reading.problems,
        "droppedAt": timestamp(reading.dropped_at),
        "at": timestamp(reading.at),
        "orderId": reading.order_id or None,
    }
    if view.report:
        body["report"] = {"url": view.report, "expiresInMinutes": LINK_MINUTES}
    return body


def status(view: FileView) -> dict[str, Any]:
    """As an order's status, so that who polls goes on while the file is read, and stops where it was refused."""
    is_refused = view.reading.state is FileState.REFUSED
    word = OrderStatus.FAILED.value if is_refused else OrderStatus.PENDING.value
    body: dict[str, Any] = {
        "status": word,
        "statusLabel": word.capitalize(),
        "orderId": view.reading.order_id or None,
        "refno": view.reading.refno,
        "cancel": {"allowed": False, "allowedWithIn": CANCEL_MINUTES},
        "progress": {"file": file(view)},
    }
    if view.report:
        body["results"] = {"files": {"errors.csv": view.report}, "expiresInMinutes": LINK_MINUTES}
    return body
