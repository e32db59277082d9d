"""The product deployed to MiniStack by the README's own commands, in two accounts, with the local cloud beside it."""

from __future__ import annotations

import contextlib
import functools
import json
import os
import platform
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import boto3
from beside import Beside, MiniStack, beside
from botocore.config import Config

from localcloud.cloud import LocalCloud
from tests.patience import PATIENCE

ROOT = Path(__file__).parents[2]
REGION = "ap-northeast-1"
NETWORK = "111111111111"
STACK = "onramp-adways-vpc-lattice-network"

SAM = ("uv", "tool", "run", "--quiet", "--from", "aws-sam-cli==1.170.0", "--with", "pip==25.3", "sam")
MINISTACK = (
    *("uv", "run", "--quiet", "--no-project", "--python", sys.executable),
    *("--with", "ministack==1.5.33", "--with", "aws-sam-translator==1.115.0", "python"),
)

PLATFORM = f"manylinux2014_{platform.machine()}"
"""The layer's Makefile asks pip for arm64; pip takes one more platform from PIP_PLATFORM, and prefers it."""

SPEED = 30.0
"""Simulated seconds per second: the state machine's waits shrink, and the local cloud's clock runs, by this."""

_session = functools.cache(functools.partial(boto3.Session, region_name=REGION))
"""One for all clients: each would read all endpoints of AWS, and its services' models, anew."""


@functools.cache
def client(service: str, account: str, url: str, attempts: int = 1) -> Any:
    """A client of the account's owner, made once."""
    return _session().client(
        service,
        endpoint_url=url,
        aws_access_key_id=account,
        aws_secret_access_key="local",  # noqa: S106 - nothing checks signatures there
        config=Config(retries={"total_max_attempts": attempts}, read_timeout=60),
    )


type Edit = tuple[str, str]
"""A text of a template, and what stands in its place."""


def environment(**more: str) -> dict[str, str]:
    """Of this process, without what leads to a real account or to another endpoint."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    return {
        **kept,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
        "SAM_CLI_TELEMETRY": "0",
        # Seconds: it would look every five, at stacks that take one or two.
        "SAM_CLI_POLL_DELAY": "1",
        **more,
    }


def run(*command: str, answer: str = "", **more: str) -> str:
    """Run in the repository's root, answering what it asks; what it printed. AssertionError when it fails."""
    done = subprocess.run(
        command,
        cwd=ROOT,
        env=environment(**more),
        input=answer,
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE,
    )
    assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def build(folder: Path) -> Path:
    """`sam build`, with wheels that run on this machine; answers the folder of what was built."""
    target = folder / "build"
    run(
        *SAM,
        "build",
        *("--build-dir", str(target), "--cache-dir", str(folder / "cache")),
        PIP_PLATFORM=PLATFORM,
    )
    return target


def mutated(template: Path, edit: Edit | None, copy: Path) -> Path:
    """The template, or a copy in which a text is replaced; it must be in there exactly once."""
    if edit is None:
        return template
    old, new = edit
    text = template.read_text()
    assert text.count(old) == 1, f"{old!r} is {text.count(old)} times in {template.name}"
    copy.write_text(text.replace(old, new))
    return copy


@dataclass
class Deployed:
    """A running MiniStack with the product in it. `outputs` are those of the network account's stack."""

    url: str
    cloud: LocalCloud
    server: Beside
    doors: MiniStack
    log: Path
    outputs: dict[str, str] = field(default_factory=dict)
    gate: Any = field(default_factory=lambda: SimpleNamespace(quiet=contextlib.nullcontext))
    """`stand` (replay.standing) reads a local cloud quietly; here its reads are calls like any others."""

    def client(self, service: str, account: str) -> Any:
        """A client of the account's owner: of the local cloud for Lattice and RAM, else of MiniStack."""
        return client(service, account, self.server.url if service in ("vpc-lattice", "ram") else self.url)

    def variables(self, clone: Path) -> dict[str, str]:
        """What leads `sam` and `aws` here: endpoints, the profiles of the pages, and the names in its accounts."""
        return {
            "LOAD_BALANCER": "yabuki-lattice-internal-alb",
            "CLIENT_VPC": "cloud-coe-vpc",
            "AWS_ENDPOINT_URL": self.url,
            "AWS_ENDPOINT_URL_VPC_LATTICE": self.server.url,
            "AWS_ENDPOINT_URL_RAM": self.server.url,
            "AWS_ENDPOINT_URL_RESOURCE_GROUPS_TAGGING_API": self.server.url,
            "AWS_CONFIG_FILE": str(clone / "docs/rehearsal.ini"),
            "PIP_PLATFORM": PLATFORM,
        }

    # --- deployment ---

    def deploy_network(self, built: Path, *options: str) -> str:
        """`sam deploy --config-env production`, with the README's stack, and `y` to what it asks; what it printed."""
        printed = run(
            *SAM,
            *("deploy", "--config-env", "production", "--config-file", str(ROOT / "samconfig.toml")),
            *("--stack-name", STACK),
            *("--template-file", str(built / "template.yaml"), *options),
            answer="y\n",
            AWS_ENDPOINT_URL=self.url,
            AWS_ACCESS_KEY_ID=NETWORK,
            AWS_SECRET_ACCESS_KEY="local",  # noqa: S106 - nothing checks signatures there
        )
        self.read_outputs()
        return printed

    def read_outputs(self) -> None:
        """Read those of the network's stack."""
        stacks = self.client("cloudformation", NETWORK).describe_stacks(StackName=STACK)["Stacks"]
        self.outputs = {one["OutputKey"]: one["OutputValue"] for one in stacks[0]["Outputs"]}

    def deploy_member(self, account: str, template: Path = ROOT / "member.yaml") -> None:
        """The member's stack, with the network's own outputs for its parameters."""
        names = ("NetworkName", "NetworkAccountId", "ServiceNetworkArn", "TagPrefix")
        cloudformation = self.client("cloudformation", account)
        cloudformation.create_stack(
            StackName=f"{STACK}-member",
            TemplateBody=template.read_text(),
            Parameters=[{"ParameterKey": name, "ParameterValue": self.outputs[name]} for name in names],
            Capabilities=["CAPABILITY_NAMED_IAM"],
        )
        stack: dict[str, Any] = {}

        def settled() -> bool:
            stack.update(cloudformation.describe_stacks(StackName=f"{STACK}-member")["Stacks"][0])
            return not stack["StackStatus"].endswith("IN_PROGRESS")

        until(settled, f"member.yaml in {account}")
        assert stack["StackStatus"] == "CREATE_COMPLETE", json.dumps(stack, default=str, indent=1)

    @property
    def bus(self) -> str:
        return self.outputs["BusArn"].rpartition("/")[2]

    # --- runs ---

    def runs(self, account: str = "") -> list[dict[str, Any]]:
        """The state machine's executions, oldest first; of all accounts, or one."""
        told = self.client("stepfunctions", NETWORK).list_executions(stateMachineArn=self.outputs["StateMachineArn"])
        found = [one for one in told["executions"] if one["name"].startswith(account)]
        return sorted(found, key=lambda one: one["startDate"])

    def result(self, account: str) -> dict[str, Any]:
        """What the account's last run left: the Run as JSON. AssertionError unless it succeeded."""
        last = self.runs(account)[-1]["executionArn"]
        told = self.client("stepfunctions", NETWORK).describe_execution(executionArn=last)
        assert told["status"] == "SUCCEEDED", json.dumps(told, default=str, indent=1)
        found: dict[str, Any] = json.loads(told["output"])
        return found

    def settle(self, account: str, runs: int) -> None:
        """Wait until the account has had more than this many runs, and nothing is on its way any more."""
        until(lambda: len(self.runs(account)) > runs, f"a run of {account}")
        until(lambda: self._rests() and self._rests(), "rest")

    def _rests(self) -> bool:
        """No run, no message, nothing due in the local cloud, and so again a moment later."""
        busy = any(one["status"] == "RUNNING" for one in self.runs())
        quiet = not busy and not self._waiting() and self.cloud.clock.idle
        if quiet:
            time.sleep(0.3)
        return quiet

    def _waiting(self) -> int:
        """Messages between bus and intake, those in work included."""
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        told = self.client("sqs", NETWORK).get_queue_attributes(QueueUrl=self.outputs["QueueUrl"], AttributeNames=names)
        return sum(int(number) for number in told["Attributes"].values())


def until(reached: Callable[[], bool], what: str) -> None:
    """Wait; AssertionError when it takes longer than PATIENCE."""
    end = time.monotonic() + PATIENCE
    while not reached():
        assert time.monotonic() < end, f"not within {PATIENCE:.0f} s: {what}"
        # Other processes work meanwhile, in real time; there is nothing else to wait on.
        time.sleep(0.2)


@contextlib.contextmanager
def ministack(folder: Path) -> Iterator[Deployed]:
    """MiniStack on a free port of the loopback interface, empty, asking for permissions, the local cloud beside it."""
    assert shutil.which("uv"), "uv is needed: it brings MiniStack and the SAM CLI"
    port = free_port()
    log = folder / "ministack.log"
    with beside(SPEED) as (cloud, server, doors), log.open("w") as output:
        launcher = Path(__file__).with_name("ministack_launcher.py")
        process = subprocess.Popen(
            [*MINISTACK, str(launcher)],
            cwd=folder,
            env=environment(
                GATEWAY_PORT=str(port),
                BIND_HOST="127.0.0.1",
                MINISTACK_REGION=REGION,
                AUTH="true",
                # These three services MiniStack lacks, or has too little of.
                AWS_ENDPOINT_URL_VPC_LATTICE=server.url,
                AWS_ENDPOINT_URL_RAM=server.url,
                AWS_ENDPOINT_URL_RESOURCE_GROUPS_TAGGING_API=server.url,
                SFN_WAIT_SCALE=str(1 / SPEED),
                TMPDIR=str(folder),
                S3_DATA_DIR=str(folder / "s3"),
                # These two would listen beyond loopback, on ports of their own.
                IOT_MTLS_ENABLED="0",
                SFTP_ENABLED="0",
            ),
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        url = f"http://127.0.0.1:{port}"
        try:
            until(lambda: process.poll() is not None or _answers(url), "MiniStack's start")
            assert process.poll() is None, log.read_text()
            doors.url = url
            yield Deployed(url, cloud, server, doors, log)
        finally:
            doors.url = ""
            process.terminate()
            process.wait(timeout=PATIENCE)


def free_port() -> int:
    """One of the loopback interface that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}/_ministack/health", timeout=1):  # noqa: S310 - loopback
            return True
    except OSError:
        return False
