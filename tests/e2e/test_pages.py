"""The commands of the pages for the day something is wrong, typed at a served story that is joined.

docs/troubleshooting.md, docs/runbook.md and docs/game-day.md, each from its first block to its last.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import deployed
import pytest
import typed
from deployed import ROOT
from typed import Terminal

NETWORK, LOAD_BALANCER, VPC = "adways-vpc-lattice-network", "yabuki-lattice-internal-alb", "vpc-0c2f6a1d9b3e48570"
CONNECTED = ("lattice-onramp:status\tconnected", "lattice-onramp:domain")


@dataclass(frozen=True)
class Expected:
    """What a block must print; whether one of its commands fails; how much time is let pass after it, or until what."""

    title: str
    words: tuple[str, ...] = ()
    fails: bool = False
    then: str = ""


TROUBLESHOOTING = (
    Expected("Look"),
    Expected("Where a request stops", ("✓ target",)),
    Expected("What the answer is", ("lattice-onramp:status",)),
    Expected("Whether the account's events arrive", ("_COMPLETE", "ENABLED")),
    Expected("Have it looked at now", ('"FailedEntryCount": 0',), then="settled"),
    Expected("What the runs did", ("SUCCEEDED",)),
    Expected("What waits or was lost in the network account", ("ATTRIBUTES",)),
    Expected("What Lattice has", ("ACTIVE",)),
    Expected("Whether Lattice may enter", ("pl-",)),
    Expected("Nothing happens", ("✓ report",)),
)

RUNBOOK = (
    Expected("Before"),
    Expected("Before", ("Nothing is wrong", "connected")),
    Expected("dead-letters", ("Asked for",)),
    Expected("member-dead-letters", ("well", "Nothing is wrong")),
    Expected("runs-failed", ("SUCCEEDED", "Asked for")),
    Expected("runs-timed-out", ("SUCCEEDED", "Nothing of that kind")),
    Expected("runs-aborted", ("SUCCEEDED",)),
    Expected("deletion-limit", ("Nothing of that kind",)),
    Expected("intake-errors", ("START RequestId", "Nothing is wrong"), then="16m"),
    Expected("watch-errors", ("START RequestId", "connected")),
    Expected("blind-accounts", ("Nothing of that kind", "well")),
    Expected("throttles", ("1000", "Nothing is wrong")),
    Expected("queue-age", ("ApproximateNumberOfMessages", "START RequestId")),
    Expected("slow-to-connect", ("Nothing of that kind", "Nothing is wrong")),
)

LATTICE, LOST, DEAF, ABOVE, LETTER = (
    "A security group that lets Lattice in no more",
    "A tag that is lost",
    "An account that is not heard any more",
    "A policy above that forbids a change",
    "An event that cannot be read",
)
GAME_DAY = (
    Expected("Before"),
    Expected("Before"),
    Expected("Before", (*CONNECTED, "It gets through.")),
    Expected(LATTICE, then="5m"),
    Expected(
        LATTICE,
        ("unreachable", "security-group: ", "Stopped at load balancer: security-group, answered 504."),
        fails=True,
    ),
    Expected(LATTICE, then="5m"),
    Expected(LOST, then="5m"),
    Expected(LOST, ("kept",)),
    Expected(LOST, then="5m"),
    Expected(DEAF, then="5m"),
    Expected(DEAF, ("✗ rule", "rule-off", "Stopped at rule: rule-off."), fails=True),
    Expected(DEAF, then="5m"),
    Expected(ABOVE, then="5m"),
    Expected(ABOVE, ("failed", "lattice-onramp:domain", "step-failed: ", "UpdateService", "It gets through.")),
    Expected(ABOVE, then="5m"),
    Expected(LETTER, then="40m"),
    Expected(LETTER, ("✗ dead-letters",), fails=True),
    Expected(LETTER, ('{"account": "nobody"}',), then="5m"),
    Expected("After", (*CONNECTED, "It gets through.", "Nothing is wrong")),
)


@pytest.fixture
def shell(tmp_path: Path) -> Iterator[Terminal]:
    port = deployed.free_port()
    variables = {
        "ONRAMP_LOCAL_PORT": str(port),
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}",
        "AWS_CONFIG_FILE": str(ROOT / "docs/rehearsal.ini"),
        "AWS_PROFILE": "network",
        "NETWORK": NETWORK,
        "LOAD_BALANCER": LOAD_BALANCER,
        "VPC_ID": VPC,
    }
    with typed.terminal(tmp_path, ROOT, variables) as shell:
        # Version 1 of the AWS CLI looks for SQS under an old name, whatever AWS_ENDPOINT_URL says.
        shell.type('aws() { command aws --endpoint-url "$AWS_ENDPOINT_URL" "$@"; }')
        shell.type("onramp local up --story walkthrough >/dev/null &")
        shell.type("until onramp local status 2>/dev/null; do sleep 1; done")
        yield shell
        shell.type("onramp local down")


@pytest.mark.parametrize(
    ("page", "expected"),
    [("troubleshooting", TROUBLESHOOTING), ("runbook", RUNBOOK), ("game-day", GAME_DAY)],
    ids=["troubleshooting", "runbook", "game-day"],
)
def test_every_block_says_what_it_must(shell: Terminal, page: str, expected: tuple[Expected, ...]) -> None:
    blocks = typed.blocks(f"docs/{page}.md")
    assert [block.title for block in blocks] == [one.title for one in expected]
    shell.type(
        f'aws ec2 create-tags --resources "$VPC_ID" --tags Key=lattice:network,Value={NETWORK}\n'
        'ARN=$(aws elbv2 describe-load-balancers --names "$LOAD_BALANCER" --profile department'
        " --query 'LoadBalancers[0].LoadBalancerArn' --output text)\n"
        f'aws elbv2 add-tags --resource-arns "$ARN" --profile department --tags Key=lattice:network,Value={NETWORK}'
        " Key=lattice:listen,Value=HTTP:80\n"
        "onramp local advance settled"
    )
    domains = set()
    for block, must in zip(blocks, expected, strict=True):
        told = shell.type(block, fails=must.fails)
        for word in must.words:
            assert word in told, f"{block}\n{told}"
        domains |= {line.split()[1] for line in told.splitlines() if line.startswith("lattice-onramp:domain\t")}
        if must.then:
            shell.type(f"onramp local advance {must.then}")
    assert len(domains) <= 1, f"the service has been made anew: {domains}"
