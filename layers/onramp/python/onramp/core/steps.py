"""Every step there is, the batches of them, and what became of each."""

from typing import Literal

from onramp.core.model import Forward, Ingress, Match, Record, Value


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
    `remove`: keys of an answer on it that nobody writes any more.
    """

    resource: str
    needs: str = ""
    remove: tuple[str, ...] = ()


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
