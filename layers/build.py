"""Builds a layer for the Lambda functions: build.py dependencies|giftline OUTPUT.

Two targets, by GIFTLINE_TARGET:

- `lambda` (the default): Python 3.13 on arm64 Linux, whatever this machine is. The .pyc files are made by a real
  CPython 3.13, since no other Python can write them.
- `local`: this machine, and the Python that runs the embedded AWS.

A layer is built once for the same inputs and kept under .build/, so that a second build only copies it. What is
built has the same bytes each time, so that an unchanged layer is not uploaded again.
"""

import argparse
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
UV = ROOT / ".venv" / "uv" / "bin" / "uv"
KEPT_LAYERS = ROOT / ".build" / "layers"
OWN_PYTHONS = ROOT / ".build" / "pythons"

LAMBDA_PYTHON = (3, 13)
LAMBDA_PLATFORM = "aarch64-manylinux2014"
LAYER_MOUNT = "/opt"
"""Where Lambda unpacks a layer: the paths that tracebacks show."""

EARLIEST_ZIP_TIME = 315_532_800  # 1980-01-01

BOTO3_SERVICES = frozenset(
    {
        "cloudwatch",
        "dynamodb",
        "events",
        "kms",
        "lambda",
        "logs",
        "s3",
        "scheduler",
        "secretsmanager",
        "sqs",
        "ssm",
        "stepfunctions",
        "sts",
    }
)
"""The services whose descriptions stay in the layer: all of AWS would be 26 MB to upload and to unpack."""


class BuildError(Exception):
    """The layer cannot be built; the message says what is missing and how to get it."""


@dataclass(frozen=True, slots=True)
class Target:
    """For which machine and which Python a layer is built."""

    name: str
    python: Path
    description: str
    install_options: tuple[str, ...]


def main() -> int:
    """Build one layer into the folder that the caller names."""
    parser = argparse.ArgumentParser(description="Build a layer for the Lambda functions.")
    parser.add_argument("layer", choices=("dependencies", "giftline"))
    parser.add_argument("output", type=Path, nargs="?", help="folder to copy the layer to; none: only build it")
    arguments = parser.parse_args()
    try:
        target = choose_target(os.environ)
        layer = build_once(arguments.layer, target)
    except BuildError as error:
        print(f"layers/{arguments.layer}: {error}", file=sys.stderr)
        return 1
    if arguments.output:
        shutil.copytree(layer, arguments.output, dirs_exist_ok=True)
    return 0


def choose_target(environ: Mapping[str, str]) -> Target:
    """The target that GIFTLINE_TARGET names."""
    name = environ.get("GIFTLINE_TARGET", "lambda")
    if name == "local":
        python = ROOT / ".venv" / "emulator" / "bin" / "python"
        description = run([python, "-c", "import platform; print(platform.platform(), platform.python_version())"])
        return Target("local", python, description, ("--python", str(python)))
    if name != "lambda":
        raise BuildError(f"GIFTLINE_TARGET is {name!r}; expected 'lambda' or 'local'")
    python = find_lambda_python(environ)
    options = (
        *("--python", str(python)),
        *("--python-version", ".".join(map(str, LAMBDA_PYTHON))),
        *("--python-platform", LAMBDA_PLATFORM),
        *("--only-binary", ":all:"),
    )
    # Every 3.13 writes the same .pyc format: which patch release this machine has must not change the layer.
    return Target("lambda", python, f"{LAMBDA_PLATFORM} {LAMBDA_PYTHON}", options)


def find_lambda_python(environ: Mapping[str, str]) -> Path:
    """A CPython 3.13 of this machine, or one that uv installs into the project."""
    for candidate in candidate_pythons(environ):
        if is_lambda_python(candidate):
            return Path(candidate)
    uv_environment = {"UV_PYTHON_INSTALL_DIR": str(OWN_PYTHONS)}
    version = ".".join(map(str, LAMBDA_PYTHON))
    installed = run_uv("python", "install", "--no-bin", version, env=uv_environment, check=False)
    if installed.returncode == 0:
        found = run_uv("python", "find", "--managed-python", version, env=uv_environment, check=False).stdout.strip()
        if found and is_lambda_python(found):
            return Path(found)
    raise BuildError(
        f"a layer for Lambda needs CPython {version} to compile its .pyc files; none was found here, and uv could "
        f"not install one:\n{installed.stderr.strip()}\n"
        f"Install Python {version} (for example `brew install python@{version}`, `apt install python{version}` "
        f"or `pyenv install {version}`), or name one: GIFTLINE_LAMBDA_PYTHON=/path/to/python{version}"
    )


def candidate_pythons(environ: Mapping[str, str]) -> Iterator[str]:
    """Places where a CPython 3.13 may be, the named one first."""
    version = ".".join(map(str, LAMBDA_PYTHON))
    if named := environ.get("GIFTLINE_LAMBDA_PYTHON"):
        if not is_lambda_python(named):
            raise BuildError(f"GIFTLINE_LAMBDA_PYTHON is {named!r}, which is not a working CPython {version}")
        yield named
    yield sys.executable
    for folder in environ.get("PATH", "").split(os.pathsep):
        yield os.path.join(folder, f"python{version}")
    pyenv = Path(environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    yield from (str(path) for path in sorted(pyenv.glob(f"versions/{version}*/bin/python")))
    yield from (str(path) for path in sorted(OWN_PYTHONS.glob(f"cpython-{version}*/bin/python{version}")))


def is_lambda_python(candidate: str) -> bool:
    """Whether this really runs: a version manager leaves placeholders on PATH with nothing behind them."""
    question = "import sys; print(sys.implementation.name, *sys.version_info[:2])"
    try:
        answer = subprocess.run([candidate, "-c", question], capture_output=True, text=True, check=False)
    except OSError:
        return False
    return answer.stdout.split() == ["cpython", *map(str, LAMBDA_PYTHON)]


def build_once(layer: str, target: Target) -> Path:
    """The folder of the built layer, from .build/ if the same inputs were built before."""
    kept = KEPT_LAYERS / f"{layer}-{target.name}-{digest_inputs(layer, target)}"
    if kept.is_dir():
        return kept
    KEPT_LAYERS.mkdir(parents=True, exist_ok=True)
    building = Path(tempfile.mkdtemp(prefix=f".{layer}-", dir=KEPT_LAYERS))
    try:
        python_folder = building / "python"
        if layer == "dependencies":
            install_dependencies(python_folder, target)
            strip_dependencies(python_folder)
        else:
            copy_sources(python_folder)
        compile_sources(building, target)
        set_times(building)
        building.chmod(0o755)
        try:
            building.rename(kept)
        except OSError:
            if not kept.is_dir():  # another build of the same inputs may have been faster
                raise
    finally:
        shutil.rmtree(building, ignore_errors=True)
    drop_older_builds(layer, target, kept)
    return kept


def digest_inputs(layer: str, target: Target) -> str:
    """Changes when, and only when, the layer has to be built anew."""
    digest = hashlib.sha256(f"{target.name} {target.description}".encode())
    for source in (Path(__file__), *input_files(layer)):
        digest.update(f"\0{source.relative_to(ROOT)}\0".encode())
        digest.update(source.read_bytes())
    return digest.hexdigest()[:16]


def input_files(layer: str) -> list[Path]:
    """The files that a layer is made of."""
    if layer == "dependencies":
        return [ROOT / "layers" / "dependencies" / "requirements.txt"]
    package = ROOT / "layers" / "giftline" / "giftline"
    return sorted(path for path in package.rglob("*") if path.is_file() and "__pycache__" not in path.parts)


def install_dependencies(folder: Path, target: Target) -> None:
    """Install the locked packages for the target, wheels only when it is not this machine."""
    locked = ROOT / "layers" / "dependencies" / "requirements.txt"
    options = ("--no-deps", "--require-hashes", "--link-mode", "copy", "--no-compile-bytecode")
    run_uv("pip", "install", "--target", str(folder), *options, *target.install_options, "--requirement", str(locked))


def strip_dependencies(folder: Path) -> None:
    """Drop what no function reads. Licences and METADATA (which packages read their version from) stay."""
    for name in ("bin", "__pycache__", "boto3/examples"):
        shutil.rmtree(folder / name, ignore_errors=True)
    for pattern in (".lock", "*.dist-info/RECORD", "*.dist-info/INSTALLER", "*.dist-info/REQUESTED", "**/*.pyi"):
        for path in list(folder.glob(pattern)):
            path.unlink()
    for data in (folder / "botocore" / "data", folder / "boto3" / "data"):
        for service in list(data.iterdir()):
            if service.is_dir() and service.name not in BOTO3_SERVICES:
                shutil.rmtree(service)


def copy_sources(folder: Path) -> None:
    """Copy our own package."""
    sources = ROOT / "layers" / "giftline"
    for source in input_files("giftline"):
        destination = folder / source.relative_to(sources)
        destination.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, destination)


def compile_sources(folder: Path, target: Target) -> None:
    """Add .pyc files that Python trusts without looking at the source, as times are lost on the way to Lambda."""
    mode = ("--invalidation-mode", "unchecked-hash")
    paths = ("-s", str(folder), "-p", LAYER_MOUNT)
    # The same bytes each time: neither the order of hashes nor that of parallel workers may show.
    environment = {"PYTHONHASHSEED": "0", "SOURCE_DATE_EPOCH": str(EARLIEST_ZIP_TIME)}
    run([target.python, "-I", "-m", "compileall", "-q", "-j", "0", *mode, *paths, folder], env=environment)


def set_times(folder: Path) -> None:
    """Give every file the same time and mode."""
    for path in folder.rglob("*"):
        path.chmod(0o755 if path.is_dir() or path.suffix == ".so" else 0o644)
        os.utime(path, (EARLIEST_ZIP_TIME, EARLIEST_ZIP_TIME))


def drop_older_builds(layer: str, target: Target, kept: Path) -> None:
    """Keep the three last builds, so that switching between two branches stays fast."""
    builds = sorted(KEPT_LAYERS.glob(f"{layer}-{target.name}-*"), key=lambda path: path.stat().st_mtime)
    for old in builds[:-3]:
        if old != kept:
            shutil.rmtree(old, ignore_errors=True)


def run_uv(
    *arguments: str, env: Mapping[str, str] | None = None, check: bool = True
) -> subprocess.CompletedProcess[str]:
    """Run uv, which `make` installed."""
    if not UV.exists():
        raise BuildError("uv is missing; `make layers` installs it")
    finished = subprocess.run(
        [UV, *arguments], capture_output=True, text=True, check=False, env={**os.environ, **(env or {})}
    )
    if check and finished.returncode:
        raise BuildError(f"uv {' '.join(arguments[:2])} failed:\n{finished.stderr.strip()}")
    return finished


def run(command: list[str | Path], env: Mapping[str, str] | None = None) -> str:
    """The output of a command that must not fail."""
    environment = {**os.environ, **(env or {})}
    finished = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    if finished.returncode:
        raise BuildError(f"{command[0]} failed:\n{finished.stdout}{finished.stderr}".strip())
    return finished.stdout.strip()


if __name__ == "__main__":
    sys.exit(main())
