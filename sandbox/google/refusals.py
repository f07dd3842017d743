"""Why Google says no, in the envelopes of its two services."""

from dataclasses import dataclass

REASONS = {
    400: ("INVALID_ARGUMENT", "invalidResource"),
    401: ("UNAUTHENTICATED", "authError"),
    403: ("PERMISSION_DENIED", "permissionDenied"),
    404: ("NOT_FOUND", "resourceNotFound"),
    405: ("NOT_FOUND", "notFound"),
    409: ("ALREADY_EXISTS", "existingResource"),
}


@dataclass
class Refused(Exception):
    """Of the wallet's API."""

    status: int
    message: str

    def body(self) -> dict[str, object]:
        word, reason = REASONS.get(self.status, ("INTERNAL", "backendError"))
        errors = [{"message": self.message, "domain": "walletobjects", "reason": reason}]
        return {"error": {"code": self.status, "message": self.message, "status": word, "errors": errors}}


@dataclass
class NoToken(Exception):
    """Of the token endpoint (RFC 6749, 5.2)."""

    error: str
    description: str

    def body(self) -> dict[str, object]:
        return {"error": self.error, "error_description": self.description}


@dataclass
class BadLink(Exception):
    """A save link that shows nothing; `reason` is for the page."""

    reason: str
