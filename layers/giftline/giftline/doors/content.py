"""Answers that are not JSON: pages, pictures, wallet passes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Content:
    """`content` may be as good as cash: its repr shows nothing."""

    status: int
    content_type: str
    content: bytes = field(repr=False)
    headers: Mapping[str, str] = field(default_factory=lambda: {"Cache-Control": "no-store"})
