"""Commands within a sentence, which no test types: each calls what there is, with options that this takes."""

import re
from functools import cache
from typing import Any

import botocore.session
import pytest
import typer
from botocore import xform_name
from test_links import FENCE, pages

from cli.app import app

INLINE = re.compile(r"`((?:aws|onramp) [^`]+)`")
OPTION = re.compile(r"--[a-z][a-z-]*")
OF_EVERY_CALL = {"--profile", "--query", "--output", "--region", "--endpoint-url"}
OF_THE_CLI = {("cloudformation", "deploy"), ("cloudformation", "package")}
"""What the AWS CLI has beyond the operations; other tests type it."""


def commands() -> list[tuple[str, list[str]]]:
    """Page and words of each."""
    found = [(page.name, one.split()) for page in pages() for one in INLINE.findall(FENCE.sub("", page.read_text()))]
    return [(page, words) for page, words in found if words[1] not in ("configure", "s3")]


@cache
def operations(service: str) -> dict[str, set[str]]:
    """Each operation of a service with its options, as the AWS CLI spells them; nothing for what is none."""
    try:
        model = botocore.session.get_session().get_service_model(service)
    except botocore.exceptions.UnknownServiceError:
        return {}
    shapes = {xform_name(it, "-"): model.operation_model(it).input_shape for it in model.operation_names}
    return {
        name: {f"--{xform_name(it, '-')}" for it in (shape.members if shape else ())} for name, shape in shapes.items()
    }


def wrong_of_aws(words: list[str]) -> bool:
    service, operation = words[1], [*words, ""][2]
    if (service, operation) in OF_THE_CLI:
        return False
    known = operations(service).get(operation)
    given = {f"--{it[5:]}" if it.startswith("--no-") else it for it in OPTION.findall(" ".join(words))}
    return known is None or bool(given - known - OF_EVERY_CALL)


@cache
def ours() -> Any:
    return typer.main.get_command(app)


def wrong_of_ours(words: list[str]) -> bool:
    command = ours()
    known = {one for it in command.params for one in it.opts}
    for word in words[1:]:
        if hasattr(command, "commands") and re.fullmatch("[a-z]+", word):
            if word not in command.commands:
                return True
            command = command.commands[word]
            known |= {one for it in command.params for one in it.opts} | {"--help"}
    return bool(set(OPTION.findall(" ".join(words))) - known)


def test_each_calls_what_there_is() -> None:
    found = commands()
    assert len(found) > 100
    wrong = {"aws": wrong_of_aws, "onramp": wrong_of_ours}
    assert [(page, " ".join(words)) for page, words in found if wrong[words[0]](words)] == []


@pytest.mark.parametrize(
    "typed",
    ["aws sqs list-queue", "aws lattice list-rules", "aws sqs list-queues --prefix x", "aws sqs"],
)
def test_what_aws_has_not_is_found(typed: str) -> None:
    assert wrong_of_aws(typed.split())


@pytest.mark.parametrize("typed", ["onramp state", "onramp local stop", "onramp look --account-id 1"])
def test_what_our_command_has_not_is_found(typed: str) -> None:
    assert wrong_of_ours(typed.split())
