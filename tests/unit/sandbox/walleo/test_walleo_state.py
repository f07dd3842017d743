"""The ledger outlives the server, and one pull request cannot be sold twice."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from werkzeug.test import Client

from sandbox.__main__ import main
from sandbox.server import create_both
from sandbox.settings import Settings


def test_a_reopened_ledger_still_has_everything(open_partner: Any) -> None:
    before = open_partner()
    before.pull()
    before.pull_at_once("s1", amount=25)
    before.show()
    cards, report = before.admin("cards"), before.report()
    after = open_partner()
    assert (after.admin("cards"), after.report()) == (cards, report)
    assert after.pull().get_json()["errors"][0]["message"] == "Request id is already used"
    assert after.pull_at_once("s1").get_json()["errors"][0]["code"] == "invalid_amount"
    after.wait(7)
    assert after.card()["code"] == cards["cards"][0]["code"]


def test_a_reset_forgets_everything(partner: Any) -> None:
    partner.pull()
    partner.client.post("/sandbox/walleo/reset")
    report = partner.report()
    assert (report["pull_requests"], report["posts"], report["money"]) == (0, 0, {"EUR": 0})
    assert (report["most_requests_per_second"], partner.about().get("id")) == (0, None)
    assert partner.pull().status_code == 200


def test_of_many_posts_of_one_request_id_at_once_one_is_sold(partner: Any) -> None:
    def post(_: int) -> int:
        with partner.client.application.test_client() as client:
            return int(type(partner)(client, partner.clock).pull("same").status_code)

    with ThreadPoolExecutor(8) as threads:
        statuses = list(threads.map(post, range(16)))
    assert sorted(statuses) == [200] + [422] * 15
    assert (partner.report()["pull_requests"], partner.report()["money"]) == (1, {"EUR": 50_00})


def test_the_report_and_the_cards_agree(partner: Any) -> None:
    for name in ("a", "b", "c"):
        partner.pull(name, code="FNAC", amount=15)
    cards = partner.admin("cards")["cards"]
    assert [(card["request_id"], card["status"], card["amount"]) for card in cards] == [
        *(("a", "waiting", 15), ("b", "waiting", 15), ("c", "waiting", 15))
    ]
    assert len({card["code"] for card in cards}) == partner.report()["cards_sold"] == 3
    assert partner.admin("health") == {"status": "ok", "supplier": "walleo", "time_scale": 1.0}


def test_one_server_is_both_suppliers(tmp_path: Path) -> None:
    paths = {"/sandbox/health": "wpay", "/sandbox/walleo/health": "walleo"}
    app = create_both(Settings(state=tmp_path))
    assert {path: ask(app, path)["supplier"] for path in paths} == paths
    assert ask(app, "/partners/v1/balance")["status"] == "unauthorized"
    assert ask(app, "/v1/partner/giftcards/sva/balance")["code"] == 401


def ask(app: Any, path: str) -> Any:
    return Client(app).get(path).get_json()


@pytest.mark.parametrize(
    "option", [("--walleo-shared-key", "abc"), ("--walleo-shared-key", "xy"), ("--walleo-rate", "-1")]
)
def test_an_option_that_cannot_be_is_refused(option: tuple[str, str], tmp_path: Path) -> None:
    with pytest.raises(SystemExit):
        main(["--state", str(tmp_path), *option])
