"""Giftline on one machine: an embedded AWS, the sandbox, and the same template that is deployed to AWS."""

import sys
from pathlib import Path

# Giftline's own code is a Lambda layer; here it is used from where it lies.
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "layers" / "giftline"))
