"""What a sibling's network has still of what carries an answer here: of each kind, and nobody pays who has none."""

from typing import Any

import pytest
from msgspec.structs import replace
from onramp.aws.observe.lattice import Lattice
from onramp.aws.observe.reader import Reader
from onramp.aws.observe.siblings import arrived, domains_elsewhere, elsewhere
from onramp.core import tags
from onramp.core.desired import desired
from onramp.core.model import (
    TARGET_GROUPS,
    Association,
    Existing,
    Forward,
    Listener,
    LoadBalancer,
    Observation,
    Resource,
    Service,
    Target,
    TargetGroup,
    Vpc,
)
from onramp.core.network import Network
from onramp.core.run import Run

from tests.aws.canned import (
    BALANCER,
    GROUP,
    INFRA,
    INSIDE,
    JOINED,
    LATTICE,
    SERVICE,
    TEAM,
    Answer,
    Canned,
    Given,
    error,
)

NET = Network(
    name="net",
    arn=f"arn:aws:vpc-lattice:ap-northeast-1:{INFRA}:servicenetwork/sn-1",
    account=INFRA,
    share="arn:share",
    siblings=frozenset({"two", "three"}),
)
GONE, DENIED = error("ResourceNotFoundException", 404), error("AccessDeniedException", 403)
ANSWERED = {tags.STATUS: "connected"}
THERE = Association(arn=JOINED, network="arn:sn-2", status="ACTIVE", owned=False)

VPC = Vpc(id="vpc-1", cidrs=(), tags=ANSWERED)
ALB = LoadBalancer(
    arn=BALANCER, name="orders", type="application", scheme="internal", state="active", vpc="vpc-1", tags=ANSWERED
)
MADE = Existing(arn=SERVICE, name="theirs", status="ACTIVE", tags=ANSWERED, associations=(THERE,))
KINDS = {"VPC": VPC, "load balancer": ALB, "service": MADE}

OF_GROUP: Given = {"arn": GROUP, "name": "theirs", "type": "ALB", "vpcIdentifier": "vpc-1"}
TWO: Given = {"tags": {tags.OWNER: "two"}}
WORLD: dict[str, Answer] = {
    "list_tags_for_resource": TWO,
    "list_target_groups": {"items": [OF_GROUP]},
    "list_targets": {"items": [{"id": BALANCER, "port": 80, "status": "HEALTHY"}]},
    "list_service_network_vpc_associations": {"items": [{"arn": INSIDE, "serviceNetworkArn": "arn:sn-2"}]},
    "get_service_network_vpc_association": {"vpcId": "vpc-1", "serviceNetworkArn": "arn:sn-2", "status": "ACTIVE"},
}


def found(
    *resources: Resource, network: Network = NET, **answers: Answer
) -> tuple[frozenset[str], list[tuple[str, Given]], dict[str, str]]:
    account = Canned(TEAM, **{**WORLD, **answers})
    reader = Reader(network, account, Run(account=TEAM, trigger={}))
    seen = elsewhere(reader, Lattice(reader, frozenset(), for_hands=False), resources)
    return seen, account.calls, reader.unread


def key(resource: Resource) -> str:
    return resource.id if isinstance(resource, Vpc) else resource.arn


@pytest.mark.parametrize("resource", KINDS.values(), ids=KINDS)
def test_what_a_sibling_has_still_is_told_of_each_kind(resource: Resource) -> None:
    seen, _, unread = found(resource)
    assert (seen, unread) == ({key(resource)}, {})


def test_all_kinds_are_told_together() -> None:
    seen, _, _ = found(*KINDS.values())
    assert seen == {"vpc-1", BALANCER, SERVICE}


@pytest.mark.parametrize("resource", KINDS.values(), ids=KINDS)
@pytest.mark.parametrize("owner", ["net", "stranger", ""])
def test_what_no_sibling_marked_is_nobodys_that_is_asked_for(resource: Resource, owner: str) -> None:
    seen, _, _ = found(resource, list_tags_for_resource={"tags": {tags.OWNER: owner} if owner else {}})
    assert seen == frozenset()


@pytest.mark.parametrize("resource", KINDS.values(), ids=KINDS)
def test_without_siblings_nothing_is_asked(resource: Resource) -> None:
    assert found(resource, network=replace(NET, siblings=frozenset())) == (frozenset(), [], {})


ASKS, MOVES, STRAY = {"lattice:network": "net"}, {"lattice:network": " two "}, {"lattice:listen": "HTTP:80"}


@pytest.mark.parametrize("resource", KINDS.values(), ids=KINDS)
@pytest.mark.parametrize(
    ("given", "offboarding", "asked"),
    [
        ({}, False, False),
        ({**ANSWERED, **ASKS}, False, False),
        ({**ANSWERED, **STRAY}, False, True),
        ({**ANSWERED, **MOVES}, False, False),
        (ANSWERED, False, True),
        (ANSWERED, True, True),
        ({**ANSWERED, **ASKS}, True, True),
        ({**ANSWERED, **MOVES}, True, True),
    ],
    ids=[
        "no answer", "asks here", "a typing error", "asks the sibling", "asks nobody",
        "given up", "given up, asked here", "given up, asks the sibling",
    ],
)  # fmt: skip
def test_only_what_carries_an_answer_and_asks_for_no_network_here_is_asked(
    resource: Any, given: dict[str, str], offboarding: bool, asked: bool
) -> None:
    seen, calls, _ = found(replace(resource, tags=given), network=replace(NET, offboarding=offboarding))
    assert (bool(seen), bool(calls)) == (asked, asked)


@pytest.mark.parametrize(
    ("item", "targets"),
    [
        ({"type": "IP"}, None),
        ({"vpcIdentifier": "vpc-2"}, None),
        ({}, {"items": []}),
        ({}, {"items": [{"id": "arn:another", "status": "HEALTHY"}]}),
        ({}, GONE),
    ],
    ids=["no load balancer's", "of another VPC", "empty", "another's", "gone"],
)
def test_a_siblings_group_tells_of_the_load_balancers_that_are_in_it_alone(item: Given, targets: Answer | None) -> None:
    answers = {
        "list_target_groups": {"items": [{**OF_GROUP, **item}]},
        "list_targets": targets or WORLD["list_targets"],
    }
    seen, calls, unread = found(ALB, **answers)
    assert (seen, unread) == (frozenset(), {})
    assert ("list_targets", {"targetGroupIdentifier": GROUP}) not in calls or not item


def test_targets_are_asked_for_of_groups_with_a_siblings_mark_alone() -> None:
    other = f"{LATTICE}targetgroup/tg-2"
    marks = {GROUP: "stranger", other: "three"}
    seen, calls, _ = found(
        ALB,
        list_target_groups={"items": [OF_GROUP, {**OF_GROUP, "arn": other}]},
        list_tags_for_resource=lambda given: {"tags": {tags.OWNER: marks[given["resourceArn"]]}},
    )
    assert seen == {BALANCER}
    assert [given for method, given in calls if method == "list_targets"] == [{"targetGroupIdentifier": other}]


def test_a_group_whose_targets_are_denied_is_unread_and_what_is_on_it_not_known() -> None:
    seen, _, unread = found(ALB, list_targets=DENIED)
    assert (seen, unread) == (frozenset(), {GROUP: "Operation AccessDeniedException"})


def test_where_groups_may_not_be_listed_that_is_told() -> None:
    assert found(ALB, list_target_groups=DENIED)[::2] == (
        frozenset(),
        {TARGET_GROUPS: "Operation AccessDeniedException"},
    )


@pytest.mark.parametrize("answer", [{"items": []}, DENIED], ids=["none", "denied"])
def test_a_vpc_that_is_in_no_network_any_more_is_in_no_siblings(answer: Answer) -> None:
    seen, _, unread = found(VPC, list_service_network_vpc_associations=answer)
    assert seen == frozenset()
    assert unread == ({} if isinstance(answer, dict) else {"vpc-1": "Operation AccessDeniedException"})


@pytest.mark.parametrize(
    ("associations", "there"),
    [
        ((), False),
        ((replace(THERE, owned=True),), False),
        ((replace(THERE, owned=True), THERE), True),
    ],
)
def test_a_service_is_with_a_sibling_by_an_association_that_is_not_ours(
    associations: tuple[Association, ...], there: bool
) -> None:
    seen, _, _ = found(replace(MADE, associations=associations))
    assert bool(seen) is there


OLD = "shop.old.on.aws"
ON_IT: Given = {"arn": JOINED, "serviceNetworkArn": "arn:sn-2", "status": "ACTIVE", "dnsEntry": {"domainName": OLD}}
CARRIES = replace(ALB, tags={**ANSWERED, **ASKS, tags.DOMAIN: OLD})
OURS = Service(arn=f"{SERVICE}0", name="shop", status="ACTIVE", owned=True, domain=OLD)


@pytest.mark.parametrize(
    ("balancer", "given", "services", "joined", "still", "asks"),
    [
        (CARRIES, {}, (), ON_IT, True, True),
        (CARRIES, {}, (replace(OURS, owned=False),), ON_IT, True, True),
        (CARRIES, {}, (OURS,), ON_IT, False, False),
        (CARRIES, {"siblings": frozenset()}, (), ON_IT, False, False),
        (CARRIES, {"offboarding": True}, (), ON_IT, False, False),
        (replace(CARRIES, tags={**ANSWERED, **ASKS}), {}, (), ON_IT, False, False),
        (replace(CARRIES, tags={**CARRIES.tags, **MOVES}), {}, (), ON_IT, False, False),
        (CARRIES, {}, (), {**ON_IT, "status": "DELETE_IN_PROGRESS"}, False, True),
        (CARRIES, {}, (), {**ON_IT, "dnsEntry": {"domainName": "bank.old.on.aws"}}, False, True),
        (CARRIES, {}, (), None, False, True),
    ],
    ids=[
        "it answers", "beside a stranger's", "by ours", "no siblings", "given up", "no domain", "asks the sibling",
        "off the network", "another's", "not on it",
    ],
)  # fmt: skip
def test_the_domain_of_a_siblings_service_is_known_as_long_as_it_sends_there(
    balancer: LoadBalancer,
    given: dict[str, Any],
    services: tuple[Service, ...],
    joined: Given | None,
    still: bool,
    asks: bool,
) -> None:
    seen, asked = old_domains(balancer, services, [joined] if joined else [], **given)
    assert (seen, asked) == ({BALANCER: OLD} if still else {}, asks)


@pytest.mark.parametrize(
    ("operation", "answer", "still"),
    [
        ("list_target_groups", DENIED, True),
        ("list_service_network_service_associations", DENIED, True),
        ("list_service_network_service_associations", GONE, False),
    ],
)
def test_where_that_cannot_be_read_the_domain_stays(operation: str, answer: Answer, still: bool) -> None:
    assert old_domains(CARRIES, (), [ON_IT], {operation: answer}) == ({BALANCER: OLD} if still else {}, True)


def old_domains(
    balancer: LoadBalancer,
    services: tuple[Service, ...],
    joined: list[Given],
    answers: dict[str, Answer] | None = None,
    **given: Any,
) -> tuple[dict[str, str], bool]:
    """What is known, and was anything asked?"""
    there: dict[str, Answer] = {
        "list_target_groups": {"items": [{**OF_GROUP, "serviceArns": [SERVICE]}]},
        "list_service_network_service_associations": {"items": joined},
    }
    account = Canned(TEAM, **{**WORLD, **there, **(answers or {})})
    reader = Reader(replace(NET, **given), account, Run(account=TEAM, trigger={}))
    lattice = Lattice(reader, frozenset(), for_hands=False)
    seen = domains_elsewhere(reader, lattice, (VPC, balancer), services, frozenset())
    return seen, bool(account.calls)


MINE = Service(
    arn=f"{SERVICE}0",
    name="shop",
    status="ACTIVE",
    owned=True,
    associations=(Association(arn=f"{JOINED}0", network=NET.arn, status="ACTIVE", owned=True),),
    listeners=(
        Listener(arn="arn:l", name="HTTP-80", port=80, protocol="HTTP", owned=True, forwards=(Forward("tg-0", 100),)),
    ),
)
ANOTHER = replace(ALB, arn=f"{BALANCER}2", tags={"lattice:network": "net", "lattice:service": "shop"})
MY_GROUP = TargetGroup(
    arn=f"{LATTICE}targetgroup/tg-0",
    name="mine",
    status="ACTIVE",
    owned=True,
    targets=(Target(id=BALANCER, port=80, status="UNAVAILABLE"),),
)


def there(
    *,
    tag: str = "two",
    name: str = "bank",
    service: Service = MINE,
    network: Network = NET,
    others: tuple[LoadBalancer, ...] = (),
    **answers: Answer,
) -> tuple[frozenset[str], bool, dict[str, str]]:
    """Who has arrived, was anything asked, and what was not read? What behind our service moves is asked about."""
    world: dict[str, Answer] = {
        **WORLD,
        "list_target_groups": {"items": [{**OF_GROUP, "serviceArns": [SERVICE]}]},
        "list_service_network_service_associations": {"items": [ON_IT]},
        **answers,
    }
    account = Canned(TEAM, **world)
    reader = Reader(network, account, Run(account=TEAM, trigger={}))
    balancer = replace(ALB, tags={"lattice:network": tag, "lattice:service": name})
    seen = Observation(TEAM, load_balancers=(balancer, *others), services=(service,), target_groups=(MY_GROUP,))
    found = arrived(reader, Lattice(reader, frozenset(), for_hands=False), seen, desired(network, seen))
    return found, bool(account.calls), reader.unread


@pytest.mark.parametrize(
    "given",
    [
        {"tag": "net"},
        {"name": "shop"},
        {"service": replace(MINE, owned=False)},
        {"service": replace(MINE, associations=())},
        {"service": replace(MINE, listeners=())},
        {"network": replace(NET, siblings=frozenset())},
        {"network": replace(NET, offboarding=True)},
    ],
    ids=["asks here", "under its name", "not ours", "off the network", "sends to nobody", "no siblings", "given up"],
)
def test_where_no_service_of_ours_waits_for_who_moves_nothing_is_asked(given: dict[str, Any]) -> None:
    assert there(**given) == (frozenset(), False, {})


@pytest.mark.parametrize(
    ("given", "arrives"),
    [
        ({}, True),
        ({"others": (ANOTHER,)}, True),
        ({"others": (ANOTHER,), "name": "shop"}, True),
        ({"tag": "three"}, True),
        ({"tag": "three", "list_tags_for_resource": {"tags": {tags.OWNER: "a-sibling"}}}, False),
        ({"list_tags_for_resource": {"tags": {tags.OWNER: "stranger"}}}, False),
        ({"list_target_groups": {"items": [OF_GROUP]}}, False),
        ({"list_targets": {"items": [{"id": BALANCER, "port": 80, "status": "INITIAL"}]}}, False),
        ({"list_targets": {"items": [{"id": BALANCER, "port": 80, "status": "DRAINING"}]}}, False),
        ({"list_service_network_service_associations": {"items": [{**ON_IT, "status": "CREATE_IN_PROGRESS"}]}}, False),
        ({"list_service_network_service_associations": {"items": [{**ON_IT, "serviceNetworkArn": NET.arn}]}}, False),
        ({"list_service_network_service_associations": GONE}, False),
    ],
    ids=[
        "it is there", "others ask for the service", "and it for that name", "a second sibling, which lets go last",
        "one that lets go first", "a stranger's", "no service", "not yet", "not any more", "on its way",
        "on ours", "gone",
    ],
)  # fmt: skip
def test_who_moves_has_arrived_when_a_siblings_service_on_its_network_sends_to_it(
    given: dict[str, Any], arrives: bool
) -> None:
    network = replace(NET, siblings=frozenset({"two", "three", "a-sibling"}))
    assert there(network=network, **given) == (frozenset({BALANCER} if arrives else ()), True, {})


@pytest.mark.parametrize(
    "operation", ["list_target_groups", "list_targets", "list_service_network_service_associations"]
)
def test_what_cannot_be_read_has_not_arrived(operation: str) -> None:
    found, _, unread = there(**{operation: DENIED})
    assert (found, len(unread)) == (frozenset(), 1)


@pytest.mark.parametrize(("siblings", "mark"), [(NET.siblings, "two"), (frozenset(), "")])
def test_whose_the_place_of_a_load_balancer_is_is_asked_where_there_are_siblings(
    siblings: frozenset[str], mark: str
) -> None:
    account = Canned(TEAM, **{**WORLD, "list_target_groups": {"items": [{**OF_GROUP, "status": "ACTIVE"}]}})
    reader = Reader(replace(NET, siblings=siblings), account, Run(account=TEAM, trigger={}))
    found = Lattice(reader, frozenset(), for_hands=False).others_target_groups({"wanted"}, {BALANCER: "vpc-1"}, [])
    assert [(one.arn, one.owned, one.mark) for one in found] == [(GROUP, False, mark)]
    asked = [method for method, _ in account.calls if method == "list_tags_for_resource"]
    assert len(asked) == (1 if siblings else 0)


@pytest.mark.parametrize(
    ("status", "mark", "ours", "came"),
    [
        ("ACTIVE", "two", True, True),
        ("CREATE_IN_PROGRESS", "two", True, False),
        ("ACTIVE", "three", True, False),
        ("ACTIVE", "two", False, False),
    ],
    ids=["it is there", "on its way", "another sibling's", "it is not on ours"],
)
def test_a_service_that_people_made_has_arrived_when_the_sibling_has_brought_it(
    status: str, mark: str, *, ours: bool, came: bool
) -> None:
    mine = Association(arn=f"{JOINED}0", network=NET.arn, status="ACTIVE", owned=True)
    moved = replace(
        MADE,
        tags={**ANSWERED, "lattice:network": "two"},
        associations=(replace(THERE, status=status), *((mine,) if ours else ())),
    )
    account = Canned(TEAM, **{**WORLD, "list_tags_for_resource": {"tags": {tags.OWNER: mark}}})
    reader = Reader(NET, account, Run(account=TEAM, trigger={}))
    seen = Observation(TEAM, existing=(moved,))
    found = arrived(reader, Lattice(reader, frozenset(), for_hands=False), seen, desired(NET, seen))
    assert found == (frozenset({SERVICE}) if came else frozenset())
