"""Whatever a command prints with `--json` has a schema in docs/schemas, which its help names."""

import json
import re
from pathlib import Path
from typing import Any

import msgspec
import pytest
import typer

from cli.app import app
from cli.examples import commands
from cli.render import local_document
from cli.render.document import Replayed
from cli.render.terminal import json_text

SCHEMAS = Path(__file__).parents[2] / "docs" / "schemas"
KINDS: dict[str, Any] = {
    "replay": Replayed,
    "local-up": local_document.Line,
    "local-status": local_document.Status,
    "local-request": local_document.Request,
    "local-quota": local_document.Quotas,
    "local-world": local_document.World,
    "local-deliver": local_document.Delivery,
    "local-faults": local_document.Faults,
}
"""Those of the rehearsal; the others stand in the tests of their commands."""


def named() -> dict[str, list[str]]:
    """Command -> the schemas that the help of its `--json` names."""
    found = {}
    root = typer.main.get_command(app)
    for path, _ in commands(app):
        command: Any = root
        for word in path.split():
            command = command.commands[word]
        for option in command.params:
            if "--json" in option.opts:
                found[path] = re.findall(r"([\w-]+)\.json", option.help)
    return found


def test_each_command_names_the_schemas_of_its_documents_and_they_are_there() -> None:
    told = named()
    assert len(told) > 15
    assert [path for path, schemas in told.items() if not schemas] == []
    assert {one for schemas in told.values() for one in schemas} == {one.stem for one in SCHEMAS.glob("*.json")}


@pytest.mark.parametrize("name", KINDS)
def test_the_schema_is_that_of_what_is_printed(name: str) -> None:
    schema = json.loads(json.dumps(msgspec.json.schema(KINDS[name])))
    assert json.loads((SCHEMAS / f"{name}.json").read_text()) == schema


def test_a_document_has_no_field_that_its_schema_does_not_tell() -> None:
    with pytest.raises(msgspec.ValidationError, match="unknown field"):
        msgspec.json.decode(
            json_text({"duplicate": 0, "delay": 0, "reorder": False, "drop": 0, "x": 1}), type=local_document.Delivery
        )
