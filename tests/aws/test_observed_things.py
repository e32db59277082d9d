"""Each kind of thing as it is read: foreign, not in the index, vanished, failed, unread; and what it costs to know."""

from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.exceptions import ClientError
from msgspec.structs import replace
from onramp.aws import matching
from onramp.aws.observe import sharing, wishes
from onramp.aws.observe.lattice import Lattice
from onramp.aws.observe.reader import Reader, id_of, tail
from onramp.aws.reach import Reach
from onramp.core import names, tags
from onramp.core.desired import Backend, Desired, WantedClient, WantedService
from onramp.core.model import (
    UNREAD,
    Access,
    AlbListener,
    Association,
    Forward,
    Ingress,
    Listener,
    LoadBalancer,
    Match,
    Rule,
    SecurityGroup,
    Service,
    Target,
    TargetGroup,
    Vpc,
    VpcAssociation,
)
from onramp.core.network import Network
from onramp.core.rules import Asked
from onramp.core.run import Memory, Run

from tests.aws.canned import (
    BALANCER,
    GROUP,
    INFRA,
    INSIDE,
    JOINED,
    LATTICE,
    LISTENER,
    SERVICE,
    STRANGER,
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
    share=f"arn:aws:ram:ap-northeast-1:{INFRA}:resource-share/1",
)
MISSING, DENIED, THROTTLED = (
    error("ResourceNotFoundException", 404),
    error("AccessDeniedException", 403),
    error("ThrottlingException", 429),
)
NOBODY = Desired((), (), (), {}, {}, {}, {}, (), {})


def reader(account: Canned, **run: Any) -> Reader:
    return Reader(NET, account, Run(account=TEAM, trigger={}, **run))


def lattice(*marked: str, for_hands: bool = False, **answers: Answer) -> tuple[Lattice, Canned]:
    account = Canned(TEAM, **{"list_tags_for_resource": {"tags": {}}, **answers})
    return Lattice(reader(account), frozenset(marked), for_hands=for_hands), account


def pages(*items: Given, key: str = "items") -> Given:
    return {key: list(items)}


# --- services


def association(status: str = "ACTIVE", network: str = NET.arn, **given: Any) -> Given:
    return {
        "arn": JOINED,
        "status": status,
        "serviceNetworkArn": network,
        "serviceName": "orders",
        "dnsEntry": {"domainName": "orders.on.aws"},
        **given,
    }


ON = Association(arn=JOINED, network=NET.arn, status="ACTIVE", owned=True)
ORDERS = Service(arn=SERVICE, name="orders", status="ACTIVE", owned=True, mark="net", domain="orders.on.aws")


def test_what_is_associated_is_told_by_its_association_alone() -> None:
    found, account = lattice(SERVICE, JOINED, list_service_network_service_associations=pages(association()))
    assert found.services() == [with_associations(ON)]
    assert account.calls == [("list_service_network_service_associations", {"serviceIdentifier": SERVICE})]


def with_associations(*those: Association, **given: Any) -> Service:
    return Service(
        **{**{name: getattr(ORDERS, name) for name in ORDERS.__struct_fields__}, "associations": those, **given}
    )


@pytest.mark.parametrize("status", ["ACTIVE", "CREATE_IN_PROGRESS"])
def test_a_service_is_told_with_both_of_its_names_by_its_association_or_by_itself(status: str) -> None:
    bears = {
        "dnsEntry": {"domainName": "orders.on.aws", "hostedZoneId": "ZLATTICE"},
        "customDomainName": "api.shop.example.jp",
    }
    found, _ = lattice(
        SERVICE,
        JOINED,
        list_service_network_service_associations=pages(association(status, **bears)),
        get_service={"name": "orders", "status": "ACTIVE", **bears},
    )
    [service] = found.services()
    assert (service.domain, service.zone, service.custom_domain) == ("orders.on.aws", "ZLATTICE", "api.shop.example.jp")


def test_a_look_for_hands_asks_for_the_auth_type_too() -> None:
    found, account = lattice(
        SERVICE,
        JOINED,
        for_hands=True,
        list_service_network_service_associations=pages(association()),
        get_service={"authType": "AWS_IAM"},
        get_auth_policy={"policy": "{}"},
    )
    assert found.services() == [with_associations(ON, auth="AWS_IAM", policy="{}")]
    assert account.calls[-2:] == [
        ("get_service", {"serviceIdentifier": SERVICE}),
        ("get_auth_policy", {"resourceIdentifier": SERVICE}),
    ]


@pytest.mark.parametrize("status", ["CREATE_IN_PROGRESS", "DELETE_IN_PROGRESS"])
def test_what_is_not_yet_or_no_more_associated_is_asked_for_itself(status: str) -> None:
    item = {
        "name": "orders",
        "status": "CREATE_FAILED",
        "dnsEntry": {"domainName": "orders.on.aws"},
        "failureCode": "InternalError",
        "failureMessage": "no capacity",
        "authType": "NONE",
    }
    found, _ = lattice(
        SERVICE, JOINED, list_service_network_service_associations=pages(association(status)), get_service=item
    )
    assert found.services() == [
        with_associations(
            Association(arn=JOINED, network=NET.arn, status=status, owned=True),
            status="CREATE_FAILED",
            failure="InternalError no capacity",
            auth="NONE",
        )
    ]


def test_what_lattice_says_no_more_of_is_said_as_far_as_it_goes() -> None:
    bare = {"name": "orders", "status": "ACTIVE"}
    found, _ = lattice(SERVICE, list_service_network_service_associations=pages(), get_service=bare)
    assert found.services() == [with_associations(domain="")]
    joined = association()
    del joined["dnsEntry"]
    found, _ = lattice(SERVICE, JOINED, list_service_network_service_associations=pages(joined))
    assert found.services() == [with_associations(ON, domain="")]


def test_a_failed_association_is_asked_for_lattices_words() -> None:
    found, account = lattice(
        SERVICE,
        JOINED,
        list_service_network_service_associations=pages(association("DELETE_FAILED")),
        get_service_network_service_association={"failureCode": "Conflict", "failureMessage": "busy"},
        get_service={"name": "orders", "status": "ACTIVE"},
    )
    [service] = found.services()
    assert service.associations == (
        Association(arn=JOINED, network=NET.arn, status="DELETE_FAILED", owned=True, failure="Conflict busy"),
    )
    asked = {"serviceNetworkServiceAssociationIdentifier": JOINED}
    assert ("get_service_network_service_association", asked) in account.calls


@pytest.mark.parametrize(("given", "owned"), [({tags.OWNER: "net"}, True), ({tags.OWNER: "other"}, False), ({}, False)])
def test_whose_an_association_is_that_the_index_does_not_list_its_tags_say(given: Given, owned: bool) -> None:
    found, account = lattice(
        SERVICE,
        list_service_network_service_associations=pages(association()),
        list_tags_for_resource={"tags": given},
    )
    assert [one.owned for one in found.services()[0].associations] == [owned]
    assert ("list_tags_for_resource", {"resourceArn": JOINED}) in account.calls


def test_an_association_that_another_account_made_is_neither_ours_nor_handed_over() -> None:
    theirs = JOINED.replace(TEAM, STRANGER)
    found, account = lattice(
        SERVICE,
        list_service_network_service_associations=pages(association(arn=theirs)),
        list_tags_for_resource={"tags": {tags.OWNER: "net", tags.ADOPT: tags.YES}},
    )
    [joined] = found.services()[0].associations
    assert (joined.owned, joined.handed) == (False, False)
    assert ("list_tags_for_resource", {"resourceArn": theirs}) not in account.calls


@pytest.mark.parametrize(
    ("answer", "services", "unread"),
    [
        (MISSING, [], {}),
        (
            DENIED,
            [
                Service(
                    arn=SERVICE,
                    name="remembered",
                    status=UNREAD,
                    owned=True,
                    mark="net",
                    associations=(Association(arn="", network=NET.arn, status=UNREAD, owned=True),),
                )
            ],
            {SERVICE: "Operation AccessDeniedException"},
        ),
    ],
)
def test_a_service_that_is_gone_is_not_there_and_one_that_cannot_be_read_is(
    answer: ClientError, services: list[Service], unread: dict[str, str]
) -> None:
    account = Canned(TEAM, list_service_network_service_associations=answer)
    looking = reader(account, memory=Memory(arns={SERVICE: "remembered"}))
    assert Lattice(looking, frozenset({SERVICE}), for_hands=False).services() == services
    assert looking.unread == unread


@pytest.mark.parametrize(("answer", "there"), [(MISSING, 0), (DENIED, 1)])
def test_a_service_that_cannot_be_read_has_the_associations_that_could(answer: ClientError, there: int) -> None:
    account = Canned(
        TEAM, list_service_network_service_associations=pages(association("CREATE_IN_PROGRESS")), get_service=answer
    )
    looking = reader(account, memory=Memory(arns={SERVICE: "remembered"}))
    found = Lattice(looking, frozenset({SERVICE, JOINED}), for_hands=False).services()
    assert [(one.status, [it.arn for it in one.associations]) for one in found] == [(UNREAD, [JOINED])] * there


@pytest.mark.parametrize("answer", [THROTTLED, error("InternalServerException", 500), error("ExpiredTokenException")])
def test_what_is_aws_s_own_state_stops_the_look(answer: ClientError) -> None:
    found, _ = lattice(SERVICE, list_service_network_service_associations=answer)
    with pytest.raises(ClientError):
        found.services()


def test_a_service_of_this_run_has_no_association_but_one_that_this_run_made() -> None:
    account = Canned(TEAM, get_service={"name": "orders", "status": "CREATE_IN_PROGRESS"})
    looking = reader(account, made={SERVICE: "orders", GROUP: "group"})
    [service] = Lattice(looking, frozenset({SERVICE, GROUP}), for_hands=False).services()
    assert (service.status, service.associations) == ("CREATE_IN_PROGRESS", ())
    account.answers["list_service_network_service_associations"] = pages(association())
    looking = reader(account, made={SERVICE: "orders", JOINED: "orders"})
    [service] = Lattice(looking, frozenset({SERVICE, JOINED}), for_hands=False).services()
    assert service.associations == (ON,)


def test_who_else_bears_a_wanted_name_is_listed_and_told_from_ours() -> None:
    shared = f"arn:aws:vpc-lattice:ap-northeast-1:{STRANGER}:service/svc-9"
    found, account = lattice(
        list_services=pages(
            {"arn": SERVICE, "name": "orders", "status": "ACTIVE"},
            {"arn": f"{LATTICE}service/svc-2", "name": "bills", "status": "DELETE_IN_PROGRESS"},
            {"arn": f"{LATTICE}service/svc-3", "name": "cards", "status": "ACTIVE"},
            {"arn": shared, "name": "orders", "status": "ACTIVE"},
        ),
        list_tags_for_resource=lambda given: {"tags": {tags.OWNER: "net"} if given["resourceArn"] == SERVICE else {}},
        list_service_network_service_associations=pages(association()),
    )
    assert found.others_services(set()) == []
    assert account.calls == []
    ours, theirs = found.others_services({"orders", "bills"})
    assert (ours.arn, ours.owned, ours.domain) == (SERVICE, True, "orders.on.aws")
    assert theirs == Service(
        arn=f"{LATTICE}service/svc-2", name="bills", status="DELETE_IN_PROGRESS", owned=False, mark=""
    )


def test_what_is_unread_has_the_name_by_which_it_was_listed() -> None:
    """Nobody remembers it: without its name what is there would be made once more."""
    found, _ = lattice(
        SERVICE,
        GROUP,
        list_services=pages({"arn": SERVICE, "name": "orders", "status": "ACTIVE"}),
        list_target_groups=pages({"arn": GROUP, "name": "wanted", "status": "ACTIVE"}),
        list_service_network_vpc_associations=pages({"arn": INSIDE, "serviceNetworkArn": NET.arn, "status": "ACTIVE"}),
        list_tags_for_resource={"tags": {tags.OWNER: "net"}},
        list_service_network_service_associations=DENIED,
        list_targets=DENIED,
        get_service_network_vpc_association=DENIED,
    )
    [nameless], groups = found.services(), found.target_groups()
    assert (nameless.name, nameless.status, [one.name for one in groups]) == ("", UNREAD, [""])
    assert [(one.arn, one.name, one.status) for one in found.others_services({"orders"})] == [
        (SERVICE, "orders", UNREAD)
    ]
    assert [(one.arn, one.name, one.status) for one in found.others_target_groups({"wanted"}, {}, groups)] == [
        (GROUP, "wanted", UNREAD)
    ]
    assert [(one.arn, one.vpc, one.status, one.owned) for one in found.others_vpc_associations({"vpc-1"})] == [
        (INSIDE, "vpc-1", UNREAD, True)
    ]


# --- listeners


def listener(port: int = 80, name: str = "http-80", **given: Any) -> Given:
    forward = {"targetGroups": [{"targetGroupIdentifier": GROUP, "weight": 7}, {"targetGroupIdentifier": "tg-2"}]}
    return {"name": name, "protocol": "HTTP", "port": port, "defaultAction": {"forward": forward}, **given}


HTTP = Listener(
    arn=LISTENER,
    name="http-80",
    protocol="HTTP",
    port=80,
    owned=True,
    forwards=(Forward(target_group="tg-1", weight=7), Forward(target_group="tg-2", weight=100)),
)


def test_a_known_listener_is_read_by_its_arn_and_no_list_is_asked_for() -> None:
    found, account = lattice(SERVICE, LISTENER, f"{SERVICE}/listener/listener-12/rule/rule-1", get_listener=listener())
    assert found.listeners.added_to(ORDERS, {80}).listeners == (HTTP,)
    assert account.calls == [("get_listener", {"serviceIdentifier": SERVICE, "listenerIdentifier": LISTENER})]


@pytest.mark.parametrize(("known", "wanted"), [((LISTENER,), {80, 81}), ((), set())])
def test_where_a_wanted_port_is_not_known_the_listeners_are_listed(known: tuple[str, ...], wanted: set[int]) -> None:
    other = f"{SERVICE}/listener/listener-2"
    found, account = lattice(
        SERVICE,
        *known,
        list_listeners=pages({"arn": LISTENER}, {"arn": other}),
        get_listener=lambda given: (
            listener() if given["listenerIdentifier"] == LISTENER else listener(81, "theirs", defaultAction={})
        ),
        list_tags_for_resource=lambda given: {"tags": {tags.OWNER: "net"} if given["resourceArn"] == LISTENER else {}},
    )
    assert found.listeners.added_to(ORDERS, wanted).listeners == (
        HTTP,
        Listener(arn=other, name="theirs", protocol="HTTP", port=81, owned=False),
    )
    assert ("list_listeners", {"serviceIdentifier": SERVICE}) in account.calls


def test_ours_is_a_listener_with_our_mark_and_the_name_that_we_give() -> None:
    found, _ = lattice(SERVICE, LISTENER, get_listener=listener(name="renamed"))
    assert [one.owned for one in found.listeners.added_to(ORDERS, {80}).listeners] == [False]


@pytest.mark.parametrize(
    ("said", "owned", "unmarked"),
    [
        ({tags.OWNER: "net"}, True, {}),
        ({}, True, {LISTENER: "http-80"}),
        ({tags.OWNER: "stranger"}, True, {LISTENER: "http-80"}),
        ({tags.OWNER: "two"}, False, {}),
    ],
    ids=["ours", "nobody's", "a stranger's", "a sibling's"],
)
def test_of_our_service_a_listener_that_the_index_does_not_list_is_ours_by_its_name_but_a_siblings(
    said: Given, owned: bool, unmarked: dict[str, str]
) -> None:
    account = Canned(
        TEAM,
        list_listeners=pages({"arn": LISTENER}),
        get_listener=listener(),
        list_tags_for_resource={"tags": said},
    )
    looking = Reader(replace(NET, siblings=frozenset({"two"})), account, Run(account=TEAM, trigger={}))
    looking.unmarked["arn:another"] = "another"
    found = Lattice(looking, frozenset({SERVICE}), for_hands=False)
    assert [one.owned for one in found.listeners.added_to(ORDERS, {80}).listeners] == [owned]
    assert looking.unmarked == {"arn:another": "another", **unmarked}


def test_a_listener_that_was_taken_over_goes_by_the_name_that_we_give() -> None:
    account = Canned(TEAM, get_listener=listener(name="theirs"))
    looking = reader(account, memory=Memory(arns={LISTENER: "http-80"}))
    found = Lattice(looking, frozenset({SERVICE, LISTENER}), for_hands=False)
    assert [(one.name, one.owned) for one in found.listeners.added_to(ORDERS, {80}).listeners] == [("http-80", True)]


def test_rules_of_others_are_read_in_a_look_for_hands_alone() -> None:
    rules = pages(rule(2, "z"), rule(1, "a"), {"name": "", "isDefault": True})
    asks = {"match": ASKS, "action": SENDS}
    found, account = lattice(
        SERVICE, LISTENER, for_hands=True, get_listener=listener(), list_rules=rules, get_rule=asks
    )
    [seen] = found.listeners.added_to(ORDERS, {80}).listeners
    assert (seen.rules, {one.match for one in seen.others_rules}) == (("a", "z"), {API})
    assert [method for method, _ in account.calls[-3:]] == ["list_rules", "get_rule", "get_rule"]


def test_a_default_action_that_answers_by_itself_is_read() -> None:
    found, _ = lattice(SERVICE, LISTENER, get_listener=listener(defaultAction={"fixedResponse": {"statusCode": 404}}))
    [one] = found.listeners.added_to(ORDERS, {80}).listeners
    assert (one.forwards, one.answers) == ((), 404)


API = Match(path="/api")
ASKS = {"httpMatch": {"pathMatch": {"match": {"exact": "/api"}, "caseSensitive": True}}}
IN_ANY_CASE = {"httpMatch": {"pathMatch": {"match": {"exact": "/api"}, "caseSensitive": False}}}
SENDS = {"forward": {"targetGroups": [{"targetGroupIdentifier": GROUP, "weight": 7}]}}


def test_of_a_group_that_nothing_seems_to_send_to_lattice_is_asked_who_uses_it() -> None:
    """A rule of somebody's that no look has read may send to it."""
    group = TargetGroup(
        arn=GROUP, name="orders", status="ACTIVE", owned=True, targets=(Target(id=BALANCER, port=80, status="HEALTHY"),)
    )
    found, account = lattice(get_target_group={"serviceArns": [SERVICE]})
    assert found.with_users([], [group], set()) == [replace(group, used_by=("svc-1",))]
    sends = replace(ORDERS, listeners=(replace(HTTP, forwards=(Forward(target_group="tg-1"),)),))
    for services, wanted, there in (
        ([sends], set[str](), group),
        ([], {"orders"}, group),
        ([], set[str](), replace(group, owned=False)),
        ([], set[str](), replace(group, targets=())),
    ):
        assert found.with_users(services, [there], wanted) == [there]
    assert [method for method, _ in account.calls] == ["get_target_group"]
    account.answers["get_target_group"] = MISSING
    assert found.with_users([], [group], set()) == [group]
    account.answers["get_target_group"] = DENIED
    assert found.with_users([], [group], set()) == [replace(group, status=UNREAD)]


def rule(number: int, name: str) -> Given:
    return {"arn": f"{LISTENER}/rule/rule-{number}", "name": name, "priority": number, "isDefault": False}


def ruled(
    *marked: str, ruled: bool, known: dict[str, str] | None = None, **answers: Answer
) -> tuple[tuple[Rule, ...], Canned]:
    found, account = lattice(SERVICE, LISTENER, *marked, get_listener=listener(), **answers)
    found._reader.known |= known or {}  # what is remembered as made by us
    [one] = found.listeners.added_to(ORDERS, {80}, ruled=ruled).listeners
    return one.found_rules, account


def test_rules_are_read_with_what_they_ask_for_and_send_to_whoever_made_them() -> None:
    found, account = ruled(
        f"{LISTENER}/rule/rule-1",
        ruled=False,
        list_rules=pages(rule(1, names.rule(API)), rule(2, "theirs"), {"name": "default", "isDefault": True}),
        get_rule={"match": ASKS, "action": SENDS},
    )
    ours, theirs = found
    assert ours == Rule(
        arn=f"{LISTENER}/rule/rule-1",
        name=names.rule(API),
        priority=1,
        owned=True,
        match=API,
        forwards=(Forward(target_group="tg-1", weight=7),),
    )
    assert theirs == replace(ours, arn=f"{LISTENER}/rule/rule-2", name="theirs", priority=2, owned=False)
    assert [method for method, _ in account.calls] == ["get_listener", "list_rules", "get_rule", "get_rule"]


@pytest.mark.parametrize(
    ("name", "asks", "known", "owned"),
    [
        (names.rule(API), ASKS, False, True),
        (names.rule(API, 2), ASKS, False, True),
        (names.rule(Match(path="/b")), ASKS, False, False),
        (names.rule(Match(path="/b")), ASKS, True, True),
        (names.rule(API), IN_ANY_CASE, False, False),
        (names.rule(API), IN_ANY_CASE, True, True),
    ],
)
def test_ours_is_a_rule_with_our_mark_and_the_name_of_what_it_asks_for_or_one_that_is_remembered(
    name: str, asks: Given, known: bool, owned: bool
) -> None:
    arn = f"{LISTENER}/rule/rule-1"
    [found], _ = ruled(
        arn,
        ruled=False,
        known={arn: name} if known else {},
        list_rules=pages(rule(1, name)),
        get_rule={"match": asks, "action": SENDS},
    )
    assert found.owned is owned
    assert bool(found.forwards) is owned


def test_a_rule_that_the_index_does_not_have_yet_is_known_by_its_name_and_asked_for_its_mark() -> None:
    asked: list[str] = []

    def marks(given: Given) -> Given:
        asked.append(given["resourceArn"])
        return {"tags": {tags.OWNER: "net"}}

    given = {"list_rules": pages(rule(1, names.rule(API)), rule(2, "theirs")), "list_tags_for_resource": marks}
    found, _ = ruled(ruled=True, **given, get_rule={"match": ASKS, "action": SENDS})
    assert [one.owned for one in found] == [True, False]
    assert asked == [f"{LISTENER}/rule/rule-1"]


def test_a_rule_that_is_gone_since_it_was_listed_is_none() -> None:
    arn = f"{LISTENER}/rule/rule-1"
    found, _ = ruled(arn, ruled=True, list_rules=pages(rule(1, names.rule(API))), get_rule=MISSING)
    assert found == ()


@pytest.mark.parametrize("call", ["list_rules", "get_rule"])
def test_rules_that_tags_ask_for_and_that_may_not_be_read_leave_their_service_unread(call: str) -> None:
    arn = f"{LISTENER}/rule/rule-1"
    answers: dict[str, Answer] = {"list_rules": pages(rule(1, names.rule(API))), call: DENIED}
    found, _ = lattice(SERVICE, LISTENER, arn, get_listener=listener(), **answers)
    assert found.listeners.added_to(ORDERS, {80}, ruled=True).status == UNREAD


@pytest.mark.parametrize(
    "match",
    [
        API,
        Match(path="/api/", begins=True),
        Match(method="GET", header="x-version", value="Beta"),
        Match(path="/a", method="PATCH", header="x", value="1"),
    ],
)
def test_what_a_rule_asks_for_comes_back_as_it_was_sent(match: Match) -> None:
    assert matching.read(matching.spelled(match)) == match


@pytest.mark.parametrize(
    "http",
    [
        {"pathMatch": {"match": {"exact": "/a"}, "caseSensitive": False}},
        {"headerMatches": [{"name": "x", "match": {"exact": "1"}, "caseSensitive": False}]},
        {"headerMatches": [{"name": "x", "match": {"exact": "1"}}]},
        {"headerMatches": [{"name": "x", "match": {"contains": "1"}, "caseSensitive": True}]},
        {"headerMatches": [{"name": "x", "match": {"exact": "1"}, "caseSensitive": True}] * 2},
    ],
)
def test_what_we_never_ask_for_is_read_as_nothing_of_ours(http: Given) -> None:
    assert matching.read({"httpMatch": http}) is None


def test_a_path_s_default_that_an_answer_leaves_out_is_what_was_sent() -> None:
    sent = matching.spelled(API)
    del sent["httpMatch"]["pathMatch"]["caseSensitive"]
    assert matching.read(sent) == API


def test_a_header_s_name_is_read_in_small_letters_as_lattice_compares_it() -> None:
    sent = matching.spelled(Match(header="x-version", value="1"))
    sent["httpMatch"]["headerMatches"][0]["name"] = "X-Version"
    assert matching.read(sent) == Match(header="x-version", value="1")


def test_rules_that_may_not_be_listed_cost_only_what_a_hand_changed() -> None:
    """By a reader of release 0.1.0."""
    found, account = lattice(SERVICE, LISTENER, for_hands=True, get_listener=listener(), list_rules=DENIED)
    assert found.listeners.added_to(ORDERS, {80}).listeners == (HTTP,)
    account.answers["list_rules"] = error("InternalServerException", 500)
    with pytest.raises(ClientError):
        found.listeners.added_to(ORDERS, {80})


@pytest.mark.parametrize(("times", "status"), [(1, "ACTIVE"), (2, UNREAD)])
@pytest.mark.parametrize("call", ["list_rules", "get_rule", "list_tags_for_resource"])
def test_rules_that_are_throttled_are_asked_for_once_more_and_cost_their_service_alone(
    call: str, times: int, status: str
) -> None:
    there: dict[str, Given] = {
        "list_rules": pages(rule(1, names.rule(API))),
        "get_rule": {"match": ASKS, "action": SENDS},
        "list_tags_for_resource": {"tags": {tags.OWNER: "net"}},
    }
    asked: list[Given] = []

    def slow(given: Given) -> Given:
        asked.append(given)
        if len(asked) <= times:
            raise THROTTLED
        return there[call]

    found, _ = lattice(SERVICE, LISTENER, get_listener=listener(), **{**there, call: slow})
    assert found.listeners.added_to(ORDERS, {80}, ruled=True).status == status
    assert len(asked) == 2
    assert found._reader.unread == ({SERVICE: "Operation ThrottlingException"} if status == UNREAD else {})


def test_listeners_of_what_is_not_ours_on_its_way_or_known_are_not_read() -> None:
    found, account = lattice(SERVICE)
    for given in ({"owned": False}, {"status": "CREATE_IN_PROGRESS"}, {"status": UNREAD}, {"listeners": (HTTP,)}):
        service = with_associations(**given)
        assert found.listeners.added_to(service, {80}) == service
    assert account.calls == []


def test_of_a_service_whose_listener_is_unread_nothing_is_concluded() -> None:
    found, _ = lattice(SERVICE, LISTENER, get_listener=DENIED, list_listeners=pages())
    assert found.listeners.added_to(ORDERS, {80}).status == UNREAD
    found, _ = lattice(SERVICE, LISTENER, get_listener=MISSING, list_listeners=pages())
    assert found.listeners.added_to(ORDERS, {80}) == ORDERS


# --- target groups


TARGETS = pages({"id": BALANCER, "port": 8080, "status": "UNAVAILABLE"}, {"id": "fn", "status": "DRAINING"})
IN = (Target(id=BALANCER, port=8080, status="UNAVAILABLE"), Target(id="fn", port=0, status="DRAINING"))


def test_a_target_group_is_read_with_its_targets_and_lattices_words() -> None:
    item = {"name": "group", "status": "DELETE_FAILED", "failureCode": "Busy", "failureMessage": "in use", "config": {}}
    found, account = lattice(GROUP, list_targets=TARGETS, get_target_group=item)
    assert found.target_groups() == [
        TargetGroup(
            arn=GROUP, name="group", status="DELETE_FAILED", owned=True, targets=IN, failure="Busy in use", mark="net"
        )
    ]
    assert account.calls == [
        ("list_targets", {"targetGroupIdentifier": GROUP}),
        ("get_target_group", {"targetGroupIdentifier": GROUP}),
    ]


def test_a_remembered_group_that_has_targets_is_active_without_being_asked() -> None:
    account = Canned(TEAM, list_targets=TARGETS)
    looking = reader(account, memory=Memory(arns={GROUP: "group"}))
    assert Lattice(looking, frozenset({GROUP}), for_hands=False).target_groups() == [
        TargetGroup(arn=GROUP, name="group", status="ACTIVE", owned=True, targets=IN, mark="net")
    ]
    account.answers = {"list_targets": pages(), "get_target_group": {"name": "group", "status": "CREATE_IN_PROGRESS"}}
    [empty] = Lattice(looking, frozenset({GROUP}), for_hands=False).target_groups()
    assert empty.status == "CREATE_IN_PROGRESS"


def test_a_group_that_cannot_be_read_is_there_and_one_that_is_gone_is_not() -> None:
    looking = reader(Canned(TEAM, list_targets=DENIED), memory=Memory(arns={GROUP: "remembered"}))
    assert Lattice(looking, frozenset({GROUP}), for_hands=False).target_groups() == [
        TargetGroup(arn=GROUP, name="remembered", status=UNREAD, owned=True, mark="net")
    ]
    found, _ = lattice(GROUP, list_targets=MISSING)
    assert found.target_groups() == []


NAME = names.target_group("net", "orders", BALANCER, "HTTP", 8080, "vpc-1")


@pytest.mark.parametrize(
    ("name", "config", "services", "proven"),
    [
        (NAME, {"protocol": "HTTP", "vpcIdentifier": "vpc-1"}, ["orders"], True),
        (NAME, {"protocol": "HTTP", "vpcIdentifier": "vpc-1"}, ["bills"], False),
        (NAME, {"protocol": "HTTPS", "vpcIdentifier": "vpc-1"}, ["orders"], False),
        (NAME, {"protocol": "HTTP", "vpcIdentifier": "vpc-2"}, ["orders"], False),
        (NAME, {}, ["orders"], False),
        ("forged", {"protocol": "HTTP", "vpcIdentifier": "vpc-1"}, ["orders"], False),
    ],
)
def test_a_group_is_ours_that_bears_the_name_that_we_give(
    name: str, config: Given, services: list[str], proven: bool
) -> None:
    item = {"name": name, "status": "ACTIVE", "config": config}
    found, _ = lattice(GROUP, SERVICE, LISTENER, list_targets=TARGETS, get_target_group=item, get_listener=listener())
    [group] = found.target_groups()
    assert found.proves_group(group, frozenset(), services) is proven
    assert found.proves_group(group, frozenset({name}), []) is True
    service = with_associations(name=services[0])
    assert found.proves_service(service, [group]) is proven
    assert found.proves_service(with_associations(status=UNREAD), []) is True
    assert found.proves_service(service, []) is False


def test_who_else_bears_a_wanted_groups_name_or_has_the_load_balancer_is_told() -> None:
    other, third, fourth = (f"{LATTICE}targetgroup/tg-{number}" for number in (2, 3, 4))
    alb = {"type": "ALB", "vpcIdentifier": "vpc-1", "status": "ACTIVE"}
    found, account = lattice(
        list_target_groups=pages(
            {"arn": GROUP, "name": "ours", **alb},
            {"arn": other, "name": "wanted", **alb, "status": "CREATE_FAILED"},
            {"arn": third, "name": "theirs", **alb},
            {"arn": fourth, "name": "elsewhere", **alb, "vpcIdentifier": "vpc-2"},
            {"arn": f"{LATTICE}targetgroup/tg-5", "name": "ip", **alb, "type": "IP"},
        ),
        list_targets=TARGETS,
    )
    empty = TargetGroup(arn=GROUP, name="ours", status="ACTIVE", owned=True)
    known = [replace(empty, targets=IN)]
    for rests in (known, [replace(empty, status="CREATE_IN_PROGRESS")]):
        assert found.others_target_groups({"ours"}, {BALANCER: "vpc-1"}, rests) == []
    assert account.calls == []
    assert found.others_target_groups({"ours", "wanted"}, {BALANCER: "vpc-1"}, known) == [
        TargetGroup(arn=other, name="wanted", status="CREATE_FAILED", owned=False, mark=""),
        TargetGroup(arn=third, name="theirs", status="ACTIVE", owned=False, targets=IN),
    ]
    assert [given for method, given in account.calls if method == "list_targets"] == [{"targetGroupIdentifier": third}]
    assert found.others_target_groups({"wanted"}, {"arn:another": "vpc-1"}, known)[1:] == []
    leaves = replace(empty, targets=(replace(IN[0], status="DRAINING"),))
    for lacks in (empty, leaves):
        assert [one.arn for one in found.others_target_groups({"ours"}, {BALANCER: "vpc-1"}, [lacks])] == [other, third]


AT_WORK = Service(arn=SERVICE, name="orders", status="ACTIVE", owned=True, associations=(ON,), listeners=(HTTP,))
AT_SHIFTED = replace(
    AT_WORK, listeners=(replace(HTTP, forwards=(replace(HTTP.forwards[0], weight=0), HTTP.forwards[1])),)
)
OF_ONE = replace(AT_WORK, listeners=(replace(HTTP, forwards=HTTP.forwards[:1]),))
TAKEN_BACK = TargetGroup(arn=GROUP, name="before", status="ACTIVE", owned=False)
BY_TOOL = Backend(
    load_balancer=BALANCER, target_group="ours", protocol="HTTP", port=80, vpc="vpc-1", weight=100, by_tool=True
)


@pytest.mark.parametrize(
    ("service", "known", "by_tool", "read"),
    [
        (AT_WORK, (), [], {GROUP, f"{LATTICE}targetgroup/tg-2"}),
        (AT_WORK, (TAKEN_BACK,), [BY_TOOL], {GROUP, f"{LATTICE}targetgroup/tg-2"}),
        (AT_WORK, (replace(TAKEN_BACK, owned=True),), [BY_TOOL], set()),
        (AT_SHIFTED, (replace(TAKEN_BACK, owned=True),), [BY_TOOL], {f"{LATTICE}targetgroup/tg-2"}),
        (AT_WORK, (), [replace(BY_TOOL, rules=(Asked(Match(path="/a")),))], {GROUP, f"{LATTICE}targetgroup/tg-2"}),
        (OF_ONE, (TAKEN_BACK,), [], {GROUP}),
        (OF_ONE, (replace(TAKEN_BACK, targets=IN),), [], set()),
        (OF_ONE, (replace(TAKEN_BACK, owned=True),), [], set()),
        (replace(AT_WORK, owned=False), (), [], set()),
        (replace(AT_WORK, associations=()), (), [], set()),
    ],
    ids=[
        "not ours", "a tool took all", "a tool sets the shares", "a tool shifted all", "it sets those of a rule",
        "of a wanted name", "read before", "ours",
        "another's service", "off the network",
    ],
)  # fmt: skip
def test_groups_of_others_are_read_where_a_service_of_ours_sends_requests_to_them(
    service: Service, known: tuple[TargetGroup, ...], by_tool: list[Backend], read: set[str]
) -> None:
    found, account = lattice(list_targets=TARGETS, get_target_group={"name": "theirs", "status": "ACTIVE"})
    seen = found.others_sent_to([service], known, {"orders": by_tool})
    assert {one.arn for one in seen} == read
    names = {one.arn: one.name for one in known}
    assert {(one.name, one.owned, one.mark, one.targets) for one in seen} == {
        (names.get(arn, "theirs"), False, "", IN) for arn in read
    }
    assert {given["targetGroupIdentifier"] for method, given in account.calls if method == "list_targets"} == read


def test_of_others_groups_one_that_is_gone_is_none_and_one_that_is_unread_is_told_under_its_name() -> None:
    found, _ = lattice(list_targets=error("ResourceNotFoundException", 404))
    assert found.others_sent_to([AT_WORK], (), {}) == []
    found, _ = lattice(list_targets=DENIED)
    seen = found.others_sent_to([OF_ONE], (TAKEN_BACK,), {})
    assert [(one.name, one.status, one.owned) for one in seen] == [("before", UNREAD, False)]


def test_a_wanted_group_with_our_mark_that_the_index_does_not_list_is_read_as_ours() -> None:
    found, _ = lattice(
        list_target_groups=pages({"arn": GROUP, "name": "wanted", "status": "ACTIVE"}),
        list_tags_for_resource={"tags": {tags.OWNER: "net"}},
        list_targets=pages(),
        get_target_group={"name": "wanted", "status": "ACTIVE"},
    )
    assert [(one.arn, one.owned, one.mark) for one in found.others_target_groups({"wanted"}, {}, [])] == [
        (GROUP, True, "net")
    ]


# --- VPC associations


OF_VPC = {
    "arn": INSIDE,
    "vpcId": "vpc-1",
    "serviceNetworkArn": NET.arn,
    "status": "UPDATE_FAILED",
    "securityGroupIds": ["sg-1", "sg-2"],
    "failureCode": "Busy",
    "failureMessage": "wait",
}


def inside(**given: Any) -> VpcAssociation:
    whole: Given = {
        "arn": INSIDE,
        "vpc": "vpc-1",
        "network": NET.arn,
        "status": "UPDATE_FAILED",
        "owned": True,
        "mark": "net",
        "security_groups": frozenset({"sg-1", "sg-2"}),
        "failure": "Busy wait",
    }
    return VpcAssociation(**{**whole, **given})


def test_a_vpc_association_is_read_by_its_arn() -> None:
    found, account = lattice(INSIDE, get_service_network_vpc_association=OF_VPC)
    assert found.vpc_associations() == [inside()]
    asked = {"serviceNetworkVpcAssociationIdentifier": INSIDE}
    assert account.calls == [("get_service_network_vpc_association", asked)]


def test_a_vpc_association_that_is_gone_is_not_there_and_one_that_cannot_be_read_is() -> None:
    found, _ = lattice(INSIDE, get_service_network_vpc_association=MISSING)
    assert found.vpc_associations() == []
    account = Canned(TEAM, get_service_network_vpc_association=DENIED)
    looking = reader(account, memory=Memory(arns={INSIDE: "vpc-1"}))
    assert Lattice(looking, frozenset({INSIDE}), for_hands=False).vpc_associations() == [
        inside(status=UNREAD, security_groups=frozenset(), failure="")
    ]


def test_whose_association_stands_in_a_vpcs_way_is_told() -> None:
    found, account = lattice(
        list_service_network_vpc_associations=pages({"arn": INSIDE}),
        get_service_network_vpc_association=OF_VPC,
        list_tags_for_resource={"tags": {tags.OWNER: "sibling"}},
    )
    assert found.others_vpc_associations(set()) == []
    assert found.others_vpc_associations({"vpc-1"}) == [inside(owned=False, mark="sibling")]
    assert ("list_service_network_vpc_associations", {"vpcIdentifier": "vpc-1"}) in account.calls
    account.answers["list_tags_for_resource"] = DENIED
    assert found.others_vpc_associations({"vpc-1"}) == [inside(owned=False, mark="")]
    account.answers["get_service_network_vpc_association"] = MISSING
    assert found.others_vpc_associations({"vpc-1"}) == []


# --- what bears our mark


@pytest.mark.parametrize(
    ("arn", "last", "rest"),
    [
        (SERVICE, "svc-1", "service/svc-1"),
        (f"{LISTENER}/rule/rule-1", "rule-1", "service/svc-1/listener/listener-1/rule/rule-1"),
        ("tg-1", "tg-1", ""),
    ],
)
def test_what_an_arn_says_of_its_thing_and_an_id_alone(arn: str, last: str, rest: str) -> None:
    assert (id_of(arn), tail(arn)) == (last, rest)


@pytest.mark.parametrize(
    ("arn", "answer", "mark", "or_missing"),
    [
        (SERVICE, {"tags": {tags.OWNER: "net", "team": "x"}}, "net", "net"),
        (SERVICE, {"tags": {"team": "x"}}, "", ""),
        (SERVICE, MISSING, "", None),
        (SERVICE.replace(TEAM, STRANGER), THROTTLED, "", ""),
    ],
)
def test_whose_mark_a_thing_bears(arn: str, answer: Answer, mark: str, or_missing: str | None) -> None:
    looking = reader(Canned(TEAM, list_tags_for_resource=answer))
    assert (looking.mark(arn), looking.mark_or_missing(arn)) == (mark, or_missing)


def test_a_mark_that_cannot_be_read_is_nobodys_where_it_is_denied_and_else_not_known() -> None:
    looking = reader(Canned(TEAM, list_tags_for_resource=DENIED))
    assert looking.mark(SERVICE) == ""
    with pytest.raises(ClientError):
        looking.mark_or_missing(SERVICE)
    busy = reader(Canned(TEAM, list_tags_for_resource=THROTTLED), memory=Memory(arns={SERVICE: "orders"}))
    with pytest.raises(ClientError):
        busy.mark(SERVICE)
    assert isinstance(busy.member, Canned)
    busy.member.answers["get_resources"] = pages(key="ResourceTagMappingList")
    with pytest.raises(ClientError):
        busy.marked()


@pytest.mark.parametrize(
    ("answer", "unread"),
    [
        (error("ValidationException", 400), "Operation ValidationException"),
        (error("SomethingNew", 499), "Operation SomethingNew"),
    ],
)
def test_an_error_about_one_thing_costs_that_thing(answer: ClientError, unread: str) -> None:
    looking = reader(Canned(TEAM, get_service=answer))
    assert looking.one("orders", lambda: looking.lattice.get_service(serviceIdentifier=SERVICE)) is None
    assert looking.unread == {"orders": unread}
    assert looking.one("bills", lambda: "read") == "read"


@pytest.mark.parametrize("status", [200, 399, 500, 503])
def test_an_error_about_aws_itself_stops_the_look(status: int) -> None:
    looking = reader(Canned(TEAM, get_service=error("SomethingNew", status)))
    with pytest.raises(ClientError):
        looking.one("orders", lambda: looking.lattice.get_service(serviceIdentifier=SERVICE))
    assert looking.unread == {}


def test_what_the_index_lists_and_what_we_remember_is_ours_if_it_bears_our_mark_still() -> None:
    group, strange = f"arn:aws:ec2:ap-northeast-1:{TEAM}:security-group/sg-1", f"arn:aws:proton:x:{TEAM}:service/orders"
    foreign = SERVICE.replace(TEAM, INFRA)
    gone, denied, retagged, bare, handed_over = (f"{LATTICE}service/svc-{number}" for number in range(2, 7))
    said: dict[str, Answer] = {
        gone: MISSING,
        denied: DENIED,
        retagged: {"tags": {tags.OWNER: "other"}},
        bare: {"tags": {}},
        handed_over: {"tags": {tags.OWNER: "sibling"}},
    }

    def tags_of(given: Given) -> Given:
        answer = said.get(given["resourceArn"], {"tags": {tags.OWNER: "net"}})
        if isinstance(answer, ClientError):
            raise answer
        assert isinstance(answer, dict)
        return answer

    account = Canned(
        TEAM,
        get_resources=pages(
            *({"ResourceARN": one} for one in (SERVICE, group, strange, foreign)), key="ResourceTagMappingList"
        ),
        list_tags_for_resource=tags_of,
    )
    remembered = dict.fromkeys((SERVICE, gone, denied, retagged, bare, handed_over, JOINED), "orders")
    run = Run(account=TEAM, trigger={}, memory=Memory(arns=remembered), made={GROUP: "group"})
    looking = Reader(replace(NET, siblings=frozenset({"sibling"})), account, run)
    # Whoever takes our mark off, or spoils it, takes nothing away; a sibling's hands it over.
    assert looking.marked() == {SERVICE, group, denied, retagged, bare, JOINED, GROUP}
    assert looking.unmarked == {retagged: "orders", bare: "orders"}
    asked = {"TagFilters": [{"Key": tags.OWNER, "Values": ["net"]}], "ResourcesPerPage": 100}  # the most there is
    assert account.calls[0] == ("get_resources", asked)
    assert Lattice(looking, frozenset({group}), for_hands=False).marks_security_groups
    assert not Lattice(looking, frozenset({SERVICE}), for_hands=False).marks_security_groups


# --- sharing

THEN = datetime(2026, 11, 27, 12, tzinfo=UTC)
ORDERED = NOBODY._replace(services=(WantedService(name="orders", listens=(), backends=()),))
CALLING = NOBODY._replace(clients=(WantedClient(vpc="vpc-1", admits=frozenset()),))


def invited(status: str, *, of: str = INFRA, number: int = 1, when: datetime | None = THEN) -> Given:
    sent = {"invitationTimestamp": when} if when else {}
    return {"senderAccountId": of, "status": status, "resourceShareInvitationArn": f"arn:invitation-{number}", **sent}


def principal(status: str, when: datetime | None = THEN) -> Given:
    return {"status": status, **({"creationTime": when} if when else {})}


def reach_of(member: Canned, own: Canned, want: Desired = ORDERED, *, round: int = 1, **there: Any) -> Access:
    given = {"services": [], "associations": [], **there}
    return sharing.access(reader(member, round=round), own, want, given["services"], given["associations"], Reach())


def test_an_account_that_no_run_has_ever_ended_in_has_no_share_to_be_looked_for() -> None:
    member = Canned(TEAM, get_service_network=error("AccessDeniedException", 403))
    own = Canned(INFRA)
    assert reach_of(member, own, round=0) == Access(known=True)
    assert own.calls == []


def test_where_the_share_lacks_what_the_network_needs_nothing_else_is_asked() -> None:
    network = replace(NET, share_permission="arn:aws:ram::aws:permission/needed")
    own = Canned(INFRA, get_permission={"permission": {"permission": '{"Action": "vpc-lattice:Get*"}'}})
    nobody = Canned(TEAM)
    looking = Reader(network, nobody, Run(account=TEAM, trigger={}))
    there = sharing.access(looking, own, ORDERED, [], [], Reach())
    assert there == Access(known=True, lacking=there.lacking)
    assert "vpc-lattice:CreateServiceNetworkServiceAssociation" in there.lacking
    assert own.calls == [("get_permission", {"permissionArn": network.share_permission})]
    assert nobody.calls == []


def test_how_far_the_network_is_is_asked_only_where_something_depends_on_it() -> None:
    nobody = Canned(TEAM)
    assert reach_of(nobody, nobody, services=[with_associations(ON)]) == Access()
    assert reach_of(nobody, nobody, CALLING, associations=[inside()]) == Access()
    assert reach_of(nobody, nobody, NOBODY, services=[with_associations()]) == Access()
    assert reach_of(Canned(INFRA), nobody) == Access(known=True, visible=True)
    own = Canned(INFRA, get_resource_share_associations=pages(principal("ASSOCIATED"), key="resourceShareAssociations"))
    assert reach_of(nobody, own, NOBODY) == Access(known=True, principal="ASSOCIATED")
    asked = {"associationType": "PRINCIPAL", "resourceShareArns": [NET.share], "principal": TEAM}
    assert own.calls == [("get_resource_share_associations", asked)]


@pytest.mark.parametrize("want", [ORDERED, CALLING])
def test_a_network_that_can_be_read_is_within_reach(want: Desired) -> None:
    member = Canned(TEAM, get_service_network={})
    elsewhere = Association(
        arn=JOINED, network="arn:aws:vpc-lattice:x:1:servicenetwork/sn-9", status="ACTIVE", owned=True
    )
    others = [inside(vpc="vpc-2"), replace(inside(), network=elsewhere.network)]
    there = {"services": [with_associations(elsewhere)], "associations": others}
    assert reach_of(member, Canned(INFRA), want, **there) == Access(known=True, visible=True)
    assert member.calls == [("get_service_network", {"serviceNetworkIdentifier": NET.arn})]


@pytest.mark.parametrize(
    ("principals", "invitations", "access"),
    [
        ([], [], Access(known=True)),
        ([principal("ASSOCIATING")], [], Access(known=True, principal="ASSOCIATING", associated_at=THEN.timestamp())),
        ([principal("DISASSOCIATED", None)], [], Access(known=True, principal="DISASSOCIATED")),
        (
            [
                principal("DISASSOCIATED"),
                principal("DISASSOCIATING"),
                principal("ASSOCIATING"),
                principal("ASSOCIATED", None),
            ],
            [],
            Access(known=True, principal="ASSOCIATED"),
        ),
        (
            [principal("FAILED", None), principal("DISASSOCIATING", None)],
            [],
            Access(known=True, principal="DISASSOCIATING"),
        ),
        (
            [],
            [invited("PENDING")],
            Access(known=True, invitation="arn:invitation-1", invited_at=THEN.timestamp()),
        ),
        ([], [invited("REJECTED")], Access(known=True, answered="REJECTED", invited_at=THEN.timestamp())),
        ([], [invited("EXPIRED", when=None)], Access(known=True, answered="EXPIRED")),
        ([], [invited("PENDING", of=STRANGER)], Access(known=True)),
        (
            [],
            [invited("PENDING", number=2, when=None), invited("ACCEPTED")],
            Access(known=True, invitation="arn:invitation-2"),
        ),
        (
            [],
            [invited("ACCEPTED", when=THEN.replace(hour=11)), invited("REJECTED", number=2)],
            Access(known=True, answered="REJECTED", invited_at=THEN.timestamp()),
        ),
    ],
)
@pytest.mark.parametrize("hidden", [MISSING, DENIED])
def test_a_network_that_is_not_within_reach_is_told_with_its_share_and_its_invitation(
    principals: list[Given], invitations: list[Given], access: Access, hidden: ClientError
) -> None:
    member = Canned(
        TEAM,
        get_service_network=hidden,
        get_resource_share_invitations=pages(*invitations, key="resourceShareInvitations"),
    )
    own = Canned(INFRA, get_resource_share_associations=pages(*principals, key="resourceShareAssociations"))
    said = f"{hidden.operation_name} {hidden.response['Error']['Code']}" if hidden is DENIED else ""
    assert reach_of(member, own) == replace(access, denied=said)
    assert member.calls[-1] == ("get_resource_share_invitations", {"resourceShareArns": [NET.share]})


def test_whether_the_network_is_within_reach_is_not_guessed() -> None:
    with pytest.raises(ClientError):
        reach_of(Canned(TEAM, get_service_network=THROTTLED), Canned(INFRA))


# --- what people have tagged


def alb(name: str = "orders", **given: Any) -> Given:
    whole = {
        "LoadBalancerArn": BALANCER.replace("orders", name),
        "LoadBalancerName": name,
        "Type": "application",
        "Scheme": "internal",
        "State": {"Code": "active"},
        "VpcId": "vpc-1",
    }
    return {**whole, **given}


def tagging(**given: Given) -> Any:
    return lambda asked: {
        "TagDescriptions": [
            {
                "ResourceArn": arn,
                "Tags": [{"Key": key, "Value": value} for key, value in given.get(arn.split("/")[-2], {}).items()],
            }
            for arn in asked["ResourceArns"]
        ]
    }


def test_a_load_balancer_that_asks_is_read_with_its_listeners_and_what_each_does_in_the_end() -> None:
    signs_in = {"Type": "authenticate-oidc", "Order": 1}
    account = Canned(
        TEAM,
        describe_load_balancers=pages(alb(), alb("plain"), key="LoadBalancers"),
        describe_tags=tagging(orders={"lattice:network": "net"}),
        describe_listeners=pages(
            {"Protocol": "HTTP", "Port": 80, "DefaultActions": [{"Type": "redirect", "Order": 2}, signs_in]},
            {
                "Protocol": "HTTPS",
                "Port": 443,
                "DefaultActions": [{"Type": "fixed-response"}],
                "Certificates": [{"CertificateArn": "arn:certificate-1"}],
            },
            {"Protocol": "HTTP", "Port": 81},
            key="Listeners",
        ),
    )
    looking = reader(account)
    [found] = wishes.load_balancers(looking, [])
    assert found == LoadBalancer(
        arn=BALANCER,
        name="orders",
        type="application",
        scheme="internal",
        state="active",
        vpc="vpc-1",
        tags={"lattice:network": "net"},
        listeners=(
            AlbListener(protocol="HTTP", port=80, does="redirect"),
            AlbListener(protocol="HTTPS", port=443, does="fixed-response", certificate="arn:certificate-1"),
            AlbListener(protocol="HTTP", port=81),
        ),
    )
    assert account.calls[-1] == ("describe_listeners", {"LoadBalancerArn": BALANCER})
    assert set(looking.described) == {BALANCER, BALANCER.replace("orders", "plain")}
    assert [one["Port"] for one in looking.listeners[BALANCER]] == [80, 443, 81]
    assert looking.unread == {}


@pytest.mark.parametrize(
    "item", [alb(Type="network"), alb(Scheme="internet-facing"), {**alb(), "Scheme": "", "State": {}, "VpcId": ""}]
)
def test_of_what_can_serve_nothing_no_listeners_are_asked_for(item: Given) -> None:
    account = Canned(
        TEAM,
        describe_load_balancers=pages(item, key="LoadBalancers"),
        describe_tags=tagging(orders={"lattice:network": "net"}),
    )
    [found] = wishes.load_balancers(reader(account), [])
    assert (found.listeners, found.type, found.scheme) == (None, item["Type"], item["Scheme"])
    assert (found.state, found.vpc) == (item["State"].get("Code", ""), item["VpcId"])


def test_tags_are_asked_for_by_twenty_and_who_stands_behind_a_group_is_told_without_any() -> None:
    many = [alb(f"b{number:02}") for number in range(41)]
    account = Canned(TEAM, describe_load_balancers=pages(*many, key="LoadBalancers"), describe_tags=tagging())
    behind = many[40]["LoadBalancerArn"]
    assert [one.arn for one in wishes.load_balancers(reader(account), [behind])] == [behind]
    asked = [given["ResourceArns"] for method, given in account.calls if method == "describe_tags"]
    assert [len(arns) for arns in asked] == [20, 20, 1]
    assert [arn for arns in asked for arn in arns] == [one["LoadBalancerArn"] for one in many]


def test_load_balancers_whose_tags_are_denied_are_unread_and_one_that_just_went_is_read_about_again() -> None:
    many = [alb(f"b{number:02}") for number in range(21)]
    arns = [one["LoadBalancerArn"] for one in many]
    account = Canned(TEAM, describe_load_balancers=pages(*many, key="LoadBalancers"), describe_tags=DENIED)
    looking = reader(account)
    assert wishes.load_balancers(looking, []) == ()
    assert looking.unread == dict.fromkeys(arns, "DescribeTags AccessDeniedException: what it asks for is not known")
    account.answers["describe_tags"] = error("LoadBalancerNotFound")
    with pytest.raises(ClientError):
        wishes.load_balancers(reader(account), [])


def test_a_load_balancer_whose_listeners_cannot_be_read_is_unread() -> None:
    account = Canned(
        TEAM,
        describe_load_balancers=pages(alb(), key="LoadBalancers"),
        describe_tags=tagging(orders={"lattice:network": "net"}),
        describe_listeners=DENIED,
    )
    looking = reader(account)
    assert [one.listeners for one in wishes.load_balancers(looking, [])] == [None]
    assert looking.unread == {BALANCER: "Operation AccessDeniedException"}
    assert looking.listeners == {}


def test_a_vpc_is_read_with_all_addresses_that_it_has() -> None:
    state = {"CidrBlockState": {"State": "associated"}}
    account = Canned(
        TEAM,
        describe_vpcs=pages(
            {
                "VpcId": "vpc-1",
                "CidrBlock": "10.0.0.0/16",
                "CidrBlockAssociationSet": [
                    {"CidrBlock": "10.0.0.0/16", **state},
                    {"CidrBlock": "10.1.0.0/16", "CidrBlockState": {"State": "disassociating"}},
                    {"CidrBlock": "10.2.0.0/16", **state},
                ],
                "Ipv6CidrBlockAssociationSet": [
                    {"Ipv6CidrBlock": "fd00::/56", "Ipv6CidrBlockState": {"State": "associated"}},
                    {"Ipv6CidrBlock": "fd01::/56"},
                ],
                "Tags": [{"Key": "lattice:network", "Value": "net"}],
            },
            {"VpcId": "vpc-2", "CidrBlock": "10.9.0.0/16"},
            key="Vpcs",
        ),
    )
    assert wishes.vpcs(reader(account)) == (
        Vpc(id="vpc-1", cidrs=("10.0.0.0/16", "10.2.0.0/16", "fd00::/56"), tags={"lattice:network": "net"}),
        Vpc(id="vpc-2", cidrs=("10.9.0.0/16",)),
    )
    keys = ["lattice:network", "lattice:*", tags.STATUS, tags.SERVICES]
    assert account.calls == [("describe_vpcs", {"Filters": [{"Name": "tag-key", "Values": keys}]})]


def test_a_security_group_is_ours_that_bears_our_name_and_is_read_with_its_rules() -> None:
    name = names.security_group("net", "vpc-1")
    rules = [
        {
            "IpProtocol": "tcp",
            "FromPort": 80,
            "ToPort": 81,
            "IpRanges": [{"CidrIp": "10.0.0.0/16"}],
            "Ipv6Ranges": [{"CidrIpv6": "2001:DB8::/64"}],
        },
        {"IpProtocol": "-1", "UserIdGroupPairs": [{"GroupId": "sg-9"}], "PrefixListIds": [{"PrefixListId": "pl-9"}]},
    ]
    account = Canned(
        TEAM,
        describe_security_groups=pages(
            {"GroupId": "sg-1", "GroupName": name, "VpcId": "vpc-1", "IpPermissions": rules},
            {"GroupId": "sg-2", "GroupName": name, "VpcId": "vpc-2", "IpPermissions": []},
            key="SecurityGroups",
        ),
    )
    ours, forged = wishes.security_groups(reader(account))
    assert ours == SecurityGroup(
        id="sg-1",
        name=name,
        vpc="vpc-1",
        owned=True,
        admits=frozenset(
            {
                Ingress(source="10.0.0.0/16", from_port=80, to_port=81),
                Ingress(source="2001:db8::/64", from_port=80, to_port=81),
                Ingress(source="sg-9", from_port=-1, to_port=-1, protocol="-1"),
                Ingress(source="pl-9", from_port=-1, to_port=-1, protocol="-1"),
            }
        ),
    )
    assert forged == SecurityGroup(id="sg-2", name=name, vpc="vpc-2", owned=False)
    filters = [{"Name": f"tag:{tags.OWNER}", "Values": ["net"]}]
    assert account.calls == [("describe_security_groups", {"Filters": filters})]


def test_a_group_of_our_association_that_bears_our_name_is_ours_without_our_mark() -> None:
    name = names.security_group("net", "vpc-1")
    account = Canned(
        TEAM,
        describe_security_groups=pages(
            {"GroupId": "sg-1", "GroupName": name, "VpcId": "vpc-1", "IpPermissions": []},
            {"GroupId": "sg-2", "GroupName": "theirs", "VpcId": "vpc-1", "IpPermissions": []},
            key="SecurityGroups",
        ),
    )
    looking = reader(account)
    looking.unmarked["arn:another"] = "another"
    joined = [inside(security_groups=frozenset({"sg-1", "sg-2", "sg-3", "sg-4"}))]
    marked = (SecurityGroup(id="sg-3", name="x", vpc="vpc-1", owned=True),)
    own = (Vpc(id="vpc-1", cidrs=(), tags={"lattice:security-groups": "sg-4"}),)
    [found] = wishes.unmarked_groups(looking, joined, marked, own)
    assert (found.id, found.owned, looking.unmarked) == ("sg-1", True, {"arn:another": "another", "sg-1": name})
    assert account.calls == [
        ("describe_security_groups", {"Filters": [{"Name": "group-id", "Values": ["sg-1", "sg-2"]}]})
    ]
    # A stranger's association shows nothing, and where all are marked nothing is asked.
    account.calls.clear()
    theirs = [inside(owned=False, security_groups=frozenset({"sg-1"}))]
    assert wishes.unmarked_groups(looking, theirs, marked, own) == ()
    known = [inside(security_groups=frozenset({"sg-3", "sg-4"}))]
    assert wishes.unmarked_groups(looking, known, marked, own) == ()
    assert account.calls == []


def test_only_groups_that_are_in_no_use_yet_are_looked_for_in_their_vpc() -> None:
    account = Canned(
        TEAM,
        describe_security_groups=pages({"VpcId": "vpc-1", "GroupId": "sg-3"}, key="SecurityGroups"),
    )
    own = WantedClient(vpc="vpc-1", admits=frozenset(), security_groups=("sg-1", "sg-4", "sg-3"))
    want = NOBODY._replace(clients=(own,))
    used = [inside(security_groups=frozenset({"sg-1"}))]
    assert wishes.unknown_groups(reader(account), want, used, ()) == {("vpc-1", "sg-4")}
    assert account.calls == [
        ("describe_security_groups", {"Filters": [{"Name": "group-id", "Values": ["sg-3", "sg-4"]}]})
    ]
    account.calls.clear()
    assert wishes.unknown_groups(reader(account), NOBODY, used, ()) == frozenset()
    assert account.calls == []


def admitting(*sources: str) -> WantedClient:
    return WantedClient(vpc="vpc-1", admits=frozenset(Ingress(source=one, from_port=80, to_port=80) for one in sources))


def of_vpc(*sources: str, owned: bool = True) -> SecurityGroup:
    return SecurityGroup(id="sg-0", name="x", vpc="vpc-1", owned=owned, admits=admitting(*sources).admits)


def test_a_group_that_tags_name_as_a_caller_is_looked_for_in_the_callers_vpc() -> None:
    here, elsewhere = {"VpcId": "vpc-1", "GroupId": "sg-1"}, {"VpcId": "vpc-2", "GroupId": "sg-2"}
    account = Canned(TEAM, describe_security_groups=pages(here, elsewhere, key="SecurityGroups"))
    want = NOBODY._replace(clients=(admitting("sg-1", "sg-2", "sg-3", "10.0.0.0/8", "pl-1"),))
    # What a rule of ours refers to is there; a rule of somebody else's group says nothing.
    groups = (of_vpc("sg-3"), of_vpc("sg-1", owned=False))
    assert wishes.unknown_groups(reader(account), want, [], groups) == {("vpc-1", "sg-2")}
    filters = [{"Name": "group-id", "Values": ["sg-1", "sg-2"]}]
    assert account.calls == [("describe_security_groups", {"Filters": filters})]


def test_how_much_a_prefix_list_may_hold_is_asked_of_each_by_itself() -> None:
    def answer(given: Given) -> Given:
        [[name]] = [one["Values"] for one in given["Filters"]]
        if name == "pl-2":
            raise DENIED
        item = {"PrefixListId": name, **({"MaxEntries": 20} if name != "pl-3" else {})}
        return pages(*([] if name == "pl-4" else [item]), key="PrefixLists")

    account = Canned(TEAM, describe_managed_prefix_lists=answer)
    looking = reader(account)
    want = NOBODY._replace(clients=(admitting("pl-1", "pl-2", "pl-3", "sg-1", "10.0.0.0/8"),))
    groups = (of_vpc("pl-4", "pl-5", "sg-9", "10.0.0.0/8"), of_vpc("pl-6", owned=False))
    assert wishes.prefix_lists(looking, want, groups) == {"pl-1": 20, "pl-5": 20}
    assert looking.unread == {"pl-2": "Operation AccessDeniedException"}
    asked = [given["Filters"] for _, given in account.calls]
    assert asked == [[{"Name": "prefix-list-id", "Values": [f"pl-{number}"]}] for number in range(1, 6)]
    account.calls.clear()
    assert wishes.prefix_lists(looking, NOBODY._replace(clients=(admitting("sg-1"),)), ()) == {}
    assert account.calls == []


def test_a_list_that_fails_for_another_cause_than_a_denial_stops_the_look() -> None:
    account = Canned(TEAM, describe_load_balancers=error("ExpiredToken"))
    with pytest.raises(ClientError):
        wishes.load_balancers(reader(account), [])


def test_of_groups_that_cannot_be_listed_none_is_said_to_be_missing() -> None:
    account = Canned(TEAM, describe_security_groups=DENIED)
    own = WantedClient(vpc="vpc-1", admits=frozenset(), security_groups=("sg-3",))
    looking = reader(account)
    assert wishes.unknown_groups(looking, NOBODY._replace(clients=(own,)), [], ()) == frozenset()
    assert looking.unread == {"security groups": "Operation AccessDeniedException"}
