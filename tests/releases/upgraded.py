"""Two accounts whose service is called all the while, and releases that are put under them one after another."""

import json
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from localcloud import network as networks
from localcloud import world as worlds
from localcloud.cloud import LocalCloud
from localcloud.ground.journal import EventRecord
from localcloud.services.cloudformation.read import read
from replay.standing import Standing, stand
from replay.story import ROOT
from tests.releases.kept import releases, unpacked

NETWORK, TEAM = "111111111111", "222222222222"
NAME, CALLER = "net", "10.0.1.10"
STACK, MEMBER_STACK, TABLE = f"onramp-{NAME}", f"onramp-{NAME}-member", f"onramp-{NAME}"
PARAMETERS = {"NetworkName": NAME, "MemberAccounts": f"{NETWORK},{TEAM}"}
SWEEP = 4600.0
"""Seconds in which every account's schedule has rung, its window included."""

_AS_TAKEN = {
    # Release 0.1.0 wrote one policy for two queues. Where AWS refuses that (facts 28.10), nobody runs 0.1.0; here it is
    # as AWS would have taken it.
    "0.1.0": [
        ("Queues: [!Ref Queue, !Ref DeadLetters]", "Queues: [!Ref Queue]"),
        ("Resource: [!GetAtt Queue.Arn, !GetAtt DeadLetters.Arn]", "Resource: !GetAtt Queue.Arn"),
    ]
}


def released(version: str, folder: Path) -> Path:
    """The release in a folder of its own, as AWS took it."""
    found = unpacked(version, folder)
    template = found / "template.yaml"
    for was, taken in _AS_TAKEN.get(version, []):
        assert was in template.read_text(), f"{was!r} is not in the template of {version}"
        template.write_text(template.read_text().replace(was, taken))
    return found


def declared(template: Path) -> dict[str, dict[str, Any]]:
    """The template's parameters, by name."""
    found: dict[str, dict[str, Any]] = read(template.read_text())["Parameters"]
    return found


@dataclass
class Estate:
    """`asked`: how many requests had which answer, since one last looked."""

    cloud: LocalCloud
    vpc: str = ""
    balancers: dict[str, str] = field(default_factory=dict)
    asked: Counter[tuple[int, str]] = field(default_factory=Counter)
    _url: str = ""
    _asking: bool = False

    # --- what infra does

    def deploy(self, release: Path, *, members: bool = True, network: bool = True, **parameters: str) -> None:
        """Bring the network's stack to the release, then the members', as docs/upgrading.md has it."""
        stacks = self.cloud.stacks
        if network:
            stacks.deploy(release / "template.yaml", NETWORK, STACK, {**PARAMETERS, **parameters})
        outputs = {one["OutputKey"]: one["OutputValue"] for one in stacks.stack(NETWORK, STACK).outputs}
        wanted = declared(release / "member.yaml").keys()
        given = {key: value for key, value in {**outputs, **PARAMETERS, **parameters}.items() if key in wanted}
        for account in (NETWORK, TEAM) if members else ():
            stacks.deploy(release / "member.yaml", account, MEMBER_STACK, given)

    # --- what teams do

    def join(self, balancer: str) -> None:
        tags = {"lattice:network": NAME, "lattice:listen": "HTTP:80"}
        self.cloud.client("elbv2", TEAM).add_tags(ResourceArns=[self.balancers[balancer]], Tags=_listed(tags))

    def leave(self, balancer: str) -> None:
        keys = ["lattice:network", "lattice:listen"]
        self.cloud.client("elbv2", TEAM).remove_tags(ResourceArns=[self.balancers[balancer]], TagKeys=keys)

    def call(self) -> None:
        """The VPC joins as a client."""
        tags = {"lattice:network": NAME, "lattice:allow-from": f"{CALLER}/32"}
        self.cloud.client("ec2", NETWORK).create_tags(Resources=[self.vpc], Tags=_listed(tags))

    # --- what is seen

    def answers(self, name: str) -> dict[str, str]:
        """Our tags on a load balancer, or on the VPC."""
        if name == self.vpc:
            tags = self.cloud.client("ec2", NETWORK).describe_vpcs(VpcIds=[name])["Vpcs"][0]["Tags"]
        else:
            elb = self.cloud.client("elbv2", TEAM)
            tags = elb.describe_tags(ResourceArns=[self.balancers[name]])["TagDescriptions"][0]["Tags"]
        return {tag["Key"].partition(":")[2]: tag["Value"] for tag in tags if tag["Key"].startswith("lattice-onramp:")}

    def status(self, balancer: str) -> int:
        """What a request to it comes to: 0 when a hop stops it."""
        domain = self.answers(balancer).get("domain", "nowhere.example")
        return networks.request(self.cloud, CALLER, f"http://{domain}/").status

    def ids(self) -> set[str]:
        """The ARNs of all Lattice objects of both accounts."""
        found: set[str] = set()
        with self.cloud.gate.quiet():
            for account in (NETWORK, TEAM):
                lattice = self.cloud.client("vpc-lattice", account)
                mine = lattice.list_services()["items"]
                found |= {one["arn"] for one in (*mine, *lattice.list_service_networks()["items"])}
                found |= {one["arn"] for one in lattice.list_target_groups()["items"]}
                for one in (it for it in mine if f":{account}:" in it["arn"]):
                    found |= {it["arn"] for it in lattice.list_listeners(serviceIdentifier=one["id"])["items"]}
                    joined = lattice.list_service_network_service_associations(serviceIdentifier=one["id"])
                    found |= {it["arn"] for it in joined["items"]}
                joined = lattice.list_service_network_vpc_associations(vpcIdentifier=self.vpc)
                found |= {it["arn"] for it in joined["items"]}
        return found

    def standing(self) -> Standing:
        return stand(self.cloud, [NETWORK, TEAM])

    def physical(self) -> dict[str, str]:
        """The stacks' resources, by stack and logical id."""
        return {
            f"{'network' if account == NETWORK and name == STACK else account} {logical}": resource.made.id
            for account, name in ((NETWORK, STACK), (NETWORK, MEMBER_STACK), (TEAM, MEMBER_STACK))
            for logical, resource in self.cloud.stacks.stack(account, name).resources.items()
        }

    def items(self) -> dict[str, dict[str, Any]]:
        found = self.cloud.client("dynamodb", NETWORK).scan(TableName=TABLE)["Items"]
        return {one["account"]["S"]: {key: next(iter(value.values())) for key, value in one.items()} for one in found}

    def announced(self, since: int) -> list[str]:
        """What was announced since then, but for looks that the watch asked for and sweeps."""
        told = [record.event for record in self.cloud.journal.of(EventRecord, since)]
        ours = [one["detail-type"] for one in told if one["source"] == "lattice.onramp"]
        return [one for one in ours if one not in ("Look", "Sweep")]

    # --- the load

    def keep_asking(self, balancer: str) -> None:
        """From now on a request follows each call to AWS that may change something, and each step of time."""
        self._url = f"http://{self.answers(balancer)['domain']}/"
        self.cloud.gate.observe(lambda _, changes: self._ask() if changes else None, lambda *_: True)
        self.cloud.clock.on_move(lambda _: self._ask())

    def _ask(self) -> None:
        if self._asking:
            return
        self._asking = True
        try:
            answer = networks.request(self.cloud, CALLER, self._url)
        finally:
            self._asking = False
        self.asked[answer.status, answer.stopped_at] += 1

    def sweep(self) -> None:
        """Let every account ring by its schedule, and all that comes of it happen."""
        self.cloud.clock.advance(SWEEP)
        self.cloud.settle()


@contextmanager
def estate() -> Iterator[Estate]:
    """A VPC that calls, in the network account; load balancers `orders`, `later` and `last` in the team's."""
    client = worlds.Vpc(name="callers", cidr="10.0.0.0/16", subnets=("10.0.1.0/24",))
    served = worlds.Vpc(name="served", cidr="10.1.0.0/16", subnets=("10.1.1.0/24", "10.1.2.0/24"))
    shop = worlds.Instance(
        name="shop", vpc="served", ip="10.1.1.20", serves=(worlds.Serves(port=80, server="shop", body="open"),)
    )
    listener = worlds.BalancerListener(port=80, protocol="HTTP", targets=("shop",))
    names = ("orders", "later", "last")
    balancers = tuple(worlds.LoadBalancer(name=name, vpc="served", listeners=(listener,)) for name in names)
    caller = worlds.Instance(name="caller", vpc="callers", ip=CALLER)
    with LocalCloud() as cloud:
        worlds.build(
            cloud,
            worlds.World(
                accounts=(
                    worlds.Account(id=NETWORK, vpcs=(client,), instances=(caller,)),
                    worlds.Account(id=TEAM, vpcs=(served,), instances=(shop,), load_balancers=balancers),
                )
            ),
        )
        found = Estate(cloud)
        [found.vpc] = [one["VpcId"] for one in cloud.client("ec2", NETWORK).describe_vpcs()["Vpcs"] if one.get("Tags")]
        for one in cloud.client("elbv2", TEAM).describe_load_balancers()["LoadBalancers"]:
            found.balancers[one["LoadBalancerName"]] = one["LoadBalancerArn"]
        cloud.clock.advance(120)  # load balancers are being provisioned at first
        yield found


def _listed(tags: dict[str, str]) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in tags.items()]


def summary(item: dict[str, Any]) -> dict[str, Any]:
    """What the table keeps of an account."""
    found: dict[str, Any] = json.loads(item["summary"])
    return found


THIS = ROOT
"""This version, as it stands in the tree."""

EVERY_RELEASE = releases()
