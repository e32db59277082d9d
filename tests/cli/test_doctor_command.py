"""`onramp doctor` in the walk-through's world: what is well says so, and what somebody broke is named with a remedy."""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Annotated, Any, Literal

import boto3
import msgspec
import pytest
from onramp.core.doctor import Document, Walk

from tests.cli.typing_in import BALANCER, INFRA, NETWORK, REGION, TEAM, VPC, Shell, shell

SCHEMAS = Path(__file__).parents[2] / "docs" / "schemas"
BOTH = ("--profile", "infra", "--profile", "team")


@pytest.fixture(scope="module")
def typed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shell]:
    with shell(tmp_path_factory.mktemp("aws")) as made:
        made.join()
        yield made


def examined(typed: Shell, *words: str) -> tuple[int, Document]:
    ran = typed.onramp("doctor", "--json", *(words or BOTH))
    return ran.exit_code, msgspec.json.decode(ran.stdout, type=Document)


def walked(typed: Shell, resource: str, *words: str) -> tuple[int, Walk]:
    ran = typed.onramp("doctor", resource, "--json", *(words or BOTH))
    assert ran.stdout, ran.stderr
    return ran.exit_code, msgspec.json.decode(ran.stdout, type=Walk)


def stops(found: Walk) -> list[tuple[str, str]]:
    return [(it.place, it.code) for it in found.checks if it.verdict == "stopped"]


def test_a_fresh_deployment_is_well(typed: Shell) -> None:
    status, found = examined(typed)
    assert (status, [(it.code, it.resource) for it in found.findings]) == (0, []), found
    assert found.unread == {}
    assert typed.onramp("doctor", *BOTH).stdout.splitlines()[-1] == "Nothing is wrong that could be read."


def test_an_answer_that_could_not_be_written_is_not_taken_for_the_last_one(typed: Shell) -> None:
    """The writer lets nobody in any more: the tag still says what it said."""
    iam, name = typed.cloud.client("iam", TEAM), f"onramp-{NETWORK}-writer"
    trust = iam.get_role(RoleName=name)["Role"]["AssumeRolePolicyDocument"]
    nobody = {"Effect": "Deny", "Principal": "*", "Action": "sts:AssumeRole"}
    iam.update_assume_role_policy(
        RoleName=name, PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [nobody]})
    )
    typed.tag(weight="50")
    try:
        status, found = walked(typed, BALANCER)
    finally:
        iam.update_assume_role_policy(RoleName=name, PolicyDocument=json.dumps(trust))
        typed.tag(weight="100")
    assert (status, stops(found)) == (1, [("report", "member-role-missing")])
    assert found.checks[-1].because == "the last run said this of its whole account"
    assert "cannot be assumed" in found.checks[-1].remedy


def test_a_slip_in_the_tag_is_told_whatever_other_networks_are_there(typed: Shell) -> None:
    """Of several networks the tag names none: no member stack of that name is asked for."""
    lattice = typed.cloud.client("vpc-lattice", TEAM)
    other = lattice.create_service_network(name="another")["id"]
    typed.tag(network=NETWORK.replace("lattice", "latice"))
    try:
        status, found = walked(typed, BALANCER)
    finally:
        lattice.delete_service_network(serviceNetworkIdentifier=other)
        typed.tag(network=NETWORK)
    assert (status, found.network) == (1, NETWORK)
    assert stops(found) == [("network", "network-unknown"), ("report", "network-unknown")]
    assert f"write lattice:network = {NETWORK}" in {it.remedy for it in found.checks}


def test_a_service_that_somebody_made_is_examined_by_its_arn(typed: Shell) -> None:
    lattice = typed.cloud.client("vpc-lattice", TEAM)
    arn = lattice.create_service(name="made-by-hand")["arn"]
    status, found = walked(typed, arn)
    assert (status, stops(found)) == (1, [("tag", "network-missing")])
    lattice.tag_resource(resourceArn=arn, tags={"lattice:network": NETWORK})
    typed.wait(4600)  # no trail tells of the tag there: the sweep sees it
    status, found = walked(typed, arn)
    assert status == 1
    assert stops(found) == [("report", "service-listener")], "no listener: nothing answers there"
    lattice.untag_resource(resourceArn=arn, tagKeys=["lattice:network"])
    typed.wait(4600)
    lattice.delete_service(serviceIdentifier=arn)


def _letter(typed: Shell) -> None:
    sqs = typed.cloud.client("sqs", INFRA)
    url = sqs.get_queue_url(QueueName=f"onramp-{NETWORK}--dead-letters")["QueueUrl"]
    sqs.send_message(QueueUrl=url, MessageBody="what nobody could read")


def _deaf(typed: Shell) -> None:
    events = typed.cloud.client("events", INFRA)
    rules = events.list_rules(EventBusName=f"onramp-{NETWORK}")["Rules"]
    [rule] = [it["Name"] for it in rules if it.get("Description", "").startswith("Whatever a member forwards")]
    events.disable_rule(Name=rule, EventBusName=f"onramp-{NETWORK}")


def _unlogged(typed: Shell) -> None:
    lattice = typed.cloud.client("vpc-lattice", INFRA)
    [network] = lattice.list_service_networks()["items"]
    for it in lattice.list_access_log_subscriptions(resourceIdentifier=network["arn"])["items"]:
        lattice.delete_access_log_subscription(accessLogSubscriptionIdentifier=it["arn"])


def _open(typed: Shell) -> None:
    lattice = typed.cloud.client("vpc-lattice", INFRA)
    [network] = lattice.list_service_networks()["items"]
    statement = {"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    lattice.put_auth_policy(resourceIdentifier=network["arn"], policy=policy)


def _shut(typed: Shell) -> None:
    """What trace tells of a single request, the examination tells of the network."""
    lattice = typed.cloud.client("vpc-lattice", TEAM)
    [service] = [it["arn"] for it in lattice.list_services()["items"] if it["name"] == "orders"]
    lattice.update_service(serviceIdentifier=service, authType="AWS_IAM")
    statement = {"Effect": "Deny", "Principal": "*", "Action": "*", "Resource": "*"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    lattice.put_auth_policy(resourceIdentifier=service, policy=policy)


def _stranger(typed: Shell) -> None:
    ram = typed.cloud.client("ram", INFRA)
    [share] = ram.get_resource_shares(resourceOwner="SELF", name=f"onramp-{NETWORK}")["resourceShares"]
    ram.associate_resource_share(resourceShareArn=share["resourceShareArn"], principals=["999999999999"])


def _by_hand(typed: Shell) -> None:
    lattice = typed.cloud.client("vpc-lattice", INFRA)
    service = lattice.create_service(name="by-hand")["arn"]
    typed.wait()
    [network] = lattice.list_service_networks()["items"]
    lattice.create_service_network_service_association(
        serviceIdentifier=service, serviceNetworkIdentifier=network["arn"]
    )
    typed.wait()


def _unshared(typed: Shell) -> None:
    typed.cloud.ram.failing["333333333333"] = ["The account is not in your organization."]
    ram = typed.cloud.client("ram", INFRA)
    [share] = ram.get_resource_shares(resourceOwner="SELF", name=f"onramp-{NETWORK}")["resourceShares"]
    ram.associate_resource_share(resourceShareArn=share["resourceShareArn"], principals=["333333333333"])
    typed.wait()


def _behind(typed: Shell) -> None:
    """As the account's own sweep tells: nobody needs a profile of it."""
    detail = json.dumps({"network": NETWORK, "version": "0.1.0"})
    entry = {"Source": "lattice.onramp", "DetailType": "Sweep", "Detail": detail}
    typed.cloud.client("events", INFRA).put_events(Entries=[entry])
    typed.wait()


def _crowded(typed: Shell) -> None:
    typed.cloud.lattice.quotas.service_associations_per_network = 2


@pytest.mark.parametrize(
    ("break_", "code", "severity"),
    [
        (_behind, "version-apart", "note"),
        (_letter, "dead-letters", "error"),
        (_deaf, "bus-deaf", "error"),
        (_unlogged, "access-log-off", "warning"),
        (_shut, "nobody-admitted", "warning"),
        (_open, "principal-anyone", "warning"),
        (_stranger, "shared-with-stranger", "warning"),
        (_by_hand, "associated-by-hand", "note"),
        (_unshared, "sharing-failed", "error"),
        (_crowded, "quota-near", "warning"),
    ],
)
def test_what_somebody_broke_is_found(typed: Shell, break_: Callable[[Shell], None], code: str, severity: str) -> None:
    """One after the other in one world: what was found before stays found."""
    before = {it.code for it in examined(typed)[1].findings}
    assert code not in before
    break_(typed)
    status, found = examined(typed)
    mine = [it for it in found.findings if it.code == code]
    assert [(it.code, it.severity) for it in mine] == [(code, severity)]
    assert mine[0].remedy
    assert status == any(it.severity != "note" for it in found.findings)
    assert before < {it.code for it in found.findings}


def test_a_quota_is_raised_by_the_command_that_the_remedy_says(typed: Shell) -> None:
    [remedy] = [it.remedy for it in examined(typed)[1].findings if it.code == "quota-near"]
    words = shlex.split(remedy.partition("request-service-quota-increase")[2])
    [service, quota, value] = words[1::2]
    asked = typed.cloud.client("service-quotas", INFRA)
    asked.request_service_quota_increase(ServiceCode=service, QuotaCode=quota, DesiredValue=float(value))
    assert "quota-near" not in {it.code for it in examined(typed)[1].findings}


def test_a_share_that_another_tool_made_of_the_network_is_found(typed: Shell) -> None:
    ram = typed.cloud.client("ram", INFRA)
    [network] = typed.cloud.client("vpc-lattice", INFRA).list_service_networks()["items"]
    made = ram.create_resource_share(
        name="by-terraform",
        resourceArns=[network["arn"]],
        principals=["888888888888", TEAM],
        allowExternalPrincipals=True,
    )
    found = [it for it in examined(typed)[1].findings if it.resource in ("888888888888", TEAM)]
    assert [(it.code, it.resource, "share by-terraform" in it.message) for it in found if "share" in it.code] == [
        ("shared-with-stranger", "888888888888", True)
    ]
    ram.delete_resource_share(resourceShareArn=made["resourceShare"]["resourceShareArn"])


class _Of(msgspec.Struct, rename="camel", forbid_unknown_fields=True):
    """An object of SARIF 2.1.0 (OASIS): what the standard demands has no default, and of the rest what we write."""


class Rule(_Of):
    id: str


class Driver(_Of):
    name: str
    version: str = ""
    rules: list[Rule] = []


class Tool(_Of):
    driver: Driver


class Message(_Of):
    text: Annotated[str, msgspec.Meta(min_length=1)]


class LogicalLocation(_Of):
    fully_qualified_name: str = ""
    kind: str = ""


class Location(_Of):
    logical_locations: list[LogicalLocation] = []


class Result(_Of):
    message: Message
    rule_id: str = ""
    rule_index: Annotated[int, msgspec.Meta(ge=-1)] = -1
    level: Literal["none", "note", "warning", "error"] = "warning"
    locations: list[Location] = []


class Run(_Of):
    tool: Tool
    results: list[Result]


class Log(_Of):
    version: Literal["2.1.0"]
    runs: list[Run]
    schema: Annotated[str, msgspec.Meta(pattern="^https://")] = msgspec.field(default="", name="$schema")


def test_machines_read_it_as_sarif(typed: Shell) -> None:
    [run] = msgspec.json.decode(typed.onramp("doctor", "--sarif", *BOTH).stdout, type=Log, strict=True).runs
    levels = {it.rule_id: it.level for it in run.results}
    assert levels["dead-letters"] == "error"
    rules = [rule.id for rule in run.tool.driver.rules]
    assert rules == sorted(levels), "each once"
    assert [rules[it.rule_index] for it in run.results] == [it.rule_id for it in run.results]


def test_who_may_not_read_all_is_told_what(typed: Shell) -> None:
    status, found = examined(typed, "--profile", "approver")
    assert status == 3
    assert "access log" in found.unread
    assert "dead-letters" not in {it.code for it in found.findings}


# --- one resource


def test_a_tag_that_did_its_work_is_well_all_the_way(typed: Shell, tmp_path: Path) -> None:
    for resource in (BALANCER, VPC, f"arn:aws:ec2:{REGION}:{INFRA}:vpc/{VPC}"):
        status, found = walked(typed, resource)
        assert (status, stops(found)) == (0, []), found
        assert [it.place for it in found.checks] == [
            "region",
            "tag",
            "network",
            "member stack",
            "rule",
            "list",
            "forwarding",
            "event",
            "queue",
            "run",
            "report",
        ]


def test_a_team_alone_is_told_what_it_cannot_see(typed: Shell) -> None:
    status, found = walked(typed, BALANCER, "--profile", "team")
    assert (status, stops(found)) == (3, [])
    assert [it.place for it in found.checks if it.verdict == "unknown"] == ["list", "event", "queue", "run"]
    said = typed.onramp("doctor", BALANCER, "--profile", "team").stdout
    assert "name a profile of it as well" in said


@pytest.mark.parametrize(
    ("resource", "words", "says"),
    [
        ("orders", BOTH, "is no load balancer's ARN and no VPC's id"),
        ("vpc-0aaaaaaaaaaaaaaaa", BOTH, "is in none of the accounts"),
        (BALANCER, (*BOTH, "--sarif"), "write --json for one resource"),
        (
            BALANCER.replace("loadbalancer/app", "targetgroup"),
            BOTH,
            "no tag on a targetgroup of elasticloadbalancing asks",
        ),
        (f"arn:aws:vpc-lattice:{REGION}:{TEAM}:targetgroup/tg-0123456789abcdef0", BOTH, "no tag on a targetgroup of"),
        (f"arn:aws:ec2:{REGION}:{TEAM}:subnet/subnet-0123", BOTH, "name the load balancer, VPC or Lattice service"),
    ],
)
def test_what_cannot_be_examined_says_why(typed: Shell, resource: str, words: tuple[str, ...], says: str) -> None:
    ran = typed.onramp("doctor", resource, *words)
    assert ran.exit_code == 2
    assert says in ran.stderr


def _misspelt(cloud: Any) -> None:
    elb = cloud.client("elbv2", TEAM)
    elb.remove_tags(ResourceArns=[BALANCER], TagKeys=["lattice:network"])
    elb.add_tags(ResourceArns=[BALANCER], Tags=[{"Key": "latice:network", "Value": NETWORK}])


def _elsewhere(cloud: Any) -> None:
    elb = cloud.client("elbv2", TEAM)
    elb.add_tags(ResourceArns=[BALANCER], Tags=[{"Key": "lattice:network", "Value": "another-network"}])


def _rule_off(cloud: Any) -> None:
    events = cloud.client("events", TEAM)
    for rule in events.list_rules()["Rules"]:
        events.disable_rule(Name=rule["Name"])


def _role_gone(cloud: Any) -> None:
    iam = cloud.client("iam", TEAM)
    name = f"onramp-{NETWORK}-reader"
    for policy in iam.list_role_policies(RoleName=name)["PolicyNames"]:
        iam.delete_role_policy(RoleName=name, PolicyName=policy)
    iam.delete_role(RoleName=name)


@pytest.mark.parametrize(
    ("break_", "stop"),
    [
        (_misspelt, ("tag", "tag-unknown")),
        (_elsewhere, ("network", "network-unknown")),
        (_rule_off, ("rule", "rule-off")),
        (_role_gone, ("member stack", "member-role-missing")),
    ],
)
def test_why_a_tag_does_nothing_is_named(typed: Shell, break_: Callable[[Any], None], stop: tuple[str, str]) -> None:
    break_(typed.cloud)
    status, found = walked(typed, BALANCER)
    assert status == 1
    assert stop in stops(found)
    [check] = [it for it in found.checks if (it.place, it.code) == stop]
    assert check.remedy


def test_another_region_is_the_first_thing_told(typed: Shell) -> None:
    status, found = walked(typed, BALANCER.replace(REGION, "us-east-1"))
    assert status == 1
    assert stops(found)[0] == ("region", "wrong-region")


@pytest.fixture
def vpc_elsewhere(typed: Shell) -> Iterator[str]:
    """A VPC of the team in another region, that asks for the network by its tag."""
    ec2 = boto3.Session(profile_name="team", region_name="us-east-1").client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.9.0.0/16")["Vpc"]["VpcId"]
    ec2.create_tags(Resources=[vpc], Tags=[{"Key": "lattice:network", "Value": NETWORK}])
    yield vpc
    ec2.delete_vpc(VpcId=vpc)


def test_a_vpc_in_another_region_than_its_network_is_told_so(typed: Shell, vpc_elsewhere: str) -> None:
    status, found = walked(typed, vpc_elsewhere, *BOTH, "--region", "us-east-1")
    assert (status, stops(found)[0]) == (1, ("region", "wrong-region"))
    assert found.checks[0].because == f"it is in us-east-1, and network {NETWORK} in {REGION}"


def test_a_vpc_that_is_not_in_the_region_may_be_in_another(typed: Shell, vpc_elsewhere: str) -> None:
    ran = typed.onramp("doctor", vpc_elsewhere, *BOTH)
    assert ran.exit_code == 2
    assert ran.stderr.strip().endswith("or its region by --region")


def test_of_several_networks_the_tag_says_which(typed: Shell) -> None:
    lattice = typed.cloud.client("vpc-lattice", TEAM)
    other = lattice.create_service_network(name="another")["id"]
    try:
        status, found = walked(typed, BALANCER)
    finally:
        lattice.delete_service_network(serviceNetworkIdentifier=other)
    assert (found.network, found.checks[0].because) == (NETWORK, f"both are in {REGION}")
    assert not {it.place for it in found.checks if it.verdict == "unknown"} & {"list", "event", "run"}
    assert status != 2


def test_without_the_networks_stack_nobody_says_who_decides_the_list(typed: Shell) -> None:
    found = walked(typed, BALANCER, "--profile", "team")[1]
    [listed] = [it for it in found.checks if it.place == "list"]
    assert listed.because == "the network account's stack could not be read: name a profile of it as well"


def test_without_its_table_all_else_is_examined_all_the_same(typed: Shell) -> None:
    _unlogged(typed)
    before = {it.code for it in examined(typed)[1].findings}
    typed.cloud.client("dynamodb", INFRA).delete_table(TableName=f"onramp-{NETWORK}")
    status, found = examined(typed)
    codes = {it.code for it in found.findings}
    assert (status, codes - before) == (1, {"table-missing"})
    told_by_it = {"associated-by-hand", "shared-with-stranger", "version-apart"}
    assert before - codes <= told_by_it, "who is a stranger, and which version a member has"
    assert "access-log-off" in codes


@pytest.mark.parametrize(("name", "kind"), [("doctor", Document), ("doctor-resource", Walk)])
def test_the_schemas_of_the_documents_are_in_the_docs(name: str, kind: Any) -> None:
    document: dict[str, Any] = msgspec.json.schema(kind)
    assert json.loads((SCHEMAS / f"{name}.json").read_text()) == json.loads(json.dumps(document))
