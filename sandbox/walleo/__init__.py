"""The Walleo document, from the supplier's side (docs/protocols.md, section Walleo)."""
