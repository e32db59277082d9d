"""docs/deploy.md's Terraform configuration with a release as it is written: its stacks, and plans that find nothing."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from onramp import __version__

from replay.story import ROOT
from tests.patience import PATIENCE
from tests.wire.served import Served, up
from tests.wire.terraformed import Terraform, lacking

pytestmark = pytest.mark.skipif(bool(lacking()), reason=lacking())

NETWORK, DEPARTMENT, NAME = "111111111111", "222222222222", "adways-vpc-lattice-network"
UNIT, LATER = "ou-ab12-11111111", "ou-ab12-22222222"


def configurations() -> list[str]:
    """The page's blocks, for the story's network: account by account, and an organisation's."""
    blocks = re.findall(r"^```hcl\n(.*?)^```", (ROOT / "docs/deploy.md").read_text(), flags=re.MULTILINE | re.DOTALL)
    return [str(block).replace("test-network", NAME) for block in blocks]


def test_the_page_s_configurations_deploy_a_release_plan_clean_twice_and_take_it_down(tmp_path: Path) -> None:
    subprocess.run(
        [sys.executable, "-m", "release", str(tmp_path / "dist/onramp")], cwd=ROOT, check=True, timeout=PATIENCE
    )
    story = yaml.safe_load((ROOT / "events/by-hand/story.yaml").read_text())
    story["world"]["organization"] = {"id": "o-a1b2c3d4e5", "units": {UNIT: [DEPARTMENT]}}
    (tmp_path / "story.yaml").write_text(yaml.safe_dump({**story, "script": []}))
    by_account, by_organisation = configurations()
    with up("--story", str(tmp_path / "story.yaml"), "--speed", "60") as served:
        served.client("s3", NETWORK).create_bucket(
            Bucket=f"releases-{NETWORK}", CreateBucketConfiguration={"LocationConstraint": "ap-northeast-1"}
        )
        terraform = Terraform(tmp_path, served, {"AWS_CONFIG_FILE": str(ROOT / "docs/rehearsal.ini")})
        for configuration, added, stack in (
            (by_account, 11, f"onramp-{NAME}-member"),
            (by_organisation, 11, f"StackSet-onramp-{NAME}-"),
        ):
            (tmp_path / "main.tf").write_text(configuration)
            terraform.initialise()
            assert f"{added} added, 0 changed, 0 destroyed" in terraform.apply()
            assert terraform.plans_nothing()
            assert terraform.plans_nothing()
            if UNIT in configuration:
                # A unit that comes later takes nobody's stack away.
                (tmp_path / "main.tf").write_text(configuration.replace(f'"{UNIT}"', f'"{UNIT}", "{LATER}"'))
                assert "1 to add, 0 to change, 0 to destroy" in terraform.run("plan")
                (tmp_path / "main.tf").write_text(configuration)
            else:
                # Another release comes beside this one, and no stack is made anew for it.
                sums = tmp_path / "dist/onramp/SHA256SUMS"
                said = sums.read_text()
                sums.write_text(f"{said}\n")
                told = terraform.run("plan")
                assert "8 to add, 3 to change, 8 to destroy" in told
                assert "must be replaced" not in told
                sums.write_text(said)
            assert outputs(served, NETWORK, f"onramp-{NAME}")["Version"] == __version__
            assert [it for it in stacks(served, DEPARTMENT) if it.startswith(stack)]
            assert f"{added} destroyed" in terraform.run("destroy", "-auto-approve")
            assert stacks(served, NETWORK) == stacks(served, DEPARTMENT) == []
        assert not [it for it in served.happenings if it["kind"] == "problem"]


def test_no_code_of_a_release_goes_before_the_stack_has_left_it() -> None:
    """What CloudFormation would go back to, where the next one fails."""
    text = (ROOT / "release/terraform/network/main.tf").read_text()
    objects = re.findall(r'^resource "aws_s3_object" .+?^}', text, flags=re.MULTILINE | re.DOTALL)
    assert len(objects) == 2
    assert all("for_each" in one and "create_before_destroy = true" in one for one in objects)


def stacks(served: Served, account: str) -> list[str]:
    told = served.client("cloudformation", account).describe_stacks()["Stacks"]
    return [str(it["StackName"]) for it in told if it["StackStatus"] != "DELETE_COMPLETE"]


def outputs(served: Served, account: str, stack: str) -> dict[str, str]:
    [told] = served.client("cloudformation", account).describe_stacks(StackName=stack)["Stacks"]
    return {it["OutputKey"]: it["OutputValue"] for it in told["Outputs"]}
