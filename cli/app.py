"""The operators' command `onramp`: what can be typed, and the exit status of each outcome."""

from __future__ import annotations

import contextlib
import io
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import msgspec
import typer
from onramp import __version__
from onramp.core.text import counted
from rich.console import Console

from cli import breaking, doctor, examples, hands, help, plan, status, topology, trace
from cli.language import LanguageOption, spoken
from cli.local import local
from cli.render import written
from cli.render.terminal import Screen, json_text, say
from localcloud.ground import machine
from localcloud.ground.journal import CallRecord, InvocationRecord, Record
from replay.source import Malformed
from replay.story import NoStory, Recorded, Story, World, find, load_events, load_story, story_names
from replay.telling import Options, Result, Telling

if TYPE_CHECKING:
    from cli.render.document import Replayed
    from localcloud.cloud import LocalCloud

DEFAULT_STORY = "walkthrough"

NOT_AS_EXPECTED = 1
WRONG_INPUT = 2

app = typer.Typer(
    name="onramp",
    help="Join services to an Amazon VPC Lattice network with one tag.",
    cls=help.Group,
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"]},
    pretty_exceptions_enable=False,
)
app.add_typer(local)
breaking.add_to(local)


def _tell_version(asked: bool) -> None:
    if asked:
        typer.echo(f"onramp {__version__}")
        raise typer.Exit


@app.callback()
def onramp(
    _version: Annotated[
        bool, typer.Option("--version", callback=_tell_version, is_eager=True, help="Print the version.")
    ] = False,
    language: LanguageOption = "",
) -> None:
    """Join services to an Amazon VPC Lattice network with one tag."""
    spoken(language)  # refuses what nobody speaks here; cli/help.py has let all else know of it


def _stories(incomplete: str) -> list[str]:
    return [name for name in story_names() if name.startswith(incomplete)]


@app.command()
def replay(
    context: typer.Context,
    what: Annotated[
        str,
        typer.Argument(
            metavar="STORY|FILE|DIR",
            help="A story, recorded events, or a folder.",
            autocompletion=_stories,
        ),
    ],
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON document (docs/schemas/replay.json).")
    ] = False,
    no_color: Annotated[bool, typer.Option("--no-color", help="No colours, even in a terminal.")] = False,
    world: Annotated[Path | None, typer.Option(help="A story.yaml whose world the recorded events happen in.")] = None,
    twice: Annotated[bool, typer.Option("--twice", help="Deliver every event twice.")] = False,
    shuffle: Annotated[
        int | None, typer.Option(metavar="SEED", help="Deliver the events in another order, which SEED chooses.")
    ] = None,
    seed: Annotated[int, typer.Option(help="The seed of ids and chances.")] = 0,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Show every hop, rule and ignored event.")] = False,
    deployed: Annotated[
        str, typer.Option(metavar="STACK", help="Send the recorded events to this deployed stack instead.")
    ] = "",
    account: Annotated[
        list[str] | None, typer.Option(metavar="OLD=NEW", help="With --deployed: another account id in the events.")
    ] = None,
    region: Annotated[str, typer.Option(help="With --deployed: the stack's region.")] = "",
    profile: Annotated[str, typer.Option(help="With --deployed: a profile of the AWS CLI.")] = "",
    timeout: Annotated[
        str, typer.Option(metavar="90s|10m|1h", help="With --deployed: how long the runs are followed.")
    ] = "10m",
    language: LanguageOption = "",
) -> None:
    """Play a story or recorded events on a local cloud; print timeline, result and picture.

    With --deployed STACK the recorded events (*.json, in order) are sent to
    that stack's queue, and the runs that they start are followed. The command
    itself changes nothing in the accounts, not even the tags that the events
    tell of; the runs do what they do after any event.

    Exit status 0: everything came out as the story says, or every run ended
    well; 1: something did not; 2: the input is wrong, or no such stack.
    """
    # Without colours there is nothing but text: no bold type and no moving line either (https://no-color.org).
    plain = False if no_color or os.environ.get("NO_COLOR") else None
    out = Screen(language=spoken(language), rehearsal=True, force_terminal=plain, soft_wrap=False)
    err = Screen(language=spoken(language), rehearsal=True, stderr=True, force_terminal=plain)
    if out.width > 100 or not out.is_terminal:
        out.width = 100
    options = Options(seed=seed, twice=twice, shuffle=shuffle)
    document: Callable[[Result], Replayed]
    try:
        if deployed:
            from cli.render.deployed import document

            _refuse(context, LOCALLY, "--{} is for the local cloud, not for --deployed")
            to = Deployed(deployed, region, profile, tuple(account or ()), timeout)
            result = _on_deployed(what, to, context.obj, None if as_json else out, err, verbose=verbose)
        else:
            from cli.render.document import document

            _refuse(context, REMOTELY, "--{} is only for --deployed")
            with machine.aside():
                result = _prepared(what, world, options)(None if as_json else out, err, verbose)
    except (Malformed, NoStory, Wrong) as wrong:
        err.print(say(err, str(wrong)), style="red", markup=False, soft_wrap=True)
        raise typer.Exit(WRONG_INPUT) from wrong
    if as_json:
        sys.stdout.write(json_text(msgspec.to_builtins(document(result))))
        for unmet in result.unmet:
            err.print(f"{unmet.where}: {say(err, unmet.reason)}", style="red", markup=False, soft_wrap=True)
    if result.unmet:
        raise typer.Exit(NOT_AS_EXPECTED)


class Wrong(Exception):
    """What was typed cannot be done; says why."""


class Deployed(NamedTuple):
    """What was typed of a deployed stack."""

    stack: str
    region: str
    profile: str
    accounts: tuple[str, ...]
    timeout: str


LOCALLY = ("world", "twice", "shuffle", "seed")
REMOTELY = ("account", "region", "profile", "timeout")


def _refuse(context: typer.Context, options: tuple[str, ...], why: str) -> None:
    """Wrong when one of these options was typed."""
    for name in options:
        source = context.get_parameter_source(name)
        if source is not None and source.name == "COMMANDLINE":
            raise Wrong(why.format(name))


def _on_deployed(what: str, to: Deployed, pace: Any, out: Console | None, err: Console, *, verbose: bool) -> Result:
    """Send and follow. `pace`: real time, unless whoever called the command brings another (a test)."""
    from cli.render.deployed import ending
    from cli.render.story import Printer
    from replay import deployed

    found = find(what)
    try:
        timeout = deployed.seconds(to.timeout)
        recorded = deployed.recorded_in(found)
        accounts = deployed.mapping(to.accounts, recorded)
        deployment = deployed.connect(to.stack, to.region, to.profile)
        printer = Printer(out, World(accounts=()), verbose=verbose) if out is not None else None
        tell = printer.tell if printer is not None else lambda _: None
        if out is not None:
            events = counted(len(recorded), "recorded event")
            out.print(say(out, f"{events} of {what} for stack {to.stack}"), style="bold", markup=False)
        watched = out if out is not None and out.is_terminal else err
        with watched.status("sending") if watched.is_terminal else contextlib.nullcontext() as status:
            progress = status.update if status is not None else lambda _: None
            name = what if found.suffix != ".yaml" else found.parent.name
            result = deployed.play(
                name, recorded, accounts, deployment, tell, progress, pace or deployed.Pace(), timeout
            )
    except (deployed.NoDeployment, deployed.WrongOption) as wrong:
        raise Wrong(str(wrong)) from wrong
    if out is not None:
        ending(out, result)
    return result


type Play = Callable[[Console | None, Console, bool], Result]


def _prepared(what: str, world: Path | None, options: Options) -> Play:
    """Everything read and checked; nothing has happened yet."""
    found = find(what)
    if found.is_dir() and (found / "story.yaml").is_file():
        found = found / "story.yaml"
    if found.suffix in (".yaml", ".yml"):
        return _of_story(load_story(found), options)
    files = sorted(file for file in found.glob("*.json") if file.is_file()) if found.is_dir() else [found]
    if not files:
        raise NoStory(f"{found} holds neither a story.yaml nor *.json; the stories are {', '.join(story_names())}")
    events = [event for file in files for event in load_events(file)]
    return _of_events(str(found), events, _story_for(found, world), options)


def _story_for(found: Path, given: Path | None) -> Story:
    """Whose world recorded events happen in: the one given, else the story beside them, else the walk-through."""
    beside = (found if found.is_dir() else found.parent) / "story.yaml"
    file = given or (beside if beside.is_file() else find(DEFAULT_STORY) / "story.yaml")
    return load_story(file)


def _of_story(story: Story, options: Options) -> Play:
    def play(out: Console | None, err: Console, verbose: bool) -> Result:
        script = story.script
        with _shown(out, err, script.world, (script.title, script.about), verbose) as (tell, hear):
            # Loaded when there is something to play, and something to read meanwhile: it takes a second or two.
            from replay.play import play_story

            result = play_story(story, options, tell, hear)
        return _ended(out, script.world, result, verbose)

    return play


def _of_events(name: str, events: list[Recorded], story: Story, options: Options) -> Play:
    def play(out: Console | None, err: Console, verbose: bool) -> Result:
        world = story.script.world
        title = say(out or err, f"{counted(len(events), 'recorded event')} of {name}")
        with _shown(out, err, world, (title, ""), verbose) as (tell, hear):
            from replay.play import play_events

            result = play_events(name, events, story, options, tell, hear)
        return _ended(out, world, result, verbose)

    return play


type Tell = Callable[[Telling], None]
type Hear = Callable[[Record, LocalCloud], None]


@contextlib.contextmanager
def _shown(
    out: Console | None, err: Console, world: World, opening: tuple[str, str], verbose: bool
) -> Iterator[tuple[Tell, Hear | None]]:
    """Where tellings go while the replay runs, and a line of progress where somebody can watch it."""
    from cli.render.story import Printer, clock

    printer = Printer(out, world, verbose=verbose) if out is not None else None
    if printer is not None:
        printer.opening(*opening, world)
    tell = printer.tell if printer is not None else lambda _: None
    # A line of progress that jumps would tear apart what another console prints on the same terminal.
    watched = out if out is not None and out.is_terminal else err
    if not watched.is_terminal:
        yield tell, None
        return
    with watched.status(say(watched, "building the world")) as status:
        calls = 0

        def hear(record: Record, cloud: LocalCloud) -> None:
            nonlocal calls
            if isinstance(record, CallRecord):
                calls += 1
            if isinstance(record, InvocationRecord) or calls % 10 == 0:
                about = getattr(record, "function", "") or getattr(record, "operation", "")
                so_far = f"{clock(cloud.clock.now)} simulated, {counted(calls, 'call')}"
                status.update(f"{say(watched, so_far)}  {about}")

        yield tell, hear


def _ended(out: Console | None, world: World, result: Result, verbose: bool) -> Result:
    if out is not None:
        from cli.render.story import Printer

        Printer(out, world, verbose=verbose).ending(result)
    return result


trace.add_to(app)
plan.add_to(app)
topology.add_to(app)
status.add_to(app)
doctor.add_to(app)
hands.add_to(app)
examples.add_to(app)
help.add_to(app)


def main() -> None:
    """The entry point of `onramp`."""
    if isinstance(sys.stderr, io.TextIOWrapper):
        sys.stderr.reconfigure(errors="replace")
    with written.to_its_end():
        app()
