"""The Wpay document, from the supplier's side (docs/protocols.md, section Wpay)."""
