"""The layer as `sam build` makes it: files known by their hashes, the same each time, telling what it is made of."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from layers.onramp import lock
from replay.story import ROOT

SOURCE = ROOT / "layers" / "onramp"


def build(source: Path, target: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """What `sam build` calls for the layer."""
    return subprocess.run(
        ["make", "--silent", "build-OnrampLayer", f"ARTIFACTS_DIR={target}"],
        cwd=source,
        env={**os.environ, **variables},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )


def copied(folder: Path) -> Path:
    target = folder / "sources"
    shutil.copytree(SOURCE, target, ignore=shutil.ignore_patterns("__pycache__"))
    return target


def digests(folder: Path) -> dict[str, str]:
    files = sorted(file for file in folder.rglob("*") if file.is_file())
    return {str(file.relative_to(folder)): hashlib.sha256(file.read_bytes()).hexdigest() for file in files}


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Two builds of the same sources, by two people in two places."""
    people = (
        {"LC_ALL": "C", "TZ": "Asia/Tokyo", "PYTHONHASHSEED": "7"},
        {"LC_ALL": "C.UTF-8", "TZ": "America/Lima", "PYTHONHASHSEED": "23", "SOURCE_DATE_EPOCH": "1"},
    )
    found = []
    for number, who in enumerate(people):
        folder = tmp_path_factory.mktemp(f"build-{number}")
        done = build(copied(folder), folder / "layer", **who)
        assert done.returncode == 0, done.stderr[-2000:]
        found.append(folder / "layer")
    return found


def test_two_builds_are_the_same(built: list[Path]) -> None:
    first, second = map(digests, built)
    assert len(first) > 300
    assert first == second


def test_what_is_built_tells_what_it_is_made_of(built: list[Path]) -> None:
    text = (built[0] / "sbom.cdx.json").read_text()
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(text) is None
    components = {one["name"]: one for one in json.loads(text)["components"]}
    pinned = dict(lock.pins((SOURCE / "requirements.txt").read_text()))
    assert {name: one["version"] for name, one in components.items()} == pinned
    lain = {re.sub(r"[-_.]+", "-", name.stem.partition("-")[0]) for name in built[0].glob("python/*.dist-info")}
    assert lain == set(components)
    allowed = re.findall(r"--hash=sha256:(\w+)", (SOURCE / "requirements.txt").read_text())
    for one in components.values():
        assert one["hashes"][0]["content"] in allowed, one["name"]
        assert one["licenses"], one["name"]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (r"(six==.* \\\n    --hash=sha256:)\w{64}", rf"\g<1>{'0' * 64}", "DO NOT MATCH THE HASHES"),
        (r"(six==[\w.]+) \\\n    --hash=sha256:\w{64}", r"\1", "require"),
    ],
    ids=["another file", "no hash"],
)
def test_a_file_that_is_not_the_locked_one_ends_the_build(tmp_path: Path, old: str, new: str, said: str) -> None:
    source = copied(tmp_path)
    file = source / "requirements.txt"
    text, changed = re.subn(old, new, file.read_text())
    assert changed == 1
    file.write_text(text)
    done = build(source, tmp_path / "layer")
    assert done.returncode != 0
    assert said in done.stderr
    assert not (tmp_path / "layer" / "sbom.cdx.json").exists()


def test_a_package_without_a_file_for_the_functions_platform_is_not_locked() -> None:
    wheel = {"url": "https://example.com/msgspec-1.0-cp313-cp313-win_amd64.whl", "hash": "sha256:00"}
    packages = [
        {"name": name, "version": "1.0", "wheels": [{**wheel, "url": "https://example.com/a-1.0-py3-none-any.whl"}]}
        for name in lock.ROOTS
        if name != "msgspec"
    ]
    with pytest.raises(ValueError, match="msgspec has no wheel"):
        lock.requirements({"package": [*packages, {"name": "msgspec", "version": "1.0", "wheels": [wheel]}]})
