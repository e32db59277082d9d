"""The commands of the pages for the day something is wrong, typed at a served story that is joined.

docs/troubleshooting.md, docs/runbook.md and docs/game-day.md, each from its first block to its last; and what teams are
to type beside their tags, docs/tags.md.
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
    """What a block must print; whether one of its commands fails; how much time is let pass after it, or until what.
    `before`: what somebody types before it.
    """

    title: str
    words: tuple[str, ...] = ()
    fails: bool = False
    then: str = ""
    before: str = ""


FORGET = 'aws events remove-permission --event-bus-name "onramp-$NETWORK"'

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
    Expected("Something of a stack is gone", ("Add\tBusPolicy\tDELETED",), before=f"{FORGET} --statement-id members"),
    Expected("Something of a stack is gone"),
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
    Expected(ABOVE, ("failed", "lattice-onramp:domain", "access-denied: ", "UpdateService", "It gets through.")),
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


def opt_in(shell: Terminal) -> None:
    shell.type(
        f'aws ec2 create-tags --resources "$VPC_ID" --tags Key=lattice:network,Value={NETWORK}\n'
        'ARN=$(aws elbv2 describe-load-balancers --names "$LOAD_BALANCER" --profile department'
        " --query 'LoadBalancers[0].LoadBalancerArn' --output text)\n"
        f'aws elbv2 add-tags --resource-arns "$ARN" --profile department --tags Key=lattice:network,Value={NETWORK}'
        " Key=lattice:listen,Value=HTTP:80\n"
        "onramp local advance settled"
    )


@pytest.mark.parametrize(
    ("page", "expected"),
    [("troubleshooting", TROUBLESHOOTING), ("runbook", RUNBOOK), ("game-day", GAME_DAY)],
    ids=["troubleshooting", "runbook", "game-day"],
)
def test_every_block_says_what_it_must(shell: Terminal, page: str, expected: tuple[Expected, ...]) -> None:
    blocks = typed.blocks(f"docs/{page}.md")
    assert [block.title for block in blocks] == [one.title for one in expected]
    opt_in(shell)
    domains = set()
    for block, must in zip(blocks, expected, strict=True):
        if must.before:
            shell.type(must.before)
        told = shell.type(block, fails=must.fails)
        for word in must.words:
            assert word in told, f"{block}\n{told}"
        domains |= {line.split()[1] for line in told.splitlines() if line.startswith("lattice-onramp:domain\t")}
        if must.then:
            shell.type(f"onramp local advance {must.then}")
    assert len(domains) <= 1, f"the service has been made anew: {domains}"


def test_what_teams_type_beside_their_tags_does_what_the_page_says(shell: Terminal) -> None:
    policy, certificate, log, existing, handing_over, names = typed.blocks("docs/tags.md")
    opt_in(shell)

    def tag(key: str, value: str) -> str:
        """What the load balancer is told with this tag beside the others."""
        return shell.type(
            f'aws elbv2 add-tags --resource-arns "$ARN" --profile department --tags Key=lattice:{key},Value={value}\n'
            "onramp local advance settled >/dev/null\n"
            'aws elbv2 describe-tags --resource-arns "$ARN" --profile department --output text'
        )

    def tags_of_service() -> str:
        return shell.type('aws vpc-lattice list-tags-for-resource --resource-arn "$SERVICE_ARN" --profile department')

    assert "auth-policy-missing" in tag("auth-policy", "/lattice-onramp/orders")
    shell.type(policy)
    assert "lattice-onramp:status\tconnected" in tag("service", LOAD_BALANCER)
    assert "CertificateArn" in shell.type(certificate)
    assert "log-group-missing" in tag("log", "/lattice/orders")
    shell.type(log.text.replace("REGION", "ap-northeast-1").replace("ACCOUNT", "222222222222"))
    assert "lattice-onramp:status\tconnected" in tag("idle-timeout", "60")

    shell.type(
        "SERVICE_ARN=$(aws vpc-lattice create-service --name theirs --profile department --query arn --output text)"
    )
    shell.type("onramp local advance settled")
    assert existing.title.startswith("On a Lattice service")
    shell.type(existing.text.replace("production-network", NETWORK))
    shell.type("onramp local advance settled")
    assert "service-listener" in tags_of_service()

    of_service = f"--query \"items[?name=='{LOAD_BALANCER}'].arn|[0]\" --output text --profile department"
    shell.type(
        f"SERVICE_ARN=$(aws vpc-lattice list-services {of_service})\n"
        "TARGET_GROUP_ARN=$(aws vpc-lattice list-target-groups --profile department"
        " --query 'items[0].arn' --output text)\n"
        "ASSOCIATION_ARN=$(aws vpc-lattice list-service-network-service-associations --profile department"
        " --service-identifier \"$SERVICE_ARN\" --query 'items[0].arn' --output text)\n"
        'aws vpc-lattice tag-resource --resource-arn "$SERVICE_ARN" --tags lattice-onramp:release=yes'
        " --profile department\n"
        "onramp local advance settled\n"
    )
    assert '"lattice-onramp:network"' not in tags_of_service()
    shell.type(
        'aws vpc-lattice untag-resource --resource-arn "$SERVICE_ARN" --tag-keys lattice-onramp:release'
        " --profile department"
    )
    assert handing_over.title == "Handing over what is there"
    shell.type(handing_over)
    shell.type("onramp local advance settled")
    assert f'"lattice-onramp:network": "{NETWORK}"' in tags_of_service()
    # In this world the client's VPC is in the network's own account.
    assert LOAD_BALANCER in shell.type(names.text.replace("department", "network"))
