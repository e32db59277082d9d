"""A shell in the walk-through's world, in this process: a profile of each account and of the roles made for people."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
import pytest
from click.testing import Result
from onramp.core.fleet import Fleet
from typer.testing import CliRunner

from cli.app import app
from localcloud.cloud import LocalCloud
from tests.stories.staged import deployed

INFRA, TEAM = "111111111111", "222222222222"
REGION = "ap-northeast-1"
NETWORK = "adways-vpc-lattice-network"
BALANCER = f"arn:aws:elasticloadbalancing:{REGION}:{TEAM}:loadbalancer/app/yabuki-lattice-internal-alb/50dc6c495c0c9188"
VPC = "vpc-0c2f6a1d9b3e48570"
WISH = {"lattice:network": NETWORK, "lattice:service": "orders", "lattice:listen": "HTTP:80"}


class Shell:
    def __init__(self, cloud: LocalCloud) -> None:
        self.cloud = cloud

    def onramp(self, *words: str, answer: str = "", sleep: Callable[[float], None] | None = None) -> Result:
        """`sleep` passes the time of a command that waits."""
        return CliRunner().invoke(app, words, input=answer, env={"COLUMNS": "200"}, obj=sleep)

    def status(self, *words: str) -> Fleet:
        ran = self.onramp("status", "--profile", "operator", "--json", *words)
        assert ran.exit_code == 0, ran.stderr
        return msgspec.json.decode(ran.stdout, type=Fleet, strict=True)

    def tag(self, **values: str) -> None:
        tags = [{"Key": f"lattice:{key.replace('_', '-')}", "Value": value} for key, value in values.items()]
        self.cloud.client("elbv2", TEAM).add_tags(ResourceArns=[BALANCER], Tags=tags)
        self.cloud.settle()

    def join(self) -> None:
        """Both sides ask, and the service is there."""
        allow = [{"Key": "lattice:network", "Value": NETWORK}, {"Key": "lattice:allow-from", "Value": "10.1.33.54/32"}]
        self.cloud.client("ec2", INFRA).create_tags(Resources=[VPC], Tags=allow)
        self.tag(network=NETWORK, service="orders", listen="HTTP:80")

    def answer(self) -> dict[str, str]:
        """What stands on the load balancer."""
        told = self.cloud.client("elbv2", TEAM).describe_tags(ResourceArns=[BALANCER])["TagDescriptions"][0]["Tags"]
        return {it["Key"].partition(":")[2]: it["Value"] for it in told if it["Key"].startswith("lattice-onramp:")}

    def wait(self, seconds: float = 0) -> None:
        if seconds:
            self.cloud.clock.advance(seconds)
        self.cloud.settle()


@contextmanager
def shell(folder: Path, **parameters: str) -> Iterator[Shell]:
    keys = "aws_access_key_id = {}\naws_secret_access_key = local\nregion = {}\n"
    owners = {"infra": INFRA, "team": TEAM}
    text = "".join(f"[profile {name}]\n{keys.format(it, REGION)}" for name, it in owners.items())
    for role in ("operator", "approver"):
        arn = f"arn:aws:iam::{INFRA}:role/onramp-{NETWORK}-{role}"
        text += f"[profile {role}]\nrole_arn = {arn}\nsource_profile = infra\nregion = {REGION}\n"
    config = folder / "config"
    config.write_text(text)
    with pytest.MonkeyPatch.context() as patch, deployed(**parameters) as cloud:
        patch.setenv("AWS_CONFIG_FILE", str(config))
        for name in ("AWS_PROFILE", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
            patch.delenv(name, raising=False)
        yield Shell(cloud)
