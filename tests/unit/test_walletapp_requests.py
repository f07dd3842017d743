"""The WalletApp document's bulk bodies: every wrong field of every row at once, and never an exception of Python's."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from giftline.accounts.model import Ability
from giftline.doors.answers import Reply
from giftline.doors.lenient_json import without_trailing_commas
from giftline.doors.walletapp_answers import error_reply
from giftline.doors.walletapp_requests import MAX_BODY, MAX_ROWS, parse_bulk
from giftline.errors import (
    GiftlineError,
    InvalidRequest,
)
from giftline.wallet.batch import Operation, Row
from tests.fakes.walletapp_door import BATCH_ID, BRAND, HEADS, TENANT, USER, DoorHouse, FakeCall, body

COUPONS = Operation.COUPONS
STORECARDS = Operation.STORECARDS
POINTS = Operation.POINTS
SIGNUPS = Operation.SIGNUPS
MEMBERS = Operation.MEMBERS
PLATES = Operation.LICENSEPLATES
PASSES = Operation.PASSES


@pytest.fixture
def doors() -> DoorHouse:
    return DoorHouse()


def rows(operation: Operation, *users: Any) -> tuple[Row, ...]:
    return parse_bulk(operation, body(operation, *users), lambda _: BRAND, lambda _: "").rows


def values(operation: Operation, **user: Any) -> dict[str, Any]:
    """What one more field of a row is read as."""
    (row,) = rows(operation, USER[operation] | user)
    return dict(row.values)


def wrong(operation: Operation, text: str) -> dict[str, list[str]]:
    """The errors of the answer, by field."""
    errors: dict[str, list[str]] = refused(operation, text).body["errors"]
    return errors


def refused(operation: Operation, text: str) -> Reply:
    with pytest.raises(GiftlineError) as error:
        DoorHouse().door.bulk(operation, FakeCall(text))
    reply = error_reply(error.value)
    assert reply.status in {413, 422}
    return reply


def wrong_user(operation: Operation, **user: Any) -> dict[str, list[str]]:
    return wrong(operation, body(operation, USER[operation] | user))


# --- what is taken


@pytest.mark.parametrize("operation", list(Operation))
def test_the_plainest_row_of_each_call_is_accepted(doors: DoorHouse, operation: Operation) -> None:
    reply = doors.door.bulk(operation.value, FakeCall(body(operation, USER[operation])))
    (request,) = doors.requests
    assert (reply.status, reply.headers["Batch-Id"], reply.headers["Cache-Control"]) == (202, BATCH_ID, "no-store")
    assert reply.body["message"] == "Request successful"
    assert (request.tenant, request.operation, request.key) == (TENANT, operation, "")
    assert request.brand_id == HEADS[operation].get("brand_id", "")
    assert request.template_id == HEADS[operation].get("coupon_id", HEADS[operation].get("storecard_id", ""))
    assert request.webhook_url == HEADS[operation].get("webhook_url", "")


def test_a_row_is_kept_as_it_was_sent() -> None:
    user = {"identifier": " m 1 ", "qr_code": "Q-1", "expiration_date": "2027-02-28", "pass_title": "Zwölf %"}
    kept = {name: value for name, value in user.items() if name != "identifier"}
    assert rows(COUPONS, user, {"identifier": "2"}) == (Row(0, " m 1 ", kept), Row(1, "2", {}))


@pytest.mark.parametrize("empty", [None, ""])
def test_an_empty_optional_field_is_an_absent_one(empty: str | None) -> None:
    assert values(COUPONS, qr_code=empty, expiration_date=empty, pass_title=empty) == {}
    assert values(PASSES, pass_code=empty, start_date=empty) == {"points": 5}
    assert values(PLATES, licenseplates=empty) == {}


@pytest.mark.parametrize(
    ("given", "read"), [(10, 10), ("10", 10), ("-5", -5), ("+3", 3), (0, 0), ("007", 7), (-(10**9), -(10**9))]
)
def test_points_are_whole_numbers_or_their_text(given: Any, read: int) -> None:
    assert values(POINTS, points=given) == values(PASSES, points=given) == {"points": read}


@pytest.mark.parametrize(
    "given",
    [
        10.0,
        1e3,
        "10.0",
        "",
        None,
        True,
        "ten",
        "1e3",
        " 1",
        "\u0661",
        [1],
        {},
        10**9 + 1,
        "-1000000001",
        "+-3",
        "9" * 30,
    ],
)
def test_other_points_are_named_with_what_stands_there(given: Any) -> None:
    errors = wrong_user(POINTS, points=given)
    assert list(errors) == ["users.0.points"]
    assert "; expected a whole number from -1000000000 to 1000000000" in errors["users.0.points"][0]


@pytest.mark.parametrize("word", ["NaN", "Infinity", "-Infinity"])
def test_numbers_that_are_none_are_wrong_in_their_own_field(word: str) -> None:
    assert wrong(POINTS, body(POINTS, {"identifier": "1", "points": "@"}).replace('"@"', word)) == {
        "users.0.points": [
            f'{word} is a decimal number; expected a whole number from -1000000000 to 1000000000, like 10, -5 or "+3"'
        ]
    }


@pytest.mark.parametrize("given", ["2027-02-28", "2027-02-28T23:59:59Z", "2027-02-28 10:00", "2027-02-28T10:00+02:00"])
def test_dates_are_days_and_of_a_time_its_day_counts(given: str) -> None:
    assert values(COUPONS, expiration_date=given) == {"expiration_date": "2027-02-28"}
    assert values(PASSES, start_date=given) == {"points": 5, "start_date": "2027-02-28"}


@pytest.mark.parametrize(
    "given", ["2027-02-29", "28-02-2027", "2027-2-8", "20270228", "2027-W01-1", "0000-01-01", 20270228, True, "<date>"]
)
def test_other_dates_are_wrong(given: Any) -> None:
    assert list(wrong_user(COUPONS, expiration_date=given)) == ["users.0.expiration_date"]
    assert list(wrong_user(PASSES, start_date=given)) == ["users.0.start_date"]


def test_a_signup_needs_an_email_and_no_identifier() -> None:
    user = {
        "email": "Ann.B+x@Example.COM",
        "first_name": "Ann",
        "last_name": "O'Neil",
        "unsubscribed": "false",
        "subscribed_at": "2026-01-31 23:59:59",
    }
    assert rows(SIGNUPS, user)[0] == Row(0, "", user | {"email": "ann.b+x@example.com", "unsubscribed": False})
    assert rows(SIGNUPS, user | {"identifier": "m-9"})[0].identifier == "m-9"
    assert wrong(SIGNUPS, body(SIGNUPS, {"first_name": "Ann"})) == {
        "users.0.email": ["missing; expected an e-mail address like name@example.com"]
    }


@pytest.mark.parametrize(
    "email",
    [
        "a",
        "a@b",
        "@b.nl",
        "a@",
        "a b@c.nl",
        "a@b..nl",
        ".a@b.nl",
        "a@-b.nl",
        "a@b.nl ",
        "a@b@c.nl",
        5,
        "a\n@b.nl",
        "a" * 250 + "@b.nl",
    ],
)
def test_what_is_no_email_address_is_wrong(email: Any) -> None:
    assert list(wrong_user(SIGNUPS, email=email)) == ["users.0.email"]


@pytest.mark.parametrize(
    ("given", "read"),
    [
        (True, True),
        (False, False),
        ("TRUE", True),
        ("0", False),
        ("1", True),
        (0, False),
    ],
)
def test_unsubscribed_is_true_or_false_in_json_or_in_text(given: Any, read: bool) -> None:
    assert values(SIGNUPS, unsubscribed=given)["unsubscribed"] is read


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("unsubscribed", "yes"),
        ("unsubscribed", 2),
        ("unsubscribed", 1.0),
        ("subscribed_at", "2026-01-31"),
        ("subscribed_at", "2026-02-31 10:00:00"),
        ("subscribed_at", "2026-01-31T10:00:00"),
        ("first_name", "x" * 101),
        ("first_name", "a\nb"),
        ("last_name", "a\ud800b"),
        ("last_name", 7),
        ("identifier", "x" * 129),
    ],
)
def test_a_wrong_field_of_a_signup_is_named(name: str, given: Any) -> None:
    assert list(wrong_user(SIGNUPS, **{name: given})) == [f"users.0.{name}"]


def test_names_may_hold_what_people_write() -> None:
    assert values(SIGNUPS, first_name="Zoë\u00a0👩‍🚀", last_name="山田")["first_name"] == "Zoë\u00a0👩‍🚀"


def test_a_members_details_are_kept_as_they_are() -> None:
    user = {
        "first_name": "A",
        "last_name": "B",
        "phone_number": "+31 6 1234",
        "birth_day": "1 april",
        "street": "S",
        "house_number": "12-a",
        "postcode": "1234 AB",
        "city": "C",
        "country": "NL",
    }
    assert values(MEMBERS, **user) == user
    assert list(wrong_user(MEMBERS, birth_day="x" * 41, house_number=12)) == [
        "users.0.birth_day",
        "users.0.house_number",
    ]


def test_licence_plates_are_trimmed_raised_and_kept_once() -> None:
    assert values(PLATES, licenseplates=[" ab-12-c ", "AB-12-C", "x"]) == {"licenseplates": ["AB-12-C", "X"]}
    assert values(PLATES, licenseplates=[]) == {}


def test_wrong_licence_plates_are_named_by_their_place() -> None:
    errors = wrong_user(PLATES, licenseplates=["ok", "", 5, "x" * 21, "  ", None, "ß" * 11])
    assert list(errors) == [f"users.0.licenseplates.{at}" for at in (1, 2, 3, 4, 5, 6)]
    assert errors["users.0.licenseplates.3"] == ["21 characters; expected text of 1 to 20 printable characters"]
    assert wrong_user(PLATES, licenseplates=["x"] * 51) == {
        "users.0.licenseplates": ["51 of them; expected at most 50"]
    }
    assert list(wrong_user(PLATES, licenseplates="AB")) == ["users.0.licenseplates"]


def test_a_trailing_comma_is_forgiven_as_the_documents_own_example_has_one() -> None:
    text = '{"users": [{"identifier": "a,}", "licenseplates": ["x,]",],}, ],\n}'
    (row,) = parse_bulk(PLATES, text, lambda _: None, lambda _: "").rows
    assert (row.identifier, row.values) == ("a,}", {"licenseplates": ["X,]"]})


@given(
    st.recursive(
        st.none() | st.integers() | st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)
    )
)
def test_what_is_json_already_loses_no_comma(value: Any) -> None:
    text = json.dumps(value, ensure_ascii=False)
    assert without_trailing_commas(text) == text


def test_an_identifier_may_stand_twice() -> None:
    assert [row.number for row in rows(POINTS, USER[POINTS], USER[POINTS])] == [0, 1]


def test_fields_of_no_meaning_are_let_through() -> None:
    assert values(COUPONS, colour="red") == {}


def test_a_body_in_base64_is_read(doors: DoorHouse) -> None:
    text = base64.b64encode(body(COUPONS, USER[COUPONS]).encode()).decode()
    assert doors.door.bulk("coupons", FakeCall(text, is_base64_encoded=True)).status == 202


# --- what is wrong is named, all of it


def test_every_wrong_field_of_every_row_is_named_at_once() -> None:
    text = body(COUPONS, {"identifier": ""}, 5, {"identifier": "x", "qr_code": 7, "pass_title": "y" * 101}, {})
    reply = refused(COUPONS, text)
    assert reply.body == {
        "message": "5 fields are wrong",
        "errors": {
            "users.0.identifier": ['"" stands there; expected text of 1 to 128 printable characters'],
            "users.1": ["5 is no object; expected an object"],
            "users.2.qr_code": ["7 is no text; expected text of 1 to 128 printable characters"],
            "users.2.pass_title": ["101 characters; expected text of 1 to 100 characters"],
            "users.3.identifier": ["missing; expected text of 1 to 128 printable characters"],
        },
    }


def test_the_head_and_the_rows_are_judged_together() -> None:
    wrong_head = {"brand_id": 5, "coupon_id": None, "webhook_url": "http://10.0.0.1/"}
    errors = wrong(COUPONS, body(COUPONS, {}, **wrong_head))
    assert list(errors) == ["brand_id", "coupon_id", "webhook_url", "users.0.identifier"]
    assert list(wrong(COUPONS, '{"users": [{}]}')) == list(errors)


def test_a_brand_of_somebody_else_is_no_brand(doors: DoorHouse) -> None:
    call = doors.let_in("other", "globex", Ability.COUPONS_STORE)
    with pytest.raises(InvalidRequest) as error:
        doors.door.bulk("coupons", replace(call, body=body(COUPONS, USER[COUPONS])))
    assert [problem.field for problem in error.value.problems] == ["brand_id"]


def test_a_template_of_the_other_kind_is_none() -> None:
    assert wrong(COUPONS, body(COUPONS, USER[COUPONS], coupon_id="loyal")) == {
        "coupon_id": ['"loyal" is no coupon of brand shop; expected the id of one of its coupons']
    }
    assert list(wrong(POINTS, body(POINTS, USER[POINTS], storecard_id="ten-off"))) == ["storecard_id"]


@pytest.mark.parametrize("operation", [COUPONS, STORECARDS, POINTS])
def test_a_call_that_answers_by_webhook_needs_its_url(operation: Operation) -> None:
    assert wrong(operation, body(operation, USER[operation], webhook_url=None)) == {
        "webhook_url": ["null stands there; expected https://host/path, at most 2000 characters"]
    }
    assert list(wrong(operation, body(operation, USER[operation], webhook_url=""))) == ["webhook_url"]


@pytest.mark.parametrize("operation", list(Operation))
@pytest.mark.parametrize(
    "url",
    [
        "http://example.com/",
        "https://127.0.0.1/",
        "https://u@example.com/",
        "ftp://x",
        "<your>",
    ],
)
def test_a_hostile_webhook_url_is_wrong_on_every_call(operation: Operation, url: str) -> None:
    errors = wrong(operation, body(operation, USER[operation], webhook_url=url))
    assert list(errors) == ["webhook_url"]
    assert errors["webhook_url"][0].count("; expected ") == 1


@pytest.mark.parametrize("users", [None, [], {}, "x", 5])
def test_users_is_a_list_with_something_in_it(users: Any) -> None:
    assert list(wrong(COUPONS, body(COUPONS, users=users))) == ["users"]


def test_one_row_too_many_is_refused_and_the_most_are_taken() -> None:
    most = [USER[MEMBERS]] * MAX_ROWS
    assert len(rows(MEMBERS, *most)) == MAX_ROWS
    assert wrong(MEMBERS, body(MEMBERS, *most, {})) == {
        "users": ["a list of 25001; expected a list of 1 to 25000 objects"]
    }


def test_of_very_many_wrong_fields_a_thousand_are_shown_and_all_counted() -> None:
    reply = refused(POINTS, body(POINTS, *[{}] * 2_000))
    assert len(reply.body["errors"]) == 1_000
    assert reply.body["message"] == "4000 fields are wrong; the first 1000 are named"


def test_a_body_too_large_is_413_before_it_is_parsed() -> None:
    reply = refused(COUPONS, "x" * (MAX_BODY + 1))
    assert (reply.status, list(reply.body["errors"])) == (413, ["body"])


@pytest.mark.parametrize(
    "text",
    [
        "",
        "nothing",
        "[1]",
        '"x"',
        '{"users": [1,,]}',
        "[" * 100_000,
        '{"users": 1' + "0" * 5_000 + "}",
        '"\\"' * 9,
    ],
)
def test_what_is_no_json_object_is_wrong_at_body(text: str) -> None:
    assert list(wrong(COUPONS, text)) == ["body"]


def test_the_place_of_an_error_in_json_is_that_of_the_callers_text() -> None:
    assert wrong(PLATES, '{"users": [1,],\n "x": ?}')["body"][0].startswith("not JSON: line 2, column 7;")


def test_a_field_that_stands_twice_is_wrong() -> None:
    text = '{"users": [{"identifier": "a", "x": 1, "x": 2}, {"identifier": "b", "identifier": "c"}], "users": [{}]}'
    assert wrong(PLATES, text.replace(', "users": [{}]', "")) == {
        "users.1.identifier": ["stands there more than once; expected each field once"]
    }
    assert list(wrong(PLATES, text)) == ["users", "users.0.identifier"]


@settings(max_examples=150, deadline=None)
@given(
    st.sampled_from(list(Operation)),
    st.lists(
        st.dictionaries(
            st.sampled_from(
                [
                    "identifier",
                    "qr_code",
                    "points",
                    "email",
                    "licenseplates",
                    "start_date",
                    "unsubscribed",
                ]
            ),
            st.recursive(
                st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
                lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
                max_leaves=4,
            ),
        )
        | st.none()
        | st.text(max_size=5),
        max_size=5,
    ),
)
def test_any_rows_are_accepted_or_refused_by_field(operation: Operation, users: list[Any]) -> None:
    doors = DoorHouse()
    try:
        reply = doors.door.bulk(operation, FakeCall(body(operation, *users)))
    except InvalidRequest as error:
        reply = error_reply(error)
        assert reply.body["errors"]
    reply.text.encode()


@given(st.text(alphabet='{}[]",:0\\ users-e.') | st.text())
def test_any_text_is_a_body_or_an_error_of_ours(text: str) -> None:
    try:
        DoorHouse().door.bulk("members", FakeCall(text))
    except GiftlineError as error:
        error_reply(error).text.encode()
