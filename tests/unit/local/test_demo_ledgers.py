"""The suppliers' ledgers beside what was delivered: the demo says yes only where every card and cent is the same."""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from local import demo, suppliers
from local.demo_ledger import Ledger, judge, sold_by_none
from local.demo_lots import LotResult
from local.demo_orders import DroppedFile
from local.demo_results import Result
from local.demo_sandbox import Sandbox
from local.processes import Daemon
from local.settings import read_settings
from tests.unit.local.test_demo_lots import REFUSED_AND_TAKEN_OVER

Pages = dict[str, dict[str, Any]]
WORTH = {"6280001": Decimal("20.00"), "6280002": Decimal("10.00")}


def result(**more: Any) -> Result:
    """Two cards of Wpay, unless said otherwise."""
    base = Result(
        file=DroppedFile("rewards", "demo-1", b"", dropped_at=1_000.0),
        order_id="O1",
        currency="AUD",
        ordered=2,
        ordered_amount=Decimal("30.00"),
        received=2,
        delivered_amount=Decimal("30.00"),
        seconds=5.0,
        lots=(LotResult(1, "wpay", "GL-O1-1-1", "COLLECTED", 2, 3.0, 0, ""),),
        links={"cards.csv": "http://127.0.0.1/cards.csv?X-Amz-Signature=" + "a" * 300},
    )
    return replace(base, **more)


def delivered() -> Result:
    return result(worth=dict(WORTH))


def partners() -> Result:
    """Two cards of Walleo, and one that Wpay delivered when Walleo had none."""
    first, second = REFUSED_AND_TAKEN_OVER
    return result(
        order_id="O2",
        currency="EUR",
        lots=(replace(first, received=2), replace(second, reference="GL-O2-2-1", received=1)),
        worth={"77-1": Decimal("50.00"), "77-2": Decimal("15.00"), "6289999": Decimal("40.00")},
    )


def order(currency: str = "AUD", amount: int = 3_000, **more: Any) -> dict[str, Any]:
    return {"status": "COMPLETE", "currency": currency, "amount": amount, "polls": [{"kind": "in_time"}]} | more


def listed(**worth: str) -> dict[str, Any]:
    return {"cards": [{"cardNumber": number, "amount": amount} for number, amount in worth.items()]}


def pull(request_id: str, code: str, amount: int) -> dict[str, Any]:
    return {"request_id": request_id, "code": code, "amount": amount, "status": "success"}


def pages(**more: Any) -> Pages:
    """What a sandbox answers that sold just what `delivered` and `partners` hold."""
    return {
        "orders/GL-O1-1-1": order(),
        "cards/GL-O1-1-1": {"cards": [{"cardNumber": number, "amount": str(it)} for number, it in WORTH.items()]},
        "orders/GL-O2-2-1": order("EUR", 4_000),
        "cards/GL-O2-2-1": {"cards": [{"cardNumber": "6289999", "amount": "40.00"}]},
        "walleo/cards": {
            "cards": [
                pull("GL-O2-1-1-1", "77-1", 50),
                pull("GL-O2-1-2-1", "77-2", 15),
                pull("GL-O22-1-1-1", "88-1", 20),
            ]
        },
        "walleo/report": {"gets_under_interval": 0},
    } | {name.replace("__", "/"): page for name, page in more.items()}


class FakeSandbox(Sandbox):
    """Pages from a dictionary."""

    def __init__(self, known: Pages) -> None:
        super().__init__("http://127.0.0.1")
        self._known = known

    def ask(self, page: str) -> dict[str, Any] | None:
        return self._known.get(page)


def wpay_of(known: Pages) -> Ledger:
    ledger = FakeSandbox(known).wpay([delivered()])
    judge(ledger, [delivered()])
    return ledger


def walleo_of(known: Pages) -> Ledger:
    ledger = FakeSandbox(known).walleo([delivered(), partners()])
    judge(ledger, [delivered(), partners()])
    return ledger


def test_the_order_of_one_supplier_agrees_in_one_line() -> None:
    ledger = wpay_of(pages())

    assert ledger.differences == []
    assert ledger.said == "2 cards, AUD 30.00, 1 purchase, 0 polls under the interval"


def test_money_is_said_by_currency() -> None:
    results = [delivered(), partners()]
    ledger = FakeSandbox(pages()).wpay(results)
    judge(ledger, results)

    assert ledger.differences == []
    assert ledger.said == "3 cards, AUD 30.00 and EUR 40.00, 2 purchases, 0 polls under the interval"


def test_single_cards_are_a_purchase_each_and_those_of_other_orders_do_not_count() -> None:
    ledger = walleo_of(pages())

    assert ledger.differences == []
    assert ledger.said == "2 cards, EUR 65.00, 2 purchases, 0 polls under the interval"


@pytest.mark.parametrize(
    ("known", "difference"),
    [
        ({"walleo/report": {}}, "it does not know GL-O1-1-1"),
        (
            pages() | {"cards/GL-O1-1-1": listed(**{"6280001": "20.00", "6280002": "10.00", "6280003": "0.00"})},
            "it sold 3 cards, and 2 were received",
        ),
        (
            pages() | {"cards/GL-O1-1-1": listed(**{"6280001": "20.00", "6280009": "10.00"})},
            "it sold 2 cards, and 1 of them were delivered",
        ),
        (pages() | {"orders/GL-O1-1-1": order(amount=2_999)}, "it charged AUD 29.99, and 30.00 was delivered"),
        (pages() | {"orders/GL-O1-1-1": order("EUR")}, "it charged AUD 0.00, and 30.00 was delivered"),
        (
            pages() | {"orders/GL-O1-1-1": order(polls=[{"kind": "under_interval"}])},
            "it was polled 1 times before its interval was over",
        ),
        (pages() | {"orders/GL-O1-1-1": order(status="CANCELED")}, "it sold 0 cards, and 2 were received"),
    ],
)
def test_a_ledger_of_wpay_that_differs_says_where(known: Pages, difference: str) -> None:
    assert difference in wpay_of(known).differences


@pytest.mark.parametrize(
    ("more", "difference"),
    [
        (pull("GL-O2-1-2-2", "77-3", 15), "it sold 3 cards, and 2 were received"),
        (pull("GL-O2-7-1-1", "77-4", 15), "it charged EUR 80.00, and 65.00 was delivered"),
    ],
)
def test_a_card_that_walleo_sold_once_too_often_is_seen(more: dict[str, Any], difference: str) -> None:
    known = pages()
    known["walleo/cards"]["cards"].append(more)

    assert difference in walleo_of(known).differences


def test_a_hasty_question_about_a_single_card_is_seen() -> None:
    ledger = walleo_of(pages() | {"walleo/report": {"gets_under_interval": 2}})

    assert ledger.differences == ["it was polled 2 times before its interval was over"]


def test_what_a_supplier_refused_it_need_not_know() -> None:
    first, second = REFUSED_AND_TAKEN_OVER
    refused = replace(first, supplier="wpay", state="FAILED", received=0)
    results = [replace(delivered(), lots=(refused, replace(second, reference="GL-O1-1-1", received=2)))]
    ledger = FakeSandbox(pages()).wpay(results)
    judge(ledger, results)

    assert ledger.differences == []


def test_what_it_sold_although_we_hold_it_for_refused_is_a_difference() -> None:
    (lot,) = delivered().lots
    results = [result(lots=(replace(lot, state="FAILED", received=0),))]
    ledger = FakeSandbox(pages()).wpay(results)
    judge(ledger, results)

    assert "it sold 2 cards, and 0 were received" in ledger.differences


def test_a_delivered_card_that_nobody_sold_is_counted() -> None:
    ledgers = [Ledger("wpay", {"6280001": Decimal("20.00")}), Ledger("walleo")]

    assert sold_by_none(ledgers, [delivered()]) == 1


@pytest.fixture
def compared(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[bool, str]]:
    """The end of the demo, with a sandbox that answers `known`."""

    def compare(known: Pages, **environ: str) -> tuple[bool, str]:
        monkeypatch.setattr(suppliers, "running", lambda _: Daemon(1, "", 1))
        monkeypatch.setattr(demo, "Sandbox", lambda _: FakeSandbox(known))
        agreed = demo.show_ledgers([delivered(), partners()], read_settings(environ))
        return agreed, " ".join(capsys.readouterr().out.split())

    return compare


def test_each_supplier_has_its_line(compared: Callable[..., tuple[bool, str]]) -> None:
    agreed, shown = compared(pages())

    assert agreed
    assert shown == (
        "✓ Wpay's own ledger agrees: "
        "3 cards, AUD 30.00 and EUR 40.00, 2 purchases, 0 polls under the interval. "
        "✓ Walleo's own ledger agrees: 2 cards, EUR 65.00, 2 purchases, 0 polls under the interval."
    )


@pytest.mark.parametrize(
    ("variable", "here", "there"), [("WPAY_BASE_URL", "Walleo", "Wpay"), ("WALLEO_BASE_URL", "Wpay", "Walleo")]
)
def test_a_supplier_elsewhere_is_not_compared(
    compared: Callable[..., tuple[bool, str]], variable: str, here: str, there: str
) -> None:
    agreed, shown = compared(pages(), **{variable: "https://supplier.example"})

    assert agreed
    assert f"✓ {here}'s own ledger agrees" in shown
    assert f"{there}'s own ledger" not in shown
    assert f"{there} is not the sandbox's: its ledger is not compared." in shown


def test_one_ledger_that_differs_is_enough(compared: Callable[..., tuple[bool, str]]) -> None:
    agreed, shown = compared(pages() | {"walleo/cards": {"cards": []}})

    assert not agreed
    assert "✓ Wpay's own ledger agrees" in shown
    assert "✗ Walleo's own ledger disagrees: it sold 0 cards, and 2 were received" in shown
    assert "✗ 2 cards were delivered that are in no supplier's ledger" in shown
