"""docs/deploy.md, where an organisation rolls the members' side out."""

from __future__ import annotations

from pathlib import Path

import deployed
import typed
import yaml
from deployed import NETWORK, ROOT
from newcomer import (
    BEFORE,
    BOUNDARY,
    DEMANDED,
    END,
    MEMBERS,
    NETWORK_ACCOUNT,
    ORGANISATION,
    REFUSED,
    REHEARSE,
    REMOVE,
    ROLE_PATH,
    SEE,
    Page,
    Rehearsal,
    make_boundary,
    of_the_product,
    traces,
    undemanded,
)
from typed import Clone
from walkthrough import MEMBER


def test_an_organisation_gets_its_members_by_a_stack_set(page: Page, clone: Clone, tmp_path: Path) -> None:
    """On the local cloud, which has an organisation; MiniStack has none."""
    script = yaml.safe_load((ROOT / "events/by-hand/story.yaml").read_text())
    script["world"]["organization"] = {"id": "o-a1b2c3d4e5", "sharing": True, "units": {"ou-ab12-11111111": [MEMBER]}}
    script["script"] = []
    (tmp_path / "story.yaml").write_text(yaml.safe_dump(script))
    port = deployed.free_port()
    at = Rehearsal(port)
    with typed.terminal(tmp_path, clone.folder, {"ONRAMP_LOCAL_PORT": str(port)}) as shell:
        for block in [*page[BEFORE], *page[REHEARSE]]:
            shell.type(block.text.replace("--story by-hand", f"--story {tmp_path / 'story.yaml'}"))
        start = at.things()
        # The functions as they stand, without `sam build`: docs/local-cloud.md. A first deployment that fails leaves
        # an empty stack, and that is in the way.
        [organisation] = page[ORGANISATION]
        assert "ROLLBACK_COMPLETE" in shell.type(f"{organisation.text} {REFUSED}", fails=True)
        assert traces(at) == []
        shell.type("aws cloudformation delete-stack --stack-name onramp-test-network")
        shell.type(organisation)
        assert "arn:aws:iam::222222222222:role/onramp-test-network-reader" in shell.type(
            "aws iam get-role --role-name onramp-test-network-reader --profile department --query Role.Arn"
        )
        # It never reaches the management account, whose VPC is the client.
        by_hand = ("member --profile department", "remove onramp-test-network-member --profile department")
        for block in [page[NETWORK_ACCOUNT][1], *page[MEMBERS], *page[SEE], *page[REMOVE]]:
            shell.type("\n".join(line for line in block.text.splitlines() if line not in by_hand))
        assert traces(at) == []
        assert of_the_product(at.things()) == start
        shell.type(page[END][0])


UNIT = "ou-ab12-11111111"
DEMANDS = [
    {
        "Effect": "Deny",
        "Action": ["lambda:CreateFunction", "iam:CreateRole", "sqs:CreateQueue", "vpc-lattice:CreateService*"],
        "Resource": ["arn:aws:vpc-lattice:*:*:service*/*", "arn:aws:lambda:*", "arn:aws:iam:*", "arn:aws:sqs:*"],
        "Condition": {"Null": {"aws:RequestTag/CostCentre": "true"}},
    },
    {
        "Effect": "Deny",
        "Action": "iam:CreateRole",
        "Resource": "*",
        "Condition": {"StringNotLike": {"iam:PermissionsBoundary": f"arn:aws:iam::*:policy/{BOUNDARY}"}},
    },
    {"Effect": "Deny", "Action": "iam:CreateRole", "NotResource": f"arn:aws:iam::*:role{ROLE_PATH}*"},
]
"""What tests/stories/test_demanding_accounts.py demands in full."""
DENIED = "with an explicit deny in a service control policy"


def test_accounts_that_demand_tags_and_a_boundary_take_the_pages_way(page: Page, clone: Clone, tmp_path: Path) -> None:
    """By `sam deploy` and `aws cloudformation deploy`, on the local cloud: MiniStack has no organisation."""
    script = yaml.safe_load((ROOT / "events/by-hand/story.yaml").read_text())
    script["world"]["organization"] = {
        "id": "o-a1b2c3d4e5",
        "sharing": False,
        "accounts": ["999999999999", NETWORK, MEMBER],
        "units": {UNIT: [NETWORK, MEMBER]},
        "policies": {UNIT: [{"Version": "2012-10-17", "Statement": DEMANDS}]},
    }
    script["script"] = []
    (tmp_path / "story.yaml").write_text(yaml.safe_dump(script))
    port = deployed.free_port()
    at = Rehearsal(port)
    with typed.terminal(tmp_path, clone.folder, {"ONRAMP_LOCAL_PORT": str(port)}) as shell:
        for block in [*page[BEFORE], *page[REHEARSE]]:
            shell.type(block.text.replace("--story by-hand", f"--story {tmp_path / 'story.yaml'}"))
        start = at.things()
        make_boundary(at)
        told, outputs = page[NETWORK_ACCOUNT]
        without = "\n".join(line for line in told.text.splitlines() if line != "sam build")
        assert "ROLLBACK_COMPLETE" in shell.type(without, fails=True)
        why = "aws cloudformation describe-stacks --query 'Stacks[].StackStatusReason' --output text --stack-name"
        assert DENIED in shell.type(f"{why} onramp-test-network")
        shell.type("aws cloudformation delete-stack --stack-name onramp-test-network")
        assert traces(at) == []
        deploy, members = page[DEMANDED]
        shell.type(deploy)
        # As the page says: else the deployments below would take the tags off.
        shell.type("sed -i '/^capabilities/a tags = \"CostCentre=4711\"' samconfig.toml")
        shell.type(outputs)
        [function] = page[MEMBERS]
        shell.type(function.text.partition("\nmember --profile")[0])
        refused = shell.type("member --profile department", fails=True)
        assert "Failed to create/update the stack" in refused
        assert DENIED in shell.type(f"{why} onramp-test-network-member --profile department")
        shell.type("aws cloudformation delete-stack --stack-name onramp-test-network-member --profile department")
        shell.type(members)
        assert undemanded(at) == []
        tag, wait = page[SEE]
        shell.type(tag)
        assert "http://orders-" in shell.type(wait)
        for block in page[REMOVE]:
            shell.type(block)
        assert traces(at) == []
        assert of_the_product(at.things()) == start
        shell.type(page[END][0])
