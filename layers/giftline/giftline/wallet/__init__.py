"""Brands, members and passes, and the bulk operations on them."""
