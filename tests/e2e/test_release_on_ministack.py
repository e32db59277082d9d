"""What `make release` writes, put by the AWS CLI alone over the release before it, taken back, and put again, on an
engine that is not ours.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import deployed
import typed
from deployed import NETWORK, PLATFORM, ROOT, Deployed, environment, until
from typed import Terminal
from walkthrough import MEMBER, Walkthrough

from localcloud.services.cloudformation.read import read
from tests.patience import PATIENCE
from tests.releases.kept import releases
from tests.releases.upgraded import released

NAME = "test-network"
STACK = f"onramp-{NAME}"
DEPLOY = "aws cloudformation deploy --capabilities CAPABILITY_NAMED_IAM"


def before(folder: Path) -> Path:
    """The newest release that is kept, with its layer built for this machine."""
    found = released(releases()[-1], folder)
    layer = folder / "layer"
    subprocess.run(
        ["make", "--silent", "build-OnrampLayer", f"ARTIFACTS_DIR={layer}"],
        cwd=found / "layers/onramp",
        check=True,
        capture_output=True,
        timeout=PATIENCE,
        env=environment(PIP_PLATFORM=PLATFORM, PATH=f"{os.environ['PATH']}:{sys.base_prefix}/bin"),
    )
    template = found / "template.yaml"
    text = template.read_text()
    assert "ContentUri: layers/onramp" in text
    template.write_text(text.replace("ContentUri: layers/onramp", f"ContentUri: {layer}"))
    return found


def now(folder: Path) -> Path:
    """This tree's, with a layer for this machine."""
    subprocess.run(
        [sys.executable, "-m", "release", str(folder)],
        cwd=ROOT,
        check=True,
        capture_output=True,
        timeout=PATIENCE,
        env=environment(PIP_PLATFORM=PLATFORM),
    )
    return folder


def put_members(shell: Terminal, product: Deployed, release: Path) -> None:
    stacks = product.client("cloudformation", NETWORK).describe_stacks(StackName=STACK)["Stacks"]
    product.outputs = {one["OutputKey"]: one["OutputValue"] for one in stacks[0]["Outputs"]}
    wanted = read((release / "member.yaml").read_text())["Parameters"].keys()
    given = {**product.outputs, "NetworkName": NAME}
    parameters = " ".join(f"{key}={given[key]}" for key in sorted(wanted & given.keys()))
    for account in ("network", "department"):
        shell.type(
            f"{DEPLOY} --profile {account} --stack-name {STACK}-member --no-fail-on-empty-changeset"
            f" --template-file {release / 'member.yaml'} --parameter-overrides {parameters}"
        )


def answer(product: Deployed, balancer: str, key: str) -> str:
    told = product.client("elbv2", MEMBER).describe_tags(ResourceArns=[balancer])["TagDescriptions"][0]["Tags"]
    return next((tag["Value"] for tag in told if tag["Key"] == f"lattice-onramp:{key}"), "")


def lattice(product: Deployed) -> set[str]:
    """The ARNs of what runs made."""
    client = product.client("vpc-lattice", MEMBER)
    [service] = client.list_services()["items"]
    found = {service["arn"], *(one["arn"] for one in client.list_target_groups()["items"])}
    found |= {one["arn"] for one in client.list_listeners(serviceIdentifier=service["id"])["items"]}
    joined = client.list_service_network_service_associations(serviceIdentifier=service["id"])["items"]
    return found | {one["arn"] for one in joined}


def test_a_release_is_put_over_the_one_before_it_and_taken_back_by_the_aws_cli_alone(tmp_path: Path) -> None:
    old, new = before(tmp_path / "before"), now(tmp_path / "now")
    with deployed.ministack(tmp_path) as product:
        story = Walkthrough(product)
        story.prepare()
        with typed.terminal(tmp_path, tmp_path, product.variables(ROOT)) as shell:
            shell.type("export AWS_PROFILE=network")
            shell.type("aws s3 mb s3://releases")
            shell.type(
                f"cd {old} && aws cloudformation package --template-file template.yaml --s3-bucket releases"
                " --output-template-file packaged.yaml"
            )
            first = (
                f"cd {old} && {DEPLOY} CAPABILITY_AUTO_EXPAND --stack-name {STACK} --s3-bucket releases"
                f" --template-file packaged.yaml --parameter-overrides NetworkName={NAME}"
                f" MemberAccounts={NETWORK},{MEMBER}"
            )
            shell.type(first)
            put_members(shell, product, old)
            assert "Version" not in product.outputs
            balancer = story.resource("02-alb-tagged.json")
            product.client("elbv2", MEMBER).add_tags(
                ResourceArns=[balancer],
                Tags=[{"Key": "lattice:network", "Value": NAME}, {"Key": "lattice:listen", "Value": "HTTP:80"}],
            )
            assert [one["how"] for one in story.tell("02-alb-tagged.json")] == ["delivered", "delivered"]
            until(lambda: answer(product, balancer, "status") == "connected", "connected by the release before")
            made, domain = lattice(product), answer(product, balancer, "domain")

            # As NOTES.md has it, and nothing else.
            told = [line.strip() for line in (new / "NOTES.md").read_text().splitlines() if line.startswith("    ")]
            commands = "\n".join(told).replace("ACCOUNT,ACCOUNT", f"{NETWORK},{MEMBER}").replace("BUCKET", "releases")
            shell.type(f"cd {new} && sha256sum --quiet --check SHA256SUMS")
            later = f"cd {new}\n" + commands.replace("onramp-NETWORK", STACK).replace("=NETWORK", f"={NAME}")
            for release, deploy in ((new, later), (old, first), (new, later)):
                shell.type(deploy)
                put_members(shell, product, release)
                assert ("Version" in product.outputs) is (release == new)
                runs = len(product.runs(MEMBER))
                shell.type(
                    "aws events put-events --profile department --entries"
                    """ '[{"Source": "lattice.onramp", "DetailType": "Sweep", "Detail": "{}"}]'"""
                )
                product.settle(MEMBER, runs)
                assert product.result(MEMBER)["plan"]["next"] == "done"
                assert (lattice(product), answer(product, balancer, "domain")) == (made, domain)
                assert answer(product, balancer, "status") == "connected"
