"""Count what each kind of trigger costs, by playing it on the local cloud with the product deployed."""

from collections.abc import Callable, Iterator
from contextlib import nullcontext
from functools import partial
from pathlib import Path

import msgspec
from onramp.core.pace import ENOUGH
from onramp.core.plan import STEPS_AT_MOST

from localcloud import world as worlds
from localcloud.cloud import LocalCloud
from localcloud.ground.journal import (
    CallRecord,
    EventRecord,
    ExecutionRecord,
    InvocationRecord,
    Journal,
    Record,
    StateRecord,
)
from localcloud.services.lattice import Timing
from replay import chronicle
from replay.stage import deploy
from replay.story import STORIES, Do, Story, load_story
from tests.bench.waves import counting
from tests.logs import open_log_group
from tests.stories.certified import certified

LOOK = "Plan"
"""The state of reconcile.asl.json that begins a round."""

AN_HOUR = 3600.0
SWEPT_HOURS = 6


class Limits(msgspec.Struct, frozen=True):
    """At most so many; None: no limit is set."""

    calls: int | None = None
    transitions: int | None = None
    invocations: int | None = None
    changing: int | None = None
    in_a_row: float | None = None


INVITED = Limits(calls=40, transitions=12, invocations=10)
IN_ORGANISATION = Limits(calls=36, transitions=12, invocations=9)
SECOND = Limits(calls=40, transitions=12, invocations=8)
CLIENT = Limits(calls=22, transitions=8, invocations=6)
LEAVING = Limits(calls=34, transitions=12, invocations=8)
CLIENT_LEAVING = Limits(calls=22, transitions=12, invocations=8)
NOTHING_CHANGES = Limits(calls=11, transitions=3, invocations=3, changing=0)
MANY = 20
"""Services of an account that grew: what is read one by one, and what by lists, shows in these counts."""
LARGE = 200
"""The same, of an account that is large."""
HUGE = 1000
"""By `make bench HUGE=1` alone: it takes minutes."""


def grew(services: int) -> Limits:
    """So many join at once. Six steps each, of which a round has room for so many: where that is one, as one service,
    else as often as the steps ask for; the looks between are narrow ones. Of more the run looks at all now and then.
    """
    if services <= MANY:
        return Limits(calls=15 * services + 12, transitions=12, invocations=9)
    rounds = -(-6 * services // STEPS_AT_MOST) + 1
    return (
        Limits(calls=18 * services, transitions=4 * rounds, invocations=2 * rounds + 4)
        if services <= LARGE
        else NO_LIMIT
    )


def grown_still(services: int) -> Limits:
    """Two calls a service; besides, pages of lists, of tags and of the index, and the memory, which lies outside. Of a
    large account in a tenth of the time that they would take one after another.
    """
    in_a_row = 0.1 if services >= LARGE else None
    return Limits(calls=2 * services + services // 5 + 12, transitions=3, invocations=3, changing=0, in_a_row=in_a_row)


def one_more(services: int) -> Limits:
    """Two whole looks and 40: both by lists, the last with what the run was about."""
    return Limits(calls=2 * (2 * services + services // 6) + 40, transitions=12, invocations=9)


FULL = Limits(calls=4 * MANY + 8, transitions=7, invocations=5)
"""Four calls a service, of which three say whether it answers, as in every sweep: the one try is no reason for more."""
SWEPT = Limits(calls=16, transitions=3, invocations=3, changing=0)
"""The costliest sweep assumes its role anew, and looks for what a hand has changed."""
LOG_GROUP = "/lattice/orders"
ZONE = "Z0123456789ABC"


class Said(msgspec.Struct, frozen=True):
    """`calls` at most until tags that say this are so, and `looks` at each event that changes nothing from then on.
    `changes`: something has to become another for it.
    """

    tags: dict[str, str]
    calls: int
    looks: int
    changes: bool = True


SAID = {
    "an idle timeout": Said({"idle-timeout": "120"}, 27, 12),
    "an access log": Said({"log": LOG_GROUP}, 33, 15),
    "who may call": Said({"auth": "iam"}, 61, 13),
    "a rule of a second load balancer": Said({"path-prefix": "/api"}, 52, 16),
    "a domain": Said({"domain": "api.shop.example.jp"}, 86, 15),
    "a domain with its records": Said({"domain": "api.shop.example.jp", "zone": ZONE}, 124, 17),
    "shares that a tool sets": Said({"weight": "theirs"}, 14, 15, changes=False),
    "TLS that passes through": Said({"domain": "api.shop.example.jp", "listen": "TLS_PASSTHROUGH:443"}, 91, 15),
}
IN_ZONES = {
    "a domain's records in a private zone, and a client's VPC in it": 138,
    "a client's VPC is in a private zone: an event": 14,
    "a client's VPC leaves the network and the zone": 61,
}
"""Calls at most where infra has clients put into private zones."""
OWNED = {
    "a service of one's own making is asked for": 34,
    "a service of one's own making is there: an event": 15,
    "a service of one's own making leaves": 47,
    "a service is let go": 36,
    "a service is taken over": 47,
    "a service that was taken over: an event": 11,
    "a client's sources change": 20,
}
"""Calls at most of what owners do with things of their own making."""
DROPPED = Limits(calls=0, transitions=0, invocations=0, changing=0)
"""Nothing of ours is to run; the issue sets no number for it."""
NO_LIMIT = Limits()


class Measured(msgspec.Struct, frozen=True):
    """One thing that happened, and what it cost.

    `calls` are all AWS calls of the product's functions: `reading`, `changing` (what customers or the network
    own) and `bookkeeping` (lease, start of the run, announcements) make them up. `rounds` are looks. `events`: those on
    the network's bus, forwarded to it and announced. `in_a_row`: which part of a look's calls lies one after another,
    the others beside them; 0 where that was not counted. `slept`: seconds for which functions waited by themselves.
    """

    what: str
    limits: Limits
    calls: int
    reading: int
    changing: int
    bookkeeping: int
    transitions: int
    invocations: int
    rounds: int
    runs: int
    events: int
    failed_calls: int
    by_operation: dict[str, int]
    in_a_row: float
    slept: float
    log: list[str]
    """Each state that was entered and each call of a function, in order, with the seconds since the first record."""

    @property
    def over(self) -> list[str]:
        """The limits that it breaks, in words."""
        return [
            f"{self.what}: {getattr(self, name)} {name}, at most {limit} allowed"
            for name in Limits.__struct_fields__
            if (limit := getattr(self.limits, name)) is not None and getattr(self, name) > limit
        ]


COUNTED = Path(__file__).with_name("huge.json")
"""What `make bench HUGE=1` counted last: no test has the minutes."""


def keep(found: list[Measured]) -> None:
    plain = [msgspec.structs.replace(one, log=[]) for one in found]
    COUNTED.write_bytes(msgspec.json.format(msgspec.json.encode(plain), indent=2) + b"\n")


def kept() -> list[Measured]:
    return msgspec.json.decode(COUNTED.read_bytes(), type=list[Measured])


type Hear = Callable[[Record, LocalCloud], None]


def replays(hear: Hear | None = None) -> list[Measured]:
    """Every measurement, each from a world that begins empty; `hear` gets the first world's records."""
    return [
        *there_and_back(hear),
        _in_an_organisation(),
        _second(),
        *grown(MANY),
        *grown(LARGE),
        *_said(),
        *_in_zones(),
        *_owned(),
        *_noise(),
    ]


def there_and_back(hear: Hear | None) -> Iterator[Measured]:
    """The walk-through: both sides join, nothing changes for a while, both leave."""
    story = _story("walkthrough")
    join_vpc, join_service, leave_service, leave_vpc = _deeds(story)
    department = join_service.account
    with LocalCloud() as cloud:
        if hear is not None:
            cloud.journal.hear(lambda record: hear(record, cloud))
        _raise(cloud, story)
        yield _measure(cloud, "one client VPC joins", CLIENT, lambda: _do(cloud, join_vpc))
        yield _measure(cloud, "one service joins, with an invitation", INVITED, lambda: _do(cloud, join_service))
        cloud.clock.advance(AN_HOUR / 2)
        cloud.settle()
        again = story.events[join_service.rings]
        yield _measure(
            cloud,
            "nothing changes: the same tag event again",
            NOTHING_CHANGES,
            lambda: _put(cloud, again.document, department),
        )
        begin = len(cloud.journal)
        cloud.clock.advance(SWEPT_HOURS * AN_HOUR)
        cloud.settle()
        sweeps = [
            _sum("nothing changes: a sweep", SWEPT, swept) for swept in _sweeps(list(cloud.journal)[begin:], department)
        ]
        # A role's session holds for an hour: the costliest sweep is one that has to assume the role anew.
        yield _costliest(sweeps)
        yield _measure(cloud, "one service leaves", LEAVING, lambda: _do(cloud, leave_service))
        yield _measure(cloud, "one client VPC leaves", CLIENT_LEAVING, lambda: _do(cloud, leave_vpc))


def _in_an_organisation() -> Measured:
    story = _story("organisation-sharing")
    join_vpc, join_service = _deeds(story)
    with LocalCloud() as cloud:
        _raise(cloud, story)
        _do(cloud, join_vpc)
        cloud.settle()
        return _measure(
            cloud, "one service joins, in an organisation", IN_ORGANISATION, lambda: _do(cloud, join_service)
        )


def _second() -> Measured:
    *_, second = grown(1)
    return msgspec.structs.replace(second, what="a second service of one account joins", limits=SECOND)


def grown(services: int) -> Iterator[Measured]:
    """An account whose load balancers ask for so many services, all at once; the event of one of them again; one more;
    and, of a small one, a sweep while another one asks for whom its quota has no room.
    """
    story = _story("organisation-sharing")
    join_vpc, join_service = _deeds(story)
    tags = {one["Key"]: one["Value"] for one in join_service.with_["Tags"] if not one["Key"].endswith(":service")}
    with LocalCloud() as cloud:
        quotas = cloud.lattice.quotas
        quotas.target_groups = quotas.service_associations_per_network = max(quotas.target_groups, 2 * services)
        _raise(cloud, story, _grown(story, join_service, services, tags, late=2))
        _do(cloud, join_vpc)
        cloud.settle()
        what = f"{services} services of one account"
        late = next(_others(cloud, join_service))
        yield _measure(cloud, f"{what} join at once", grew(services), lambda: _do(cloud, join_service))
        cloud.clock.advance(AN_HOUR / 2)
        cloud.settle()
        again = story.events[join_service.rings]
        yield _measure(
            cloud,
            f"nothing changes for {what}: the same tag event again",
            grown_still(services),
            lambda: _put(cloud, again.document, join_service.account),
            waves=True,
        )
        yield _measure(cloud, f"one more service beside {what}", one_more(services), lambda: _do(cloud, late))
        if services == MANY:
            quotas.target_groups = len(cloud.client("vpc-lattice", join_service.account).list_target_groups()["items"])
            _do(cloud, next(_others(cloud, join_service)))
            cloud.settle()
            begin = len(cloud.journal)
            cloud.clock.advance(2 * AN_HOUR)
            cloud.settle()
            full = f"one service too many beside {what}, each hour"
            swept = _sweeps(list(cloud.journal)[begin:], join_service.account)
            yield _costliest([_sum(full, FULL, one) for one in swept])


def _said() -> Iterator[Measured]:
    """What else tags can say of a service that is there: when it is asked for, and at each look from then on."""
    story = _story("organisation-sharing")
    join_vpc, join_service = _deeds(story)
    team = join_service.account
    [first] = join_service.with_["ResourceArns"]
    again = story.events[join_service.rings]
    with LocalCloud() as cloud:
        _raise(cloud, story, _zoned(_grown(story, join_service, 2, {}), team))
        for deed in (join_vpc, join_service):
            _do(cloud, deed)
            cloud.settle()
        open_log_group(cloud.client("logs", team), LOG_GROUP)
        elb = cloud.client("elbv2", team)
        [second] = [one.with_["ResourceArns"][0] for one in _others(cloud, join_service)]
        for what, said in SAID.items():
            beside = "path-prefix" in said.tags
            if "listen" in said.tags:
                _secured(cloud, team, first)
            given = [{"Key": f"lattice:{key}", "Value": text} for key, text in said.tags.items()]
            tags = [*join_service.with_["Tags"], *given] if beside else given
            arns = [second if beside else first]
            asked, there = Limits(calls=said.calls), Limits(calls=said.looks, transitions=3, changing=0)
            yield _measure(cloud, f"{what} is asked for", asked, partial(elb.add_tags, ResourceArns=arns, Tags=tags))
            cloud.clock.advance(AN_HOUR / 2)
            cloud.settle()
            yield _measure(cloud, f"{what} is there: an event", there, partial(_put, cloud, again.document, team))
            elb.remove_tags(ResourceArns=arns, TagKeys=[one["Key"] for one in tags])
            cloud.settle()
            cloud.clock.advance(AN_HOUR / 2)
            cloud.settle()


def _in_zones() -> Iterator[Measured]:
    """A client of one account finds the records that another one has in a private zone of its own, and leaves."""
    story = _story("private-zone")
    join_vpc, join_service, leave_vpc = _deeds(story)
    with LocalCloud() as cloud:
        _raise(cloud, story)
        _do(cloud, join_vpc)
        cloud.settle()

        def quietly(deed: Do) -> None:
            """Accounts are told of each other's zones some minutes later."""
            _do(cloud, deed)
            cloud.settle()
            cloud.clock.advance(AN_HOUR / 6)

        found, there, left = IN_ZONES.items()
        yield _measure(cloud, found[0], Limits(calls=found[1]), partial(quietly, join_service))
        still = Limits(calls=there[1], transitions=3, changing=0)
        # The same as without the tag, so that it rings and changes nothing.
        ports = [{"Key": "lattice:ports", "Value": "80 443"}]
        rings = msgspec.structs.replace(join_vpc, with_={**join_vpc.with_, "Tags": ports})
        yield _measure(cloud, there[0], still, partial(_do, cloud, rings))
        yield _measure(cloud, left[0], Limits(calls=left[1]), partial(quietly, leave_vpc))


def _secured(cloud: LocalCloud, team: str, balancer: str) -> None:
    """The load balancer listens for HTTPS, too."""
    elb = cloud.client("elbv2", team)
    [plain] = elb.describe_listeners(LoadBalancerArn=balancer)["Listeners"]
    elb.create_listener(
        LoadBalancerArn=balancer,
        Protocol="HTTPS",
        Port=443,
        Certificates=[{"CertificateArn": certified(cloud, team, "api.shop.example.jp")}],
        DefaultActions=plain["DefaultActions"],
    )
    [found] = elb.describe_load_balancers(LoadBalancerArns=[balancer])["LoadBalancers"]
    cloud.client("ec2", team).authorize_security_group_ingress(
        GroupId=found["SecurityGroups"][0], IpProtocol="tcp", FromPort=443, ToPort=443, CidrIp="0.0.0.0/0"
    )
    cloud.settle()
    cloud.clock.advance(AN_HOUR / 2)
    cloud.settle()


def _owned() -> Iterator[Measured]:
    """What people made themselves: brought to the network by a tag, and handed over by a word on each thing."""
    story = _story("organisation-sharing")
    join_vpc, join_service = _deeds(story)
    team = join_service.account
    again = story.events[join_service.rings]

    def measured(what: str, act: Callable[[], object]) -> Measured:
        limits = Limits(calls=OWNED[what], **({"transitions": 3, "changing": 0} if "event" in what else {}))
        found = _measure(cloud, what, limits, lambda: act() and None)
        cloud.clock.advance(AN_HOUR / 2)
        cloud.settle()
        return found

    with LocalCloud() as cloud:
        _raise(cloud, story)
        for deed in (join_vpc, join_service):
            _do(cloud, deed)
            cloud.settle()
        lattice = cloud.client("vpc-lattice", team)
        [ours], [group] = lattice.list_services()["items"], lattice.list_target_groups()["items"]
        [joined] = lattice.list_service_network_service_associations(serviceIdentifier=ours["arn"])["items"]
        answers = {"fixedResponse": {"statusCode": 404}}
        own = lattice.create_service(name="of-ones-own")["arn"]
        cloud.settle()
        lattice.create_listener(serviceIdentifier=own, name="http", protocol="HTTP", port=80, defaultAction=answers)
        cloud.clock.advance(AN_HOUR / 2)
        cloud.settle()
        put = partial(_put, cloud, again.document, team)
        network = {"lattice:network": str(story.script.world.network and story.script.world.network.name)}
        made = "a service of one's own making"
        yield measured(f"{made} is asked for", partial(lattice.tag_resource, resourceArn=own, tags=network))
        yield measured(f"{made} is there: an event", put)
        leave = partial(lattice.untag_resource, resourceArn=own, tagKeys=list(network))
        yield measured(f"{made} leaves", leave)
        let_go = {"lattice-onramp:release": "yes"}
        yield measured("a service is let go", partial(lattice.tag_resource, resourceArn=ours["arn"], tags=let_go))
        lattice.untag_resource(resourceArn=ours["arn"], tagKeys=list(let_go))
        cloud.settle()

        def hand_over() -> None:
            for arn in (group["arn"], joined["arn"], ours["arn"]):
                lattice.tag_resource(resourceArn=arn, tags={"lattice-onramp:adopt": "yes"})

        yield measured("a service is taken over", hand_over)
        yield measured("a service that was taken over: an event", put)
        callers = [{"Key": "lattice:allow-from", "Value": "10.1.33.0/24"}]
        [vpc] = join_vpc.with_["Resources"]
        change = partial(cloud.client("ec2", join_vpc.account).create_tags, Resources=[vpc], Tags=callers)
        yield measured("a client's sources change", change)


def _noise() -> Iterator[Measured]:
    """The costliest of the events that concern nobody."""
    story = _story("noise")
    join, *_ = _deeds(story)
    ignored = story.script.expect.ignored or ()
    with LocalCloud() as cloud:
        _raise(cloud, story)
        _do(cloud, join)
        cloud.settle()
        cloud.clock.advance(AN_HOUR / 2)
        cloud.settle()
        found = [_noise_event(cloud, story, name) for name in ignored]
    yield _costliest(found)


def _noise_event(cloud: LocalCloud, story: Story, name: str) -> Measured:
    event = story.events[name]
    return _measure(cloud, "an event that is noise", DROPPED, lambda: _put(cloud, event.document, event.event.account))


# --- waiting


class Waited(msgspec.Struct, frozen=True):
    """`service`, `association`: simulated seconds that Lattice takes to make each, one after the other; `earlier`: how
    many the account had joined before, one by one; `told`: from the run's first look to `Service Connected`; `run`: all
    that it cost. `ratio_at_most`, `transitions_at_most`: what they are held to; None where nothing is.
    """

    service: float
    association: float
    earlier: int
    told: float
    run: Measured
    ratio_at_most: float | None
    transitions_at_most: int | None

    @property
    def ratio(self) -> float:
        """Of what Lattice itself takes."""
        return self.told / (self.service + self.association)

    @property
    def transitions(self) -> int:
        return self.run.transitions


TIMES: list[tuple[float, float, int, float | None, int | None]] = [
    (30, 20, 0, 1.2, 12),
    (60, 60, 0, 1.2, 16),
    (90, 60, 0, 1.2, 20),
    (10, 5, 0, 1.5, 12),
    (10, 5, ENOUGH, 1.5, 12),
    (45, 15, 0, 1.2, 12),
    (32, 22, 0, 1.2, 12),
    (120, 90, 0, 1.2, 28),
]
"""Seconds of service and association, how many the account joined before, and what ratio and transitions are held to.
"""


def waits() -> list[Waited]:
    """In an organisation, a service whose network has a client already."""
    return [_waited(*one) for one in TIMES]


def _waited(service: float, association: float, earlier: int, ratio: float | None, transitions: int | None) -> Waited:
    story = _story("organisation-sharing")
    join_vpc, join_service = _deeds(story)
    with LocalCloud() as cloud:
        _raise(cloud, story, _grown(story, join_service, earlier + 1, {}))
        cloud.lattice.timing = Timing(service_create=service, service_association_create=association)
        _do(cloud, join_vpc)
        cloud.settle()
        for one in _others(cloud, join_service):
            _do(cloud, one)
            cloud.settle()
        begin = len(cloud.journal)
        found = _measure(cloud, "joins", NO_LIMIT, lambda: _do(cloud, join_service))
        records = list(cloud.journal)[begin:]
    looked = next(one.at for one in records if isinstance(one, StateRecord))
    told = next(
        one.at for one in records if isinstance(one, EventRecord) and one.event["detail-type"] == "Service Connected"
    )
    return Waited(
        service=service,
        association=association,
        earlier=earlier,
        told=told - looked,
        run=found,
        ratio_at_most=ratio,
        transitions_at_most=transitions,
    )


# --- playing


def _story(name: str) -> Story:
    return load_story(STORIES / name / "story.yaml")


def _deeds(story: Story) -> list[Do]:
    """What people do in the story, in order."""
    return [entry.do for entry in story.script.script if entry.do is not None]


def _raise(cloud: LocalCloud, story: Story, grown: worlds.World | None = None) -> None:
    world = grown or story.script.world
    if world.network is None:
        raise ValueError(f"nothing is deployed in the story {story.name}")
    worlds.build(cloud, world)
    deploy(cloud, world.network, world.members)
    cloud.settle()


def _grown(story: Story, join: Do, balancers: int, tags: dict[str, str], late: int = 0) -> worlds.World:
    """The story's world, with so many load balancers in the joining account, of which all but the story's own have the
    tags, and with some that come late and have none.
    """
    world = story.script.world
    [account] = [one for one in world.accounts if one.id == join.account]
    [balancer] = account.load_balancers
    others = [
        msgspec.structs.replace(
            balancer, name=f"{balancer.name[:20]}-{number}", id="", tags=tags if number < balancers else {}
        )
        for number in range(1, balancers + late)
    ]
    many = msgspec.structs.replace(account, load_balancers=(balancer, *others))
    accounts = tuple(many if one.id == account.id else one for one in world.accounts)
    return msgspec.structs.replace(world, accounts=accounts)


def _zoned(world: worlds.World, team: str) -> worlds.World:
    """The world with a hosted zone of the team's, which infra has allowed."""
    zone = worlds.HostedZone(name="shop.example.jp", id=ZONE)
    with_zone = tuple(
        msgspec.structs.replace(one, hosted_zones=(zone,)) if one.id == team else one for one in world.accounts
    )
    network = world.network
    allowed = {"HostedZoneArns": f"arn:aws:route53:::hostedzone/{ZONE}"}
    network = network and msgspec.structs.replace(network, parameters={**network.parameters, **allowed})
    return msgspec.structs.replace(world, accounts=with_zone, network=network)


def _others(cloud: LocalCloud, join: Do) -> Iterator[Do]:
    """The same deed for each of the account's other load balancers that bears no tag, under a name of its own."""
    tags = [one for one in join.with_["Tags"] if not one["Key"].endswith(":service")]
    elb = cloud.client("elbv2", join.account)
    pages = elb.get_paginator("describe_load_balancers").paginate()
    there = {one["LoadBalancerArn"] for page in pages for one in page["LoadBalancers"]}
    for arn in sorted(there - set(join.with_["ResourceArns"])):
        if not elb.describe_tags(ResourceArns=[arn])["TagDescriptions"][0]["Tags"]:
            yield msgspec.structs.replace(join, with_={"ResourceArns": [arn], "Tags": tags})


def _do(cloud: LocalCloud, do: Do) -> None:
    service, _, method = do.call.partition(".")
    getattr(cloud.client(service, do.account), method)(**do.with_)


def _put(cloud: LocalCloud, event: dict[str, object], account: str) -> None:
    cloud.events.put(f"arn:aws:events:{cloud.region}:{account}:event-bus/default", dict(event))


# --- counting


def _measure(cloud: LocalCloud, what: str, limits: Limits, act: Callable[[], None], *, waves: bool = False) -> Measured:
    begin = len(cloud.journal)
    with counting(cloud) if waves else nullcontext() as counted:
        act()
        cloud.settle()
    found = _sum(what, limits, list(cloud.journal)[begin:])
    return msgspec.structs.replace(found, in_a_row=counted.passed / counted.made if counted else 0.0)


def _sweeps(records: list[Record], account: str) -> Iterator[list[Record]]:
    """For each sweep of the account: the records from its event to the end of its run.

    ValueError when a run of another account was under way meanwhile: its calls would be counted, too.
    """
    for begin, record in enumerate(records):
        if not _sweeps_account(record, account):
            continue
        end = next(number for number in range(begin, len(records)) if _ends(records[number]))
        swept = records[begin : end + 1]
        started = [it.input["account"] for it in swept if isinstance(it, ExecutionRecord) and not _ends(it)]
        if started != [account]:
            raise ValueError(f"one run of {account} was to be seen, not runs of {started}")
        yield swept


def _sweeps_account(record: Record, account: str) -> bool:
    """Whether this is the account's sweep event, on its own bus."""
    return (
        isinstance(record, EventRecord)
        and (record.event["detail-type"], record.event["account"]) == ("Sweep", account)
        and record.bus.endswith(f"{account}:event-bus/default")
    )


def _ends(record: Record) -> bool:
    return isinstance(record, ExecutionRecord) and record.status != "RUNNING"


def _costliest(found: list[Measured]) -> Measured:
    most = max(found, key=lambda it: (it.calls, it.invocations))
    return msgspec.structs.replace(most, what=f"{most.what} (the costliest of {len(found)})")


def _sum(what: str, limits: Limits, records: list[Record]) -> Measured:
    journal = Journal()
    for record in records:
        journal.add(record)
    broken = chronicle.broken(journal)
    if broken:
        raise ValueError(f"{what}: {'; '.join(broken)}")
    counts = chronicle.counts(journal)
    calls = [record for record in journal.of(CallRecord) if record.function]
    bookkeeping = sum(record.mutating and record.service in chronicle.BOOKS for record in calls)
    return Measured(
        what=what,
        limits=limits,
        calls=counts.calls,
        reading=counts.calls - counts.mutating - bookkeeping,
        changing=counts.mutating,
        bookkeeping=bookkeeping,
        transitions=counts.transitions,
        invocations=counts.invocations,
        rounds=sum(record.state == LOOK for record in journal.of(StateRecord)),
        runs=counts.runs,
        events=sum(":event-bus/onramp-" in record.bus for record in journal.of(EventRecord)),
        failed_calls=sum(record.outcome != "ok" for record in calls),
        by_operation=counts.by_operation,
        in_a_row=0.0,
        slept=sum(record.slept for record in journal.of(InvocationRecord)),
        log=list(_log(records)),
    )


def _log(records: list[Record]) -> Iterator[str]:
    for record in records:
        if isinstance(record, StateRecord):
            yield f"{record.at - records[0].at:8.1f}  {record.state}"
        elif isinstance(record, CallRecord) and record.function:
            who = f"{record.function.rpartition('-')[2]} {record.account}"
            failed = "" if record.outcome == "ok" else f"  {record.outcome}"
            yield f"{record.at - records[0].at:8.1f}    {who}  {record.service}:{record.operation}{failed}"
