"""What services ask of each other, a Protocol a question; `cloud.py` hands in who answers.

A service says in its own `Around` which of these questions it asks. None knows who answers them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from random import Random
from typing import Any, Protocol

from onramp.core.policy import Context, Decision, Document, Principal, Values

from localcloud.ground.caller import Caller
from localcloud.ground.clock import Clock
from localcloud.ground.journal import Journal
from localcloud.ground.organization import Organization


class Ground(Protocol):
    """What everything stands on.

    `random` decides what chance decides, `random_ids` makes identifiers. With `enforce_iam` false nobody is refused.
    """

    @property
    def region(self) -> str: ...

    @property
    def clock(self) -> Clock: ...

    @property
    def journal(self) -> Journal: ...

    @property
    def random(self) -> Random: ...

    @property
    def random_ids(self) -> Random: ...

    @property
    def enforce_iam(self) -> bool: ...

    def at_end(self, act: Callable[[], None]) -> None:
        """Call `act` when all is over."""
        ...


# --- who may what ------------------------------------------------------------------------------------------


class Allows(Protocol):
    """May they? (IAM)"""

    def allows(
        self,
        caller: Caller,
        action: str,
        resource: str,
        context: Context | None = None,
        resource_policies: Sequence[Document] | None = None,
        owner: str = "",
        *,
        alone: bool = False,
    ) -> Decision:
        """Whether `caller` may do `action` on `resource`; see services.iam."""
        ...

    def trusts(self, role_arn: str, caller: Caller, context: Context | None = None) -> Decision:
        """Whether the role's trust policy lets `caller` assume it."""
        ...


class AsksIam(Protocol):
    @property
    def iam(self) -> Allows: ...


class Principals(Protocol):
    """Whom does a policy see in them? (IAM)"""

    def principal(self, caller: Caller) -> Principal:
        """What a Principal element may call this caller."""
        ...

    def context(self, caller: Caller, more: Context | None = None) -> dict[str, Values]:
        """The global condition keys of a call by `caller`."""
        ...


class Roles(Allows, Principals, Protocol):
    """Which role is that, and whom does it name? (IAM)"""

    def role(self, role_arn: str) -> Any | None:
        """moto's role of that ARN, or None."""
        ...

    def trusts_by_name(self, role_arn: str, caller: Caller, context: Context | None = None) -> bool:
        """Whether the trust policy names `caller` itself, and not only its account."""
        ...


class Sessions(Protocol):
    """Whose key is that, and may I have one? (STS)"""

    @property
    def sessions(self) -> Mapping[str, tuple[Caller, float]]:
        """Access key -> (caller, epoch second of its end)."""
        ...

    def ended(self, key: str) -> bool:
        """Whether the session of that key is over."""
        ...

    def issue(self, role_arn: str, session: str, seconds: float, service: str = "") -> dict[str, Any]:
        """STS's Credentials of a session of the role; AccessDenied where it does not let `service` in."""
        ...


class AsksSts(Protocol):
    @property
    def sts(self) -> Sessions: ...


class Clients(Protocol):
    """A client, please, of that account, or of one of its roles."""

    def client(self, service: str, account: str, role: str = "") -> Any: ...


class Runs(Protocol):
    """What follows is done by that function, in that execution."""

    def running(self, function: str = "", run: str = "") -> AbstractContextManager[Any]: ...


class AsksOrganization(Protocol):
    """Who belongs together?"""

    @property
    def organization(self) -> Organization: ...


# --- what happens then -------------------------------------------------------------------------------------


class Rings(Protocol):
    """An event, please. (EventBridge)"""

    def emit(
        self,
        account: str,
        source: str,
        detail_type: str,
        detail: Mapping[str, Any],
        resources: Sequence[str] = (),
        region: str | None = None,
    ) -> None:
        """Put an event of an AWS service on the account's default bus."""
        ...

    def asks_for_readings(self, account: str, region: str) -> bool:
        """Whether a rule of the account's default bus wants the calls that only read, too."""
        ...

    def carry(self, rule: Any, event: dict[str, Any]) -> None:
        """Send an event to all targets of a rule (moto's), by and by."""
        ...

    def hand_over(
        self,
        arn: str,
        payload: Any,
        caller: Caller,
        *,
        context: Mapping[str, str] | None = None,
        attributes: Mapping[str, str] | None = None,
        parameters: Mapping[str, Any] | None = None,
        source: str = "",
        detail_type: str = "",
    ) -> None:
        """Hand a JSON value, or Plain text, to a queue, topic, function, machine, bus or log group: AwsError."""
        ...


class AsksEvents(Protocol):
    @property
    def events(self) -> Rings: ...


class Invoked(Protocol):
    """How an invocation went: `error` is '' or its type, `seconds` it took."""

    @property
    def result(self) -> Any: ...

    @property
    def error(self) -> str: ...

    @property
    def seconds(self) -> float: ...


class Invokes(Protocol):
    """Run that function, please. (Lambda)"""

    def function(self, account: str, name: str) -> Any:
        """moto's function of that name or ARN; ResourceNotFoundException."""
        ...

    def authorised_by(self, account: str, name: str) -> tuple[str, list[dict[str, Any]]]:
        """A function's ARN and its resource policies."""
        ...

    def run(self, account: str, name: str, payload: Any, *, run: str = "") -> Invoked:
        """Run a function for one who is allowed to; AwsError when it is throttled or not there."""
        ...

    def invoke_async(self, account: str, name: str, payload: Any, *, run: str = "") -> str:
        """Have a function run by and by; answers the request id."""
        ...


class AsksFunctions(Protocol):
    @property
    def functions(self) -> Invokes: ...


class Stands(Protocol):
    """Take this folder for the code, please. (Lambda)"""

    def stand_in(self, folder: Path) -> bytes:
        """A small archive in place of `folder`: what has it as its code runs from the folder."""
        ...


class Starts(Protocol):
    """Start that machine, please. (Step Functions)"""

    def start(self, machine_arn: str, name: str, text: str) -> Any:
        """As StartExecution does: `text` is the input as JSON, `name` may be ''; AwsError."""
        ...


class Sends(Protocol):
    """Put that into the queue, please. (SQS)"""

    def send(
        self,
        arn: str,
        body: str,
        caller: Caller,
        *,
        context: Mapping[str, str],
        attributes: Mapping[str, str],
        group: str | None = None,
    ) -> None:
        """AwsError: AccessDenied, AWS.SimpleQueueService.NonExistentQueue."""
        ...


class Queued(Protocol):
    """What waits in that queue? (SQS)"""

    def queue(self, arn: str) -> Any:
        """moto's queue of that ARN; AWS.SimpleQueueService.NonExistentQueue."""
        ...

    def take(self, arn: str, count: int) -> list[Any]:
        """Up to `count` messages that are to be had, moto's, in flight from now on."""
        ...

    def told_of(self, message: Any) -> dict[str, str]:
        """What SQS itself says of a message: how often it was received, when it was sent, its group."""
        ...


class AsksQueues(Protocol):
    @property
    def queues(self) -> Queued: ...


# --- who shares what ---------------------------------------------------------------------------------------


class Shares(Protocol):
    """Who may use it? (RAM)"""

    def may_use(self, account: str, resource_arn: str) -> bool:
        """Whether `account` owns the resource or has it shared to it and accepted."""
        ...

    def shared_with(self, account: str) -> list[str]:
        """ARNs of the resources of others that `account` can see now."""
        ...

    def default_actions(self, kind: str) -> tuple[tuple[str, ...], ...]:
        """The IAM actions that sharing a `servicenetwork` or `service` grants by default, in each version till now."""
        ...

    def permission_actions(self, resource_arn: str, account: str) -> set[str]:
        """The IAM actions that RAM grants `account` on a resource of another."""
        ...


class Shareable(Protocol):
    """Is there such a thing, and may it be shared? (Lattice)"""

    def exists(self, arn: str) -> bool: ...

    def shareable(self, arn: str) -> bool: ...


class Tagged(Shareable, Protocol):
    """What is there, and how is it tagged? (Lattice)"""

    def tags_of(self, arn: str) -> dict[str, str]: ...

    def owned_tags(self, account: str, region: str | None = None) -> dict[str, dict[str, str]]:
        """Tags by ARN of every object that the account may tag, untagged ones included."""
        ...

    def handle(self, operation: str, params: dict[str, Any], caller: Caller) -> dict[str, Any]:
        """TagResource and UntagResource, as its client asks for them."""
        ...


class TaggedShares(Protocol):
    """How are shares tagged? (RAM)"""

    def tags_of(self, arn: str) -> dict[str, str]: ...

    def owned_tags(self, account: str) -> dict[str, dict[str, str]]:
        """ARN and tags of every share that `account` owns and that is not deleted."""
        ...

    def handle(self, operation: str, params: dict[str, Any], caller: Caller) -> dict[str, Any]:
        """TagResource and UntagResource, as its client asks for them."""
        ...


class Deploys(Protocol):
    """Deploy that there, please. (CloudFormation)"""

    def deploy_text(
        self,
        text: str,
        account: str,
        name: str,
        parameters: Mapping[str, str] | None = None,
        *,
        tags: Mapping[str, str] | None = None,
    ) -> dict[str, str]: ...

    def delete(self, account: str, name: str) -> None: ...


# --- whom to ask -------------------------------------------------------------------------------------------


class AsksRoles(Protocol):
    @property
    def iam(self) -> Roles: ...


class AsksShares(Protocol):
    @property
    def ram(self) -> Shares: ...


class LeadsOn(Protocol):
    """What do an account's VPC endpoints lead to? (Lattice)"""

    def behind_endpoints(self, account: str, region: str) -> list[dict[str, Any]]:
        """One for each service and resource behind each endpoint, as EC2 tells it."""
        ...


class AsksEndpoints(Protocol):
    @property
    def lattice(self) -> LeadsOn: ...


class AsksLattice(Protocol):
    @property
    def lattice(self) -> Shareable: ...


class AsksTrails(Protocol):
    """Which accounts have a trail? (CloudTrail)"""

    @property
    def trails(self) -> set[str]: ...


class Wakes(Protocol):
    """Let them listen from now on."""

    def component(self, name: str) -> Any:
        """The component of that name, made now if nobody has asked for it before."""
        ...


class Makes(AsksOrganization, Protocol):
    """What a CloudFormation type asks besides its clients."""

    @property
    def clock(self) -> Clock: ...

    @property
    def random_ids(self) -> Random: ...

    @property
    def functions(self) -> Stands: ...

    @property
    def stacks(self) -> Deploys: ...
