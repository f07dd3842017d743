"""Over a real socket: both suppliers on one port, and the signature over the URL that the client called."""

import hashlib
import hmac
import http.client
import json
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox.server import Running, start
from sandbox.settings import WALLEO_SHARED_KEY, Settings

pytestmark = pytest.mark.enable_socket


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Running]:
    with start(Settings(state=tmp_path)) as server:
        yield server


def ask(running: Running, verb: str, path: str, body: object = None, host: str | None = None) -> tuple[int, object]:
    payload = json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=False) if body else ""
    at = int(time.time())
    token = f"{verb}+{running.url}{path}+{payload}+sandbox+{at}"
    signature = hmac.new(bytes.fromhex(WALLEO_SHARED_KEY), token.encode(), hashlib.sha256).hexdigest()
    headers = {"Authorization": f"Bearer sandbox-key, Id=sandbox, Signature={signature}, Timestamp={at}"}
    connection = http.client.HTTPConnection("127.0.0.1", running.port, timeout=5)
    try:
        connection.request(verb, path, payload.encode() or None, headers | ({"Host": host} if host else {}))
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read())
    finally:
        connection.close()


def test_a_pull_request_is_signed_with_the_port_and_the_path_as_they_were_called(running: Running) -> None:
    part = {"amount": 50, "gift_card_code": "IKEA", "request_id": "a/b ü"}
    assert ask(running, "POST", "/partners/v1/pull_requests", {"pull_request": part})[0] == 200
    assert ask(running, "GET", "/partners/v1/pull_requests/a%2Fb%20%c3%bc?x=%7E")[0] == 200


def test_a_signature_for_another_host_does_not_fit(running: Running) -> None:
    assert ask(running, "GET", "/partners/v1/balance", host="elsewhere.example")[0] == 401


def test_a_dropped_answer_is_no_answer_and_the_other_supplier_goes_on(running: Running) -> None:
    part = {"amount": 50, "gift_card_code": "WALLEO-TEST-TIMEOUT-THEN-SUCCESS", "request_id": "lost"}
    with pytest.raises((http.client.RemoteDisconnected, ConnectionError)):
        ask(running, "POST", "/partners/v1/pull_requests", {"pull_request": part})
    assert ask(running, "GET", "/partners/v1/pull_requests/lost")[0] == 200
    assert ask(running, "GET", "/sandbox/report")[0] == 200
    assert ask(running, "GET", "/sandbox/walleo/report")[0] == 200
