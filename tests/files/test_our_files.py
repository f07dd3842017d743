"""The project's own files, read by the rules. A failure lists: file, place, what was found, what is expected."""

import subprocess
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from rules import asl, handlers, iam, imports, names, repo, sam
from rules.documents import read_yaml
from rules.template import STATE_MACHINE, resources, substitutions

ROOT = Path(__file__).resolve().parents[2]
LAYER = "layers/giftline"
EXPECTED = ("template.yaml", "statemachine/fulfil_order.asl.yaml", "README.md")
CONFIGURATION = (
    "*.toml",
    "*.cfg",
    "*.ini",
    "*.lock",
    "*requirements*.txt",
    "*.in",
    "requirements/*.txt",
    "package*.json",
    "Makefile",
    ".ci/run",
)
PROSE = ("*.md", "docs/**/*.md")


@cache
def files() -> tuple[str, ...]:
    """What a clone would hold: tracked, or new and not ignored."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout.split("\0")
    return tuple(sorted({path for path in listed if path and (ROOT / path).is_file()}))


def matching(*patterns: str) -> list[str]:
    return [path for path in files() if any(_matches(path, pattern) for pattern in patterns)]


def _matches(path: str, pattern: str) -> bool:
    folder, _, name = pattern.rpartition("/")
    under = folder.removesuffix("/**")
    is_deep = folder.endswith("/**")
    parent = str(Path(path).parent)
    is_there = not folder or parent == under or (is_deep and parent.startswith(f"{under}/"))
    return is_there and Path(path).match(name)


def some(*patterns: str) -> list[str]:
    """As matching; a rule applied to no file at all would always hold."""
    found = matching(*patterns)
    assert found, f"{' and '.join(patterns)}: there is no such file"
    return found


def text_of(path: str) -> str:
    assert (ROOT / path).is_file(), f"{path} is missing"
    return (ROOT / path).read_text(encoding="utf-8")


def yaml_of(path: str) -> Any:
    return read_yaml(text_of(path))


def definitions() -> dict[str, Any]:
    return {Path(path).name: yaml_of(path) for path in matching("statemachine/*.asl.yaml")}


def layer() -> dict[str, str]:
    return {path.removeprefix(f"{LAYER}/"): text_of(path) for path in matching(f"{LAYER}/giftline/**/*.py")}


def hold(problems: list[str]) -> None:
    assert not problems, "\n" + "\n".join(problems)


def in_file(path: str, problems: list[str]) -> list[str]:
    return [f"{path}: {problem}" for problem in problems]


@pytest.mark.parametrize("path", EXPECTED)
def test_the_file_exists(path: str) -> None:
    assert path in files(), f"{path} is missing"


def test_every_state_machine_is_sound() -> None:
    found = []
    for path in sorted({"statemachine/fulfil_order.asl.yaml", *matching("statemachine/*.asl.yaml")}):
        found += in_file(path, asl.problems(yaml_of(path)) + asl.size_problems(text_of(path)))
    hold(found)


def test_every_substitution_is_given_and_used() -> None:
    found, defined = [], definitions()
    machines = dict(resources(yaml_of("template.yaml"), STATE_MACHINE))
    for name, machine in machines.items():
        file = names.definition_file(machine)
        if file not in defined:
            found.append(f"template.yaml: {name}.DefinitionUri is {file!r}; expected a file of statemachine/")
            continue
        found += in_file(
            f"statemachine/{file}", asl.substitution_problems(defined[file], set(map(str, substitutions(machine))))
        )
    unused = set(defined) - {names.definition_file(machine) for machine in machines.values()}
    hold(found + [f"statemachine/{file}: no state machine of template.yaml uses it" for file in sorted(unused)])


def test_every_function_has_one_name_in_four_places() -> None:
    use_cases = {name for source in layer().values() for name in names.use_cases_in(source)}
    folders = {Path(path).parts[1] for path in matching("functions/**/app.py")}
    hold(names.problems(names.Names(folders, yaml_of("template.yaml"), definitions(), use_cases)))


def test_every_resource_keeps_what_it_should() -> None:
    hold(in_file("template.yaml", sam.problems(yaml_of("template.yaml"))))


def test_every_permission_is_narrow_or_explained() -> None:
    hold(in_file("template.yaml", iam.problems(yaml_of("template.yaml"), text_of("template.yaml"))))


def test_every_import_of_the_layer_points_inward() -> None:
    assert layer(), f"{LAYER}/giftline is missing"
    hold(imports.layer_problems(layer()))


def test_every_function_imports_the_bootstrap_only() -> None:
    hold([problem for path in some("functions/**/*.py") for problem in imports.function_problems(path, text_of(path))])


def test_the_sandbox_shares_no_code_with_giftline() -> None:
    hold([problem for path in some("sandbox/**/*.py") for problem in imports.sandbox_problems(path, text_of(path))])


def test_only_functions_use_the_bootstrap() -> None:
    hold(
        [
            problem
            for path in some("sandbox/**/*.py", "local/**/*.py")
            for problem in imports.bootstrap_problems(path, text_of(path))
        ]
    )


def test_every_module_has_a_name_that_says_something() -> None:
    hold([problem for path in some("*.py") for problem in imports.name_problems(path)])


def test_every_handler_parses_calls_and_returns() -> None:
    hold([problem for path in some("functions/**/app.py") for problem in handlers.problems(path, text_of(path))])


def test_no_configuration_names_a_registry() -> None:
    hold([problem for path in some(*CONFIGURATION) for problem in repo.registry_problems(path, text_of(path))])


def test_every_lock_pins_versions_and_hashes() -> None:
    hold(
        [
            problem
            for path in some("*requirements*.txt", "requirements/*.txt")
            for problem in repo.lock_problems(path, text_of(path))
        ]
    )


def test_every_sample_event_is_read_by_a_test_or_the_demo() -> None:
    readers = [
        path for path in matching("tests/**/*.py", "local/**/*.py", "Makefile") if not path.startswith("tests/files/")
    ]
    hold(repo.event_problems(some("events/**/*.json", "events/**/*.csv"), {path: text_of(path) for path in readers}))


def test_every_link_leads_to_a_file() -> None:
    known = repo.with_folders(files())
    hold([problem for path in some(*PROSE) for problem in repo.link_problems(path, text_of(path), known)])


def test_no_document_shows_a_path_of_a_machine() -> None:
    hold([problem for path in some(*PROSE) for problem in repo.machine_path_problems(path, text_of(path))])


def test_make_test_runs_every_folder_of_tests() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    run = {word for word in makefile.split() if word.startswith("tests/")}
    folders = {f"tests/{path.relative_to(ROOT / 'tests').parts[0]}" for path in (ROOT / "tests").rglob("test_*.py")}

    assert folders - run == set()
