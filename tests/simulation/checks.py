"""What must hold after each run, each rule in one sentence for every time that it does not."""

from __future__ import annotations

import base64
import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from urllib.parse import quote

from botocore.exceptions import BotoCoreError, ClientError

from giftline.accounts.ledger import Account, Balance, Entry, Kind, balance_of
from giftline.errors import GiftlineError, StaleWrite, Unanswered
from giftline.orders.model import Card, Order, OrderStatus
from giftline.orders.pages import open_page
from giftline.storage.dynamodb import DynamoOrders, DynamoPages
from giftline.storage.items import order_from_item
from giftline.storage.ledger import DynamoLedger
from giftline.storage.vault import KmsVault
from tests.simulation.house import ACCOUNTS, BUCKET, CURRENCIES, KEY_ID, TABLE, TENANT, House, place_of
from tests.simulation.intervals import asked_too_soon
from tests.simulation.suppliers.ledger import Sale

SECRET_FILES = ("cards.csv", "cards.jsonl")
MOST_EXECUTIONS = 100


@dataclass(slots=True)
class Evidence:
    """What a run left behind, read once by the real code. `thorough`: secrets are sought in every disguise."""

    house: House
    orders: Sequence[Order]
    logged: Sequence[str] = ()
    thorough: bool = False
    lots: dict[tuple[str, int], Any] = field(default_factory=dict)
    kept: dict[str, list[Card]] = field(default_factory=dict)
    sales: dict[str, list[Sale]] = field(default_factory=dict)
    strays: list[Sale] = field(default_factory=list)

    def __post_init__(self) -> None:
        store: Any = DynamoOrders(self.house.dynamodb, TABLE)  # type: ignore[arg-type]
        pages = DynamoPages(self.house.dynamodb, TABLE)  # type: ignore[arg-type]
        vault = KmsVault(self.house.kms, KEY_ID)  # type: ignore[arg-type]
        for order in self.orders:
            self.sales[order.id] = []
            self.lots.update(((order.id, lot.number), lot) for lot in store.lots(order.id))
            refs = pages.refs(order.id)
            seal: Any = vault.seal(order) if refs else None
            self.kept[order.id] = [card for ref in refs for card in open_page(seal, order, pages.get(ref))]
        for supplier in self.house.suppliers.values():
            for sale in supplier.ledger.sales:
                self.sales.get(place_of(sale.reference)[0], self.strays).append(sale)

    def live(self, order_id: str) -> list[Sale]:
        return [sale for sale in self.sales[order_id] if not sale.dead]

    def file(self, order: Order, name: str) -> bytes | None:
        return self.house.s3.objects.get((BUCKET, f"results/{order.tenant}/{order.id}/{name}"))

    def in_review(self, sale: Sale) -> bool:
        lot = self.lots.get(place_of(sale.reference))
        return lot is not None and lot.state.value == "REVIEW"


Rule = Callable[[Evidence], Iterator[str]]


def each_slot_is_bought_once(evidence: Evidence) -> Iterator[str]:
    for sale in evidence.strays:
        yield f"{sale.reference} was sold, and no order of the run asked for it"
    for order in evidence.orders:
        references = Counter(sale.reference for sale in evidence.live(order.id))
        for reference, count in references.items():
            if count > 1:
                yield f"{reference} was sold {count} times"
        sold = Counter((card.sku, card.amount_minor) for sale in evidence.live(order.id) for card in sale.cards)
        if sold.total() > order.quantity:
            yield f"order {order.id}: {sold.total()} cards sold for {order.quantity} ordered"


def every_sold_card_is_kept(evidence: Evidence) -> Iterator[str]:
    for order in evidence.orders:
        kept = {card.number.reveal() for card in evidence.kept[order.id]}
        for sale in evidence.live(order.id):
            missing = [card for card in sale.cards if card.number not in kept]
            if missing and not evidence.in_review(sale):
                lot = evidence.lots.get(place_of(sale.reference))
                state = lot.state.value if lot is not None else "not there"
                yield f"{sale.reference}: {len(missing)} of {len(sale.cards)} sold cards are not kept; lot {state}"


def nothing_is_handed_over_that_was_not_sold(evidence: Evidence) -> Iterator[str]:
    for order in evidence.orders:
        text = evidence.file(order, "cards.jsonl")
        numbers = [json.loads(line)["card_number"] for line in (text or b"").splitlines()]
        sold = {card.number for sale in evidence.live(order.id) for card in sale.cards}
        if len(set(numbers)) < len(numbers):
            yield f"order {order.id}: a card stands twice in its export"
        if foreign := len(set(numbers) - sold):
            yield f"order {order.id}: {foreign} exported cards were not sold for it"
        if not order.status.is_open and len(numbers) != order.delivered_cards:
            yield f"order {order.id}: {len(numbers)} cards in its export, {order.delivered_cards} delivered"


def money_adds_up(evidence: Evidence) -> Iterator[str]:
    for order in evidence.orders:
        if order.status.is_open:
            continue
        text = evidence.file(order, "summary.json")
        if text is None:
            if order.executions < MOST_EXECUTIONS:
                yield f"order {order.id} is {order.status} and has no summary"
            continue
        yield from _money_of(evidence, order, json.loads(text))


def _money_of(evidence: Evidence, order: Order, told: Mapping[str, Any]) -> Iterator[str]:
    amount = {name: _minor(order, told[name]) for name in ("ordered", "delivered", "released", "inReview")}
    sold = sum(card.amount_minor for sale in evidence.live(order.id) for card in sale.cards)
    where = f"order {order.id} ({told['status']})"
    if told["status"] != order.status.value:
        yield f"{where}: its record says {order.status}"
    if amount["ordered"] != amount["delivered"] + amount["released"] + amount["inReview"]:
        yield f"{where}: ordered is not delivered + released + in review: {amount}"
    if amount["ordered"] - amount["released"] < sold:
        yield f"{where}: {amount['released']} released of {amount['ordered']} ordered, and {sold} sold"
    if amount["inReview"] == 0 and amount["delivered"] != sold:
        yield f"{where}: {amount['delivered']} delivered, {sold} sold, and nothing in review"
    for sale in evidence.live(order.id):
        lot = evidence.lots.get(place_of(sale.reference))
        if lot is not None and lot.state.value == "FAILED":
            yield f"{sale.reference}: a live sale, and its lot is FAILED: {lot.reason}"


def _minor(order: Order, entry: Mapping[str, str]) -> int:
    return int(Decimal(entry["amount"]).scaleb(order.currency.decimals))


def nothing_is_bought_for_an_order_that_ended_as_cancelled(evidence: Evidence) -> Iterator[str]:
    for order in evidence.orders:
        if order.status is OrderStatus.CANCELED and (live := evidence.live(order.id)):
            yield f"order {order.id} is CANCELED, and {len(live)} sales are live"
        if order.status is OrderStatus.CANCELED and not order.is_called_off:
            yield f"order {order.id} is CANCELED, and nobody called it off"


def no_secret_is_outside(evidence: Evidence) -> Iterator[str]:
    cards = [card for supplier in evidence.house.suppliers.values() for card in supplier.ledger.sold_cards()]
    secrets = [secret for card in cards for secret in (card.number, card.pin) if secret]
    for place, text in _texts(evidence):
        for secret in secrets:
            if any(form in text for form in _forms(secret, thorough=evidence.thorough)):
                yield f"a card's secret stands in {place}"
                break


def _texts(evidence: Evidence) -> Iterator[tuple[str, str]]:
    """Everything that is not the vault or an export, as a few long texts."""
    house = evidence.house
    items = [
        str({name: value for name, value in item.items() if name != "sealed"})
        for table in house.dynamodb.tables.values()
        for item in table.items()
    ]
    yield "DynamoDB", "\n".join(items)
    yield "what the tasks and messages said", "\n".join([*house.machine.said, *house.sqs.bodies])
    yield "an error", "\n".join(text for _, error in house.errors for text in _chain(error))
    yield "a log record", "\n".join(evidence.logged)
    files = [str(body) for (_, key), body in house.s3.objects.items() if not key.endswith(SECRET_FILES)]
    yield "a file", "\n".join(files)


def _chain(error: BaseException | None) -> Iterator[str]:
    while error is not None:
        yield f"{error!r} {error}"
        error = error.__cause__ or error.__context__


def _forms(secret: str, *, thorough: bool) -> Iterator[str]:
    yield secret
    if not thorough:
        return
    raw = secret.encode()
    yield raw.hex()
    yield raw.hex().upper()
    yield quote(secret, safe="")
    for shift in range(3):  # a secret may begin at any of three places of a base64 text
        whole = base64.b64encode(b"\0" * shift + raw).decode()
        yield whole[(0, 2, 3)[shift] : len(whole) - 4]


def every_order_has_ended(evidence: Evidence) -> Iterator[str]:
    for order in evidence.orders:
        if order.status.is_open:
            states = {number: lot.state.value for (owner, number), lot in evidence.lots.items() if owner == order.id}
            yield f"order {order.id} is still {order.status} after {order.executions} restarts; lots: {states}"


def no_error_is_a_surprise(evidence: Evidence) -> Iterator[str]:
    for function, error in evidence.house.errors:
        if not _is_expected(function, error):
            yield f"{function} raised {type(error).__name__}: {str(error)[:200]}"


def _is_expected(function: str, error: BaseException) -> bool:
    """Lost races, and what AWS answers on a bad day."""
    if isinstance(error, ClientError):
        return error.response["Error"]["Code"] != "ValidationException"
    return isinstance(error, StaleWrite | BotoCoreError) or (
        (function in ("sweep", "watch") and type(error) is GiftlineError)
        or (function == "reverse_order" and isinstance(error, Unanswered))
    )


def no_execution_leaves_anything_behind(evidence: Evidence) -> Iterator[str]:
    yield from evidence.house.left_behind


def nobody_is_asked_too_soon(evidence: Evidence) -> Iterator[str]:
    for name, wire in evidence.house.wires.items():
        yield from asked_too_soon(name, wire)


def the_ledger_says_what_became_of_the_money(evidence: Evidence) -> Iterator[str]:
    """Entries add up to balances, and balances to what the orders hold: of all orders, whoever knows of them."""
    client: Any = evidence.house.dynamodb
    ledger = DynamoLedger(client, ACCOUNTS)
    items = evidence.house.dynamodb.table(TABLE).items()
    orders = [order_from_item(item) for item in items if item["sk"]["S"] == "ORDER"]
    for currency in CURRENCIES:
        balance = ledger.balance(TENANT, currency)
        spent = [order for order in orders if order.currency == currency]
        if spent or balance.seq > 1:  # else as it was paid in before the run
            yield from ledger_problems(balance, ledger.entries(TENANT, currency, 0, balance.seq + 1), spent)
    for order in orders:
        yield from _settled_problems(evidence, order)


def ledger_problems(balance: Balance, entries: Sequence[Entry], orders: Sequence[Order]) -> Iterator[str]:
    """What does not agree of a tenant's balance, its entries and all its orders in that currency."""
    where, told = f"the balance in {balance.currency.code}", balance_of(entries, balance.tenant, balance.currency)
    for account in Account:
        if told.of(account) != balance.of(account):
            yield f"{where}: {account} is {balance.of(account)}, and its entries come to {told.of(account)}"
    if [entry.seq for entry in entries] != list(range(1, balance.seq + 1)):
        yield f"{where}: {len(entries)} entries, and the last one is number {balance.seq}"
    if sum(balance.of(account) for account in Account) != 0:
        yield f"{where}: debits and credits do not balance"
    held, captured = sum(order.held_minor for order in orders), sum(order.captured_minor for order in orders)
    if (balance.reserved, balance.delivered) != (held, captured):
        yield f"{where}: {balance.reserved} reserved, {balance.delivered} captured; its orders: {held}, {captured}"
    for order in orders:
        sums = Counter[Kind]()
        for entry in entries:
            sums[entry.kind] += entry.minor if entry.subject == order.id else 0
        moved = (
            sums[Kind.RESERVE] + sums[Kind.RECLAIM],
            sums[Kind.CAPTURE] - sums[Kind.RETURN],
            sums[Kind.RELEASE],
        )
        if sums[Kind.RESERVE] != order.total.minor:
            yield f"order {order.id}: {sums[Kind.RESERVE]} reserved for {order.total.minor} ordered"
        if moved != (order.reserved_minor, order.captured_minor, order.released_minor):
            yield f"order {order.id}: its entries say {moved}, its record does not"


def _settled_problems(evidence: Evidence, order: Order) -> Iterator[str]:
    """Closed: captured is what was delivered, reserved what is in review. Open: nothing was given back too much."""
    text = evidence.file(order, "summary.json")
    if order.status.is_open or text is None or order.executions >= MOST_EXECUTIONS:
        if not 0 <= order.held_minor <= order.total.minor:
            yield f"order {order.id} is {order.status}: {order.held_minor} held of {order.total.minor}"
        return
    in_review = _minor(order, json.loads(text)["inReview"])
    if (order.captured_minor, order.held_minor) != (order.delivered_minor, in_review):
        delivered = f"{order.delivered_minor} delivered and {in_review} in review"
        yield f"order {order.id}: {order.captured_minor} captured and {order.held_minor} reserved, {delivered}"


RULES: Sequence[Rule] = (
    each_slot_is_bought_once,
    every_sold_card_is_kept,
    nothing_is_handed_over_that_was_not_sold,
    money_adds_up,
    the_ledger_says_what_became_of_the_money,
    nothing_is_bought_for_an_order_that_ended_as_cancelled,
    no_secret_is_outside,
    every_order_has_ended,
    no_error_is_a_surprise,
    no_execution_leaves_anything_behind,
    nobody_is_asked_too_soon,
)
