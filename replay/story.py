"""What a story is: a world, a script of what people and AWS do in it, and what must come out."""

import difflib
import functools
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, Literal, get_args

import msgspec
from onramp.core.tags import DEFAULT_PREFIX
from onramp.core.trace import HopName

from localcloud.ground import hops
from localcloud.world import AccountId, Part
from localcloud.world import World as Accounts
from replay.chronicle import Audience
from replay.source import Malformed, Source, parse_json, parse_yaml

HERE = Path(__file__).parent
# A clone holds what is deployed and the stories beside this room; a wheel brings them in it.
ROOT = HERE.parent if (HERE.parent / "template.yaml").is_file() else HERE / "product"
STORIES = ROOT / "events"

HOPS: tuple[str, ...] = tuple(dict.fromkeys((*get_args(HopName.__value__), *hops.HOPS)))

type Duration = Annotated[str, msgspec.Meta(pattern=r"^(settled|[0-9]+(s|m|h))$")]


class Network(Part, frozen=True):
    """One deployment of the product: `parameters` are template.yaml's, by the names that it gives them.

    `member_parameters` are member.yaml's where they are not outputs of the network's stack. `tags` are the stacks' own,
    as `sam deploy --tags` gives them.
    """

    account: AccountId
    name: str
    parameters: dict[str, str] = msgspec.field(default_factory=dict)
    member_parameters: dict[str, str] = msgspec.field(default_factory=dict)
    tags: dict[str, str] = msgspec.field(default_factory=dict)

    @property
    def prefix(self) -> str:
        """What the teams' tag keys begin with."""
        return self.parameters.get("TagPrefix", DEFAULT_PREFIX)


class World(Accounts, frozen=True):
    """The accounts, and in them the product: without a `network` nothing of it is deployed."""

    network: Network | None = None
    members: tuple[AccountId, ...] = ()

    @property
    def audience(self) -> Audience:
        """Who hears the events that happen here."""
        if self.network is None:
            return Audience("", DEFAULT_PREFIX, ())
        return Audience(self.network.name, self.network.prefix, self.members)


class Do(Part, frozen=True, rename={"with_": "with"}):
    """A person's AWS call. `rings` is the file of the event that it must ring, `fails` the error it must meet."""

    account: AccountId
    call: Annotated[str, msgspec.Meta(pattern=r"^[a-z0-9-]+\.[a-z0-9_]+$")]
    with_: dict[str, Any] = msgspec.field(default_factory=dict)
    who: str = ""
    rings: str = ""
    fails: str = ""


class Answer(Part, frozen=True):
    """What a request must come to: an answer, the hop that stops it, or both where the stop has a status."""

    status: int | None = None
    server: str | None = None
    body: str | None = None
    stopped_at: str | None = None

    def __post_init__(self) -> None:
        if self.stopped_at is not None and self.stopped_at not in HOPS:
            raise ValueError(f"no hop is called {self.stopped_at!r}; the hops are {', '.join(HOPS)}")


class Request(Part, frozen=True, rename={"from_": "from"}):
    """`to` is the name of a service, or a URL in which `${service NAME}` stands for its domain name.

    `vpc` (an id) decides where several accounts use the same addresses.
    """

    from_: str
    to: str
    vpc: str = ""
    method: str = "GET"
    headers: dict[str, str] = msgspec.field(default_factory=dict)
    expect: Answer | None = None


class Until(Part, frozen=True):
    """Something that comes true in time: a service with that status that listens, or an account's invitation."""

    service: str = ""
    status: str = "ACTIVE"
    invitation: AccountId | None = None
    within: Annotated[str, msgspec.Meta(pattern=r"^[0-9]+(s|m|h)$")] = "1h"

    def __post_init__(self) -> None:
        if bool(self.service) == bool(self.invitation):
            raise ValueError("until wants either a service or an invitation")


class UntilWait(Part, frozen=True):
    until: Until


class Entry(Part, frozen=True):
    """One line of the script; exactly one of these."""

    chapter: str | None = None
    do: Do | None = None
    event: str | None = None
    request: Request | None = None
    wait: Duration | UntilWait | None = None
    sweep: AccountId | None = None
    remember: Literal["world"] | None = None
    picture: str | None = None

    def __post_init__(self) -> None:
        given = [name for name in self.__struct_fields__ if getattr(self, name) is not None]
        if len(given) != 1:
            what = " and ".join(given) if given else "none"
            raise ValueError(f"one of {', '.join(self.__struct_fields__)} is wanted here, not {what}")


class ServiceExpected(Part, frozen=True):
    name: str
    account: AccountId | None = None
    status: str | None = None
    network: str | None = None


class ClientExpected(Part, frozen=True):
    vpc: str
    account: AccountId | None = None
    status: str | None = None
    network: str | None = None


class RefusalExpected(Part, frozen=True):
    """`resource` and `message` are parts of what stands there."""

    code: str
    resource: str = ""
    message: str = ""


class TagsExpected(Part, frozen=True):
    """What stands on a resource at the end, by its ARN or VPC id; None: no such tag."""

    resource: str
    account: AccountId
    tags: dict[str, str | None]


class Limits(Part, frozen=True):
    """At most so many, of the product's own calls."""

    calls: int | None = None
    mutating: int | None = None
    transitions: int | None = None
    invocations: int | None = None
    runs: int | None = None


class Expect(Part, frozen=True):
    """The end of a story. What is not given is not looked at; lists are complete.

    `leftovers` may hold `*`. `world: as remembered` means that nothing is added, changed or missing.
    `announced` are the detail-types of the product's own events, in order. `ignored` are the delivered files
    of which nothing came. `limits` hold for the whole story, `chapter_limits` for the chapters they name.
    """

    services: tuple[ServiceExpected, ...] | None = None
    clients: tuple[ClientExpected, ...] | None = None
    refusals: tuple[RefusalExpected, ...] | None = None
    leftovers: tuple[str, ...] | None = None
    world: Literal["as remembered"] | None = None
    announced: tuple[str, ...] | None = None
    ignored: tuple[str, ...] | None = None
    tags: tuple[TagsExpected, ...] = ()
    limits: Limits | None = None
    chapter_limits: dict[str, Limits] = msgspec.field(default_factory=dict)


class Script(Part, frozen=True):
    """The story.yaml."""

    title: str
    world: World
    script: tuple[Entry, ...] = ()
    about: str = ""
    expect: Expect = Expect()


type _Word = Annotated[str, msgspec.Meta(min_length=1)]


class Event(Part, frozen=True, rename={"detail_type": "detail-type", "replay_name": "replay-name"}):
    """A recorded event, as EventBridge delivers it (facts 2)."""

    version: str
    id: _Word
    detail_type: _Word
    source: _Word
    account: AccountId
    time: Annotated[str, msgspec.Meta(pattern=r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$")]
    region: str
    resources: tuple[str, ...]
    detail: dict[str, Any] | str
    replay_name: str | msgspec.UnsetType = msgspec.UNSET


class TagChange(msgspec.Struct, frozen=True, kw_only=True, rename="kebab"):
    """What the detail of a tag event says: the whole set of tags after the change (facts 2.1)."""

    changed_tag_keys: tuple[str, ...]
    tags: dict[str, str]
    service: str
    resource_type: str
    version: Annotated[int, msgspec.Meta(ge=1)]


class Recorded(msgspec.Struct, frozen=True, kw_only=True):
    """An event with where it stands; `document` is the event verbatim, `tags` what a tag event reports."""

    file: Path
    line: int
    event: Event
    document: dict[str, Any]
    tags: TagChange | None = None


class Story(msgspec.Struct, frozen=True, kw_only=True):
    """A story that can be played: everything it names is there and has the right shape."""

    name: str
    folder: Path
    script: Script
    source: Source
    events: dict[str, Recorded]


class NoStory(Exception):
    """There is nothing of that name to replay."""


def story_names() -> list[str]:
    """The stories that come with the product, by name."""
    return sorted(found.parent.name for found in STORIES.glob("*/story.yaml"))


def find(name: str) -> Path:
    """What `name` means: a path, or a story's name. NoStory lists what there is."""
    if name in story_names():
        return STORIES / name
    found = Path(name)
    if name and (found.is_file() or found.is_dir()):
        return found
    near = difflib.get_close_matches(name, story_names(), n=1)
    meant = f"did you mean {near[0]}? The" if near else "the"
    raise NoStory(f"there is no story, file or folder called {name!r}; {meant} stories are {', '.join(story_names())}")


def load_story(file: Path) -> Story:
    """Read a story.yaml and the events it names. Malformed says what is wrong, and where."""
    source = parse_yaml(file)
    script = source.to(Script)
    events: dict[str, Recorded] = {}
    _check_world(source, script.world)
    for number, entry in enumerate(script.script):
        at: tuple[str | int, ...] = ("script", number)
        if entry.event is not None:
            events[entry.event] = _the_event(source, entry.event, (*at, "event"))
        if entry.do is not None:
            _check_call(source, entry.do, (*at, "do"))
            if entry.do.rings:
                events[entry.do.rings] = _the_event(source, entry.do.rings, (*at, "do", "rings"))
        acting = entry.sweep or (entry.do.account if entry.do else None)
        if acting and acting not in {account.id for account in script.world.accounts}:
            raise Malformed(file, source.line(*at), f"account {acting} is not in the story's world")
    return Story(name=file.parent.name, folder=file.parent, script=script, source=source, events=events)


def load_events(file: Path) -> list[Recorded]:
    """The recorded events of one file: one, a list of them, or one a line."""
    found = [_recorded(source) for source in parse_json(file)]
    if not found:
        raise Malformed(file, 1, "there is no event in this list")
    return found


def _check_world(source: Source, world: World) -> None:
    accounts = [account.id for account in world.accounts]
    for number, account in enumerate(accounts):
        if account in accounts[:number]:
            raise Malformed(
                source.file,
                source.line("world", "accounts", number, "id"),
                f"account {account} is there twice",
            )
    if world.members and world.network is None:
        raise Malformed(source.file, source.line("world", "members"), "members of what? There is no network")
    named: list[tuple[tuple[str | int, ...], str]] = [
        (("world", "members", number), member) for number, member in enumerate(world.members)
    ]
    if world.network is not None:
        named.append((("world", "network", "account"), world.network.account))
    for path, account in named:
        if account not in accounts:
            raise Malformed(source.file, source.line(*path), f"account {account} is not in the story's world")


def _the_event(source: Source, name: str, path: tuple[str | int, ...]) -> Recorded:
    file = source.file.parent / name
    if not file.is_file():
        raise Malformed(source.file, source.line(*path), f"there is no file {name} beside the story")
    recorded = load_events(file)
    if len(recorded) != 1:
        raise Malformed(source.file, source.line(*path), f"{name} holds {len(recorded)} events; one is wanted")
    return recorded[0]


def _recorded(source: Source) -> Recorded:
    event = source.to(Event)
    try:
        datetime.fromisoformat(event.time)
    except ValueError as wrong:
        raise Malformed(source.file, source.line("time"), f"time: {wrong}") from wrong
    tags = None
    if (event.source, event.detail_type) == ("aws.tag", "Tag Change on Resource"):
        detail = Source(source.file, _below(source, "detail"), event.detail, source.first)
        try:
            tags = detail.to(TagChange)
        except Malformed as wrong:
            raise Malformed(wrong.file, wrong.line, f"detail: {wrong.reason}") from wrong
    return Recorded(file=source.file, line=source.line(), event=event, document=source.value, tags=tags)


def _below(source: Source, key: str) -> Any:
    pairs = source.tree.value if source.tree is not None else []
    return next((value for name, value in pairs if name.value == key), None)


def _check_call(source: Source, do: Do, path: tuple[str | int, ...]) -> None:
    """The call and what it is given must be what botocore knows of the service."""
    # Imported here, since it takes longer than all the rest of a story's reading.
    import botocore.exceptions
    import botocore.validate
    from botocore import xform_name

    service, _, method = do.call.partition(".")
    try:
        model = _model(service)
    except botocore.exceptions.DataNotFoundError:
        raise Malformed(source.file, source.line(*path, "call"), f"AWS has no service {service!r}") from None
    operation = next((name for name in model.operation_names if xform_name(name) == method), None)
    if operation is None:
        reason = f"{service} has no operation {method!r}"
        raise Malformed(source.file, source.line(*path, "call"), reason)
    shape = model.operation_model(operation).input_shape
    if shape is None:
        return
    report = botocore.validate.ParamValidator().validate(do.with_, shape)
    if report.has_errors():
        raise Malformed(source.file, source.line(*path, "with"), f"{do.call}: {report.generate_report()}")


@functools.cache
def _model(service: str) -> Any:
    """botocore's model, read once for all calls of all stories."""
    import botocore.session

    return botocore.session.get_session().get_service_model(service)
