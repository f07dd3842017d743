"""The key pair between the stack and its sandbox."""

from pathlib import Path

from cryptography.hazmat.primitives.serialization import load_pem_private_key, load_pem_public_key

from local.google_keys import private_key, public_key_file


def test_the_key_is_made_once_and_its_halves_fit(tmp_path: Path) -> None:
    folder = tmp_path / "state"
    public = public_key_file(folder)
    first = private_key(folder)
    assert public_key_file(folder) == public
    assert private_key(folder) == first
    shown = load_pem_public_key(public.read_bytes())
    assert load_pem_private_key(first.encode(), None).public_key() == shown
    assert (folder / "google-private.pem").stat().st_mode & 0o777 == 0o600
