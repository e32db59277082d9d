"""A change is put in wherever its function went, and nothing of it stays on disk; what came of it is counted."""

from functools import cache
from pathlib import Path

import pytest

from tests.mutants import __main__ as command
from tests.mutants import changes, trying
from tests.mutants.changes import Change, alike, of_kind

SOURCE = """
from functools import cache


def least(of, default=1, *, named=2):
    return (of, default, named)


@cache
def doubled(of):
    return 2 * of


class Thing:
    @property
    def size(self):
        return 3

    @staticmethod
    def made():
        return [one + 1 for one in (1, 2)]


def adder(number):
    def add(of):
        return of + number

    return add


by_name = {"least": least, "one more": adder(1)}
"""


def change(function: str, old: str, new: str) -> Change:
    begin = SOURCE.index(old)
    return Change("core", "thing.py", function, 1, begin, begin + len(old), new)


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "thing.py").write_text(SOURCE)
    for room in (changes, trying):
        monkeypatch.setattr(room, "ROOT", tmp_path)
    for room in (changes, command):
        monkeypatch.setattr(room, "KEPT", tmp_path / ".mutants", raising=False)
    monkeypatch.setattr(command, "ROOT", tmp_path)
    monkeypatch.setattr(command, "READ", ("thing.py",))
    return tmp_path


@pytest.mark.parametrize(
    ("function", "old", "new", "asked", "was", "now"),
    [
        ("least", "(of, default, named)", "(of, None, named)", "by_name['least'](0)", (0, 1, 2), (0, None, 2)),
        ("least", "default=1", "default=5", "least(0)", (0, 1, 2), (0, 5, 2)),
        ("least", "named=2", "named=6", "least(0)", (0, 1, 2), (0, 1, 6)),
        ("doubled", "2 * of", "2 / of", "doubled(4)", 8, 0.5),
        ("Thing.size", "return 3", "return 4", "Thing().size", 3, 4),
        ("adder", "of + number", "of - number", "by_name['one more'](5)", 6, 4),
        ("Thing.made", "one + 1", "one - 1", "Thing.made()", [2, 3], [0, 1]),
    ],
)
def test_a_change_is_put_in_wherever_its_function_is_held(
    project: Path, function: str, old: str, new: str, asked: str, was: object, now: object
) -> None:
    path = str(project / "thing.py")
    loaded = compile(SOURCE, path, "exec")
    names: dict[str, object] = {"__name__": "thing"}
    exec(loaded, names)  # noqa: S102
    assert eval(asked, names) == was  # noqa: S307
    code = trying.Code()
    code.loaded[path] = loaded
    code.put_in(change(function, old, new))
    kept = names["doubled"]
    assert hasattr(kept, "cache_clear")
    kept.cache_clear()
    assert eval(asked, names) == now  # noqa: S307
    assert (project / "thing.py").read_text() == SOURCE


def test_what_the_product_and_the_tests_kept_is_forgotten() -> None:
    calls: list[int] = []

    @cache
    def kept(one: int) -> int:
        calls.append(one)
        return one

    kept.__module__ = "onramp.core.kept"
    kept(1)
    trying.find_caches()
    trying.forget()
    kept(1)
    assert calls == [1, 1]


def test_a_decorator_of_a_function_is_hidden_and_moves_nothing() -> None:
    hidden = changes.DECORATED.sub(r"\1#", SOURCE)
    assert len(hidden) == len(SOURCE)
    assert [line.strip() for line in hidden.splitlines() if "#" in line] == ["#cache", "#property"]
    assert "    @staticmethod" in hidden


def test_a_draw_is_the_same_for_its_seed_and_of_each_room(project: Path) -> None:
    all_changes = [change("least", "of", f"{number}")._replace(room=room) for room in "ab" for number in range(50)]
    drawn = command.draw(all_changes, ["a", "b"], 5, 1)
    assert drawn == command.draw(all_changes, ["a", "b"], 5, 1)
    assert drawn != command.draw(all_changes, ["a", "b"], 5, 2)
    assert [one.room for one in drawn] == ["a"] * 5 + ["b"] * 5
    assert len(command.draw(all_changes, ["a"], 0, 1)) == 50


def test_what_was_tried_is_kept_until_something_changes(project: Path) -> None:
    one, other = change("Thing.size", "return 3", "return 4"), change("doubled", "2 * of", "2 / of")
    command.Verdicts().add(one, trying.NOTICED)
    assert command.Verdicts().of([one, other]) == {one: trying.NOTICED}
    (project / "thing.py").write_text(f"{SOURCE}\n")
    assert command.Verdicts().of([one, other]) == {}


def test_the_score_counts_what_runs_out_of_time_and_leaves_out_what_is_named(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(command, "KNOWN", project / "survivors.toml")
    (project / "survivors.toml").write_text('[[survivor]]\nreason = "r"\nchange = """\n-return 3\n+return 4\n"""\n')
    known, left = change("Thing.size", "return 3", "return 4"), change("doubled", "2 * of", "2 / of")
    late, seen = change("least", "default=1", "default=2"), change("least", "named=2", "named=3")
    verdicts = command.Verdicts()
    for one, verdict in (
        (known, trying.UNNOTICED),
        (left, trying.UNMET),
        (late, trying.OUT_OF_TIME),
        (seen, trying.NOTICED),
    ):
        verdicts.add(one, verdict)
    drawn = [known, left, late, seen]
    assert command.report(drawn, verdicts, ["core"], 66.0, whole=False) == 0
    said = capsys.readouterr().out
    assert "core: 66.7 of 100 (4 tried, 1 of them out of time, 1 unnoticed, 1 known)" in said
    assert "--- thing.py:11 doubled: no test meets it\n-    return 2 * of\n+    return 2 / of" in said
    assert "return 4" not in said
    assert command.report(drawn, verdicts, ["core"], 67.0, whole=False) == 1
    assert command.report([*drawn, change("least", "of", "it")], verdicts, ["core"], 0.0, whole=False) == 1


def test_changes_are_alike_however_far_they_are_indented() -> None:
    assert alike("-    return 1\n+    return 2\n") == alike("- return 1\n+ return 2")
    assert alike("- return 1\n+ return 2") != alike("- return 1\n+ return 3")


@pytest.mark.parametrize(
    ("lines", "may"),
    [
        ("-  zip(a, b, strict=True)\n+  zip(a, b, strict=None)", True),
        ("-  zip(zip(a, strict=True), strict=True)\n+  zip(zip(a, strict=True), strict=None)", True),
        ("-  zip(a, b, strict=True)\n+  zip(None, b, strict=None)", False),
        ("-  zip(a, b, strict=True)\n+  zip(b, strict=True)", False),
        ("-  zip(a, b, strict=True)\n-  of a\n+  zip(a, b, strict=None)\n+  of b", False),
    ],
)
def test_a_kind_of_change_is_one_place_of_one_line_and_nothing_else(lines: str, may: bool) -> None:
    assert of_kind(lines, [(", strict=True", ", strict=None")]) is may
