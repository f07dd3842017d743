"""The ledger outlives the server, and one order cannot be sold twice."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any


def test_a_reopened_ledger_still_has_everything(open_shop: Any) -> None:
    before = open_shop()
    before.order(qty=7)
    before.status()
    cards, report = before.sold(), before.report()
    after = open_shop()
    assert (after.sold(), after.report()) == (cards, report)
    assert after.order().get_json()["code"] == 5313
    after.wait(10)
    assert after.word() == "COMPLETE"


def test_order_ids_and_card_ids_go_on_after_a_restart(open_shop: Any) -> None:
    first = open_shop().order("a").get_json()["orderId"]
    shop = open_shop()
    assert shop.order("b").get_json()["orderId"] != first
    assert shop.sold("a")[0]["cardId"] != shop.sold("b")[0]["cardId"]


def test_a_reset_forgets_everything(shop: Any) -> None:
    shop.order()
    shop.client.post("/sandbox/reset")
    assert (shop.report()["orders"], shop.report()["posts"], shop.about().get("refno")) == (0, 0, None)
    assert shop.order().status_code == 202


def test_of_many_posts_of_one_refno_at_once_one_is_sold(shop: Any) -> None:
    def post(_: int) -> int:
        with shop.client.application.test_client() as client:
            return int(type(shop)(client, shop.clock).order("same").status_code)

    with ThreadPoolExecutor(8) as threads:
        statuses = list(threads.map(post, range(16)))
    assert sorted(statuses) == [202] + [400] * 15
    assert (shop.report()["orders"], shop.report()["cards_sold"]) == (1, 1)


def test_the_report_is_the_sum_of_the_orders(shop: Any) -> None:
    shop.order("a", qty=3)
    shop.order("b", qty=4)
    shop.wait(10)
    shop.page("a")
    report = shop.report()
    assert {name: report[name] for name in ("orders", "cards_sold", "posts", "page_reads")} == {
        "orders": 2,
        "cards_sold": 7,
        "posts": 2,
        "page_reads": 1,
    }
    assert report["money"] == {"AUD": 35_00}
    assert shop.client.get("/sandbox/health").get_json()["status"] == "ok"
