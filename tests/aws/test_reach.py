"""Reading what decides whether a request gets through: few calls, and what is not told costs itself alone."""

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from botocore.awsrequest import AWSResponse
from onramp.aws.account import Account
from onramp.aws.reach import Reach
from onramp.core.errors import NotYet
from onramp.core.model import Ingress
from onramp.core.reach import Asked, BalancerFacts, TargetHealth, unreachable_service

from localcloud import world as worlds
from localcloud.cloud import LocalCloud
from localcloud.door.faults import Fault
from localcloud.services.acm.moto import issue
from tests.aws.canned import Canned

TEAM = "222222222222"
REGION = "ap-northeast-1"


@dataclass
class Scene:
    """One account: load balancer `orders` with HTTP:80 to one server, and the same again as `bills`."""

    cloud: LocalCloud
    member: Account
    arns: dict[str, str]
    calls: Counter[str] = field(default_factory=Counter)
    reach: Reach = field(default_factory=Reach)

    @property
    def elb(self) -> Any:
        return self.cloud.client("elbv2", TEAM)

    @property
    def ec2(self) -> Any:
        return self.cloud.client("ec2", TEAM)

    def asked(self, name: str = "orders", protocol: str = "HTTP", port: int = 80, **given: Any) -> Asked:
        return Asked(load_balancer=self.arns[name], protocol=protocol, port=port, **given)

    def look(self, *asked: Asked) -> list[BalancerFacts]:
        wanted = asked or (self.asked(),)
        found = self.reach.balancers(self.member, wanted)
        return [found[one] for one in wanted]

    def listener(self, name: str = "orders") -> str:
        return str(self.elb.describe_listeners(LoadBalancerArn=self.arns[name])["Listeners"][0]["ListenerArn"])

    def acts(self, *actions: dict[str, Any]) -> None:
        self.elb.modify_listener(ListenerArn=self.listener(), DefaultActions=list(actions))

    def group(self) -> dict[str, Any]:
        found: dict[str, Any] = self.elb.describe_target_groups(LoadBalancerArn=self.arns["orders"])["TargetGroups"][0]
        return found

    def another_group(self, name: str) -> str:
        made = self.elb.create_target_group(Name=name, Protocol="HTTP", Port=80, VpcId=self.group()["VpcId"])
        return str(made["TargetGroups"][0]["TargetGroupArn"])

    def security_group(self) -> str:
        item = self.elb.describe_load_balancers(LoadBalancerArns=[self.arns["orders"]])["LoadBalancers"][0]
        return str(item["SecurityGroups"][0])

    def refuse(self, operation: str, code: str = "AccessDenied", status: int = 403) -> None:
        """From now on AWS answers this operation so, whoever it is asked about."""
        service = "ec2" if operation in EC2 else "elbv2"
        name = self.member.client(service).meta.service_model.service_id.hyphenize()

        def answer(**_: Any) -> tuple[AWSResponse, dict[str, Any]]:
            response = AWSResponse("https://localhost", status, {}, None)  # type: ignore[arg-type]  # nobody reads it
            return response, {
                "Error": {"Code": code, "Message": "no"},
                "ResponseMetadata": {"HTTPStatusCode": status},
            }

        self.member.client(service).meta.events.register(f"before-call.{name}.{operation}", answer)


EC2 = (
    "DescribeSecurityGroups",
    "DescribeManagedPrefixLists",
    "GetManagedPrefixListEntries",
    "DescribeVpcAttribute",
)
ELB = ("DescribeLoadBalancers", "DescribeListeners", "DescribeTargetHealth")


@pytest.fixture
def scene() -> Iterator[Scene]:
    vpc = worlds.Vpc(name="main", cidr="10.0.0.0/16", subnets=("10.0.1.0/24", "10.0.2.0/24"))
    web = worlds.Instance(name="web", vpc="main", ip="10.0.1.5", serves=(worlds.Serves(port=8080),))
    listener = worlds.BalancerListener(protocol="HTTP", port=80, targets=("web",))
    balancers = tuple(worlds.LoadBalancer(name=name, vpc="main", listeners=(listener,)) for name in ("orders", "bills"))
    account = worlds.Account(id=TEAM, vpcs=(vpc,), instances=(web,), load_balancers=balancers)
    with LocalCloud(enforce_iam=False) as cloud:
        worlds.build(cloud, worlds.World(accounts=(account,)))
        items = cloud.client("elbv2", TEAM).describe_load_balancers()["LoadBalancers"]
        scene = Scene(
            cloud, Account(cloud.session(TEAM), TEAM), {it["LoadBalancerName"]: it["LoadBalancerArn"] for it in items}
        )
        for service in ("ec2", "elbv2"):
            scene.member.client(service).meta.events.register_first(
                "before-call", lambda model, **_: scene.calls.update([model.name])
            )
        yield scene


def test_all_that_decides_is_read(scene: Scene) -> None:
    facts = scene.look()[0]
    lattice = scene.reach.lattice(scene.member)
    assert lattice is not None
    assert [one.name for one in lattice.lists] == [
        f"com.amazonaws.{REGION}.vpc-lattice",
        f"com.amazonaws.{REGION}.ipv6.vpc-lattice",
    ]
    assert [one.cidrs for one in lattice.lists] == [("169.254.171.0/24",), ("fd00:ec2:80::/64",)]
    assert facts == BalancerFacts(
        arn=scene.arns["orders"],
        protocol="HTTP",
        port=80,
        listens="HTTP",
        action="forward",
        weightless=False,
        targets=(TargetHealth(state="healthy"),),
        certificates=frozenset(),
        refused=(),
        security_groups=(scene.security_group(),),
        admits=frozenset({Ingress(source=lattice.lists[0].id, from_port=80, to_port=80)}),
        dualstack=False,
    )
    assert unreachable_service(facts, lattice, certificate="") is None


def test_many_load_balancers_cost_one_look_at_their_security_groups_and_one_at_each_target_group(scene: Scene) -> None:
    asked = [scene.asked("orders"), scene.asked("bills"), scene.asked("bills", port=81)]
    items = {it["LoadBalancerArn"]: it for it in scene.elb.describe_load_balancers()["LoadBalancers"]}
    listeners = {arn: scene.elb.describe_listeners(LoadBalancerArn=arn)["Listeners"] for arn in items}
    for _ in range(2):
        scene.reach.balancers(scene.member, asked, described=items, listeners=listeners)
    assert scene.calls == {
        "DescribeManagedPrefixLists": 1,
        "DescribeSecurityGroups": 2,
        "DescribeTargetHealth": 4,
    }


def test_nobody_asked_about_costs_nothing(scene: Scene) -> None:
    assert scene.reach.balancers(scene.member, ()) == {}
    assert scene.reach.vpcs(scene.member, {}) == {}
    assert scene.calls == {}


@pytest.mark.parametrize(
    ("operation", "unread"),
    [
        ("DescribeLoadBalancers", {"admits", "dualstack"}),
        ("DescribeListeners", {"listens", "action", "weightless", "targets", "certificates", "refused"}),
        ("DescribeTargetHealth", {"targets"}),
        ("DescribeSecurityGroups", {"admits"}),
        ("DescribeManagedPrefixLists", set()),
        ("GetManagedPrefixListEntries", set()),
    ],
)
@pytest.mark.parametrize(("code", "status"), [("AccessDenied", 403), ("UnauthorizedOperation", 403), ("Odd", 400)])
def test_what_is_not_told_is_unknown_and_costs_nothing_else(
    scene: Scene, operation: str, unread: set[str], code: str, status: int
) -> None:
    whole = scene.look()[0]
    scene.reach = Reach()
    scene.refuse(operation, code, status)
    facts = scene.look()[0]
    differ = {name for name in facts.__struct_fields__ if getattr(facts, name) != getattr(whole, name)}
    assert {name for name in differ if getattr(facts, name) is None} == unread
    assert unreachable_service(facts, scene.reach.lattice(scene.member), certificate="") is None


@pytest.mark.parametrize("operation", [*EC2[:3], *ELB])
def test_being_asked_to_slow_down_is_waited_for(scene: Scene, operation: str) -> None:
    scene.refuse(operation, "Throttling", 400)
    asked = scene.reach.lattice if operation == "GetManagedPrefixListEntries" else None  # no rule there asks for them
    with pytest.raises(NotYet, match=f"{operation}: Throttling"):
        asked(scene.member) if asked else scene.look()


def test_prefix_lists_that_were_not_told_are_asked_for_again(scene: Scene) -> None:
    scene.refuse("DescribeManagedPrefixLists")
    assert scene.reach.lattice(scene.member) is None
    fresh = Account(scene.cloud.session(TEAM), TEAM)
    assert scene.reach.lattice(fresh) is not None


def test_a_port_on_which_nothing_listens_is_told_from_one_that_was_not_read(scene: Scene) -> None:
    facts = scene.look(scene.asked(port=81))[0]
    assert facts.listens == ""
    found = unreachable_service(facts, None, certificate="")
    assert found is not None
    assert found.code == "listener-missing"


def test_a_load_balancer_that_is_gone_costs_only_itself(scene: Scene) -> None:
    gone = scene.asked("bills")
    scene.elb.delete_load_balancer(LoadBalancerArn=scene.arns["bills"])
    items = {it["LoadBalancerArn"]: it for it in scene.elb.describe_load_balancers()["LoadBalancers"]}
    found = scene.reach.balancers(scene.member, (scene.asked(), gone), described=items)
    assert (found[scene.asked()].listens, found[gone].listens, found[gone].admits) == ("HTTP", None, None)


def test_a_redirect_is_read_with_where_it_leads_and_the_rules_besides(scene: Scene) -> None:
    scene.acts({"Type": "redirect", "RedirectConfig": {"Protocol": "HTTPS", "Port": "443", "StatusCode": "HTTP_301"}})
    facts = scene.look()[0]
    assert (facts.action, facts.leads, facts.rules_forward, facts.targets) == ("redirect", "HTTPS:443", False, ())
    add_rule(scene, {"Type": "forward", "TargetGroupArn": scene.another_group("empty")})
    facts = scene.look()[0]
    assert (facts.rules_forward, facts.targets) == (True, ())


@pytest.mark.parametrize(("status", "asked"), [("404", 1), ("200", 1)])
def test_a_fixed_answer_is_read_with_its_status(scene: Scene, status: str, asked: int) -> None:
    scene.acts({"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": status}})
    facts = scene.look()[0]
    assert (facts.action, facts.status, scene.calls["DescribeRules"]) == ("fixed-response", int(status), asked)


def add_rule(scene: Scene, *actions: dict[str, Any]) -> None:
    scene.elb.create_rule(
        ListenerArn=scene.listener(),
        Priority=10,
        Conditions=[{"Field": "path-pattern", "Values": ["/api/*"]}],
        Actions=list(actions),
    )


def test_rules_are_read_where_the_default_action_leads_to_no_healthy_target_and_nowhere_else(scene: Scene) -> None:
    healthy = scene.group()["TargetGroupArn"]
    add_rule(scene, {"Type": "forward", "TargetGroupArn": healthy})
    assert (scene.look()[0].rules_forward, scene.calls["DescribeRules"]) == (None, 0)
    scene.acts({"Type": "forward", "TargetGroupArn": scene.another_group("empty")})
    facts = scene.look()[0]
    assert (facts.rules_forward, facts.targets, scene.calls["DescribeRules"]) == (
        True,
        (TargetHealth(state="healthy"),),
        1,
    )
    scene.refuse("DescribeRules")
    facts = scene.look()[0]
    assert (facts.rules_forward, facts.targets) == (None, ())
    assert unreachable_service(facts, None, certificate="") is None


def test_what_gets_no_share_of_the_requests_does_not_count(scene: Scene) -> None:
    healthy, empty = scene.group()["TargetGroupArn"], scene.another_group("empty")

    def share(first: int, second: int) -> BalancerFacts:
        groups = [{"TargetGroupArn": healthy, "Weight": first}, {"TargetGroupArn": empty, "Weight": second}]
        scene.acts({"Type": "forward", "ForwardConfig": {"TargetGroups": groups}})
        return scene.look()[0]

    assert share(1, 1).targets == (TargetHealth(state="healthy"),)
    assert (share(0, 1).targets, share(0, 1).weightless) == ((), False)
    assert (share(0, 0).targets, share(0, 0).weightless) == ((), True)


def test_targets_are_counted_by_state_and_reason(scene: Scene) -> None:
    instance = scene.ec2.describe_instances()["Reservations"][0]["Instances"][0]["InstanceId"]
    scene.ec2.stop_instances(InstanceIds=[instance])
    assert scene.look()[0].targets == (TargetHealth(state="unused", reason="Target.InvalidState"),)


def test_further_certificates_are_asked_for_only_where_the_services_own_is_not_the_default(scene: Scene) -> None:
    acm = scene.cloud.client("acm", TEAM)
    default, other = (
        acm.request_certificate(DomainName=f"{name}.example.jp")["CertificateArn"] for name in ("orders", "shop")
    )
    for arn in (default, other):
        issue(TEAM, scene.cloud.region, arn)
    made = scene.elb.create_listener(
        LoadBalancerArn=scene.arns["orders"],
        Protocol="HTTPS",
        Port=443,
        Certificates=[{"CertificateArn": default}],
        DefaultActions=[{"Type": "forward", "TargetGroupArn": scene.group()["TargetGroupArn"]}],
    )["Listeners"][0]["ListenerArn"]
    scene.elb.add_listener_certificates(ListenerArn=made, Certificates=[{"CertificateArn": other}])

    def certificates(of_service: str | None) -> frozenset[str] | None:
        return scene.look(scene.asked(protocol="HTTPS", port=443, certificate=of_service))[0].certificates

    for known in (None, "", default):
        assert certificates(known) == {default}
    assert scene.calls["DescribeListenerCertificates"] == 0
    assert certificates(other) == {default, other}
    scene.refuse("DescribeListenerCertificates")
    assert certificates(other) is None


def test_a_prefix_list_of_the_teams_own_is_told_by_its_addresses(scene: Scene) -> None:
    made = scene.ec2.create_managed_prefix_list(
        PrefixListName="callers", MaxEntries=5, AddressFamily="IPv4", Entries=[{"Cidr": "169.254.171.0/24"}]
    )["PrefixList"]["PrefixListId"]
    group = scene.security_group()
    permissions = scene.ec2.describe_security_groups(GroupIds=[group])["SecurityGroups"][0]["IpPermissions"]
    scene.ec2.revoke_security_group_ingress(GroupId=group, IpPermissions=permissions)
    permission = {"IpProtocol": "tcp", "FromPort": 80, "ToPort": 80, "PrefixListIds": [{"PrefixListId": made}]}
    scene.ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[permission])

    def sources() -> set[str]:
        return {rule.source for rule in scene.look()[0].admits or ()}

    assert sources() == {"169.254.171.0/24"}
    scene.refuse("GetManagedPrefixListEntries")
    assert sources() == {made}


def test_a_client_is_read_with_its_dns_attributes_and_security_groups(scene: Scene) -> None:
    vpc = scene.group()["VpcId"]
    scene.ec2.modify_vpc_attribute(VpcId=vpc, EnableDnsHostnames={"Value": False})
    group = scene.security_group()
    facts = scene.reach.vpcs(scene.member, {vpc: [group]})[vpc]
    assert (facts.dns_support, facts.dns_hostnames, facts.security_groups) == (True, False, (group,))
    assert facts.admits is not None
    assert [rule.from_port for rule in facts.admits] == [80]
    assert scene.calls == {"DescribeVpcAttribute": 2, "DescribeSecurityGroups": 1}
    unknown = scene.reach.vpcs(scene.member, {"vpc-0123456789abcdef0": ["sg-0123456789abcdef0"]})
    gone = unknown["vpc-0123456789abcdef0"]
    assert (gone.dns_support, gone.dns_hostnames, gone.admits) == (None, None, None)


def test_dns_attributes_that_are_throttled_are_waited_for(scene: Scene) -> None:
    scene.refuse("DescribeVpcAttribute", "RequestLimitExceeded", 503)
    with pytest.raises(NotYet, match="RequestLimitExceeded"):
        scene.reach.vpcs(scene.member, {scene.group()["VpcId"]: ()})


AWS_OWN = "arn:aws:ram::aws:permission/AWSRAMPermissionVpcLatticeServiceNetworkReadWrite"
ANOTHER = "arn:aws:ram::aws:permission/AWSRAMPermissionVpcLatticeServiceReadWrite"


def test_what_a_share_s_permission_lacks_is_read_and_what_suffices_is_read_once(scene: Scene) -> None:
    scene.member.client("ram").meta.events.register_first(
        "before-call", lambda model, **_: scene.calls.update([model.name])
    )
    assert [scene.reach.share_lacks(scene.member, AWS_OWN) for _ in range(2)] == [(), ()]
    assert scene.calls["GetPermission"] == 1
    for _ in range(2):  # infra may have mended it meanwhile
        assert scene.reach.share_lacks(scene.member, ANOTHER) == (
            "vpc-lattice:CreateServiceNetworkVpcAssociation",
            "vpc-lattice:GetServiceNetwork",
        )
    assert scene.calls["GetPermission"] == 3


def test_without_a_permission_of_ones_own_none_is_read_and_one_that_is_not_told_lacks_nothing(scene: Scene) -> None:
    assert scene.reach.share_lacks(scene.member, "") == ()
    assert scene.reach.share_lacks(scene.member, f"{AWS_OWN}-gone") == ()


@pytest.mark.parametrize("actions", ["vpc-lattice:*", ["vpc-lattice:Create*", "vpc-lattice:GetServiceNetwork"]])
def test_a_permission_may_be_written_in_patterns(scene: Scene, actions: Any) -> None:
    def answer(**_: Any) -> tuple[AWSResponse, dict[str, Any]]:
        response = AWSResponse("https://localhost", 200, {}, None)  # type: ignore[arg-type]  # nobody reads it
        return response, {"permission": {"permission": json.dumps({"Effect": "Allow", "Action": actions})}}

    scene.member.client("ram").meta.events.register("before-call.ram.GetPermission", answer)
    assert scene.reach.share_lacks(scene.member, ANOTHER) == ()


def test_a_permission_that_allows_no_action_lacks_all() -> None:
    account = Canned(TEAM, get_permission={"permission": {"permission": '{"Effect": "Allow"}'}})
    assert len(Reach().share_lacks(account, ANOTHER)) == 3


def test_a_permission_that_is_throttled_is_waited_for(scene: Scene) -> None:
    scene.cloud.faults.add(Fault("throttle", operation="GetPermission", times=None))
    with pytest.raises(NotYet):
        scene.reach.share_lacks(scene.member, ANOTHER)


def test_rules_are_read_as_far_as_they_are_told() -> None:
    account = Canned(
        TEAM,
        describe_vpc_attribute={"EnableDnsSupport": {"Value": True}, "EnableDnsHostnames": {"Value": False}},
        describe_security_groups={"SecurityGroups": [{"GroupId": "sg-1", "IpPermissions": [{"IpProtocol": "tcp"}]}]},
    )
    [(vpc, facts)] = Reach().vpcs(account, {"vpc-1": ["sg-1"]}).items()
    assert (vpc, facts.dns_support, facts.dns_hostnames, facts.admits) == ("vpc-1", True, False, frozenset())
