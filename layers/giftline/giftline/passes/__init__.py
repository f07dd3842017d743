"""How a pass is shown: its picture, its page, and the formats of Apple and Google."""
