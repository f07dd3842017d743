"""Pages sealed with AES-256-GCM under one KMS data key an order (docs/security.md)."""

from __future__ import annotations

import hashlib
import hmac
import os
from collections import OrderedDict
from typing import TYPE_CHECKING, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from giftline.errors import BrokenSeal
from giftline.orders.model import Order
from giftline.storage.items import DIGEST_SIZE

if TYPE_CHECKING:
    from types_boto3_kms import KMSClient

NONCE_SIZE: Final = 12
KEYS_KEPT: Final = 64


class KmsVault:
    """Keeps the plain data keys of the orders this environment works on, the latest few."""

    def __init__(self, client: KMSClient, key_id: str) -> None:
        self._client = client
        self._key_id = key_id
        self._keys: OrderedDict[bytes, bytes] = OrderedDict()

    def new_key(self, order_id: str) -> bytes:
        answer = self._client.generate_data_key(
            KeyId=self._key_id, KeySpec="AES_256", EncryptionContext={"order": order_id}
        )
        self._keep(answer["CiphertextBlob"], answer["Plaintext"])
        return answer["CiphertextBlob"]

    def seal(self, order: Order) -> AesGcmSeal:
        """One KMS call an order and cold environment; none a page, none a card."""
        plain = self._keys.get(order.wrapped_key)
        if plain is None:
            plain = self._client.decrypt(
                KeyId=self._key_id,
                CiphertextBlob=order.wrapped_key,
                EncryptionContext={"order": order.id},
            )["Plaintext"]
            self._keep(order.wrapped_key, plain)
        return AesGcmSeal(plain)

    def _keep(self, wrapped: bytes, plain: bytes) -> None:
        self._keys[wrapped] = plain
        while len(self._keys) > KEYS_KEPT:
            self._keys.popitem(last=False)


class AesGcmSeal:
    """nonce + ciphertext + tag; the place of the page is the associated data."""

    def __init__(self, key: bytes) -> None:
        self._cipher = AESGCM(key)
        self._digest_key = hmac.digest(key, b"giftline card digest", hashlib.sha256)

    def close(self, text: bytes, place: str) -> bytes:
        nonce = os.urandom(NONCE_SIZE)
        return nonce + self._cipher.encrypt(nonce, text, place.encode())

    def open(self, sealed: bytes, place: str) -> bytes:
        try:
            return self._cipher.decrypt(sealed[:NONCE_SIZE], sealed[NONCE_SIZE:], place.encode())
        except (InvalidTag, ValueError) as error:
            raise BrokenSeal(f"page {place} does not open: wrong key, place or content") from error

    def digest(self, text: str) -> bytes:
        return hmac.digest(self._digest_key, text.encode(), hashlib.sha256)[:DIGEST_SIZE]
