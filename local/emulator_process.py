"""Runs the embedded AWS so that the workers of its functions share one unpacked copy of each layer.

It unpacks the layers, 3,000 files, anew for each worker, and looks up where each of them leads: much of a cold start.
Run by its path with the emulator's Python, and not imported: local's own modules are not for it.
"""

import hashlib
import os
import shutil
import tempfile
import types
import zipfile
from contextlib import suppress
from pathlib import Path
from typing import Any

from ministack.app import main  # type: ignore[import-not-found]  # of another environment
from ministack.core import lambda_runtime  # type: ignore[import-not-found]

UNPACKED = Path(tempfile.gettempdir(), "unpacked")


class SharedZip(zipfile.ZipFile):
    """Unpacked once; whoever unpacks the same again gets links to the same files, which nobody writes to."""

    def namelist(self) -> list[str]:
        """None to be looked at one by one: zipfile lets nothing out of the folder it unpacks to."""
        return []

    def extractall(self, path: Any = None, *_: Any, **__: Any) -> None:
        shutil.copytree(self._unpacked(), path, copy_function=os.link, dirs_exist_ok=True)
        Path(str(self.filename)).unlink()  # the worker's own copy, of which nobody has any more use

    def _unpacked(self) -> Path:
        whole = UNPACKED / hashlib.sha256(Path(str(self.filename)).read_bytes()).hexdigest()
        if not whole.exists():
            UNPACKED.mkdir(exist_ok=True)
            beside = tempfile.mkdtemp(dir=UNPACKED)
            zipfile.ZipFile.extractall(self, beside, zipfile.ZipFile.namelist(self))
            with suppress(OSError):  # another worker was first
                Path(beside).rename(whole)
        return whole


if __name__ == "__main__":
    lambda_runtime.zipfile = types.SimpleNamespace(**vars(zipfile) | {"ZipFile": SharedZip})
    main()
