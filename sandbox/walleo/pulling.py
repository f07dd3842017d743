"""POST /partners/v1/pull_requests."""

import uuid

from sandbox.faults import ANSWER_LOST, ANYWHERE, NOTHING_DONE, Fault
from sandbox.walleo import bodies
from sandbox.walleo.answers import Answer, nothing_done, refusal
from sandbox.walleo.cards import make_card
from sandbox.walleo.catalogue import FAULT_ON_POST
from sandbox.walleo.desk import Desk
from sandbox.walleo.pulls import FIRST_GET, PullRequest, ending_time, sells
from sandbox.walleo.refusals import Refused, RequestIdUsed
from sandbox.walleo.requests import Body, Wish, read_part, read_request_id, read_wish


def create_pull_request(desk: Desk, raw: bytes) -> Answer:
    """One transaction, so that of many posts of one request id at once one is kept."""
    try:
        part = read_part(raw, "pull_request")
        request_id = read_request_id(part.get("request_id"))
    except Refused as refused:
        return refuse(desk, None, refused, None)
    with desk.database.transaction():
        accident = desk.accidents.draw(f"POST pull_request {request_id}", ANYWHERE)
        if accident in NOTHING_DONE:
            return do_nothing(desk, request_id, accident)
        try:
            return _create(desk, request_id, part, accident)
        except Refused as refused:
            return refuse(desk, request_id, refused, accident)


def _create(desk: Desk, request_id: str, part: Body, accident: Fault | None) -> Answer:
    """A used request id is refused before anything else is looked at."""
    if desk.ledger.find(request_id):
        raise RequestIdUsed
    wish = read_wish(part)
    fault = wanted(wish) or accident
    if fault in NOTHING_DONE:
        return do_nothing(desk, request_id, fault)
    pull = start_pull(desk, request_id, wish)
    note_commit(desk, pull, fault)
    return Answer(200, bodies.created(pull), fault)


def wanted(wish: Wish) -> Fault | None:
    """The fault that a test code asks for."""
    return FAULT_ON_POST.get(wish.behaviour) if wish.behaviour else None


def start_pull(desk: Desk, request_id: str, wish: Wish, *, at_once: bool = False) -> PullRequest:
    """Debit the money and begin; raises NotEnoughFunds. `at_once` is over as soon as it began, unless it is slow."""
    now = desk.clock.now()
    pull = PullRequest(
        request_id=request_id,
        pull_id=str(uuid.uuid4()),
        wish=wish,
        created_at=now,
        ends_at=ending_time(wish, desk.settings, now, at_once=at_once),
        card=make_card(wish) if sells(wish, request_id) else None,
    )
    desk.ledger.keep(pull)
    return pull


def note_commit(desk: Desk, pull: PullRequest, fault: Fault | None) -> None:
    """The client knows of it, unless its answer is lost."""
    answered = fault not in ANSWER_LOST
    desk.journal.post(pull.created_at, pull.request_id, "committed", answered=answered)
    if answered:
        at = answered_at(desk, pull.created_at, fault)
        desk.journal.heard(pull.request_id, at, desk.settings.scaled(FIRST_GET))


def answered_at(desk: Desk, now: float, fault: Fault | None) -> float:
    """When the answer goes out."""
    return now + (desk.settings.slow_seconds if fault is Fault.SLOW else 0.0)


def do_nothing(desk: Desk, request_id: str, fault: Fault) -> Answer:
    desk.journal.post(desk.clock.now(), request_id, fault, answered=False)
    return nothing_done(fault)


def refuse(desk: Desk, request_id: str | None, refused: Refused, fault: Fault | None) -> Answer:
    """Written down by the code; a used request id has a code of its own here, as the document's says nothing."""
    now = desk.clock.now()
    used = isinstance(refused, RequestIdUsed)
    outcome = "request_id_used" if used else refused.code
    desk.journal.post(now, request_id, outcome, answered=fault not in ANSWER_LOST)
    if refused.breach:
        desk.journal.breach(now, refused.breach, request_id, refused.message)
    if used and request_id and _was_told(desk, request_id):
        detail = "posted again although the pull request was known to exist"
        desk.journal.breach(now, "request_id_reused", request_id, detail)
    return refusal(refused, fault)


def _was_told(desk: Desk, request_id: str) -> bool:
    pull = desk.ledger.find(request_id)
    return pull is not None and pull.heard_at is not None
