"""What `sam deploy` makes stays as it is when nothing changed, and goes without a trace."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import deployed
import pytest
from deployed import NETWORK, STACK, Deployed

MEMBER = "222222222222"


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[Deployed]:
    with deployed.ministack(tmp_path) as empty:
        yield empty


def test_a_second_deployment_changes_nothing_and_a_removal_leaves_nothing(empty: Deployed, built: Path) -> None:
    empty.deploy_network(built)
    empty.deploy_member(MEMBER)
    made = traces(empty)
    assert len(made) > 10, made

    assert "No changes to deploy" in empty.deploy_network(built)

    changed = empty.deploy_network(
        built,
        "--parameter-overrides",
        f"NetworkName=adways-vpc-lattice-network MemberAccounts={MEMBER} DeletionLimit=5",
    )
    # The change set's table: `* Modify  PlanFunction  AWS::Lambda::Function  False`, replaced or not.
    # It lists what reads an attribute of something changed, too: the machine and its role name the functions.
    touched = {tuple(line.split()[2::2]) for line in changed.splitlines() if line.startswith(("* ", "+ ", "- "))}
    asked, behind = {"PlanFunction", "ApplyFunction"}, {"Reconcile", "ReconcileRole"}
    assert touched == {(name, "False") for name in asked | behind}, changed
    assert traces(empty) == made

    empty.remove(MEMBER, f"{STACK}-member")
    empty.remove(NETWORK, STACK)
    assert traces(empty) == []


def traces(product: Deployed) -> list[str]:
    """Names of what stands in both accounts and bears the product's name."""
    found: list[Any] = []
    for account in (NETWORK, MEMBER):
        found += [one["RoleName"] for one in product.client("iam", account).list_roles()["Roles"]]
        found += product.client("sqs", account).list_queues().get("QueueUrls", [])
        found += [one["Name"] for one in product.client("events", account).list_rules()["Rules"]]
        found += [one["Name"] for one in product.client("scheduler", account).list_schedules()["Schedules"]]
    found += [one["name"] for one in product.client("vpc-lattice", NETWORK).list_service_networks()["items"]]
    shares = product.client("ram", NETWORK).get_resource_shares(resourceOwner="SELF")["resourceShares"]
    found += [one["name"] for one in shares if one["status"] == "ACTIVE"]
    found += [one["Name"] for one in product.client("events", NETWORK).list_event_buses()["EventBuses"]]
    found += [one["FunctionName"] for one in product.client("lambda", NETWORK).list_functions()["Functions"]]
    found += [one["LayerName"] for one in product.client("lambda", NETWORK).list_layers()["Layers"]]
    found += product.client("dynamodb", NETWORK).list_tables()["TableNames"]
    found += [one["TopicArn"] for one in product.client("sns", NETWORK).list_topics()["Topics"]]
    found += [one["logGroupName"] for one in product.client("logs", NETWORK).describe_log_groups()["logGroups"]]
    found += [one["name"] for one in product.client("stepfunctions", NETWORK).list_state_machines()["stateMachines"]]
    return sorted(name for name in found if "adways" in name)
