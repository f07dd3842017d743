"""What a download link opens, and Apple's web service, declared."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from giftline.doors.apple import MAX_LOGS
from giftline.doors.openapi.house import HOUSE
from giftline.doors.openapi.model import JSON, Answer, Body, Door, Entry, Operation, Parameter, Refusals
from giftline.doors.openapi.schemas import TEXT, listed, record, ref, text
from giftline.doors.pass_page import HTML
from giftline.passes.pkpass import MEDIA_TYPE

_REFERENCE: Final = Parameter(
    "reference", {"type": "string", "pattern": "^[A-Za-z0-9_.~-]{1,128}$"}, "The last part of a download link.", "path"
)
_PAGES: Final = Refusals(
    {},
    {
        404: "The link opens nothing: it is wrong, old or ended. A page says so.",
        500: "Our own fault.",
        503: "Google Wallet does not answer.",
    },
    always=(404, 500),
    media_types=(HTML, JSON),
)


def _opened(form: str, name: str, summary: str, answers: Mapping[int, Answer], **more: Any) -> Operation:
    return Operation("GET", f"/p/{{reference}}{form}", name, summary, answers, parameters=(_REFERENCE,), **more)


PASS_PAGE: Final = Door(
    "Pass page",
    "What people see behind a download link. The link itself is the key.",
    "pass_page",
    _PAGES,
    (
        _opened("", "show_page", "The page of a pass", {200: Answer("The page.", None, (HTML,))}),
        _opened("/pass.png", "show_picture", "Its picture", {200: Answer("A picture to keep.", None, ("image/png",))}),
        _opened(
            "/pass.pkpass", "add_to_apple_wallet", "For Apple Wallet", {200: Answer("The pass.", None, (MEDIA_TYPE,))}
        ),
        _opened(
            "/google",
            "save_to_google_wallet",
            "For Google Wallet",
            {302: Answer("On to Google, where it is saved.", None, (HTML,), {"Location": "Where to go."})},
            refuses=(503,),
        ),
    ),
    entry=Entry.OPEN,
    is_on_passes_api=True,
)

_DEVICE: Final = Parameter(
    "device", {"type": "string", "pattern": "^[A-Za-z0-9._-]{1,128}$"}, "The phone's library identifier.", "path"
)
_PASS_TYPE: Final = Parameter("pass_type", {"type": "string", "pattern": "^[A-Za-z0-9._-]{1,128}$"}, "", "path")
_SERIAL: Final = Parameter("serial", {"type": "string", "pattern": "^[A-Za-z0-9._-]{1,128}$"}, "", "path")
_NOTHING: Final = record({})
_OF_A_DEVICE: Final = "/apple/v1/devices/{device}/registrations/{pass_type}"

APPLE: Final = Door(
    "Apple web service",
    "By which phones hear of changed passes, as Apple's document has it.",
    "apple_api",
    HOUSE,
    (
        Operation(
            "POST",
            _OF_A_DEVICE + "/{serial}",
            "register",
            "Register a phone for a pass",
            {200: Answer("It was registered already.", _NOTHING), 201: Answer("It is registered now.", _NOTHING)},
            refuses=(400, 401, 404, 409, 413),
            parameters=(_DEVICE, _PASS_TYPE, _SERIAL),
            body=Body(
                record({"pushToken": {"type": "string", "pattern": "^[0-9A-Fa-f]{1,200}$"}}), {"pushToken": "00ff"}
            ),
        ),
        Operation(
            "DELETE",
            _OF_A_DEVICE + "/{serial}",
            "unregister",
            "End it",
            {200: Answer("It is not registered any more.", _NOTHING)},
            refuses=(400, 401, 404),
            parameters=(_DEVICE, _PASS_TYPE, _SERIAL),
        ),
        Operation(
            "GET",
            "/apple/v1/passes/{pass_type}/{serial}",
            "fetch",
            "The pass as it is now",
            {
                200: Answer("The pass.", None, (MEDIA_TYPE,)),
                304: Answer("The phone's is the same.", None, (MEDIA_TYPE,)),
            },
            refuses=(401, 404),
            parameters=(
                _PASS_TYPE,
                _SERIAL,
                Parameter("If-Modified-Since", text(40), "The Last-Modified of the pass that is held.", "header"),
            ),
        ),
    ),
    entry=Entry.APPLE_PASS,
    is_on_passes_api=True,
)

APPLE_OPEN: Final = Door(
    "Apple web service, without a token",
    "The two of Apple's calls that bring none.",
    "apple_api",
    HOUSE,
    (
        Operation(
            "GET",
            _OF_A_DEVICE,
            "updated",
            "Which passes of a phone changed",
            {
                200: Answer("Their serial numbers.", ref("ChangedPasses")),
                204: Answer("None.", None, ()),
            },
            refuses=(400, 404),
            parameters=(
                _DEVICE,
                _PASS_TYPE,
                Parameter("passesUpdatedSince", {"type": "string", "pattern": "^[0-9]{1,15}$"}, "The tag last told."),
            ),
        ),
        Operation(
            "POST",
            "/apple/v1/log",
            "log",
            "What a phone complains about",
            {200: Answer("It is written down.", _NOTHING)},
            refuses=(400, 404, 413),
            description=f"At most {MAX_LOGS} of the texts are kept, each cut short.",
            body=Body(record({"logs": listed(TEXT)}), {"logs": ["a pass could not be updated"]}),
        ),
    ),
    {"ChangedPasses": record({"serialNumbers": listed(TEXT), "lastUpdated": TEXT})},
    entry=Entry.OPEN,
    is_on_passes_api=True,
)
