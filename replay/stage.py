"""A local cloud with a story's world and the product in it, and what happens there told as it happens."""

import functools
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from botocore.exceptions import ClientError, ParamValidationError
from onramp.core.tags import STATUS_KEYS

from localcloud import world as worlds
from localcloud.cloud import LocalCloud
from localcloud.ground.journal import Record
from localcloud.ground.yaml_text import SAFE
from localcloud.services.events.model import Delivery
from replay import chronicle
from replay.expected import untrue
from replay.standing import left_over, stand
from replay.story import ROOT, Network, Recorded, World
from replay.telling import Asked, Chapter, Delivered, Heard, Looked, Options, Pictured, Result, Telling, Unmet
from replay.truth import Watch

TEMPLATE = ROOT / "template.yaml"
MEMBER = ROOT / "member.yaml"


class Stage:
    """A local cloud with the story's world and the product in it; tells what happens there."""

    def __init__(
        self,
        cloud: LocalCloud,
        world: World,
        options: Options,
        tell: Callable[[Telling], None],
        hear: Callable[[Record, LocalCloud], None] | None,
    ) -> None:
        self.cloud = cloud
        self.world = world
        self.options = options
        self.accounts = [account.id for account in world.accounts]
        self.requests: list[Asked] = []
        self.delivered: dict[str, str] = {}
        self.unmet: list[Unmet] = []
        self.pictured: Pictured | None = None
        self._tell = tell
        self._told_events = 0
        self._told_rounds: set[tuple[str, int]] = set()
        self._chapters: list[tuple[str, int]] = []
        answered = world.network is None or world.network.parameters.get("StatusTags", "on") == "on"
        self._truth = Watch(cloud, answered=answered)
        if hear is not None:
            cloud.journal.hear(lambda record: hear(record, cloud))

    def raise_curtain(self) -> None:
        """Build the world and deploy the product, then let everything come to rest."""
        worlds.build(self.cloud, self.world)
        if self.world.network is not None:
            deploy(self.cloud, self.world.network, self.world.members)
        self.cloud.settle()
        if self.options.disturbed:
            self.cloud.events.delivery = Delivery(
                duplicate=1.0 if self.options.twice else 0.0, reorder=self.options.shuffle is not None
            )
        self.since = len(self.cloud.journal)
        self.start = self.baseline = stand(self.cloud, self.accounts)

    @property
    def now(self) -> float:
        return self.cloud.clock.now

    def tell(self, telling: Telling) -> None:
        if isinstance(telling, Unmet):
            self.unmet.append(telling)
        if isinstance(telling, Pictured) and telling.standing.clients and telling.standing.services:
            self.pictured = telling
        if isinstance(telling, Chapter):
            self._chapters.append((telling.title, len(self.cloud.journal)))
        self._tell(telling)

    def deliver(self, recorded: Recorded, made: str = "") -> None:
        """Put a recorded event, verbatim, on the default bus of its account."""
        event = recorded.event
        self.tell(Delivered(at=self.now, recorded=recorded, made=made))
        self.delivered[event.id] = recorded.file.name
        bus = f"arn:aws:events:{event.region}:{event.account}:event-bus/default"
        self.cloud.events.put(bus, dict(recorded.document))

    def catch_up(self) -> None:
        """Tell of the events and rounds that were not told yet, in the order in which they happened."""
        tellings: list[tuple[float, Telling]] = []
        events = chronicle.events(self.cloud.journal, self.world.audience, self.since)
        tellings += [(event.at, Heard(event=event)) for event in events[self._told_events :]]
        self._told_events = len(events)
        for run in chronicle.runs(self.cloud.journal, self.since):
            for round_ in run.rounds:
                key = (run.execution, round_.plan.round)
                if round_.settled and key not in self._told_rounds:
                    self._told_rounds.add(key)
                    tellings.append((round_.at, Looked(run=run, round=round_)))
        # A round is told before what it raised in the same instant.
        for _, telling in sorted(tellings, key=lambda item: (item[0], not isinstance(item[1], Looked))):
            self.tell(telling)

    def rest(self) -> None:
        """Let everything come to rest, and hold the answers against what is."""
        self.cloud.settle()
        self._truth.at_rest(*self.accounts)

    def result(self, name: str, title: str, check: Callable[[Result], None] | None = None) -> Result:
        """Come to rest, compare with what is expected, and sum up."""
        try:
            self.rest()
        except RuntimeError as stuck:
            self.tell(Unmet(where=name, reason=str(stuck)))
        self.catch_up()
        journal = self.cloud.journal
        runs = chronicle.runs(journal, self.since)
        services, clients, refusals = chronicle.last_word(runs)
        end = stand(self.cloud, self.accounts)
        result = Result(
            name=name,
            title=title,
            world=self.world,
            seed=self.options.seed,
            disturbed=self.options.disturbed,
            events=chronicle.events(journal, self.world.audience, self.since),
            delivered=self.delivered,
            runs=runs,
            requests=self.requests,
            counts=chronicle.counts(journal, self.since),
            chapters=dict(self._chapter_counts()),
            services=services,
            clients=clients,
            refusals=refusals,
            start=self.start,
            end=end,
            leftovers=left_over(self.baseline, end),
            unmet=self.unmet,
            scripted=check is not None,
            pictured=self.pictured,
        )
        for failure in chronicle.broken(journal, self.since):
            self.tell(Unmet(where=name, reason=failure))
        for reason in (*untrue(result), *self._truth.wrong):
            self.tell(Unmet(where=name, reason=reason))
        if check is not None:
            check(result)
        return result

    def _chapter_counts(self) -> Iterator[tuple[str, chronicle.Counts]]:
        begins = [begin for _, begin in self._chapters]
        for (title, begin), end in zip(self._chapters, [*begins[1:], None], strict=False):
            yield title, chronicle.counts(self.cloud.journal, begin, end)


def deploy(cloud: LocalCloud, network: Network, members: Iterable[str]) -> None:
    """Deploy the product's two templates as infra would: the network's stack, then one in each member."""
    stack = f"onramp-{network.name}"
    outputs = cloud.stacks.deploy(TEMPLATE, network.account, stack, dict(network.parameters), tags=network.tags)
    wanted = _parameters_of(MEMBER.read_text(encoding="utf-8"))
    given = {**network.parameters, **outputs, **network.member_parameters}
    parameters = {name: value for name, value in given.items() if name in wanted}
    for member in members:
        cloud.stacks.deploy(MEMBER, member, f"{stack}-member", parameters, tags=network.tags)


class _Template(SAFE):  # type: ignore[misc]  # one of two, with the same base
    """Reads a CloudFormation template's plain parts; its functions (`!Ref`, …) are passed over."""


_Template.add_multi_constructor("!", lambda _loader, _tag, _node: None)


@functools.lru_cache(maxsize=8)
def _parameters_of(template: str) -> frozenset[str]:
    loader = _Template(template)
    try:
        document = loader.get_single_data()
    finally:
        loader.dispose()
    return frozenset(document.get("Parameters", {}))


type Versions = dict[str, tuple[int, str]]
"""Resource -> version and time of the newest tag event that was seen."""


class NotThere(Exception):
    """What a recorded event is about is not in the world; says what, and why."""


def make_true(cloud: LocalCloud, recorded: Recorded, versions: Versions) -> str:
    """Let the resource of a tag event have the tags that it reports; says what that took.

    Done quietly: the recorded event is the one that tells of it. Raises NotThere.
    """
    change = recorded.tags
    if change is None or not recorded.event.resources:
        return ""
    arn = recorded.event.resources[0]
    # The version tells the order (facts 2.1); among files that somebody wrote with one and the same, the time.
    version = (change.version, recorded.event.time)
    if version <= versions.get(arn, (0, "")):
        return f"its tags stay as version {versions[arn][0]} left them; this is version {change.version}"
    versions[arn] = version
    account = recorded.event.account
    with cloud.gate.quiet():
        try:
            if ":loadbalancer/" in arn:
                return _retag_balancer(cloud.client("elbv2", account), arn, change.tags)
            if arn.split(":")[2:3] == ["ec2"]:
                return _retag_ec2(cloud.client("ec2", account), arn.rpartition("/")[2], change.tags)
        except ClientError as refused:
            said = refused.response["Error"]["Message"]
            raise NotThere(f"the tags of {arn} cannot be set: {said}") from refused
        except ParamValidationError as wrong:
            raise NotThere(f"the tags of {arn} cannot be set: {wrong}") from wrong
    return ""


def _retag_balancer(elb: Any, arn: str, tags: dict[str, str]) -> str:
    described = elb.describe_tags(ResourceArns=[arn])["TagDescriptions"]
    before = {tag["Key"]: tag["Value"] for it in described for tag in it["Tags"]}
    put, gone = _difference(before, tags)
    if gone:
        elb.remove_tags(ResourceArns=[arn], TagKeys=gone)
    if put:
        elb.add_tags(ResourceArns=[arn], Tags=[{"Key": key, "Value": value} for key, value in put.items()])
    return _made(put, gone)


def _retag_ec2(ec2: Any, resource: str, tags: dict[str, str]) -> str:
    described = ec2.describe_tags(Filters=[{"Name": "resource-id", "Values": [resource]}])["Tags"]
    put, gone = _difference({tag["Key"]: tag["Value"] for tag in described}, tags)
    if gone:
        ec2.delete_tags(Resources=[resource], Tags=[{"Key": key} for key in gone])
    if put:
        ec2.create_tags(Resources=[resource], Tags=[{"Key": key, "Value": value} for key, value in put.items()])
    return _made(put, gone)


def _difference(before: dict[str, str], wanted: dict[str, str]) -> tuple[dict[str, str], list[str]]:
    # The answers on it are the product's to write: what they were when the event was recorded is nobody's wish.
    put = {key: value for key, value in wanted.items() if before.get(key) != value and key not in STATUS_KEYS}
    return put, [key for key in before if key not in wanted and key not in STATUS_KEYS]


def _made(put: dict[str, str], gone: list[str]) -> str:
    parts = [f"{key} = {value}" for key, value in put.items()] + [f"without {key}" for key in gone]
    return ", ".join(parts) or "its tags are so already"
