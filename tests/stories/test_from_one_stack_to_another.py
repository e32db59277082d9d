"""Two stacks serve the same members, and a service goes from the one's hand into the other's by both owners' word: its
name stays, and no request fails.
"""

import dataclasses
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from msgspec.structs import replace
from onramp.core import tags
from onramp.core.language import LANGUAGES

from localcloud import network
from localcloud import world as worlds
from localcloud.cloud import LocalCloud
from localcloud.ground.journal import CallRecord, Record
from replay.stage import deploy
from replay.story import Network
from tests.stories.staged import DEEDS, STORY

INFRA, TEAM = DEEDS[0].account, DEEDS[1].account
[VPC] = DEEDS[0].with_["Resources"]
[BALANCER] = DEEDS[1].with_["ResourceArns"]
WISH = {tag["Key"]: tag["Value"] for tag in DEEDS[1].with_["Tags"]}
OLD, NEW, SERVICE = WISH["lattice:network"], "blue-network", WISH["lattice:service"]
CALLER, OTHERS, OTHER_VPC = "10.1.33.54", "10.2.33.54", "vpc-0d8a7b6c5e4f30211"


@dataclass
class Two:
    """A client on each network; the department's service begins on the old one. `asked`: what became of each request
    of the client there, at every change that a run makes and whenever all rests.
    """

    cloud: LocalCloud
    domain: str = ""
    asked: list[int | str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.cloud.journal.hear(self.hear)

    def hear(self, record: Record) -> None:
        changes = isinstance(record, CallRecord) and record.function and record.mutating
        if self.domain and changes:
            self.asked.append(self.asks())

    @property
    def lattice(self) -> Any:
        return self.cloud.client("vpc-lattice", TEAM)

    def asks(self, caller: str = CALLER, domain: str = "") -> int | str:
        with self.cloud.gate.quiet():
            answer = network.request(self.cloud, caller, f"http://{domain or self.domain}/")
        return answer.stopped_at or answer.status

    def settle(self) -> None:
        self.cloud.settle()
        if self.domain:
            self.asked.append(self.asks())

    def wish(self, name: str, service: str = SERVICE) -> None:
        wish = {**WISH, "lattice:network": name, "lattice:service": service}
        given = [{"Key": key, "Value": value} for key, value in wish.items()]
        self.cloud.client("elbv2", TEAM).add_tags(ResourceArns=[BALANCER], Tags=given)
        self.settle()

    def enter(self, vpc: str, name: str) -> None:
        given = [{"Key": "lattice:network", "Value": name}]
        self.cloud.client("ec2", INFRA).create_tags(Resources=[vpc], Tags=given)
        self.settle()

    def service(self) -> str:
        [there] = [one for one in self.lattice.list_services()["items"] if one["name"] == SERVICE]
        return str(there["arn"])

    def group(self) -> str:
        [there] = self.lattice.list_target_groups()["items"]
        return str(there["arn"])

    def say(self, word: str, *arns: str) -> None:
        for arn in arns:
            self.lattice.tag_resource(resourceArn=arn, tags={word: tags.YES})
        self.settle()

    def unsay(self, word: str, *arns: str) -> None:
        for arn in arns:
            self.lattice.untag_resource(resourceArn=arn, tagKeys=[word])
        self.settle()

    def marks(self) -> dict[str, str]:
        """Thing -> whose mark it bears, '' none."""
        service = self.service()
        listeners = self.lattice.list_listeners(serviceIdentifier=service)["items"]
        joined = self.lattice.list_service_network_service_associations(serviceIdentifier=service)["items"]
        arns = {"service": service, "targets": self.group()}
        arns |= {f"listener {one['port']}": one["arn"] for one in listeners}
        arns |= {f"on {one['serviceNetworkName']}": one["arn"] for one in joined}
        return {thing: self.tags_of(arn).get(tags.OWNER, "") for thing, arn in arns.items()}

    def tags_of(self, arn: str) -> dict[str, str]:
        return dict(self.lattice.list_tags_for_resource(resourceArn=arn)["tags"])

    def told(self) -> dict[str, str]:
        [found] = self.cloud.client("elbv2", TEAM).describe_tags(ResourceArns=[BALANCER])["TagDescriptions"]
        given = {tag["Key"]: tag["Value"] for tag in found["Tags"]}
        return {key.partition(":")[2]: text for key, text in given.items() if key in tags.STATUS_KEYS}


@contextmanager
def two(**more: str) -> Iterator[Two]:
    """`more`: parameters of the new network's stack."""
    with LocalCloud() as cloud:
        worlds.build(cloud, replace(STORY.world, accounts=tuple(map(_grown, STORY.world.accounts))))
        assert STORY.world.network is not None
        for name, other in ((OLD, NEW), (NEW, OLD)):
            given = {**STORY.world.network.parameters, "NetworkName": name, "SiblingNetworks": other}
            given |= more if name == NEW else {}
            deploy(cloud, Network(account=INFRA, name=name, parameters=given), STORY.world.members)
        cloud.settle()
        it = Two(cloud)
        it.enter(VPC, OLD)
        it.enter(OTHER_VPC, NEW)
        it.wish(OLD)
        it.domain = it.told()["domain"]
        assert it.told()["status"] == "connected"
        yield it
        assert set(it.asked) == {200}


def _grown(account: worlds.Account) -> worlds.Account:
    """Without a trail; with a second VPC of a client, in the account that has the first one."""
    account = replace(account, trail=False)
    if account.id != INFRA:
        return account
    vpc = worlds.Vpc(name="other-vpc", id=OTHER_VPC, cidr="10.2.32.0/20", subnets=("10.2.33.0/24",))
    server = worlds.Instance(name="other-server", vpc="other-vpc", ip=OTHERS)
    return replace(account, vpcs=(*account.vpcs, vpc), instances=(*account.instances, server))


def test_a_service_goes_from_one_stack_to_the_other_and_answers_on_both_networks_all_the_while() -> None:
    with two() as it:
        service, group = it.service(), it.group()
        assert (it.asks(), it.asks(OTHERS)) == (200, "service association")
        assert set(it.marks().values()) == {OLD}
        it.say(tags.RELEASE, service)
        assert set(it.marks().values()) == {""}
        assert it.told()["status"] == "refused"
        it.wish(NEW)
        assert it.told()["message"].startswith("name-taken: ")
        it.say(tags.ADOPT, service, group)
        assert set(it.marks().values()) == {""}, "as long as it is taken back"
        it.unsay(tags.RELEASE, service)
        assert it.marks() == {
            "service": NEW,
            "targets": NEW,
            "listener 80": NEW,
            f"on {OLD}": "",
            f"on {NEW}": NEW,
        }
        assert it.told() == {"status": "connected", "domain": it.domain}
        assert it.service() == service
        assert (it.asks(), it.asks(OTHERS)) == (200, 200)
        for _ in range(6):
            it.cloud.clock.advance(3700)
            it.settle()
        assert (it.asks(), it.asks(OTHERS)) == (200, 200)
        assert it.told() == {"status": "connected", "domain": it.domain}


def test_a_service_of_ones_own_making_moves_by_its_tag_and_is_touched_in_nothing_else() -> None:
    with two() as it:
        arn = it.lattice.create_service(name="of-ones-own")["arn"]
        it.cloud.settle()
        answers = {"fixedResponse": {"statusCode": 404}}
        it.lattice.create_listener(serviceIdentifier=arn, name="http", protocol="HTTP", port=80, defaultAction=answers)
        its = it.lattice.get_service(serviceIdentifier=arn)["dnsEntry"]["domainName"]
        for name, other in ((OLD, NEW), (NEW, OLD), (OLD, NEW)):
            it.lattice.tag_resource(resourceArn=arn, tags={"lattice:network": name})
            it.settle()
            joined = it.lattice.list_service_network_service_associations(serviceIdentifier=arn)["items"]
            assert [one["serviceNetworkName"] for one in joined] == [name], f"and not on {other}"
            told = {key: text for key, text in it.tags_of(arn).items() if key in tags.STATUS_KEYS}
            assert told == {tags.STATUS: "connected", tags.DOMAIN: its}
        it.unsay("lattice:network", arn)
        assert it.tags_of(arn) == {}
        assert it.lattice.list_service_network_service_associations(serviceIdentifier=arn)["items"] == []
        assert it.told() == {"status": "connected", "domain": it.domain}


def test_who_moves_under_another_name_answers_in_one_network_until_the_other_has_it_however_slow_that_is() -> None:
    """And back again, where it has the name that its clients have written down."""
    with two() as it:
        slow = dataclasses.replace(it.cloud.lattice.timing, service_create=90.0, service_association_create=60.0)
        it.cloud.lattice.timing = slow
        first, it.domain = it.domain, ""  # not by that name alone
        asked: list[tuple[int | str, int | str]] = []

        def ask(_: float) -> None:
            with it.cloud.gate.quiet():
                names = {one["name"]: one["dnsEntry"]["domainName"] for one in it.lattice.list_services()["items"]}
            asked.append((it.asks(domain=first), it.asks(OTHERS, names["blue"]) if "blue" in names else "no service"))

        it.cloud.clock.on_move(ask)
        for name, service in ((NEW, "blue"), (OLD, SERVICE)):
            asked.clear()
            it.wish(name, service)
            ask(it.cloud.clock.now)
            assert [one for one in asked if 200 not in one] == []
            answers = [[one == 200 for one in each] for each in (asked[0], asked[-1])]
            assert answers == ([[True, False], [False, True]] if name == NEW else [[False, True], [True, False]])
            assert it.told()["status"] == "connected"
        assert it.told()["domain"] == first
        it.domain = first
        it.settle()


def test_a_name_and_a_vpc_that_move_are_asked_for_as_soon_as_the_old_network_has_let_them_go() -> None:
    with two() as it:
        it.settle()
        it.domain = ""  # nobody is promised an answer meanwhile

        def asked(operation: str) -> float:
            return [one.at for one in it.cloud.journal.of(CallRecord) if one.operation == operation][-1]

        began = it.cloud.clock.now
        it.wish(NEW)
        let_go = asked("DeleteServiceNetworkServiceAssociation")
        assert let_go - began < 30, "when the new network has said that it waits for it"
        # Off the network, deleted, and then the service anew.
        assert asked("CreateServiceNetworkServiceAssociation") - let_go < 100
        assert it.told()["status"] == "connected"
        it.enter(OTHER_VPC, OLD)
        began = it.cloud.clock.now
        it.enter(VPC, NEW)
        let_go = asked("DeleteServiceNetworkVpcAssociation")
        assert let_go - began < 30
        assert asked("CreateServiceNetworkVpcAssociation") - let_go < 40
        assert it.asks(domain=it.told()["domain"]) == 200


def test_what_the_other_network_refuses_answers_in_the_old_one_and_moves_when_that_is_mended() -> None:
    with two() as it:
        ec2 = it.cloud.client("ec2", INFRA)
        given = {"lattice:network": NEW, "lattice:listen": "HTTP:99999"}
        wrong = [{"Key": key, "Value": value} for key, value in given.items()]
        it.cloud.client("elbv2", TEAM).add_tags(ResourceArns=[BALANCER], Tags=wrong)
        given = {"lattice:network": NEW, "lattice:allow-from": "10.0.0.0/33"}
        ec2.create_tags(Resources=[VPC], Tags=[{"Key": key, "Value": value} for key, value in given.items()])
        it.settle()
        for _ in range(2):
            it.cloud.clock.advance(3700)
            it.settle()
        assert it.told() | {"message": ""} == {"status": "refused", "domain": it.domain, "message": ""}
        assert it.told()["message"].startswith("tag-invalid: write a port")
        [vpc] = ec2.describe_vpcs(VpcIds=[VPC])["Vpcs"]
        assert {tag["Value"] for tag in vpc["Tags"] if tag["Key"] == tags.STATUS} == {"refused"}
        assert it.asks() == 200
        assert set(it.asked) == {200}
        it.domain = ""  # it has another one there
        ec2.delete_tags(Resources=[VPC], Tags=[{"Key": "lattice:allow-from"}])
        it.wish(NEW)
        assert it.told()["status"] == "connected"
        assert it.asks(domain=it.told()["domain"]) == 200


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_the_other_network_has_to_approve_goes_there_when_that_is_done_and_not_at_a_sweep(language: str) -> None:
    """No trail tells the old network of it: the answer does, which the new one changes then."""
    with two(ApprovalRequired="services", Language=language) as it:
        # The new network is shared with the account already: RAM tells the old one of nothing, either.
        [there] = it.cloud.client("elbv2", TEAM).describe_load_balancers()["LoadBalancers"]
        given = [{"Key": "lattice:network", "Value": NEW}]
        it.cloud.client("ec2", TEAM).create_tags(Resources=[there["VpcId"]], Tags=given)
        it.settle()
        it.wish(NEW)
        it.cloud.clock.advance(600)
        waits = re.search("[0-9]{12}-[0-9a-f]{40}", it.told()["message"])
        assert waits is not None
        assert (it.asks(), set(it.asked)) == (200, {200})
        it.domain = ""  # it has another one there
        said = {"id": waits[0], "by": "ayumi"}
        it.cloud.client("events", INFRA).put_events(
            Entries=[
                {
                    "EventBusName": f"onramp-{NEW}",
                    "Source": "lattice.onramp",
                    "DetailType": "Approve",
                    "Detail": json.dumps(said),
                }
            ]
        )
        began = it.cloud.clock.now
        while it.told()["status"] != "connected":
            it.cloud.clock.advance(1)
            assert it.cloud.clock.now < began + 300, it.told()
        assert it.asks(OTHERS, it.told()["domain"]) == 200


def test_who_leaves_has_its_answer_from_the_network_that_has_it_still() -> None:
    with two() as it:
        it.settle()
        it.domain = ""  # nobody is promised an answer any more
        untold: list[str] = []
        said: set[str] = set()
        infra = it.cloud.client("ec2", INFRA)

        def client() -> str:
            given = {tag["Key"]: tag["Value"] for tag in infra.describe_vpcs(VpcIds=[VPC])["Vpcs"][0]["Tags"]}
            return given.get(tags.STATUS, "")

        def hear(record: Record) -> None:
            if not (isinstance(record, CallRecord) and record.function and record.mutating):
                return
            with it.cloud.gate.quiet():
                groups = [one["arn"] for one in it.lattice.list_target_groups()["items"]]
                targets = [
                    one["id"] for arn in groups for one in it.lattice.list_targets(targetGroupIdentifier=arn)["items"]
                ]
                joined = it.cloud.client("vpc-lattice", INFRA).list_service_network_vpc_associations(vpcIdentifier=VPC)
                says = {
                    "load balancer": it.told().get("status", "") if BALANCER in targets else None,
                    "VPC": client() if joined["items"] else None,
                }
            said.update(text for text in says.values() if text)
            untold.extend(who for who, text in says.items() if text == "")

        it.cloud.journal.hear(hear)
        infra.delete_tags(Resources=[VPC], Tags=[{"Key": tag["Key"]} for tag in DEEDS[0].with_["Tags"]])
        it.cloud.client("elbv2", TEAM).remove_tags(ResourceArns=[BALANCER], TagKeys=list(WISH))
        it.cloud.settle()
        assert untold == []
        assert "disconnecting" in said
        assert (it.told(), client()) == ({}, "")
