"""`onramp trace` as it is typed at a served cloud: what it says, in words and as JSON, and how it ends."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from rich.console import Console
from typer.testing import CliRunner

from cli import trace
from cli.app import app
from cli.trace import Caller, Document, HopSeen
from tests.patience import PATIENCE
from tests.wire.served import HERE, REGION, Served, clean_environment, up

INFRA, TEAM = "111111111111", "222222222222"
NETWORK = "adways-vpc-lattice-network"
SERVICE = "development-aws-ec2-vpc-lattice-yabuki"
BALANCER = f"arn:aws:elasticloadbalancing:{REGION}:{TEAM}:loadbalancer/app/yabuki-lattice-internal-alb/50dc6c495c0c9188"
VPC = "vpc-0c2f6a1d9b3e48570"
SCHEMA = Path(__file__).parents[2] / "docs" / "schemas" / "trace.json"


class Typed:
    """A shell in which profiles of both accounts are set up."""

    def __init__(self, served: Served, folder: Path) -> None:
        self.served = served
        config = folder / "config"
        config.write_text(
            "".join(
                f"[profile {name}]\naws_access_key_id = {account}\naws_secret_access_key = local\nregion = {REGION}\n"
                for name, account in (("infra", INFRA), ("team", TEAM))
            )
        )
        self.environment = clean_environment(AWS_ENDPOINT_URL=served.url, AWS_CONFIG_FILE=str(config), COLUMNS="100")

    def trace(self, *words: str, **more: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [HERE / "onramp", "trace", *words],
            capture_output=True,
            text=True,
            env=self.environment | more,
            timeout=PATIENCE,
            check=False,
        )

    def told(self, *words: str) -> dict[str, Any]:
        ran = self.trace(*words, "--json")
        told: dict[str, Any] = json.loads(ran.stdout)
        msgspec.convert(told, Document)
        return {**told, "exit": ran.returncode}


@pytest.fixture(scope="module")
def typed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Typed]:
    with up("--story", "walkthrough", "--speed", "0") as served:
        allow = [{"Key": "lattice:network", "Value": NETWORK}, {"Key": "lattice:allow-from", "Value": "10.1.33.54/32"}]
        served.client("ec2", INFRA).create_tags(Resources=[VPC], Tags=allow)
        wish = {"lattice:network": NETWORK, "lattice:service": SERVICE, "lattice:listen": "HTTP:80"}
        tags = [{"Key": key, "Value": value} for key, value in wish.items()]
        served.client("elbv2", TEAM).add_tags(ResourceArns=[BALANCER], Tags=tags)
        served.ask("advance")
        yield Typed(served, tmp_path_factory.mktemp("aws"))


BOTH = ("--profile", "infra", "--profile", "team")


def test_a_request_that_gets_through_is_told_hop_by_hop(typed: Typed) -> None:
    ran = typed.trace("--from", "10.1.33.54", "--to", SERVICE, *BOTH)
    assert (ran.returncode, ran.stderr) == (0, "")
    lines = ran.stdout.splitlines()
    assert lines[0].startswith(f"GET http://{SERVICE}-")
    assert lines[1] == f"from 10.1.33.54 in {VPC} of {INFRA}"
    assert [line[:22].rstrip() for line in lines[2:-1]] == [
        "✓ dns",
        "✓ egress",
        "✓ vpc association",
        "✓ security group",
        "✓ service association",
        "✓ auth policy",
        "✓ listener",
        "✓ rule",
        "✓ target group",
        "✓ load balancer",
        "✓ target",
    ]
    assert lines[-1] == "It gets through."


def test_who_is_not_let_in_reads_the_rule_and_what_to_do(typed: Typed) -> None:
    ran = typed.trace("--from", "10.1.33.55", "--to", SERVICE, *BOTH)
    assert ran.returncode == 1
    assert "✗ security group" in ran.stdout
    assert "admits 10.1.33.55 to port 80" in ran.stdout
    assert f"→ add the address to lattice:allow-from and the port to lattice:ports of {VPC}" in ran.stdout
    assert ran.stdout.splitlines()[-1] == "Stopped at security group: security-group."


def test_one_side_alone_is_told_what_it_cannot_see(typed: Typed) -> None:
    told = typed.told("--from", "10.1.33.54", "--to", SERVICE, "--profile", "infra")
    assert (told["exit"], told["verdict"], told["stopped_at"]) == (3, "unknown", None)
    open_hops = {hop["hop"] for hop in told["hops"] if hop["verdict"] == "unknown"}
    assert open_hops == {"egress", "security group", "auth policy", "listener"}, "nobody knows on which port it listens"
    assert told["url"].startswith(f"{SERVICE}-"), "nor by which protocol"
    on_80 = typed.told("--from", "10.1.33.54", "--to", f"http://{told['url']}", "--profile", "infra")
    assert {hop["hop"] for hop in on_80["hops"] if hop["verdict"] == "unknown"} == {"auth policy", "listener"}
    said = typed.trace("--from", "10.1.33.54", "--to", SERVICE, "--profile", "infra").stdout
    assert f"account {TEAM} cannot be read" in said
    assert "name a profile of that account as well: --profile NAME" in said


def test_the_team_alone_sees_that_a_vpc_of_another_account_reaches_its_targets(typed: Typed) -> None:
    told = typed.told("--from", VPC, "--to", SERVICE, "--profile", "team")
    assert (told["exit"], told["service"]) == (3, f"{TEAM}/{SERVICE}")
    assert told["hops"][-1] == {
        "hop": "target",
        "verdict": "ok",
        "because": "ec2-vpc-lattice-yabuki (10.1.97.19) is healthy on port 80",
        "code": "",
        "remedy": "",
    }


def test_the_words_of_a_request_are_taken_as_curl_takes_them(typed: Typed) -> None:
    told = typed.told(
        *("--from", "10.1.33.54", "--to", f"http://{SERVICE}/a?b=1", "-X", "post", "-H", "x-team: red", *BOTH)
    )
    assert (told["method"], told["stopped_at"], told["code"]) == ("POST", "dns", "name-unknown")
    assert told["url"] == f"http://{SERVICE}/a?b=1"
    by_name = typed.told("--from", "10.1.33.54", "--to", f"{SERVICE}/a", *BOTH)
    assert told["hops"][-1]["remedy"] == f"ask by {by_name['url'].split('/')[2]}"


def test_a_name_of_another_region_is_told_as_such(typed: Typed) -> None:
    host = "orders-0a1b2c.7d67968.vpc-lattice-svcs.us-east-1.on.aws"
    told = typed.told("--from", "10.1.33.54", "--to", host, *BOTH)
    assert (told["exit"], told["code"]) == (1, "wrong-region")


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--from", "10.9.9.9", "--to", SERVICE, *BOTH), "has the address 10.9.9.9"),
        (("--from", "somewhere", "--to", SERVICE, *BOTH), "'somewhere' is no VPC"),
        (("--from", "10.1.33.54", "--to", "ftp://x", *BOTH), "is no http or https URL"),
        (("--from", "10.1.33.54", "--to", SERVICE, "--as", "nobody", *BOTH), f"account {INFRA} has no role nobody"),
        (("--from", "10.1.33.54", "--to", SERVICE, "--profile", "nope"), "aws configure list-profiles"),
    ],
)
def test_wrong_words_end_in_a_sentence(typed: Typed, words: tuple[str, ...], says: str) -> None:
    ran = typed.trace(*words)
    assert (ran.returncode, ran.stdout) == (2, "")
    assert says in ran.stderr
    assert "Traceback" not in ran.stderr


def test_without_credentials_it_is_said_what_to_do(typed: Typed) -> None:
    ran = typed.trace("--from", "10.1.33.54", "--to", SERVICE, AWS_CONFIG_FILE="/dev/null")
    assert ran.returncode == 2
    assert "there are no AWS credentials" in ran.stderr


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--to", "http://[::1"), "is no URL"),
        (("--to", "orders:99999"), "'99999' is no port"),
        (("--to", "two words"), "is no name and no URL"),
        (("--to", "arn:aws:vpc-lattice:ap-northeast-1:222222222222:service/svc-1"), "write the service's name"),
        (("--to", "orders", "-H", "nameless"), "write NAME: VALUE"),
    ],
)
def test_what_cannot_be_asked_is_told_before_anybody_is_asked(words: tuple[str, ...], says: str) -> None:
    ran = CliRunner().invoke(app, ["trace", "--from", "10.1.33.54", *words])
    assert ran.exit_code == 2
    assert says in ran.stderr


def test_the_documents_shape_is_kept_in_the_docs() -> None:
    assert json.loads(SCHEMA.read_text()) == msgspec.json.schema(Document)


def test_an_answer_that_is_known_is_told_with_its_status() -> None:
    console = Console(record=True, width=100)
    hop = HopSeen(hop="rule", verdict="ok", because="the default action answers 404 itself", code="", remedy="")
    caller = Caller(account=INFRA, vpc=VPC, address="10.1.33.54")
    trace.show(
        console,
        Document(
            caller=caller,
            url="http://x/",
            method="GET",
            service=None,
            verdict="reaches",
            stopped_at=None,
            code=None,
            status=404,
            hops=[hop],
        ),
    )
    assert "It gets through, answered 404." in console.export_text()
