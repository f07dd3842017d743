"""Wires ports to adapters for bulk requests, and for the passes that come of them.

Imports stand inside the functions: # why: as in giftline.bootstrap
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from giftline.bootstrap.resources import CLOCK, accounts, client, json_secret, new_order_id, settings, timing
from giftline.bootstrap.webhooks import deliveries
from giftline.errors import NotFound

if TYPE_CHECKING:
    from giftline.doors.apple import AppleDoor
    from giftline.doors.brands import BrandsDoor
    from giftline.doors.google import GoogleDoor
    from giftline.doors.pass_links import PassLinksDoor
    from giftline.doors.pass_page import PassPageDoor
    from giftline.doors.walletapp import WalletAppDoor
    from giftline.passes.pkpass import PassSigner
    from giftline.secret import Secret
    from giftline.storage.batches import DynamoBatches
    from giftline.storage.chunk_messages import SqsChunkMessages
    from giftline.storage.rows import S3Rows
    from giftline.storage.wallets import DynamoWallets
    from giftline.wallet.applying import ApplyChunk
    from giftline.wallet.links import Links
    from giftline.wallet.opening import OpenPass
    from giftline.wallet.sweeping import SweepBatches

READERS: Final = 8
"""Questions to the table at once: 25,000 rows are 250 of them."""


def walletapp_door() -> WalletAppDoor:
    from giftline.doors.walletapp import WalletAppDoor  # why: cold start
    from giftline.wallet.accepting import AcceptBatch  # why: cold start
    from giftline.wallet.viewing import ViewBatch  # why: cold start

    accept = AcceptBatch(batches(), wallets(), rows(), chunk_messages(), CLOCK, timing(), new_order_id)
    return WalletAppDoor(accounts(), wallets(), accept, ViewBatch(batches()), links(), settings().allow_local)


def brands_door() -> BrandsDoor:
    from giftline.doors.brands import BrandsDoor  # why: cold start

    return BrandsDoor(accounts(), wallets())


def pass_links_door() -> PassLinksDoor:
    from giftline.doors.pass_links import PassLinksDoor  # why: cold start
    from giftline.wallet.linking import RenewLink, RevokeLink  # why: cold start

    renew, revoke = RenewLink(wallets(), links(), CLOCK), RevokeLink(wallets(), CLOCK)
    return PassLinksDoor(accounts(), wallets(), renew, revoke, links())


def apply_chunk() -> ApplyChunk:
    from giftline.wallet.applying import ApplyChunk  # why: cold start
    from giftline.wallet.devices import NoPush  # why: cold start

    return ApplyChunk(
        wallets(),
        batches(),
        rows(),
        chunk_messages(),
        deliveries(),
        NoPush(),
        links(),
        CLOCK,
        timing(),
        settings().need("api_url"),
    )


def sweep_batches() -> SweepBatches:
    from giftline.wallet.sweeping import SweepBatches  # why: cold start

    api_url = settings().need("api_url")
    return SweepBatches(batches(), rows(), chunk_messages(), deliveries(), CLOCK, timing(), api_url)


def pass_page_door() -> PassPageDoor:
    from giftline.doors.pass_page import PassPageDoor  # why: cold start

    named = settings()
    return PassPageDoor(open_pass(), CLOCK, apple=bool(named.apple_pass_type_id), google=bool(named.google_issuer_id))


@cache
def apple_door(passes_url: str) -> AppleDoor:
    """Made at the first call that needs it: it reads the certificate. NotFound where none is set up."""
    from giftline.doors.apple import AppleDoor  # why: cold start
    from giftline.storage.devices import DynamoDevices  # why: cold start
    from giftline.wallet.devices import (  # why: cold start
        FetchPass,
        HeldPass,
        RegisterDevice,
        UnregisterDevice,
        UpdatedPasses,
    )

    if not settings().apple_pass_type_id:
        raise NotFound("no passes are made for Apple Wallet")
    devices = DynamoDevices(client("dynamodb"), settings().need("wallet_table"))
    held = HeldPass(wallets(), links())
    return AppleDoor(
        RegisterDevice(held, devices),
        UnregisterDevice(held, devices),
        UpdatedPasses(wallets(), devices, CLOCK),
        FetchPass(held, wallets()),
        open_pass(),
        _pass_signer(),
        links(),
        f"{passes_url}/apple",
        CLOCK,
    )


@cache
def google_door(passes_url: str) -> GoogleDoor:
    """Made at the first call that needs it, so that its token is kept for the next. NotFound where none is set up."""
    from giftline.doors.google import GoogleDoor  # why: cold start
    from giftline.passes.google_wallet import GoogleWallet  # why: cold start
    from giftline.suppliers.http import HttpClient  # why: cold start

    named, place = settings(), urlsplit(passes_url)
    if not named.google_issuer_id:
        raise NotFound("no passes are made for Google Wallet")
    google = GoogleWallet(
        HttpClient(""),
        named.need("google_issuer_id"),
        named.need("google_service_account"),
        lambda: json_secret("wallet_secrets_arn").get("google_key"),
        _link_key,
        CLOCK,
        origins=(f"{place.scheme}://{place.netloc}",),
        logo_url=named.google_logo_url,
        token_url=named.need("google_token_url"),
        api_url=named.need("google_wallet_url"),
        save_url=named.need("google_save_url"),
    )
    return GoogleDoor(open_pass(), google)


def passes_url(api_id: str, stage: str) -> str:
    """Where the API of passes answers, for its own functions: the template cannot tell them, as it names them first."""
    endpoint = settings().local_endpoint
    if endpoint:
        return f"{endpoint}/_aws/execute-api/{api_id}/{stage}"
    return f"https://{api_id}.execute-api.{settings().need('aws_region')}.amazonaws.com/{stage}"


@cache
def wallets() -> DynamoWallets:
    from giftline.crew import Threads  # why: cold start
    from giftline.storage.wallets import DynamoWallets  # why: cold start

    return DynamoWallets(client("dynamodb"), settings().need("wallet_table"), Threads(READERS))


@cache
def batches() -> DynamoBatches:
    from giftline.storage.batches import DynamoBatches  # why: cold start

    tables = settings().need("wallet_table"), settings().need("webhooks_table")
    return DynamoBatches(client("dynamodb"), *tables, CLOCK)


@cache
def rows() -> S3Rows:
    from giftline.storage.rows import S3Rows  # why: cold start

    return S3Rows(client("s3"), settings().need("results_bucket"))


@cache
def chunk_messages() -> SqsChunkMessages:
    from giftline.storage.chunk_messages import SqsChunkMessages  # why: cold start

    return SqsChunkMessages(client("sqs"), settings().need("chunks_queue_url"))


@cache
def links() -> Links:
    from giftline.wallet.links import Links  # why: cold start

    return Links(_link_key, settings().passes_url)


def open_pass() -> OpenPass:
    from giftline.wallet.opening import OpenPass  # why: cold start

    return OpenPass(wallets(), links(), CLOCK)


def _link_key() -> Secret:
    return json_secret("wallet_secrets_arn").get("link_key")


def _pass_signer() -> PassSigner:
    from giftline.passes.pkpass import PassSigner  # why: cold start

    secret = json_secret("wallet_secrets_arn")
    return PassSigner(
        secret.get("apple_certificate").reveal(),
        secret.get("apple_key"),
        secret.get("apple_intermediate").reveal(),
        settings().need("apple_pass_type_id"),
        settings().need("apple_team_id"),
        CLOCK.now,
    )
