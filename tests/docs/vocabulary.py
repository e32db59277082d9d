"""What the code can say to people: codes, stops, alarms and tags, read from the code itself and not from a list."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import get_args

import yaml
from onramp.core import tags, trace

ROOT = Path(__file__).parents[2]
CODE = (ROOT / "layers/onramp/python/onramp", ROOT / "functions")
SAID = re.compile(r"([a-z]+(?:-[a-z]+)+): ")
"""A message that begins with its code, as an answer does."""

CARRIER = "code"
"""The parameter or field by which everything here passes on a code."""


@cache
def _trees() -> dict[Path, ast.Module]:
    return {path: ast.parse(path.read_text()) for top in CODE for path in sorted(top.rglob("*.py"))}


def _constants() -> dict[str, str]:
    """Every module's names for texts, as DELETION_LIMIT = "deletion-limit"."""
    found: dict[str, str] = {}
    for tree in _trees().values():
        for node in tree.body:
            if isinstance(node, ast.Assign | ast.AnnAssign) and isinstance(node.value, ast.Constant):
                targets = node.targets if isinstance(node, ast.Assign) else [node.target]
                if isinstance(node.value.value, str):
                    found |= {target.id: node.value.value for target in targets if isinstance(target, ast.Name)}
    return found


def _carriers() -> dict[str, int | None]:
    """Callable's name -> at which position it takes a code; None: by keyword only."""
    found: dict[str, int | None] = {}
    for tree in _trees().values():
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef):
                names = [argument.arg for argument in node.args.args]
                if CARRIER in names:
                    found[node.name] = names.index(CARRIER)
                elif CARRIER in [argument.arg for argument in node.args.kwonlyargs]:
                    found[node.name] = None
            elif isinstance(node, ast.ClassDef):
                fields = [
                    it.target.id
                    for it in node.body
                    if isinstance(it, ast.AnnAssign) and isinstance(it.target, ast.Name)
                ]
                made = next((it for it in node.body if isinstance(it, ast.FunctionDef) and it.name == "__init__"), None)
                if made is not None and CARRIER in (names := [argument.arg for argument in made.args.args]):
                    found[node.name] = names.index(CARRIER) - 1
                elif CARRIER in fields:
                    found[node.name] = fields.index(CARRIER)
    # A class's __init__ is not called by that name.
    found.pop("__init__", None)
    return found


def _given(call: ast.Call, carriers: dict[str, int | None]) -> ast.expr | None:
    """What a call hands over as the code, if it hands over one."""
    name = (
        call.func.id
        if isinstance(call.func, ast.Name)
        else call.func.attr
        if isinstance(call.func, ast.Attribute)
        else ""
    )
    if name not in carriers:
        return None
    for keyword in call.keywords:
        if keyword.arg == CARRIER:
            return keyword.value
    position = carriers[name]
    return call.args[position] if position is not None and position < len(call.args) else None


def _texts(value: ast.expr, constants: dict[str, str]) -> Iterator[str]:
    """The texts that an expression can be; ValueError for one that cannot be told from the code."""
    match value:
        case ast.Constant(value=""):
            return  # nothing is said
        case ast.Constant(value=str() as text):
            yield text
        case ast.Name(id=name) if name in constants:
            yield constants[name]
        case ast.IfExp(body=first, orelse=second):
            yield from _texts(first, constants)
            yield from _texts(second, constants)
        case ast.Name() | ast.Attribute(attr="code"):
            return  # handed on: it was made elsewhere, and is found there
        case _:
            raise ValueError(f"line {value.lineno}: {ast.unparse(value)!r} is no code that can be read from the text")


def codes() -> dict[str, str]:
    """Every code that a team or infra can be told -> the file that says it."""
    carriers, constants = _carriers(), _constants()
    found: dict[str, str] = {}
    for path, tree in _trees().items():
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and (begins := SAID.match(node.value)):
                found[begins[1]] = str(path.relative_to(ROOT))
            if isinstance(node, ast.Call) and (value := _given(node, carriers)) is not None:
                found |= {text: str(path.relative_to(ROOT)) for text in _texts(value, constants)}
    return found


def stops() -> tuple[str, ...]:
    """The hops of a request's way, each of which can stop it."""
    return get_args(trace.HopName.__value__)


def alarms() -> dict[str, str]:
    """Each alarm's name after that of its network -> its template."""
    found = {}
    for template in ("template.yaml", "member.yaml"):
        for resource in parsed(template)["Resources"].values():
            if resource["Type"] == "AWS::CloudWatch::Alarm":
                found[resource["Properties"]["AlarmName"].rpartition("${NetworkName}")[2].lstrip("-")] = template
    return found


def team_tags() -> dict[str, frozenset[str]]:
    """What teams write, after the prefix: on a load balancer, on a VPC, on a service of their own."""
    return {"load balancer": tags.LOAD_BALANCER_KEYS, "VPC": tags.VPC_KEYS, "service": tags.EXISTING_KEYS}


class _Loader(yaml.SafeLoader):
    """A template as data; of CloudFormation's short functions only the argument matters here."""


def _short(loader: yaml.SafeLoader, _: str, node: yaml.Node) -> object:
    if isinstance(node, yaml.ScalarNode):
        return loader.construct_scalar(node)
    if isinstance(node, yaml.SequenceNode):
        return loader.construct_sequence(node, deep=True)
    assert isinstance(node, yaml.MappingNode)
    return loader.construct_mapping(node, deep=True)


_Loader.add_multi_constructor("!", _short)


@cache
def parsed(template: str) -> dict[str, dict[str, dict[str, dict[str, str]]]]:
    """A template of the root, as far as it is sections of named things."""
    found: dict[str, dict[str, dict[str, dict[str, str]]]] = yaml.load((ROOT / template).read_text(), _Loader)  # noqa: S506
    return found
