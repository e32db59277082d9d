"""What the documentation lets a role of people type it lets them do: no call of it is denied by the deployed policy."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from localcloud.ground.journal import CallRecord
from replay.story import ROOT
from tests.cli.typing_in import BALANCER, INFRA, NETWORK, TEAM, VPC, Shell, shell

ROWS = re.findall(r"^\| `onramp-NETWORK-(\w+)` \| ([^:|]+):", (ROOT / "docs/operate.md").read_text(), re.MULTILINE)
MAY = {role: re.findall(r"`([a-z]+)`", words) for role, words in ROWS}

TYPED = {
    "status": [["status"], ["status", "orders"], ["status", VPC], ["status", TEAM]],
    "doctor": [["doctor"]],
    "look": [["look", "--account", TEAM, "--yes"], ["look", "--all", "--yes"]],
    "release": [["release", "--account", TEAM, "--yes"]],
    "hold": [["hold", "orders", "--yes"]],
    "unhold": [["unhold", "orders", "--yes"]],
}
"""Those of the operator's; a request is answered in test_approve_command.py."""


@pytest.fixture(scope="module")
def typed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shell]:
    with shell(tmp_path_factory.mktemp("aws")) as made:
        made.join()
        yield made


def test_the_page_says_what_each_may() -> None:
    assert {"operator": list(TYPED), "approver": ["approve", "reject"]} == MAY


def test_what_an_operator_may_type_is_never_denied(typed: Shell) -> None:
    for command, ways in TYPED.items():
        for words in ways:
            before = len(list(typed.cloud.journal.of(CallRecord)))
            ran = typed.onramp(*words, "--profile", "operator")
            calls = list(typed.cloud.journal.of(CallRecord))[before:]
            denied = [f"{it.service} {it.operation}" for it in calls if re.search("Denied|Unauthorized", it.outcome)]
            assert (denied, ran.exit_code) == ([], 1 if command == "release" else 0), f"{words}: {ran.stderr}"
            assert "could not be read" not in ran.stdout
            typed.wait()


def test_what_his_own_session_was_denied_is_no_roles_fault(typed: Shell) -> None:
    said = typed.onramp("plan", "--profile", "operator").stdout
    assert (
        f"name a profile that may read it, which arn:aws:sts::{INFRA}:assumed-role/onramp-{NETWORK}-operator/" in said
    )
    assert "-reader" not in said


TEAM_S_VPC = "vpc of the team's"

BESIDE = {
    "doctor": [["doctor", TEAM_S_VPC], ["doctor", BALANCER]],
    "trace": [["trace", "--from", TEAM_S_VPC, "--to", "orders"]],
    "plan": [["plan", "--before", TEAM_S_VPC, "--tag", f"lattice:network={NETWORK}"], ["plan", "--account", TEAM]],
    "topology": [["topology"]],
}
"""What a team's own profile lets the operator type besides, though his own role may read neither VPC nor tags."""


@pytest.mark.parametrize("first", ["operator", "team"])
def test_one_profile_that_may_not_read_a_thing_costs_the_other_nothing(typed: Shell, first: str) -> None:
    vpc = typed.cloud.client("ec2", TEAM).describe_vpcs()["Vpcs"][0]
    for ways in BESIDE.values():
        for words in ways:
            said = [vpc["VpcId"] if word == TEAM_S_VPC else word for word in words]
            order = sorted(("operator", "team"), key=lambda name: name != first)
            ran = typed.onramp(*said, *(word for name in order for word in ("--profile", name)))
            assert ran.stdout, f"{said}: {ran.stderr}"


def test_what_nobody_could_be_asked_for_is_not_told_as_nowhere(typed: Shell) -> None:
    ran = typed.onramp("doctor", VPC, "--profile", "operator")
    assert (ran.exit_code, "none of the accounts" in ran.stderr) == (2, False)
    assert "ec2:DescribeVpcs" in ran.stderr


def test_what_the_approver_is_not_for_is_told_and_not_done(typed: Shell) -> None:
    ran = typed.onramp("doctor", "--profile", "approver")
    assert ran.exit_code == 3, "nothing was found, and not all could be read"
    assert "functions could not be read: grant it to the role" in " ".join(ran.stdout.split())
