"""What an event means: an account to look at, a lease to free, or nothing.

Only `account` is trusted (EventBridge sets it, so it cannot be forged). The rest of an event decides no more
than whether it is worth a look. The network account alone may ring for another: it owns the runs.
"""

import re
from collections.abc import Callable
from typing import Annotated, Any, Literal, cast

import msgspec

from onramp.core import names, versions
from onramp.core.infra import BY_LENGTH, SAYINGS, WHOLE, Saying
from onramp.core.language import waits_for
from onramp.core.model import Value
from onramp.core.tagged_by import Asks, may_ask, may_be_handed_over, of_call, of_change
from onramp.core.tags import DEFAULT_PREFIX, MESSAGE, OWNERS_WORDS, STATUS, is_prefix
from onramp.core.text import plain, quoted

ABOUT_LENGTH = 256
"""Characters; a tag change lists up to 50 keys of 128, and the run carries what rang from state to state."""

ACCOUNT = r"^[0-9]{12}\Z"

# It becomes part of an execution's name and of a role's ARN: what is no account's id goes no further.
type AccountId = Annotated[str, msgspec.Meta(pattern=ACCOUNT)]


type ServiceName = Annotated[str, msgspec.Meta(pattern=r"^([a-z0-9]+(-[a-z0-9]+)*)?\Z", max_length=63)]
type Seconds = Annotated[str, msgspec.Meta(pattern=r"^([0-9]{1,12}(\.[0-9]{1,6})?)?\Z")]
type ApprovalId = Annotated[str, msgspec.Meta(pattern=r"^[0-9]{12}-[0-9a-f]{40}\Z")]


class Event(msgspec.Struct, frozen=True, rename={"detail_type": "detail-type"}):
    """The envelope that every EventBridge event has (facts 2)."""

    id: str
    source: str
    account: AccountId
    time: str
    detail_type: str
    detail: Any
    resources: tuple[str, ...] = ()
    region: str = ""


class Said(Value, frozen=True):
    """What infra says about the account, as core/infra has it; `time` as the event has it. `until`: epoch seconds up to
    which it knew what it speaks of, 0.0 for what it says of no list.
    """

    saying: Saying
    about: str
    by: str
    time: str
    until: float = 0.0


class Ring(Value, frozen=True):
    """Look at this account. `heard`: the account rang itself, nobody for it. `said`: what is to be remembered of it.

    `version`: of the member stack, where the event tells it; `prefix`: its TagPrefix. `asks`: whose tags were changed
    at the event's `time`, and by whom, where a trail tells it.
    """

    account: str
    event_id: str
    source: str
    detail_type: str
    about: str
    heard: bool = True
    said: Said | None = None
    version: str = ""
    prefix: str = ""
    time: str = ""
    asks: tuple[Asks, ...] = ()
    kind: Literal["ring"] = "ring"


class Free(Value, frozen=True):
    """The execution ended without releasing its account: another has to take its place."""

    account: str
    execution: str
    machine: str
    about: str
    kind: Literal["free"] = "free"


class Ignored(Value, frozen=True):
    """Nothing to do, and why."""

    why: str
    kind: Literal["ignored"] = "ignored"


type Trigger = Ring | Free | Ignored

TAG_CHANGE = "Tag Change on Resource"
CLOUDTRAIL = "AWS API Call via CloudTrail"
CLOUDTRAIL_SERVICE_EVENT = "AWS Service Event via CloudTrail"
EXECUTION_STATUS = "Step Functions Execution Status Change"
SWEEP = "Sweep"
LOOK = "Look"
"""The network account asks for a look at the account that the detail names."""

ELB_CALLS = frozenset(
    {
        "AddTags",
        "RemoveTags",
        "CreateLoadBalancer",
        "DeleteLoadBalancer",
        "CreateListener",
        "DeleteListener",
        "ModifyListener",
    }
)
EC2_CALLS = frozenset({"CreateTags", "DeleteTags", "CreateVpc", "DeleteVpc"})
LATTICE_CALLS_BEGIN = ("Delete", "Update", "Deregister", "BatchUpdate", "Untag")


def _detail(event: Event) -> dict[str, Any]:
    return event.detail if isinstance(event.detail, dict) else {}


def _issuer(detail: dict[str, Any]) -> str:
    """The name of the role whose session made the call that CloudTrail tells of, or ''."""
    identity = detail.get("userIdentity")
    context = identity.get("sessionContext") if isinstance(identity, dict) else None
    issuer = context.get("sessionIssuer") if isinstance(context, dict) else None
    return str(issuer.get("userName", "")) if isinstance(issuer, dict) else ""


def _tag_change(event: Event, prefix: str) -> str | Ignored:
    """Why it is worth a look, or why not."""
    detail = _detail(event)
    changed = detail.get("changed-tag-keys")
    listed = changed if isinstance(changed, list) else []
    words = [key for key in listed if isinstance(key, str) and key in OWNERS_WORDS]
    keys = [key for key in listed if isinstance(key, str) and key.startswith(prefix)]
    if not keys and not words:
        return Ignored(why=f"no tag that begins with {prefix} changed")
    # The resource-type's spelling is not established for every service: the ARN tells (facts 2.1).
    ours = [arn for arn in event.resources if may_ask(arn)]
    theirs = [arn for arn in event.resources if may_be_handed_over(arn)]
    if not (keys and ours) and not (words and theirs):
        return Ignored(why="this resource is no load balancer, no VPC and no Lattice service")
    return f"{', '.join(map(_key, sorted({*keys, *words})))} changed on {(ours or theirs)[0].rpartition(':')[2]}"


def _awaited(event: Event, network: str) -> str:
    """Why a changed answer is worth a look: a sibling's network says by it that it waits for what `network` has, which
    lets go of that when it has seen so. '' where it says nothing of the kind.
    """
    detail = _detail(event)
    changed, said = detail.get("changed-tag-keys"), detail.get("tags")
    if event.detail_type != TAG_CHANGE or not isinstance(changed, list) or not isinstance(said, dict):
        return ""
    message = said.get(MESSAGE)
    waiting = MESSAGE in changed and said.get(STATUS) == "waiting" and isinstance(message, str)
    if not waiting or not waits_for(network, str(message)):
        return ""
    ours = [arn for arn in event.resources if may_ask(arn)]
    return f"another network waits for what this one has of {ours[0].rpartition(':')[2]}" if ours else ""


def _key(key: str) -> str:
    """What is no plain word stands between quotation marks: it may be a sentence that seems to be ours."""
    return key if re.fullmatch(r"[\w:./-]+", key, re.ASCII) else quoted(key)


def _cloudtrail(event: Event, _prefix: str) -> str | Ignored:
    detail = _detail(event)
    name = detail.get("eventName")
    if not isinstance(name, str):
        return Ignored(why="it names no call")
    if detail.get("errorCode"):
        return Ignored(why=f"{name} failed ({detail['errorCode']}): it changed nothing")
    if event.source == "aws.elasticloadbalancing" and detail.get("apiVersion") == "2012-06-01":
        return Ignored(why="classic load balancers cannot join a network")
    known = {
        "aws.elasticloadbalancing": name in ELB_CALLS,
        "aws.ec2": name in EC2_CALLS,
        "aws.vpc-lattice": name.startswith(LATTICE_CALLS_BEGIN),
    }
    return f"{name} was called" if known.get(event.source) else Ignored(why=f"{name} changes nothing that we look at")


def _by_owner(event: Event, _prefix: str) -> str | Ignored:
    # The other side of an association that we made ended it; the rest of these records is audit (facts 2.5).
    name = str(_detail(event).get("eventName", ""))
    if not (name.startswith("Delete") and name.endswith("ByOwner")):
        return Ignored(why="only an association's end by the other side's owner is worth a look")
    return f"{name} was called"


def _sharing(event: Event, _prefix: str) -> str:
    # Values of RAM's detail are not established; any of them means: look (facts 2.2).
    detail = _detail(event)
    return f"{detail.get('event', 'sharing')} {detail.get('status', 'changed')}"


def _sweep(_event: Event, _prefix: str) -> str:
    return "the hourly sweep"


class _Asked(msgspec.Struct, frozen=True):
    """The detail of a `Look`."""

    account: AccountId
    because: str = "the network account asked for a look"


class _Release(msgspec.Struct, frozen=True):
    """`until`: when the look began whose list infra was shown; what left later was not on it."""

    account: AccountId
    by: str = ""
    until: Seconds = ""


class _Hold(msgspec.Struct, frozen=True):
    """`name`: a service; '' means the whole account."""

    account: AccountId
    name: ServiceName = ""
    by: str = ""


class _Answer(msgspec.Struct, frozen=True):
    id: ApprovalId
    by: str = ""


PARSERS: dict[tuple[str, str], Callable[[Event, str], str | Ignored]] = {
    ("aws.tag", TAG_CHANGE): _tag_change,
    ("aws.elasticloadbalancing", CLOUDTRAIL): _cloudtrail,
    ("aws.ec2", CLOUDTRAIL): _cloudtrail,
    ("aws.vpc-lattice", CLOUDTRAIL): _cloudtrail,
    ("aws.vpc-lattice", CLOUDTRAIL_SERVICE_EVENT): _by_owner,
    ("lattice.onramp", SWEEP): _sweep,
}
"""Every kind of event that rings, and no other. The templates' rules forward just these (a test compares)."""


def parse(event: Event, network: str, prefix: str = DEFAULT_PREFIX, owner: str = "") -> Trigger:
    """What this event means for `network`, which is `owner`'s. Unknown kinds mean nothing, and say so.

    msgspec.ValidationError for a `Look`, or what infra says, that names no account.
    """
    if _issuer(_detail(event)) == names.role(network, "writer"):
        return Ignored(why="our own call")
    if event.source == "aws.ram":
        about: str | Ignored = _sharing(event, prefix)
    elif (event.source, event.detail_type) == ("aws.states", EXECUTION_STATUS):
        return _execution(event)
    elif (event.source, event.detail_type) == ("lattice.onramp", LOOK):
        return _look(event, owner)
    elif event.source == "lattice.onramp" and event.detail_type in SAYINGS:
        return _said(event, owner)
    elif (event.source, event.detail_type) in PARSERS:
        about = PARSERS[event.source, event.detail_type](event, prefix)
    else:
        return Ignored(why=f"no one listens to {event.source} / {event.detail_type}")
    asks: tuple[Asks, ...] = ()
    if isinstance(about, Ignored):
        # Of an answer nobody asks: the tags by which they do are as they were.
        awaited = _awaited(event, network)
        if not awaited:
            return about
        about = awaited
    else:
        asks = _asks(event, prefix)
    return Ring(
        account=event.account,
        event_id=event.id,
        source=event.source,
        detail_type=event.detail_type,
        about=plain(about, ABOUT_LENGTH),
        version=_version(event),
        prefix=_prefix(event),
        time=event.time if asks else "",
        asks=asks,
    )


def _asks(event: Event, prefix: str) -> tuple[Asks, ...]:
    """Of an event that rings. It decides no more than what infra reads about it."""
    if event.detail_type == TAG_CHANGE:
        return of_change(event.resources)
    return of_call(_detail(event), prefix) if event.detail_type == CLOUDTRAIL else ()


def _version(event: Event) -> str:
    """Of the member stack whose schedule rang. It decides no more than what its own account is told."""
    if event.detail_type != SWEEP or "network" not in _detail(event):
        return ""
    version = _detail(event).get("version", versions.FIRST)
    return version if isinstance(version, str) and versions.is_one(version) else ""


def _prefix(event: Event) -> str:
    """TagPrefix of the member stack whose schedule rang; '' where it does not tell. It decides as little."""
    prefix = _detail(event).get("prefix") if event.detail_type == SWEEP and "network" in _detail(event) else None
    return prefix if isinstance(prefix, str) and is_prefix(prefix) else ""


def _look(event: Event, owner: str) -> Trigger:
    if event.account != owner:
        return Ignored(why="only the network account may ask for a look at another")
    asked = msgspec.convert(event.detail, _Asked)
    return Ring(
        account=asked.account,
        event_id=event.id,
        source=event.source,
        detail_type=event.detail_type,
        about=plain(asked.because, ABOUT_LENGTH),
        heard=False,
    )


def _said(event: Event, owner: str) -> Trigger:
    if event.account != owner:
        return Ignored(why=f"only the network account may say {event.detail_type}")
    saying = cast("Saying", event.detail_type)
    until = 0.0
    if saying == "Release":
        released = msgspec.convert(event.detail, _Release)
        account, about, by, until = released.account, "", released.by, float(released.until or 0)
    elif saying in ("Hold", "Unhold"):
        held = msgspec.convert(event.detail, _Hold)
        account, about, by = held.account, held.name or WHOLE, held.by
    else:
        answer = msgspec.convert(event.detail, _Answer)
        account, about, by = answer.id.partition("-")[0], answer.id, answer.by
    return Ring(
        account=account,
        event_id=event.id,
        source=event.source,
        detail_type=event.detail_type,
        about=plain(f"infra says {saying} {'' if about == WHOLE else about}".strip(), ABOUT_LENGTH),
        heard=False,
        said=Said(saying=saying, about=about, by=plain(by, BY_LENGTH), time=event.time, until=until),
    )


def _execution(event: Event) -> Trigger:
    detail = _detail(event)
    status, name = detail.get("status"), detail.get("name")
    if status not in ("FAILED", "TIMED_OUT", "ABORTED") or not isinstance(name, str):
        return Ignored(why="the execution goes on, or released its account itself")
    # Executions are named by the intake: ACCOUNT-...; the event comes from the network account alone.
    account, _, rest = name.partition("-")
    if not re.search(ACCOUNT, account) or not rest:
        return Ignored(why="an execution that the intake did not start holds no account")
    return Free(
        account=account,
        execution=name,
        machine=str(detail.get("stateMachineArn", "")),
        about=f"execution {status}",
    )
