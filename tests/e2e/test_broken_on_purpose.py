"""The story fails, and for the right reason, when a permission, a rule's pattern or a role's trust is broken."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import deployed
import pytest
from deployed import ROOT, Deployed, Edit, mutated
from walkthrough import Walkthrough

from localcloud.ground.journal import CallRecord

SOUND, FORBIDDEN, DEAF, DISTRUSTED, MUTE = (f"{digit}" * 12 for digit in "34567")

EVENTBRIDGE = "Principal: { Service: events.amazonaws.com }\n            Action: sts:AssumeRole"

BROKEN: dict[str, Edit | None] = {
    SOUND: None,
    FORBIDDEN: ("                  - vpc-lattice:CreateService\n", ""),
    DEAF: ("changed-tag-keys: [{ prefix: !Ref TagPrefix }]", "changed-tag-keys: [{ prefix: another }]"),
    DISTRUSTED: ("${RolePath}onramp-${NetworkName}-plan", "${RolePath}onramp-${NetworkName}-nobody"),
    MUTE: (EVENTBRIDGE, EVENTBRIDGE.replace("events.", "ecs.")),
}
"""Member account -> what is broken in its member.yaml: a text of it, and what stands in its place."""


@pytest.fixture(scope="module")
def product(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployed]:
    """One network, and a member account for each way to break member.yaml."""
    folder = tmp_path_factory.mktemp("ministack")
    with deployed.ministack(folder) as product:
        product.deploy_network(
            built,
            "--parameter-overrides",
            f"NetworkName=adways-vpc-lattice-network MemberAccounts={','.join(BROKEN)}",
        )
        for account, edit in BROKEN.items():
            product.deploy_member(account, mutated(ROOT / "member.yaml", edit, folder / f"{account}.yaml"))
        yield product


def tagged(product: Deployed, member: str) -> tuple[Walkthrough, list[str]]:
    """The department opts in; what its rules did with that, when all has come to rest."""
    story = Walkthrough(product, member=member)
    story.prepare()
    runs = len(product.runs(member))
    told = [one["how"] for one in story.act("02-alb-tagged.json")]
    if told == ["delivered", "delivered"]:
        product.settle(member, runs)
    return story, told


def is_connected(story: Walkthrough) -> bool:
    """Whether the story came out: the service is on the network, and its load balancer says so."""
    found = story.stand()
    answers = [what for name, what in found.things.items() if f"{story.member} tag lattice-onramp:status of" in name]
    return answers == ["connected"] and [one.association for one in found.services] == ["ACTIVE"]


def test_nothing_broken_is_connected(product: Deployed) -> None:
    story, told = tagged(product, SOUND)
    assert told == ["delivered", "delivered"]
    assert is_connected(story)


def test_a_permission_that_is_gone_stops_the_very_call_that_needs_it(product: Deployed) -> None:
    story, told = tagged(product, FORBIDDEN)
    assert told == ["delivered", "delivered"]
    assert not is_connected(story)
    refused = {
        (call.service, call.operation, call.role)
        for call in product.cloud.journal.of(CallRecord)
        if call.account == FORBIDDEN and call.mutating and call.outcome == "AccessDeniedException"
    }
    assert refused == {("vpc-lattice", "CreateService", "onramp-adways-vpc-lattice-network-writer")}
    failures = product.result(FORBIDDEN)["failures"]
    assert [key.split()[0] for key, why in failures.items() if "vpc-lattice:CreateService" in why] == ["CreateService"]


def test_a_pattern_that_asks_for_another_tag_hears_nothing(product: Deployed) -> None:
    story, told = tagged(product, DEAF)
    assert told == []
    assert not is_connected(story)
    assert product.runs(DEAF) == []


def test_a_reader_that_trusts_somebody_else_cannot_be_assumed(product: Deployed) -> None:
    story, told = tagged(product, DISTRUSTED)
    assert told == ["delivered", "delivered"]
    assert not is_connected(story)
    plan = product.result(DISTRUSTED)["plan"]
    assert [one["code"] for one in plan["refusals"]] == ["member-role-missing"]
    assert "-reader cannot be assumed" in plan["refusals"][0]["message"]


def test_a_forwarder_that_eventbridge_may_not_assume_forwards_nothing(product: Deployed) -> None:
    story, told = tagged(product, MUTE)
    role = f"arn:aws:iam::{MUTE}:role/onramp-adways-vpc-lattice-network-forwarder"
    assert told == [f"{role} does not trust events.amazonaws.com"]
    assert not is_connected(story)
    assert product.runs(MUTE) == []
