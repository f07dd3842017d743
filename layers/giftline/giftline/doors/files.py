"""A tenant's call on a file that it dropped: how far its reading is, and the report where it was refused."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote

from giftline.accounts.authorizing import Tokens, authorize
from giftline.accounts.model import Ability
from giftline.doors import file_answers
from giftline.doors.answers import Reply
from giftline.doors.calls import Call, token_of
from giftline.errors import NotFound

if TYPE_CHECKING:
    from giftline.delivery.viewing_files import ViewFile

LONGEST_FILE_NAME: Final = 1_024
"""Bytes that S3 takes as a name; a table's key holds not many more."""


@dataclass(frozen=True, slots=True)
class FilesDoor:
    """Errors are raised; `error_reply` turns them into answers. Only the token's tenant is seen."""

    tokens: Tokens
    view_file: ViewFile

    def show(self, call: Call, name: str) -> Reply:
        """`name` is the refno, with `.csv` or without."""
        tenant = authorize(self.tokens, token_of(call.headers), Ability.ORDERS_GET).tenant
        named = unquote(name)
        if not is_file_name(named):
            raise NotFound(f"no file with name {named!r:.80}")
        return Reply(200, file_answers.file(self.view_file(tenant, named)))


def is_file_name(name: str) -> bool:
    """Whether a file of any name can have been dropped under it: a refused one need be no refno."""
    try:
        return 0 < len(name.encode()) <= LONGEST_FILE_NAME
    except UnicodeEncodeError:  # half of a surrogate pair
        return False
