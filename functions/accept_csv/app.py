"""A file dropped in S3 becomes an order, or a report of every wrong cell."""

from typing import Any
from urllib.parse import unquote_plus

from giftline import bootstrap

accept_csv = bootstrap.accept_csv()


def handler(event: dict[str, Any], context: object) -> None:
    for record in event["Records"]:
        accept_csv(unquote_plus(record["s3"]["object"]["key"]))
