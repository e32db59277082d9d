"""Facts 24: what IAM must allow for each call."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from lattice_world import MEMBER, NETWORK, REGION, World, refused

from localcloud.cloud import LocalCloud
from localcloud.ground.caller import Caller
from tests.logs import POLICY

fact = pytest.mark.fact

CALLER = Caller(MEMBER, REGION, f"arn:aws:sts::{MEMBER}:assumed-role/writer/run", role="writer", session="run")

type Acting = Callable[[str, str, str], Any]
type Needs = dict[tuple[str, str], dict[str, Any]]


def needs(world: World, operation: str, **params: Any) -> Needs:
    """Contexts by (action, resource)."""
    asked = world.cloud.lattice.authorisation(operation, params, CALLER)
    return {(action, resource): context for action, resource, context in asked}


@fact("24 CreateService: itself; AuthType, CreateAction, request tags; with tags also TagResource; linked role")
def test_creating_a_service_needs_the_service_its_tags_and_the_linked_role(world: World) -> None:
    asked = needs(world, "CreateService", name="orders", authType="AWS_IAM", tags={"team": "orders"})
    made = f"arn:aws:vpc-lattice:{REGION}:{MEMBER}:service/svc-{'0' * 17}"
    tags = {"aws:RequestTag/team": "orders", "aws:TagKeys": ["team"]}
    because = {"vpc-lattice:CreateAction": "CreateService"}
    role = f"arn:aws:iam::{MEMBER}:role/aws-service-role/vpc-lattice.amazonaws.com/AWSServiceRoleForVpcLattice"
    assert asked == {
        ("vpc-lattice:CreateService", made): {"vpc-lattice:AuthType": "AWS_IAM", **tags, **because},
        ("vpc-lattice:TagResource", made): {**tags, **because},
        ("iam:CreateServiceLinkedRole", role): {"iam:AWSServiceName": "vpc-lattice.amazonaws.com"},
    }


@fact("24 the linked role is made with the first Lattice resource")
def test_the_linked_role_is_asked_for_once(world: World) -> None:
    world.service()
    assert [action for action, _ in needs(world, "CreateService", name="second")] == ["vpc-lattice:CreateService"]


@fact("24 CreateSNVA: SN and SNVA; VpcId, ServiceNetworkArn, SecurityGroupIds; ec2 describes")
def test_admitting_a_vpc_needs_network_and_association(world: World) -> None:
    network = world.network()
    asked = needs(
        world,
        "CreateServiceNetworkVpcAssociation",
        serviceNetworkIdentifier=network["arn"],
        vpcIdentifier="vpc-0a1b2c3d",
        securityGroupIds=["sg-0a1b2c3d"],
    )
    context = {
        "vpc-lattice:VpcId": "vpc-0a1b2c3d",
        "vpc-lattice:SecurityGroupIds": ["sg-0a1b2c3d"],
        "vpc-lattice:ServiceNetworkArn": network["arn"],
        "vpc-lattice:CreateAction": "CreateServiceNetworkVpcAssociation",
    }
    association = f"arn:aws:vpc-lattice:{REGION}:{MEMBER}:servicenetworkvpcassociation/snva-{'0' * 17}"
    action = "vpc-lattice:CreateServiceNetworkVpcAssociation"
    assert asked[action, association] == asked[action, network["arn"]] == context
    assert {("ec2:DescribeVpcs", "*"), ("ec2:DescribeSecurityGroups", "*")} < set(asked)


@fact("24 CreateSNSA: SVC, SN and SNSA; ServiceArn, ServiceNetworkArn")
def test_joining_needs_service_network_and_association(world: World) -> None:
    network, service = world.network(), world.service(tags={"team": "orders"})
    asked = needs(
        world,
        "CreateServiceNetworkServiceAssociation",
        serviceNetworkIdentifier=network["arn"],
        serviceIdentifier=service["id"],
    )
    context = {
        "vpc-lattice:ServiceNetworkArn": network["arn"],
        "vpc-lattice:ServiceArn": service["arn"],
        "vpc-lattice:CreateAction": "CreateServiceNetworkServiceAssociation",
    }
    action = "vpc-lattice:CreateServiceNetworkServiceAssociation"
    assert asked[action, network["arn"]] == context
    assert asked[action, service["arn"]] == {**context, "aws:ResourceTag/team": "orders"}
    assert len(asked) == 3


@fact("24 the tags of a foreign network cannot be a condition")
def test_a_foreign_networks_tags_are_not_known_to_iam(world: World) -> None:
    network = world.network(tags={"team": "infra"})
    asked = needs(world, "GetServiceNetwork", serviceNetworkIdentifier=network["arn"])
    assert asked["vpc-lattice:GetServiceNetwork", network["arn"]] == {}


@fact("24 Get, Delete of SNSA or SNVA: the association; ServiceNetworkArn with ServiceArn or VpcId; tags")
def test_ending_an_association_is_judged_by_what_it_joins(world: World) -> None:
    network, service, vpc = world.network(MEMBER), world.service(), world.vpc()
    joined, admitted = world.join(service, network, tags={"team": "orders"}), world.admit(vpc, network)
    assert needs(
        world,
        "DeleteServiceNetworkServiceAssociation",
        serviceNetworkServiceAssociationIdentifier=joined["id"],
    ) == {
        ("vpc-lattice:DeleteServiceNetworkServiceAssociation", joined["arn"]): {
            "vpc-lattice:ServiceNetworkArn": network["arn"],
            "vpc-lattice:ServiceArn": service["arn"],
            "aws:ResourceTag/team": "orders",
        }
    }
    [context] = needs(
        world, "GetServiceNetworkVpcAssociation", serviceNetworkVpcAssociationIdentifier=admitted["id"]
    ).values()
    assert context == {"vpc-lattice:ServiceNetworkArn": network["arn"], "vpc-lattice:VpcId": vpc}


@fact("24 UpdateSNVA: VpcId, ServiceNetworkArn, SecurityGroupIds; ec2 describes")
def test_updating_a_vpc_association_is_judged_by_its_groups(world: World) -> None:
    network, vpc = world.network(MEMBER), world.vpc()
    admitted = world.admit(vpc, network)
    asked = needs(
        world,
        "UpdateServiceNetworkVpcAssociation",
        serviceNetworkVpcAssociationIdentifier=admitted["id"],
        securityGroupIds=["sg-0a1b2c3d"],
    )
    assert asked["vpc-lattice:UpdateServiceNetworkVpcAssociation", admitted["arn"]] == {
        "vpc-lattice:SecurityGroupIds": ["sg-0a1b2c3d"],
        "vpc-lattice:ServiceNetworkArn": network["arn"],
        "vpc-lattice:VpcId": vpc,
    }
    assert len(asked) == 3


@fact("24 UpdateSNVA needs ec2:DescribeVpcs and ec2:DescribeSecurityGroups, whatever it changes")
def test_updating_a_vpc_association_needs_both_describes(world: World) -> None:
    admitted = world.admit(world.vpc(), world.network(MEMBER))
    asked = needs(
        world,
        "UpdateServiceNetworkVpcAssociation",
        serviceNetworkVpcAssociationIdentifier=admitted["id"],
        privateDnsEnabled=True,
    )
    assert {("ec2:DescribeVpcs", "*"), ("ec2:DescribeSecurityGroups", "*")} <= set(asked)


@fact("24 CreateTargetGroup: VpcId; ec2:DescribeVpcs")
def test_creating_a_target_group_is_judged_by_its_vpc(world: World) -> None:
    config = {"protocol": "HTTP", "vpcIdentifier": "vpc-0a1b2c3d"}
    asked = needs(world, "CreateTargetGroup", name="group", type="ALB", config=config)
    [context] = [context for (action, _), context in asked.items() if action == "vpc-lattice:CreateTargetGroup"]
    assert context == {
        "vpc-lattice:VpcId": "vpc-0a1b2c3d",
        "vpc-lattice:CreateAction": "CreateTargetGroup",
    }
    assert ("ec2:DescribeVpcs", "*") in asked


@fact("24 RegisterTargets, DeregisterTargets, ListTargets: TG; elasticloadbalancing:DescribeLoadBalancers for ALB")
@pytest.mark.parametrize("operation", ["RegisterTargets", "DeregisterTargets", "ListTargets"])
def test_the_targets_of_an_alb_group_need_describing_balancers(world: World, operation: str) -> None:
    group = world.group()
    asked = needs(world, operation, targetGroupIdentifier=group["id"], targets=[])
    assert set(asked) == {
        (f"vpc-lattice:{operation}", group["arn"]),
        ("elasticloadbalancing:DescribeLoadBalancers", "*"),
    }


@fact("24 RegisterTargets: LAMBDA lambda:GetFunction, AddPermission; INSTANCE ec2:DescribeInstances, Vpcs, Subnets")
@pytest.mark.parametrize(
    ("kind", "target", "actions"),
    [
        ("LAMBDA", f"arn:aws:lambda:{REGION}:{MEMBER}:function:f", ("lambda:GetFunction", "lambda:AddPermission")),
        ("INSTANCE", "*", ("ec2:DescribeInstances", "ec2:DescribeVpcs", "ec2:DescribeSubnets")),
    ],
)
def test_what_is_registered_is_looked_up(world: World, kind: str, target: str, actions: tuple[str, ...]) -> None:
    group = world.group(kind=kind)
    asked = needs(world, "RegisterTargets", targetGroupIdentifier=group["id"], targets=[{"id": target}])
    assert set(asked) == {("vpc-lattice:RegisterTargets", group["arn"]), *((action, target) for action in actions)}


@fact("24 CreateListener: Protocol, TargetGroupArns; CreateRule: TargetGroupArns")
def test_listeners_and_rules_are_judged_by_their_target_groups(world: World) -> None:
    service, group = world.service(), world.group()
    listener = world.listener(service)
    action = {"forward": {"targetGroups": [{"targetGroupIdentifier": group["id"]}]}}
    at = {"serviceIdentifier": service["id"]}
    [(key, context)] = needs(world, "CreateListener", **at, name="web", protocol="HTTP", defaultAction=action).items()
    assert key == ("vpc-lattice:CreateListener", f"{service['arn']}/listener/listener-{'0' * 17}")
    assert context == {"vpc-lattice:Protocol": "HTTP", "vpc-lattice:TargetGroupArns": [group["arn"]]}
    at["listenerIdentifier"] = listener["id"]
    [(key, context)] = needs(world, "CreateRule", **at, name="one", priority=1, match={}, action=action).items()
    assert key == ("vpc-lattice:CreateRule", f"{listener['arn']}/rule/rule-{'0' * 17}")
    assert context == {"vpc-lattice:TargetGroupArns": [group["arn"]]}


@fact("24 BatchUpdateRule is authorised by UpdateRule")
def test_a_batch_needs_the_update_of_each_rule(world: World) -> None:
    service = world.service()
    listener = world.listener(service)
    rules = [world.rule(service, listener, priority) for priority in (1, 2)]
    asked = needs(
        world,
        "BatchUpdateRule",
        serviceIdentifier=service["id"],
        listenerIdentifier=listener["id"],
        rules=[{"ruleIdentifier": rule["id"], "priority": 9} for rule in rules],
    )
    assert set(asked) == {("vpc-lattice:UpdateRule", rule["arn"]) for rule in rules}


@fact("24 CreateAccessLogSubscription: ALS with SVC or SN; logs deliveries; update and delete the matching pair")
def test_log_subscriptions_need_log_deliveries(world: World) -> None:
    service = world.service()
    logs = "arn:aws:s3:::bucket-of-logs"
    create = needs(
        world, "CreateAccessLogSubscription", resourceIdentifier=service["id"], destinationArn=world.destination(logs)
    )
    assert ("vpc-lattice:CreateAccessLogSubscription", service["arn"]) in create
    made = world.lattice().create_access_log_subscription(
        resourceIdentifier=service["id"], destinationArn=world.destination(logs)
    )
    named = {"accessLogSubscriptionIdentifier": made["id"]}
    for verb, asked in {
        "Create": create,
        "Update": needs(world, "UpdateAccessLogSubscription", **named, destinationArn=world.destination(logs)),
        "Delete": needs(world, "DeleteAccessLogSubscription", **named),
    }.items():
        assert {(f"logs:{verb}LogDelivery", "*"), ("logs:GetLogDelivery", "*")} < set(asked)


@fact("24 auth and resource policy calls: SVC or SN")
def test_policies_are_judged_by_their_resource(world: World) -> None:
    service = world.service()
    asked = needs(world, "PutAuthPolicy", resourceIdentifier=service["id"], policy="{}")
    assert asked == {("vpc-lattice:PutAuthPolicy", service["arn"]): {}}


@fact("24 all other List calls: *; SNSA and SNVA lists: ServiceArn, ServiceNetworkArn, VpcId")
def test_lists_are_judged_without_a_resource(world: World) -> None:
    service = world.service()
    assert needs(world, "ListServices") == {("vpc-lattice:ListServices", "*"): {}}
    assert needs(world, "ListServiceNetworkServiceAssociations", serviceIdentifier=service["id"]) == {
        ("vpc-lattice:ListServiceNetworkServiceAssociations", "*"): {"vpc-lattice:ServiceArn": service["arn"]}
    }
    assert needs(world, "ListServiceNetworkVpcAssociations", vpcIdentifier="vpc-0a1b2c3d") == {
        ("vpc-lattice:ListServiceNetworkVpcAssociations", "*"): {"vpc-lattice:VpcId": "vpc-0a1b2c3d"}
    }
    group = world.group(kind="IP")
    assert set(needs(world, "ListTargets", targetGroupIdentifier=group["id"])) == {
        ("vpc-lattice:ListTargets", group["arn"])
    }


@fact("24 tag keys: RequestTag, ResourceTag, TagKeys")
def test_tagging_is_judged_by_old_and_new_tags(world: World) -> None:
    service = world.service(tags={"team": "orders"})
    assert needs(world, "TagResource", resourceArn=service["arn"], tags={"stage": "test"}) == {
        ("vpc-lattice:TagResource", service["arn"]): {
            "aws:RequestTag/stage": "test",
            "aws:TagKeys": ["stage"],
            "aws:ResourceTag/team": "orders",
        }
    }
    [context] = needs(world, "UntagResource", resourceArn=service["arn"], tagKeys=["team"]).values()
    assert context == {"aws:TagKeys": ["team"], "aws:ResourceTag/team": "orders"}


@fact("24 a role may do what its policy allows, and no more")
def test_a_role_makes_only_what_it_may(cloud: LocalCloud, acting: Acting) -> None:
    allowed = {
        "Effect": "Allow",
        "Action": ["vpc-lattice:CreateService", "vpc-lattice:TagResource"],
        "Resource": "arn:aws:vpc-lattice:*:*:service/svc-*",
        "Condition": {"StringEquals": {"aws:RequestTag/owner": "us"}},
    }
    linked = {"Effect": "Allow", "Action": "iam:CreateServiceLinkedRole", "Resource": "*"}
    trust = {"Effect": "Allow", "Principal": {"AWS": NETWORK}, "Action": "sts:AssumeRole"}
    cloud.enforce_iam = True
    iam = cloud.client("iam", MEMBER)
    iam.create_role(RoleName="writer", AssumeRolePolicyDocument=json.dumps({"Statement": [trust]}))
    document = json.dumps({"Version": "2012-10-17", "Statement": [allowed, linked]})
    iam.put_role_policy(RoleName="writer", PolicyName="p", PolicyDocument=document)
    lattice = acting("vpc-lattice", MEMBER, "writer")
    lattice.create_service(name="ours", tags={"owner": "us"})
    with refused("AccessDeniedException", "vpc-lattice:CreateService", 403):
        lattice.create_service(name="theirs", tags={"owner": "them"})
    with refused("AccessDeniedException", "vpc-lattice:CreateServiceNetwork", 403):
        lattice.create_service_network(name="net")


@fact("24 log set-up: for log groups PutResourcePolicy, DescribeResourcePolicies, DescribeLogGroups")
def test_a_role_that_may_not_change_whom_a_log_group_lets_in_needs_one_that_does(
    cloud: LocalCloud, acting: Acting, world: World
) -> None:
    destination = world.destination(f"arn:aws:logs:{REGION}:{MEMBER}:log-group:/lattice/orders:*")
    service = world.service()
    trust = {"Effect": "Allow", "Principal": {"AWS": NETWORK}, "Action": "sts:AssumeRole"}
    may = ["vpc-lattice:CreateAccessLogSubscription", "logs:CreateLogDelivery", "logs:GetLogDelivery"]
    cloud.enforce_iam = True
    iam, logs = cloud.client("iam", MEMBER), cloud.client("logs", MEMBER)
    iam.create_role(RoleName="writer", AssumeRolePolicyDocument=json.dumps({"Statement": [trust]}))
    document = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": may, "Resource": "*"}]}
    iam.put_role_policy(RoleName="writer", PolicyName="p", PolicyDocument=json.dumps(document))
    asked = {"resourceIdentifier": service["id"], "destinationArn": destination}
    with refused("AccessDeniedException", "delivery.logs.amazonaws.com", 403):
        acting("vpc-lattice", MEMBER, "writer").create_access_log_subscription(**asked)
    assert logs.describe_resource_policies()["resourcePolicies"] == []
    logs.put_resource_policy(policyName="ours", policyDocument=json.dumps(POLICY))
    acting("vpc-lattice", MEMBER, "writer").create_access_log_subscription(**asked)
    assert [one["policyName"] for one in logs.describe_resource_policies()["resourcePolicies"]] == ["ours"]
