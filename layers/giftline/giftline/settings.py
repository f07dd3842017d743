"""What the environment says; the only place that reads it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass

from giftline.errors import Misconfigured


@dataclass(frozen=True, slots=True)
class Settings:
    """Names and numbers from the template. A function has those that it needs; an absent one
    is the empty string, and an error only where it is used.
    """

    orders_table: str = ""
    accounts_table: str = ""
    results_bucket: str = ""
    drop_bucket: str = ""
    queue_url: str = ""
    state_machine_arn: str = ""
    data_key_id: str = ""
    supplier_secrets_arn: str = ""
    wallet_table: str = ""
    webhooks_table: str = ""
    wallet_secrets_arn: str = ""
    chunks_queue_url: str = ""
    deliver_webhook_arn: str = ""
    standing_group: str = ""
    standing_target_arn: str = ""
    standing_role_arn: str = ""
    standing_dead_letter_arn: str = ""
    api_url: str = ""
    passes_url: str = ""
    local_endpoint: str = ""
    walleo_door_url: str = ""
    apple_pass_type_id: str = ""
    apple_team_id: str = ""
    google_issuer_id: str = ""
    google_service_account: str = ""
    google_wallet_url: str = ""
    google_token_url: str = ""
    google_save_url: str = ""
    google_logo_url: str = ""
    aws_region: str = ""
    wpay_base_url: str = ""
    walleo_base_url: str = ""
    wpay_requests_per_second: str = ""
    walleo_requests_per_second: str = ""
    wait_scale: float = 1.0

    def need(self, name: str) -> str:
        """The setting, or Misconfigured with the variable's name."""
        value = getattr(self, name)
        if not value:
            raise Misconfigured(f"{name.upper()} is not set in the function's environment")
        return str(value)

    @property
    def allow_local(self) -> bool:
        """Whether webhooks may go to this machine: only where the embedded AWS runs on it."""
        return bool(self.local_endpoint)

    def rate(self, supplier: str) -> float:
        """Requests a second that the supplier's account allows; 0: without a limit."""
        text = getattr(self, f"{supplier}_requests_per_second") or "0"
        try:
            rate = float(text)
        except ValueError:
            rate = -1.0
        if not 0 <= rate <= 10_000:
            raise Misconfigured(f"{supplier.upper()}_REQUESTS_PER_SECOND is {text!r}; expected 0 (no limit) to 10000")
        return rate


def read_settings(environ: Mapping[str, str] | None = None) -> Settings:
    """Settings from environment variables of the same names in capitals."""
    source = os.environ if environ is None else environ
    texts = {name: source.get(name.upper(), "") for name in Settings.__dataclass_fields__ if name != "wait_scale"}
    return Settings(**texts, wait_scale=_scale(source.get("WAIT_SCALE", "1")))


def _scale(text: str) -> float:
    try:
        scale = float(text)
    except ValueError:
        scale = -1.0
    if not 0 < scale <= 100:
        raise Misconfigured(f"WAIT_SCALE is {text!r}; expected a number above 0, 1 on AWS")
    return scale
