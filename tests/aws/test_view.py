"""A trace says of a world what the data plane does in it, by read-only calls; what it may not read it leaves open."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import msgspec
import pytest
from botocore.exceptions import ClientError
from moto.acm.models import acm_backends
from moto.ec2.models import ec2_backends
from onramp.aws import callers, signers, view
from onramp.aws.callers import Nowhere
from onramp.aws.eyes import Eyes
from onramp.core.auth import Sent
from onramp.core.trace import Trace, walk
from onramp.core.view import Request

from localcloud import network
from localcloud.cloud import LocalCloud
from localcloud.door.faults import Fault
from localcloud.ground.caller import Caller
from localcloud.ground.journal import CallRecord
from localcloud.world import World, build
from tests.stories.certified import certified

NOBODY = '{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":"*","Action":"sts:AssumeRole"}]}'
"""A trust that lets nobody in: IAM takes no role without one."""

CALLER, OWNER = "111111111111", "222222222222"
VPC, BEHIND = "vpc-0aaaaaaaaaaaaaaa1", "vpc-0bbbbbbbbbbbbbbb2"
IP = "10.1.0.4"
WORLD = {
    "organization": {"id": "o-a1b2c3d4e5"},
    "accounts": [
        {
            "id": CALLER,
            "vpcs": [{"name": "callers", "id": VPC, "cidr": "10.1.0.0/16", "subnets": ["10.1.0.0/24"]}],
            "instances": [{"name": "client", "vpc": "callers", "ip": IP}],
        },
        {
            "id": OWNER,
            "vpcs": [{"name": "app", "id": BEHIND, "cidr": "10.2.0.0/16", "subnets": ["10.2.0.0/24", "10.2.1.0/24"]}],
            "instances": [
                {"name": "web", "vpc": "app", "ip": "10.2.0.5", "serves": [{"port": 80, "server": "nginx"}]},
                {"name": "mute", "vpc": "app", "ip": "10.2.0.6"},
            ],
            "load_balancers": [
                {"name": "orders", "vpc": "app", "listeners": [{"protocol": "HTTP", "port": 80, "targets": ["web"]}]},
                {
                    "name": "quiet",
                    "vpc": "app",
                    "listeners": [{"protocol": "HTTP", "port": 80, "targets": ["mute"], "target_port": 80}],
                },
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
    group: dict[str, Any]
    association: dict[str, Any]

    @property
    def domain(self) -> str:
        return str(self.service["dnsEntry"]["domainName"])

    def client(self, service: str, account: str = OWNER) -> Any:
        return self.cloud.client(service, account)

    def eyes(self, *accounts: str) -> Eyes:
        return Eyes({account: self.cloud.session(account) for account in accounts or (CALLER, OWNER)})


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
        service = ours.create_service(name="orders", customDomainName="orders.example.com", authType="NONE")
        config = {"protocol": "HTTP", "port": 80, "vpcIdentifier": BEHIND}
        group = ours.create_target_group(name="orders", type="ALB", config=config)
        cloud.settle()
        register(cloud, group["id"], "orders")
        listener = ours.create_listener(
            serviceIdentifier=service["id"], name="http", protocol="HTTP", defaultAction=forward(group)
        )
        ours.create_service_network_service_association(
            serviceIdentifier=service["id"], serviceNetworkIdentifier=network["arn"]
        )
        cloud.settle()
        yield Scene(cloud, network, service, listener, group, association)


def forward(group: dict[str, Any], weight: int = 100) -> dict[str, Any]:
    return {"forward": {"targetGroups": [{"targetGroupIdentifier": group["id"], "weight": weight}]}}


def balancer(cloud: LocalCloud, name: str) -> str:
    found = cloud.client("elbv2", OWNER).describe_load_balancers(Names=[name])["LoadBalancers"]
    return str(found[0]["LoadBalancerArn"])


def register(cloud: LocalCloud, group: str, name: str, port: int = 80) -> None:
    cloud.client("vpc-lattice", OWNER).register_targets(
        targetGroupIdentifier=group, targets=[{"id": balancer(cloud, name), "port": port}]
    )


def instance(scene: Scene, name: str) -> str:
    found = scene.client("ec2").describe_instances(Filters=[{"Name": "tag:Name", "Values": [name]}])
    return str(found["Reservations"][0]["Instances"][0]["InstanceId"])


def trace(scene: Scene, eyes: Eyes, host: str, from_ip: str = IP, signer: str = "", **asked: Any) -> Trace:
    caller = callers.source(eyes, from_ip)
    sight = view.look(eyes, scene.cloud.region, caller, host)
    who: dict[str, Any] = {"security_groups": caller.security_groups, "subnet": caller.subnet}
    request = Request(source_ip=caller.ip, vpc=caller.vpc, host=host, **who, **asked)
    sent = Sent(vpc_owner=caller.account, signer=signers.role(eyes, signer) if signer else None)
    return walk(sight.view, request, view.authority(sight, sent))


# --- every stop of the plane --------------------------------------------------------------------------------


def admit(scene: Scene, cidr: str, port: int = 80) -> None:
    ec2 = scene.client("ec2", CALLER)
    group = ec2.create_security_group(GroupName=f"g{port}", Description="g", VpcId=VPC)["GroupId"]
    rule = {"IpProtocol": "tcp", "FromPort": port, "ToPort": port, "IpRanges": [{"CidrIp": cidr}]}
    ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[rule])
    scene.client("vpc-lattice", CALLER).update_service_network_vpc_association(
        serviceNetworkVpcAssociationIdentifier=scene.association["id"], securityGroupIds=[group]
    )
    scene.cloud.settle()


def nothing(_: Scene) -> None:
    """The whole way is open."""


def dns_off(scene: Scene) -> None:
    off: Any = {"EnableDnsSupport": {"Value": False}}
    scene.client("ec2", CALLER).modify_vpc_attribute(VpcId=VPC, **off)


def client_left(scene: Scene) -> None:
    scene.client("vpc-lattice", CALLER).delete_service_network_vpc_association(
        serviceNetworkVpcAssociationIdentifier=scene.association["id"]
    )
    scene.cloud.settle()


def client_leaving(scene: Scene) -> None:
    scene.client("vpc-lattice", CALLER).delete_service_network_vpc_association(
        serviceNetworkVpcAssociationIdentifier=scene.association["id"]
    )


def caller_shut_out(scene: Scene) -> None:
    admit(scene, "10.1.0.99/32")


def port_shut_out(scene: Scene) -> None:
    admit(scene, "10.1.0.0/16", port=443)


def let_out_only(scene: Scene, *rules: dict[str, Any]) -> None:
    """The caller's own group lets out nothing but this."""
    ec2 = scene.client("ec2", CALLER)
    [found] = ec2.describe_security_groups(
        Filters=[{"Name": "vpc-id", "Values": [VPC]}, {"Name": "group-name", "Values": ["default"]}]
    )["SecurityGroups"]
    ec2.revoke_security_group_egress(GroupId=found["GroupId"], IpPermissions=found["IpPermissionsEgress"])
    if rules:
        ec2.authorize_security_group_egress(GroupId=found["GroupId"], IpPermissions=list(rules))


def lattice_list(scene: Scene) -> str:
    name = f"com.amazonaws.{scene.cloud.region}.vpc-lattice"
    lists = scene.client("ec2", CALLER).describe_managed_prefix_lists(
        Filters=[{"Name": "prefix-list-name", "Values": [name]}]
    )
    return str(lists["PrefixLists"][0]["PrefixListId"])


def caller_kept_in(scene: Scene) -> None:
    let_out_only(scene, {"IpProtocol": "tcp", "FromPort": 80, "ToPort": 80, "IpRanges": [{"CidrIp": "10.0.0.0/8"}]})


def caller_kept_off_the_port(scene: Scene) -> None:
    to_lattice = [{"PrefixListId": lattice_list(scene)}]
    let_out_only(scene, {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "PrefixListIds": to_lattice})


def caller_let_out_to_lattice_alone(scene: Scene) -> None:
    to_lattice = [{"PrefixListId": lattice_list(scene)}]
    let_out_only(scene, {"IpProtocol": "tcp", "FromPort": 80, "ToPort": 80, "PrefixListIds": to_lattice})


def acl(scene: Scene, *, egress: bool, ports: tuple[int, int], action: str = "deny") -> None:
    """One entry before that of the default ACL, which allows everything."""
    ec2 = scene.client("ec2", CALLER)
    [found] = ec2.describe_network_acls(Filters=[{"Name": "vpc-id", "Values": [VPC]}])["NetworkAcls"]
    ec2.create_network_acl_entry(
        NetworkAclId=found["NetworkAclId"],
        RuleNumber=50,
        Protocol="6",
        RuleAction=action,
        Egress=egress,
        CidrBlock="169.254.0.0/16",
        PortRange={"From": ports[0], "To": ports[1]},
    )


def acl_shut(scene: Scene) -> None:
    acl(scene, egress=True, ports=(80, 80))


def acl_lets_nothing_back(scene: Scene) -> None:
    acl(scene, egress=False, ports=(1024, 65535))


def acl_denies_another_port(scene: Scene) -> None:
    acl(scene, egress=True, ports=(443, 443))


def acl_of_the_balancer_shut(scene: Scene) -> None:
    ec2, elb = scene.client("ec2"), scene.client("elbv2")
    [found] = elb.describe_load_balancers(Names=["orders"])["LoadBalancers"]
    subnets = [it["SubnetId"] for it in found["AvailabilityZones"]]
    for one in ec2.describe_network_acls(Filters=[{"Name": "association.subnet-id", "Values": subnets}])["NetworkAcls"]:
        ec2.create_network_acl_entry(
            NetworkAclId=one["NetworkAclId"],
            RuleNumber=1,
            Protocol="6",
            RuleAction="deny",
            Egress=False,
            CidrBlock="0.0.0.0/0",
            PortRange={"From": 80, "To": 8080},
        )


def service_left(scene: Scene) -> None:
    service_leaving(scene)
    scene.cloud.settle()


def service_leaving(scene: Scene) -> None:
    lattice = scene.client("vpc-lattice")
    for item in lattice.list_service_network_service_associations(serviceIdentifier=scene.service["id"])["items"]:
        lattice.delete_service_network_service_association(serviceNetworkServiceAssociationIdentifier=item["id"])


def network_denies(scene: Scene) -> None:
    lattice = scene.client("vpc-lattice", CALLER)
    lattice.update_service_network(serviceNetworkIdentifier=scene.network["id"], authType="AWS_IAM")


def policy(scene: Scene, condition: dict[str, Any]) -> None:
    lattice = scene.client("vpc-lattice")
    lattice.update_service(serviceIdentifier=scene.service["id"], authType="AWS_IAM")
    statement = {"Effect": "Allow", "Principal": "*", "Action": "vpc-lattice-svcs:Invoke", "Resource": "*"}
    document = {"Version": "2012-10-17", "Statement": [{**statement, "Condition": condition}]}
    lattice.put_auth_policy(resourceIdentifier=scene.service["arn"], policy=json.dumps(document))


def policy_refuses(scene: Scene) -> None:
    policy(scene, {"StringEquals": {"vpc-lattice-svcs:RequestMethod": "POST"}})


def policy_admits(scene: Scene) -> None:
    policy(scene, {"StringEquals": {"vpc-lattice-svcs:SourceVpcOwnerAccount": CALLER}})


def no_listener(scene: Scene) -> None:
    scene.client("vpc-lattice").delete_listener(
        serviceIdentifier=scene.service["id"], listenerIdentifier=scene.listener["id"]
    )


def weightless(scene: Scene) -> None:
    scene.client("vpc-lattice").update_listener(
        serviceIdentifier=scene.service["id"],
        listenerIdentifier=scene.listener["id"],
        defaultAction=forward(scene.group, weight=0),
    )


def answers_itself(scene: Scene) -> None:
    scene.client("vpc-lattice").update_listener(
        serviceIdentifier=scene.service["id"],
        listenerIdentifier=scene.listener["id"],
        defaultAction={"fixedResponse": {"statusCode": 404}},
    )


def no_target(scene: Scene) -> None:
    scene.client("vpc-lattice").deregister_targets(
        targetGroupIdentifier=scene.group["id"], targets=[{"id": balancer(scene.cloud, "orders"), "port": 80}]
    )
    scene.cloud.settle()


def no_load_balancer(scene: Scene) -> None:
    scene.client("elbv2").delete_load_balancer(LoadBalancerArn=balancer(scene.cloud, "orders"))


def no_balancer_listener(scene: Scene) -> None:
    elb = scene.client("elbv2")
    for item in elb.describe_listeners(LoadBalancerArn=balancer(scene.cloud, "orders"))["Listeners"]:
        elb.delete_listener(ListenerArn=item["ListenerArn"])


def lattice_shut_out(scene: Scene) -> None:
    ec2, elb = scene.client("ec2"), scene.client("elbv2")
    for group in elb.describe_load_balancers(Names=["orders"])["LoadBalancers"][0]["SecurityGroups"]:
        rules = ec2.describe_security_groups(GroupIds=[group])["SecurityGroups"][0]["IpPermissions"]
        ec2.revoke_security_group_ingress(GroupId=group, IpPermissions=rules)


def empty_load_balancer(scene: Scene) -> None:
    elb = scene.client("elbv2")
    listener = elb.describe_listeners(LoadBalancerArn=balancer(scene.cloud, "orders"))["Listeners"][0]
    group = listener["DefaultActions"][0]["TargetGroupArn"]
    elb.deregister_targets(TargetGroupArn=group, Targets=[{"Id": instance(scene, "web")}])


def target_stopped(scene: Scene) -> None:
    scene.client("ec2").stop_instances(InstanceIds=[instance(scene, "web")])


def target_mute(scene: Scene) -> None:
    no_target(scene)
    register(scene.cloud, scene.group["id"], "quiet")


def balancer_answers_itself(scene: Scene) -> None:
    elb = scene.client("elbv2")
    listener = elb.describe_listeners(LoadBalancerArn=balancer(scene.cloud, "orders"))["Listeners"][0]["ListenerArn"]
    fixed = {"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "503"}}
    elb.modify_listener(ListenerArn=listener, DefaultActions=[fixed])


def balancer_sends_elsewhere(scene: Scene) -> None:
    elb = scene.client("elbv2")
    listener = elb.describe_listeners(LoadBalancerArn=balancer(scene.cloud, "orders"))["Listeners"][0]["ListenerArn"]
    redirect = {"Type": "redirect", "RedirectConfig": {"Protocol": "HTTPS", "Port": "443", "StatusCode": "HTTP_301"}}
    elb.modify_listener(ListenerArn=listener, DefaultActions=[redirect])


def record(scene: Scene, host: str) -> None:
    """A CNAME for the service's name, in a zone of the caller's account."""
    route53 = scene.client("route53", CALLER)
    zone = route53.create_hosted_zone(Name="example.com", CallerReference="x")["HostedZone"]["Id"]
    named = {"Name": host, "Type": "CNAME", "TTL": 60, "ResourceRecords": [{"Value": scene.domain}]}
    route53.change_resource_record_sets(
        HostedZoneId=zone, ChangeBatch={"Changes": [{"Action": "CREATE", "ResourceRecordSet": named}]}
    )


def asked_by_tls(scene: Scene) -> str:
    return f"https://{scene.domain}:80/"


def asked_by_another_s_name(scene: Scene) -> str:
    record(scene, "bills.example.com")
    return "http://bills.example.com/"


def no_certificate(scene: Scene) -> str:
    record(scene, "orders.example.com")
    scene.client("vpc-lattice").create_listener(
        serviceIdentifier=scene.service["id"], name="https", protocol="HTTPS", defaultAction=forward(scene.group)
    )
    return "https://orders.example.com/"


def shows(scene: Scene, certificate: str) -> str:
    """The service shows it for its own name, by HTTPS."""
    no_certificate(scene)
    scene.client("vpc-lattice").update_service(serviceIdentifier=scene.service["id"], certificateArn=certificate)
    scene.cloud.settle()
    return "https://orders.example.com/"


def good_certificate(scene: Scene) -> str:
    return shows(scene, certified(scene.cloud, OWNER, "*.example.com"))


def ended_certificate(scene: Scene) -> str:
    url = shows(scene, certified(scene.cloud, OWNER, "orders.example.com", days=1))
    scene.cloud.clock.advance(2 * 86400)
    return url


def lattices_own_name_beside_an_ended_certificate(scene: Scene) -> str:
    ended_certificate(scene)
    return f"https://{scene.domain}/"


def certificate_of_others(scene: Scene) -> str:
    return shows(scene, certified(scene.cloud, OWNER, "bills.example.com"))


def certificate_without_one(scene: Scene) -> str:
    """No certificate came of it, though Lattice had it: AWS takes none of a status but ISSUED."""
    arn = certified(scene.cloud, OWNER, "orders.example.com")
    url = shows(scene, arn)
    acm_backends[OWNER][scene.cloud.region]._certificates[arn].status = "FAILED"
    return url


def passed_through(scene: Scene, *certificates: str, protocol: str = "HTTPS") -> str:
    """TLS goes through Lattice as it is to a listener of the load balancer's, which has these certificates."""
    elb, lattice, arn = scene.client("elbv2"), scene.client("vpc-lattice"), balancer(scene.cloud, "orders")
    record(scene, "orders.example.com")
    for group in elb.describe_load_balancers(Names=["orders"])["LoadBalancers"][0]["SecurityGroups"]:
        rule = {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "IpRanges": [{"CidrIp": "169.254.0.0/16"}]}
        scene.client("ec2").authorize_security_group_ingress(GroupId=group, IpPermissions=[rule])
    [listener] = elb.describe_listeners(LoadBalancerArn=arn)["Listeners"]
    default, more = certificates[:1], [{"CertificateArn": one} for one in certificates[1:]]
    made = elb.create_listener(
        LoadBalancerArn=arn,
        Protocol=protocol,
        Port=443,
        DefaultActions=listener["DefaultActions"],
        **({"Certificates": [{"CertificateArn": one} for one in default]} if default else {}),
    )["Listeners"][0]["ListenerArn"]
    if more:
        elb.add_listener_certificates(ListenerArn=made, Certificates=more)
    config = {"protocol": "TCP", "port": 443, "vpcIdentifier": BEHIND}
    group = lattice.create_target_group(name="through", type="ALB", config=config)
    scene.cloud.settle()
    register(scene.cloud, group["id"], "orders", 443)
    lattice.create_listener(
        serviceIdentifier=scene.service["id"],
        name="through",
        protocol="TLS_PASSTHROUGH",
        port=443,
        defaultAction=forward(group),
    )
    scene.cloud.settle()
    return "https://orders.example.com/"


def passed_to_a_good_certificate(scene: Scene) -> str:
    others = certified(scene.cloud, OWNER, "bills.example.com")
    return passed_through(scene, others, certified(scene.cloud, OWNER, "orders.example.com"))


def passed_to_the_certificate_of_others(scene: Scene) -> str:
    return passed_through(scene, certified(scene.cloud, OWNER, "bills.example.com"))


def passed_to_an_ended_certificate(scene: Scene) -> str:
    url = passed_through(scene, certified(scene.cloud, OWNER, "orders.example.com", days=1))
    scene.cloud.clock.advance(2 * 86400)
    return url


def passed_to_plain_http(scene: Scene) -> str:
    return passed_through(scene, protocol="HTTP")


def hidden_by_a_zone(scene: Scene, name: str = "on.aws") -> None:
    """A private zone of the team's, which the caller's VPC is in, with the name of a part of AWS's own names."""
    place = {"VPCRegion": scene.cloud.region, "VPCId": VPC}
    private: dict[str, Any] = {"VPC": place, "HostedZoneConfig": {"PrivateZone": True, "Comment": ""}}
    scene.client("route53", CALLER).create_hosted_zone(Name=name, CallerReference=name, **private)


def hidden_by_a_zone_below(scene: Scene) -> None:
    hidden_by_a_zone(scene, scene.domain.split(".", 1)[1])


def zone_of_others_beside(scene: Scene) -> None:
    hidden_by_a_zone(scene, "other.on.aws")


def hidden_behind_a_record(scene: Scene) -> str:
    record(scene, "orders.example.com")
    hidden_by_a_zone(scene)
    return "http://orders.example.com/"


def by_endpoint(scene: Scene, cidr: str = "10.1.0.0/16", port: int = 80, **given: Any) -> str:
    """By the name that the service has through an endpoint, which lets these in; the VPC itself is in no network."""
    client_left(scene)
    ec2 = scene.client("ec2", CALLER)
    group = ec2.create_security_group(GroupName="door", Description="d", VpcId=VPC)["GroupId"]
    rule = {"IpProtocol": "tcp", "FromPort": port, "ToPort": port, "IpRanges": [{"CidrIp": cidr}]}
    ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[rule])
    asked = {
        "VpcEndpointType": "ServiceNetwork",
        "VpcId": VPC,
        "ServiceNetworkArn": scene.network["arn"],
        "SubnetIds": [subnet_beside(scene)],
        "SecurityGroupIds": [group],
        **given,
    }
    made = ec2.create_vpc_endpoint(**asked)["VpcEndpoint"]["VpcEndpointId"]
    [name] = [
        one["DnsEntry"]["DnsName"]
        for one in ec2.describe_vpc_endpoint_associations(VpcEndpointIds=[made])["VpcEndpointAssociations"]
    ]
    return f"http://{name}/"


def own_domain_by_endpoint(scene: Scene, preference: str, *domains: str, private: bool = True) -> str:
    """By the service's own domain, which has no record but what an endpoint's private DNS makes."""
    scene.client("route53", CALLER).create_hosted_zone(Name="example.com", CallerReference="x")
    options = {"PrivateDnsPreference": preference, **({"PrivateDnsSpecifiedDomains": [*domains]} if domains else {})}
    by_endpoint(scene, PrivateDnsEnabled=private, DnsOptions=options)
    return "http://orders.example.com/"


def own_domain_of_all(scene: Scene) -> str:
    return own_domain_by_endpoint(scene, "ALL_DOMAINS")


def own_domain_that_is_named(scene: Scene) -> str:
    return own_domain_by_endpoint(scene, "SPECIFIED_DOMAINS_ONLY", "*.example.com")


def own_domain_that_nobody_verified(scene: Scene) -> str:
    return own_domain_by_endpoint(scene, "VERIFIED_DOMAINS_ONLY")


def own_domain_without_private_dns(scene: Scene) -> str:
    return own_domain_by_endpoint(scene, "ALL_DOMAINS", private=False)


def own_domain_where_the_endpoint_lets_others_in(scene: Scene) -> str:
    scene.client("route53", CALLER).create_hosted_zone(Name="example.com", CallerReference="x")
    by_endpoint(scene, cidr="10.1.7.0/24", PrivateDnsEnabled=True, DnsOptions={"PrivateDnsPreference": "ALL_DOMAINS"})
    return "http://orders.example.com/"


def subnet_beside(scene: Scene) -> str:
    """A second one of the caller's VPC, with an ACL of its own that lets all pass."""
    ec2 = scene.client("ec2", CALLER)
    made = str(ec2.create_subnet(VpcId=VPC, CidrBlock="10.1.9.0/24")["Subnet"]["SubnetId"])
    acl = ec2.create_network_acl(VpcId=VPC)["NetworkAcl"]["NetworkAclId"]
    for egress in (False, True):
        ec2.create_network_acl_entry(
            NetworkAclId=acl,
            RuleNumber=100,
            Protocol="-1",
            RuleAction="allow",
            Egress=egress,
            CidrBlock="0.0.0.0/0",
        )
    filters = [{"Name": "association.subnet-id", "Values": [made]}]
    [old] = ec2.describe_network_acls(Filters=filters)["NetworkAcls"]
    [held] = [one for one in old["Associations"] if one["SubnetId"] == made]
    ec2.replace_network_acl_association(AssociationId=held["NetworkAclAssociationId"], NetworkAclId=acl)
    return made


def endpoint_lets_others_in(scene: Scene) -> str:
    return by_endpoint(scene, cidr="10.1.7.0/24")


def endpoint_lets_another_port_in(scene: Scene) -> str:
    return by_endpoint(scene, port=443)


def endpoint_s_own_subnet(scene: Scene) -> str:
    """In the caller's own subnet no ACL is asked."""
    [mine] = scene.client("ec2", CALLER).describe_subnets(Filters=[{"Name": "cidr-block", "Values": ["10.1.0.0/24"]}])[
        "Subnets"
    ]
    url = by_endpoint(scene, SubnetIds=[mine["SubnetId"]])
    acl_of(scene, mine["SubnetId"], egress=True, cidr="10.0.0.0/8")
    return url


def acl_of(scene: Scene, subnet: str, *, egress: bool, cidr: str, ports: tuple[int, int] = (1, 65535)) -> None:
    ec2 = scene.client("ec2", CALLER)
    filters = [{"Name": "association.subnet-id", "Values": [subnet]}]
    [found] = ec2.describe_network_acls(Filters=filters)["NetworkAcls"]
    ec2.create_network_acl_entry(
        NetworkAclId=found["NetworkAclId"],
        RuleNumber=9,
        Protocol="6",
        RuleAction="deny",
        Egress=egress,
        CidrBlock=cidr,
        PortRange={"From": ports[0], "To": ports[1]},
    )


def endpoint_s_acl(scene: Scene, *, egress: bool, ports: tuple[int, int]) -> str:
    url = by_endpoint(scene)
    [beside] = scene.client("ec2", CALLER).describe_subnets(
        Filters=[{"Name": "cidr-block", "Values": ["10.1.9.0/24"]}]
    )["Subnets"]
    acl_of(scene, beside["SubnetId"], egress=egress, cidr="10.1.0.0/16", ports=ports)
    return url


def endpoint_s_acl_shut(scene: Scene) -> str:
    return endpoint_s_acl(scene, egress=False, ports=(80, 80))


def endpoint_s_acl_lets_nothing_back(scene: Scene) -> str:
    return endpoint_s_acl(scene, egress=True, ports=(1024, 65535))


def caller_kept_off_the_endpoint(scene: Scene) -> str:
    url = by_endpoint(scene)
    to_lattice = [{"PrefixListId": lattice_list(scene)}]
    let_out_only(scene, {"IpProtocol": "-1", "PrefixListIds": to_lattice})
    return url


def caller_let_out_to_the_endpoint_s_group(scene: Scene) -> str:
    url = by_endpoint(scene)
    [door] = scene.client("ec2", CALLER).describe_security_groups(Filters=[{"Name": "group-name", "Values": ["door"]}])[
        "SecurityGroups"
    ]
    let_out_only(scene, {"IpProtocol": "-1", "UserIdGroupPairs": [{"GroupId": door["GroupId"]}]})
    return url


def callers_acl_keeps_off_the_endpoint(scene: Scene) -> str:
    url = by_endpoint(scene)
    [mine] = scene.client("ec2", CALLER).describe_subnets(Filters=[{"Name": "cidr-block", "Values": ["10.1.0.0/24"]}])[
        "Subnets"
    ]
    acl_of(scene, mine["SubnetId"], egress=True, cidr="10.1.9.0/24")
    return url


def endpoint_is_pending(scene: Scene) -> str:
    url = by_endpoint(scene)
    for it in ec2_backends[CALLER][scene.cloud.region].vpc_end_points.values():
        it.state = "pending"
    return url


def service_left_the_endpoint_s_network(scene: Scene) -> str:
    url = by_endpoint(scene)
    service_left(scene)
    return url


def endpoint_s_network_denies(scene: Scene) -> str:
    url = by_endpoint(scene)
    network_denies(scene)
    return url


def sends_by_tls(scene: Scene) -> None:
    lattice = scene.client("vpc-lattice")
    config = {"protocol": "HTTPS", "port": 80, "vpcIdentifier": BEHIND}
    group = lattice.create_target_group(name="by-tls", type="ALB", config=config)
    scene.cloud.settle()
    register(scene.cloud, group["id"], "orders")
    lattice.update_listener(
        serviceIdentifier=scene.service["id"], listenerIdentifier=scene.listener["id"], defaultAction=forward(group)
    )
    scene.cloud.settle()


def hidden_rule(scene: Scene) -> str:
    """The second takes nothing: what it asks for begins with what the first takes."""
    lattice = scene.client("vpc-lattice")
    for priority, path, action in ((1, "/api", {"fixedResponse": {"statusCode": 404}}), (2, "/api/v2", None)):
        lattice.create_rule(
            serviceIdentifier=scene.service["id"],
            listenerIdentifier=scene.listener["id"],
            name=f"takes-{priority}",
            priority=priority,
            match={"httpMatch": {"pathMatch": {"match": {"prefix": path}}}},
            action=action or forward(scene.group),
        )
    return f"http://{scene.domain}/api/v2/orders"


def another_certificate(scene: Scene) -> None:
    """The load balancer's listener shows one that the service has not."""
    elb, lattice = scene.client("elbv2"), scene.client("vpc-lattice")
    arn = balancer(scene.cloud, "orders")
    [listener] = elb.describe_listeners(LoadBalancerArn=arn)["Listeners"]
    elb.create_listener(
        LoadBalancerArn=arn,
        Protocol="HTTPS",
        Port=443,
        Certificates=[{"CertificateArn": certified(scene.cloud, OWNER, "orders.example.com")}],
        DefaultActions=listener["DefaultActions"],
    )
    config = {"protocol": "HTTPS", "port": 443, "vpcIdentifier": BEHIND}
    group = lattice.create_target_group(name="sealed", type="ALB", config=config)
    scene.cloud.settle()
    register(scene.cloud, group["id"], "orders", 443)
    lattice.update_listener(
        serviceIdentifier=scene.service["id"], listenerIdentifier=scene.listener["id"], defaultAction=forward(group)
    )
    scene.cloud.settle()


def no_load_balancer_yet(scene: Scene) -> None:
    """One is provisioning, and stands in the group already: its target is not in service before it is."""
    elb = scene.client("elbv2")
    no_target(scene)
    [old] = elb.describe_load_balancers(Names=["orders"])["LoadBalancers"]
    zones = [it["SubnetId"] for it in old["AvailabilityZones"]]
    elb.create_load_balancer(Name="fresh", Scheme="internal", Subnets=zones, SecurityGroups=old["SecurityGroups"])
    [listener] = elb.describe_listeners(LoadBalancerArn=old["LoadBalancerArn"])["Listeners"]
    fixed = {"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "200"}}
    elb.create_listener(
        LoadBalancerArn=balancer(scene.cloud, "fresh"), Protocol="HTTP", Port=listener["Port"], DefaultActions=[fixed]
    )
    register(scene.cloud, scene.group["id"], "fresh")


BROKEN: list[tuple[Callable[[Scene], str | None], str, str]] = [
    (nothing, "", ""),
    (dns_off, "dns", "vpc-dns-off"),
    (client_left, "vpc association", "vpc-not-joined"),
    (client_leaving, "vpc association", "vpc-not-active"),
    (caller_shut_out, "security group", "security-group"),
    (port_shut_out, "security group", "security-group"),
    (caller_kept_in, "egress", "egress-security-group"),
    (caller_kept_off_the_port, "egress", "egress-security-group"),
    (caller_let_out_to_lattice_alone, "", ""),
    (acl_shut, "egress", "egress-network-acl"),
    (acl_lets_nothing_back, "egress", "egress-network-acl"),
    (acl_denies_another_port, "", ""),
    (service_left, "service association", "service-not-joined"),
    (service_leaving, "service association", "service-association-not-active"),
    (network_denies, "auth policy", "auth-denied"),
    (policy_refuses, "auth policy", "auth-denied"),
    (policy_admits, "", ""),
    (no_listener, "listener", "port-not-listened"),
    (weightless, "target group", "weights-zero"),
    (answers_itself, "", ""),
    (no_target, "target group", "no-target"),
    (no_load_balancer_yet, "target group", "no-target"),
    (no_load_balancer, "load balancer", "load-balancer-missing"),
    (no_balancer_listener, "load balancer", "listener-missing"),
    (lattice_shut_out, "load balancer", "security-group"),
    (acl_of_the_balancer_shut, "load balancer", "load-balancer-network-acl"),
    (empty_load_balancer, "load balancer", "no-healthy-target"),
    (target_stopped, "target", "target-stopped"),
    (target_mute, "target", "no-healthy-target"),
    (balancer_answers_itself, "", ""),
    (balancer_sends_elsewhere, "", ""),
    (asked_by_tls, "listener", "protocol-mismatch"),
    (asked_by_another_s_name, "dns", "domain-not-its-own"),
    (no_certificate, "listener", "certificate-missing"),
    (sends_by_tls, "load balancer", "listener-protocol"),
    (another_certificate, "load balancer", "certificate-mismatch"),
    (hidden_rule, "", ""),
    (good_certificate, "", ""),
    (ended_certificate, "listener", "certificate-refused"),
    (lattices_own_name_beside_an_ended_certificate, "", ""),
    (certificate_of_others, "listener", "certificate-refused"),
    (certificate_without_one, "listener", "certificate-refused"),
    (passed_to_a_good_certificate, "", ""),
    (passed_to_the_certificate_of_others, "load balancer", "certificate-refused"),
    (passed_to_an_ended_certificate, "load balancer", "certificate-refused"),
    (passed_to_plain_http, "load balancer", "listener-protocol"),
    (hidden_by_a_zone, "dns", "zone-shadowed"),
    (hidden_by_a_zone_below, "dns", "zone-shadowed"),
    (hidden_behind_a_record, "dns", "zone-shadowed"),
    (zone_of_others_beside, "", ""),
    (by_endpoint, "", ""),
    (endpoint_lets_others_in, "vpc endpoint", "endpoint-security-group"),
    (endpoint_lets_another_port_in, "vpc endpoint", "endpoint-security-group"),
    (endpoint_s_own_subnet, "", ""),
    (endpoint_s_acl_shut, "vpc endpoint", "endpoint-network-acl"),
    (endpoint_s_acl_lets_nothing_back, "vpc endpoint", "endpoint-network-acl"),
    (caller_kept_off_the_endpoint, "egress", "egress-security-group"),
    (caller_let_out_to_the_endpoint_s_group, "", ""),
    (callers_acl_keeps_off_the_endpoint, "egress", "egress-network-acl"),
    (endpoint_is_pending, "vpc endpoint", "endpoint-not-available"),
    (service_left_the_endpoint_s_network, "dns", "name-unknown"),
    (endpoint_s_network_denies, "auth policy", "auth-denied"),
    (own_domain_of_all, "", ""),
    (own_domain_that_is_named, "", ""),
    (own_domain_that_nobody_verified, "dns", "no-record"),
    (own_domain_without_private_dns, "dns", "no-record"),
    (own_domain_where_the_endpoint_lets_others_in, "vpc endpoint", "endpoint-security-group"),
]


@pytest.mark.parametrize(("breaks", "hop", "code"), BROKEN, ids=[one[0].__name__ for one in BROKEN])
def test_the_trace_stops_where_the_plane_stops(
    scene: Scene, breaks: Callable[[Scene], str | None], hop: str, code: str
) -> None:
    """What breaks it says by which URL it is asked, where by another."""
    url = breaks(scene) or f"http://{scene.domain}/"
    answer = network.request(scene.cloud, IP, url)
    assert answer.stopped_at == hop, "the world is broken as it should be"
    before = len(scene.cloud.journal.of(CallRecord))
    parts = urlsplit(url)
    protocol, port = parts.scheme.upper(), parts.port or (443 if parts.scheme == "https" else 80)
    told = trace(scene, scene.eyes(), str(parts.hostname), protocol=protocol, port=port, path=parts.path)
    assert (told.stopped_at, told.hops[-1].code) == (hop, code), told.hops
    assert told.status == answer.status or not hop, "what a stop answers can be told without asking anybody"
    assert told.verdict == ("stopped" if hop else "reaches"), told.hops
    assert [it.name for it in told.hops] == [it.name for it in answer.hops]
    calls = {it.operation for it in scene.cloud.journal.of(CallRecord)[before:]}
    assert all(name.startswith(("Get", "List", "Describe")) for name in calls), calls


# --- stops that read-only calls cannot see, or that AWS lets nobody come to ----------------------------------


def test_who_is_checked_elsewhere_and_silent_where_it_is_asked_is_left_open(scene: Scene) -> None:
    """Its checks are well, by another port; only a request finds out that nothing listens on its own: no read tells."""
    elb = scene.client("elbv2")
    group = elb.create_target_group(Name="beside", Protocol="HTTP", Port=8080, VpcId=BEHIND, HealthCheckPort="80")
    arn = group["TargetGroups"][0]["TargetGroupArn"]
    elb.register_targets(TargetGroupArn=arn, Targets=[{"Id": instance(scene, "web")}])
    [listener] = elb.describe_listeners(LoadBalancerArn=balancer(scene.cloud, "orders"))["Listeners"]
    elb.modify_listener(
        ListenerArn=listener["ListenerArn"], DefaultActions=[{"Type": "forward", "TargetGroupArn": arn}]
    )
    answer = network.request(scene.cloud, IP, f"http://{scene.domain}/")
    assert (answer.stopped_at, answer.status) == ("target", 502)
    told = trace(scene, scene.eyes(), scene.domain)
    assert (told.verdict, told.hops[-1].name, told.hops[-1].verdict) == ("unknown", "target", "unknown")
    assert told.hops[-1].because == (
        "web (10.2.0.5) is healthy on port 80, and nobody checks what it answers on port 8080"
    )


def a_network_goes(scene: Scene) -> None:
    scene.client("vpc-lattice", CALLER).delete_service_network(serviceNetworkIdentifier=scene.network["id"])


def a_group_goes(scene: Scene) -> None:
    scene.client("vpc-lattice").delete_target_group(targetGroupIdentifier=scene.group["id"])


def a_group_that_is_being_made_is_used(scene: Scene) -> None:
    lattice = scene.client("vpc-lattice")
    config = {"protocol": "HTTP", "port": 80, "vpcIdentifier": BEHIND}
    group = lattice.create_target_group(name="fresh", type="ALB", config=config)
    assert group["status"] == "CREATE_IN_PROGRESS"
    lattice.update_listener(
        serviceIdentifier=scene.service["id"], listenerIdentifier=scene.listener["id"], defaultAction=forward(group)
    )


def a_service_that_is_being_made_joins(scene: Scene) -> None:
    lattice = scene.client("vpc-lattice")
    service = lattice.create_service(name="fresh", authType="NONE")
    assert service["status"] == "CREATE_IN_PROGRESS"
    lattice.create_service_network_service_association(
        serviceIdentifier=service["id"], serviceNetworkIdentifier=scene.network["arn"]
    )


def a_joined_service_goes(scene: Scene) -> None:
    scene.client("vpc-lattice").delete_service(serviceIdentifier=scene.service["id"])


@pytest.mark.parametrize(
    "deed",
    [
        a_network_goes,  # network-missing
        a_group_goes,  # target-group-missing
        a_group_that_is_being_made_is_used,  # target-group-not-active
        a_service_that_is_being_made_joins,  # service-not-active
        a_joined_service_goes,  # service-not-active
    ],
)
def test_what_would_stop_a_request_there_is_refused_by_aws(scene: Scene, deed: Callable[[Scene], None]) -> None:
    """So no world has these stops: the walk knows them for a moment between two reads (core/test_trace)."""
    with pytest.raises(ClientError, match="ConflictException"):
        deed(scene)
    assert trace(scene, scene.eyes(), scene.domain).verdict == "reaches"


@pytest.mark.parametrize(
    ("operation", "hop"),
    [("GetServiceNetwork", "auth policy"), ("GetTargetGroup", "target group"), ("GetService", "listener")],
)
def test_what_went_between_two_reads_or_may_not_be_read_is_left_open(scene: Scene, operation: str, hop: str) -> None:
    scene.cloud.faults.add(Fault("refuse", "vpc-lattice", operation, times=None))
    told = trace(scene, scene.eyes(), scene.domain)
    assert told.verdict == "unknown"
    assert hop in {it.name for it in told.hops if it.verdict == "unknown"}, told.hops


# --- names, signers, and who calls --------------------------------------------------------------------------


def test_a_custom_domain_needs_its_record(scene: Scene) -> None:
    host, url = "orders.example.com", "http://orders.example.com/"
    route53 = scene.client("route53", CALLER)
    zone = route53.create_hosted_zone(Name="example.com", CallerReference="x")["HostedZone"]["Id"]
    assert network.request(scene.cloud, IP, url).stopped_at == "dns"
    told = trace(scene, scene.eyes(), host)
    assert (told.stopped_at, told.hops[-1].code) == ("dns", "no-record")
    record = {"Name": host, "Type": "CNAME", "TTL": 60, "ResourceRecords": [{"Value": scene.domain}]}
    changes = {"Changes": [{"Action": "CREATE", "ResourceRecordSet": record}]}
    route53.change_resource_record_sets(HostedZoneId=zone, ChangeBatch=changes)
    assert network.request(scene.cloud, IP, url).status == 200
    assert trace(scene, scene.eyes(), host).verdict == "reaches"


def test_a_record_in_a_private_zone_of_other_vpcs_is_none_here(scene: Scene) -> None:
    host, ec2, route53 = "orders.example.com", scene.client("ec2", CALLER), scene.client("route53", CALLER)
    place = {"VPCRegion": scene.cloud.region, "VPCId": ec2.create_vpc(CidrBlock="10.77.0.0/20")["Vpc"]["VpcId"]}
    private: dict[str, Any] = {"VPC": place, "HostedZoneConfig": {"PrivateZone": True, "Comment": ""}}
    zone = route53.create_hosted_zone(Name="example.com", CallerReference="x", **private)["HostedZone"]["Id"]
    record = {"Name": host, "Type": "CNAME", "TTL": 60, "ResourceRecords": [{"Value": scene.domain}]}
    route53.change_resource_record_sets(
        HostedZoneId=zone, ChangeBatch={"Changes": [{"Action": "CREATE", "ResourceRecordSet": record}]}
    )
    assert network.request(scene.cloud, IP, f"http://{host}/").stopped_at == "dns"
    told = trace(scene, scene.eyes(), host)
    assert (told.stopped_at, told.hops[-1].code) == ("dns", "zone-not-associated")
    assert told.hops[-1].remedy.endswith(zone.rpartition("/")[2])


def test_a_name_that_the_zone_hands_on_is_not_found_in_it(scene: Scene) -> None:
    host, route53 = "orders.example.com", scene.client("route53", CALLER)
    zone = route53.create_hosted_zone(Name="com", CallerReference="x")["HostedZone"]["Id"]
    record = {"Name": host, "Type": "CNAME", "TTL": 60, "ResourceRecords": [{"Value": scene.domain}]}
    away = {"Name": "example.com", "Type": "NS", "TTL": 60, "ResourceRecords": [{"Value": "ns-1.example."}]}
    for one, stopped in ((record, ""), (away, "dns")):
        route53.change_resource_record_sets(
            HostedZoneId=zone, ChangeBatch={"Changes": [{"Action": "CREATE", "ResourceRecordSet": one}]}
        )
        assert network.request(scene.cloud, IP, f"http://{host}/").stopped_at == stopped
        assert trace(scene, scene.eyes(), host).stopped_at == stopped
    assert trace(scene, scene.eyes(), host).hops[-1].code == "zone-handed-on"


def test_a_private_zone_that_the_vpc_is_in_hides_the_public_one(scene: Scene) -> None:
    host, route53 = "orders.example.com", scene.client("route53", CALLER)
    public = route53.create_hosted_zone(Name="example.com", CallerReference="x")["HostedZone"]["Id"]
    record = {"Name": host, "Type": "CNAME", "TTL": 60, "ResourceRecords": [{"Value": scene.domain}]}
    changes = {"Changes": [{"Action": "CREATE", "ResourceRecordSet": record}]}
    route53.change_resource_record_sets(HostedZoneId=public, ChangeBatch=changes)
    assert trace(scene, scene.eyes(), host).verdict == "reaches"
    place = {"VPCRegion": scene.cloud.region, "VPCId": VPC}
    private: dict[str, Any] = {"VPC": place, "HostedZoneConfig": {"PrivateZone": True, "Comment": ""}}
    zone = route53.create_hosted_zone(Name="example.com", CallerReference="y", **private)["HostedZone"]["Id"]
    assert network.request(scene.cloud, IP, f"http://{host}/").stopped_at == "dns"
    told = trace(scene, scene.eyes(), host)
    assert (told.stopped_at, told.hops[-1].code) == ("dns", "zone-shadowed")
    assert zone.rpartition("/")[2] in told.hops[-1].remedy


def test_a_record_that_nobody_here_can_see_leaves_the_name_open(scene: Scene) -> None:
    told = trace(scene, scene.eyes(), "orders.example.com")
    assert told.hops[0].verdict == "unknown"
    assert "no hosted zone of 111111111111, 222222222222 holds orders.example.com" in told.hops[0].because


def test_where_hosted_zones_may_not_be_listed_that_is_why_a_name_is_left_open(scene: Scene) -> None:
    scene.cloud.faults.add(Fault("refuse", "route53", times=None))
    told = trace(scene, scene.eyes(), "orders.example.com")
    assert told.hops[0].verdict == "unknown"
    assert "no hosted zone of" not in told.hops[0].because


def test_a_name_through_an_endpoint_that_nobody_here_has_is_left_open(scene: Scene) -> None:
    """It resolves wherever the endpoint's owner lets it."""
    zone = scene.domain.split(".", 1)[1]
    told = trace(scene, scene.eyes(), f"vpce-0123456789abcdef0-snsa-0123456789abcdef0.{zone}")
    assert (told.verdict, told.hops[0].name) == ("unknown", "dns")
    assert "vpce-0123456789abcdef0 is no VPC endpoint of 111111111111, 222222222222" in told.hops[0].because


@pytest.mark.parametrize(("operation", "hop"), [("DescribeSubnets", "vpc endpoint"), ("DescribeVpcEndpoints", "dns")])
def test_what_may_not_be_read_of_an_endpoint_is_left_open(scene: Scene, operation: str, hop: str) -> None:
    host = str(urlsplit(by_endpoint(scene)).hostname)
    scene.cloud.faults.add(Fault("refuse", "ec2", operation, times=None))
    told = trace(scene, scene.eyes(), host)
    assert told.verdict == "unknown"
    assert hop in {it.name for it in told.hops if it.verdict == "unknown"}, told.hops


@pytest.mark.parametrize("service", ["acm", "route53"])
def test_certificates_and_zones_that_may_not_be_read_leave_it_open(scene: Scene, service: str) -> None:
    hop, host, asked = "dns", scene.domain, dict[str, Any]()
    if service == "acm":
        hop, asked = "listener", {"protocol": "HTTPS", "port": 443}
        host = str(urlsplit(good_certificate(scene)).hostname)
    scene.cloud.faults.add(Fault("refuse", service, times=None))
    told = trace(scene, scene.eyes(), host, **asked)
    assert (told.verdict, [it.name for it in told.hops if it.verdict == "unknown"]) == ("unknown", [hop])


def test_a_name_that_no_service_has_is_stopped_at_dns(scene: Scene) -> None:
    assert network.request(scene.cloud, IP, "http://nobody.example/").stopped_at == "dns"
    told = trace(scene, scene.eyes(), "nobody.example")
    assert (told.stopped_at, told.hops[-1].code) == ("dns", "name-unknown")


def test_a_role_signs_with_its_own_policies_and_keys(scene: Scene) -> None:
    iam = scene.client("iam", CALLER)
    iam.create_role(RoleName="app", AssumeRolePolicyDocument=NOBODY, Tags=[{"Key": "team", "Value": "shop"}])
    policy(scene, {"StringEquals": {"aws:PrincipalTag/team": "shop", "aws:PrincipalOrgID": "o-a1b2c3d4e5"}})
    signer = Caller(CALLER, scene.cloud.region, f"arn:aws:sts::{CALLER}:assumed-role/app/x", role="app", session="x")

    def both() -> tuple[str, str, str]:
        plane = network.request(scene.cloud, IP, f"http://{scene.domain}/", signer=signer)
        told = trace(scene, scene.eyes(), scene.domain, signer="app")
        assert told.stopped_at == plane.stopped_at, told.hops
        assert told.status == plane.status or not told.stopped_at
        policy = next(it for it in told.hops if it.name == "auth policy")
        return told.verdict, policy.because, policy.remedy

    verdict, because, remedy = both()
    assert (verdict, because) == (
        "stopped",
        "service orders refuses: the caller's own policies do not allow vpc-lattice-svcs:Invoke",
    )
    assert remedy.startswith("allow the caller vpc-lattice-svcs:Invoke on ")
    statement = {"Effect": "Allow", "Action": "vpc-lattice-svcs:Invoke", "Resource": "*"}
    allowing = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    iam.put_role_policy(RoleName="app", PolicyName="p", PolicyDocument=allowing)
    assert both()[0] == "reaches"
    limit = iam.create_policy(PolicyName="limit", PolicyDocument=allowing.replace("Allow", "Deny"))["Policy"]["Arn"]
    iam.attach_role_policy(RoleName="app", PolicyArn=limit)
    assert both()[0] == "stopped"
    iam.detach_role_policy(RoleName="app", PolicyArn=limit)
    iam.put_role_permissions_boundary(RoleName="app", PermissionsBoundary=limit)
    assert both()[0] == "stopped"
    with pytest.raises(signers.NoRole, match="account 111111111111 has no role nobody"):
        signers.role(scene.eyes(), "nobody")


def test_rules_of_a_listener_are_tried_as_the_plane_tries_them(scene: Scene) -> None:
    lattice = scene.client("vpc-lattice")
    matches: list[tuple[str, int, dict[str, Any]]] = [
        ("bots", 5, {"headerMatches": [{"name": "User-Agent", "match": {"contains": "bot"}}]}),
        ("api", 10, {"method": "POST", "pathMatch": {"match": {"prefix": "/api"}}}),
    ]
    for name, priority, match in matches:
        lattice.create_rule(
            serviceIdentifier=scene.service["id"],
            listenerIdentifier=scene.listener["id"],
            name=name,
            priority=priority,
            match={"httpMatch": match},
            action={"fixedResponse": {"statusCode": 404}},
        )
    eyes = scene.eyes()
    assert trace(scene, eyes, scene.domain, path="/api/v1", method="POST").status == 404
    assert trace(scene, eyes, scene.domain, headers=(("user-agent", "a bot"),)).status == 404
    assert trace(scene, eyes, scene.domain, path="/api/v1").verdict == "reaches"


def test_an_instance_or_a_whole_vpc_may_be_asked_for(scene: Scene) -> None:
    eyes = scene.eyes()
    client = callers.source(
        eyes, scene.client("ec2", CALLER).describe_instances()["Reservations"][0]["Instances"][0]["InstanceId"]
    )
    assert (client.account, client.vpc, client.ip) == (CALLER, VPC, IP)
    assert client.security_groups
    assert trace(scene, eyes, scene.domain, from_ip=VPC).verdict == "reaches"
    caller_shut_out(scene)
    told = trace(scene, eyes, scene.domain, from_ip=VPC)
    assert told.verdict == "unknown"
    assert "admits only 10.1.0.99/32 of 10.1.0.0/16" in told.hops[2].because


def test_who_calls_is_found_or_said_how_to_name(scene: Scene) -> None:
    eyes = scene.eyes()
    for what, says in (
        ("nonsense", "'nonsense' is no VPC"),
        ("192.168.0.1", "no VPC of 111111111111, 222222222222 has the address"),
        ("vpc-0ccccccccccccccc3", "nor joined to a network that can be seen"),
        ("i-0ccccccccccccccc3", "no instance i-0ccccccccccccccc3"),
    ):
        with pytest.raises(Nowhere, match=says):
            callers.source(eyes, what)
    twin = scene.client("ec2", OWNER).create_vpc(CidrBlock="10.1.0.0/16")["Vpc"]["VpcId"]
    assert callers.source(eyes, IP).vpc == VPC, "an instance lives at this address in one of them"
    with pytest.raises(Nowhere, match=f"{twin} of {OWNER}: say which by --vpc"):
        callers.source(eyes, "10.1.0.77")
    assert callers.source(eyes, "10.1.0.77", twin).account == OWNER


# --- what is not one's own ----------------------------------------------------------------------------------


def test_the_client_side_alone_sees_as_far_as_the_service_is_joined(scene: Scene) -> None:
    told = trace(scene, scene.eyes(CALLER), scene.domain)
    assert [(it.name, it.verdict) for it in told.hops] == [
        ("dns", "ok"),
        ("egress", "ok"),
        ("vpc association", "ok"),
        ("security group", "ok"),
        ("service association", "ok"),
        ("auth policy", "unknown"),
        ("listener", "unknown"),
    ]
    assert told.verdict == "unknown"
    assert "account 222222222222 cannot be read" in told.hops[-1].because


def test_the_service_side_alone_sees_all_but_who_is_let_in(scene: Scene) -> None:
    caller = callers.source(scene.eyes(OWNER), VPC)
    assert (caller.account, caller.ip) == (CALLER, "0.0.0.0/0")
    told = trace(scene, scene.eyes(OWNER), scene.domain, from_ip=VPC)
    assert told.verdict == "unknown"
    assert [it.name for it in told.hops if it.verdict == "unknown"] == ["dns"]
    admit(scene, "10.1.0.0/16")
    told = trace(scene, scene.eyes(OWNER), scene.domain, from_ip=VPC)
    assert [it.name for it in told.hops if it.verdict == "unknown"] == ["dns", "security group"]
    assert told.hops[-1].name == "target"


def test_a_stop_on_the_side_that_can_be_read_is_a_stop(scene: Scene) -> None:
    caller_shut_out(scene)
    told = trace(scene, scene.eyes(CALLER), scene.domain)
    assert (told.verdict, told.stopped_at) == ("stopped", "security group")


def test_a_network_asks_for_a_policy_that_only_its_owner_reads(scene: Scene) -> None:
    network_denies(scene)
    told = trace(scene, scene.eyes(OWNER), scene.domain, from_ip=VPC)
    hop = next(it for it in told.hops if it.name == "auth policy")
    assert hop.verdict == "unknown"
    assert "its auth policy could not be read" in hop.because


def test_without_a_session_nothing_can_be_looked_at() -> None:
    with pytest.raises(ValueError, match="no session"):
        Eyes({})
