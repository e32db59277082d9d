"""What the local network does with a request, and what is told of it: neither says what the other denies.

Invented changes are made to a load balancer that works, and after them both are asked.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from onramp.aws.account import Account
from onramp.aws.reach import Reach
from onramp.core.reach import Asked, Finding, unreachable_client, unreachable_service

from localcloud import network
from localcloud import world as worlds
from localcloud.cloud import LocalCloud
from localcloud.services.acm.moto import issue

CALLER, TEAM = "111111111111", "222222222222"
VPC, BEHIND = "vpc-0aaaaaaaaaaaaaaa1", "vpc-0bbbbbbbbbbbbbbb2"
HOPS = ("dns", "load balancer", "target")

WORLD = worlds.World(
    organization=worlds.Organization(id="o-a1b2c3d4e5"),
    accounts=(
        worlds.Account(
            id=CALLER, vpcs=(worlds.Vpc(name="callers", id=VPC, cidr="10.1.0.0/16", subnets=("10.1.0.0/24",)),)
        ),
        worlds.Account(
            id=TEAM,
            vpcs=(worlds.Vpc(name="app", id=BEHIND, cidr="10.2.0.0/16", subnets=("10.2.0.0/24", "10.2.1.0/24")),),
            instances=tuple(
                worlds.Instance(name=name, vpc="app", ip=ip, serves=(worlds.Serves(port=8080, status=status),))
                for name, ip, status in (("web", "10.2.0.5", 200), ("api", "10.2.0.6", 200), ("sick", "10.2.0.7", 503))
            ),
            load_balancers=(
                worlds.LoadBalancer(
                    name="orders",
                    vpc="app",
                    listeners=(
                        worlds.BalancerListener(protocol="HTTP", port=80, targets=("web",)),
                        worlds.BalancerListener(protocol="HTTPS", port=443, targets=("web",)),
                    ),
                ),
            ),
        ),
    ),
)


@dataclass
class Bench:
    """Two services of one load balancer: `plain` by HTTP:80, `sealed` by HTTPS:443."""

    cloud: LocalCloud
    member: Account
    client: Account
    services: dict[str, dict[str, Any]] = field(default_factory=dict)
    certificate: str = ""
    reach: Reach = field(default_factory=Reach)

    def __post_init__(self) -> None:
        self.ec2, self.elb = (self.cloud.client(name, TEAM) for name in ("ec2", "elbv2"))
        item = self.elb.describe_load_balancers()["LoadBalancers"][0]
        self.arn, self.groups = str(item["LoadBalancerArn"]), list(item["SecurityGroups"])
        self.instances = {
            next(tag["Value"] for tag in it["Tags"] if tag["Key"] == "Name"): it["InstanceId"]
            for reservation in self.ec2.describe_instances()["Reservations"]
            for it in reservation["Instances"]
        }
        self.forwards = {name: self._group(name, targets) for name, targets in GROUPS.items()}

    def _group(self, name: str, targets: tuple[str, ...]) -> str:
        arn = self.elb.create_target_group(Name=name, Protocol="HTTP", Port=8080, VpcId=BEHIND)["TargetGroups"][0]
        if targets:
            chosen = [{"Id": self.instances[target]} for target in targets]
            self.elb.register_targets(TargetGroupArn=arn["TargetGroupArn"], Targets=chosen)
        return str(arn["TargetGroupArn"])

    def listener(self, port: int) -> dict[str, Any] | None:
        found = self.elb.describe_listeners(LoadBalancerArn=self.arn)["Listeners"]
        return next((it for it in found if it["Port"] == port), None)

    def ask(self, service: str) -> network.Answer:
        domain = self.services[service]["dnsEntry"]["domainName"]
        return network.request(self.cloud, "10.1.0.4", f"http://{domain}/api/orders")

    def told(self, service: str) -> Finding | None:
        client = self.reach.vpcs(self.client, {VPC: ()})[VPC]
        asked = ASKED[service](self.arn, self.certificate)
        facts = self.reach.balancers(self.member, (asked,))[asked]
        lattice = self.reach.lattice(self.member)
        return unreachable_client(client) or unreachable_service(facts, lattice, certificate=asked.certificate)


GROUPS: dict[str, tuple[str, ...]] = {"one": ("web",), "two": ("web", "api"), "sick": ("sick",), "empty": ()}
ASKED: dict[str, Callable[[str, str], Asked]] = {
    "plain": lambda arn, _: Asked(load_balancer=arn, protocol="HTTP", port=80),
    "sealed": lambda arn, certificate: Asked(load_balancer=arn, protocol="HTTPS", port=443, certificate=certificate),
}


@pytest.fixture(scope="module")
def bench() -> Iterator[Bench]:
    with LocalCloud() as cloud:
        worlds.build(cloud, WORLD)
        theirs, ours = (cloud.client("vpc-lattice", account) for account in (CALLER, TEAM))
        shared = theirs.create_service_network(name="shared", authType="NONE")
        cloud.client("ram", CALLER).create_resource_share(
            name="shared", resourceArns=[shared["arn"]], principals=[TEAM], allowExternalPrincipals=False
        )
        theirs.create_service_network_vpc_association(serviceNetworkIdentifier=shared["id"], vpcIdentifier=VPC)
        bench = Bench(cloud, *(Account(cloud.session(account), account) for account in (TEAM, CALLER)))
        for name, ask in ASKED.items():
            asked = ask(bench.arn, "")
            config = {"protocol": asked.protocol, "port": asked.port, "vpcIdentifier": BEHIND}
            group = ours.create_target_group(name=name, type="ALB", config=config)
            service = ours.create_service(name=f"{name}-orders", authType="NONE")
            cloud.settle()
            ours.register_targets(targetGroupIdentifier=group["id"], targets=[{"id": bench.arn, "port": asked.port}])
            ours.create_listener(
                serviceIdentifier=service["id"],
                name="http",
                protocol="HTTP",
                defaultAction={"forward": {"targetGroups": [{"targetGroupIdentifier": group["id"]}]}},
            )
            ours.create_service_network_service_association(
                serviceIdentifier=service["id"], serviceNetworkIdentifier=shared["arn"]
            )
            bench.services[name] = service
        cloud.settle()
        yield bench


# --- what may change

type Draw = Callable[[Sequence[Any]], Any]
"""Chooses one of several."""

REDIRECT = {"Type": "redirect", "RedirectConfig": {"Protocol": "HTTPS", "Port": "443", "StatusCode": "HTTP_301"}}
FIXED_404 = {"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "404"}}
FIXED_200 = {"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "200"}}


def restore(bench: Bench) -> None:
    """All is well: each listener forwards to one server, certificates match, Lattice is admitted, names resolve."""
    switch_dns(bench, "")
    bench.ec2.start_instances(InstanceIds=list(bench.instances.values()))
    admit_only(bench, "Lattice", (80, 443))
    for port, protocol in ((80, "HTTP"), (443, "HTTPS")):
        make_listener(bench, protocol, port)
    give_certificate(bench, "orders")


def admit_only(bench: Bench, who: str, ports: tuple[int, int]) -> None:
    lists = bench.ec2.describe_managed_prefix_lists()["PrefixLists"]
    ids = {it["PrefixListName"].removeprefix("com.amazonaws.ap-northeast-1."): it["PrefixListId"] for it in lists}
    sources: dict[str, dict[str, Any]] = {
        "Lattice": {"PrefixListIds": [{"PrefixListId": ids["vpc-lattice"]}]},
        "Lattice by IPv6": {"PrefixListIds": [{"PrefixListId": ids["ipv6.vpc-lattice"]}]},
        "another service of AWS": {"PrefixListIds": [{"PrefixListId": ids["s3"]}]},
        "its own VPC": {"IpRanges": [{"CidrIp": "10.2.0.0/16"}]},
        "everybody": {"IpRanges": [{"CidrIp": "0.0.0.0/0"}]},
        "half of Lattice": {"IpRanges": [{"CidrIp": "169.254.171.128/25"}]},
        "itself": {"UserIdGroupPairs": [{"GroupId": bench.groups[0]}]},
    }
    before = bench.ec2.describe_security_groups(GroupIds=bench.groups)["SecurityGroups"][0]["IpPermissions"]
    if before:
        bench.ec2.revoke_security_group_ingress(GroupId=bench.groups[0], IpPermissions=before)
    if who in sources:
        permission = {"IpProtocol": "tcp", "FromPort": ports[0], "ToPort": ports[1], **sources[who]}
        bench.ec2.authorize_security_group_ingress(GroupId=bench.groups[0], IpPermissions=[permission])


def make_listener(bench: Bench, protocol: str, port: int) -> None:
    """In place of the one on that port, with the certificate of `orders` if it is an HTTPS one."""
    remove_listener(bench, port)
    given: dict[str, Any] = {"Certificates": [{"CertificateArn": certificate(bench, "orders")}]}
    bench.elb.create_listener(
        LoadBalancerArn=bench.arn,
        Protocol=protocol,
        Port=port,
        DefaultActions=[{"Type": "forward", "TargetGroupArn": bench.forwards["one"]}],
        **(given if protocol == "HTTPS" else {}),
    )


def remove_listener(bench: Bench, port: int) -> None:
    listener = bench.listener(port)
    if listener is not None:
        bench.elb.delete_listener(ListenerArn=listener["ListenerArn"])


def certificate(bench: Bench, name: str) -> str:
    acm = bench.cloud.client("acm", TEAM)
    arn = str(acm.request_certificate(DomainName=f"{name}.example.jp", IdempotencyToken=name)["CertificateArn"])
    issue(TEAM, bench.cloud.region, arn)
    return arn


def give_certificate(bench: Bench, name: str) -> None:
    bench.certificate = certificate(bench, name)
    bench.cloud.client("vpc-lattice", TEAM).update_service(
        serviceIdentifier=bench.services["sealed"]["id"], certificateArn=bench.certificate
    )


DNS = ("EnableDnsHostnames", "EnableDnsSupport")


def switch_dns(bench: Bench, off: str) -> None:
    # Names are switched on only where support is.
    for name, value in (("EnableDnsSupport", True), *((name, name != off) for name in DNS)):
        given: dict[str, Any] = {name: {"Value": value}}
        bench.cloud.client("ec2", CALLER).modify_vpc_attribute(VpcId=VPC, **given)


def admit(bench: Bench, draw: Draw) -> str:
    who = draw(
        (
            "Lattice",
            "Lattice by IPv6",
            "another service of AWS",
            "its own VPC",
            "everybody",
            "half of Lattice",
            "itself",
            "nobody",
        )
    )
    ports = draw(((80, 443), (443, 443), (80, 80), (1, 79)))
    admit_only(bench, who, ports)
    return f"{who} is admitted to {ports}"


def actions(bench: Bench) -> list[dict[str, Any]]:
    def weighed(**weights: int) -> dict[str, Any]:
        groups = [{"TargetGroupArn": bench.forwards[name], "Weight": weight} for name, weight in weights.items()]
        return {"Type": "forward", "ForwardConfig": {"TargetGroups": groups}}

    return [
        *({"Type": "forward", "TargetGroupArn": group} for group in bench.forwards.values()),
        weighed(one=1, empty=0),
        weighed(one=0, empty=1),
        weighed(one=0, two=0),
        weighed(one=1, two=2),
        REDIRECT,
        FIXED_404,
    ]


def act(bench: Bench, draw: Draw) -> str:
    """What a listener does by default."""
    listener, chosen = bench.listener(draw((80, 443))), draw([*actions(bench), FIXED_200])
    if listener is None:
        return "nothing is changed"
    bench.elb.modify_listener(ListenerArn=listener["ListenerArn"], DefaultActions=[chosen])
    return f"{listener['Port']} does {chosen}"


def rule(bench: Bench, draw: Draw) -> str:
    """A rule beside the default action, of which half hold of what is asked here."""
    listener, chosen = bench.listener(draw((80, 443))), draw(actions(bench))
    priority, path = draw(((1, "/api/*"), (2, "/other")))
    if listener is None or str(priority) in ruled(bench, listener["Port"]):
        return "nothing is changed"
    bench.elb.create_rule(
        ListenerArn=listener["ListenerArn"],
        Priority=priority,
        Conditions=[{"Field": "path-pattern", "Values": [path]}],
        Actions=[chosen],
    )
    return f"{listener['Port']} does for {path} {chosen}"


def ruled(bench: Bench, port: int) -> set[str]:
    """The priorities of rules besides: where there are some, one request tells nothing of all the others."""
    listener = bench.listener(port)
    rules = bench.elb.describe_rules(ListenerArn=listener["ListenerArn"])["Rules"] if listener else ()
    return {it["Priority"] for it in rules if not it["IsDefault"]}


def listen(bench: Bench, draw: Draw) -> str:
    """A listener goes, or comes back with another protocol."""
    port, protocol = draw((80, 443)), draw(("HTTP", "HTTPS", ""))
    if protocol:
        make_listener(bench, protocol, port)
    else:
        remove_listener(bench, port)
    return f"{port} speaks {protocol or 'nothing'}"


def certify(bench: Bench, draw: Draw) -> str:
    """The service has a certificate that the listener has for another host name, or one that it has not at all."""
    name, listener = draw(("shop", "third")), bench.listener(443)
    give_certificate(bench, name)
    if listener is not None and listener["Protocol"] == "HTTPS" and name == "shop":
        bench.elb.add_listener_certificates(
            ListenerArn=listener["ListenerArn"], Certificates=[{"CertificateArn": bench.certificate}]
        )
    return f"the service has the certificate {name}"


def stop(bench: Bench, draw: Draw) -> str:
    name = draw(("web", "api"))
    bench.ec2.stop_instances(InstanceIds=[bench.instances[name]])
    return f"{name} is stopped"


def unresolve(bench: Bench, draw: Draw) -> str:
    off = draw(DNS)
    switch_dns(bench, off)
    return f"the callers' VPC lacks {off}"


# Some have more ways to go wrong than others.
DEEDS = (*[act] * 5, *[listen] * 2, *[rule] * 2, admit, certify, stop, unresolve)


@pytest.mark.long
def test_what_stops_a_request_is_told_and_where_one_is_answered_nothing_is(bench: Bench) -> None:
    seen: Counter[str] = Counter()

    @settings(max_examples=40, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
    @given(st.data())
    def agree(data: st.DataObject) -> None:
        restore(bench)
        deeds = data.draw(st.lists(st.sampled_from(DEEDS), max_size=2))
        said = [deed(bench, lambda several: data.draw(st.sampled_from(list(several)))) for deed in deeds]
        bench.cloud.settle()
        for service, port in (("plain", 80), ("sealed", 443)):
            answer, told = bench.ask(service), bench.told(service)
            story = f"{service}: {answer.status} {answer.hops[-1].because}; told: {told}; since {said}"
            if answer.status == 200:
                assert told is None, story
            elif not ruled(bench, port) and (answer.stopped_at or answer.status in (301, 404)):
                assert answer.stopped_at in ("", *HOPS), story
                assert told is not None, story
            seen[told.code if told else "nothing" if answer.status == 200 else "other"] += 1

    agree()
    assert len(seen) > 6, f"little came up: {seen}"


def does(action: dict[str, Any]) -> Callable[[Bench], object]:
    """Both listeners do so by default."""
    return lambda bench: [
        bench.elb.modify_listener(ListenerArn=found["ListenerArn"], DefaultActions=[action])
        for port in (80, 443)
        if (found := bench.listener(port))
    ]


@pytest.mark.parametrize(
    ("breaks", "stops", "code"),
    [
        (lambda bench: None, (200, ""), ""),
        (lambda bench: switch_dns(bench, "EnableDnsHostnames"), (0, "dns"), "vpc-dns-off"),
        (lambda bench: admit_only(bench, "its own VPC", (80, 443)), (504, "load balancer"), "security-group"),
        (lambda bench: remove_listener(bench, 443), (504, "load balancer"), "listener-missing"),
        (lambda bench: make_listener(bench, "HTTP", 443), (502, "load balancer"), "listener-protocol"),
        (lambda bench: give_certificate(bench, "third"), (502, "load balancer"), "certificate-mismatch"),
        (does(REDIRECT), (301, ""), "listener-redirects"),
        (does(FIXED_404), (404, ""), "listener-answers-itself"),
        (does(FIXED_200), (200, ""), ""),
        (lambda bench: stop(bench, lambda _: "web"), (503, "target"), "no-healthy-target"),
        (lambda bench: does({"Type": "forward", "TargetGroupArn": bench.forwards["sick"]})(bench), (503, ""), ""),
        (
            lambda bench: does({"Type": "forward", "TargetGroupArn": bench.forwards["empty"]})(bench),
            (503, "load balancer"),
            "no-healthy-target",
        ),
    ],
)
def test_each_thing_that_stops_a_request_is_told_by_its_name(
    bench: Bench, breaks: Callable[[Bench], object], stops: tuple[int, str], code: str
) -> None:
    restore(bench)
    breaks(bench)
    bench.cloud.settle()
    answer, told = bench.ask("sealed"), bench.told("sealed")
    assert (answer.status, answer.stopped_at) == stops, answer.hops[-1].because
    assert (told.code if told else "") == code
