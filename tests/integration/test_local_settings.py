"""What `make up` says about its environment variables, before anything starts."""

from pathlib import Path

import pytest

from local import suppliers
from local.errors import WrongSettings
from local.settings import SHARED_STATE, read_settings
from sandbox.settings import WALLEO_SHARED_KEY


def test_an_empty_environment_means_the_sandbox_on_the_default_port() -> None:
    settings = read_settings({})

    assert settings.port == 4566
    assert settings.state == SHARED_STATE
    assert settings.wait_scale == 0.001
    assert settings.wpay_base_url is None


def test_another_port_has_a_folder_of_its_own() -> None:
    assert read_settings({"GIFTLINE_PORT": "4600"}).state == SHARED_STATE / "4600"


def test_a_named_folder_is_used_as_it_is(tmp_path: Path) -> None:
    assert read_settings({"STATE_DIR": str(tmp_path), "GIFTLINE_PORT": "4600"}).state == tmp_path


def test_a_base_url_loses_its_last_slash() -> None:
    assert read_settings({"WPAY_BASE_URL": "http://127.0.0.1:9000/wpay/"}).wpay_base_url == "http://127.0.0.1:9000/wpay"


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("GIFTLINE_PORT", "http", "expected a port from 1024 to 65535"),
        ("GIFTLINE_PORT", "80", "expected a port from 1024 to 65535"),
        ("GIFTLINE_PORT", "70000", "expected a port from 1024 to 65535"),
        ("GIFTLINE_PORT", "٤٥٦٦", "expected a port from 1024 to 65535"),
        ("WAIT_SCALE", "0", "expected a number above 0"),
        ("WAIT_SCALE", "nan", "expected a number above 0"),
        ("WAIT_SCALE", "2", "up to 1"),
        ("WAIT_SCALE", "fast", "expected a number above 0"),
        ("WPAY_BASE_URL", "localhost:9000", "expected an http or https URL"),
        ("WPAY_BASE_URL", "http://", "expected an http or https URL"),
        ("WPAY_BASE_URL", "http://host:99999", "expected an http or https URL"),
        ("WALLEO_BASE_URL", "ftp://host", "expected an http or https URL"),
        ("WALLEO_BASE_URL", "http://user@host", "no user, query or fragment"),
        ("WALLEO_DOOR_URL", "partners.example", "expected an http or https URL"),
        ("SANDBOX_FAULTS", "many", "expected one of none, light, rough"),
        ("SANDBOX_SEED", "1.5", "expected a whole number"),
    ],
)
def test_a_wrong_value_is_named_with_what_is_expected(name: str, value: str, expected: str) -> None:
    with pytest.raises(WrongSettings) as raised:
        read_settings({name: value})

    (problem,) = raised.value.problems
    assert problem.startswith(f"{name} is {value!r}: ")
    assert expected in problem


def test_every_wrong_value_is_named_at_once() -> None:
    with pytest.raises(WrongSettings) as raised:
        read_settings({"GIFTLINE_PORT": "x", "WAIT_SCALE": "x", "SANDBOX_SEED": "x"})

    assert len(raised.value.problems) == 3


def test_a_wrong_key_is_refused_without_being_shown() -> None:
    with pytest.raises(WrongSettings) as raised:
        read_settings({"WPAY_API_KEY": "tell nobody"})

    assert "WPAY_API_KEY" in str(raised.value)
    assert "nobody" not in str(raised.value)


@pytest.mark.parametrize("value", ["sandbox-shared-key", "5a6", "5a 6e", "0x5a"])
def test_a_shared_key_that_is_not_hex_is_refused_without_being_shown(value: str) -> None:
    with pytest.raises(WrongSettings) as raised:
        read_settings({"WALLEO_SHARED_KEY": value})

    (problem,) = raised.value.problems
    assert "WALLEO_SHARED_KEY is not hex with an even number of digits" in problem
    assert value not in problem


def test_the_sandbox_is_given_the_keys_of_both_suppliers(tmp_path: Path) -> None:
    environ = {
        "WPAY_API_KEY": "wpay-key",
        "WALLEO_API_KEY": "walleo-key",
        "WALLEO_ID": "walleo-id",
        "WALLEO_SHARED_KEY": "6F2CE47010CF4F79",
    }

    words = suppliers.command(read_settings(environ), 0, tmp_path / "port")

    options = {"--api-key", "--walleo-api-key", "--walleo-id", "--walleo-shared-key"}
    assert {word: words[at + 1] for at, word in enumerate(words) if word in options} == {
        "--api-key": "wpay-key",
        "--walleo-api-key": "walleo-key",
        "--walleo-id": "walleo-id",
        "--walleo-shared-key": "6F2CE47010CF4F79",
    }


def test_the_default_shared_key_is_that_of_the_sandbox() -> None:
    assert read_settings({}).credentials.walleo_shared_key == WALLEO_SHARED_KEY


def test_keys_do_not_show_in_what_is_printed() -> None:
    assert "tell-nobody" not in repr(read_settings({"WPAY_API_KEY": "tell-nobody"}))


def test_a_folder_that_is_a_file_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()

    with pytest.raises(WrongSettings, match="this is a file"):
        read_settings({"STATE_DIR": str(file)})
