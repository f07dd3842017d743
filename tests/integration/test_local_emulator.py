"""The embedded AWS unpacks each layer once, whatever the number of workers."""

from __future__ import annotations

import json
import os
import subprocess
import zipfile
from pathlib import Path

from local.emulator import PYTHON
from local.settings import ROOT

UNPACK = """
import importlib.util, json, os, sys
spec = importlib.util.spec_from_file_location("emulator_process", sys.argv[1])
module = importlib.util.module_from_spec(spec)
spec.loader.exec_module(module)
for place in ("one", "two"):
    with module.SharedZip(place + ".zip") as packed:
        packed.extractall(place)
json.dump([os.stat(place + "/python/a.py").st_ino for place in ("one", "two")], sys.stdout)
"""


def test_a_layer_is_unpacked_once_and_linked_for_each_worker(tmp_path: Path) -> None:
    for place in ("one", "two"):
        with zipfile.ZipFile(tmp_path / f"{place}.zip", "w") as packed:
            packed.writestr(zipfile.ZipInfo("python/a.py"), "a = 1\n")
        (tmp_path / place).mkdir()

    finished = subprocess.run(
        [PYTHON, "-P", "-c", UNPACK, ROOT / "local" / "emulator_process.py"],
        cwd=tmp_path,
        env={"PATH": os.environ["PATH"], "TMPDIR": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert finished.returncode == 0, finished.stderr
    one, two = json.loads(finished.stdout)
    assert one == two
    assert (tmp_path / "two" / "python" / "a.py").read_text() == "a = 1\n"
    assert not list(tmp_path.glob("*.zip"))
