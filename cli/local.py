"""The command `onramp local`: serve an AWS on this machine, look after it while it is served, and stop it."""

from __future__ import annotations

import contextlib
import functools
import http.client
import json
import os
import queue
import select
import shlex
import signal
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Never, TextIO, cast

import msgspec
import typer
from onramp.core.text import counted
from rich.console import Console
from rich.text import Text

from cli.examples import me
from cli.language import here, rehearsal
from cli.render import local_document as shapes
from cli.render.terminal import Screen, json_text, say
from localcloud.ground import machine
from replay.source import Malformed
from replay.story import Do, Network, NoStory, Story, World, find, load_story, story_names

if TYPE_CHECKING:
    from localcloud.cloud import LocalCloud
    from replay.keeper import Stopping
    from replay.watch import Teller

PORT = 4566
"""What other local AWS emulators listen on, so that tools which know them find this one."""

SPEED, FASTEST = 10.0, 86_400.0
PATIENCE = 600.0
"""Real seconds that a served cloud may take over one word: letting a day pass is work."""

_SIGNALS = (signal.SIGINT, signal.SIGTERM)

NOT_SO = 1
WRONG_INPUT = 2

local = typer.Typer(
    name="local",
    help="An AWS on this machine, served over HTTP for any AWS client.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)

PortOption = Annotated[
    int,
    typer.Option("--port", metavar="PORT", min=0, max=65535, envvar="ONRAMP_LOCAL_PORT", help="The loopback port."),
]
_STYLE = {True: "red", False: "dim"}
"""Of a hop: does it stop the request?"""


def tell(text: str = "", style: str = "") -> None:
    out = Screen(language=here(), rehearsal=True, soft_wrap=True)
    out.print(say(out, text), style=style, markup=False)


def said(text: str) -> str:
    """A part of a line in the reader's language."""
    return text if here() == "en" else rehearsal().told(text)


def fail(text: str, status: int) -> Never:
    err = Screen(language=here(), rehearsal=True, stderr=True, soft_wrap=True)
    err.print(say(err, text), style="red", markup=False)
    raise typer.Exit(status)


# --- up ----------------------------------------------------------------------------------------------------


@local.command()
def up(
    port: PortOption = PORT,
    story: Annotated[
        str,
        typer.Option(
            metavar="STORY|FILE",
            help="Begin with this story's world and the product in it.",
            autocompletion=lambda incomplete: [name for name in story_names() if name.startswith(incomplete)],
        ),
    ] = "",
    tfstate: Annotated[
        list[Path] | None,
        typer.Option(metavar="FILE", help="Begin with what this Terraform state holds; may be given several times."),
    ] = None,
    from_profile: Annotated[
        list[str] | None,
        typer.Option(metavar="PROFILE", help="Begin with a copy of this AWS profile's account, which is only read."),
    ] = None,
    network: Annotated[
        str,
        typer.Option(metavar="NAME", help="With either: deploy the product in the copy, for this network."),
    ] = "",
    region: Annotated[str, typer.Option(help="With either: the region to read.")] = "",
    speed: Annotated[
        float, typer.Option(min=0, max=FASTEST, help="Simulated seconds per real second; 0: time stands still.")
    ] = SPEED,
    seed: Annotated[int, typer.Option(help="The seed of ids and chances.")] = 0,
    registration: Annotated[
        float | None,
        typer.Option(min=0, max=3600, metavar="SECONDS", help="How long Lattice takes until it lists a target."),
    ] = None,
    as_json: Annotated[
        bool,
        typer.Option("--json", help="Print one JSON object a line for each happening (docs/schemas: local-up.json)."),
    ] = False,
    no_color: Annotated[bool, typer.Option("--no-color", help="No colours, even in a terminal.")] = False,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Show every call, hop and ignored event.")] = False,
) -> None:
    """Serve a local AWS until Ctrl-C, SIGTERM or `onramp local down`; tell what happens in it.

    Without a story it is empty. Exit status 0: it was stopped; 2: the story or the port is wrong.
    """
    if story and (tfstate or from_profile):
        fail("--story brings a world of its own; give it, or --tfstate and --from-profile", WRONG_INPUT)
    captured = _captured(tfstate or [], from_profile or [], region, network)
    try:
        with machine.aside():
            begin = _story(story) if story else None
    except (Malformed, NoStory) as wrong:
        fail(str(wrong), WRONG_INPUT)
    if not as_json:
        # At once: what comes now takes a second or three.
        copied = "Building the copy …" if captured.accounts else "Building an empty cloud …"
        tell(f"Building the world of {begin.name} …" if begin is not None else copied, "dim")
    # Both signals are one: somebody wants it to end, also while the world is being built. It is asked for, not thrown
    # into whatever runs: Python drops what is thrown inside a destructor or a weak reference's call, of which an import
    # has many, and the cloud would be served for good. Of what threads wait for, only this queue is made to be used in
    # a signal's handler: an event's lock may be held by the very thread that the handler interrupts.
    stopping: Stopping = queue.SimpleQueue()
    before = {number: signal.signal(number, functools.partial(_stop, stopping)) for number in _SIGNALS}
    try:
        # Sparing from here on: what is imported now is never garbage.
        with machine.aside(), machine.sparing():
            whole = begin.script.world if begin is not None else captured
            if registration is not None:
                whole = msgspec.structs.replace(whole, registration_seconds=registration)
            _serve(begin, whole, port, speed, seed, stopping, as_json=as_json, no_color=no_color, verbose=verbose)
    except _Stopped:
        if as_json:
            sys.stdout.write('{"kind": "stopped"}\n')
        else:
            tell("Stopped before it was ready.")
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _story(name: str) -> Story:
    found = find(name)
    return load_story(found / "story.yaml" if found.is_dir() else found)


def _captured(states: list[Path], profiles: list[str], region: str, network: str) -> World:
    """The world that was read, and on stderr what was not; an empty one where nothing was to be read."""
    if not states and not profiles:
        if network:
            fail("--network is for --tfstate and --from-profile", WRONG_INPUT)
        return World(accounts=())
    import boto3
    from botocore.exceptions import BotoCoreError, ClientError

    from localcloud import capture

    reads: list[capture.Read] = []
    try:
        for state in states:
            try:
                reads += capture.of_state(state.read_text(encoding="utf-8"), region)
            except (OSError, UnicodeDecodeError, capture.Unreadable) as wrong:
                fail(f"{state} cannot be read: {wrong}", WRONG_INPUT)
        for profile in profiles:
            try:
                reads.append(capture.of_account(boto3.Session(profile_name=profile, region_name=region or None)))
            except (BotoCoreError, ClientError) as wrong:
                fail(f"profile {profile} cannot be read: {wrong}", WRONG_INPUT)
        found = capture.world_of(reads)
    except capture.Unreadable as wrong:
        fail(str(wrong), WRONG_INPUT)
    for line in found.unread:
        err = Screen(language=here(), rehearsal=True, stderr=True, soft_wrap=True)
        err.print(say(err, f"not read: {line}"), style="yellow", markup=False)
    accounts = [account.id for account in found.world.accounts]
    if not network:
        return World(accounts=found.world.accounts)
    parameters = {"NetworkName": network, "MemberAccounts": ",".join(accounts)}
    deployed = Network(account=accounts[0], name=network, parameters=parameters)
    return World(accounts=found.world.accounts, network=deployed, members=tuple(accounts))


def _serve(
    story: Story | None,
    world: World,
    port: int,
    speed: float,
    seed: int,
    stopping: Stopping,
    *,
    as_json: bool,
    no_color: bool,
    verbose: bool,
) -> None:
    from cli.render.served import ForMachines, ForPeople, left_out
    from localcloud.cloud import LocalCloud
    from localcloud.door.http import PortInUse, Server
    from replay.keeper import Keeper
    from replay.watch import EVERY, Watch

    with LocalCloud(seed=seed, start=float(int(time.time()))) as cloud:
        told = _outlet(left_out(lambda: cloud.clock.now, as_json=as_json))
        console = Screen(language=here(), rehearsal=True, file=told, no_color=no_color or None)
        if console.width > 100 or not console.is_terminal:
            console.width = 100
        teller: Teller = ForMachines(told) if as_json else ForPeople(console, world, verbose=verbose)
        server = Server(cloud, port=port)
        # Who comes while the world is being built waits until it stands.
        with server.lock:
            try:
                server.start()
            except PortInUse as taken:
                fail(f"{taken.strerror} ({me()} local down --port {port} stops a local cloud there)", WRONG_INPUT)
            except OSError as refused:
                fail(f"port {port} cannot be listened on: {refused.strerror}", WRONG_INPUT)
            try:
                _raise_curtain(cloud, world, stopping, copied=story is None)
            except BaseException:
                server.stop()
                raise
            about = {
                "url": server.url,
                "story": story.name if story is not None else "",
                "seed": seed,
                "speed": speed,
                "pid": os.getpid(),
            }
            watch = Watch(server, world, teller)
            server.control = Keeper(server, world, watch, about, stopping)
            watch.begin()
            if isinstance(teller, ForMachines):
                teller.write("serving", cloud.clock.now, **about)
            else:
                _welcome(console, cloud, story, world, server.url, speed, seed)
        if speed:
            server.pump(speed, EVERY)
        while True:
            with contextlib.suppress(queue.Empty):
                stopping.get(timeout=EVERY)
                break
            with server.lock:
                watch.catch_up()
        server.stop()
        watch.catch_up()
        if isinstance(teller, ForMachines):
            teller.write("stopped", cloud.clock.now)
        else:
            console.print(Text(say(console, "Stopped; the port is free, and nothing of it is left."), style="bold"))
        if told is not sys.stdout:
            told.close()


def _outlet(lost: Callable[[int], str]) -> TextIO:
    """Standard output; where that is no terminal, it serves on whether somebody reads there or not."""
    from cli.render.outlet import Outlet

    sys.stdout.flush()
    try:
        return sys.stdout if sys.stdout.isatty() else cast("TextIO", Outlet(sys.stdout.fileno(), lost))
    except OSError:  # what stands in for it in a test has no descriptor
        return sys.stdout


class _Stopped(Exception):
    """Somebody wanted it to end before it was ready."""


def _stop(stopping: Stopping, number: int, _: object) -> None:
    # A second signal ends a process that does not come to its end.
    signal.signal(number, signal.SIG_DFL)
    stopping.put(None)


def _raise_curtain(cloud: LocalCloud, world: World, stopping: Stopping, *, copied: bool) -> None:
    """Build the world and deploy the product in it. Raises _Stopped between two of its parts."""
    from botocore.exceptions import BotoCoreError, ClientError

    from localcloud import world as worlds
    from localcloud.services.cloudformation.model import StackFailed, TemplateError
    from replay.stage import deploy

    def going_on() -> bool:
        if not stopping.empty():
            raise _Stopped
        return True

    try:
        if world.accounts:
            worlds.build(cloud, world)
        if world.network is not None:
            deploy(cloud, world.network, (member for member in world.members if going_on()))
    except (worlds.Unbuildable, ClientError, BotoCoreError) as wrong:
        whose = f"the copy cannot be built: {wrong}" if copied else f"the story's world cannot be built: {wrong}"
        fail(whose, WRONG_INPUT)
    except (StackFailed, TemplateError) as wrong:
        fail(f"the product cannot be deployed in it: {wrong}", WRONG_INPUT)
    cloud.settle()
    going_on()


# --- how to use it -----------------------------------------------------------------------------------------


def _welcome(
    console: Console, cloud: LocalCloud, story: Story | None, world: World, url: str, speed: float, seed: int
) -> None:
    from cli.render.story import Printer

    def line(text: str = "", style: str = "") -> None:
        # Commands are to be copied: never broken, whatever the width.
        console.print(Text(say(console, text), style=style), soft_wrap=True)

    if story is not None:
        Printer(console, story.script.world).opening(story.script.title, story.script.about, story.script.world)
    elif world.accounts:
        parts = [
            f"{one.id} ({counted(len(one.vpcs), 'VPC')}, {counted(len(one.load_balancers), 'load balancer')})"
            for one in world.accounts
        ]
        line(f"A copy of {', '.join(parts)}.", "bold")
    else:
        line("An empty cloud: every 12-digit number is an account.", "bold")
    line()
    if speed:
        line(f"Listening on {url}, seed {seed}. Time runs {speed:g} times as fast as real time.", "bold")
    else:
        line(f"Listening on {url}, seed {seed}. Time stands still ({me()} local advance 1m).", "bold")
    line()
    account, example = _example(story)
    line("In another terminal:", "dim")
    line(f"  export AWS_ENDPOINT_URL={url} AWS_DEFAULT_REGION={cloud.region}")
    line(f"  export AWS_ACCESS_KEY_ID={account} AWS_SECRET_ACCESS_KEY=local")
    line(f"  {example}", "cyan")
    line("Another account's number as AWS_ACCESS_KEY_ID makes you its owner.", "dim")
    line(f"Stop it with Ctrl-C, or: {me()} local down --port {url.rpartition(':')[2]}", "dim")
    line()


def _example(story: Story | None) -> tuple[str, str]:
    """An account and a command that its owner may try: one of the story's own taggings, where it has one."""
    if story is None:
        return "222222222222", "aws vpc-lattice create-service-network --name my-network"
    # Where the product is not deployed, a tag does nothing.
    deeds = [entry.do for entry in story.script.script if entry.do is not None and story.script.world.network]
    for call in ("elbv2.add_tags", "ec2.create_tags"):
        for do in deeds:
            if do.call == call and not do.fails:
                return do.account, _typed(do)
    for account in story.script.world.accounts:
        if account.load_balancers:
            return account.id, "aws elbv2 describe-load-balancers"
    accounts = story.script.world.accounts
    return accounts[0].id if accounts else "222222222222", "aws ec2 describe-vpcs"


def _typed(do: Do) -> str:
    """A tagging call as one types it."""
    service, _, method = do.call.partition(".")
    on = "resource-arns" if "ResourceArns" in do.with_ else "resources"
    named = do.with_.get("ResourceArns") or do.with_.get("Resources") or []
    tags = [f"Key={tag['Key']},Value={tag.get('Value', '')}" for tag in do.with_.get("Tags", [])]
    words = ["aws", service, method.replace("_", "-"), f"--{on}", *named, "--tags", *tags]
    return shlex.join(words)


# --- to a served cloud -------------------------------------------------------------------------------------


class NoneThere(Exception):
    """Nothing listens on the port, or something that is no local cloud."""


def ask(port: int, word: str, **given: Any) -> dict[str, Any]:
    """Say `word` to the local cloud on that port and answer what it says.

    NoneThere when there is none, ValueError with its words when it cannot do so.
    """
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    try:
        connection.request("POST", f"/_local/{word}", json.dumps(given), {"Content-Type": "application/json"})
        answer = connection.getresponse()
        status, text = answer.status, answer.read()
    except ConnectionRefusedError as nobody:
        raise NoneThere(f"no local cloud runs on port {port}; start one with: {me()} local up") from nobody
    except (OSError, http.client.HTTPException) as odd:
        raise NoneThere(f"what listens on port {port} is no local cloud: {odd or type(odd).__name__}") from odd
    finally:
        connection.close()
    try:
        told: dict[str, Any] = json.loads(text)
    except ValueError as odd:
        raise NoneThere(f"what listens on port {port} is no local cloud") from odd
    if "error" in told:
        raise ValueError(told["error"])
    if status != http.client.OK:
        raise NoneThere(f"what listens on port {port} is no local cloud of this version")
    return told


def shaped(told: dict[str, Any], kind: Any) -> dict[str, Any]:
    """An answer as its schema has it (cli/render/local_document.py); NoneThere for one of another version."""
    try:
        found: dict[str, Any] = msgspec.to_builtins(msgspec.convert(told, kind))
    except msgspec.ValidationError as odd:
        raise NoneThere(f"what is served is a local cloud of another version: {odd}") from odd
    return found


@contextlib.contextmanager
def asking() -> Iterator[None]:
    """What `ask` raises in the block is told, and ends the command."""
    try:
        yield
    except NoneThere as nobody:
        fail(str(nobody), NOT_SO)
    except ValueError as wrong:
        fail(str(wrong), WRONG_INPUT)


@local.command()
def down(port: PortOption = PORT) -> None:
    """Stop the local cloud that is served on the port. Exit status 1: none is."""
    with asking():
        pid = int(ask(port, "status")["pid"])
        with _end_of(pid) as ended:
            ask(port, "stop")
            if ended(20.0):
                tell(f"The local cloud on port {port} is stopped.")
                return
    fail(f"the local cloud on port {port} was told to stop, and its process {pid} goes on", NOT_SO)


@contextlib.contextmanager
def _end_of(pid: int) -> Iterator[Callable[[float], bool]]:
    """`ended(seconds)`: does the process end within so many? Asked from before it is told to."""
    if sys.platform == "linux":
        # Readable once it has ended, also where whoever started it has not looked yet.
        try:
            handle = os.pidfd_open(pid)
        except OSError:
            yield lambda _: True
            return
        try:
            yield lambda seconds: bool(select.select([handle], [], [], seconds)[0])
        finally:
            os.close(handle)
        return

    def ended(seconds: float) -> bool:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            try:
                os.kill(pid, 0)
            except OSError:
                return True
            time.sleep(0.05)
        return False

    yield ended


@local.command()
def status(
    port: PortOption = PORT,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON document (docs/schemas: local-status.json).")
    ] = False,
) -> None:
    """Say what is served on the port. Exit status 1: nothing."""
    with asking():
        told = shaped(ask(port, "status"), shapes.Status)
    if as_json:
        sys.stdout.write(json_text(told, indent=None))
        return
    story = told["story"] or said("(empty)")
    tell(f"{told['url']}  story {story}, seed {told['seed']}, process {told['pid']}")
    tell(f"simulated time {told['time']}, {told['speed']:g} times as fast as real time")
    calls, executions = counted(told["calls"], "call"), counted(told["executions"], "execution")
    tell(f"{calls}, {executions}, {counted(told['invocations'], 'invocation')} so far")


@local.command()
def advance(
    span: Annotated[str, typer.Argument(metavar="90s|5m|1h|settled", help="How much time is to pass.")],
    port: PortOption = PORT,
) -> None:
    """Let simulated time pass at once, and all that falls due in it happen."""
    given: dict[str, Any] = {}
    if span != "settled":
        number, unit = span[:-1], {"s": 1, "m": 60, "h": 3600}.get(span[-1:])
        if unit is None or not number.isdecimal():
            fail(f"{span!r} is no time; write 90s, 5m, 1h or settled", WRONG_INPUT)
        given = {"seconds": float(number) * unit}
    with asking():
        tell(f"It is {ask(port, 'advance', **given)['time']}.")


@local.command()
def request(
    url: Annotated[
        str, typer.Argument(help="http://, https:// or tcp://HOST:PORT, by a Lattice name or a custom domain.")
    ],
    from_: Annotated[str, typer.Option("--from", metavar="IP", help="The caller's address.")],
    vpc: Annotated[str, typer.Option(help="The caller's VPC, where several have that address.")] = "",
    method: Annotated[str, typer.Option("--method", "-X", help="The HTTP method.")] = "GET",
    header: Annotated[list[str] | None, typer.Option("--header", "-H", metavar="NAME: VALUE")] = None,
    port: PortOption = PORT,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON document (docs/schemas: local-request.json).")
    ] = False,
) -> None:
    """Send a request through the served cloud's network. Exit status 1: a hop stops it."""
    headers = dict(one.partition(":")[::2] for one in header or [])
    nameless = next((one for one in header or [] if not one.partition(":")[0].strip() or ":" not in one), None)
    if nameless is not None:
        fail(f"{nameless!r} is no header; write NAME: VALUE", WRONG_INPUT)
    with asking():
        answer = ask(
            port,
            "request",
            **{"from": from_, "url": url, "vpc": vpc, "method": method},
            headers={name.strip(): value.strip() for name, value in headers.items()},
        )
        told = shaped(answer, shapes.Request)
    if as_json:
        sys.stdout.write(json_text(told, indent=None))
    else:
        for hop in told["hops"]:
            stops = hop["hop"] == told["stopped_at"]
            tell(f"✗ {hop['hop']}: {hop['because']}" if stops else f"✓ {hop['hop']}: {hop['because']}", _STYLE[stops])
        if told["stopped_at"]:
            answered = f"answered {told['status']}" if told["status"] else "no answer"
            tell(f"stopped at {told['stopped_at']}: {answered}", "bold red")
        elif told["status"]:
            tell(f"{told['status']} {told['server']}".rstrip(), "bold green")
            if told["body"]:
                tell(told["body"])
        elif url.startswith("tcp://"):
            tell("connected", "bold green")
        else:
            tell("It arrives; what is answered cannot be told.", "bold yellow")
    if told["stopped_at"]:
        raise typer.Exit(NOT_SO)


@local.command()
def quota(
    name: Annotated[str, typer.Argument(metavar="NAME|CODE", help="As in services, or L-620C821E.")] = "",
    limit: Annotated[int | None, typer.Argument(min=0, metavar="LIMIT", help="How many there may be.")] = None,
    port: PortOption = PORT,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON document (docs/schemas: local-quota.json).")
    ] = False,
) -> None:
    """List VPC Lattice's quotas, or set one in all accounts."""
    if name and limit is None:
        fail(f"say how many there may be: {me()} local quota {name} LIMIT", WRONG_INPUT)
    with asking():
        told = shaped(ask(port, "quota", **({"name": name, "limit": limit} if name else {}))["quotas"], shapes.Quotas)
    if as_json:
        sys.stdout.write(json_text(told, indent=None))
        return
    for known, it in told.items():
        if name in ("", known, it["code"]):
            tell(f"{known}: {it['limit']}  ({it['code']})")


@local.command()
def world(
    port: PortOption = PORT,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON document (docs/schemas: local-world.json).")
    ] = False,
) -> None:
    """Print what stands in the accounts: Lattice objects, sharing, security groups, tags."""
    with asking():
        told = shaped(ask(port, "world")["things"], shapes.World)
    if as_json:
        sys.stdout.write(json_text(told))
        return
    for name, what in told.items():
        tell(f"{name}: {what}" if what else name)
