"""Who may call, and what for."""
