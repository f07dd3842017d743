"""The suppliers' protocols, behind one port."""
