"""The rules for app.py pass a handler of a few lines and catch each that does more."""

import pytest
from rules.handlers import problems

GOOD = '''"""Buy one lot."""

from typing import Any

from giftline import bootstrap
from giftline.errors import GiftlineError


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Parse, buy, answer."""
    try:
        return bootstrap.create_order(event["lotId"]).to_dict()
    except GiftlineError as error:
        return error.to_dict()
'''


def test_a_short_handler_passes() -> None:
    assert problems("app.py", GOOD) == []


def test_a_handler_may_be_made_by_the_bootstrap() -> None:
    assert problems("app.py", "from giftline import bootstrap\n\nhandler = bootstrap.create_order_handler()\n") == []


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (GOOD + "\n" * 30, "lines; expected at most 40"),
        (GOOD.replace("def handler", "def main"), "no handler"),
        (GOOD + "    a = 1\n" * 10, "handler has 13 statements"),
        (GOOD + "    if event:\n        a = 1\n" * 5, "handler has 13 statements"),
        (GOOD.replace("except GiftlineError", "except Exception"), "app.py:13: a broad except"),
        (GOOD.replace("except GiftlineError", "except (ValueError, BaseException)"), "a broad except"),
        (GOOD.replace("except GiftlineError as error", "except"), "a broad except"),
        ("import boto3\n" + GOOD, "app.py:1: imports boto3"),
        ("from botocore.exceptions import ClientError\n" + GOOD, "imports botocore.exceptions.ClientError"),
        ("import os\nX = os.environ['X']\n" + GOOD, "os.environ"),
    ],
)
def test_each_handler_that_does_more_is_caught(source: str, expected: str) -> None:
    found = problems("app.py", source)
    assert any(expected in problem for problem in found), found
