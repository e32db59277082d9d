"""What somebody broke of the product's stacks by hand: the doctor tells, its remedy is followed, and all is well.

The remedy is that of docs/troubleshooting.md, "Something of a stack is gone", which tests/e2e/test_pages.py types.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import pytest
from botocore.exceptions import ClientError

from tests.cli.typing_in import BALANCER, INFRA, NETWORK, TEAM, Shell, shell

NAME = f"onramp-{NETWORK}"
PREVIOUS = {"UsePreviousValue": True}
DOCTOR = ("doctor", "--profile", "infra")
OF_TAG = ("doctor", BALANCER, "--profile", "infra", "--profile", "team")


@pytest.fixture(scope="module")
def typed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shell]:
    with shell(tmp_path_factory.mktemp("aws"), ArchiveDays="7") as made:
        made.join()
        yield made


def drifts(typed: Shell, account: str, stack: str, **parameters: str) -> dict[str, Any]:
    """The change set of the remedy, as it is described; with other values of parameters."""
    client = typed.cloud.client("cloudformation", account)
    given = client.describe_stacks(StackName=stack)["Stacks"][0]["Parameters"]
    client.create_change_set(
        StackName=stack,
        ChangeSetName="revert-drift",
        UsePreviousTemplate=True,
        DeploymentMode="REVERT_DRIFT",
        Capabilities=["CAPABILITY_NAMED_IAM"],
        Parameters=[
            {"ParameterKey": key, **({"ParameterValue": parameters[key]} if key in parameters else PREVIOUS)}
            for key in (one["ParameterKey"] for one in given)
        ],
    )
    found: dict[str, Any] = client.describe_change_set(StackName=stack, ChangeSetName="revert-drift")
    return found


def revert(typed: Shell, account: str, stack: str) -> None:
    client = typed.cloud.client("cloudformation", account)
    client.execute_change_set(StackName=stack, ChangeSetName="revert-drift")
    typed.wait()
    assert client.describe_stacks(StackName=stack)["Stacks"][0]["StackStatus"] == "UPDATE_COMPLETE"


def rule_of(typed: Shell, account: str, bus: str) -> str:
    """A rule of the bus, without its targets, so that it can go."""
    events = typed.cloud.client("events", account)
    rules = [it["Name"] for it in events.list_rules(EventBusName=bus)["Rules"] if "Managed" not in it["Name"]]
    name: str = next(it for it in rules if "Trigger" in it or bus == "default")
    targets = events.list_targets_by_rule(Rule=name, EventBusName=bus)["Targets"]
    events.remove_targets(Rule=name, EventBusName=bus, Ids=[it["Id"] for it in targets])
    return name


def without_rule(typed: Shell) -> None:
    typed.cloud.client("events", INFRA).delete_rule(Name=rule_of(typed, INFRA, NAME), EventBusName=NAME)


def without_rules_of_the_team(typed: Shell) -> None:
    events = typed.cloud.client("events", TEAM)
    while events.list_rules()["Rules"]:
        events.delete_rule(Name=rule_of(typed, TEAM, "default"))


def look(typed: Shell) -> None:
    typed.onramp("look", "--account", TEAM, "--yes", "--profile", "operator")
    typed.wait(60)


def without_role(typed: Shell) -> None:
    iam, name = typed.cloud.client("iam", TEAM), f"{NAME}-reader"
    for policy in iam.list_role_policies(RoleName=name)["PolicyNames"]:
        iam.delete_role_policy(RoleName=name, PolicyName=policy)
    iam.delete_role(RoleName=name)


class Way(NamedTuple):
    """What somebody does, what the doctor says of it, in whose stack, and what the change set does about it."""

    by_hand: Callable[[Shell], object]
    asked: tuple[str, ...]
    code: str
    account: str
    told: set[tuple[str, str]]


WAYS = {
    "function": Way(
        lambda typed: typed.cloud.client("lambda", INFRA).delete_function(FunctionName=f"{NAME}-report"),
        DOCTOR,
        "function-missing",
        INFRA,
        {("Add", "AWS::Lambda::Function")},
    ),
    "rule": Way(without_rule, DOCTOR, "bus-deaf", INFRA, {("Add", "AWS::Events::Rule")}),
    "bus policy": Way(
        lambda typed: typed.cloud.client("events", INFRA).remove_permission(EventBusName=NAME, StatementId="members"),
        DOCTOR,
        "bus-closed",
        INFRA,
        {("Add", "AWS::Events::EventBusPolicy")},
    ),
    "archive": Way(
        lambda typed: typed.cloud.client("events", INFRA).delete_archive(ArchiveName=NAME),
        DOCTOR,
        "archive-off",
        INFRA,
        {("Add", "AWS::Events::Archive")},
    ),
    "role": Way(without_role, OF_TAG, "member-role-missing", TEAM, {("Add", "AWS::IAM::Role")}),
    "rules of a member": Way(without_rules_of_the_team, OF_TAG, "rule-missing", TEAM, {("Add", "AWS::Events::Rule")}),
}


@pytest.mark.parametrize("name", WAYS)
def test_what_the_doctor_tells_of_a_drifted_stack_its_remedy_mends(typed: Shell, name: str) -> None:
    way = WAYS[name]
    stack = NAME if way.account == INFRA else f"{NAME}-member"
    way.by_hand(typed)
    found = typed.onramp(*way.asked)
    assert f" {way.code}" in found.output
    assert "REVERT_DRIFT" in found.output or "the drift of" in found.output
    seen = drifts(typed, way.account, stack)
    assert seen["StackDriftStatus"] == "DRIFTED"
    changes = [one["ResourceChange"] for one in seen["Changes"]]
    assert way.told <= {(it["Action"], it["ResourceType"]) for it in changes}
    revert(typed, way.account, stack)
    look(typed)
    well = typed.onramp(*way.asked)
    assert f" {way.code}" not in well.output, well.output
    again = drifts(typed, way.account, stack)
    assert (again["Status"], again["StackDriftStatus"], again["Changes"]) == ("FAILED", "IN_SYNC", [])


def test_a_change_set_shows_what_is_there_what_was_deployed_and_what_will_be(typed: Shell) -> None:
    client = typed.cloud.client("lambda", INFRA)
    client.update_function_configuration(FunctionName=f"{NAME}-plan", Timeout=9)
    [change] = drifts(typed, INFRA, NAME)["Changes"]
    [detail] = change["ResourceChange"]["Details"]
    target = detail["Target"]
    assert (target["Name"], target["BeforeValue"], target["BeforeValueFrom"]) == ("Timeout", "9", "ACTUAL_STATE")
    assert target["Drift"]["PreviousValue"] == target["AfterValue"] != "9"
    revert(typed, INFRA, NAME)
    assert str(client.get_function_configuration(FunctionName=f"{NAME}-plan")["Timeout"]) == target["AfterValue"]


def test_a_role_that_was_given_more_by_hand_has_what_its_stack_says_again(typed: Shell) -> None:
    iam, role = typed.cloud.client("iam", TEAM), f"{NAME}-reader"
    deny = {"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "vpc-lattice:*", "Resource": "*"}]}
    trust = iam.get_role(RoleName=role)["Role"]["AssumeRolePolicyDocument"]
    policies = iam.list_role_policies(RoleName=role)["PolicyNames"]
    iam.put_role_policy(RoleName=role, PolicyName="by-hand", PolicyDocument=json.dumps(deny))
    iam.update_assume_role_policy(RoleName=role, PolicyDocument=json.dumps(trust).replace("Allow", "Deny"))
    [change] = drifts(typed, TEAM, f"{NAME}-member")["Changes"]
    assert [it["Target"]["Name"] for it in change["ResourceChange"]["Details"]] == [
        "AssumeRolePolicyDocument",
        "Policies",
    ]
    revert(typed, TEAM, f"{NAME}-member")
    assert iam.get_role(RoleName=role)["Role"]["AssumeRolePolicyDocument"] == trust
    assert iam.list_role_policies(RoleName=role)["PolicyNames"] == policies


def test_what_is_rolled_back_is_as_it_was_before_not_as_it_was_deployed(typed: Shell) -> None:
    client, stacks = typed.cloud.client("lambda", INFRA), typed.cloud.client("cloudformation", INFRA)
    client.update_function_configuration(FunctionName=f"{NAME}-plan", Timeout=9)
    typed.cloud.client("events", INFRA).delete_archive(ArchiveName=NAME)
    drifts(typed, INFRA, NAME)
    typed.cloud.client("events", INFRA).create_archive(  # somebody is quicker: making it once more fails
        ArchiveName=NAME, EventSourceArn=f"arn:aws:events:ap-northeast-1:{INFRA}:event-bus/{NAME}"
    )
    stacks.execute_change_set(StackName=NAME, ChangeSetName="revert-drift")
    typed.wait()
    assert stacks.describe_stacks(StackName=NAME)["Stacks"][0]["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"
    assert client.get_function_configuration(FunctionName=f"{NAME}-plan")["Timeout"] == 9
    with pytest.raises(ClientError, match="does not exist"):
        stacks.describe_change_set(StackName=NAME, ChangeSetName="revert-drift")
    drifts(typed, INFRA, NAME)
    revert(typed, INFRA, NAME)  # with the archive there, which is somebody's, it goes


def test_what_is_there_already_as_it_is_to_be_is_not_changed(typed: Shell) -> None:
    typed.cloud.client("events", INFRA).update_archive(ArchiveName=NAME, RetentionDays=9)
    [change] = drifts(typed, INFRA, NAME, ArchiveDays="9")["Changes"]
    found = change["ResourceChange"]
    assert (found["Action"], found["LogicalResourceId"], found["ResourceDriftStatus"]) == (
        "SyncWithActual",
        "Archive",
        "MODIFIED",
    )
    revert(typed, INFRA, NAME)
    assert drifts(typed, INFRA, NAME)["StackDriftStatus"] == "IN_SYNC"
