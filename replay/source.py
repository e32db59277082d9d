"""Text files to typed values; whatever is wrong with one is said with its file, line and reason."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import yaml

from localcloud.ground.yaml_text import SAFE, is_too_deep

TOO_DEEP = "this is nested too deeply, or within itself"


class Malformed(Exception):
    """A file that cannot be taken as it is: `FILE:LINE: reason`."""

    def __init__(self, file: Path, line: int, reason: str) -> None:
        super().__init__(f"{file}:{line}: {reason}")
        self.file = file
        self.line = line
        self.reason = reason


class Source(NamedTuple):
    """A parsed document that still knows its lines. `first` is its first line's number in `file`."""

    file: Path
    tree: yaml.Node | None
    value: Any
    first: int = 1

    def line(self, *path: str | int) -> int:
        """The line of what `path` leads to, or of the last part of it that is there.

        A path that ends at a key which the document does not have answers the line of what should have it.
        """
        node, line = self.tree, 0
        if node is not None:
            line = node.start_mark.line
        for part in path:
            step = _step(node, part)
            if step is None:
                break
            line, node = step
        return self.first + line

    def to[T](self, kind: type[T]) -> T:
        """The document as a `kind`; Malformed says where and why it is none."""
        try:
            return msgspec.convert(self.value, kind)
        except msgspec.ValidationError as wrong:
            reason, path = _explain(str(wrong))
            raise Malformed(self.file, self.line(*path), reason) from wrong


def read(file: Path) -> str:
    """The file's text; Malformed when it cannot be read as UTF-8 text."""
    try:
        return file.read_text(encoding="utf-8-sig")  # a byte order mark is no part of the text
    except UnicodeDecodeError as wrong:
        line = wrong.object[: wrong.start].count(b"\n") + 1
        raise Malformed(file, line, "this is not UTF-8 text") from wrong
    except OSError as wrong:
        raise Malformed(file, 1, wrong.strerror or str(wrong)) from wrong


def _composed(text: str) -> yaml.Node | None:
    try:
        return yaml.compose(text, Loader=SAFE)
    except yaml.YAMLError:
        # What is wrong is told in the words of the other, wherever this runs.
        return yaml.compose(text, Loader=yaml.SafeLoader)


def parse_yaml(file: Path) -> Source:
    """The one YAML document of `file`."""
    text = read(file)
    if is_too_deep(text):
        raise Malformed(file, 1, TOO_DEEP)
    try:
        tree = _composed(text)
        _refuse_repeated_keys(file, tree)
        value = yaml.load(text, Loader=SAFE)  # noqa: S506 - one of PyYAML's two safe loaders
    except yaml.MarkedYAMLError as wrong:
        mark = wrong.problem_mark or wrong.context_mark
        reason = wrong.problem or wrong.context or "this is not YAML"
        raise Malformed(file, mark.line + 1 if mark else 1, reason) from wrong
    except yaml.YAMLError as wrong:
        raise Malformed(file, 1, " ".join(str(wrong).split())) from wrong
    except ValueError as wrong:  # a scalar that looks like a date and is none
        raise Malformed(file, 1, str(wrong)) from wrong
    except RecursionError as wrong:
        raise Malformed(file, 1, TOO_DEEP) from wrong
    return Source(file, tree, value)


def parse_json(file: Path) -> list[Source]:
    """The JSON documents of `file`: one, those of a list, or one a line."""
    text = read(file)
    try:
        _check_json(file, text, 1)
    except json.JSONDecodeError as wrong:
        lines = [line for line in text.split("\n") if line.strip()]
        # Lines that each look like a document are JSON lines; else it is one broken text.
        if len(lines) > 1 and all(line.lstrip().startswith("{") for line in lines):
            return list(_json_lines(file, text))
        raise Malformed(file, wrong.lineno, f"this is not JSON: {wrong.msg}") from wrong
    source = _with_lines(file, text, 1)
    if isinstance(source.value, list):
        return list(_elements(source))
    return [source]


def _elements(source: Source) -> Iterator[Source]:
    nodes = source.tree.value if isinstance(source.tree, yaml.SequenceNode) else [None] * len(source.value)
    for node, value in zip(nodes, source.value, strict=True):
        yield Source(source.file, node, value, source.first)


def _json_lines(file: Path, text: str) -> Iterator[Source]:
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        try:
            _check_json(file, line, number)
        except json.JSONDecodeError as wrong:
            raise Malformed(file, number, f"this is not JSON: {wrong.msg}") from wrong
        yield _with_lines(file, line, number)


def _check_json(file: Path, text: str, first: int) -> None:
    """Malformed where a JSON text says a thing twice or is nested too deeply; JSONDecodeError where it is none."""
    try:
        json.loads(text, object_pairs_hook=_no_repeats, parse_constant=_no_number)
    except _Repeated as wrong:
        line = first - 1 + _line_of_key(text, wrong.key)
        raise Malformed(file, line, f"the key {wrong.key!r} stands twice") from wrong
    except RecursionError as wrong:
        raise Malformed(file, first, TOO_DEEP) from wrong
    except json.JSONDecodeError:
        raise
    except ValueError as wrong:  # NaN, or a number of thousands of digits
        raise Malformed(file, first, f"this is not JSON: {wrong}") from wrong


def _with_lines(file: Path, text: str, first: int) -> Source:
    # JSON is YAML as well, but for tabs between tokens, which only cost us the line numbers.
    try:
        tree = _composed(text.replace("\t", " "))
    except (yaml.YAMLError, RecursionError):
        tree = None
    return Source(file, tree, json.loads(text), first)


class _Repeated(ValueError):
    def __init__(self, key: str) -> None:
        super().__init__(key)
        self.key = key


def _no_number(word: str) -> None:
    raise ValueError(f"{word} is no number")


def _no_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    seen: dict[str, Any] = {}
    for key, value in pairs:
        if key in seen:
            raise _Repeated(key)
        seen[key] = value
    return seen


def _line_of_key(text: str, key: str) -> int:
    found = [match.start() for match in re.finditer(re.escape(json.dumps(key)) + r"\s*:", text)]
    return text.count("\n", 0, found[-1]) + 1 if found else 1


def _refuse_repeated_keys(file: Path, node: yaml.Node | None) -> None:
    if isinstance(node, yaml.MappingNode):
        seen: set[str] = set()
        for key, value in node.value:
            if not isinstance(key, yaml.ScalarNode):
                raise Malformed(file, key.start_mark.line + 1, "a key is one word or text")
            if key.value in seen:
                raise Malformed(file, key.start_mark.line + 1, f"the key {key.value!r} stands twice")
            seen.add(key.value)
            _refuse_repeated_keys(file, value)
    elif isinstance(node, yaml.SequenceNode):
        for item in node.value:
            _refuse_repeated_keys(file, item)


def _step(node: yaml.Node | None, part: str | int) -> tuple[int, yaml.Node] | None:
    """The line and node of `part` within `node`, or None."""
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if key.value == part:
                return key.start_mark.line, value
    if isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
        item = node.value[part]
        return item.start_mark.line, item
    return None


_PATH = re.compile(r" - at `(?:key in )?\$(?P<path>[^`]*)`$")
_PART = re.compile(r"\.(?P<name>[A-Za-z_][\w-]*)|\[(?P<index>\d+)\]|\[\.\.\.\]")


def _explain(message: str) -> tuple[str, list[str | int]]:
    """The reason and the path of msgspec's message; an unknown field is part of the path."""
    at = _PATH.search(message)
    reason = message[: at.start()] if at else message
    path: list[str | int] = []
    for part in _PART.finditer(at["path"]) if at else ():
        if part["index"] is not None:
            path.append(int(part["index"]))
        elif part["name"] is not None:
            path.append(part["name"])
        else:
            break  # a value in a mapping with free keys: msgspec does not say under which key
    unknown = re.search(r"unknown field `([^`]+)`", reason)
    if unknown:
        path.append(unknown[1])
    place = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path).lstrip(".")
    reason = reason.removeprefix("Object ")
    reason = reason[0].lower() + reason[1:] if reason else "wrong"
    if "expected `str`, got `int`" in reason:
        reason += " (put quotes around it)"
    return (f"{place}: {reason}" if place else reason), path
