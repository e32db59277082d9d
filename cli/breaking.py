"""The commands `onramp local fault …`, `faults` and `deliver`: let things go wrong in a served cloud."""

from __future__ import annotations

import sys
from typing import Annotated, Any, Literal

import typer

from cli.local import PORT, PortOption, ask, asking, said, shaped, tell
from cli.render import local_document as shapes
from cli.render.terminal import json_text

fault = typer.Typer(
    name="fault",
    help="Let something go wrong, once or as often as --times says: calls, functions, or what is being made.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)

ServiceOption = Annotated[str, typer.Option("--service", help="By botocore's name, as in vpc-lattice; * for any.")]
OperationOption = Annotated[
    str, typer.Option("--operation", help="As in CreateService; Create* for all that begin so.")
]
AccountOption = Annotated[str, typer.Option("--account", help="The caller's account.")]
RoleOption = Annotated[str, typer.Option("--role", help="The caller's role, by name.")]
SkipOption = Annotated[int, typer.Option("--skip", min=0, help="So many calls that fit pass first.")]
TimesOption = Annotated[int, typer.Option("--times", min=0, help="So often; 0: each time from then on.")]
ChanceOption = Annotated[float, typer.Option("--chance", min=0, max=1, help="Of each call that fits, by the seed.")]
FunctionOption = Annotated[str, typer.Option("--function", help="Its name, or the last word of it, as in plan.")]
AtCallOption = Annotated[int, typer.Option("--at-call", min=0, help="After so many AWS calls took effect; 0: at once.")]

_CALLS = {
    "throttle": "Calls get the service's throttling error, and nothing takes effect.",
    "refuse": "Calls get the service's access-denied error.",
    "500": "Calls get the service's internal error, and nothing takes effect.",
    "lost": "Calls take effect, and the connection breaks before the answer comes.",
}
_FUNCTIONS: dict[Literal["die", "timeout"], str] = {
    "die": "A function's process goes away in the middle of its work.",
    "timeout": "A function is cut off in the middle of its work, as Lambda does when its time is up.",
}


def add_to(local: typer.Typer) -> None:
    local.add_typer(fault)
    local.command()(faults)
    local.command()(deliver)


# --- calls -------------------------------------------------------------------------------------------------


def _add_calls(kind: str, about: str) -> None:
    @fault.command(kind, help=f"{about} Chosen by service, operation, caller, count and chance.")
    def break_calls(
        service: ServiceOption = "*",
        operation: OperationOption = "*",
        account: AccountOption = "*",
        role: RoleOption = "*",
        skip: SkipOption = 0,
        times: TimesOption = 1,
        chance: ChanceOption = 1.0,
        port: PortOption = PORT,
    ) -> None:
        chosen = {"service": service, "operation": operation, "account": account, "role": role}
        _break_calls(port, fault=kind, **chosen, skip=skip, times=times or None, chance=chance)


for _kind, _about in _CALLS.items():
    _add_calls(_kind, _about)


@fault.command()
def delay(
    seconds: Annotated[float, typer.Option(min=0, help="So much time passes first, with all that falls due.")] = 5.0,
    service: ServiceOption = "*",
    operation: OperationOption = "*",
    account: AccountOption = "*",
    role: RoleOption = "*",
    skip: SkipOption = 0,
    times: TimesOption = 1,
    chance: ChanceOption = 1.0,
    port: PortOption = PORT,
) -> None:
    """Calls take effect late. Chosen by service, operation, caller, count and chance."""
    chosen = {"service": service, "operation": operation, "account": account, "role": role}
    _break_calls(port, fault="delay", **chosen, skip=skip, times=times or None, chance=chance, seconds=seconds)


def _break_calls(port: int, **given: Any) -> None:
    with asking():
        seed = ask(port, "fault", **given)["seed"]
    by_chance = said(f", each by a chance of {given['chance']:g} (seed {seed})") if given["chance"] < 1 else ""
    tell(f"{given['fault']}: {given['service']}:{given['operation']}, {_often(given['times'])}{by_chance}")


# --- functions ---------------------------------------------------------------------------------------------


def _add_functions(kind: Literal["die", "timeout"], about: str) -> None:
    @fault.command(kind, help=f"{about}")
    def break_function(
        function: FunctionOption,
        at_call: AtCallOption = 0,
        times: TimesOption = 1,
        port: PortOption = PORT,
    ) -> None:
        with asking():
            told = ask(port, "function-fault", fault=kind, function=function, at_call=at_call, times=times or None)
        when = said(f"after its call {at_call}" if at_call else "before its first line")
        tell(f"{kind}: {', '.join(told['functions'])} {when}, {_often(times)}")


for _end, _about in _FUNCTIONS.items():
    _add_functions(_end, _about)


# --- what is being made ------------------------------------------------------------------------------------


@fault.command()
def failed(
    of: Annotated[
        Literal["service", "target-group", "service-association", "vpc-association", "share-association"],
        typer.Option(),
    ],
    phase: Annotated[Literal["create", "update", "delete"], typer.Option(help="In what it fails.")] = "create",
    code: Annotated[str, typer.Option(help="Lattice's failureCode.")] = "Failed",
    message: Annotated[str, typer.Option(help="Its failureMessage, RAM's statusMessage.")] = "It failed on request.",
    entity: Annotated[str, typer.Option(help="The principal or ARN whose association with a share fails.")] = "",
    port: PortOption = PORT,
) -> None:
    """The next one that is created, updated or deleted ends in CREATE_FAILED, UPDATE_FAILED or DELETE_FAILED.

    A share-association (of RAM) ends in FAILED; it needs --entity.
    """
    with asking():
        ask(port, "failure", of=of, phase=phase, code=code, message=message, entity=entity)
    tell(f"failed: the next {of} {f'of {entity} ' if entity else ''}to {phase}")


# --- events ------------------------------------------------------------------------------------------------


def deliver(
    duplicate: Annotated[
        float, typer.Option(min=0, max=1, metavar="CHANCE", help="That a target gets an event twice; 1: always.")
    ] = 0.0,
    delay: Annotated[float, typer.Option(min=0, metavar="SECONDS", help="So much later comes each delivery.")] = 0.0,
    reorder: Annotated[bool, typer.Option("--reorder", help="Each takes up to 30 s more, by chance.")] = False,
    drop: Annotated[
        float, typer.Option(min=0, max=1, metavar="CHANCE", help="That an event of an AWS service is lost; 1: always.")
    ] = 0.0,
    port: PortOption = PORT,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON document (docs/schemas: local-deliver.json).")
    ] = False,
) -> None:
    """Say how events are delivered from now on: twice, late, in any order, or not at all. Without options: as usual.

    Chances are decided by the seed. What a program puts by PutEvents is never
    dropped, as on AWS.
    """
    with asking():
        answer = ask(port, "deliver", duplicate=duplicate, delay=delay, reorder=reorder, drop=drop)
        told = shaped(answer, shapes.Delivery)
    if as_json:
        sys.stdout.write(json_text(told, indent=None))
    else:
        tell(f"events: {_delivered(told) or said('delivered as usual')}")


# --- what is set -------------------------------------------------------------------------------------------


def faults(
    clear: Annotated[bool, typer.Option("--clear", help="Take all of it back, deliveries too.")] = False,
    port: PortOption = PORT,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON document (docs/schemas: local-faults.json).")
    ] = False,
) -> None:
    """List what was made to go wrong and how often it struck, or take all of it back."""
    with asking():
        told = shaped(ask(port, "clear" if clear else "faults"), shapes.Faults)
    if as_json:
        sys.stdout.write(json_text(told, indent=None))
        return
    lines = [*map(_call, told["calls"]), *map(_function, told["functions"]), *map(_failure, told["failures"])]
    disturbed = _delivered(told["delivery"])
    for line in [*lines, *([said(f"events: {disturbed}")] if disturbed else [])] or [
        said("Nothing is set to go wrong.")
    ]:
        tell(line)


def _often(times: int | None) -> str:
    if not times:
        return said("from now on")
    return said("once") if times == 1 else said(f"{times} times")


def _call(one: dict[str, Any]) -> str:
    parts = [
        f"{one['kind']}: {one['service']}:{one['operation']}",
        f"{said('of')} {one['account']}" if one["account"] != "*" else "",
        f"{said('as')} {one['role']}" if one["role"] != "*" else "",
        f"{said('by')} {one['seconds']:g}s" if one["kind"] == "delay" else "",
        said(f"after {one['skip']}") if one["skip"] else "",
        said(f"by a chance of {one['chance']:g}") if one["chance"] < 1 else "",
    ]
    return f"{' '.join(part for part in parts if part)}, {_struck(one)}"


def _function(one: dict[str, Any]) -> str:
    return f"{one['kind']}: {one['function']} {said(f'at call {one["at_call"]}')}, {_struck(one)}"


def _failure(one: dict[str, Any]) -> str:
    whose = f"of {one['entity']} " if one["entity"] else ""
    return said(f"failed: the next {one['of']} {whose}to {one['phase']}: {one['message']}")


def _struck(one: dict[str, Any]) -> str:
    return said(f"struck {one['struck']} of {one['times']}" if one["times"] else f"struck {one['struck']} so far")


def _delivered(told: dict[str, Any]) -> str:
    """How events are delivered; '' when as usual."""
    parts = [
        said(f"delivered twice by a chance of {told['duplicate']:g}") if told["duplicate"] else "",
        said(f"{told['delay']:g}s late") if told["delay"] else "",
        said("in any order") if told["reorder"] else "",
        said(f"those of AWS services lost by a chance of {told['drop']:g}") if told["drop"] else "",
    ]
    return ", ".join(part for part in parts if part)
