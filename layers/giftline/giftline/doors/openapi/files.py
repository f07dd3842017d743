"""A tenant's call on a file that it dropped, declared."""

from __future__ import annotations

from typing import Final

from giftline.accounts.model import Ability
from giftline.doors.openapi.house import HOUSE
from giftline.doors.openapi.model import Answer, Door, Operation, Parameter
from giftline.doors.openapi.schemas import ref
from giftline.doors.openapi.wpay import FILE, NAME

FILES: Final = Door(
    "Files",
    "Files of rows that were dropped to be ordered.",
    "orders_api",
    HOUSE,
    (
        Operation(
            "GET",
            "/v1/files/{name}",
            "show_file",
            "How far a file is",
            {200: Answer("How much of it is read, and what was wrong.", ref("File"))},
            refuses=(401, 403),
            abilities=(Ability.ORDERS_GET,),
            parameters=(Parameter("name", NAME, "Its refno, with `.csv` or without.", "path"),),
        ),
    ),
    {"File": FILE},
)
