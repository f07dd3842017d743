"""Letting a connection die on purpose."""

from waitress.channel import ClientDisconnected


class ConnectionDropped(ClientDisconnected):  # type: ignore[misc]
    """Raised by a route: the connection closes and the client gets no answer.

    waitress ends the connection silently for its own ClientDisconnected, which it raises where a client went away
    before its answer; for any other exception it would answer 500.
    """
