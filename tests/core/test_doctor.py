"""Findings out of what was read: each trouble has its code, unread is not wrong, a tag's way stops where it stops."""

import json
from typing import Any

import pytest
from onramp.core.doctor import Asker, Deployed, Share, examine, walk
from onramp.core.fleet import AccountSeen, Fleet, Kept, fleet
from onramp.core.inventory import ClientState, Refusal, ServiceState
from onramp.core.run import Memory
from onramp.core.watch import ABSENT, BLIND, NOT_LISTED, SILENT, SILENT_AFTER, VERSION, Entry

from tests.core.saying import says

INFRA, TEAM = "111111111111", "222222222222"
ARN = f"arn:aws:vpc-lattice:ap-northeast-1:{INFRA}:servicenetwork/sn-0"
ALB = f"arn:aws:elasticloadbalancing:ap-northeast-1:{TEAM}:loadbalancer/app/orders/50dc6c495c0c9188"
NOW = 1_000_000.0


def policy(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


ANYBODY = {"Effect": "Allow", "Principal": "*", "Action": "*"}
NOBODY = {"Effect": "Deny", "Principal": "*", "Action": "*", "Resource": "*"}
WELL = Deployed(
    network="net",
    arn=ARN,
    functions={"onramp-net-plan": "Active"},
    rules={"Triggers": "ENABLED"},
    admits=True,
    archive="ENABLED",
    letters={"onramp-net--dead-letters": 0},
    alarms=(),
    version="0.2.0",
    versions={INFRA: "0.2.0", TEAM: "0.2.0"},
    share=Share("arn:share", "ACTIVE", {TEAM: "ASSOCIATED"}),
    auth="AWS_IAM",
    policy=policy({"Effect": "Allow", "Principal": "*", "Action": "*", "Condition": {"Bool": {"a:b": "true"}}}),
    log_destinations=1,
    services=10,
    vpcs=10,
    quotas=(500, 500),
    concurrency=1000,
    joined={},
    guards={},
    listed=frozenset(),
    unread={},
)


def kept(heard: float = NOW, **memory: Any) -> Fleet:
    entry = Entry(account=TEAM, rung_at=heard, heard_at=heard, looked_at=heard)
    return fleet("net", [Kept(entry, Memory(**memory), ())], NOW)


def codes(seen: Deployed, whole: Fleet | None = None) -> list[tuple[str, str]]:
    return [(it.code, it.severity) for it in examine(seen, whole or kept()).findings]


def test_what_is_well_has_no_finding() -> None:
    assert codes(WELL) == []


def test_a_policy_may_speak_of_the_services_of_the_network_s_account() -> None:
    of_services = {**ANYBODY, "Resource": f"{ARN.partition('servicenetwork/')[0]}service/*"}
    assert ("nobody-admitted", "error") not in codes(WELL._replace(policy=policy(of_services)))


TROUBLES: list[tuple[dict[str, Any], tuple[str, str]]] = [
    ({"functions": {"onramp-net-plan": "gone"}}, ("function-missing", "error")),
    ({"rules": {}}, ("bus-deaf", "error")),
    ({"rules": {"Triggers": "DISABLED"}}, ("bus-deaf", "error")),
    ({"admits": False}, ("bus-closed", "error")),
    ({"archive": ""}, ("archive-off", "note")),
    ({"archive": "DISABLED"}, ("archive-off", "warning")),
    ({"letters": {"q": 3}}, ("dead-letters", "error")),
    ({"alarms": ("onramp-net--queue-age",)}, ("alarm", "error")),
    ({"version": "0.4.0", "versions": {TEAM: "0.2.0"}}, ("version-apart", "warning")),
    ({"version": "1.0.0", "versions": {TEAM: "0.9.0"}}, ("version-apart", "warning")),
    ({"versions": {INFRA: "0.2.0", TEAM: "0.1.0"}}, ("version-apart", "note")),
    ({"versions": {INFRA: "0.9.0", TEAM: "0.2.0"}}, ("version-apart", "warning")),
    ({"share": Share("", "gone", {})}, ("sharing-off", "error")),
    ({"share": Share("arn", "ACTIVE", {TEAM: "FAILED"})}, ("sharing-failed", "error")),
    ({"share": Share("arn", "ACTIVE", {"999999999999": "ASSOCIATED"})}, ("shared-with-stranger", "warning")),
    ({"share": Share("arn", "ACTIVE", {"arn:aws:o:1:ou/x": "ASSOCIATED"})}, ("shared-with-stranger", "warning")),
    ({"auth": "NONE", "policy": ""}, ("network-open", "warning")),
    ({"policy": policy(ANYBODY)}, ("principal-anyone", "warning")),
    ({"policy": policy(NOBODY)}, ("nobody-admitted", "error")),
    ({"policy": ""}, ("nobody-admitted", "error")),
    ({"log_destinations": 0}, ("access-log-off", "warning")),
    ({"services": 400}, ("quota-near", "warning")),
    ({"vpcs": 499}, ("quota-near", "warning")),
    ({"concurrency": 10}, ("quota-near", "warning")),
    ({"joined": {"arn:svc": "stray"}}, ("associated-by-hand", "note")),
    ({"listed": frozenset({"333333333333"})}, ("account-absent", "warning")),
]


@pytest.mark.parametrize(("wrong", "found"), TROUBLES)
def test_each_trouble_has_its_finding_with_a_remedy(wrong: dict[str, Any], found: tuple[str, str]) -> None:
    seen = WELL._replace(**wrong)
    assert codes(seen) == [found]
    assert all(it.remedy and it.message and it.resource for it in examine(seen, kept()).findings)


@pytest.mark.parametrize(
    ("statement", "says"),
    [
        ({}, "statement #2 denies everybody"),
        ({"Sid": "Shut", "Principal": {"AWS": "*"}}, "statement Shut denies everybody"),
        ({"Action": "vpc-lattice-svcs:*"}, "statement #2 denies everybody"),
        ({"Resource": None}, "statement #2 denies everybody"),
        ({"NotAction": "s3:*", "Action": None}, "statement #2 denies everybody"),
        ({"Condition": {"StringEquals": {"vpc-lattice-svcs:SourceVpc": "vpc-1"}}}, ""),
        ({"Principal": {"AWS": TEAM}}, ""),
        ({"Principal": None, "NotPrincipal": {"AWS": "*"}}, ""),
        ({"Principal": None}, ""),
        ({"Action": "vpc-lattice-svcs:Connect"}, ""),
        ({"Action": "vpc-lattice:*"}, ""),
        ({"Resource": "*/service/svc-1/*"}, ""),
        ({"Resource": "*/admin"}, ""),
        ({"Resource": None, "NotResource": "*/health"}, ""),
    ],
)
def test_who_is_denied_by_a_statement_is_everybody_or_not(statement: dict[str, Any], says: str) -> None:
    """Only what is certain: a condition may be met, a principal may be another, a resource may be another's."""
    denied = {key: value for key, value in {**NOBODY, **statement}.items() if value is not None}
    found = examine(WELL._replace(policy=policy({**ANYBODY, "Principal": {"AWS": TEAM}}, denied)), kept()).findings
    assert [it.message for it in found] == ([f"nobody may call any service of the network: {says}"] if says else [])


@pytest.mark.parametrize(
    ("principal", "anyone"),
    [
        ("*", True),
        ({"AWS": "*"}, True),
        ({"AWS": ["*"]}, True),
        ({"AWS": f"arn:aws:iam::{TEAM}:root"}, False),
        ({"AWS": TEAM}, False),
    ],
)
def test_whom_a_policy_admits_is_anyone_or_not(principal: Any, anyone: bool) -> None:
    found = codes(WELL._replace(policy=policy({**ANYBODY, "Principal": principal})))
    assert found == ([("principal-anyone", "warning")] if anyone else [])


@pytest.mark.parametrize("statements", [(), ({**ANYBODY, "Action": "s3:*"},)])
def test_a_policy_that_allows_nothing_lets_nobody_in(statements: tuple[dict[str, Any], ...]) -> None:
    [found] = examine(WELL._replace(policy=policy(*statements)), kept()).findings
    assert found.message == "nobody may call any service of the network: no statement allows anybody"
    assert found.remedy == "let a statement allow those who are meant to call"


SERVICE = f"arn:aws:vpc-lattice:ap-northeast-1:{TEAM}:service/svc-1"


@pytest.mark.parametrize(
    ("network", "guard", "told"),
    [
        ({"auth": "NONE", "policy": ""}, None, True),
        ({"auth": "NONE", "policy": ""}, policy(ANYBODY), True),
        ({"auth": "NONE", "policy": ""}, policy({**ANYBODY, "Principal": {"AWS": TEAM}}), False),
        ({"auth": "NONE", "policy": ""}, "", False),
        ({"policy": policy(ANYBODY)}, None, True),
        ({}, None, False),
        ({}, policy(ANYBODY), False),
        ({"policy": None}, None, False),
        ({"auth": "", "policy": None}, None, False),
    ],
)
def test_a_service_is_open_where_neither_it_nor_its_network_asks_who_calls(
    network: dict[str, Any], guard: str | None, told: bool
) -> None:
    """A network that asks makes it fine; what was not read is nothing that is known to be open."""
    orders = ServiceState(account=TEAM, name="orders", network="net", status="connected", arn=SERVICE)
    seen = WELL._replace(joined={SERVICE: "orders"}, guards={SERVICE: guard}, **network)
    found = [it for it in examine(seen, kept(services=(orders,))).findings if it.code == "service-open"]
    text = "whoever is in a joined VPC may call service orders: it asks nobody, nor does its network"
    assert [(it.severity, it.resource, it.message) for it in found] == ([("note", SERVICE, text)] if told else [])


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        (
            {"policy": policy({**ANYBODY, "Principal": {"AWS": TEAM}}, {**NOBODY, "Resource": f"{SERVICE}/*"})},
            "nobody may call service orders, by the network's auth policy: statement #2 denies everybody",
        ),
        (
            {"guards": {SERVICE: policy(NOBODY)}},
            "nobody may call service orders, by its own auth policy: statement #1 denies everybody",
        ),
        (
            {"guards": {SERVICE: ""}},
            "nobody may call service orders, by its own auth policy: AWS_IAM is on and there is no policy",
        ),
        ({"guards": {SERVICE: policy(ANYBODY)}}, ""),
        ({"guards": {SERVICE: policy({"Effect": "Maybe"})}}, ""),
        ({"policy": policy({"Effect": "Maybe"})}, ""),
    ],
)
def test_a_service_that_nobody_may_call_is_named(wrong: dict[str, Any], says: str) -> None:
    orders = ServiceState(account=TEAM, name="orders", network="net", status="connected", arn=SERVICE)
    joined = {SERVICE: "orders", SERVICE.replace("svc-1", "svc-2"): "carts"}
    found = examine(WELL._replace(joined=joined, **wrong), kept(services=(orders,))).findings
    told = [(it.severity, it.resource, it.message) for it in found if it.code != "associated-by-hand"]
    assert told == ([("warning", SERVICE, says)] if says else [])


def test_what_its_team_was_told_already_is_told_once() -> None:
    said = "nobody-admitted: mend SSM parameter /lattice-onramp/orders if requests are meant to get through: why"
    orders = ServiceState(account=TEAM, name="orders", network="net", status="unreachable", message=said, arn=SERVICE)
    seen = WELL._replace(joined={SERVICE: "orders"}, guards={SERVICE: policy(NOBODY)})
    assert [(it.code, it.message) for it in examine(seen, kept(services=(orders,))).findings] == [
        ("nobody-admitted", "service orders is unreachable")
    ]


@pytest.mark.parametrize(("ours", "theirs"), [("0.2.0", "0.2.0"), ("0.2.0", ""), ("", "0.1.0")])
def test_what_is_not_known_of_versions_is_not_told(ours: str, theirs: str) -> None:
    assert codes(WELL._replace(version=ours, versions={TEAM: theirs})) == []


def test_what_could_not_be_read_is_told_and_not_taken_for_wrong() -> None:
    unread = {"rules": "denied"}
    names = ("functions", "rules", "admits", "archive", "letters", "alarms", "share", "policy", "log_destinations")
    seen = WELL._replace(**dict.fromkeys(names), concurrency=None, unread=unread)
    found = examine(seen, kept())
    assert (found.findings, found.unread) == ((), unread)


def test_without_the_table_nobody_is_taken_for_a_stranger_or_absent() -> None:
    seen = WELL._replace(
        log_destinations=0,
        share=Share("arn", "ACTIVE", {"999999999999": "ASSOCIATED", "arn:aws:o:1:ou/x": "ASSOCIATED"}),
        others={"888888888888": "terraform"},
        joined={"arn:svc": "stray"},
        listed=frozenset({"333333333333"}),
        versions={TEAM: "0.1.0"},
    )
    found = [(it.code, it.resource) for it in examine(seen, None).findings]
    assert found == [
        ("table-missing", "onramp-net"),
        ("access-log-off", ARN),
        ("shared-with-stranger", "arn:aws:o:1:ou/x"),
        ("version-apart", TEAM),
    ]


def test_silent_accounts_and_what_is_not_served_are_found() -> None:
    refusal = Refusal(code="not-internal", resource=ALB, message="use an internal load balancer")
    ails = ServiceState(
        account=TEAM,
        name="orders",
        network="net",
        status="unreachable",
        message="security-group: admit it",
        arn="arn:o",
    )
    waits = ClientState(
        account=TEAM, vpc="vpc-1", network="net", status="waiting", message="accept the invitation in RAM: soon"
    )
    whole = kept(NOW - SILENT_AFTER, refusals=(refusal,), services=(ails,), clients=(waits,))
    found = examine(WELL, whole).findings
    assert [(it.code, it.severity, it.resource, it.remedy) for it in found][1:] == [
        ("not-internal", "warning", ALB, "use an internal load balancer"),
        ("security-group", "warning", "arn:o", "admit it"),
        ("waiting", "warning", "vpc-1", "accept the invitation in RAM: soon"),  # no code begins it
    ]
    assert found[0].code == "account-silent"


@pytest.mark.parametrize(
    ("code", "resource", "says"),
    [
        ("unread", TEAM, "a read was denied: what is told of it is as it was last seen"),
        ("step-failed", TEAM, "runs cannot do all there that is asked for"),
        ("step-failed", f"CreateService {TEAM} orders", "a step of a run failed"),
        ("not-internal", ALB, "it is refused"),
    ],
)
def test_what_is_told_of_a_refusal_is_what_it_is(code: str, resource: str, says: str) -> None:
    refusal = Refusal(code=code, resource=resource, message="grant it")
    [found] = [it for it in examine(WELL, kept(refusals=(refusal,))).findings if it.code == code]
    assert found.message == says


def test_what_is_served_as_it_was_asked_for_has_no_finding() -> None:
    orders = ServiceState(account=TEAM, name="orders", network="net", status="connected", arn="arn:o")
    inside = ClientState(account=TEAM, vpc="vpc-1", network="net", status="connected")
    assert codes(WELL._replace(joined={"arn:o": "orders"}), kept(services=(orders,), clients=(inside,))) == []


def test_what_another_tool_shares_with_a_stranger_is_told() -> None:
    assert codes(WELL._replace(others={TEAM: "terraform"})) == []
    [found] = examine(WELL._replace(others={"999999999999": "terraform"}), kept()).findings
    assert (found.code, found.resource, "share terraform" in found.message) == (
        "shared-with-stranger",
        "999999999999",
        True,
    )


# --- one resource

FINE = Asker(
    key=ALB,
    kind="load balancer",
    account=TEAM,
    at="ap-northeast-1",
    region="ap-northeast-1",
    network="net",
    siblings=frozenset({"other"}),
    prefix="lattice:",
    tags={"lattice:network": "net", "lattice-onramp:status": "connected"},
    rules={"TagRule": "ENABLED"},
    roles=frozenset({"reader", "writer"}),
    letters=0,
    listed=True,
    known=True,
    heard_at=NOW,
    now=NOW,
    looked_at=NOW,
    running="",
    failed=0,
    answer=("connected", ""),
    waiting=0,
    refusals=(),
    status_tags=True,
    unread={},
)


def test_a_way_without_a_stop_is_well() -> None:
    found = walk(FINE)
    assert found.verdict == "ok"
    assert {it.verdict for it in found.checks} == {"ok"}


def test_a_warning_on_what_is_connected_is_told_with_its_remedy_and_other_things_without_a_code() -> None:
    tags = {"lattice:network": "net", "lattice-onramp:status": "connected"}
    told = "certificate-expires: import certificate 1 anew before 2026-12-04: nobody renews it"
    found = walk(FINE._replace(tags=tags | {"lattice-onramp:message": told}))
    last = found.checks[-1]
    assert (found.verdict, last.code) == ("ok", "certificate-expires")
    assert last.remedy.startswith("import certificate 1 anew before 2026-12-04")
    told = "clients may use api.example.com too once its DNS record is an alias"
    last = walk(FINE._replace(tags=tags | {"lattice-onramp:message": told})).checks[-1]
    assert (last.code, last.because) == ("", f"the answer on it is connected: {told}")


STOPS: list[tuple[dict[str, Any], str, str]] = [
    ({"at": "us-east-1"}, "region", "wrong-region"),
    ({"tags": {}}, "tag", "network-missing"),
    ({"tags": {"lattice-onramp:network": "net", "aws:network": "net"}}, "tag", "network-missing"),
    (
        {
            "tags": {"lattice:network": "net", "lattice-onramp:network": "net", "lattice-onramp:name": "orders"},
            "kind": "Lattice service",
        },
        "tag",
        "network-missing",
    ),
    ({"tags": None, "unread": {"tags": "DescribeTags: LoadBalancerNotFound: no"}}, "tag", "resource-missing"),
    (
        {
            "tags": None,
            "kind": "Lattice service",
            "unread": {"tags": "ListTagsForResource: ResourceNotFoundException: no"},
        },
        "tag",
        "resource-missing",
    ),
    (
        {"tags": None, "kind": "VPC", "unread": {"tags": "DescribeVpcs: InvalidVpcID.NotFound: no"}},
        "tag",
        "resource-missing",
    ),
    ({"tags": {"latice:network": "net"}}, "tag", "tag-unknown"),
    ({"tags": {"Lattice:Network": "net"}}, "tag", "tag-unknown"),
    ({"tags": {"other:network": "net"}}, "tag", "tag-unknown"),
    ({"tags": {"lattice:network": "nett"}}, "network", "network-unknown"),
    ({"tags": {"lattice:network": "other"}}, "network", "network-unknown"),
    ({"tags": {"lattice:networks": "net", "latice:network": "net"}}, "tag", "tag-unknown"),
    ({"roles": frozenset({"reader"})}, "member stack", "member-role-missing"),
    ({"roles": frozenset()}, "member stack", "member-role-missing"),
    ({"rules": {}}, "rule", "rule-missing"),
    ({"rules": {"TagRule": "DISABLED"}}, "rule", "rule-off"),
    ({"rules": {"TagRule": "DISABLED", "RamRule": "DISABLED", "Sweep": "ENABLED"}}, "rule", "rule-off"),
    ({"listed": False}, "list", "account-not-listed"),
    ({"letters": 2}, "forwarding", "member-dead-letters"),
    ({"known": False, "heard_at": 0.0}, "event", "account-absent"),
    ({"heard_at": NOW - SILENT_AFTER}, "event", "account-silent"),
    ({"failed": 3}, "run", "runs-failed"),
    ({"looked_at": 0.0}, "run", "never-looked"),
    ({"refusals": (Refusal(code="not-internal", resource=ALB, message="m"),)}, "report", "not-internal"),
    (
        {"refusals": (Refusal(code="member-role-missing", resource=TEAM, message="m"),)},
        "report",
        "member-role-missing",
    ),
    (
        {
            "tags": {
                "lattice:network": "net",
                "lattice-onramp:status": "unreachable",
                "lattice-onramp:message": "security-group: admit it",
            }
        },
        "report",
        "security-group",
    ),
    (
        {
            "tags": {
                "lattice:network": "net",
                "lattice-onramp:status": "waiting",
                "lattice-onramp:message": "approval 1-2: infra has to",
            }
        },
        "report",
        "waiting",
    ),
    ({"answer": ("failed", "step-failed: m")}, "report", "step-failed"),
    (
        {"tags": {"lattice:network": "net"}, "status_tags": False, "answer": ("unreachable", "security-group: admit")},
        "report",
        "security-group",
    ),
]


@pytest.mark.parametrize(("wrong", "place", "code"), STOPS)
def test_a_way_stops_where_it_stops(wrong: dict[str, Any], place: str, code: str) -> None:
    found = walk(FINE._replace(**wrong))
    assert found.verdict == "stopped"
    [stop] = [it for it in found.checks if it.verdict == "stopped"]
    assert (stop.place, stop.code) == (place, code)
    assert stop.remedy


OPEN: list[tuple[dict[str, Any], list[str]]] = [
    ({"region": ""}, ["region"]),
    ({"tags": None}, ["tag", "network", "report"]),
    ({"rules": None}, ["rule"]),
    ({"roles": None}, ["member stack"]),
    ({"letters": None}, ["forwarding"]),
    ({"letters": None, "unread": {"letters": "GetQueueUrl: AWS.SimpleQueueService.NonExistentQueue"}}, ["forwarding"]),
    ({"known": None}, ["event", "run"]),
    ({"listed": None}, ["list"]),
    ({"waiting": None}, ["queue"]),
    ({"waiting": 4}, ["queue"]),
    ({"running": "run-1"}, ["run"]),
    ({"running": "run-1", "ended": True}, ["run"]),
    ({"tags": {"lattice:network": "net", "lattice-onramp:status": "connecting"}}, ["report"]),
    ({"tags": {"lattice:network": "net"}}, ["report"]),
]


@pytest.mark.parametrize(("wrong", "places"), OPEN)
def test_what_is_not_known_yet_is_told_so(wrong: dict[str, Any], places: list[str]) -> None:
    found = walk(FINE._replace(**wrong))
    assert found.verdict == "unknown"
    assert [it.place for it in found.checks if it.verdict == "unknown"] == places


def test_an_answer_that_a_run_is_about_to_change_is_not_taken_for_the_last_word() -> None:
    [check] = [it for it in walk(FINE._replace(answer=("failed", "m"), running="run-1")).checks if it.place == "report"]
    assert check.verdict == "ok"


def test_where_no_answers_are_written_none_is_missed() -> None:
    assert walk(FINE._replace(tags={"lattice:network": "net"}, status_tags=False)).verdict == "ok"


# --- in words


def test_what_each_finding_says() -> None:
    seen = [examine(WELL, None), *(examine(WELL._replace(**wrong), kept()) for wrong, _ in TROUBLES)]
    for code in (SILENT, ABSENT, NOT_LISTED, BLIND, VERSION):
        account = AccountSeen(
            account=TEAM,
            state=code,
            message="as the watch says it",
            rung_at=NOW,
            looked_at=NOW,
            running="",
            services=0,
            clients=0,
            refusals=0,
        )
        seen.append(examine(WELL, Fleet(network="net", at=NOW, accounts=(account,))))
    says(
        "doctor-of-a-network",
        (
            f"{it.severity} {it.code} {it.resource}: {it.message}: {it.remedy}"
            for document in seen
            for it in document.findings
        ),
    )


def test_what_each_place_on_a_tags_way_says() -> None:
    answers = [
        {"tags": {"lattice:network": "net", "lattice-onramp:status": "held", "lattice-onramp:message": message}}
        for message in ("by infra", "too-many: ask infra", "no code: here")
    ]
    unread = dict.fromkeys(("tags", "roles", "rules", "letters", "table", "queue", "list"), "it was denied")
    ways = [{}, *(wrong for wrong, *_ in [*STOPS, *OPEN]), *answers, {"tags": {"lattice:network": " "}}]
    ways += [{**wrong, "unread": unread} for wrong, _ in OPEN]
    ways += [{"tags": {"lattice:network": "net"}, "status_tags": False}]
    seen: dict[str, None] = {}
    for wrong in ways:
        for it in walk(FINE._replace(**wrong)).checks:
            seen[" · ".join(filter(None, (it.place, it.verdict, it.code, it.because, it.remedy)))] = None
    says("doctor-of-a-tag", seen)
