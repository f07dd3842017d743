"""The token endpoint: a signed assertion for an access token (RFC 7523), and who may call with it."""

import secrets
from typing import Any

import jwt
from jwt.types import Options

from sandbox.google.desk import Desk
from sandbox.google.refusals import NoToken, Refused

GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
SCOPE = "https://www.googleapis.com/auth/wallet_object.issuer"
TOKEN_SECONDS = 3_599
LONGEST_SECONDS = 3_600
SKEW = 300.0


def give_token(desk: Desk, form: Any, audience: str) -> dict[str, object]:
    if form.get("grant_type") != GRANT:
        raise NoToken("unsupported_grant_type", f"Invalid grant_type: {form.get('grant_type', '')}")
    _check_claims(desk, signed_claims(desk, form.get("assertion", "")), audience)
    token = f"ya29.sandbox-{secrets.token_urlsafe(24)}"
    desk.database.write("INSERT INTO tokens VALUES (?,?)", token, desk.clock.now() + TOKEN_SECONDS)
    return {"access_token": token, "expires_in": TOKEN_SECONDS, "token_type": "Bearer"}


def signed_claims(desk: Desk, text: str) -> dict[str, Any]:
    """Claims of a JWT whose signature fits; their times are for the caller, who has the clock."""
    unchecked: Options = {"verify_exp": False, "verify_iat": False, "verify_nbf": False, "verify_aud": False}
    try:
        return jwt.decode(text, desk.public_key, algorithms=["RS256"], options=unchecked)
    except (jwt.PyJWTError, ValueError):
        raise NoToken("invalid_grant", "Invalid JWT Signature.") from None


def check_access(desk: Desk, header: str) -> None:
    """401 for a token that was never given or has ended."""
    scheme, _, token = header.partition(" ")
    ends_at = desk.database.value("SELECT ends_at FROM tokens WHERE token = ?", token)
    if scheme != "Bearer" or ends_at is None or desk.clock.now() >= ends_at:
        raise Refused(401, "Request had invalid authentication credentials. Expected OAuth 2 access token.")


def _check_claims(desk: Desk, claims: dict[str, Any], audience: str) -> None:
    if claims.get("iss") != desk.settings.google_account:
        raise NoToken("invalid_grant", "Invalid grant: account not found")
    if claims.get("aud") != audience:
        raise NoToken("invalid_grant", f"The audience must be {audience}")
    if SCOPE not in str(claims.get("scope", "")).split():
        raise NoToken("invalid_scope", "Invalid OAuth scope or ID token audience provided.")
    issued, ends, now = claims.get("iat"), claims.get("exp"), desk.clock.now()
    if not isinstance(issued, int) or not isinstance(ends, int):
        raise NoToken("invalid_grant", "Invalid JWT: iat and exp must be numbers")
    if ends - issued > LONGEST_SECONDS or issued > now + SKEW or ends <= now - SKEW:
        raise NoToken("invalid_grant", "Invalid JWT: Token must be a short-lived token (60 minutes)")
