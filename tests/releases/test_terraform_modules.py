"""docs/deploy.md's Terraform configuration with a release as it is written: its stacks, and plans that find nothing."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from onramp import __version__

from replay.story import ROOT
from tests.patience import PATIENCE
from tests.wire.served import up
from tests.wire.terraformed import Terraform, lacking

pytestmark = pytest.mark.skipif(bool(lacking()), reason=lacking())

NETWORK, NAME = "111111111111", "adways-vpc-lattice-network"


def configuration() -> str:
    """The page's block, for the story's network."""
    [block] = re.findall(r"^```hcl\n(.*?)^```", (ROOT / "docs/deploy.md").read_text(), flags=re.MULTILINE | re.DOTALL)
    return str(block).replace("test-network", NAME)


def test_the_page_s_configuration_deploys_a_release_plans_clean_twice_and_takes_it_down(tmp_path: Path) -> None:
    subprocess.run(
        [sys.executable, "-m", "release", str(tmp_path / "dist/onramp")], cwd=ROOT, check=True, timeout=PATIENCE
    )
    (tmp_path / "main.tf").write_text(configuration())
    with up("--story", "by-hand", "--speed", "60") as served:
        served.client("s3", NETWORK).create_bucket(
            Bucket=f"releases-{NETWORK}", CreateBucketConfiguration={"LocationConstraint": "ap-northeast-1"}
        )
        terraform = Terraform(tmp_path, served, {"AWS_CONFIG_FILE": str(ROOT / "docs/rehearsal.ini")})
        terraform.initialise()
        assert "11 added, 0 changed, 0 destroyed" in terraform.apply()
        assert terraform.plans_nothing()
        assert terraform.plans_nothing()

        stack = served.client("cloudformation", NETWORK).describe_stacks(StackName=f"onramp-{NAME}")["Stacks"][0]
        outputs = {one["OutputKey"]: one["OutputValue"] for one in stack["Outputs"]}
        assert outputs["Version"] == __version__
        assert "11 destroyed" in terraform.run("destroy", "-auto-approve")
        assert not [it for it in served.happenings if it["kind"] == "problem"]
