"""Our books against each supplier's own, day by day: what both have, what only one has, and what that is worth."""
