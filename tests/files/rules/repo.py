"""Rules for the repository: locks that bind, links that lead somewhere, samples in use, no trace of a machine."""

import posixpath
import re
from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from pathlib import PurePosixPath
from urllib.parse import unquote

# Names without their endings, so that this file names no host either.
REGISTRY = re.compile(
    r"\b[\w.-]*\b(?:pypi|pythonhosted|npmjs|yarnpkg|jfrog)\.[a-z]{2,}\b|\bregistry\.[\w-]+\.[a-z]{2,}\b", re.IGNORECASE
)
INDEX_OPTION = re.compile(
    r"(?:^|[\s\"'])(?:--?(?:extra-)?index-url|-i\s+http|--find-links|--trusted-host|(?:extra-)?index-url\s*=|registry\s*=)",
    re.IGNORECASE,
)
REQUIREMENT = re.compile(r"^[A-Za-z0-9]")
PINNED = re.compile(r"^[\w.-]+(?:\[[\w,.\s-]+\])?\s*==\s*[^\s;*]+(?:\s|;|$)")
HASHED = re.compile(r"--hash=sha256:[0-9a-f]{64}\b")
LINK = re.compile(r"!?\[[^\]]*\]\(\s*<?([^)\s>]+)>?(?:\s+\"[^\"]*\")?\s*\)|^\[[^\]]+\]:\s*(\S+)", re.MULTILINE)
FENCE = re.compile(r"^(```|~~~).*?^\1", re.MULTILINE | re.DOTALL)
INLINE_CODE = re.compile(r"`[^`\n]*`")
MACHINE_PATH = re.compile(
    r"(?<![\w.:/~-])/(?:home|Users)/[\w.-]+|(?<![\w.:/~$}-])/(?:root|tmp)(?=[/\s`'\")]|$)|\b[A-Z]:\\Users\\",
    re.MULTILINE,
)


def registry_problems(path: str, text: str) -> list[str]:
    """A lock that names a host works only where that host is reached."""
    return [
        f"{path}:{number}: names a registry: {line.strip()!r}; expected the client's own configuration to say it"
        for number, line in enumerate(text.splitlines(), start=1)
        if REGISTRY.search(line) or INDEX_OPTION.search(line)
    ]


def lock_problems(path: str, text: str) -> list[str]:
    """A requirements lock: every requirement pinned to one version and to its hashes."""
    found = []
    for number, line in _logical_lines(text):
        if not REQUIREMENT.match(line):
            continue
        name = re.split(r"[\s=<>!~;\[@]", line, maxsplit=1)[0]
        if not PINNED.match(line):
            found.append(f"{path}:{number}: {name} is not pinned; expected {name}==<version>")
        if not HASHED.search(line):
            found.append(f"{path}:{number}: {name} has no hash; expected --hash=sha256:<64 digits>")
    return found


def _logical_lines(text: str) -> Iterable[tuple[int, str]]:
    """Lines with their continuations joined, under the number of the first."""
    joined, first = "", 0
    for number, line in enumerate(text.splitlines(), start=1):
        first = first if joined else number
        if line.rstrip().endswith("\\"):
            joined += line.rstrip()[:-1] + " "
            continue
        yield first, joined + line
        joined = ""
    if joined:
        yield first, joined


def link_problems(path: str, text: str, files: AbstractSet[str]) -> list[str]:
    """Links to files of the repository lead to one; files are all its paths, folders included."""
    prose = INLINE_CODE.sub("", FENCE.sub("", text))
    found = []
    for targets in LINK.findall(prose):
        target = unquote((targets[0] or targets[1]).split("#")[0].split("?")[0])
        if not target or re.match(r"[a-z][a-z0-9+.-]*:", target):
            continue
        place = posixpath.normpath(
            posixpath.join("" if target.startswith("/") else posixpath.dirname(path), target.lstrip("/"))
        )
        if place not in files:
            found.append(f"{path}: links to {target}; expected a file of the repository, {place} is none")
    return found


def machine_path_problems(path: str, text: str) -> list[str]:
    return [
        f"{path}:{number}: {match.group()!r} is a place on somebody's machine; expected a relative path"
        for number, line in enumerate(text.splitlines(), start=1)
        for match in MACHINE_PATH.finditer(line)
    ]


def event_problems(events: Iterable[str], readers: Mapping[str, str]) -> list[str]:
    """A sample event that nobody reads is not a sample of anything. Readers are the texts of tests and of local/."""
    text = "\n".join(readers.values())
    return [
        f"{event}: no test and nothing in local/ reads it; expected one to name it"
        for event in events
        if not _is_named(event, text)
    ]


def _is_named(event: str, text: str) -> bool:
    """By its file name, by its stem in quotes or at the end of a quoted path, or by a glob over its folder."""
    path = PurePosixPath(event)
    stem = re.escape(path.stem)
    globbed = f"{path.parent.name}/*{path.suffix}"
    return path.name in text or globbed in text or re.search(rf"[\"'/]{stem}[\"']", text) is not None


def with_folders(files: Iterable[str]) -> set[str]:
    """The files and every folder that holds one."""
    found = {"."}
    for file in files:
        found |= {file, *(str(parent) for parent in PurePosixPath(file).parents)}
    return found
