"""Giftline: bulk gift-card orders, bought once, kept, and never shown to a log."""
