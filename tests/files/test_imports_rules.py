"""The rules for imports pass what points inward and catch each way out."""

import pytest
from rules import imports

GOOD = {
    "giftline/__init__.py": "",
    "giftline/errors.py": "class GiftlineError(Exception): ...",
    "giftline/settings.py": "import os\nTABLE = os.environ['TABLE']",
    "giftline/bootstrap.py": "import boto3\nfrom giftline.storage import dynamodb\nfrom giftline.orders import placing",
    "giftline/orders/__init__.py": "",
    "giftline/orders/model.py": "from dataclasses import dataclass\nfrom giftline.errors import GiftlineError",
    "giftline/orders/placing.py": "from giftline.storage.ports import Orders\n"
    "from giftline.suppliers import port\nfrom .model import Lot",
    "giftline/storage/__init__.py": "",
    "giftline/storage/ports.py": "from typing import Protocol",
    "giftline/storage/dynamodb.py": "import boto3\nfrom giftline.storage.ports import Orders",
    "giftline/suppliers/__init__.py": "",
    "giftline/suppliers/port.py": "from typing import Protocol",
    "giftline/suppliers/http.py": "import httpx",
}


def test_a_layer_that_points_inward_passes() -> None:
    assert imports.layer_problems(GOOD) == []


@pytest.mark.parametrize(
    ("path", "source", "expected"),
    [
        ("giftline/orders/model.py", "import boto3", "giftline/orders/model.py: reaches boto3"),
        (
            "giftline/orders/model.py",
            "from giftline.storage.dynamodb import X",
            "reaches boto3 through giftline.storage.dynamodb",
        ),
        ("giftline/errors.py", "import pydantic", "giftline/errors.py: reaches pydantic"),
        (
            "giftline/orders/__init__.py",
            "import pydantic",
            "giftline/orders/model.py: reaches pydantic through giftline.orders",
        ),
        (
            "giftline/orders/placing.py",
            "import botocore.exceptions",
            "placing.py: reaches botocore.exceptions; a use case knows no SDK",
        ),
        (
            "giftline/orders/placing.py",
            "from giftline.storage import dynamodb",
            "placing.py:1: imports giftline.storage.dynamodb",
        ),
        (
            "giftline/orders/placing.py",
            "from ..storage.dynamodb import X",
            "placing.py:1: imports giftline.storage.dynamodb.X",
        ),
        (
            "giftline/orders/placing.py",
            "from giftline.suppliers.http import post",
            "placing.py:1: imports giftline.suppliers.http.post",
        ),
        (
            "giftline/orders/placing.py",
            "import giftline.suppliers.wpay",
            "placing.py:1: imports giftline.suppliers.wpay",
        ),
        (
            "giftline/suppliers/port.py",
            "import requests",
            "placing.py: reaches requests through giftline.suppliers.port",
        ),
        (
            "giftline/storage/dynamodb.py",
            "from giftline import bootstrap",
            "dynamodb.py:1: imports giftline.bootstrap; only functions",
        ),
        (
            "giftline/suppliers/http.py",
            "from sandbox.wpay import catalogue",
            "http.py:1: imports sandbox.wpay.catalogue; the layer knows",
        ),
        (
            "giftline/suppliers/http.py",
            "import local",
            "http.py:1: imports local; the layer knows nothing outside itself",
        ),
        (
            "giftline/suppliers/http.py",
            "import os\nX = os.environ['X']",
            "http.py:2: os.environ; expected it in settings.py only",
        ),
        ("giftline/suppliers/http.py", "import os\nX = os.getenv('X')", "http.py:2: os.getenv"),
        ("giftline/suppliers/http.py", "from os import environ", "http.py:1: imports the environment"),
        ("giftline/suppliers/http.py", "def post():\n    import json", "http.py:2: imports json inside a function"),
        ("giftline/orders/utils.py", "", "giftline/orders/utils.py: 'utils' says nothing"),
        ("giftline/common/money.py", "", "giftline/common/money.py: 'common' says nothing"),
    ],
)
def test_each_way_out_of_the_layer_is_caught(path: str, source: str, expected: str) -> None:
    found = imports.layer_problems({**GOOD, path: source})
    assert any(expected in problem for problem in found), found


def test_an_import_inside_a_function_may_give_its_reason() -> None:
    source = "def seal():\n    # why: cryptography takes 40 ms, and only sealing needs it\n    import json\n"
    assert imports.layer_problems({**GOOD, "giftline/storage/vault.py": source}) == []


def test_a_circle_of_imports_ends() -> None:
    circle = {
        "giftline/orders/model.py": "import giftline.orders.lot",
        "giftline/orders/lot.py": "import giftline.orders.model",
    }
    assert imports.layer_problems({**GOOD, **circle}) == []


def test_a_function_imports_the_bootstrap() -> None:
    source = """
import json
from aws_lambda_powertools import Logger
from giftline import bootstrap
from giftline.errors import GiftlineError
"""
    assert imports.function_problems("functions/create_order/app.py", source) == []


@pytest.mark.parametrize(
    "source", ["import boto3", "from giftline.orders import placing", "from giftline import settings", "import sandbox"]
)
def test_a_function_that_imports_more_is_caught(source: str) -> None:
    assert imports.function_problems("functions/create_order/app.py", source)[0].startswith(
        "functions/create_order/app.py:1: imports"
    )


def test_the_sandbox_stands_alone() -> None:
    assert (
        imports.sandbox_problems("sandbox/app.py", "import json\nfrom sandbox import ledger\nimport giftliner\n") == []
    )
    assert imports.sandbox_problems("sandbox/app.py", "from giftline.orders import model") != []


def test_only_functions_are_wired_by_the_bootstrap() -> None:
    assert imports.bootstrap_problems("local/watch.py", "from giftline import money") == []
    assert imports.bootstrap_problems("local/watch.py", "from giftline.bootstrap import create_order") != []


def test_names_that_say_nothing_are_caught() -> None:
    assert imports.name_problems("sandbox/ledger.py") == []
    assert imports.name_problems("tests/helpers/stack.py") != []
