"""Whatever is wrong with a file is said with its file, line and reason."""

from pathlib import Path

import pytest

from replay.source import Malformed, parse_json, parse_yaml
from replay.story import load_events, load_story

STORY = """\
title: A story
world:
  accounts:
    - id: "111111111111"
      vpcs:
        - {name: a, cidr: 10.0.0.0/16}
  network:
    account: "111111111111"
    name: net
  members: ["111111111111"]
script:
  - chapter: One
  - do:
      account: "111111111111"
      call: ec2.create_tags
      with:
        Resources: [vpc-1]
        Tags: [{Key: a, Value: b}]
  - wait: settled
  - request: {from: 10.0.0.1, to: orders, expect: {status: 200}}
"""

EVENT = """\
{
  "version": "0",
  "id": "a",
  "detail-type": "Tag Change on Resource",
  "source": "aws.tag",
  "account": "111111111111",
  "time": "2026-11-01T12:00:00Z",
  "region": "ap-northeast-1",
  "resources": ["arn:aws:ec2:ap-northeast-1:111111111111:vpc/vpc-0123456789abcdef0"],
  "detail": {
    "changed-tag-keys": ["a"],
    "tags": {"a": "b"},
    "service": "ec2",
    "resource-type": "vpc",
    "version": 1
  }
}
"""

STORIES: list[tuple[str, str, int, str]] = [
    ("title: A story", "title: [A story", 2, "expected ',' or ']'"),
    ("title: A story", "tittle: A story", 1, "unknown field `tittle`"),
    ("title: A story", "title: A story\ntitle: B", 2, "'title' stands twice"),
    ("title: A story", "about: x", 1, "missing required field `title`"),
    ('- id: "111111111111"', "- id: 111111111111", 4, "put quotes around it"),
    ('- id: "111111111111"', '- id: "1"', 4, "matching regex"),
    ("cidr: 10.0.0.0/16", "cdr: 10.0.0.0/16", 6, "unknown field `cdr`"),
    ("- {name: a, cidr: 10.0.0.0/16}", "- {name: a}", 6, "missing required field `cidr`"),
    ('members: ["111111111111"]', 'members: ["222222222222"]', 10, "222222222222 is not in the story's world"),
    ('    account: "111111111111"\n', '    account: "333333333333"\n', 8, "333333333333 is not in the story's world"),
    ('  members: ["111111111111"]', '  members: ["111111111111"]\n  what: x', 11, "unknown field `what`"),
    ("- chapter: One", "- chapter: One\n    wait: settled", 12, "one of chapter, do"),
    ("- chapter: One", "- {}", 12, "not none"),
    ("call: ec2.create_tags", "call: ec2.create_tag", 15, "ec2 has no operation 'create_tag'"),
    ("call: ec2.create_tags", "call: ec3.create_tags", 15, "AWS has no service 'ec3'"),
    ("Resources: [vpc-1]", "Resource: [vpc-1]", 16, 'Missing required parameter in input: "Resources"'),
    ("- wait: settled", "- wait: a while", 19, "matching regex"),
    ("- wait: settled", '- sweep: "222222222222"', 19, "222222222222 is not in the story's world"),
    ("- wait: settled", "- event: 01.json", 19, "no file 01.json beside the story"),
    ("- wait: settled", "- wait: {until: {}}", 19, "either a service or an invitation"),
    ("status: 200", "stopped_at: the moon", 20, "no hop is called 'the moon'"),
    ("status: 200", "status: fine", 20, "expected `int"),
]


@pytest.mark.parametrize(("part", "instead", "line", "reason"), STORIES)
def test_a_malformed_story_is_told_by_file_line_and_reason(
    tmp_path: Path, part: str, instead: str, line: int, reason: str
) -> None:
    file = tmp_path / "story.yaml"
    assert part in STORY
    file.write_text(STORY.replace(part, instead, 1))
    with pytest.raises(Malformed) as told:
        load_story(file)
    assert (told.value.line, str(told.value).partition(": ")[0]) == (line, f"{file}:{line}")
    assert reason.lower() in told.value.reason.lower()


def test_the_story_of_this_table_is_well_formed_itself(tmp_path: Path) -> None:
    file = tmp_path / "story.yaml"
    file.write_text(STORY)
    assert load_story(file).script.title == "A story"


EVENTS: list[tuple[str, str, int, str]] = [
    ('"id": "a",', '"id": "a"', 4, "this is not JSON: Expecting ',' delimiter"),
    ('"id": "a",', '"id": 7,', 3, "id: expected `str`, got `int`"),
    ('"id": "a",', "", 1, "missing required field `id`"),
    ('"id": "a",', '"id": "a", "id": "b",', 3, "'id' stands twice"),
    ('"account": "111111111111"', '"account": "11"', 6, "matching regex"),
    ('"time": "2026-11-01T12:00:00Z"', '"time": "today"', 7, "time: "),
    ('"time": "2026-11-01T12:00:00Z"', '"time": "2026-13-01T12:00:00Z"', 7, "time: month must be in 1..12"),
    ('"source": "aws.tag"', '"source": ""', 5, "source: expected `str` of length >= 1"),
    ('"source": "aws.tag"', '"sauce": "aws.tag"', 5, "unknown field `sauce`"),
    ('"detail": {', '"detail": [], "x": {', 10, "expected"),
    ('"version": 1', '"version": 0', 15, "detail: version: expected `int` >= 1"),
    ('"tags": {"a": "b"}', '"tags": {"a": 1}', 12, "detail: tags"),
    ('"tags": {"a": "b"},', "", 10, "detail: missing required field `tags`"),
]


@pytest.mark.parametrize(("part", "instead", "line", "reason"), EVENTS)
def test_a_malformed_event_is_told_by_file_line_and_reason(
    tmp_path: Path, part: str, instead: str, line: int, reason: str
) -> None:
    file = tmp_path / "event.json"
    assert part in EVENT
    file.write_text(EVENT.replace(part, instead, 1))
    with pytest.raises(Malformed) as told:
        load_events(file)
    assert told.value.line == line
    assert reason.lower() in told.value.reason.lower()


def test_a_file_holds_one_event_a_list_or_one_a_line(tmp_path: Path) -> None:
    file = tmp_path / "events.json"
    one = " ".join(EVENT.split())
    for text, lines in ((EVENT, [1]), (f"[\n{one},\n{one}\n]", [2, 3]), (f"{one}\n\n{one}\n", [1, 3])):
        file.write_text(text)
        assert [event.line for event in load_events(file)] == lines


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        ("[" * 50_000, 1, "nested too deeply"),
        ('{"a": NaN}', 1, "NaN is no number"),
        ('{"a": ' + "9" * 5_000 + "}", 1, "this is not JSON"),
        ('{"a": 1}\n{"b": 1, "b": 2}\n', 2, "the key 'b' stands twice"),
        ("[]", 1, "there is no event in this list"),
        ("null", 1, "expected `object`, got `null`"),
    ],
)
def test_what_is_no_event_at_all_is_told_so(tmp_path: Path, text: str, line: int, reason: str) -> None:
    file = tmp_path / "events.json"
    file.write_text(text)
    with pytest.raises(Malformed) as told:
        load_events(file)
    assert (told.value.line, reason in told.value.reason) == (line, True)


def test_a_byte_order_mark_is_no_part_of_a_file(tmp_path: Path) -> None:
    file = tmp_path / "event.json"
    file.write_text(EVENT, encoding="utf-8-sig")
    assert load_events(file)[0].event.id == "a"


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        ("title: &a [*a]", 1, "within itself"),
        ("title: " + "[" * 5_000, 1, "nested too deeply"),
        ("title: " + "[" * 100_000, 1, "nested too deeply"),
        ("? [a, b]\n: c", 1, "a key is one word"),
        ("title: x\nworld: *nowhere", 2, "undefined alias 'nowhere'"),
        ("title: !!python/object/apply:os.getcwd []", 1, "could not determine a constructor"),
        ("", 1, "expected `object`, got `null`"),
    ],
)
def test_yaml_that_means_no_story_is_told_so(tmp_path: Path, text: str, line: int, reason: str) -> None:
    file = tmp_path / "story.yaml"
    file.write_text(text)
    with pytest.raises(Malformed) as told:
        load_story(file)
    assert (told.value.line, reason in told.value.reason) == (line, True)


@pytest.mark.parametrize(
    ("text", "line"),
    [('{"a": 1}\n{"a": \n', 2), ('[\n{"a": 1},\n{"a" 1}\n]', 3), ("", 1), ("\t{", 1)],
)
def test_broken_lists_and_lines_name_their_line(tmp_path: Path, text: str, line: int) -> None:
    file = tmp_path / "events.json"
    file.write_text(text)
    with pytest.raises(Malformed) as told:
        parse_json(file)
    assert told.value.line == line


def test_the_line_of_a_wrong_line_among_json_lines_counts_from_the_files_begin(tmp_path: Path) -> None:
    file = tmp_path / "events.json"
    one = " ".join(EVENT.split())
    file.write_text(f"{one}\n{one.replace('"region"', '"reign"')}\n")
    with pytest.raises(Malformed) as told:
        load_events(file)
    assert told.value.line == 2


def test_tabs_between_json_tokens_cost_nothing_but_perhaps_the_line(tmp_path: Path) -> None:
    file = tmp_path / "event.json"
    file.write_text(EVENT.replace("  ", "\t"))
    assert load_events(file)[0].event.id == "a"


def test_a_file_that_is_no_text_or_not_there_is_malformed(tmp_path: Path) -> None:
    file = tmp_path / "story.yaml"
    with pytest.raises(Malformed, match="No such file"):
        parse_yaml(file)
    file.write_bytes(b"title: a\nabout: \xff\n")
    with pytest.raises(Malformed, match=r"story.yaml:2: this is not UTF-8 text"):
        parse_yaml(file)


def test_a_story_names_one_event_a_file(tmp_path: Path) -> None:
    (tmp_path / "two.json").write_text(f"[{EVENT},{EVENT}]")
    file = tmp_path / "story.yaml"
    file.write_text(STORY.replace("- wait: settled", "- event: two.json"))
    with pytest.raises(Malformed, match="holds 2 events"):
        load_story(file)


def test_lines_are_found_by_path_as_far_as_it_goes(tmp_path: Path) -> None:
    file = tmp_path / "a.yaml"
    file.write_text("a:\n  - b: 1\n  - c: 2\n")
    source = parse_yaml(file)
    assert [source.line(), source.line("a", 1, "c"), source.line("a", 1, "x"), source.line("a", 9)] == [1, 3, 3, 1]
    assert source.to(dict[str, list[dict[str, int]]])["a"][1] == {"c": 2}
