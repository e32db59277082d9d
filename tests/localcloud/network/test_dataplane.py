"""Requests walk the objects as they stand: what is made, changed or removed by calls shows in the next request."""

import json
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

import msgspec
import pytest

from localcloud.cloud import LocalCloud
from localcloud.ground.caller import Caller
from localcloud.ground.journal import CallRecord, RequestRecord
from localcloud.network import Answer, Nowhere, request
from localcloud.world import World, build

NOBODY = '{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":"*","Action":"sts:AssumeRole"}]}'
"""A trust that lets nobody in: IAM takes no role without one."""

CALLER, OWNER = "111111111111", "222222222222"
VPC, BEHIND = "vpc-0aaaaaaaaaaaaaaa1", "vpc-0bbbbbbbbbbbbbbb2"
WORLD: dict[str, Any] = {
    "organization": {"id": "o-a1b2c3d4e5"},
    "accounts": [
        {
            "id": CALLER,
            "vpcs": [{"name": "callers", "id": VPC, "cidr": "10.1.0.0/16", "subnets": ["10.1.0.0/24"]}],
            "instances": [{"name": "client", "vpc": "callers", "ip": "10.1.0.4"}],
        },
        {
            "id": OWNER,
            "vpcs": [{"name": "app", "id": BEHIND, "cidr": "10.2.0.0/16", "subnets": ["10.2.0.0/24", "10.2.1.0/24"]}],
            "instances": [
                {"name": "web", "vpc": "app", "ip": "10.2.0.5", "serves": [{"port": 80, "server": "nginx"}]},
                {"name": "api", "vpc": "app", "ip": "10.2.0.6", "serves": [{"port": 80, "body": "api"}]},
            ],
            "load_balancers": [
                {
                    "name": "orders",
                    "vpc": "app",
                    "listeners": [{"protocol": "HTTP", "port": 80, "targets": ["web"]}],
                }
            ],
        },
    ],
}


class Scene(NamedTuple):
    """A service of one account, joined with the VPC of another."""

    cloud: LocalCloud
    network: dict[str, Any]
    service: dict[str, Any]
    listener: dict[str, Any]
    association: dict[str, Any]

    @property
    def domain(self) -> str:
        return str(self.service["dnsEntry"]["domainName"])

    def ask(self, path: str = "/", **given: Any) -> Answer:
        return request(self.cloud, given.pop("from_ip", "10.1.0.4"), f"http://{self.domain}{path}", **given)


@pytest.fixture
def scene() -> Iterator[Scene]:
    with LocalCloud() as cloud:
        build(cloud, msgspec.convert(WORLD, World))
        theirs, ours = cloud.client("vpc-lattice", CALLER), cloud.client("vpc-lattice", OWNER)
        network = theirs.create_service_network(name="shared", authType="NONE")
        cloud.client("ram", CALLER).create_resource_share(
            name="shared", resourceArns=[network["arn"]], principals=[OWNER], allowExternalPrincipals=False
        )
        association = theirs.create_service_network_vpc_association(
            serviceNetworkIdentifier=network["id"], vpcIdentifier=VPC
        )
        balancer = cloud.client("elbv2", OWNER).describe_load_balancers()["LoadBalancers"][0]
        service = ours.create_service(name="orders", authType="NONE")
        config = {"protocol": "HTTP", "port": 80, "vpcIdentifier": BEHIND}
        group = ours.create_target_group(name="orders", type="ALB", config=config)
        cloud.settle()
        ours.register_targets(
            targetGroupIdentifier=group["id"], targets=[{"id": balancer["LoadBalancerArn"], "port": 80}]
        )
        listener = ours.create_listener(
            serviceIdentifier=service["id"],
            name="http",
            protocol="HTTP",
            defaultAction={"forward": {"targetGroups": [{"targetGroupIdentifier": group["id"]}]}},
        )
        ours.create_service_network_service_association(
            serviceIdentifier=service["id"], serviceNetworkIdentifier=network["arn"]
        )
        cloud.settle()
        yield Scene(cloud, network, service, listener, association)


def test_a_request_goes_through_two_accounts_and_is_written_down(scene: Scene) -> None:
    before = len(scene.cloud.journal.of(CallRecord))
    answer = scene.ask()
    assert (answer.status, answer.server, answer.stopped_at) == (200, "nginx", "")
    assert request(scene.cloud, "10.1.0.4", f"http://{scene.domain.upper()}.:80/").status == 200
    assert scene.cloud.journal.of(RequestRecord)[-1].status == 200
    assert len(scene.cloud.journal.of(CallRecord)) == before, "what the data plane reads is no call of anybody's"


def test_before_the_association_is_active_the_name_resolves_and_nothing_answers(scene: Scene) -> None:
    lattice = scene.cloud.client("vpc-lattice", OWNER)
    found = lattice.list_service_network_service_associations(serviceIdentifier=scene.service["id"])["items"][0]
    lattice.delete_service_network_service_association(serviceNetworkServiceAssociationIdentifier=found["id"])
    assert scene.ask().stopped_at == "service association"
    scene.cloud.settle()
    assert scene.ask().stopped_at == "service association"


def test_security_groups_of_the_association_decide_who_may_enter(scene: Scene) -> None:
    ec2, lattice = scene.cloud.client("ec2", CALLER), scene.cloud.client("vpc-lattice", CALLER)
    group = ec2.create_security_group(GroupName="g", Description="g", VpcId=VPC)["GroupId"]
    ec2.authorize_security_group_ingress(
        GroupId=group,
        IpPermissions=[
            {"IpProtocol": "tcp", "FromPort": 80, "ToPort": 80, "IpRanges": [{"CidrIp": "10.1.0.4/32"}]},
        ],
    )
    lattice.update_service_network_vpc_association(
        serviceNetworkVpcAssociationIdentifier=scene.association["id"], securityGroupIds=[group]
    )
    scene.cloud.settle()
    assert scene.ask().status == 200
    assert scene.ask(from_ip="10.1.0.5").stopped_at == "security group"
    # A group may also be admitted as such: then its members are, whatever their address.
    default = ec2.describe_instances()["Reservations"][0]["Instances"][0]["SecurityGroups"][0]["GroupId"]
    ec2.revoke_security_group_ingress(
        GroupId=group,
        IpPermissions=ec2.describe_security_groups(GroupIds=[group])["SecurityGroups"][0]["IpPermissions"],
    )
    assert scene.ask().stopped_at == "security group"
    pair = {"IpProtocol": "-1", "UserIdGroupPairs": [{"GroupId": default}]}
    ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[pair])
    assert scene.ask().status == 200


def test_what_a_request_read_is_read_again_once_anything_there_changed(scene: Scene) -> None:
    read: list[str] = []
    scene.cloud.gate.observe(lambda done: read.append(f"{done.service}:{done.operation}"), also_quiet=True)
    scene.ask()
    assert "ec2:DescribeInstances" in read
    assert "elbv2:DescribeListeners" in read
    read.clear()
    assert scene.ask().status == 200
    assert set(read) == {"elbv2:DescribeLoadBalancers"}, "time makes a load balancer active"
    elb = scene.cloud.client("elbv2", OWNER)
    balancer = elb.describe_load_balancers()["LoadBalancers"][0]["LoadBalancerArn"]
    listener = elb.describe_listeners(LoadBalancerArn=balancer)["Listeners"][0]["ListenerArn"]
    with scene.cloud.gate.quiet():  # whoever does it
        gone = {"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "410"}}
        elb.modify_listener(ListenerArn=listener, DefaultActions=[gone])
    assert scene.ask().status == 410


@pytest.mark.parametrize("attribute", ["EnableDnsSupport", "EnableDnsHostnames"])
def test_a_vpc_without_dns_support_or_hostnames_resolves_nothing(scene: Scene, attribute: str) -> None:
    off: Any = {attribute: {"Value": False}}
    scene.cloud.client("ec2", CALLER).modify_vpc_attribute(VpcId=VPC, **off)
    assert scene.ask().stopped_at == "dns"


def test_every_caller_is_anonymous_under_passthrough(scene: Scene) -> None:
    lattice = scene.cloud.client("vpc-lattice", OWNER)
    sealed = lattice.create_service(name="sealed", customDomainName="sealed.example.com", authType="AWS_IAM")
    config = {"protocol": "TCP", "port": 443, "vpcIdentifier": BEHIND}
    group = lattice.create_target_group(name="sealed", type="ALB", config=config)
    scene.cloud.settle()
    lattice.create_listener(
        serviceIdentifier=sealed["id"],
        name="tls",
        protocol="TLS_PASSTHROUGH",
        defaultAction={"forward": {"targetGroups": [{"targetGroupIdentifier": group["id"]}]}},
    )
    lattice.create_service_network_service_association(
        serviceIdentifier=sealed["id"], serviceNetworkIdentifier=scene.network["arn"]
    )
    scene.cloud.settle()
    signer = Caller(CALLER, scene.cloud.region, f"arn:aws:iam::{CALLER}:root")

    def stops(condition: dict[str, Any], action: str = "Connect") -> str:
        allow = {"Effect": "Allow", "Principal": "*", "Action": f"vpc-lattice-svcs:{action}", "Resource": "*"}
        document = json.dumps({"Version": "2012-10-17", "Statement": [{**allow, "Condition": condition}]})
        lattice.put_auth_policy(resourceIdentifier=sealed["id"], policy=document)
        url = f"https://{sealed['dnsEntry']['domainName']}/x"
        return request(scene.cloud, "10.1.0.4", url, signer=signer).stopped_at

    assert stops({"StringEquals": {"aws:PrincipalAccount": CALLER}}) == "auth policy"
    assert stops({"StringEquals": {"vpc-lattice-svcs:RequestMethod": "GET"}}) == "auth policy"
    assert stops({"StringEquals": {"aws:PrincipalType": "Anonymous"}}) == "target group"
    assert stops({"StringEquals": {"aws:PrincipalType": "Anonymous"}}, "Invoke") == "auth policy"


def test_the_vpc_of_the_load_balancer_needs_no_association_but_a_caller_in_it_does(scene: Scene) -> None:
    assert scene.ask(from_ip="10.2.0.5").stopped_at == "vpc association"


def test_iam_at_the_network_refuses_until_a_policy_allows(scene: Scene) -> None:
    lattice = scene.cloud.client("vpc-lattice", CALLER)
    lattice.update_service_network(serviceNetworkIdentifier=scene.network["id"], authType="AWS_IAM")
    assert (scene.ask().status, scene.ask().stopped_at) == (403, "auth policy")
    policy(scene, {"StringEquals": {"vpc-lattice-svcs:SourceVpcOwnerAccount": [CALLER]}})
    assert scene.ask().status == 200
    policy(scene, {"StringEquals": {"vpc-lattice-svcs:SourceVpcOwnerAccount": [OWNER]}})
    assert scene.ask().status == 403
    policy(scene, {"StringLike": {"vpc-lattice-svcs:RequestPath": "/public*"}})
    assert (scene.ask("/public/x?y=1").status, scene.ask("/private").status) == (200, 403)
    policy(scene, {"StringEquals": {"vpc-lattice-svcs:RequestQueryString/y": "1"}})
    assert (scene.ask("/?y=1").status, scene.ask("/").status) == (200, 403)


def test_a_signed_request_needs_the_callers_own_permission_too(scene: Scene) -> None:
    lattice, iam = scene.cloud.client("vpc-lattice", CALLER), scene.cloud.client("iam", CALLER)
    lattice.update_service_network(serviceNetworkIdentifier=scene.network["id"], authType="AWS_IAM")
    policy(scene, {"StringNotEquals": {"aws:PrincipalType": "Anonymous"}})
    iam.create_role(RoleName="app", AssumeRolePolicyDocument=NOBODY)
    signer = Caller(CALLER, scene.cloud.region, f"arn:aws:sts::{CALLER}:assumed-role/app/x", role="app", session="x")
    assert scene.ask().status == 403
    assert "own policies" in scene.ask(signer=signer).hops[-1].because
    statement = {"Effect": "Allow", "Action": "vpc-lattice-svcs:Invoke", "Resource": "*"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    iam.put_role_policy(RoleName="app", PolicyName="p", PolicyDocument=document)
    assert scene.ask(signer=signer).status == 200


def policy(scene: Scene, condition: dict[str, Any]) -> None:
    statement = {"Effect": "Allow", "Principal": "*", "Action": "vpc-lattice-svcs:Invoke", "Resource": "*"}
    document = {"Version": "2012-10-17", "Statement": [{**statement, "Condition": condition}]}
    scene.cloud.client("vpc-lattice", CALLER).put_auth_policy(
        resourceIdentifier=scene.network["arn"], policy=json.dumps(document)
    )


def test_rules_choose_among_instances_and_fixed_answers(scene: Scene) -> None:
    lattice = scene.cloud.client("vpc-lattice", OWNER)
    config = {"protocol": "HTTP", "port": 80, "vpcIdentifier": BEHIND}
    group = lattice.create_target_group(name="api", type="INSTANCE", config=config)
    scene.cloud.settle()
    api = scene.cloud.client("ec2", OWNER).describe_instances(Filters=[{"Name": "tag:Name", "Values": ["api"]}])
    instance = api["Reservations"][0]["Instances"][0]["InstanceId"]
    lattice.register_targets(targetGroupIdentifier=group["id"], targets=[{"id": instance, "port": 80}])
    made: list[tuple[str, int, dict[str, Any], dict[str, Any]]] = [
        (
            "api",
            10,
            {"pathMatch": {"match": {"prefix": "/api"}}},
            {"forward": {"targetGroups": [{"targetGroupIdentifier": group["id"]}]}},
        ),
        (
            "no-bots",
            5,
            {"headerMatches": [{"name": "User-Agent", "match": {"contains": "bot"}}]},
            {"fixedResponse": {"statusCode": 404}},
        ),
    ]
    for name, priority, match, action in made:
        lattice.create_rule(
            serviceIdentifier=scene.service["id"],
            listenerIdentifier=scene.listener["id"],
            name=name,
            priority=priority,
            match={"httpMatch": match},
            action=action,
        )
    scene.cloud.settle()
    assert scene.ask("/api/v1").body == "api"
    assert scene.ask("/").server == "nginx"
    assert scene.ask("/api", headers={"User-Agent": "a bot"}).status == 404


def test_the_load_balancers_security_group_must_admit_the_prefix_list(scene: Scene) -> None:
    ec2 = scene.cloud.client("ec2", OWNER)
    group = scene.cloud.client("elbv2", OWNER).describe_load_balancers()["LoadBalancers"][0]["SecurityGroups"][0]
    permissions = ec2.describe_security_groups(GroupIds=[group])["SecurityGroups"][0]["IpPermissions"]
    ec2.revoke_security_group_ingress(GroupId=group, IpPermissions=permissions)
    answer = scene.ask()
    assert answer.stopped_at == "load balancer"
    assert "prefix list" in answer.hops[-1].because


def test_a_load_balancer_that_is_gone_or_a_stopped_instance_ends_the_way(scene: Scene) -> None:
    ec2, elb = scene.cloud.client("ec2", OWNER), scene.cloud.client("elbv2", OWNER)
    web = ec2.describe_instances(Filters=[{"Name": "tag:Name", "Values": ["web"]}])
    ec2.stop_instances(InstanceIds=[web["Reservations"][0]["Instances"][0]["InstanceId"]])
    assert scene.ask().stopped_at == "target"
    elb.delete_load_balancer(LoadBalancerArn=elb.describe_load_balancers()["LoadBalancers"][0]["LoadBalancerArn"])
    assert scene.ask().stopped_at == "load balancer"


def test_a_fixed_answer_of_the_load_balancer_comes_through(scene: Scene) -> None:
    elb = scene.cloud.client("elbv2", OWNER)
    balancer = elb.describe_load_balancers()["LoadBalancers"][0]["LoadBalancerArn"]
    listener = elb.describe_listeners(LoadBalancerArn=balancer)["Listeners"][0]["ListenerArn"]
    fixed = {"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "503"}}
    elb.modify_listener(ListenerArn=listener, DefaultActions=[fixed])
    assert scene.ask().status == 503


def test_a_custom_domain_answers_once_its_record_is_made(scene: Scene) -> None:
    lattice, route53 = scene.cloud.client("vpc-lattice", OWNER), scene.cloud.client("route53", CALLER)
    service = lattice.create_service(name="named", customDomainName="orders.example.com")
    scene.cloud.settle()
    url = "http://orders.example.com/"
    assert request(scene.cloud, "10.1.0.4", url).stopped_at == "dns"
    zone = route53.create_hosted_zone(Name="example.com", CallerReference="x")["HostedZone"]["Id"]
    record = {
        "Name": "orders.example.com",
        "Type": "CNAME",
        "TTL": 60,
        "ResourceRecords": [{"Value": service["dnsEntry"]["domainName"]}],
    }
    route53.change_resource_record_sets(
        HostedZoneId=zone, ChangeBatch={"Changes": [{"Action": "CREATE", "ResourceRecordSet": record}]}
    )
    assert request(scene.cloud, "10.1.0.4", url).stopped_at == "service association"


def test_a_private_zone_answers_in_its_vpcs_alone(scene: Scene) -> None:
    lattice, route53 = scene.cloud.client("vpc-lattice", OWNER), scene.cloud.client("route53", CALLER)
    service = lattice.create_service(name="named", customDomainName="orders.example.com")
    scene.cloud.settle()
    other = scene.cloud.client("ec2", CALLER).create_vpc(CidrBlock="10.7.0.0/16")["Vpc"]["VpcId"]
    where = {"VPCRegion": "ap-northeast-1", "VPCId": other}
    made = route53.create_hosted_zone(
        Name="example.com", CallerReference="x", VPC=where, HostedZoneConfig={"PrivateZone": True}
    )
    zone = made["HostedZone"]["Id"]
    record = {
        "Name": "orders.example.com",
        "Type": "CNAME",
        "TTL": 60,
        "ResourceRecords": [{"Value": service["dnsEntry"]["domainName"]}],
    }
    route53.change_resource_record_sets(
        HostedZoneId=zone, ChangeBatch={"Changes": [{"Action": "CREATE", "ResourceRecordSet": record}]}
    )
    url = "http://orders.example.com/"
    assert request(scene.cloud, "10.1.0.4", url).stopped_at == "dns"
    route53.associate_vpc_with_hosted_zone(HostedZoneId=zone, VPC={"VPCRegion": "ap-northeast-1", "VPCId": VPC})
    assert request(scene.cloud, "10.1.0.4", url).stopped_at == "service association"


def test_a_request_that_cannot_begin_is_an_error(scene: Scene) -> None:
    with pytest.raises(ValueError, match="no http or https URL"):
        request(scene.cloud, "10.1.0.4", "ftp://x/")
    for url in ("http://x:99999/", "http://x:port/", "http://x:0/", "http://[::1"):
        with pytest.raises(ValueError, match=re.escape(f"{url!r} is no URL: ")):
            request(scene.cloud, "10.1.0.4", url)
    with pytest.raises(Nowhere, match="no VPC has the address"):
        scene.ask(from_ip="192.168.0.1")
    with pytest.raises(Nowhere, match="vpc-none is no VPC with the address"):
        scene.ask(from_ip="10.1.0.4", from_vpc="vpc-none")
    scene.cloud.client("ec2", OWNER).create_vpc(CidrBlock="10.1.0.0/16")
    with pytest.raises(Nowhere, match="say which VPC"):
        scene.ask(from_ip="10.1.0.77")
    assert scene.ask(from_ip="10.1.0.4").status == 200, "an instance lives at this address in one of them"
    assert scene.ask(from_ip="10.1.0.77", from_vpc=VPC).status == 200
