"""KMS in memory: a key that was wrapped for one context opens in no other."""

# ruff: noqa: N803 - the arguments have the names of boto3
from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Mapping
from typing import Any

from tests.simulation.aws_errors import refusal


class MemoryKms:
    """Plain keys are derived from what they are for, so that the same run has the same keys."""

    def __init__(self) -> None:
        self.calls: Counter[str] = Counter()
        self._plain: dict[bytes, tuple[str, bytes]] = {}

    def generate_data_key(self, *, KeyId: str, KeySpec: str, EncryptionContext: Mapping[str, str]) -> dict[str, Any]:
        if KeySpec != "AES_256":
            raise NotImplementedError(f"a data key of {KeySpec} is not simulated")
        self.calls["generate_data_key"] += 1
        context = json.dumps([KeyId, dict(EncryptionContext)], sort_keys=True)
        wrapped = hashlib.sha512(f"{len(self._plain)} {context}".encode()).digest()
        plain = hashlib.sha256(wrapped).digest()
        self._plain[wrapped] = (context, plain)
        return {"CiphertextBlob": wrapped, "Plaintext": plain, "KeyId": KeyId}

    def decrypt(self, *, KeyId: str, CiphertextBlob: bytes, EncryptionContext: Mapping[str, str]) -> dict[str, Any]:
        self.calls["decrypt"] += 1
        context = json.dumps([KeyId, dict(EncryptionContext)], sort_keys=True)
        known, plain = self._plain.get(bytes(CiphertextBlob), ("", b""))
        if known != context:
            raise refusal("InvalidCiphertextException", "Decrypt")
        return {"Plaintext": plain, "KeyId": KeyId}
