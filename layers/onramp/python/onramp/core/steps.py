"""The plan as values: every step there is, what became of it, and what a run carries from round to round."""

from typing import Any, Literal

from onramp.core.infra import Word
from onramp.core.model import Forward, Ingress, Listener, Match, Observation, Record, Value
from onramp.core.pace import Pace
from onramp.core.reach import Finding
from onramp.core.tagged_by import Asks


class Step(Value, frozen=True, tag_field="kind", tag=True):
    """One change in one account. `name` is what it is about, `because` why, in a sentence.

    Some have `needs`: the key of a step before them in the same batch; unless that was done, they are left for later.
    What makes something has `extra`: the tags that it is to carry besides ours.
    """

    account: str
    name: str
    because: str

    @property
    def kind(self) -> str:
        return type(self).__name__

    @property
    def key(self) -> str:
        """The same step, asked for again, has the same key."""
        return f"{self.kind} {self.account} {self.name}"


# --- in the network account


class ShareNetwork(Step, frozen=True):
    """`name` is the account that becomes a principal of the share."""


class UnshareNetwork(Step, frozen=True):
    """`name` is the account that stops being a principal of the share."""


# --- in the member account, in the order in which one batch does them


class Adopt(Step, frozen=True):
    """Our mark, on what its owner hands over; nothing else of it is changed. `name` is its id, and after a slash the
    name that we would have given it, under which it is remembered. `resource`: its ARN, a security group's id.
    """

    resource: str
    needs: str = ""


class AcceptShare(Step, frozen=True):
    """`invitation`: '' for the one that the step it `needs` has just sent, and that comes within seconds."""

    invitation: str = ""
    needs: str = ""


class Release(Step, frozen=True):
    """Our mark goes off what its owner takes back; nothing else of it is changed. `name` and `resource` as of Adopt."""

    resource: str
    needs: str = ""


class CreateTargetGroup(Step, frozen=True):
    protocol: str
    port: int
    vpc: str
    extra: dict[str, str] = {}


class RegisterTarget(Step, frozen=True):
    target_group: str
    load_balancer: str
    port: int


class CreateService(Step, frozen=True):
    """`domain`: the one of its own, with a `certificate` by ARN; '' for neither."""

    domain: str = ""
    certificate: str = ""
    needs: str = ""
    extra: dict[str, str] = {}


class CreateListener(Step, frozen=True):
    """`forwards`: none where it is to answer 404 to what no rule takes."""

    service: str
    listener: str
    protocol: str
    port: int
    forwards: tuple[Forward, ...]
    needs: str = ""
    extra: dict[str, str] = {}


class UpdateListener(Step, frozen=True):
    """`forwards` as of CreateListener. `seen`: what the action sent to when it was looked at, where a tool of the
    team's sets its shares, so that it is read once more before it is changed; None where no tool does.
    """

    service: str
    listener: str
    forwards: tuple[Forward, ...]
    seen: tuple[Forward, ...] | None = None


class DeleteListener(Step, frozen=True):
    """`needs`: the step of this batch that takes its service off the network, where that is still on it."""

    listener: str
    service: str
    needs: str = ""


class CreateRule(Step, frozen=True):
    service: str
    listener: str
    rule: str
    match: Match
    priority: int
    forwards: tuple[Forward, ...]
    needs: str = ""
    extra: dict[str, str] = {}


class RuleChange(Value, frozen=True):
    """What a rule is to be; without `forwards` it sends where it sends. `seen` as of UpdateListener."""

    rule: str
    match: Match
    priority: int
    forwards: tuple[Forward, ...] = ()
    seen: tuple[Forward, ...] | None = None


class UpdateRules(Step, frozen=True):
    """All changes of a listener's rules in one call, so that none of them meets another one's priority."""

    service: str
    listener: str
    changes: tuple[RuleChange, ...]


class DeleteRule(Step, frozen=True):
    service: str
    listener: str
    rule: str
    needs: str = ""


class SetIdleTimeout(Step, frozen=True):
    service: str
    seconds: int


class SetCertificate(Step, frozen=True):
    service: str
    certificate: str


class CreateRecords(Step, frozen=True):
    """`name` is the domain. `gone`: records of ours that `make` takes the place of, in the same change."""

    zone: str
    make: tuple[Record, ...]
    gone: tuple[Record, ...] = ()


class DeleteRecords(Step, frozen=True):
    """`name` is the domain, and the zone. `gone`: the records as they were read, which Route 53 wants repeated."""

    zone: str
    gone: tuple[Record, ...]


class PutAuthPolicy(Step, frozen=True):
    service: str
    policy: str


class SetAuthType(Step, frozen=True):
    service: str
    auth: str


class DeleteAuthPolicy(Step, frozen=True):
    service: str


class CreateAccessLog(Step, frozen=True):
    service: str
    destination: str
    extra: dict[str, str] = {}


class UpdateAccessLog(Step, frozen=True):
    subscription: str
    destination: str


class DeleteAccessLog(Step, frozen=True):
    subscription: str


class AssociateService(Step, frozen=True):
    service: str
    needs: str = ""
    extra: dict[str, str] = {}


class CreateSecurityGroup(Step, frozen=True):
    vpc: str
    admits: tuple[Ingress, ...]
    extra: dict[str, str] = {}


class UpdateSecurityGroup(Step, frozen=True):
    """`room`: how many of `allow` the group can take as it is; as many of `revoke` as are above that go before."""

    security_group: str
    allow: tuple[Ingress, ...]
    revoke: tuple[Ingress, ...]
    room: int


class AssociateVpc(Step, frozen=True):
    """`needs`: the step of this batch that makes its security group, where `security_groups` names none."""

    vpc: str
    security_groups: tuple[str, ...]
    needs: str = ""
    extra: dict[str, str] = {}


class UpdateVpcAssociation(Step, frozen=True):
    association: str
    security_groups: tuple[str, ...]


class DisassociateService(Step, frozen=True):
    association: str


class DisassociateVpc(Step, frozen=True):
    association: str


class AssociateZone(Step, frozen=True):
    """The VPC into a private hosted zone. `name`: the VPC and the zone after a slash; `owner`: the account that has the
    zone, and has to authorise it first.
    """

    vpc: str
    zone: str
    owner: str


class DisassociateZone(Step, frozen=True):
    """As of AssociateZone."""

    vpc: str
    zone: str
    owner: str


class DeleteService(Step, frozen=True):
    service: str


class DeleteTargetGroup(Step, frozen=True):
    target_group: str
    targets: tuple[tuple[str, int], ...] = ()
    needs: str = ""


class DeleteSecurityGroup(Step, frozen=True):
    security_group: str


class WriteStatus(Step, frozen=True):
    """Our answer on a team's resource: `put` these of our keys, `remove` those. `instead`: some of `put` in English,
    should AWS not take the letters of another language. `untrue`: keys of what stands there and is not so any more; it
    goes, whatever keeps the answer from being put.
    """

    resource: str
    put: dict[str, str] = {}
    remove: tuple[str, ...] = ()
    instead: dict[str, str] = {}
    untrue: tuple[str, ...] = ()


class ClearStatus(Step, frozen=True):
    """What has become untrue where no answer can be written in this run, or is ours to write: these of our keys go, and
    none come.
    """

    resource: str
    remove: tuple[str, ...]


ANSWERS = frozenset({"WriteStatus", "ClearStatus"})
"""The kinds of steps that only tell."""


type AnyStep = (
    ShareNetwork
    | UnshareNetwork
    | AcceptShare
    | Adopt
    | Release
    | CreateTargetGroup
    | RegisterTarget
    | CreateService
    | CreateListener
    | UpdateListener
    | DeleteListener
    | CreateRule
    | UpdateRules
    | DeleteRule
    | SetIdleTimeout
    | SetCertificate
    | CreateRecords
    | DeleteRecords
    | PutAuthPolicy
    | SetAuthType
    | DeleteAuthPolicy
    | CreateAccessLog
    | UpdateAccessLog
    | DeleteAccessLog
    | AssociateService
    | CreateSecurityGroup
    | UpdateSecurityGroup
    | AssociateVpc
    | UpdateVpcAssociation
    | AssociateZone
    | DisassociateService
    | DisassociateVpc
    | DisassociateZone
    | DeleteService
    | DeleteTargetGroup
    | DeleteSecurityGroup
    | WriteStatus
    | ClearStatus
)


def needs(step: AnyStep) -> str:
    """The key of the step that has to be done before it, or ''."""
    with_needs = (
        AcceptShare
        | Adopt
        | Release
        | CreateService
        | CreateListener
        | DeleteListener
        | CreateRule
        | DeleteRule
        | AssociateService
        | AssociateVpc
        | DeleteTargetGroup
    )
    return step.needs if isinstance(step, with_needs) else ""


def extra(step: Step) -> dict[str, str]:
    """The tags that what it makes is to carry besides ours."""
    made = (
        CreateTargetGroup
        | CreateService
        | CreateAccessLog
        | CreateListener
        | CreateRule
        | AssociateService
        | CreateSecurityGroup
        | AssociateVpc
    )
    return step.extra if isinstance(step, made) else {}


class Batch(Value, frozen=True):
    """The steps of one account, done with that account's credentials.

    `sharing`: steps of the network account on its share, done by the function's own role.
    """

    account: str
    sharing: bool
    steps: tuple[AnyStep, ...]


class Outcome(Value, frozen=True):
    """What became of a step: `arn` of what it made; `detail` why not done.

    done; not_yet (try again next round); refused (a person must act); failed (unknown error, tried again). One that is
    done with a `detail` was taken by AWS, and does not stand yet: what needs it waits.
    """

    kind: str
    account: str
    name: str
    because: str
    status: Literal["done", "not_yet", "refused", "failed"]
    detail: str = ""
    arn: str = ""

    @property
    def key(self) -> str:
        return f"{self.kind} {self.account} {self.name}"

    @property
    def stands(self) -> bool:
        """May a step of the same round build on it?"""
        return self.status == "done" and not self.detail


UNREAD_CODE = "unread"
"""The code of what could not be read, in answers and refusals."""

DELETION_LIMIT = "deletion-limit"
"""The code of the refusal to disconnect more than the limit at once; it has an alarm of its own."""


class Refusal(Value, frozen=True):
    """A declaration that cannot be met: `code` for machines, `message` says what to do about it. `name`: of the service
    that a load balancer asks for, '' of all else.
    """

    code: str
    resource: str
    message: str
    name: str = ""


type Status = Literal[
    "connecting", "connected", "unreachable", "waiting", "refused", "failed", "disconnecting", "held", "kept"
]
"""What is, as docs/states.md tells it. `kept` is a service's alone: off the network, with its name, for a time."""


class Request(Value, frozen=True):
    """What infra has to approve before it is made. `id`: the account, and the hash of what `what` shows, line by line.

    `state`: before - it was there before anything had to be approved. `by`, `at`: whose answer, and epoch seconds.
    """

    id: str
    kind: Literal["service", "client"]
    name: str
    resource: str
    what: tuple[str, ...]
    state: Literal["waiting", "approved", "rejected", "before"] = "waiting"
    by: str = ""
    at: float = 0.0


class ServiceState(Value, frozen=True):
    """A service as it is. `load_balancers` are the ARNs of those that ask for it or still stand behind it; one that
    people made themselves asks for itself.

    `answers`: a request can get through now, as far as could be read, by way of those that are `serving`. `until`:
    epoch seconds to which a kept one stays. `settings`: those that tags ask for, or that are not taken back yet.
    `custom_domain`: the domain of its own, '' for none.
    """

    account: str
    name: str
    network: str
    status: Status
    domain: str = ""
    arn: str = ""
    load_balancers: tuple[str, ...] = ()
    message: str = ""
    answers: bool = False
    serving: tuple[str, ...] = ()
    until: float = 0.0
    settings: tuple[str, ...] = ()
    custom_domain: str = ""


class ClientState(Value, frozen=True):
    """A VPC that calls. `answers`: it is joined, and its requests get as far as the network."""

    account: str
    vpc: str
    network: str
    status: Status
    arn: str = ""
    message: str = ""
    answers: bool = False


class Plan(Value, frozen=True, omit_defaults=False):
    """What must change now in one account, and what the run does next.

    apply: do the batches, wait, look again. finish: the only steps left write status tags, or take away at once what
    nobody uses (`ENDS` of core/plan); do them and report. wait: nothing can be done yet. done: report. `wait_seconds`
    is how long to wait before looking again. `pending` says what is waited for. `arns` is all that we made and was
    seen, with names. `broken`: step key -> in which state of failure stands what that step made or should have taken
    away. `since`: service name, VPC or load balancer -> epoch seconds when it was first seen that nobody asks for it
    any more; NAME `off the network` -> when a service was first seen so. `findings`: load balancer or VPC that is
    joined -> what keeps all requests out. `blind`: the account could not be observed, so that nothing but the
    refusals is said of it. `approvals`: a request for each wish that has to be approved; None where none has.
    `records`: domain -> the hosted zones in which it has records of ours, or may have. `private`: such a hosted zone ->
    its name where it is private, '' where it is public. `zones`: VPC -> the private hosted zones in which it is by us.
    `released`: as in the observation.
    """

    account: str
    round: int
    next: Literal["apply", "finish", "wait", "done"]
    wait_seconds: int = 0
    batches: tuple[Batch, ...] = ()
    refusals: tuple[Refusal, ...] = ()
    warnings: tuple[str, ...] = ()
    services: tuple[ServiceState, ...] = ()
    clients: tuple[ClientState, ...] = ()
    pending: tuple[str, ...] = ()
    arns: dict[str, str] = {}
    broken: dict[str, str] = {}
    since: dict[str, float] = {}
    findings: dict[str, Finding] = {}
    released: tuple[str, ...] = ()
    blind: bool = False
    approvals: tuple[Request, ...] | None = None
    records: dict[str, tuple[str, ...]] = {}
    private: dict[str, str] = {}
    zones: dict[str, tuple[str, ...]] = {}


class Memory(Value, frozen=True):
    """The account's last report, from the table: where to look (never what is there), and what was told.

    `arns`: what we made, and its name. `since`: as in the plan. `failed`: step key -> AWS's words, of what was given up
    after several tries: the next run tries it once. `hands_at`: epoch seconds of the last look for what only a hand can
    have changed. `findings`: as in the plan. `asks`: who changed the tags of what last. `ended`: keys of the steps,
    answers apart, that the last run ended with: nobody has looked since, so that one that is asked for again came to
    nothing. `pace`: kind of step -> when to look first at what it makes. `listeners`: ARN of a service -> its listeners
    as they were seen last, in an account that is read by lists. `records`, `private`, `zones`: as in the plan.
    `released`: as in the observation. `unasked`: id of an approval -> since when nobody asks for what infra answered.
    """

    arns: dict[str, str] = {}
    services: tuple[ServiceState, ...] = ()
    clients: tuple[ClientState, ...] = ()
    refusals: tuple[Refusal, ...] = ()
    since: dict[str, float] = {}
    failed: dict[str, str] = {}
    hands_at: float = 0.0
    findings: dict[str, Finding] = {}
    approvals: tuple[Request, ...] | None = None
    asks: tuple[Asks, ...] = ()
    ended: tuple[str, ...] = ()
    pace: dict[str, Pace] = {}
    listeners: dict[str, tuple[Listener, ...]] = {}
    records: dict[str, tuple[str, ...]] = {}
    private: dict[str, str] = {}
    zones: dict[str, tuple[str, ...]] = {}
    released: tuple[str, ...] = ()
    unasked: dict[str, float] = {}


class Run(Value, frozen=True, omit_defaults=False):
    """The state of the state machine: what a run carries from round to round.

    `outcomes` are the last round's, batch by batch; `finished` those of the steps that end the run. `pause`: seconds to
    leave the account alone before the first look, and `rests_until`: epoch seconds at which it looks, whoever still
    rings. `looks`: how many runs it follows, and `rang`: events that began it, of which core/ringing makes what the
    next one follows.
    `observed_at`: epoch seconds before the last look began; `now`: the same, and no less than the waits since the look
    before it. `made`: ARN -> name of what this run created; `adopted`: ARN or id -> name of what it took over;
    `released`: ARNs and ids of what it let go.
    `failures`: step key -> why it was refused; such a step is not tried again before somebody rings. `broken`: step
    key -> how often in this run what it made failed. `tries`: step key -> how often AWS took this deletion and it was
    still there. `stalled`: rounds since something last changed. `words`: what infra has said of the account, and
    `aside`: what of that lies outside of the account's item, under the key `aside_at`.
    `hands_at`: as in the memory. `seen`: what the last look saw, for a narrow one after it; None where that is
    not worth its room. `whole_at`: when the last whole look began. `member`: the version of the account's member stack,
    '' unknown. `offered`: what clients can call, as core/offers spells it, '' unknown. `asks`: whose tags were
    changed since the last run was begun. `remembered_at`: the key under which the memory lies where it is large, ''
    where the account's item holds it. `pace`: as in the memory, with what this run has learned. `begun`: kind of step
    -> epoch seconds when this run last did one, of those that Lattice takes time for. `slow`: a service of this run
    took longer than usual. `scouts`: its functions may wait by themselves. `listeners`: as in the memory, of the last
    look. `touched`: names of services, groups and VPCs, and ARNs of load balancers, that steps of this run were about.
    """

    account: str
    trigger: dict[str, Any]
    memory: Memory = Memory()
    pause: int = 0
    rests_until: float = 0.0
    looks: float = 0.0
    rang: int = 1
    round: int = 0
    observed_at: float = 0.0
    now: float = 0.0
    made: dict[str, str] = {}
    adopted: dict[str, str] = {}
    released: tuple[str, ...] = ()
    failures: dict[str, str] = {}
    broken: dict[str, int] = {}
    tries: dict[str, int] = {}
    stalled: int = 0
    words: tuple[Word, ...] = ()
    aside: tuple[Word, ...] = ()
    aside_at: str = ""
    hands_at: float = 0.0
    seen: Observation | None = None
    whole_at: float = 0.0
    member: str = ""
    offered: str = ""
    asks: tuple[Asks, ...] = ()
    remembered_at: str = ""
    pace: dict[str, Pace] = {}
    begun: dict[str, float] = {}
    slow: bool = False
    scouts: bool = False
    listeners: dict[str, tuple[Listener, ...]] = {}
    touched: tuple[str, ...] = ()
    plan: Plan | None = None
    outcomes: tuple[tuple[Outcome, ...], ...] = ()
    finished: tuple[tuple[Outcome, ...], ...] = ()

    @property
    def said(self) -> tuple[Word, ...]:
        """All that infra has said of the account."""
        return (*self.aside, *self.words)
