"""The page of a save link: the JWT is checked, and what it names is put into the sandbox's wallet."""

from html import escape
from typing import Any

from sandbox.google.desk import Desk
from sandbox.google.refusals import BadLink, NoToken
from sandbox.google.resources import Body
from sandbox.google.tokens import SKEW, signed_claims

LONGEST_LINK = 1_800
LISTS = {"loyaltyObjects": "loyaltyObject", "offerObjects": "offerObject"}
HEAD = '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Sandbox</title></head><body><main>'


def save(desk: Desk, token: str, url: str) -> list[Body]:
    """What was saved. BadLink for a link that Google would not show, and for one that says more than ids."""
    if len(url) > LONGEST_LINK:
        raise BadLink(f"The link has {len(url)} characters; at most {LONGEST_LINK} are safe")
    named = _named(_claims(desk, token))
    for kind, resource_id in named:
        if desk.shelf.find(kind, resource_id) is None:
            raise BadLink(f"There is no {kind} {resource_id}")
    return [desk.shelf.save(desk.clock.now(), kind, resource_id) for kind, resource_id in named]


def saved_page(saved: list[Body]) -> str:
    rows = "".join(f"<dl>{''.join(_row(name, value) for name, value in _flat(body))}</dl>" for body in saved)
    return f"{HEAD}<h1>Saved to the sandbox's Google Wallet</h1>{rows}</main></body></html>"


def bad_page(bad: BadLink) -> str:
    return f"{HEAD}<h1>Something went wrong</h1><p>{escape(bad.reason)}</p></main></body></html>"


def _claims(desk: Desk, token: str) -> dict[str, Any]:
    try:
        claims = signed_claims(desk, token)
    except NoToken:
        raise BadLink("The JWT is not signed by the service account") from None
    expected = {"iss": desk.settings.google_account, "aud": "google", "typ": "savetowallet"}
    for name, value in expected.items():
        if claims.get(name) != value:
            raise BadLink(f"{name} must be {value}")
    issued = claims.get("iat")
    if not isinstance(issued, int) or issued > desk.clock.now() + SKEW:
        raise BadLink("iat must be a time that has been")
    if set(claims) - {*expected, "iat", "exp", "origins", "payload"}:
        raise BadLink("The JWT holds more than it may")
    return claims


def _named(claims: dict[str, Any]) -> list[tuple[str, str]]:
    payload = claims.get("payload")
    if not isinstance(payload, dict) or not payload or set(payload) - set(LISTS):
        raise BadLink("payload must name loyaltyObjects or offerObjects, and nothing else")
    return [(LISTS[name], _id(one)) for name, many in payload.items() for one in (many or [None])]


def _id(one: Any) -> str:
    match one:
        case {"id": str(resource_id), **rest} if not rest:
            return resource_id
    raise BadLink("An object of the payload must hold its id and nothing else")


def _flat(body: Body, before: str = "") -> list[tuple[str, object]]:
    found: list[tuple[str, object]] = []
    for name, value in body.items():
        found += _flat(value, f"{before}{name}.") if isinstance(value, dict) else [(f"{before}{name}", value)]
    return found


def _row(name: str, value: object) -> str:
    return f"<dt>{escape(name)}</dt><dd>{escape(str(value))}</dd>"
