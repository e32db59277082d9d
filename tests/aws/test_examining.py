"""An examination reads what is deployed and a resource's way there; what cannot be read is None, with the reason."""

import json
from typing import Any

import pytest
from onramp.aws.doctor import asker, deployed, environment, forwards_to
from onramp.core.doctor import Asker, Deployed, Share
from onramp.core.fleet import Kept
from onramp.core.inventory import ClientState, Refusal, ServiceState
from onramp.core.run import Memory
from onramp.core.watch import Entry

from tests.aws.canned import Answer, Canned, CannedEyes, Given, error

INFRA, TEAM = "111111111111", "222222222222"
NET = f"arn:aws:vpc-lattice:ap-northeast-1:{INFRA}:servicenetwork/sn-1"
SHARE = f"arn:aws:ram:ap-northeast-1:{INFRA}:resource-share/1"
PLAN = f"arn:aws:lambda:ap-northeast-1:{INFRA}:function:onramp-net-plan"
SERVICE = f"arn:aws:vpc-lattice:ap-northeast-1:{TEAM}:service/svc-1"
DENIED = error("AccessDeniedException", 403)


def function(given: Given) -> Given:
    return {"State": "Active", "FunctionArn": f"arn of {given['FunctionName']}"}


def policy(*statements: Any) -> Given:
    return {"policy": json.dumps({"Statement": list(statements)})}


INVOKE = {"Effect": "Allow", "Principal": "*", "Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-1"}}}
READER: Given = {"Role": {"Tags": [{"Key": "team", "Value": "x"}, {"Key": "lattice-onramp:version", "Value": "1.2.0"}]}}
WELL: dict[str, Answer] = {
    "get_service_network": {"authType": "AWS_IAM", "numberOfAssociatedServices": 12, "numberOfAssociatedVPCs": 7},
    "list_service_network_service_associations": {"items": [{"serviceArn": SERVICE, "serviceName": "orders"}]},
    "get_function_configuration": function,
    "list_tags": {"Tags": {"lattice-onramp:version": "1.2.3"}},
    "list_rules": {"Rules": [{"Name": "ring", "State": "ENABLED"}]},
    "describe_event_bus": {"Policy": "{}"},
    "list_archives": {"Archives": [{"ArchiveName": "onramp-net", "State": "ENABLED"}]},
    "get_queue_url": {"QueueUrl": "https://queue"},
    "get_queue_attributes": {"Attributes": {"ApproximateNumberOfMessages": "3"}},
    "describe_alarms": {"MetricAlarms": [{"AlarmName": "onramp-net--blind", "StateValue": "ALARM"}]},
    "get_resource_shares": {"resourceShares": [{"resourceShareArn": SHARE, "status": "ACTIVE"}]},
    "get_resource_share_associations": {
        "resourceShareAssociations": [
            {
                "associatedEntity": TEAM,
                "status": "ASSOCIATED",
                "resourceShareArn": SHARE,
                "resourceShareName": "onramp-net",
            }
        ]
    },
    "get_auth_policy": policy(INVOKE),
    "list_access_log_subscriptions": {"items": [{"arn": "log"}]},
    "get_service_quota": lambda given: {"Quota": {"Value": 600.0 if given["QuotaCode"] == "L-75D4A19E" else 700.0}},
    "get_account_settings": {"AccountLimit": {"ConcurrentExecutions": 1000}},
}


def examined(
    settings: dict[str, str] | None = None, theirs: dict[str, Answer] | None = None, **answers: Answer
) -> tuple[Deployed, Canned]:
    """`theirs`: what the member's account answers otherwise."""
    own = Canned(INFRA, **{**WELL, **answers})
    team: dict[str, Answer] = {"get_role": READER, "get_service": {"authType": "NONE"}, **(theirs or {})}
    eyes = CannedEyes(own, Canned(TEAM, **team))
    return deployed(own, "net", NET, eyes, settings), own


def test_what_is_deployed_is_read_whole() -> None:
    found, _ = examined({"ONRAMP_MEMBER_ACCOUNTS": f"{TEAM},333333333333"})
    assert found == Deployed(
        network="net",
        arn=NET,
        functions={f"onramp-net-{one}": "Active" for one in ("intake", "plan", "apply", "report", "watch")},
        rules={"ring": "ENABLED"},
        admits=True,
        archive="ENABLED",
        letters={"onramp-net--dead-letters": 3},
        alarms=("onramp-net--blind",),
        version="1.2.3",
        versions={TEAM: "1.2.0"},
        share=Share(SHARE, "ACTIVE", {TEAM: "ASSOCIATED"}),
        auth="AWS_IAM",
        policy=json.dumps({"Statement": [INVOKE]}),
        log_destinations=1,
        services=12,
        vpcs=7,
        quotas=(600, 700),
        concurrency=1000,
        joined={SERVICE: "orders"},
        guards={SERVICE: None},
        listed=frozenset({TEAM, "333333333333"}),
        unread={},
    )


GUARDED: Given = {"authType": "AWS_IAM"}


@pytest.mark.parametrize(
    ("theirs", "guards", "unread"),
    [
        ({"get_service": GUARDED, "get_auth_policy": {"policy": "{}"}}, {SERVICE: "{}"}, []),
        ({"get_service": GUARDED, "get_auth_policy": {}}, {SERVICE: ""}, []),
        ({"get_service": GUARDED, "get_auth_policy": error("ResourceNotFoundException", 404)}, {SERVICE: ""}, []),
        ({"get_service": GUARDED, "get_auth_policy": DENIED}, {}, [f"auth policies of services of {TEAM}"]),
        ({"get_service": DENIED}, {}, [f"auth policies of services of {TEAM}"]),
    ],
)
def test_services_are_asked_for_their_policies_where_there_is_a_session(
    theirs: dict[str, Answer], guards: dict[str, str | None], unread: list[str]
) -> None:
    stranger = {"serviceArn": SERVICE.replace(TEAM, "999999999999"), "serviceName": "far"}
    both = {"items": [{"serviceArn": SERVICE, "serviceName": "orders"}, stranger]}
    found, _ = examined(None, theirs, list_service_network_service_associations=both)
    assert (found.guards, list(found.unread)) == (guards, unread)


def test_each_question_is_asked_of_the_networks_own_things() -> None:
    _, own = examined()
    asked = [(method, given) for method, given in own.calls if method != "get_function_configuration"]
    assert asked == [
        ("get_service_network", {"serviceNetworkIdentifier": NET}),
        ("list_service_network_service_associations", {"serviceNetworkIdentifier": NET}),
        ("list_rules", {"EventBusName": "onramp-net"}),
        ("describe_event_bus", {"Name": "onramp-net"}),
        ("list_archives", {"NamePrefix": "onramp-net"}),
        ("get_queue_url", {"QueueName": "onramp-net--dead-letters"}),
        ("get_queue_attributes", {"QueueUrl": "https://queue", "AttributeNames": ["ApproximateNumberOfMessages"]}),
        ("describe_alarms", {"AlarmNamePrefix": "onramp-net--", "StateValue": "ALARM"}),
        ("list_tags", {"Resource": "arn of onramp-net-plan"}),
        ("get_resource_shares", {"resourceOwner": "SELF", "name": "onramp-net"}),
        ("get_resource_share_associations", {"associationType": "PRINCIPAL", "resourceShareArns": [SHARE]}),
        ("get_auth_policy", {"resourceIdentifier": NET}),
        ("list_access_log_subscriptions", {"resourceIdentifier": NET}),
        ("get_service_quota", {"ServiceCode": "vpc-lattice", "QuotaCode": "L-75D4A19E"}),
        ("get_service_quota", {"ServiceCode": "vpc-lattice", "QuotaCode": "L-EF6E2D62"}),
        ("get_account_settings", {}),
        ("get_resource_share_associations", {"associationType": "RESOURCE", "resourceArn": NET}),
    ]


@pytest.mark.parametrize(
    ("method", "field", "reason"),
    [
        ("get_service_network", "auth", "network"),
        ("list_service_network_service_associations", "joined", "services"),
        ("get_function_configuration", "functions", "functions"),
        ("list_rules", "rules", "rules"),
        ("describe_event_bus", "admits", "bus"),
        ("list_archives", "archive", "archive"),
        ("get_queue_url", "letters", "dead letters"),
        ("describe_alarms", "alarms", "alarms"),
        ("get_resource_shares", "share", "share"),
        ("get_auth_policy", "policy", "auth policy"),
        ("list_access_log_subscriptions", "log_destinations", "access log"),
        ("get_account_settings", "concurrency", "concurrency"),
    ],
)
@pytest.mark.parametrize("answer", [DENIED, error("ThrottlingException", 429)], ids=["denied", "throttled"])
def test_what_cannot_be_read_costs_itself_alone_and_is_told(
    method: str, field: str, reason: str, answer: Answer
) -> None:
    whole, _ = examined()
    found, _ = examined(None, **{method: answer})
    assert list(found.unread) == [reason]
    assert ("Operation" in found.unread[reason]) is True
    assert not getattr(found, field)
    same = set(Deployed._fields) - {field, "unread"}
    # Of the network itself several things are told by one call, and the version by a function's own.
    same -= {"auth", "policy", "services", "vpcs"} if method == "get_service_network" else set()
    same -= {"guards"} if field == "joined" else set()
    same -= {"version"} if method == "get_function_configuration" else set()
    assert {one: getattr(found, one) for one in same} == {one: getattr(whole, one) for one in same}


def test_of_a_network_that_cannot_be_read_nothing_is_assumed() -> None:
    found, own = examined(None, get_service_network=DENIED)
    assert (found.auth, found.policy, found.services, found.vpcs, found.listed) == ("", "", 0, 0, frozenset())
    assert "get_auth_policy" not in [method for method, _ in own.calls]


def test_without_auth_there_is_no_policy_to_read() -> None:
    found, own = examined(None, get_service_network={"authType": "NONE"})
    assert (found.auth, found.policy, found.services, found.vpcs) == ("NONE", "", 0, 0)
    assert "get_auth_policy" not in [method for method, _ in own.calls]


def test_a_function_that_is_gone_is_told_as_gone_and_others_as_they_are() -> None:
    def answer(given: Given) -> Given:
        if given["FunctionName"].endswith("-apply"):
            raise error("ResourceNotFoundException", 404)
        return {"FunctionArn": PLAN, **({"State": "Inactive"} if given["FunctionName"].endswith("-watch") else {})}

    found, _ = examined(None, get_function_configuration=answer)
    assert found.functions == {
        "onramp-net-intake": "Active",
        "onramp-net-plan": "Active",
        "onramp-net-apply": "gone",
        "onramp-net-report": "Active",
        "onramp-net-watch": "Inactive",
    }


def test_rules_that_eventbridge_manages_are_not_ours() -> None:
    rules = [
        {"Name": "ring", "State": "DISABLED"},
        {"Name": "managed", "State": "ENABLED", "ManagedBy": "someone"},
        {"Name": "Events-Archive-onramp-net", "State": "ENABLED"},
    ]
    assert examined(None, list_rules={"Rules": rules})[0].rules == {"ring": "DISABLED"}


def test_rules_of_every_page_are_read_of_the_network_and_of_a_member() -> None:
    """EventBridge answers a hundred rules at a time: an account of many would be told that it forwards nothing."""
    rules: list[Given] = [
        {"Rules": [{"Name": "other", "State": "ENABLED"}], "NextToken": "2"},
        {"Rules": [{"Name": "tags", "State": "DISABLED"}]},
    ]
    assert examined(None, list_rules=rules)[0].rules == {"other": "ENABLED", "tags": "DISABLED"}
    targets: list[Given] = [{"Targets": [{"Arn": "x"}]}, {"Targets": [{"Arn": BUSES["tags"]}]}]
    found = way(list_rules=rules, list_targets_by_rule=targets)[0]
    assert found.rules == {"other": "ENABLED", "tags": "DISABLED"}


def test_a_bus_without_a_policy_admits_nobody() -> None:
    assert examined(None, describe_event_bus={})[0].admits is False


@pytest.mark.parametrize(("archives", "state"), [([], ""), ([{"ArchiveName": "onramp-net-2", "State": "ENABLED"}], "")])
def test_an_archive_of_another_name_is_not_the_networks(archives: list[Given], state: str) -> None:
    assert examined(None, list_archives={"Archives": archives})[0].archive == state


def test_only_alarms_that_ring_are_told() -> None:
    alarms = [{"AlarmName": "quiet", "StateValue": "OK"}, {"AlarmName": "loud", "StateValue": "ALARM"}]
    assert examined(None, describe_alarms={"MetricAlarms": alarms})[0].alarms == ("loud",)


@pytest.mark.parametrize("status", ["DELETED", "DELETING"])
def test_a_share_that_is_deleted_is_gone(status: str) -> None:
    ended = {"resourceShareArn": "old", "status": status}
    found, own = examined(None, get_resource_shares={"resourceShares": [ended]})
    assert found.share == Share("", "gone", {})
    asked = [given for method, given in own.calls if method == "get_resource_share_associations"]
    assert asked == [{"associationType": "RESOURCE", "resourceArn": NET}]  # who else shares it: none of the share
    both = [ended, {"resourceShareArn": SHARE, "status": "ACTIVE"}]
    assert examined(None, get_resource_shares={"resourceShares": both})[0].share == Share(
        SHARE, "ACTIVE", {TEAM: "ASSOCIATED"}
    )


def test_principals_that_left_are_not_told() -> None:
    principals = [
        {"associatedEntity": "1", "status": "DISASSOCIATED", "resourceShareArn": SHARE},
        {"associatedEntity": "2", "status": "FAILED", "resourceShareArn": SHARE},
    ]
    found, _ = examined(None, get_resource_share_associations={"resourceShareAssociations": principals})
    assert found.share == Share(SHARE, "ACTIVE", {"2": "FAILED"})


@pytest.mark.parametrize(
    "answer", [{}, {"policy": ""}, {"policy": None}, error("ResourceNotFoundException", 404)], ids=str
)
def test_no_policy_is_an_empty_one(answer: Answer) -> None:
    found, _ = examined(None, get_auth_policy=answer)
    assert (found.policy, found.unread) == ("", {})


def test_where_quotas_may_not_be_asked_awss_defaults_hold() -> None:
    assert examined(None, get_service_quota=DENIED)[0].quotas == (500, 500)

    def answer(given: Given) -> Given:
        if given["QuotaCode"] == "L-75D4A19E":
            raise DENIED
        return {"Quota": {"Value": 700}}

    assert examined(None, get_service_quota=answer)[0].quotas == (500, 700)


def test_versions_are_told_of_whom_they_can_be_read_of() -> None:
    own = Canned(INFRA, **{**WELL, "list_tags": {"Tags": {}}})
    bare = Canned("333333333333", get_role={"Role": {}})
    team = Canned(TEAM, get_role=READER, get_service={"authType": "NONE"})
    eyes = CannedEyes(own, Canned("444444444444", get_role=DENIED), bare, team)
    found = deployed(own, "net", NET, eyes, {})
    assert (found.version, found.versions) == ("", {TEAM: "1.2.0", "333333333333": "0.1.0"}), "0.1.0 tags none"
    assert bare.calls == [("get_role", {"RoleName": "onramp-net-reader"})]


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        ({"Environment": {"Variables": {"A": "b"}}}, {"A": "b"}),
        ({"Environment": {}}, {}),
        ({}, {}),
        (DENIED, None),
        (error("ThrottlingException", 429), None),
    ],
)
def test_what_a_stack_is_set_to_is_its_functions_environment(answer: Answer, told: dict[str, str] | None) -> None:
    own = Canned(INFRA, get_function_configuration=answer)
    assert environment(own, "net", "watch") == told
    assert own.calls == [("get_function_configuration", {"FunctionName": "onramp-net-watch"})]


# --- one resource

BALANCER = f"arn:aws:elasticloadbalancing:eu-west-1:{TEAM}:loadbalancer/app/orders/1"
REGION = "eu-west-1"
SETTINGS = {
    "ONRAMP_MEMBER_ACCOUNTS": f"{TEAM} 333333333333",
    "ONRAMP_SIBLING_NETWORKS": "test,stage",
    "ONRAMP_TAG_PREFIX": "net:",
    "ONRAMP_STATUS_TAGS": "off",
}
BUSES = {
    rule: f"arn:aws:events:{REGION}:{INFRA}:event-bus/onramp-{network}"
    for rule, network in (("tags", "net"), ("other", "another"))
}
MEMBER: dict[str, Answer] = {
    "describe_tags": {"TagDescriptions": [{"Tags": [{"Key": "net:network", "Value": "net"}]}]},
    "describe_vpcs": {"Vpcs": [{"Tags": [{"Key": "lattice:network", "Value": "net"}]}]},
    "list_rules": {"Rules": [{"Name": "tags", "State": "ENABLED"}, {"Name": "other", "State": "DISABLED"}]},
    "list_targets_by_rule": lambda given: {"Targets": [{"Arn": BUSES[given["Rule"]]}]},
    "get_role": {},
    "get_queue_url": {"QueueUrl": "https://queue"},
    "get_queue_attributes": {"Attributes": {"ApproximateNumberOfMessages": "0"}},
}
REFUSAL = Refusal(resource=BALANCER, code="x", message="y")
ORDERS = ServiceState(
    account=TEAM, name="orders", network="net", status="failed", message="m", arn=SERVICE, load_balancers=(BALANCER,)
)
INSIDE = ClientState(account=TEAM, vpc="vpc-1", network="net", status="connected")
KEPT = Kept(
    Entry(account=TEAM, heard_at=5.0, looked_at=7.0, holder="run-1", failed=2),
    Memory(refusals=(REFUSAL,), services=(ORDERS,), clients=(INSIDE,)),
    (),
)


def way(
    key: str = BALANCER,
    settings: dict[str, str] | None = None,
    kept: Kept | None = None,
    *,
    table: bool = True,
    own: bool = True,
    **answers: Answer,
) -> tuple[Asker, Canned, Canned]:
    infra = Canned(
        INFRA,
        get_queue_url={"QueueUrl": "https://own"},
        get_queue_attributes={"Attributes": {"ApproximateNumberOfMessages": "4"}},
    )
    member = Canned(TEAM, **{**MEMBER, **answers})
    found = asker(
        CannedEyes(member),
        infra if own else None,
        "net",
        REGION,
        key,
        TEAM,
        SETTINGS if settings is None else settings,
        kept,
        table=table,
        now=9.0,
    )
    return found, member, infra


def test_a_load_balancers_way_is_read_whole() -> None:
    found, member, infra = way(kept=KEPT)
    assert found == Asker(
        key=BALANCER,
        kind="load balancer",
        account=TEAM,
        at=REGION,
        region=REGION,
        network="net",
        siblings=frozenset({"test", "stage"}),
        prefix="net:",
        tags={"net:network": "net"},
        rules={"tags": "ENABLED"},
        roles=frozenset({"reader", "writer"}),
        letters=0,
        listed=True,
        known=True,
        heard_at=5.0,
        now=9.0,
        looked_at=7.0,
        running="run-1",
        failed=2,
        answer=("failed", "m"),
        waiting=4,
        refusals=(REFUSAL,),
        status_tags=False,
        unread={},
    )
    assert member.calls == [
        ("describe_tags", {"ResourceArns": [BALANCER]}),
        ("list_rules", {}),
        ("list_targets_by_rule", {"Rule": "tags"}),
        ("list_targets_by_rule", {"Rule": "other"}),
        ("get_role", {"RoleName": "onramp-net-reader"}),
        ("get_role", {"RoleName": "onramp-net-writer"}),
        ("get_queue_url", {"QueueName": "onramp-net--member-dead-letters"}),
        ("get_queue_attributes", {"QueueUrl": "https://queue", "AttributeNames": ["ApproximateNumberOfMessages"]}),
    ]
    assert infra.calls[0] == ("get_queue_url", {"QueueName": "onramp-net"})


def test_a_vpcs_way_is_read_where_the_stack_is_on_the_stacks_defaults() -> None:
    found, member, _ = way("vpc-1", {})
    assert (found.kind, found.at, found.tags) == ("VPC", REGION, {"lattice:network": "net"})
    assert (found.prefix, found.siblings, found.listed, found.status_tags) == ("lattice:", frozenset(), None, True)
    assert (found.known, found.heard_at, found.looked_at, found.running) == (False, 0.0, 0.0, "")
    assert (found.failed, found.refusals) == (0, ())
    assert member.calls[0] == ("describe_vpcs", {"VpcIds": ["vpc-1"]})
    assert way("vpc-1", {}, describe_vpcs={"Vpcs": [{}]})[0].tags == {}


def test_a_load_balancer_of_another_region_is_not_looked_at_there() -> None:
    key = BALANCER.replace("eu-west-1", "us-east-1")
    found, member, _ = way(key)
    assert (found.at, found.region, found.tags) == ("us-east-1", REGION, None)
    assert found.unread == {"tags": f"it is in us-east-1, and what was looked into is {REGION}: add --region us-east-1"}
    assert "describe_tags" not in [method for method, _ in member.calls]


@pytest.mark.parametrize(
    ("accounts", "own", "listed"),
    [
        ("", True, None),
        (f"{TEAM}", True, True),
        (f"333333333333,{TEAM}", True, True),
        ("333333333333", True, False),
        ("333333333333", False, False),
    ],
)
def test_whether_an_account_is_on_the_list(accounts: str, own: bool, listed: bool | None) -> None:
    assert way(settings={"ONRAMP_MEMBER_ACCOUNTS": accounts}, own=own)[0].listed is listed


@pytest.mark.parametrize(
    ("key", "answer"),
    [
        (BALANCER, ("failed", "m")),
        (SERVICE, ("failed", "m")),
        ("vpc-1", ("connected", "")),
        ("vpc-2", ("", "")),
    ],
)
def test_the_last_runs_answer_is_that_of_the_resource(key: str, answer: tuple[str, str]) -> None:
    told = {"list_tags_for_resource": {"tags": {}}}
    assert way(key, kept=KEPT, **told)[0].answer == answer


def test_the_networks_of_an_account_are_those_that_its_rules_lead_to() -> None:
    assert forwards_to(Canned(TEAM, **MEMBER)) == ("another", "net")
    assert forwards_to(Canned(TEAM, **{**MEMBER, "list_rules": DENIED})) == ()


def test_the_network_account_needs_no_place_on_the_list() -> None:
    own = Canned(INFRA, **{**MEMBER, "get_queue_attributes": {"Attributes": {"ApproximateNumberOfMessages": "0"}}})
    settings = {"ONRAMP_MEMBER_ACCOUNTS": TEAM}
    assert asker(CannedEyes(own), own, "net", REGION, "vpc-1", INFRA, settings, None, table=True).listed is True


@pytest.mark.parametrize(
    ("method", "field", "reason"),
    [
        ("describe_tags", "tags", "tags"),
        ("list_rules", "rules", "rules"),
        ("get_role", "roles", "roles"),
        ("get_queue_url", "letters", "letters"),
    ],
)
def test_what_of_a_member_cannot_be_read_costs_itself_alone(method: str, field: str, reason: str) -> None:
    found = way(kept=KEPT, **{method: DENIED})[0]
    assert list(found.unread) == [reason]
    assert found == way(kept=KEPT)[0]._replace(**{field: None, "unread": found.unread})


def test_a_role_that_is_not_there_is_missing_and_not_unread() -> None:
    def answer(given: Given) -> Given:
        if given["RoleName"].endswith("writer"):
            raise error("NoSuchEntity", 404)
        return {}

    found = way(get_role=answer)[0]
    assert (found.roles, found.unread) == (frozenset({"reader"}), {})


def test_of_an_account_that_cannot_be_entered_all_is_unread_for_one_reason() -> None:
    infra = Canned(INFRA, get_queue_url=DENIED)
    found = asker(CannedEyes(infra), infra, "net", REGION, BALANCER, TEAM, {}, KEPT, table=True)
    assert (found.tags, found.rules, found.roles, found.letters, found.waiting) == (None, None, None, None, None)
    why = found.unread["account"]
    assert why.startswith(f"account {TEAM} cannot be read: no network is known")
    assert found.unread == {
        **dict.fromkeys(("account", "tags", "rules", "roles", "letters"), why),
        "queue": found.unread["queue"],
        "list": "the network account's stack could not be read: name a profile of it as well",
    }


@pytest.mark.parametrize(
    ("region", "at", "eyes_in", "read"),
    [
        (REGION, "", "", True),
        (REGION, "us-east-1", REGION, False),
        ("", "us-east-1", "us-east-1", True),
    ],
)
def test_a_vpcs_tags_are_read_where_it_is_and_nowhere_else(region: str, at: str, eyes_in: str, read: bool) -> None:
    member = Canned(TEAM, **MEMBER)
    found = asker(
        CannedEyes(member), None, "net", region, "vpc-1", TEAM, SETTINGS, None, table=False, at=at, eyes_in=eyes_in
    )
    assert (found.at, found.region) == (at or REGION, region)
    assert (found.tags is not None) is read


@pytest.mark.parametrize(("status", "ended"), [("RUNNING", False), ("ABORTED", True)])
def test_a_run_that_holds_the_account_is_asked_whether_it_lives(status: str, ended: bool) -> None:
    infra = Canned(
        INFRA,
        get_queue_url={"QueueUrl": "https://own"},
        get_queue_attributes={"Attributes": {"ApproximateNumberOfMessages": "0"}},
        describe_execution={"status": status},
    )
    machine = f"arn:aws:states:{REGION}:{INFRA}:stateMachine:onramp-net"
    eyes = CannedEyes(Canned(TEAM, **MEMBER))
    found = asker(eyes, infra, "net", REGION, BALANCER, TEAM, SETTINGS, KEPT, table=True, now=9.0, machine=machine)
    assert (found.running, found.ended) == ("run-1", ended)
    asked = f"arn:aws:states:{REGION}:{INFRA}:execution:onramp-net:run-1"
    assert ("describe_execution", {"executionArn": asked}) in infra.calls


def test_without_the_network_account_nothing_is_said_of_its_table() -> None:
    found = way(own=False, table=False)[0]
    assert (found.known, found.waiting) == (None, None)
    assert found.unread == {
        "table": "the network account's table could not be read: name a profile of it as well",
    }
