"""POST /partners/v1/cards: the synchronous call, and GET /partners/v1/cards/{id}."""

import uuid

from sandbox.faults import ANSWER_LOST, ANYWHERE, NOTHING_DONE, Fault
from sandbox.walleo import bodies
from sandbox.walleo.answers import Answer, nothing_done, refusal
from sandbox.walleo.desk import Desk
from sandbox.walleo.pulling import do_nothing, note_commit, refuse, start_pull, wanted
from sandbox.walleo.pulls import PullRequest, Status
from sandbox.walleo.refusals import CardNotFound, ComeBackLater, PullFailed, Refused
from sandbox.walleo.requests import Body, read_part, read_request_id, read_wish


def create_card(desk: Desk, raw: bytes, given_id: str | None) -> Answer:
    """The same id is answered as it was the first time; without one, each call is a new one."""
    try:
        part = read_part(raw, "card")
        request_id = read_request_id(str(uuid.uuid4()) if given_id is None else given_id)
    except Refused as refused:
        return refuse(desk, None, refused, None)
    with desk.database.transaction():
        accident = desk.accidents.draw(f"POST card {request_id}", ANYWHERE)
        if accident in NOTHING_DONE:
            return do_nothing(desk, request_id, accident)
        return _again(desk, request_id, accident) or _create(desk, request_id, part, accident)


def _again(desk: Desk, request_id: str, accident: Fault | None) -> Answer | None:
    """What the first call of that id is answered with now; None where this is the first."""
    pull, refused = desk.ledger.find(request_id), desk.ledger.refusal(request_id)
    if not pull and not refused:
        return None
    desk.journal.post(desk.clock.now(), request_id, "replayed", answered=accident not in ANSWER_LOST)
    if pull:
        return _state(desk, pull, accident)
    return refusal(refused, accident) if refused else None


def _create(desk: Desk, request_id: str, part: Body, accident: Fault | None) -> Answer:
    try:
        wish = read_wish(part)
        fault = wanted(wish) or accident
        if fault in NOTHING_DONE:
            return do_nothing(desk, request_id, fault)
        pull = start_pull(desk, request_id, wish, at_once=True)
    except Refused as refused:
        desk.ledger.refuse(request_id, refused)
        return refuse(desk, request_id, refused, accident)
    note_commit(desk, pull, fault)
    return _state(desk, pull, fault)


def _state(desk: Desk, pull: PullRequest, fault: Fault | None) -> Answer:
    status = pull.status(desk.clock.now())
    if status is Status.SUCCESS and pull.card:
        return Answer(200, bodies.card(pull, pull.card), fault)
    return refusal(PullFailed() if status is Status.ERROR else ComeBackLater(), fault)


def show_card(desk: Desk, card_id: str) -> Answer:
    """A card is there once its pull is over."""
    fault = desk.accidents.draw(f"GET card {card_id}", ANYWHERE)
    if fault in NOTHING_DONE:
        return nothing_done(fault)
    pull = desk.ledger.find_by_card(card_id)
    if pull is None or pull.card is None or pull.status(desk.clock.now()) is not Status.SUCCESS:
        return refusal(CardNotFound(card_id), fault)
    return Answer(200, bodies.card(pull, pull.card), fault)
