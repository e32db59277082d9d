"""A member account with a service and a client, and runs over it by the functions' own handlers."""

from collections.abc import Callable
from typing import Any

from onramp import wiring
from onramp.core import tags
from onramp.core.report import Announcement, Report, report
from onramp.core.run import Memory, Run
from onramp.core.state import from_state, to_state

from localcloud import world as worlds
from localcloud.ground.journal import CallRecord
from localcloud.ground.serves import Serves
from replay.truth import unfounded, untrue
from tests.place import NETWORK, TEAM, Place, member_role

type Handler = Callable[[dict[str, Any]], Any]

ANSWERS = frozenset({"AddTags", "RemoveTags", "CreateTags", "DeleteTags"})
PREFIX = "lattice:"


class Member:
    """The team's account: `orders` is an internal load balancer with a server behind it, `main` the VPC of both.

    `told`: what its runs announced; `wrong`: what of that, or of its answers, was not so.
    """

    def __init__(self, place: Place, function: Callable[[str], Handler]) -> None:
        vpc = worlds.Vpc(name="main", cidr="10.0.0.0/16", subnets=("10.0.1.0/24", "10.0.2.0/24"))
        server = worlds.Instance(name="server", vpc="main", ip="10.0.1.10", serves=(Serves(port=80, server="nginx"),))
        balancer = worlds.LoadBalancer(
            name="orders",
            vpc="main",
            listeners=(worlds.BalancerListener(protocol="HTTP", port=80, targets=("server",)),),
        )
        account = worlds.Account(id=TEAM, vpcs=(vpc,), instances=(server,), load_balancers=(balancer,))
        worlds.build(place.cloud, worlds.World(accounts=(account,)))
        self.place = place
        self._elb = place.cloud.client("elbv2", TEAM)
        self._ec2 = place.cloud.client("ec2", TEAM)
        [self.balancer] = [one["LoadBalancerArn"] for one in self._elb.describe_load_balancers()["LoadBalancers"]]
        named = self._ec2.describe_vpcs(Filters=[{"Name": "tag:Name", "Values": ["main"]}])["Vpcs"]
        [self.vpc] = [one["VpcId"] for one in named]
        self.memory = Memory()
        self.told: list[Announcement] = []
        self.wrong: list[str] = []
        self._plan, self._apply = function("plan"), function("apply")
        self._runs = 0
        member_role(place, "reader")
        member_role(place, "writer")

    def run(self, *, judged: bool = True) -> Report:
        """One run, from its first look to its report, which the next one remembers. `judged`: what it tells is held
        against what is.
        """
        self._runs += 1
        name = f"{TEAM}-run{self._runs}"
        run = Run(account=TEAM, trigger={"about": "a tag"}, memory=self.memory)
        state = to_state(run)
        while True:
            state = self._plan(state)
            planned = state["plan"]
            if planned["next"] == "done":
                break
            field = "finished" if planned["next"] == "finish" else "outcomes"
            if planned["next"] != "wait":
                given = {"batches": planned["batches"], "execution": name, "round": state["round"]}
                state[field] = self._apply(given)
            if planned["next"] == "finish":
                break
            self.place.cloud.clock.advance(planned["wait_seconds"])
            self.place.cloud.settle()
        said = report(wiring.settings().network, from_state(state))
        self.memory = said.memory
        self.told += said.announcements
        for one in said.announcements if judged else ():
            self.wrong += unfounded(self.place.cloud, {"detail-type": one.detail_type, "detail": one.detail})
        self.wrong += untrue(self.place.cloud, TEAM) if judged else ()
        return said

    def tag(self, resource: str, **given: str) -> None:
        """Put these tags, without their prefix, on the load balancer or the VPC."""
        put: Any = [{"Key": f"{PREFIX}{key.replace('_', '-')}", "Value": value} for key, value in given.items()]
        if resource == self.vpc:
            self._ec2.create_tags(Resources=[resource], Tags=put)
        else:
            self._elb.add_tags(ResourceArns=[resource], Tags=put)

    def untag(self, resource: str, *keys: str) -> None:
        if resource == self.vpc:
            self._ec2.delete_tags(Resources=[resource], Tags=[{"Key": f"{PREFIX}{key}"} for key in keys])
        else:
            self._elb.remove_tags(ResourceArns=[resource], TagKeys=[f"{PREFIX}{key}" for key in keys])

    def answers(self) -> dict[str, dict[str, str]]:
        """What stands on the load balancer and on the VPC, our keys without their prefix."""
        of_balancer = self._elb.describe_tags(ResourceArns=[self.balancer])["TagDescriptions"][0]["Tags"]
        of_vpc = self._ec2.describe_vpcs(VpcIds=[self.vpc])["Vpcs"][0].get("Tags", [])
        return {
            resource: {
                one["Key"].removeprefix("lattice-onramp:"): one["Value"]
                for one in found
                if one["Key"] in tags.STATUS_KEYS
            }
            for resource, found in ((self.balancer, of_balancer), (self.vpc, of_vpc))
        }

    def changes(self) -> list[str]:
        """Operations that changed something, but for answers, in the order in which they were called."""
        calls = self.place.cloud.journal.of(CallRecord)
        ours = [
            one for one in calls if one.role == "onramp-net-writer" or (one.service == "ram" and one.account == NETWORK)
        ]
        return [one.operation for one in ours if one.mutating and one.outcome == "ok" and one.operation not in ANSWERS]
