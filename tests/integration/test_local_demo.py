"""The demo on a stack of its own: an order from the drop to the cards, and what it says when there is none."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from local import demo, outputs, stack
from local.demo_door import Door
from local.demo_orders import DroppedFile, drop
from local.deployment import client
from local.outputs import read_outputs_file
from local.settings import ROOT, Settings, read_settings
from local.watch import Watcher
from tests.integration.test_local_stack import free_port


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """A stack on a free port, stopped at the end; .local belongs to the person."""
    folder = tmp_path_factory.mktemp("demo")
    (folder / "shared").mkdir()
    made = read_settings({"GIFTLINE_PORT": str(free_port()), "STATE_DIR": str(folder / "state")})
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(outputs, "SHARED_STATE", folder / "shared")
        yield made
        stack.down(made)


def test_a_size_that_is_none_is_said_and_nothing_starts(tmp_path: Path) -> None:
    finished = subprocess.run(
        [sys.executable, "-m", "local.demo"],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "CARDS": "25001", "STATE_DIR": str(tmp_path / "state"), "WAIT_SCALE": "9"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert finished.returncode == 2
    assert "CARDS is '25001': expected a whole number of cards from 1 to 25000" in finished.stderr
    assert "WAIT_SCALE is '9'" in finished.stderr
    assert not (tmp_path / "state").exists()


@pytest.mark.stack
@pytest.mark.slow
def test_the_demo_ends_with_the_cards_and_the_suppliers_agree(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    assert demo.run(settings, 30) == 0

    shown = capsys.readouterr().out
    assert "complete, 30 of 30 cards" in shown
    assert "Wpay's own ledger agrees: 30 cards, AUD 1,225.00, 1 purchase, 0 polls under the interval." in shown
    assert shown.count("•••• •••• ••••") == 3


@pytest.mark.stack
@pytest.mark.slow
def test_a_file_with_a_wrong_cell_is_shown_with_its_report(settings: Settings) -> None:
    told = read_outputs_file(settings) or stack.up(settings)
    wrong = DroppedFile("wrong", "demo-wrong", b"sku,amount,quantity\nWPAY-FUEL,1,1\n")

    drop([wrong], told, settings)
    with closing(Door(told["ApiUrl"], told["Token"])) as door:
        (sight,) = Watcher(door, client(settings, "s3"), told, settings.wait_scale).watch([wrong])

    assert sight.words == "rejected"
    assert "2,amount,1,not an amount of WPAY-FUEL" in sight.problems[0]
