"""The layer as `sam build` makes it: files known by their hashes, the same each time, telling what it is made of."""

from __future__ import annotations

import ast
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import botocore.loaders
import pytest
from botocore.model import ServiceModel, Shape

from layers.onramp import cut, lock, operations
from replay.story import ROOT
from tests.bench.cold import msgspec_for_this_machine
from tests.bench.package import LAYER_LIMIT, zipped
from tests.bill import fault_of
from tests.patience import PATIENCE

SOURCE = ROOT / "layers" / "onramp"


def build(source: Path, target: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """What `sam build` calls for the layer."""
    return subprocess.run(
        ["make", "--silent", "build-OnrampLayer", f"ARTIFACTS_DIR={target}"],
        cwd=source,
        # The Python that runs the tests compiles, whatever else is called python3.13 here.
        env={**os.environ, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}", **variables},
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE,
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


def test_it_stays_small(built: list[Path]) -> None:
    there = [one for one in built[0].rglob("*") if one.is_file()]
    assert zipped(built[0], there) <= LAYER_LIMIT
    sources = {one.relative_to(built[0] / "python").parts[0] for one in there if one.suffix == ".py"}
    assert sources == {"onramp"}


def _imported(*files: Path) -> set[Path]:
    """The files of ours that these import, and those in turn, wherever in a file an import stands."""
    found: set[Path] = set()
    queue = list(files)
    while queue:
        for node in ast.walk(ast.parse(queue.pop().read_text())):
            names: list[str] = []
            if isinstance(node, ast.Import):
                names = [one.name for one in node.names]
            elif isinstance(node, ast.ImportFrom) and node.module:
                names = [node.module, *(f"{node.module}.{one.name}" for one in node.names)]
            for name in names:
                place = SOURCE / "python" / name.replace(".", "/")
                new = {one for one in (place.with_suffix(".py"), place / "__init__.py") if one.exists()} - found
                found |= new
                queue += new
    return found


def test_of_ours_the_layer_has_what_functions_import_and_nothing_that_the_command_alone_needs(
    built: list[Path],
) -> None:
    needed = _imported(*(ROOT / "functions").glob("*/app.py"))
    packed = {one.relative_to(built[0]) for one in built[0].glob("python/onramp/**/*.py")}
    assert {one.relative_to(SOURCE) for one in needed} - packed == set()
    spare = packed - {one.relative_to(SOURCE) for one in needed}
    assert {one for one in spare if one.name != "__init__.py"} == set(), "add it to OF_THE_COMMAND in the Makefile"


def test_what_is_built_tells_what_it_is_made_of(built: list[Path]) -> None:
    text = (built[0] / "sbom.cdx.json").read_text()
    assert fault_of(text) == ""
    components = {one["name"]: one for one in json.loads(text)["components"]}
    pinned = dict(lock.pins((SOURCE / "requirements.txt").read_text()))
    assert {name: one["version"] for name, one in components.items()} == pinned
    lain = {re.sub(r"[-_.]+", "-", name.stem.partition("-")[0]) for name in built[0].glob("python/*.dist-info")}
    assert lain == set(components)
    allowed = re.findall(r"--hash=sha256:(\w+)", (SOURCE / "requirements.txt").read_text())
    for one in components.values():
        assert one["hashes"][0]["content"] in allowed, one["name"]
    told = {name: " AND ".join(it["expression"] for it in one["licenses"]) for name, one in components.items()}
    noted = dict(re.findall(r"^  (\S+) {2,}(\S+(?: \S+)*) {2,}\S", (ROOT / "NOTICE").read_text(), flags=re.MULTILINE))
    assert told == noted, "NOTICE and the bill of materials name what ships, each under the same licence"


def test_what_is_kept_of_a_model_says_what_it_said(built: list[Path]) -> None:
    loader = botocore.loaders.Loader()
    for service, names in cut.listed(operations.LIST.read_text()).items():
        [file] = built[0].glob(f"python/botocore/data/{service}/*/service-2.json")
        assert {one.name for one in file.parent.iterdir()} <= cut.KEPT - {"service-2.json.gz"} | {file.name}
        whole, kept = (
            ServiceModel(it, service) for it in (loader.load_service_model(service, "service-2"), read(file))
        )
        assert set(kept.operation_names) == names
        assert kept.metadata == whole.metadata
        for name in names:
            before, after = whole.operation_model(name), kept.operation_model(name)
            assert (after.http, after.auth_type, after.static_context_parameters) == (
                before.http,
                before.auth_type,
                before.static_context_parameters,
            )
            assert told([before.input_shape, before.output_shape, *before.error_shapes]) == told(
                [after.input_shape, after.output_shape, *after.error_shapes]
            ), f"{service}:{name}"


def test_a_model_that_lacks_what_is_called_ends_the_build(tmp_path: Path) -> None:
    source = copied(tmp_path)
    with (source / "operations.txt").open("a") as listing:
        listing.write("sts AssumeNothing\n")
    done = build(source, tmp_path / "layer")
    assert done.returncode != 0
    assert "this botocore does not know AssumeNothing of sts" in done.stderr


def test_every_module_that_stays_is_there_with_all_that_it_imports(built: list[Path], tmp_path: Path) -> None:
    """With nothing but the layer and Python itself: what was thought unused cannot be missed later."""
    path = [str(msgspec_for_this_machine(tmp_path)), str(built[0] / "python")]
    script = f"""
import importlib, pkgutil, sys
sys.path[:0] = {path!r}
import onramp
for found in pkgutil.walk_packages(onramp.__path__, "onramp."):
    importlib.import_module(found.name)
import boto3
session = boto3.Session("key", "secret", region_name="eu-central-1")
for service, names in {cut.listed(operations.LIST.read_text())!r}.items():
    client = session.client(service)
    assert set(client.meta.service_model.operation_names) == names
    for method, name in client.meta.method_to_api_mapping.items():
        if client.can_paginate(method):
            client.get_paginator(method)
    print(service, client.meta.endpoint_url)
"""
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-B", "-c", script], capture_output=True, text=True, check=False, timeout=PATIENCE
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert "ec2 https://ec2.eu-central-1.amazonaws.com" in done.stdout
    assert "sts https://sts.eu-central-1.amazonaws.com" in done.stdout


def read(file: Path) -> Any:
    return json.loads(file.read_text())


def told(shapes: list[Shape | None]) -> dict[str, Any]:
    """All that a client makes of these shapes and of what they are made of, by name."""
    found: dict[str, Any] = {}
    todo = [shape for shape in shapes if shape is not None]
    while todo:
        shape = todo.pop()
        members: dict[str, Shape] = getattr(shape, "members", {})
        within = [*members.values(), *(it for key in ("member", "key", "value") if (it := getattr(shape, key, None)))]
        key = f"{shape.name} {json.dumps(shape.serialization, sort_keys=True)}"
        if key not in found:
            found[key] = (
                shape.type_name,
                shape.metadata,
                {name: (it.name, it.serialization) for name, it in members.items()},
                [(it.name, it.serialization) for it in within],
                getattr(shape, "enum", None),
            )
            todo += within
    return found


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
