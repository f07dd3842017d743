"""Keys from Secrets Manager, read again every few minutes so that a rotation is seen."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from giftline.errors import Misconfigured
from giftline.orders.ports import Clock
from giftline.secret import Secret

if TYPE_CHECKING:
    from types_boto3_secretsmanager import SecretsManagerClient

KEPT_SECONDS: Final = 300.0


class JsonSecret:
    """One JSON secret that holds keys by name."""

    def __init__(self, client: SecretsManagerClient, secret_id: str, clock: Clock) -> None:
        self._client = client
        self._secret_id = secret_id
        self._clock = clock
        self._values: dict[str, Secret] = {}
        self._read_at = float("-inf")

    def get(self, name: str) -> Secret:
        if self._clock.elapsed() - self._read_at > KEPT_SECONDS:
            text = self._client.get_secret_value(SecretId=self._secret_id)["SecretString"]
            self._values = {key: Secret(str(value)) for key, value in json.loads(text).items()}
            self._read_at = self._clock.elapsed()
        if not self._values.get(name):
            raise Misconfigured(f"the secret {self._secret_id.rpartition(':')[2]} has no {name} (docs/operations.md)")
        return self._values[name]
