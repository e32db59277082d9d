"""End to end on MiniStack and the SAM CLI, tools of their own: these tests run only when asked for, by `-m e2e`."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

import deployed
import newcomer
import pytest
import typed


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "e2e: starts MiniStack and deploys to it; minutes, not seconds")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    here = [item for item in items if item.path.parent == Path(__file__).parent]
    for item in here:
        item.add_marker(pytest.mark.e2e)
    # The longest begin first, so that no worker is left with one at the end.
    items.sort(key=lambda item: not item.path.name.startswith(("test_newcomer", "test_release_on")))
    if here and "e2e" not in config.option.markexpr:
        items[:] = [item for item in items if item not in here]
        config.hook.pytest_deselected(items=here)


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of what `sam build` made, once for all workers; nobody changes it."""
    own = tmp_path_factory.getbasetemp()
    folder = (own.parent if "PYTEST_XDIST_WORKER" in os.environ else own) / "sam"
    folder.mkdir(exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "done").exists():
            deployed.build(folder)
            (folder / "done").touch()
    return folder / "build"


@pytest.fixture(scope="session")
def page() -> newcomer.Page:
    return newcomer.page()


@pytest.fixture
def clone(tmp_path: Path) -> typed.Clone:
    """What a newcomer begins with."""
    return typed.clone(tmp_path / "cloned")
