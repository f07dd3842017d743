"""The YAML reader: tags, lines, doubled keys, and comments that give a reason."""

import pytest
import yaml
from rules.documents import Word, has_reason, read_yaml


def test_cloudformation_tags_become_their_long_form() -> None:
    text = """
a: !Ref Table
b: !GetAtt Queue.Arn
c: !Sub '${Bucket.Arn}/*'
d: !If [IsLocal, 1, !Ref Two]
e: !Condition Other
"""
    assert read_yaml(text) == {
        "a": {"Ref": "Table"},
        "b": {"Fn::GetAtt": ["Queue", "Arn"]},
        "c": {"Fn::Sub": "${Bucket.Arn}/*"},
        "d": {"Fn::If": ["IsLocal", 1, {"Ref": "Two"}]},
        "e": {"Condition": "Other"},
    }


def test_a_word_knows_its_line() -> None:
    document = read_yaml("a: 1\nb:\n  - word\n")
    assert isinstance(document["b"][0], Word)
    assert document["b"][0].line == 3


def test_a_key_written_twice_is_refused() -> None:
    with pytest.raises(yaml.constructor.ConstructorError, match="written twice"):
        read_yaml("States:\n  Same: 1\n  Same: 2\n")


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("Resource: '*' # why: the service has no resources", 1),
        ("# why: the service has no resources\nResource: '*'", 2),
        ("# why: the service\n# has no resources\nResource: '*'", 3),
        ("Resource:\n  # why: the service has no resources\n  - '*'", 3),
        ("# why: the service has no resources\nResource:\n  - '*'", 3),
    ],
)
def test_a_reason_stands_on_the_line_or_in_the_comment_above(text: str, line: int) -> None:
    assert has_reason(text, line)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("Resource: '*' # no reason given", 1),
        ("# why: something else\nOther: 1\nResource: '*'", 3),
        ("# why: something else\n\nResource: '*'", 3),
        ("Resource: '*'\n# why: too late", 1),
        ("Resource: 'why: not'", 1),
    ],
)
def test_a_reason_elsewhere_does_not_count(text: str, line: int) -> None:
    assert not has_reason(text, line)
