"""GET /partners/v1/pull_requests/{request_id}."""

from http import HTTPStatus

from sandbox.faults import ANSWER_LOST, NOTHING_DONE, ON_STATUS, Fault
from sandbox.walleo import bodies
from sandbox.walleo.answers import Answer, nothing_done, refusal
from sandbox.walleo.desk import Desk
from sandbox.walleo.pulling import answered_at
from sandbox.walleo.pulls import NEXT_GET, PREVIOUS, PullRequest, half_of
from sandbox.walleo.refusals import CardNotFound, PullRequestNotFound, Refused


def show_pull_request(desk: Desk, request_id: str) -> Answer:
    """Answer, and note when the client may ask again."""
    with desk.database.transaction():
        now = desk.clock.now()
        fault = desk.accidents.draw(f"GET pull_request {request_id}", ON_STATUS)
        pull = desk.ledger.find(request_id)
        answer = _answer(desk, request_id, pull, now, fault)
        _note(desk, request_id, pull, now, answer)
    return answer


def _answer(desk: Desk, request_id: str, pull: PullRequest | None, now: float, fault: Fault | None) -> Answer:
    if fault in NOTHING_DONE:
        return nothing_done(fault)
    if pull is None or desk.accidents.hides(f"of pull request {request_id}", now - pull.created_at):
        return refusal(_not_found(request_id), fault)
    status = pull.status(now)
    if fault is Fault.STALE_STATUS:
        status = PREVIOUS.get(status, status)
    return Answer(200, bodies.shown(pull, status), fault)


def _not_found(request_id: str) -> Refused:
    """The two pages of the document differ; here some requests are answered by one and some by the other."""
    return CardNotFound(request_id) if half_of(f"not found {request_id}") else PullRequestNotFound(request_id)


def _note(desk: Desk, request_id: str, pull: PullRequest | None, now: float, answer: Answer) -> None:
    """A 404 tells a client that does not know of its request nothing, so its next GET is a lookup again."""
    answered = answer.fault not in ANSWER_LOST
    desk.journal.get(now, request_id, pull, answered=answered)
    if pull and answered and (pull.heard_at is not None or answer.status == HTTPStatus.OK):
        at = answered_at(desk, now, answer.fault)
        desk.journal.heard(request_id, at, desk.settings.scaled(NEXT_GET))
