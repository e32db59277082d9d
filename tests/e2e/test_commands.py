"""The other commands of the documentation, as typed; and none of them is forgotten."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import deployed
import pytest
import typed
from deployed import ROOT
from newcomer import (
    BACK,
    BEFORE,
    CHANGE,
    CLIENT,
    DEMANDED,
    END,
    EXISTING,
    KEY,
    MEMBERS,
    NETWORK_ACCOUNT,
    ORGANISATION,
    REHEARSE,
    REMOVE,
    SEE,
    UPGRADE,
    Page,
)
from typed import Terminal

from cli.local import NoneThere, ask

TRIED, SHOWN, TOOLS, OPTED_IN, DEPLOYED = (
    "Try it: two commands",
    "What `make demo` needs and shows",
    "With your own AWS tools",
    "Opt in (service teams)",
    "Deploy (infra)",
)
LOCALLY, ARCHIVED, SENT = (
    "On the local cloud",
    "From the archive, by EventBridge",
    "Recorded events against a deployed stack",
)


def test_every_block_of_commands_is_typed_somewhere(page: Page) -> None:
    readme = Counter(block.title for block in typed.blocks("README.md"))
    # Opting in and deploying: test_walkthrough_on_ministack.py; so are replays of a deployment.
    assert readme == {TRIED: 1, SHOWN: 1, OPTED_IN: 2, DEPLOYED: 2}
    assert [block.title for block in typed.blocks("README.md", "console")] == [TOOLS, TOOLS]
    assert [block.title for block in typed.blocks("docs/replay.md")] == [LOCALLY, ARCHIVED, SENT]
    # docs/deploy.md: the newcomers' ways.
    way = [BEFORE, REHEARSE, NETWORK_ACCOUNT, MEMBERS, SEE, CLIENT, CHANGE, UPGRADE, BACK, REMOVE, END]
    assert list(page) == [*way, ORGANISATION, EXISTING, DEMANDED, KEY]


@pytest.fixture
def port() -> int:
    return deployed.free_port()


@pytest.fixture
def shell(tmp_path: Path, port: int) -> Iterator[Terminal]:
    with typed.terminal(tmp_path, ROOT, {"ONRAMP_LOCAL_PORT": str(port)}) as shell:
        yield shell


def test_what_the_readme_says_to_try(shell: Terminal) -> None:
    made, replays = (block for block in typed.blocks("README.md") if block.title in (TRIED, SHOWN))
    demo, check = made.text.splitlines()
    assert check.startswith("make check ")  # which is a part of what runs this
    told = shell.type(demo)
    assert "✓ 200 from nginx" in told
    assert "Nothing is left over" in told
    shell.type(replays)


def test_local_replays(tmp_path: Path) -> None:
    [block] = [block for block in typed.blocks("docs/replay.md") if block.title == LOCALLY]
    cloned = typed.clone(tmp_path / "cloned").folder
    (cloned / "my-events").mkdir()
    (cloned / "my-events" / "tagged.json").write_text((cloned / "events/walkthrough/02-alb-tagged.json").read_text())
    with typed.terminal(tmp_path, cloned, {}) as shell:
        last = shell.type(block.text.splitlines()[-1])
        assert json.loads(last)["events"][0]["file"] == "tagged.json"
        shell.type("\n".join(block.text.splitlines()[:-1]))


def test_the_readme_s_session_with_ones_own_tools(shell: Terminal, port: int) -> None:
    """Two terminals, here one; and a port that is free."""
    serving, session = typed.blocks("README.md", "console")
    shell.type(f"{commands(serving.text)} >/dev/null &")
    shell.type("until .venv/bin/onramp local status 2>/dev/null; do sleep 1; done")
    told = shell.type(commands(session.text).replace("4566", str(port)))
    assert "lattice-onramp:status\tconnected" in told
    with pytest.raises(NoneThere):
        ask(port, "status")


def commands(console: str) -> str:
    """What is typed in a session: what stands after the prompts."""
    return "\n".join(line.removeprefix("$ ") for line in console.splitlines() if line.startswith("$ "))
