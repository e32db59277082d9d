"""The commands of docs/troubleshooting.md, typed at a served story in which a service and a client are joined."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import deployed
import pytest
import typed
from deployed import ROOT
from typed import Block, Terminal

PAGE = "docs/troubleshooting.md"
NETWORK, LOAD_BALANCER, VPC = "adways-vpc-lattice-network", "yabuki-lattice-internal-alb", "vpc-0c2f6a1d9b3e48570"
# The stories' stacks are not named as docs/deploy.md names them: what a command says of them is told by these words.
SAID = {
    "Look": "",
    "Where a request stops": "✓ target",
    "What the answer is": "lattice-onramp:status",
    "Whether the account's events arrive": "_COMPLETE",
    "Have it looked at now": '"FailedEntryCount": 0',
    "What the runs did": "SUCCEEDED",
    "What waits or was lost in the network account": "ATTRIBUTES",
    "What Lattice has": "ACTIVE",
    "Whether Lattice may enter": "pl-",
    "Nothing happens": "✓ report",
}


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


def blocks() -> list[Block]:
    return typed.blocks(PAGE)


def test_every_block_says_what_it_must(shell: Terminal) -> None:
    assert [block.title for block in blocks()] == list(SAID)
    shell.type(
        f'aws ec2 create-tags --resources "$VPC_ID" --tags Key=lattice:network,Value={NETWORK}\n'
        'ARN=$(aws elbv2 describe-load-balancers --names "$LOAD_BALANCER" --profile department'
        " --query 'LoadBalancers[0].LoadBalancerArn' --output text)\n"
        f'aws elbv2 add-tags --resource-arns "$ARN" --profile department --tags Key=lattice:network,Value={NETWORK}'
        " Key=lattice:listen,Value=HTTP:80\n"
        "onramp local advance settled"
    )
    for block in blocks():
        told = shell.type(block)
        assert SAID[block.title] in told, f"{block}\n{told}"
