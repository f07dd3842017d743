"""Who is let in at the Walleo door: by its key, its signature, the time it was made, and once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from itertools import product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from giftline.doors.answers import Reply
from giftline.doors.walleo_signatures import TOLERANCE, gateway_urls
from giftline.money import Money
from giftline.orders.catalogue import Catalogue, Offer, Product
from tests.fakes.house import EUR, TENANT
from tests.fakes.walleo_door import (
    CARDS,
    IDENTIFIER,
    KEY,
    PULL_REQUESTS,
    SHARED_KEY,
    CallContext,
    SentCall,
    WalleoHouse,
    sign,
)

VECTOR_SIGNATURE = "434f3dd367edbe5c82a68f5b5a771a50d602c2868e10a4b132ae807df6982867"
VECTOR_TIME = 1_648_559_273
BODY = {"pull_request": {"amount": 50, "gift_card_code": "IKEA", "request_id": "r-1"}}


@pytest.fixture
def walleo() -> WalleoHouse:
    return WalleoHouse()


def code(reply: Reply) -> str:
    return str(reply.body["errors"][0]["code"]) if "errors" in reply.body else ""


def post(walleo: WalleoHouse, call: SentCall) -> Reply:
    return walleo.answer(walleo.door.create_pull_request, call)


# --- what is signed


def test_the_documents_own_vector_is_let_in(walleo: WalleoHouse) -> None:
    walleo.catalogue = Catalogue([Product("E-ca", "E", EUR, (Offer("walleo", "E-ca", 1, 2_000, 50_000, 1_000),))])
    walleo.house.clock.time = VECTOR_TIME * 1_000
    header = f"Bearer {KEY}, Id={IDENTIFIER}, Signature={VECTOR_SIGNATURE}, Timestamp={VECTOR_TIME}"
    body = '{ "card": {"gift_card_code": "E-ca",\n "amount": 50} }'
    call = SentCall("POST", CARDS, body, {"authorization": header, "x-requestid": "r-1"})
    check = replace(walleo.check, base_urls=gateway_urls(others=["http://www.example.com/"]))
    reply = walleo.answer(replace(walleo.door, check=check).create_card, call)
    assert (reply.status, walleo.order.total) == (202, Money(5_000, EUR))


def test_a_get_signs_an_empty_payload_and_keeps_its_plus(walleo: WalleoHouse) -> None:
    walleo.pull("r-1")
    path, now = f"{PULL_REQUESTS}/r-1", walleo.now
    signature = sign(SHARED_KEY, "GET", f"https://giftline.example/live{path}", "", IDENTIFIER, now)
    header = f"Bearer {KEY}, Id={IDENTIFIER}, Signature={signature}, Timestamp={now}"
    assert walleo.shown("r-1", header=header).status == 200


@pytest.mark.parametrize("spelled", ["caf\\u00e9", "café"])
def test_letters_beyond_ascii_may_be_signed_escaped_or_not(walleo: WalleoHouse, spelled: str) -> None:
    payload = f'{{"pull_request":{{"amount":50,"gift_card_code":"IKEA","request_id":"{spelled}"}}}}'
    url, now = f"https://giftline.example/live{PULL_REQUESTS}", walleo.now
    headers = {"Authorization": head(sign(SHARED_KEY, "POST", url, payload, IDENTIFIER, now), now)}
    assert post(walleo, SentCall("POST", PULL_REQUESTS, payload, headers)).status == 200
    assert walleo.shown("caf%C3%A9").body["pull_request"]["request_id"] == "café"


def head(signature: str, timestamp: int, key: str = KEY, identifier: str = IDENTIFIER) -> str:
    return f"Bearer {key}, Id={identifier}, Signature={signature}, Timestamp={timestamp}"


def test_a_request_id_may_be_encoded_in_the_path_as_its_client_likes(walleo: WalleoHouse) -> None:
    walleo.pull("a b:c")
    for sent in ("a%20b:c", "a%20b%3Ac"):
        call = walleo.signed("GET", f"{PULL_REQUESTS}/{sent}")
        for path in (call.path, f"{PULL_REQUESTS}/a b:c"):  # the gateway may hand it over decoded
            seen = replace(call, path=path)
            reply = walleo.answer(lambda c: walleo.door.pull_request(c, c.path.rpartition("/")[2]), seen)
            assert reply.status == 200


@dataclass
class At(SentCall):
    """A call that came in at another place."""

    context: CallContext | None = None

    @property
    def request_context(self) -> CallContext:
        assert self.context
        return self.context


@pytest.mark.parametrize(
    ("context", "url"),
    [
        (CallContext("/live/x", domain_name="abc.example.com"), "https://abc.example.com/live/x"),
        (CallContext("/x", domain_name="cards.example.com"), "https://cards.example.com/x"),
        (CallContext("/v2/x", domain_name="cards.example.com"), "https://cards.example.com/v2/x"),
        (CallContext("/live/x", domain_name=None), "http://127.0.0.1:4566/_aws/execute-api/a1b2c3/live/x"),
        (CallContext("/live/x", domain_name=None), "http://localhost:4566/_aws/execute-api/a1b2c3/live/x"),
        (CallContext("/live/x", domain_name=None), "https://proxy.example.com/gift/x"),
    ],
)
def test_the_signed_url_is_the_one_where_the_call_came_in(walleo: WalleoHouse, context: CallContext, url: str) -> None:
    urls = gateway_urls("http://127.0.0.1:4566", ["https://proxy.example.com/gift/"])
    check = replace(walleo.check, base_urls=urls)
    call = At("GET", "/x", headers={"Authorization": header_for(url, walleo.now)}, context=context)
    assert check(call).tenant == TENANT
    bad = At("GET", "/x", headers={"Authorization": header_for(f"{url}y", walleo.now)}, context=context)
    assert walleo.answer(lambda c: Reply(200, check(c)), bad).status == 401


def header_for(url: str, now: int) -> str:
    return head(sign(SHARED_KEY, "GET", url, "", IDENTIFIER, now), now)


@pytest.mark.parametrize(
    ("seen", "signed"),
    [
        ({"page": "1", "per_page": "20"}, "?page=1&per_page=20"),
        ({"per_page": "20", "page": "1"}, "?page=1&per_page=20"),
        ({"q": "a b"}, "?q=a+b"),
        ({"q": "a b"}, "?q=a%20b"),
        ({"q": "a:b"}, "?q=a:b"),
        ({"q": "a&b=c"}, "?q=a%26b%3Dc"),
        ({name: name for name in "dbca"}, "?a=a&b=b&c=c&d=d"),
    ],
)
def test_a_query_counts_as_its_client_wrote_it(walleo: WalleoHouse, seen: dict[str, str], signed: str) -> None:
    """The gateway hands it over decoded, and in any order."""
    path = "/partners/v1/gift_cards"
    call = replace(walleo.signed("GET", path + signed), path=path, query_string_parameters=seen)
    assert walleo.answer(walleo.door.gift_cards, call).status == 200
    for other in ({**seen, "more": "1"}, {**seen, next(iter(seen)): "x"}, {}):
        changed = replace(call, query_string_parameters=other)
        assert code(walleo.answer(walleo.door.gift_cards, changed)) == "invalid_signature"


def test_no_host_of_the_call_itself_counts(walleo: WalleoHouse) -> None:
    call = walleo.signed("GET", f"{PULL_REQUESTS}/r-1", url="https://evil.example/live")
    call.headers.update({"Host": "evil.example", "X-Forwarded-Host": "evil.example"})
    assert code(walleo.answer(lambda c: walleo.door.pull_request(c, "r-1"), call)) == "invalid_signature"


def test_no_part_of_one_clients_header_is_good_with_anothers(walleo: WalleoHouse) -> None:
    """Though both share the same key with us."""
    theirs = "the-api-key-of-another"
    walleo.enter("other", theirs, "other-1")
    ours = walleo.signed("POST", PULL_REQUESTS, BODY).headers["Authorization"]
    mixed = {
        "their key": (ours.replace(KEY, theirs), "unauthorized"),
        "their identifier": (ours.replace(IDENTIFIER, "other-1"), "unauthorized"),
        "their key and identifier": (ours.replace(KEY, theirs).replace(IDENTIFIER, "other-1"), "invalid_signature"),
    }
    assert {name: code(walleo.pull("r-1", header=header)) for name, (header, _) in mixed.items()} == {
        name: word for name, (_, word) in mixed.items()
    }
    assert not walleo.house.orders.records


# --- every bit counts


def flipped(text: str, place: int, bit: int) -> str:
    return text[:place] + chr(ord(text[place]) ^ (1 << bit)) + text[place + 1 :]


PARTS: Mapping[str, Callable[[SentCall, int, int], SentCall]] = {
    "body": lambda call, at, bit: replace(call, body=flipped(call.body or "", at, bit)),
    "path": lambda call, at, bit: replace(call, path=flipped(call.path, at, bit)),
    "verb": lambda call, at, bit: replace(call, http_method=flipped(call.http_method, at, bit)),
    "authorization": lambda call, at, bit: replace(
        call, headers={"Authorization": flipped(call.headers["Authorization"], at, bit)}
    ),
}


@pytest.mark.parametrize("part", PARTS)
def test_a_call_with_any_bit_changed_orders_nothing(walleo: WalleoHouse, part: str) -> None:
    good = walleo.signed("POST", PULL_REQUESTS, BODY)
    sizes = {
        "body": good.body,
        "path": good.path,
        "verb": good.http_method,
        "authorization": good.headers["Authorization"],
    }
    for at, bit in product(range(len(sizes[part] or "")), range(7)):
        changed = PARTS[part](good, at, bit)
        if not means_the_same(good, changed):
            assert post(walleo, changed).status in (400, 401), (at, bit)
    assert not walleo.house.orders.records
    assert post(walleo, good).status == 200  # and none of them has used up what its client signed


def means_the_same(good: SentCall, changed: SentCall) -> bool:
    """Names, digits in hexadecimal and verbs have no case; what stands between parts is not signed."""

    def form(call: SentCall) -> tuple[Any, ...]:
        before, *parts = call.headers["Authorization"].split(",")
        scheme, _, key = before.partition(" ")
        fields = [part.strip().partition("=") for part in parts]
        named = {name.lower(): value.lower() if name.lower() == "signature" else value for name, _, value in fields}
        return call.http_method.upper(), call.path, call.body, scheme.lower(), key, named

    return form(good) == form(changed)


@settings(max_examples=50, deadline=None)
@given(text=st.text(max_size=200))
def test_any_authorization_whatever_is_not_authorized(text: str) -> None:
    walleo = WalleoHouse()
    call = replace(walleo.signed("POST", PULL_REQUESTS, BODY), headers={"Authorization": text})
    assert post(walleo, call).status == 401


@settings(max_examples=50, deadline=None)
@given(timestamp=st.one_of(st.text(max_size=30), st.integers().map(str)))
def test_any_timestamp_that_was_not_signed_now_is_refused(timestamp: str) -> None:
    walleo = WalleoHouse()
    call = walleo.signed("POST", PULL_REQUESTS, BODY)
    header = call.headers["Authorization"].rpartition("=")[0] + f"={timestamp}"
    if timestamp.strip() != str(walleo.now):
        assert post(walleo, replace(call, headers={"Authorization": header})).status == 401


@pytest.mark.parametrize("header", ["", "Basic abc", "Bearer", f"Bearer {KEY}", f"Bearer {KEY}, Signature=1"])
def test_without_a_key_and_an_identifier_nobody_is_authorized(walleo: WalleoHouse, header: str) -> None:
    assert code(walleo.pull(header=header)) == "unauthorized"


@pytest.mark.parametrize("more", ["", ", Timestamp=now", f", Signature={'0' * 64}", ", Signature=é, Timestamp=1"])
def test_without_a_signature_or_a_time_the_signature_is_invalid(walleo: WalleoHouse, more: str) -> None:
    reply = walleo.pull(header=f"Bearer {KEY}, Id={IDENTIFIER}{more}")
    assert reply.status == 401
    assert code(reply) == ("invalid_signature" if more.isascii() else "unauthorized")


# --- when


@pytest.mark.parametrize("late", [-TOLERANCE, 0, TOLERANCE])
def test_five_minutes_of_difference_are_let_in(walleo: WalleoHouse, late: int) -> None:
    assert walleo.pull(timestamp=walleo.now + late).status == 200


@pytest.mark.parametrize("late", [-TOLERANCE - 1, TOLERANCE + 1, -(10**6), 10**9])
def test_more_than_five_minutes_are_not(walleo: WalleoHouse, late: int) -> None:
    assert code(walleo.pull(timestamp=walleo.now + late)) == "invalid_signature"
    assert not walleo.house.orders.records


def test_a_signature_is_remembered_until_its_time_is_over(walleo: WalleoHouse) -> None:
    walleo.pull(timestamp=walleo.now + TOLERANCE)
    ((until, _),) = walleo.seen.seen.values()
    assert until > walleo.now + 2 * TOLERANCE


# --- once


def test_a_pull_request_sent_again_as_it_was_buys_nothing_more(walleo: WalleoHouse) -> None:
    call = walleo.signed("POST", PULL_REQUESTS, BODY)
    assert post(walleo, call).status == 200
    again = post(walleo, call)
    assert (again.status, again.body["errors"][0]["message"]) == (422, "Request id is already used")
    assert len(walleo.house.orders.records) == 1


def test_what_was_refused_and_captured_is_not_taken_later(walleo: WalleoHouse) -> None:
    walleo.house.ledger.withdraw(TENANT, EUR, 10**12, "all of it", 0)
    call = walleo.signed("POST", PULL_REQUESTS, BODY)
    assert code(post(walleo, call)) == "not_enough_funds"
    walleo.house.ledger.deposit(TENANT, EUR, 10**6, "more", 0)
    assert code(post(walleo, call)) == "invalid_signature"
    assert not walleo.house.orders.records


def test_what_was_refused_may_be_asked_again_with_a_fresh_timestamp(walleo: WalleoHouse) -> None:
    walleo.house.ledger.withdraw(TENANT, EUR, 10**12, "all of it", 0)
    assert code(walleo.pull("r-1")) == "not_enough_funds"
    walleo.house.ledger.deposit(TENANT, EUR, 10**6, "more", 0)
    walleo.house.clock.pass_(1_000)
    assert walleo.pull("r-1").status == 200


def test_a_card_is_not_bought_again_under_another_id_by_the_same_signature(walleo: WalleoHouse) -> None:
    body = {"card": {"amount": 50, "gift_card_code": "IKEA"}}
    call = walleo.signed("POST", CARDS, body, headers={"X-RequestId": "mine"})
    assert walleo.answer(walleo.door.create_card, call).status == 202
    for other in ({"X-RequestId": "another"}, {}):
        stolen = replace(call, headers={"Authorization": call.headers["Authorization"], **other})
        assert code(walleo.answer(walleo.door.create_card, stolen)) == "invalid_signature"
    assert walleo.answer(walleo.door.create_card, call).status == 202
    assert len(walleo.house.orders.records) == 1


def test_a_card_without_id_is_bought_once_a_signature(walleo: WalleoHouse) -> None:
    now = walleo.now
    first, replayed = walleo.buy("", timestamp=now), walleo.buy("", timestamp=now)
    assert (first.status, code(replayed)) == (202, "invalid_signature")
    walleo.house.clock.pass_(1_000)
    second = walleo.buy("")
    assert first.headers["X-RequestId"] != second.headers["X-RequestId"]
    assert len(walleo.house.orders.records) == 2


def test_a_question_may_be_asked_twice_in_one_second(walleo: WalleoHouse) -> None:
    walleo.pull("r-1")
    assert [walleo.shown("r-1").status, walleo.shown("r-1").status] == [200, 200]
    assert len(walleo.seen.seen) == 1


def test_a_wrong_call_does_not_use_up_a_signature(walleo: WalleoHouse) -> None:
    assert walleo.pull("r-1", shared_key="00" * 16).status == 401
    assert not walleo.seen.seen


# --- what is told of keys


def test_no_key_is_shown_by_what_holds_it(walleo: WalleoHouse) -> None:
    shown = f"{walleo.check!r} {walleo.clients.known!r} {walleo.door!r}"
    assert KEY not in shown
    assert SHARED_KEY not in shown


def test_a_key_that_does_not_open_is_our_side_of_it(walleo: WalleoHouse) -> None:
    client = walleo.clients.known[IDENTIFIER]
    walleo.clients.known[IDENTIFIER] = replace(client, sealed_key=b"other|" + SHARED_KEY.encode())
    reply = walleo.pull()
    assert reply.status == 500
    assert SHARED_KEY not in reply.text
