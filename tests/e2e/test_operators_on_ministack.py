"""The operators' commands on an engine that is not ours: each is typed at a deployment with a service and its client.

Lattice, RAM and the tagging API are the local cloud's beside it; all else that is read and written is MiniStack's. Its
limits here: behind its load balancers is nothing, so `trace` ends at a listener that answers itself; the profiles are
owners' keys, which may do all, so who may type what is tried on the local cloud (tests/cli/test_roles_for_people.py);
and it raises no tag events by itself, so they are handed in.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import deployed
import pytest
from deployed import NETWORK, REGION, ROOT, Deployed, environment
from walkthrough import MEMBER, Walkthrough

from tests.patience import PATIENCE

SERVICE = "development-aws-ec2-vpc-lattice-yabuki"
NAME = "adways-vpc-lattice-network"


class Typed(NamedTuple):
    """What a command printed, and how it ended."""

    status: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        return json.loads(self.out)


class Shell(NamedTuple):
    product: Deployed
    story: Walkthrough
    config: Path

    def onramp(self, *words: str, profiles: tuple[str, ...] = ("network",)) -> Typed:
        given = [word for profile in profiles for word in ("--profile", profile)]
        variables = {**self.product.variables(ROOT), "AWS_CONFIG_FILE": str(self.config), "COLUMNS": "200"}
        ran = subprocess.run(
            [ROOT / ".venv/bin/onramp", *words, *given],
            capture_output=True,
            text=True,
            env=environment(**variables),
            timeout=PATIENCE,
            check=False,
        )
        assert "Traceback" not in ran.stderr, ran.stderr
        return Typed(ran.returncode, ran.stdout, ran.stderr)

    def said(self, account: str, *words: str) -> None:
        """Type what infra says of the account, and wait for the run that hears it."""
        runs = len(self.product.runs(account))
        ran = self.onramp(*words, "--yes")
        assert ran.status == 0, ran
        self.product.settle(account, runs)

    def answer(self) -> str:
        """What stands on the load balancer as its status."""
        arn = self.story.resource("02-alb-tagged.json")
        [told] = self.product.client("elbv2", MEMBER).describe_tags(ResourceArns=[arn])["TagDescriptions"]
        return {it["Key"]: it["Value"] for it in told["Tags"]}.get("lattice-onramp:status", "")


@pytest.fixture(scope="module")
def shell(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shell]:
    """The walk-through's client is joined; its service waits for infra's yes."""
    folder = tmp_path_factory.mktemp("ministack")
    config = folder / "config"
    keys = "aws_access_key_id = {}\naws_secret_access_key = local\nregion = {}\n"
    owners = {"network": NETWORK, "department": MEMBER}
    config.write_text("".join(f"[profile {name}]\n{keys.format(it, REGION)}" for name, it in owners.items()))
    with deployed.ministack(folder) as product:
        product.deploy_network(
            built, "--parameter-overrides", f"NetworkName={NAME} MemberAccounts={MEMBER} ApprovalRequired=services"
        )
        for account in (NETWORK, MEMBER):
            product.deploy_member(account)
        story = Walkthrough(product)
        story.prepare()
        story.play("01-vpc-tagged.json")
        story.play("02-alb-tagged.json")
        yield Shell(product, story, config)


def test_a_request_is_shown_and_answered(shell: Shell) -> None:
    assert shell.answer() == "waiting"
    waiting = shell.onramp("status", "--state", "waiting", "--json").document
    [request] = waiting["approvals"]
    assert (request["account"], request["name"], request["state"]) == (MEMBER, SERVICE, "waiting")
    assert shell.onramp("approve", "222222222222-0123456789ab", "--yes").status == 2
    shell.said(MEMBER, "approve", request["id"])
    assert shell.answer() == "connected"
    [request] = shell.onramp("status", "--json").document["approvals"]
    assert request["state"] == "approved"
    assert NETWORK in request["by"]


def test_the_fleet_and_one_service_with_its_runs(shell: Shell) -> None:
    fleet = shell.onramp("status", "--json").document
    assert [(it["name"], it["status"]) for it in fleet["services"]] == [(SERVICE, "connected")]
    assert [(it["vpc"], it["status"]) for it in fleet["clients"]] == [(vpc(shell), "connected")]
    assert {it["account"]: it["state"] for it in fleet["accounts"]} == {NETWORK: "well", MEMBER: "well"}
    told = shell.onramp("status", SERVICE)
    assert told.status == 0, told
    assert "CreateService" in told.out
    callable_ = shell.onramp("status", "--from", vpc(shell), "--json").document
    assert (callable_["networks"], [it["name"] for it in callable_["services"]]) == ([NAME], [SERVICE])


def vpc(shell: Shell) -> str:
    return shell.story.resource("01-vpc-tagged.json").rpartition("/")[2]


def test_a_plan_of_what_is_connected_has_nothing_to_do(shell: Shell) -> None:
    ran = shell.onramp("plan", "--account", MEMBER, profiles=("network", "department"))
    assert (ran.status, ran.out.splitlines()[-1]) == (0, "Nothing to do."), ran


def test_what_another_tag_would_do_is_told_before(shell: Shell) -> None:
    arn = shell.story.resource("02-alb-tagged.json")
    tags = ("--tag", f"lattice:network={NAME}", "--tag", "lattice:listen=FTP:21")
    ran = shell.onramp("plan", "--before", arn, *tags, "--json", profiles=("network", "department"))
    assert ran.status == 2, ran
    assert [it["code"] for it in ran.document["refusals"]] == ["listen-invalid"]
    assert shell.answer() == "connected", "nothing was changed"


def test_the_deployment_is_examined(shell: Shell) -> None:
    ran = shell.onramp("doctor", "--json", profiles=("network", "department"))
    assert ran.status == 0, ran
    assert (ran.document["findings"], ran.document["unread"]) == ([], {})
    ran = shell.onramp("doctor", shell.story.resource("02-alb-tagged.json"), profiles=("department", "network"))
    assert ran.status == 0, ran
    assert "the answer on it is connected" in ran.out


def test_the_topology_is_drawn(shell: Shell) -> None:
    drawn = shell.onramp("topology", "--json", profiles=("network", "department")).document
    assert [it["name"] for it in drawn["networks"]] == [NAME]
    assert [(it["name"], it["state"]) for it in drawn["services"]] == [(SERVICE, "connected")]
    assert [it["vpc"] for it in drawn["clients"]] == [vpc(shell)]


@pytest.mark.parametrize(
    ("address", "status", "stopped_at"), [("10.1.33.54", 0, None), ("10.1.33.55", 1, "security group")]
)
def test_a_request_is_traced(shell: Shell, address: str, status: int, stopped_at: str | None) -> None:
    words = ("trace", "--from", address, "--vpc", vpc(shell), "--to", SERVICE, "--json")
    ran = shell.onramp(*words, profiles=("network", "department"))
    assert (ran.status, ran.document["stopped_at"]) == (status, stopped_at), ran
    hops = {it["hop"]: it["verdict"] for it in ran.document["hops"]}
    assert {hops[it] for it in ("dns", "vpc association")} == {"ok"}


def test_a_look_is_a_run(shell: Shell) -> None:
    shell.said(MEMBER, "look", "--account", MEMBER)
    assert shell.answer() == "connected"


def test_what_is_held_leaves_and_comes_back(shell: Shell) -> None:
    shell.said(MEMBER, "hold", SERVICE)
    assert shell.answer() == "held"
    held = shell.onramp("status", "--json").document["held"]
    assert [(it["account"], it["name"]) for it in held] == [(MEMBER, SERVICE)]
    shell.said(MEMBER, "unhold", SERVICE)
    assert shell.answer() == "connected"


def test_nothing_is_held_that_could_be_let_go(shell: Shell) -> None:
    ran = shell.onramp("release", "--account", MEMBER, "--yes")
    assert (ran.status, ran.out.strip()) == (1, f"Nothing is held by DeletionLimit in account {MEMBER}.")
