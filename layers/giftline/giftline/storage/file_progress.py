"""How far a dropped file is, as an item: pk FILE#tenant#refno, sk FILE."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from giftline.delivery.file_progress import FileReading, FileState
from giftline.storage.attributes import Item, marshal, unmarshal
from giftline.storage.fields import record_of, values_of
from giftline.storage.reading import get_item
from giftline.storage.transactions import put, put_if

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient

KEPT_SECONDS: Final = 30 * 24 * 3_600
"""By the table's `ttl`: who asks later finds the order, or drops the file again."""
IS_OF_NO_LATER_DROP: Final = "attribute_not_exists(pk) OR dropped_at <= :dropped_at"
HAS_NOT_ENDED: Final = f"({IS_OF_NO_LATER_DROP}) AND (attribute_not_exists(#state) OR dropped_at <> :dropped_at)"
"""An end is stored, READING is not: it is the default."""

NAMES: Final[dict[str, Any]] = {"ExpressionAttributeNames": {"#state": "state"}}


class DynamoFileProgress:
    """The FileProgress port."""

    def __init__(self, client: DynamoDBClient, table: str) -> None:
        self._client = client
        self._table = table

    def save(self, reading: FileReading) -> None:
        values = values_of(reading) | {"ttl": reading.at // 1000 + KEPT_SECONDS}
        item = _key(reading.tenant, reading.refno) | marshal(values)
        is_end = reading.state is not FileState.READING
        write = put(
            self._table,
            item,
            IS_OF_NO_LATER_DROP if is_end else HAS_NOT_ENDED,
            {":dropped_at": reading.dropped_at},
        )
        put_if(self._client, write if is_end else write | NAMES)

    def find(self, tenant: str, refno: str) -> FileReading | None:
        item = get_item(self._client, self._table, _key(tenant, refno))
        return record_of(FileReading, unmarshal(item), {"state": FileState}) if item else None


def _key(tenant: str, refno: str) -> Item:
    return marshal({"pk": f"FILE#{tenant}#{refno}", "sk": "FILE"})
