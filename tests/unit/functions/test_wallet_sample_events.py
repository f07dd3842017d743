"""Each sample event of bulk requests, webhooks and passes goes through the real handler of its function."""

from __future__ import annotations

import base64
import json
from types import SimpleNamespace
from typing import Any

import pytest

from giftline.accounts.model import Ability, Access, token_hash
from giftline.bootstrap import wallet as wallet_wiring
from giftline.bootstrap import webhooks as webhooks_wiring
from giftline.delivery.events import EventState
from giftline.doors.brands import BrandsDoor
from giftline.doors.content import Content
from giftline.doors.pass_links import PassLinksDoor
from giftline.doors.walletapp import WalletAppDoor
from giftline.secret import Secret
from giftline.wallet.batch import BatchStatus, Operation
from giftline.wallet.linking import RenewLink, RevokeLink
from giftline.wallet.viewing import ViewBatch
from tests.fakes.apple import SERIAL, Service, content_of
from tests.fakes.handlers import event, handler_of
from tests.fakes.storage import FakeTokens
from tests.fakes.wallet_house import LINKS, WalletHouse, bulk, member, row, storecard
from tests.fakes.webhooks import Post
from tests.stack_support.pass_site import a_pass, door_to
from tests.stack_support.screenshots import codes_in

TOKENS = FakeTokens({token_hash(Secret("gl_token_of_acme")): Access("acme", frozenset(Ability))})
BATCH_IDS = ("BATCH000000000000000000001", "BATCH000000000000000000002")


@pytest.fixture
def wallets() -> WalletHouse:
    """Two members with a storecard each."""
    house = WalletHouse()
    for number, name in enumerate(("ada", "ben"), start=1):
        house.seed_card(storecard(f"PASS{number}", name, points=100))
    return house


@pytest.fixture
def post() -> Post:
    return Post()


def call_bulk(name: str, house: WalletHouse, monkeypatch: pytest.MonkeyPatch) -> tuple[int, Any]:
    links = RenewLink(house.wallets, LINKS, house.clock), RevokeLink(house.wallets, house.clock)
    handler = handler_of(
        "bulk_api",
        monkeypatch,
        wallet_wiring,
        walletapp_door=WalletAppDoor(
            TOKENS, house.wallets, house.accept, ViewBatch(house.batches), LINKS, allow_local=False
        ),
        brands_door=BrandsDoor(TOKENS, house.wallets),
        pass_links_door=PassLinksDoor(TOKENS, house.wallets, *links, LINKS),
    )
    answer = handler(event(f"events/api/{name}.json"), SimpleNamespace())
    return answer["statusCode"], json.loads(answer["body"])["data"]


def test_points_are_taken_and_both_members_queued(wallets: WalletHouse, monkeypatch: pytest.MonkeyPatch) -> None:
    status, data = call_bulk("accept_points", wallets, monkeypatch)
    wallets.deliver()

    assert (status, data["batch_id"], data["queued"]) == (202, BATCH_IDS[0], ["ada", "ben"])
    assert [wallets.pass_(f"PASS{number}").points for number in (1, 2)] == [110, 95]


def test_members_are_changed_by_put(wallets: WalletHouse, monkeypatch: pytest.MonkeyPatch) -> None:
    status, data = call_bulk("update_members", wallets, monkeypatch)
    wallets.deliver()

    assert (status, data) == (202, "Members updated")
    assert wallets.member("ada").city == "London"


def test_the_status_page_of_a_batch_is_shown(wallets: WalletHouse, monkeypatch: pytest.MonkeyPatch) -> None:
    wallets.run(bulk(Operation.POINTS, row(0, "ada", points=1)))

    status, data = call_bulk("batch_status", wallets, monkeypatch)

    assert (status, data["status"], data["counts"]["done"]) == (200, "finished", 1)


def test_a_brand_is_saved(wallets: WalletHouse, monkeypatch: pytest.MonkeyPatch) -> None:
    status, data = call_bulk("save_brand", wallets, monkeypatch)

    assert (status, data["id"], data["storecards"][0]["barcode"]) == (200, "corner-coffee", "code128")
    assert wallets.wallets.brand("acme", "corner-coffee")


def test_a_pass_gets_another_link(wallets: WalletHouse, monkeypatch: pytest.MonkeyPatch) -> None:
    status, data = call_bulk("renew_link", wallets, monkeypatch)

    assert (status, data["download_link"]) == (200, LINKS.url(wallets.pass_("PASS1")))


def test_each_chunk_is_applied_and_the_message_that_fails_comes_back_alone(
    wallets: WalletHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    wallets.wallets.seed(member("cleo"))
    batches = [wallets.accept(bulk(Operation.POINTS, row(0, name, points=1), body=name)) for name in ("ada", "ben")]
    sample = event("events/sqs/batch_chunks.json")

    def apply(batch_id: str, number: int) -> None:
        wallets.apply(batch_id, number)

    answer = handler_of("apply_chunk", monkeypatch, wallet_wiring, apply_chunk=apply)(sample, SimpleNamespace())

    assert answer == {"batchItemFailures": [{"itemIdentifier": sample["Records"][1]["messageId"]}]}
    assert [wallets.batches.get(one.batch_id).closed_as for one in batches] == [BatchStatus.FINISHED] * 2


def call_webhooks(name: str, post: Post, monkeypatch: pytest.MonkeyPatch) -> tuple[int, dict[str, Any]]:
    door = post.door(TOKENS)
    handler = handler_of("webhooks_api", monkeypatch, webhooks_wiring, webhooks_door=door)
    answer = handler(event(f"events/api/{name}.json"), SimpleNamespace())
    return answer["statusCode"], json.loads(answer["body"])


def test_an_event_is_delivered(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    announced = post.announced()

    handler = handler_of("send_webhook", monkeypatch, webhooks_wiring, send_webhook=post.send_webhook)
    found = handler(event("events/states/send_webhook.json"), None)

    assert found["found"] == "delivered"
    assert (post.now(announced).state, len(post.endpoint.got)) == (EventState.DELIVERED, 1)


def test_what_failed_is_listed_and_sent_again(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    announced = post.announced()
    post.endpoint.answers.append(410)
    sample = event("events/states/send_webhook.json")
    handler_of("send_webhook", monkeypatch, webhooks_wiring, send_webhook=post.send_webhook)(sample, None)

    listed = call_webhooks("list_webhooks", post, monkeypatch)
    resent = call_webhooks("resend_webhooks", post, monkeypatch)

    assert (listed[0], [one["id"] for one in listed[1]["events"]]) == (200, [announced.id])
    assert resent == (202, {"resent": 1, "events": [announced.id], "next": None})


def test_the_secret_is_rotated(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    before = post.signing_secrets("acme").current.reveal()

    status, said = call_webhooks("rotate_webhook_secret", post, monkeypatch)

    assert (status, said["previousSecret"]) == (200, before)


def show_pass(name: str, door: object, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    handler = handler_of("pass_page", monkeypatch, wallet_wiring, pass_page_door=door)
    answer: dict[str, Any] = handler(event(f"events/api/{name}.json"), SimpleNamespace())
    return answer


def test_a_link_opens_its_page(monkeypatch: pytest.MonkeyPatch) -> None:
    answer = show_pass("show_pass", door_to(a_pass()), monkeypatch)

    assert answer["statusCode"] == 200
    assert "Corner Bakery" in answer["body"]


def test_a_link_that_opens_nothing_is_answered_as_a_page(monkeypatch: pytest.MonkeyPatch) -> None:
    answer = show_pass("show_pass", door_to(), monkeypatch)

    assert answer["statusCode"] == 404
    assert answer["multiValueHeaders"]["Content-Type"] == ["text/html; charset=utf-8"]


def test_the_picture_of_a_pass_reads_back(monkeypatch: pytest.MonkeyPatch) -> None:
    one = a_pass()

    answer = show_pass("save_pass_picture", door_to(one), monkeypatch)

    assert [text for _, text in codes_in(base64.b64decode(answer["body"]))] == [one.code]


def call_apple(name: str, service: Service, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    wired = {"apple_door": service.door, "passes_url": "https://passes.example.com"}
    handler = handler_of("apple_api", monkeypatch, wallet_wiring, **wired)
    answer: dict[str, Any] = handler(event(f"events/api/{name}.json"), SimpleNamespace())
    return answer


def test_a_phone_registers_and_is_told_what_changed(monkeypatch: pytest.MonkeyPatch) -> None:
    service = Service()

    assert call_apple("register_device", service, monkeypatch)["statusCode"] == 201
    told = call_apple("updated_passes", service, monkeypatch)
    assert (told["statusCode"], json.loads(told["body"])["serialNumbers"]) == (200, [SERIAL])


def test_a_phone_without_news_gets_an_answer_without_a_body(monkeypatch: pytest.MonkeyPatch) -> None:
    answer = call_apple("updated_passes", Service(), monkeypatch)

    json.dumps(answer)  # as Lambda does with it
    assert (answer["statusCode"], answer["body"]) == (204, "")


def test_a_phone_fetches_its_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    service = Service()

    answer = call_apple("fetch_pass", service, monkeypatch)

    assert answer["statusCode"] == 200
    assert content_of(Content(200, "", base64.b64decode(answer["body"])))["serialNumber"] == SERIAL


@pytest.mark.parametrize("job", ["sweep_batches", "sweep_webhooks"])
def test_a_sweep_looks_after_what_is_due(
    job: str, wallets: WalletHouse, post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    wallets.accept(bulk(Operation.POINTS, row(0, "ada", points=1)))
    post.announced()
    for clock in (wallets.clock, post.clock):
        clock.pass_(60 * 60 * 1000)
    wiring, run = {
        "sweep_batches": (wallet_wiring, wallets.sweep),
        "sweep_webhooks": (webhooks_wiring, post.sweep_events),
    }[job]

    found = handler_of("run_schedule", monkeypatch, wiring, **{job: run})(event(f"events/schedule/{job}.json"), None)

    assert found["due"] == 1
