"""Services that people made themselves: who tells of them, what is read of each, and that nobody pays who has none."""

from typing import Any

import pytest
from msgspec.structs import replace
from onramp.aws.errors import translated
from onramp.aws.observe import domains, sharing, touched
from onramp.aws.observe.existing import existing
from onramp.aws.observe.lattice import Lattice
from onramp.aws.observe.reader import Reader
from onramp.aws.reach import Reach
from onramp.core import tags
from onramp.core.desired import Desired
from onramp.core.errors import NotYet
from onramp.core.inventory import Refusal, Request, ServiceState
from onramp.core.model import MARKED, UNREAD, Access, Association, Existing, Holder, Observation, Service
from onramp.core.network import Network
from onramp.core.run import Memory, Plan, Run
from onramp.core.steps import Batch, Outcome, WriteStatus
from onramp.core.tagged_by import MISSING as MORE
from onramp.core.tagged_by import Asks

from tests.aws.canned import INFRA, JOINED, SERVICE, STRANGER, TEAM, Answer, Canned, Given, error

NET = Network(
    name="net",
    arn=f"arn:aws:vpc-lattice:ap-northeast-1:{INFRA}:servicenetwork/sn-1",
    account=INFRA,
    share="arn:share",
    siblings=frozenset({"two"}),
)
GONE, DENIED, THROTTLED = (
    error("ResourceNotFoundException", 404),
    error("AccessDeniedException", 403),
    error("ThrottlingException", 429),
)
WISH = {"lattice:network": "net"}
READ: dict[str, Answer] = {
    "get_resources": {"ResourceTagMappingList": []},
    "list_tags_for_resource": {"tags": WISH},
    "list_service_network_service_associations": {"items": []},
    "get_service": {"name": "theirs", "status": "ACTIVE", "dnsEntry": {"domainName": "theirs.on.aws"}},
    "list_listeners": {"items": [{"arn": f"{SERVICE}/listener/listener-1"}]},
}
THERE = Existing(
    arn=SERVICE, name="theirs", status="ACTIVE", tags=WISH, domain="theirs.on.aws", associations=(), listens=True
)
STATE = ServiceState(
    account=TEAM, name="theirs", network="net", status="connected", arn=SERVICE, load_balancers=(SERVICE,)
)
TOLD = Run(account=TEAM, trigger={}, asks=(Asks(resource=SERVICE),))
SWEPT = Run(account=TEAM, trigger={"detail_type": "Sweep"})


def found(
    run: Run, *ours: Service, network: Network = NET, for_hands: bool = False, **answers: Answer
) -> tuple[tuple[Existing, ...], Canned, Reader]:
    account = Canned(TEAM, **{**READ, **answers})
    reader = Reader(network, account, run)
    marked = frozenset(reader.known)
    with translated():
        seen = existing(reader, Lattice(reader, marked, for_hands=False), ours, for_hands=for_hands)
    return seen, account, reader


def methods(account: Canned) -> list[str]:
    return [method for method, _ in account.calls]


def association(**given: Any) -> Given:
    return {"arn": JOINED, "status": "ACTIVE", "serviceNetworkArn": NET.arn, "serviceName": "theirs", **given}


def indexed(*arns: str, **given: str) -> Given:
    pairs = [{"Key": key, "Value": value} for key, value in (given or WISH).items()]
    return {"ResourceTagMappingList": [{"ResourceARN": arn, "Tags": pairs} for arn in arns]}


def test_an_account_of_which_nothing_tells_of_any_is_not_asked() -> None:
    ours = ServiceState(
        account=TEAM, name="orders", network="net", status="connected", arn=SERVICE, load_balancers=("arn:balancer",)
    )
    seen, account, _ = found(Run(account=TEAM, trigger={}, memory=Memory(services=(ours,))))
    assert (seen, account.calls) == ((), [])


def test_a_sweep_asks_once_by_the_tag_that_everybody_who_joins_has() -> None:
    seen, account, _ = found(SWEPT)
    filters = {"TagFilters": [{"Key": "lattice:network"}], "ResourceTypeFilters": ["vpc-lattice:service"]}
    assert (seen, account.calls) == ((), [("get_resources", filters)])


@pytest.mark.parametrize(("hours", "asks"), [(6, False), (2, False), (1, True)])
def test_a_sweep_that_looks_for_hands_leaves_it_to_the_next_where_there_is_one(hours: int, asks: bool) -> None:
    _, account, _ = found(SWEPT, network=replace(NET, hands_seconds=hours * 3600), for_hands=True)
    assert bool(account.calls) == asks


@pytest.mark.parametrize("run", [SWEPT, replace(SWEPT, trigger={"detail_type": "Look"}), replace(TOLD, asks=(MORE,))])
def test_what_the_index_lists_is_read(run: Run) -> None:
    seen, account, _ = found(run, get_resources=indexed(SERVICE, f"{SERVICE}/listener/listener-1"))
    assert seen == (THERE,)
    assert methods(account) == [
        "get_resources",
        "list_tags_for_resource",
        "list_service_network_service_associations",
        "get_service",
        "list_listeners",
    ]


REFUSED = Refusal(code="tag-unknown", resource=SERVICE, message="m")
UNSAID = f"WriteStatus {TEAM} {SERVICE}"
LEFT = Outcome(kind="WriteStatus", account=TEAM, name=SERVICE, because="b", status="not_yet")
ASKED = Request(id="1", kind="service", name="theirs", resource=SERVICE, what=())


@pytest.mark.parametrize(
    "run",
    [
        TOLD,
        Run(account=TEAM, trigger={}, memory=Memory(services=(STATE,))),
        Run(account=TEAM, trigger={}, memory=Memory(refusals=(REFUSED,))),
        Run(account=TEAM, trigger={}, memory=Memory(approvals=(ASKED,))),
        Run(account=TEAM, trigger={}, plan=Plan(account=TEAM, round=1, next="apply", services=(STATE,))),
        Run(account=TEAM, trigger={}, memory=Memory(refusals=(replace(REFUSED, resource=UNSAID),))),
        Run(account=TEAM, trigger={}, plan=Plan(account=TEAM, round=1, next="apply"), outcomes=((LEFT,),)),
        Run(account=TEAM, trigger={}, plan=Plan(account=TEAM, round=2, next="apply"), failures={UNSAID: "denied"}),
    ],
    ids=["who rang", "report", "refusal", "request", "last look", "answer refused", "answer failed", "given up"],
)
def test_what_was_told_of_is_read_without_the_index(run: Run) -> None:
    seen, account, _ = found(run)
    assert seen == (THERE,)
    assert "get_resources" not in methods(account)


def test_what_runs_made_asks_by_no_tag_of_its_own() -> None:
    service = Service(arn=SERVICE, name="theirs", status="ACTIVE", owned=True)
    seen, account, _ = found(TOLD, service)
    assert (seen, account.calls) == ((), [])
    seen, account, _ = found(replace(TOLD, memory=Memory(arns={SERVICE: "theirs"})))
    assert (seen, account.calls) == ((), [])


@pytest.mark.parametrize(
    ("run", "answers", "expected", "asked"),
    [
        (TOLD, {"list_tags_for_resource": GONE}, (), 1),
        (TOLD, {"list_tags_for_resource": {"tags": {"Name": "x"}}}, (), 1),
        (TOLD, {"get_service": GONE}, (), 3),
        (TOLD, {"list_tags_for_resource": {"tags": {"lattice:network": "two"}}}, (), 1),
        (
            TOLD,
            {"list_tags_for_resource": DENIED},
            (Existing(arn=SERVICE, name="svc-1", status=UNREAD),),
            1,
        ),
        (
            replace(TOLD, memory=Memory(services=(STATE,))),
            {"list_tags_for_resource": DENIED},
            (Existing(arn=SERVICE, name="theirs", status=UNREAD),),
            1,
        ),
        (TOLD, {"get_service": DENIED}, (Existing(arn=SERVICE, name="svc-1", status=UNREAD, tags=WISH),), 3),
        (
            replace(TOLD, memory=Memory(services=(STATE,))),
            {"list_tags_for_resource": {"tags": {}}},
            (replace(THERE, tags={}),),
            4,
        ),
        (
            TOLD,
            {"list_tags_for_resource": {"tags": {tags.STATUS: "connected"}}},
            (replace(THERE, tags={tags.STATUS: "connected"}),),
            4,
        ),
        (TOLD, {"list_listeners": DENIED}, (replace(THERE, listens=None),), 4),
        (TOLD, {"list_listeners": GONE}, (replace(THERE, listens=None),), 4),
        (TOLD, {"list_listeners": {"items": []}}, (replace(THERE, listens=False),), 4),
        (TOLD, {"list_listeners": {"items": [{"protocol": "TLS_PASSTHROUGH"}]}}, (replace(THERE, passes=True),), 4),
    ],
    ids=[
        "gone",
        "asks nothing",
        "gone meanwhile",
        "a sibling's",
        "tags denied",
        "tags denied of a known one",
        "service denied",
        "asked before",
        "has an answer",
        "listeners denied",
        "gone at last",
        "no listener",
        "passing TLS through",
    ],
)
def test_as_much_is_known_of_it_as_can_be_read(
    run: Run, answers: dict[str, Answer], expected: tuple[Existing, ...], asked: int
) -> None:
    seen, account, reader = found(run, **answers)
    assert (seen, len(account.calls)) == (expected, asked)
    assert (SERVICE in reader.unread) == any(one.status == UNREAD for one in expected)


def test_being_asked_to_slow_down_stops_the_look() -> None:
    with pytest.raises(NotYet):
        found(TOLD, list_listeners=THROTTLED)


@pytest.mark.parametrize(
    ("wish", "mark", "arns", "owned"),
    [
        (WISH, "net", {}, True),
        (WISH, "", {}, False),
        ({tags.STATUS: "connected"}, "net", {}, False),
        ({tags.STATUS: "connected"}, "net", {JOINED: "theirs"}, True),
    ],
    ids=["asks", "another hand's", "mark alone", "remembered"],
)
def test_our_mark_counts_where_it_asks_or_where_we_remember(
    wish: dict[str, str], mark: str, arns: dict[str, str], owned: bool
) -> None:
    def of(given: Given) -> Given:
        return {"tags": wish if given["resourceArn"] == SERVICE else {tags.OWNER: mark}}

    answers: dict[str, Answer] = {
        "list_tags_for_resource": of,
        "list_service_network_service_associations": {"items": [association(customDomainName="API.example.jp")]},
    }
    [seen], _, _ = found(replace(TOLD, memory=Memory(arns=arns)), **answers)
    assert seen.associations == (Association(arn=JOINED, network=NET.arn, status="ACTIVE", owned=owned),)
    assert seen.custom_domain == "api.example.jp"


@pytest.mark.parametrize(
    ("mark", "joined", "is_seen"), [("two", False, False), ("two", True, True), ("net", False, True)]
)
def test_what_bears_a_siblings_mark_is_the_siblings_unless_it_is_here_by_our_hand(
    mark: str, joined: bool, is_seen: bool
) -> None:
    def of(given: Given) -> Given:
        return {"tags": {**WISH, tags.OWNER: mark} if given["resourceArn"] == SERVICE else {tags.OWNER: "net"}}

    items = [association()] if joined else []
    answers: dict[str, Answer] = {
        "list_tags_for_resource": of,
        "list_service_network_service_associations": {"items": items},
    }
    seen, _, _ = found(TOLD, **answers)
    assert (seen != ()) == is_seen


def test_one_of_another_account_is_known_by_the_index_alone() -> None:
    far = SERVICE.replace(TEAM, STRANGER)
    seen, account, _ = found(SWEPT, get_resources=indexed(far))
    assert seen == (Existing(arn=far, name="svc-1", status="ACTIVE", tags=WISH),)
    assert methods(account) == ["get_resources"]
    seen, account, _ = found(replace(TOLD, asks=(Asks(resource=far),)))
    assert (seen, account.calls) == ((), [])


def test_an_index_that_is_denied_is_told() -> None:
    seen, _, reader = found(SWEPT, get_resources=DENIED)
    assert (seen, list(reader.unread)) == ((), [MARKED])


# --- what depends on it


def want(*services: Existing) -> Desired:
    return Desired((), (), (), {}, {}, {}, {}, (), {}, existing=services)


ON = replace(THERE, associations=(Association(arn=JOINED, network=NET.arn, status="ACTIVE", owned=True),))


@pytest.mark.parametrize(
    ("asking", "there", "expected"),
    [
        (want(THERE), THERE, Access(known=True, visible=True)),
        (want(ON), ON, Access()),
        (want(), ON, Access()),
    ],
    ids=["asks", "is on it", "leaves"],
)
def test_whether_the_network_is_within_reach_is_asked_where_it_is_not_on_it(
    asking: Desired, there: Existing, expected: Access
) -> None:
    account = Canned(TEAM, get_service_network={})
    reader = Reader(NET, account, TOLD)
    assert sharing.access(reader, Canned(INFRA), asking, [], [], Reach(), (there,)) == expected
    assert methods(account) == (["get_service_network"] if expected.visible else [])


def test_where_one_asks_for_nothing_and_is_not_on_it_the_share_may_end() -> None:
    own = Canned(INFRA, get_resource_share_associations={"resourceShareAssociations": [{"status": "ASSOCIATED"}]})
    reader = Reader(NET, Canned(TEAM), TOLD)
    found = sharing.access(reader, own, want(), [], [], Reach(), (THERE,))
    assert found == Access(known=True, principal="ASSOCIATED")


@pytest.mark.parametrize(("service", "asks"), [(THERE, True), (ON, False)])
def test_who_has_its_domain_is_asked_before_it_joins(service: Existing, asks: bool) -> None:
    item = {"customDomainName": "api.example.jp", "serviceArn": SERVICE, "serviceName": "a", "status": "ACTIVE"}
    own = Canned(INFRA, list_service_network_service_associations={"items": [item]})
    reader = Reader(NET, Canned(TEAM), TOLD)
    found = domains.holders(reader, own, want(replace(service, custom_domain="api.example.jp")), [])
    assert found == ({"api.example.jp": Holder(account=TEAM, service="a", status="ACTIVE")} if asks else {})
    assert bool(own.calls) == asks


# --- narrow looks


def outcome(kind: str, name: str, arn: str = "") -> Outcome:
    return Outcome(kind=kind, account=TEAM, name=name, because="b", status="done", arn=arn)


def narrow(before: Existing, *outcomes: Outcome, answers: dict[str, Answer] | None = None) -> tuple[Any, Canned]:
    account = Canned(TEAM, **{**READ, **(answers or {})})
    put = {tags.STATUS: "connected"}
    step = WriteStatus(account=TEAM, name="svc-1", because="b", resource=SERVICE, put=put)
    plan = Plan(
        account=TEAM, round=1, next="apply", batches=(Batch(account=TEAM, sharing=False, steps=(step,)),), arns={}
    )
    made = {one.arn: one.name for one in outcomes if one.arn}
    seen = Observation(account=TEAM, existing=(before,))
    run = replace(TOLD, plan=plan, seen=seen, outcomes=(outcomes,), made=made, round=1)
    return touched(NET, Canned(INFRA), account, run, Reach()).existing, account


def test_one_that_was_joined_just_now_is_read_anew() -> None:
    answers: dict[str, Answer] = {
        "list_service_network_service_associations": {"items": [association(status="ACTIVE")]}
    }
    [seen], _ = narrow(THERE, outcome("AssociateService", "theirs", JOINED), answers=answers)
    assert [one.owned for one in seen.associations] == [True]


def test_one_that_is_on_its_way_is_read_anew_and_one_that_rests_is_not() -> None:
    on_way = replace(ON, associations=(replace(ON.associations[0], status="CREATE_IN_PROGRESS"),))
    [seen], account = narrow(on_way)
    assert (seen.associations, account.calls != []) == ((), True)
    [seen], account = narrow(ON, outcome("WriteStatus", "svc-1"))
    assert (seen, account.calls) == (replace(ON, tags={**WISH, tags.STATUS: "connected"}), [])


def test_one_that_is_gone_is_no_more_in_it() -> None:
    seen, _ = narrow(THERE, outcome("AssociateService", "theirs"), answers={"list_tags_for_resource": GONE})
    assert seen == ()
