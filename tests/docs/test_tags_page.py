"""docs/tags.md has every tag of the code, and every state, and no other."""

import re
from typing import get_args

import vocabulary
from msgspec.structs import replace
from onramp.core import inventory, tags
from onramp.core.desired import desired
from onramp.core.model import AlbListener, LoadBalancer, Observation, Vpc
from onramp.core.network import Network
from vocabulary import ROOT

PAGE = (ROOT / "docs/tags.md").read_text()


def rows(title: str) -> list[str]:
    [text] = [part for part in re.split(r"^## ", PAGE, flags=re.MULTILINE) if part.startswith(f"{title}\n")]
    return re.findall(r"^\| `([^`]+)` \|", text, flags=re.MULTILINE)


def test_every_tag_that_is_read_has_its_row_and_no_other_has() -> None:
    on = vocabulary.team_tags()
    prefix = tags.DEFAULT_PREFIX
    assert set(rows("On an internal application load balancer")) == {prefix + key for key in on["load balancer"]}
    assert set(rows("On a VPC")) == {prefix + key for key in on["VPC"]}
    assert set(rows("On a Lattice service that is there already")) == {prefix + key for key in on["service"]}


def test_every_tag_that_is_written_and_every_state_has_its_row() -> None:
    found = rows("The answer")
    assert set(tags.STATUS_KEYS) <= set(found)
    assert set(get_args(inventory.Status.__value__)) <= set(found)


NETWORK = Network(
    name="production-network",
    arn="arn:aws:vpc-lattice:ap-northeast-1:111111111111:servicenetwork/sn-1",
    share="arn:aws:ram:ap-northeast-1:111111111111:resource-share/1",
    account="111111111111",
)
BALANCER = LoadBalancer(
    arn="arn:aws:elasticloadbalancing:ap-northeast-1:222222222222:loadbalancer/app/orders/1",
    name="orders",
    type="application",
    scheme="internal",
    state="active",
    vpc="vpc-1",
    listeners=(AlbListener(protocol="HTTP", port=80), AlbListener(protocol="HTTPS", port=443)),
)
"""With what the page's examples ask of one."""


def examples() -> list[dict[str, str]]:
    blocks = re.findall(r"^```\n((?:lattice:\S+ += .+\n)+)```$", PAGE, flags=re.MULTILINE)
    return [dict(re.findall(r"^(\S+) += (.+)$", block, flags=re.MULTILINE)) for block in blocks]


def test_every_example_is_understood_as_it_stands() -> None:
    on_vpcs = {tags.DEFAULT_PREFIX + key for key in tags.VPC_KEYS - tags.LOAD_BALANCER_KEYS}
    told = []
    for given in examples():
        vpc = Vpc(id="vpc-1", cidrs=("10.1.0.0/16",), tags=given if on_vpcs & given.keys() else {})
        balancer = replace(BALANCER, tags={} if vpc.tags else given)
        wants = desired(
            NETWORK,
            Observation(
                account="222222222222",
                load_balancers=(balancer,),
                vpcs=(vpc,),
                prefix_lists={"pl-0123456789abcdef0": 10},
            ),
        )
        told += [*wants.refusals, *wants.strays]
        assert len(wants.services) + len(wants.clients) == 1, given
    assert told == []
    assert len(examples()) >= 5


def test_every_tag_has_an_example_of_its_value() -> None:
    shown = {key for given in examples() for key in given} | set(re.findall(r"`(lattice:[a-z-]+) = [^`]+`", PAGE))
    # Each has its own row before the table of changes.
    rows_of = re.findall(r"^\| `(lattice:[a-z-]+)` \| (.+?) \| .+ \|$", PAGE, flags=re.MULTILINE)
    meanings = dict(reversed(rows_of))
    keys = {tags.DEFAULT_PREFIX + key for key in tags.LOAD_BALANCER_KEYS | tags.VPC_KEYS}
    assert {key for key in keys - shown if "`" not in meanings[key]} == set()
