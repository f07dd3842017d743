"""The rules for the repository pass what travels and catch what stays on one machine."""

import pytest
from rules import repo

HASH = "--hash=sha256:" + "0" * 64


@pytest.mark.parametrize(
    "line",
    [
        "boto3==1.2.3 \\",
        "# pinned with hashes",
        'Homepage = "https://github.com/giftline/giftline"',
        "pip install -r x.txt",
    ],
)
def test_a_line_without_a_registry_passes(line: str) -> None:
    assert repo.registry_problems("requirements.txt", line) == []


@pytest.mark.parametrize(
    "line",
    [
        "--index-url https://packages.example/simple",
        "--extra-index-url=https://packages.example/simple",
        "-i https://packages.example/simple",
        "--find-links ./wheels",
        'index-url = "https://packages.example/simple"',
        "# from " + "py" + "pi.example",
        "https://files." + "python" + "hosted.example/x.whl",
        "resolved https://registry." + "example.net/x",
    ],
)
def test_each_registry_is_caught(line: str) -> None:
    assert repo.registry_problems("requirements.txt", f"first\n{line}")[0].startswith(
        "requirements.txt:2: names a registry"
    )


def test_a_pinned_and_hashed_lock_passes() -> None:
    boto3 = f"# made by uv\nboto3==1.2.3 \\\n    {HASH} \\\n    {HASH}\n    # via -r x.in\n"
    text = f"{boto3}urllib3[socks]==2.0 ; python_version > '3' {HASH}\n"
    assert repo.lock_problems("requirements.txt", text) == []


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("boto3==1.2.3", "requirements.txt:1: boto3 has no hash"),
        (f"boto3>=1.2.3 {HASH}", "boto3 is not pinned"),
        (f"boto3 {HASH}", "boto3 is not pinned"),
        ("boto3==1.2.3 \\\n    --hash=sha256:abc", "boto3 has no hash"),
        ("boto3 @ https://packages.example/boto3.whl", "boto3 is not pinned"),
    ],
)
def test_each_loose_requirement_is_caught(line: str, expected: str) -> None:
    assert any(expected in problem for problem in repo.lock_problems("requirements.txt", line))


FILES = repo.with_folders(["README.md", "docs/decisions.md", "docs/a b.md", "functions/create_order/app.py"])


@pytest.mark.parametrize(
    "text",
    [
        "[decisions](decisions.md#waits)",
        "[functions](../functions/)",
        "[above](#here) and [there](https://example.org/x.md)",
        "[spaced](a%20b.md)",
        "`[code](nowhere.md)`",
        "```\n[code](nowhere.md)\n```",
        "[from the root](/README.md)",
    ],
)
def test_a_link_that_leads_somewhere_passes(text: str) -> None:
    assert repo.link_problems("docs/index.md", text, FILES) == []


@pytest.mark.parametrize(
    "text",
    ["[x](nowhere.md)", "![x](pictures/x.svg)", "[x](README.md)", "[x][y]\n\n[y]: nowhere.md", "[x](nowhere.md#a)"],
)
def test_each_link_that_leads_nowhere_is_caught(text: str) -> None:
    assert repo.link_problems("docs/index.md", text, FILES) != []


# The slashes are put in by the tests: no file of the project names such a path, this one neither.
SLASHES = ("/", "\\")


@pytest.mark.parametrize(
    "text",
    [
        "the path {0}v1{0}partner{0}giftcards{0}orders",
        "https:{0}{0}example.org{0}home{0}page",
        "`.local{0}tmp{0}x`",
        "docs{0}tmp",
        "~{0}projects",
    ],
)
def test_a_path_of_nobodys_machine_passes(text: str) -> None:
    assert repo.machine_path_problems("README.md", text.format(*SLASHES)) == []


@pytest.mark.parametrize(
    "text",
    [
        "cd {0}home{0}anna{0}giftline",
        "see `{0}tmp{0}x`",
        "in {0}root{0}project",
        "{0}Users{0}anna",
        "C:{1}Users{1}anna",
        "rm -r {0}tmp",
    ],
)
def test_each_path_of_a_machine_is_caught(text: str) -> None:
    assert repo.machine_path_problems("README.md", f"first\n{text.format(*SLASHES)}")[0].startswith("README.md:2:")


@pytest.mark.parametrize(
    "text",
    ["read('one_card.json')", "event('one_card')", "event('orders/one_card')", "glob('events/orders/*.json')"],
)
def test_a_sample_event_that_is_named_passes(text: str) -> None:
    assert repo.event_problems(["events/orders/one_card.json"], {"tests/unit/test_x.py": text}) == []


def test_a_sample_event_that_nobody_names_is_caught() -> None:
    readers = {"tests/unit/test_x.py": "one card, another_one_card, 'orders/*.csv'"}
    assert repo.event_problems(["events/orders/one_card.json"], readers)[0].startswith(
        "events/orders/one_card.json: no test"
    )
