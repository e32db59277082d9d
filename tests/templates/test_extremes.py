"""Parameters at their extremes: all at their longest, and any two given or not; both templates deploy and go."""

from __future__ import annotations

import itertools
import json
import math
from collections.abc import Iterator
from typing import Any

import pytest
from onramp.wiring import settings_of

from localcloud.cloud import LocalCloud
from localcloud.door.faults import Fault
from localcloud.services.cloudformation.model import StackFailed
from localcloud.services.cloudformation.read import read
from replay.stage import MEMBER, TEMPLATE
from replay.story import ROOT

OWN = "111111111111"
ACCOUNTS, CHARACTERS = 250, 2_740
"""What docs/deploy.md says that lists hold: accounts, and characters of the four others together."""

ZONES, OF_ZONES = 8, 750
"""The same of hosted zones, and of characters with the domains below which their records are."""

JOINED_ZONES, OF_JOINED, OF_LISTS = 4, 350, 2_700
"""The same with AssociateZones, which names the zones once more, and is itself a word more in that environment."""

BESIDE_DOMAINS = 25
"""What RecordDomains takes of the four lists' characters besides its own: its name in that environment."""

NAME = "n" * 40
BOUNDARY = f"{'b' * 200}/{'c' * 128}"
ORGANIZATION = f"o-{'a' * 32}"
UNIT = f"{ORGANIZATION}/r-{'b' * 32}/" + "".join(f"ou-{'b' * 32}-{number:032}/" for number in range(5)) + "*"
EACH = CHARACTERS // 4
ZONE_ARNS = ",".join(f"arn:aws:route53:::hostedzone/Z{number:031}" for number in range(ZONES))
DOMAINS = f"{'d.' * 60}jp,{'e.' * 70}"[: OF_ZONES - len(ZONE_ARNS)].rstrip(".,")


def _lists(characters: int) -> dict[str, str]:
    """Those that fill the environment, with so many characters for the two that have the most of them."""
    return {
        "SiblingNetworks": ",".join(f"{number:03}{'s' * 37}" for number in range(100))[: characters // 2].rstrip(","),
        "KeptOut": ",".join(f"{number:012}/{'k' * 40}" for number in range(100))[: characters // 2].rstrip(",/"),
    }


LONGEST: dict[str, str] = {
    "NetworkName": NAME,
    "TagPrefix": f"{'t' * 30}:",
    "RolePath": f"/{'p' * 126}/",
    "BoundaryPolicy": BOUNDARY,
    "NoticeEmail": f"{'a' * 64}@{'b' * 63}.example",
    "SharePermissionArn": "arn:aws:ram::aws:permission/AWSRAMPermissionVpcLatticeServiceNetworkReadWrite",
    "ApprovalRequired": "both",
    "Acceptance": "automatic",
    "Vanish": "associations",
    "StatusTags": "off",
    "Language": "ja",
    "Offboarding": "off",
    "DeletionLimit": "1000",
    "QuietSeconds": "900",
    "KeepSeconds": "2592000",
    "HandsHours": "168",
    "LogRetentionDays": "3653",
    "NoticeMinutes": "1440",
    "ArchiveDays": "3653",
    "ReservedConcurrency": "500",
    "MemberAlarms": "on",
    "HostedZoneArns": ZONE_ARNS,
    "RecordsFor": "domains",
    "AssociateZones": "off",
    "RecordDomains": DOMAINS,
    **_lists(2 * EACH - len(DOMAINS) - BESIDE_DOMAINS),
    "ExtraTagKeys": ",".join(f"{number}{'k' * 127}" for number in range(5)) + f",{'x' * (EACH - 5 * 129)}",
    "ExtraTagValues": ",".join([*["v" * 138] * 4, "", "v" * (EACH - 5 - 4 * 138)]),
}

WHO: dict[str, dict[str, str]] = {
    "accounts": {"MemberAccounts": ",".join(f"{number:012}" for number in range(ACCOUNTS))},
    "an organisation": {
        "OrganizationId": ORGANIZATION,
        "OrganizationPaths": ",".join([UNIT] * (4_096 // (len(UNIT) + 1))),
        "AuthPreset": "ou-signed",
        "AuthOrganizationPath": UNIT,
    },
}


@pytest.mark.parametrize("who", WHO)
@pytest.mark.parametrize("key", [False, True], ids=["AWS's keys", "a key of its own"])
def test_with_everything_at_its_longest_both_stacks_stand_and_go(who: str, *, key: bool) -> None:
    """Sizes of policies, environments and names are the local cloud's to refuse, as AWS does."""
    with LocalCloud() as cloud:
        given = LONGEST | WHO[who] | ({"KeyArn": _key(cloud, of_several_regions=True)} if key else {})
        unsaid = set(read(TEMPLATE.read_text())["Parameters"]) - given.keys()
        who_else = {"OrganizationId", "OrganizationPaths", "MemberAccounts", "AuthPreset", "AuthOrganizationPath"}
        apart = {"ExistingNetworkArn", "MemberUnits", "StackSetCaller", "KeyArn"} | who_else
        assert unsaid <= apart
        _bound(cloud)
        stacks = _deploy(given, cloud)
        settings = cloud.client("lambda", OWN).list_functions()["Functions"]
        assert max(sum(map(len, _flat(one["Environment"]["Variables"]))) for one in settings) < 4_096 - MARGIN
        plans = next(one for one in settings if one["FunctionName"].endswith("-plan"))["Environment"]["Variables"]
        assert settings_of(plans).network.signed is ("AuthPreset" in WHO[who])
        for policy in _trusts(cloud):
            assert len(json.dumps(policy, separators=(",", ":"))) < 2_048  # IAM's default quota of a trust policy
        assert [one for one in _names(cloud) if len(one[1]) > ROOM[one[0]]] == []
        assert {role: size for role, size in _inline(cloud).items() if size > INLINE} == {}
        # By one page of AWS's a policy under AWS_IAM cannot be deleted by itself (facts 13): it goes with its network.
        cloud.faults.add(Fault("refuse", "vpc-lattice", "DeleteAuthPolicy", times=None))
        for stack in reversed(stacks):
            cloud.stacks.delete(OWN, stack)
        assert cloud.client("iam", OWN).list_roles()["Roles"] == []
        assert cloud.client("vpc-lattice", OWN).list_service_networks()["items"] == []


def test_without_domains_of_records_the_lists_hold_all_that_the_page_says() -> None:
    with LocalCloud() as cloud:
        _bound(cloud)
        _deploy(LONGEST | WHO["accounts"] | {"RecordDomains": ""} | _lists(2 * EACH), cloud)
        settings = cloud.client("lambda", OWN).list_functions()["Functions"]
        assert max(sum(map(len, _flat(one["Environment"]["Variables"]))) for one in settings) < 4_096 - MARGIN


def test_with_clients_in_private_zones_the_writer_s_policy_holds_fewer_of_them() -> None:
    with LocalCloud() as cloud:
        zones = ",".join(ZONE_ARNS.split(",")[:JOINED_ZONES])
        below = f"{'d.' * 60}jp,{'e.' * 70}"[: OF_JOINED - len(zones)].rstrip(".,")
        lists = _lists(2 * EACH - (CHARACTERS - OF_LISTS) - len(below) - BESIDE_DOMAINS)
        given = {"AssociateZones": "on", "HostedZoneArns": zones, "RecordDomains": below, **lists}
        _bound(cloud)
        _deploy(LONGEST | WHO["an organisation"] | given, cloud)
        assert {role: size for role, size in _inline(cloud).items() if size > INLINE} == {}


ROOM = {"role": 64, "function": 64, "rule": 64, "schedule": 64, "queue": 80, "machine": 80, "topic": 256, "alarm": 255}
ROOM |= {"archive": 48, "bus": 256, "table": 255, "log group": 512, "dashboard": 255}
"""Characters that AWS gives a name."""


INLINE = 9_500
"""Of the 10,240 characters that all inline policies of a role have together: 40 ARNs of seven more each, in
`aws-us-gov`, and a statement or two for whoever writes the next."""


def _inline(cloud: LocalCloud) -> dict[str, int]:
    """The characters of each role's inline policies together, as IAM counts them: white space apart."""
    iam, sizes = cloud.client("iam", OWN), {}
    for role in (one["RoleName"] for one in iam.list_roles()["Roles"]):
        names = iam.list_role_policies(RoleName=role)["PolicyNames"]
        documents = [iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"] for name in names]
        sizes[role] = sum(len("".join(json.dumps(document).split())) for document in documents)
    return sizes


def _names(cloud: LocalCloud) -> list[tuple[str, str]]:
    """(kind, name) of what the stacks have made in the account."""

    def of(service: str, operation: str, listed: str, name: str) -> list[str]:
        pages = getattr(cloud.client(service, OWN), operation)()[listed]
        return [(one if isinstance(one, str) else one[name]).rpartition("/")[2].rpartition(":")[2] for one in pages]

    found = {
        "role": of("iam", "list_roles", "Roles", "RoleName"),
        "function": of("lambda", "list_functions", "Functions", "FunctionName"),
        "rule": of("events", "list_rules", "Rules", "Name"),
        "schedule": of("scheduler", "list_schedules", "Schedules", "Name"),
        "queue": of("sqs", "list_queues", "QueueUrls", ""),
        "machine": of("stepfunctions", "list_state_machines", "stateMachines", "name"),
        "topic": of("sns", "list_topics", "Topics", "TopicArn"),
        "alarm": of("cloudwatch", "describe_alarms", "MetricAlarms", "AlarmName"),
        "archive": of("events", "list_archives", "Archives", "ArchiveName"),
        "bus": of("events", "list_event_buses", "EventBuses", "Name"),
        "table": of("dynamodb", "list_tables", "TableNames", ""),
        "log group": [one["logGroupName"] for one in cloud.client("logs", OWN).describe_log_groups()["logGroups"]],
        "dashboard": of("cloudwatch", "list_dashboards", "DashboardEntries", "DashboardName"),
    }
    assert {kind for kind, names in found.items() if any("n" * 20 in name for name in names)} == set(ROOM)
    return [(kind, name) for kind, names in found.items() for name in names]


MARGIN = 60
"""ARNs are longer elsewhere: `aws-us-gov` and `ap-southeast-1` or `us-gov-west-1`, in each of three."""


def test_the_page_says_how_much_lists_hold() -> None:
    page = " ".join((ROOT / "docs" / "deploy.md").read_text().split())
    assert f"`MemberAccounts` holds {ACCOUNTS} accounts" in page
    assert f"hold {CHARACTERS:,} characters together, {OF_LISTS:,} with `AssociateZones`" in page
    assert f"`RecordDomains` counts among them, with {BESIDE_DOMAINS} more" in page


def test_longer_lists_are_refused_by_lambda_and_nothing_of_the_stack_is_left() -> None:
    with LocalCloud() as cloud:
        _bound(cloud)
        given = LONGEST | WHO["accounts"] | {"KeptOut": ",".join(f"{number:012}" for number in range(200))}
        with pytest.raises(StackFailed, match="the environment is larger than 4096 bytes"):
            cloud.stacks.deploy(TEMPLATE, OWN, f"onramp-{NAME}", given)
        assert cloud.client("iam", OWN).list_roles()["Roles"] == []


OFF_AND_ON: dict[str, dict[str, str]] = {
    "existing network": {"ExistingNetworkArn": ""},
    "preset": {"AuthPreset": "none"},
    "acceptance": {"Acceptance": "manual"},
    "permission": {"SharePermissionArn": LONGEST["SharePermissionArn"]},
    "approval": {"ApprovalRequired": "services"},
    "prefix": {"TagPrefix": "team:"},
    "siblings": {"SiblingNetworks": "test,other-one"},
    "status": {"StatusTags": "off"},
    "language": {"Language": "ja"},
    "deletions": {"DeletionLimit": "0"},
    "quiet": {"QuietSeconds": "0", "KeepSeconds": "0"},
    "vanish": {"Vanish": "nothing"},
    "kept out": {"KeptOut": "222222222222,orders,222222222222/pay"},
    "offboarding": {"Offboarding": "on"},
    "mail": {"NoticeEmail": "infra@example.com", "NoticeMinutes": "0"},
    "archive": {"ArchiveDays": "0"},
    "member alarms": {"MemberAlarms": "on"},
    "zones": {"HostedZoneArns": "arn:aws:route53:::hostedzone/Z0123456789ABC"},
    "zones with clients": {
        "HostedZoneArns": "arn:aws:route53:::hostedzone/Z0123456789ABC",
        "AssociateZones": "on",
    },
    "record domains": {"RecordDomains": "shop.example.jp,example.jp"},
    "records for": {"RecordsFor": "domains"},
    "concurrency": {"ReservedConcurrency": "1"},
    "key": {"KeyArn": ""},
    "path": {"RolePath": "/platform/"},
    "boundary": {"BoundaryPolicy": BOUNDARY},
    "tags": {"ExtraTagKeys": "Owner,CostCentre", "ExtraTagValues": "infra,"},
    "paths": {"OrganizationPaths": f"{ORGANIZATION}/r-ab12/ou-ab12-11111111/*"},
    "ou-signed": {"AuthPreset": "ou-signed", "AuthOrganizationPath": f"{ORGANIZATION}/r-ab12/*"},
}
"""What stands in for a parameter that is given; one that is not has its default."""

LISTS = ("222222222222", ",".join(f"{number:012}" for number in range(200)))


def together(names: list[str]) -> list[list[str]]:
    """Few sets of names, such that for each two there is one with both, with either alone, and with none.

    Each name is in half of the sets and never in the first, no two in the same ones, and two such halves meet.
    """
    many = next(n for n in itertools.count(4) if math.comb(n - 1, (n + 1) // 2) >= len(names))
    places = dict(zip(names, itertools.combinations(range(1, many), (many + 1) // 2), strict=False))
    return [[name for name in names if at in places[name]] for at in range(many)]


def test_any_two_are_given_together_alone_and_not_at_all() -> None:
    names = list(OFF_AND_ON)
    sets = together(names)
    for one, other in itertools.combinations(names, 2):
        assert {(one in it, other in it) for it in sets} == set(itertools.product((True, False), repeat=2))


@pytest.mark.parametrize("organisation", [False, True], ids=["listed accounts", "an organisation"])
def test_whichever_two_parameters_are_given_both_stacks_stand_and_go(*, organisation: bool) -> None:
    left_out = {"preset"} if organisation else {"paths", "ou-signed"}
    with LocalCloud() as cloud:
        _bound(cloud)
        there = cloud.client("vpc-lattice", OWN).create_service_network(name=NAME)["arn"]
        real = {"existing network": {"ExistingNetworkArn": there}, "key": {"KeyArn": _key(cloud)}}
        for number, chosen in enumerate(together([one for one in OFF_AND_ON if one not in left_out])):
            given = {"NetworkName": NAME if "existing network" in chosen else "net"}
            given |= {"OrganizationId": ORGANIZATION} if organisation else {"MemberAccounts": LISTS[number % 2]}
            for one in chosen:
                given |= real.get(one, OFF_AND_ON[one])
            for stack in reversed(_deploy(given, cloud)):
                cloud.stacks.delete(OWN, stack)
            cloud.clock.advance(60)  # no queue has the name of one that was deleted before
        assert cloud.client("iam", OWN).list_roles()["Roles"] == []


def _deploy(given: dict[str, str], cloud: LocalCloud) -> tuple[str, str]:
    """Both stacks in the network account: their names."""
    names = (f"onramp-{given['NetworkName']}", f"onramp-{given['NetworkName']}-member")
    cloud.stacks.deploy(TEMPLATE, OWN, names[0], given)
    made = {one["OutputKey"]: one["OutputValue"] for one in cloud.stacks.stack(OWN, names[0]).outputs}
    both = set(read(MEMBER.read_text())["Parameters"]) & given.keys()
    network = {"NetworkAccountId": OWN, "ServiceNetworkArn": made["ServiceNetworkArn"]}
    cloud.stacks.deploy(MEMBER, OWN, names[1], {name: given[name] for name in both} | network)
    return names


def _flat(variables: dict[str, str]) -> Iterator[str]:
    for name, value in variables.items():
        yield from (name, value)


def _trusts(cloud: LocalCloud) -> list[Any]:
    return [role["AssumeRolePolicyDocument"] for role in cloud.client("iam", OWN).list_roles()["Roles"]]


def _key(cloud: LocalCloud, *, of_several_regions: bool = False) -> str:
    return str(cloud.client("kms", OWN).create_key(MultiRegion=of_several_regions)["KeyMetadata"]["Arn"])


def _bound(cloud: LocalCloud) -> None:
    path, _, name = BOUNDARY.rpartition("/")
    everything = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
    cloud.client("iam", OWN).create_policy(PolicyName=name, Path=f"/{path}/", PolicyDocument=json.dumps(everything))
