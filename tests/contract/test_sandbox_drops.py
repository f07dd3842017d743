"""Over a real socket: a dropped connection gives no answer, and the others stay open."""

import http.client
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox.server import Running, start
from sandbox.settings import Settings

pytestmark = pytest.mark.enable_socket


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Running]:
    with start(Settings(state=tmp_path, api_key="key")) as server:
        yield server


def post(connection: http.client.HTTPConnection, refno: str, sku: str) -> int:
    product = {"sku": sku, "price": 5, "qty": 1, "currency": "036"}
    body = {
        "payments": [{"code": "svc", "amount": 5}],
        "products": [product],
        "refno": refno,
        "syncOnly": False,
    }
    connection.request("POST", "/v1/partner/giftcards/orders", json.dumps(body), {"X-Api-Key": "key"})
    answer = connection.getresponse()
    answer.read()
    return answer.status


def test_a_dropped_answer_is_no_answer_at_all_and_the_order_stands(running: Running) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", running.port, timeout=5)
    with pytest.raises((http.client.RemoteDisconnected, ConnectionError)):
        post(connection, "dropped", "WPAY-TEST-TIMEOUT-THEN-COMPLETE")
    connection.close()
    connection.request("GET", "/sandbox/orders/dropped")
    assert json.loads(connection.getresponse().read())["quantity"] == 1
    connection.close()


def test_a_connection_serves_one_request_after_another(running: Running) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", running.port, timeout=5)
    assert post(connection, "a", "WWQ651BHNWSH") == 202
    kept = connection.sock
    assert kept is not None
    assert post(connection, "b", "WWQ651BHNWSH") == 202
    assert connection.sock is kept
    connection.close()


def test_a_stopped_server_refuses_connections(tmp_path: Path) -> None:
    with start(Settings(state=tmp_path)) as server:
        pass
    with pytest.raises(ConnectionError):
        http.client.HTTPConnection("127.0.0.1", server.port, timeout=5).connect()
