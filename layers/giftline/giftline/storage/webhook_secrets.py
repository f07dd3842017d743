"""Signing secrets sealed by KMS itself: they are short, and few."""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING, Final

from botocore.exceptions import ClientError

from giftline.errors import BrokenSeal
from giftline.orders.ports import Clock
from giftline.secret import Secret

if TYPE_CHECKING:
    from types_boto3_kms import KMSClient

KEPT_SECONDS: Final = 300.0
KEPT: Final = 64
PURPOSE: Final = "webhook"


class KmsSecretKeeper:
    """The SecretKeeper port. Keeps what it opened for some minutes, so that KMS is not asked for each try."""

    def __init__(self, client: KMSClient, key_id: str, clock: Clock, purpose: str = PURPOSE) -> None:
        """What was sealed for one purpose opens for no other."""
        self._client = client
        self._key_id = key_id
        self._clock = clock
        self._purpose = purpose
        self._opened: OrderedDict[tuple[str, bytes], tuple[float, Secret]] = OrderedDict()

    def seal(self, tenant: str, secret: Secret) -> bytes:
        """The tenant is part of the seal: another tenant's does not open."""
        answer = self._client.encrypt(
            KeyId=self._key_id, Plaintext=secret.reveal().encode(), EncryptionContext=self._context(tenant)
        )
        return bytes(answer["CiphertextBlob"])

    def open(self, tenant: str, sealed: bytes) -> Secret:
        opened_at, secret = self._opened.get((tenant, sealed), (float("-inf"), Secret("")))
        if self._clock.elapsed() - opened_at > KEPT_SECONDS:
            secret = self._decrypt(tenant, sealed)
            self._opened[tenant, sealed] = (self._clock.elapsed(), secret)
            self._opened.move_to_end((tenant, sealed))
            while len(self._opened) > KEPT:
                self._opened.popitem(last=False)
        return secret

    def _decrypt(self, tenant: str, sealed: bytes) -> Secret:
        try:
            answer = self._client.decrypt(
                KeyId=self._key_id, CiphertextBlob=sealed, EncryptionContext=self._context(tenant)
            )
        except ClientError as error:
            if error.response["Error"]["Code"] != "InvalidCiphertextException":
                raise
            raise BrokenSeal(f"the {self._purpose} secret of {tenant!r:.80} does not open") from error
        return Secret(answer["Plaintext"].decode())

    def _context(self, tenant: str) -> dict[str, str]:
        return {"tenant": tenant, "purpose": self._purpose}
