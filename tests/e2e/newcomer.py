"""The way of a newcomer through docs/deploy.md, and what must come of it on whichever engine."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import typed
from deployed import NETWORK, Deployed, client
from typed import Block, Clone, Terminal
from walkthrough import MEMBER, Walkthrough

from cli.local import ask

PAGE = "docs/deploy.md"

# The ways through the page: titles in the order in which their blocks are typed.
BEFORE = "Before"
REHEARSE, CLIENT, END = "A rehearsal without AWS", "The client of a rehearsal", "The end of a rehearsal"
NETWORK_ACCOUNT, MEMBERS, SEE = "1. The network account", "2. The members", "3. See that it works"
CHANGE, UPGRADE, BACK, REMOVE = "Change a parameter", "Upgrade", "Roll back", "Remove, without leftovers"
ORGANISATION, KEY = "With an organisation", "Your own key"
EXISTING = "An existing network, an auth policy of your own"
DEMANDED = "Tags and a boundary that your organisation demands"

REFUSED = "OrganizationId=o-zz99zz99zz MemberUnits=ou-zz99-99999999"
"""What no pattern and no rule of the template can refuse, and AWS does: there is no such unit."""

type Page = dict[str, list[Block]]
"""Title -> its blocks."""


def page() -> Page:
    """docs/deploy.md."""
    found: Page = {}
    for block in typed.blocks(PAGE):
        found.setdefault(block.title, []).append(block)
    return found


class Engine(Protocol):
    """What the page's commands are typed at."""

    def client(self, service: str, account: str) -> Any:
        """A client of an account's owner."""

    def things(self) -> dict[str, str]:
        """What a run may make or change in the accounts of the walk-through."""

    def tell(self, *files: str) -> None:
        """Tell what AWS tells by itself after these calls of the walk-through."""


@dataclass(frozen=True)
class OnMiniStack:
    """AWS's own tag events are handed in; all else comes by itself."""

    product: Deployed
    story: Walkthrough

    def client(self, service: str, account: str) -> Any:
        return self.product.client(service, account)

    def things(self) -> dict[str, str]:
        return self.story.stand().things

    def tell(self, *files: str) -> None:
        for file in files:
            assert [one["how"] for one in self.story.tell(file)] == ["delivered", "delivered"]


@dataclass(frozen=True)
class Rehearsal:
    """A local cloud that was served by the page's own words."""

    port: int

    def client(self, service: str, account: str) -> Any:
        return client(service, account, f"http://127.0.0.1:{self.port}", attempts=5)

    def things(self) -> dict[str, str]:
        ask(self.port, "advance")
        found: dict[str, str] = ask(self.port, "world")["things"]
        return found

    def tell(self, *files: str) -> None:
        """It tells by itself."""


def journey(page: Page, shell: Terminal, clone: Clone, at: Engine, built: Path | None = None) -> None:
    """From two empty accounts to a network that works, and back."""

    def type_all(title: str) -> str:
        return "".join(shell.type(block) for block in page[title])

    start = at.things()
    assert_no_traces(at)

    type_all(NETWORK_ACCOUNT)
    if built is not None:
        assert hashes(clone.folder / ".aws-sam/build") == hashes(built)
    type_all(MEMBERS)

    tag, wait = page[SEE]
    shell.type(tag)
    at.tell("01-vpc-tagged.json", "02-alb-tagged.json")
    assert "http://orders-" in shell.type(wait)
    if isinstance(at, Rehearsal):
        assert "Welcome to nginx!" in type_all(CLIENT)
    made = traces(at)
    assert len(made) > 20, made

    assert "No changes to deploy" in shell.type("sam deploy --config-env test")
    changed = touched(type_all(CHANGE))
    assert changed == {"PlanFunction", "ApplyFunction"}, changed

    refused = f"sam deploy --config-env test --parameter-overrides {REFUSED}"
    assert "UPDATE_ROLLBACK_COMPLETE" in shell.type(refused, fails=True)
    assert traces(at) == made
    assert "No changes to deploy" in shell.type("sam deploy --config-env test")

    before = hashes(clone.folder / ".aws-sam/build")
    clone.publish("functions/report/app.py", "# The next version.\n")
    assert touched(type_all(UPGRADE)) == {"ReportFunction"}
    assert hashes(clone.folder / ".aws-sam/build") != before
    assert touched(type_all(BACK)) == {"ReportFunction"}
    assert hashes(clone.folder / ".aws-sam/build") == before
    assert traces(at) == made

    type_all(REMOVE)
    assert_no_traces(at)
    left = of_the_product(at.things())
    assert left == start, (set(left) ^ set(start), left, start)


def of_the_product(things: dict[str, str]) -> dict[str, str]:
    """Without the tags that the teams gave: they are theirs to remove."""
    return {name: what for name, what in things.items() if " tag lattice:" not in name}


def variations(page: Page, shell: Terminal, at: Engine) -> None:
    """A network that exists already, and a key of one's own."""
    for block in [*page[EXISTING], *page[KEY]]:
        shell.type(block)
    [network] = [
        it for it in at.client("vpc-lattice", NETWORK).list_service_networks()["items"] if it["name"] == "orders"
    ]
    outputs = shell.type("aws cloudformation describe-stacks --stack-name onramp-orders --query 'Stacks[0].Outputs'")
    assert network["arn"] in outputs
    key = shell.type("echo $KEY_ARN").strip()
    sqs = at.client("sqs", NETWORK)
    url = sqs.get_queue_url(QueueName="onramp-test-network")["QueueUrl"]
    assert sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]["KmsMasterKeyId"] == key
    logs = at.client("logs", NETWORK).describe_log_groups()["logGroups"]
    keys = {one.get("kmsKeyId") for one in logs if "test-network" in one["logGroupName"]}
    assert keys == {key}
    for stack in ("onramp-test-network", "onramp-orders"):
        shell.type(f"remove {stack}")
    assert_no_traces(at)
    assert network["arn"] in shell.type("aws vpc-lattice list-service-networks")


BOUNDARY, ROLE_PATH, EXTRA_TAG = "limits/boundary", "/platform/", {"CostCentre": "4711"}
"""What the page's commands of `DEMANDED` give."""


def make_boundary(at: Engine) -> None:
    """The organisation's own policy, in both accounts. It takes nothing away: that it does bind is another test's."""
    path, _, name = BOUNDARY.rpartition("/")
    everything = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
    for account in (NETWORK, MEMBER):
        at.client("iam", account).create_policy(
            PolicyName=name, Path=f"/{path}/", PolicyDocument=json.dumps(everything)
        )


def demanded(page: Page, shell: Terminal, at: Engine) -> None:
    """With an organisation's tags, boundary and path, on accounts that are as they were: there, in use, and back."""
    make_boundary(at)
    deploy, members = page[DEMANDED]
    shell.type(deploy)
    shell.type(page[NETWORK_ACCOUNT][1])
    shell.type(members)
    lacking = undemanded(at)
    assert lacking == [], "\n".join(lacking)
    tag, wait = page[SEE]
    shell.type(tag)
    at.tell("01-vpc-tagged.json", "02-alb-tagged.json")
    assert "http://orders-" in shell.type(wait)
    lattice = at.client("vpc-lattice", MEMBER)
    [service] = lattice.list_services()["items"]
    assert lattice.list_tags_for_resource(resourceArn=service["arn"])["tags"].items() >= EXTRA_TAG.items()
    for block in page[REMOVE]:
        shell.type(block)
    assert_no_traces(at)


def undemanded(at: Engine) -> list[str]:
    """What of both accounts' roles, functions, queues and rules lacks a tag, or of the roles boundary or path."""
    found: list[str] = []
    seen = 0
    for account in (NETWORK, MEMBER):
        iam = at.client("iam", account)
        for role in [one for one in iam.list_roles()["Roles"] if "test-network" in one["RoleName"]]:
            told = iam.get_role(RoleName=role["RoleName"])["Role"]
            limit = told.get("PermissionsBoundary", {}).get("PermissionsBoundaryArn")
            is_as_asked = (limit, told["Path"]) == (f"arn:aws:iam::{account}:policy/{BOUNDARY}", ROLE_PATH)
            tags = {tag["Key"]: tag["Value"] for tag in told.get("Tags", [])}
            seen += 1
            found += [] if is_as_asked and tags.items() >= EXTRA_TAG.items() else [f"{account} {told}"]
        sqs = at.client("sqs", account)
        for url in sqs.list_queues().get("QueueUrls", []):
            if "test-network" in url:
                tags = sqs.list_queue_tags(QueueUrl=url).get("Tags", {})
                seen += 1
                found += [] if tags.items() >= EXTRA_TAG.items() else [url]
    functions = at.client("lambda", NETWORK)
    for one in functions.list_functions()["Functions"]:
        tags = functions.get_function(FunctionName=one["FunctionName"]).get("Tags", {})
        seen += 1
        found += [] if tags.items() >= EXTRA_TAG.items() else [one["FunctionName"]]
    assert seen > 15, seen
    return found


def touched(printed: str) -> set[str]:
    """Resources of the change sets' tables: `* Modify  PlanFunction  AWS::Lambda::Function  False`, replaced or not.

    They list what reads an attribute of something changed, too: the machine, its role and the operator name functions.
    """
    found = {tuple(line.split()[2::2]) for line in printed.splitlines() if line.startswith(("* ", "+ ", "- "))}
    return {name for name, replaced in found if replaced == "False"} - {"Reconcile", "ReconcileRole", "OperatorRole"}


def hashes(build: Path) -> dict[str, str]:
    """Of the layer and of each function, names and contents, as SAM decides by them whether a part has changed."""
    found: dict[str, str] = {}
    for part in sorted(folder for folder in build.iterdir() if folder.is_dir()):
        sha = hashlib.sha256()
        for file in sorted(one for one in part.rglob("*") if one.is_file()):
            sha.update(f"{file.relative_to(part)}\0{file.stat().st_size}\0".encode() + file.read_bytes())
        found[part.name] = sha.hexdigest()
    return found


def assert_no_traces(at: Engine) -> None:
    left = traces(at)
    assert left == [], left


def traces(at: Engine) -> list[str]:
    """Names of what stands in both accounts and is named for one of the page's networks."""
    found: list[Any] = []
    for account in (NETWORK, MEMBER):
        found += [one["RoleName"] for one in at.client("iam", account).list_roles()["Roles"]]
        found += at.client("sqs", account).list_queues().get("QueueUrls", [])
        found += [one["Name"] for one in at.client("events", account).list_rules()["Rules"]]
        found += [one["Name"] for one in at.client("scheduler", account).list_schedules()["Schedules"]]
        alarms = at.client("cloudwatch", account).describe_alarms()
        found += [one["AlarmName"] for one in alarms["MetricAlarms"]]
    shares = at.client("ram", NETWORK).get_resource_shares(resourceOwner="SELF")["resourceShares"]
    found += [one["name"] for one in shares if one["status"] == "ACTIVE"]
    found += [one["Name"] for one in at.client("events", NETWORK).list_event_buses()["EventBuses"]]
    found += [one["ArchiveName"] for one in at.client("events", NETWORK).list_archives()["Archives"]]
    found += [one["FunctionName"] for one in at.client("lambda", NETWORK).list_functions()["Functions"]]
    found += [one["LayerName"] for one in at.client("lambda", NETWORK).list_layers()["Layers"]]
    found += at.client("dynamodb", NETWORK).list_tables()["TableNames"]
    found += [one["TopicArn"] for one in at.client("sns", NETWORK).list_topics()["Topics"]]
    found += [one["logGroupName"] for one in at.client("logs", NETWORK).describe_log_groups()["logGroups"]]
    found += [one["name"] for one in at.client("stepfunctions", NETWORK).list_state_machines()["stateMachines"]]
    found += [one["DashboardName"] for one in at.client("cloudwatch", NETWORK).list_dashboards()["DashboardEntries"]]
    networks = at.client("vpc-lattice", NETWORK).list_service_networks()["items"]
    found += [one["name"] for one in networks if one["name"] != "orders"]
    return sorted(name for name in found if "test-network" in name or "onramp-orders" in name)
