"""The HTTP dialects that Giftline speaks as a server."""
