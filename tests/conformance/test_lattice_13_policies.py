"""Facts 13: auth policies and their state; facts 17: what a resource policy may hold."""

import json
from typing import Any

import pytest
from lattice_world import MEMBER, NETWORK, World, refused

fact = pytest.mark.fact

ALLOW = {"Effect": "Allow", "Principal": "*", "Action": "vpc-lattice-svcs:Invoke", "Resource": "*"}
POLICY = json.dumps({"Version": "2012-10-17", "Statement": [ALLOW]})


@fact("13 a policy is inactive while authType is NONE")
def test_a_policy_without_auth_is_inactive(world: World) -> None:
    lattice, network = world.lattice(NETWORK), world.network()
    put = lattice.put_auth_policy(resourceIdentifier=network["id"], policy=POLICY)
    assert (put["policy"], put["state"]) == (POLICY, "Inactive")


@fact("13 a policy is active under AWS_IAM")
def test_a_policy_becomes_active_with_auth(world: World) -> None:
    lattice, network = world.lattice(NETWORK), world.network()
    lattice.put_auth_policy(resourceIdentifier=network["arn"], policy=POLICY)
    lattice.update_service_network(serviceNetworkIdentifier=network["id"], authType="AWS_IAM")
    read = lattice.get_auth_policy(resourceIdentifier=network["id"])
    assert (read["policy"], read["state"]) == (POLICY, "Active")
    assert read["createdAt"] <= read["lastUpdatedAt"]


@fact("13 authType's default is NONE, and a service has a policy of its own")
def test_a_service_has_its_own_auth(world: World) -> None:
    lattice = world.lattice()
    assert world.service()["authType"] == "NONE"
    service = world.service(authType="AWS_IAM")
    assert lattice.put_auth_policy(resourceIdentifier=service["id"], policy=POLICY)["state"] == "Active"


@fact("13 no newlines in a policy")
def test_a_policy_on_several_lines_is_refused(world: World) -> None:
    pretty = json.dumps({"Version": "2012-10-17", "Statement": [ALLOW]}, indent=1)
    with refused("ValidationException", "newlines", 400):
        world.lattice(NETWORK).put_auth_policy(resourceIdentifier=world.network()["id"], policy=pretty)


@fact("13 a policy has at most 10 KB")
def test_a_policy_over_ten_kilobytes_is_refused(world: World) -> None:
    long = json.dumps({"Statement": [{**ALLOW, "Sid": "s" * 10_240}]})
    with refused("ValidationException", "10 KB", 400):
        world.lattice(NETWORK).put_auth_policy(resourceIdentifier=world.network()["id"], policy=long)


@fact("13 a policy is an IAM policy document")
@pytest.mark.parametrize(
    "policy",
    [
        "not json",
        "[]",
        "{}",
        '{"Statement":[]}',
        '{"Statement":[{"Effect":"Maybe","Principal":"*","Action":"a"}]}',
        '{"Statement":[{"Effect":"Allow","Action":"vpc-lattice-svcs:Invoke"}]}',
        '{"Statement":[{"Effect":"Allow","Principal":5,"Action":"vpc-lattice-svcs:Invoke"}]}',
        '{"Statement":[{"Effect":"Allow","Principal":"*","Action":5}]}',
        '{"Statement":[{"Effect":"Allow","Principal":"*","Action":[]}]}',
        '{"Statement":["Allow"]}',
    ],
)
def test_what_is_no_policy_is_refused(world: World, policy: str) -> None:
    with refused("ValidationException", status=400):
        world.lattice(NETWORK).put_auth_policy(resourceIdentifier=world.network()["id"], policy=policy)


@fact("13 DeleteAuthPolicy under AWS_IAM succeeds (and denies all)")
def test_a_policy_may_be_deleted_while_auth_is_on(world: World) -> None:
    lattice, network = world.lattice(NETWORK), world.network(authType="AWS_IAM")
    lattice.put_auth_policy(resourceIdentifier=network["id"], policy=POLICY)
    lattice.delete_auth_policy(resourceIdentifier=network["id"])
    assert "policy" not in lattice.get_auth_policy(resourceIdentifier=network["id"])
    lattice.delete_auth_policy(resourceIdentifier=network["id"])


@fact("28 GetAuthPolicy without a policy: 200 with no policy, or 404")
def test_an_absent_policy_is_answered_without_one(world: World) -> None:
    assert "policy" not in world.lattice(NETWORK).get_auth_policy(resourceIdentifier=world.network()["id"])


@fact("4 policies of what is not there are not found")
def test_a_policy_needs_its_resource(world: World) -> None:
    with refused("ResourceNotFoundException", status=404):
        world.lattice().put_auth_policy(resourceIdentifier="sn-0123456789abcdef0", policy=POLICY)


GRANTED = {
    "network": [
        "vpc-lattice:CreateServiceNetworkServiceAssociation",
        "vpc-lattice:CreateServiceNetworkVpcAssociation",
        "vpc-lattice:GetServiceNetwork",
    ],
    "service": ["vpc-lattice:CreateServiceNetworkServiceAssociation", "vpc-lattice:GetService"],
}


def granting(actions: Any, resource: str) -> str:
    principal = {"AWS": f"arn:aws:iam::{MEMBER}:root"}
    statement = {"Effect": "Allow", "Principal": principal, "Action": actions, "Resource": resource}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


@fact("17 PutResourcePolicy must carry just the actions of the RAM permission")
@pytest.mark.parametrize("kind", GRANTED)
def test_a_resource_policy_grants_what_sharing_grants(world: World, kind: str) -> None:
    lattice = world.lattice(NETWORK)
    arn = (world.network() if kind == "network" else world.service(NETWORK))["arn"]
    good = granting(GRANTED[kind], arn)
    lattice.put_resource_policy(resourceArn=arn, policy=good)
    assert lattice.get_resource_policy(resourceArn=arn)["policy"] == good
    lattice.delete_resource_policy(resourceArn=arn)
    assert "policy" not in lattice.get_resource_policy(resourceArn=arn)


@fact("17 PutResourcePolicy must carry just the actions of the RAM permission: no other, and none left out")
@pytest.mark.parametrize(
    "actions",
    [
        GRANTED["network"][:1],
        [*GRANTED["network"], "vpc-lattice:DeleteServiceNetwork"],
        "vpc-lattice:*",
        [],
        5,
    ],
)
def test_a_resource_policy_with_other_actions_is_refused(world: World, actions: Any) -> None:
    network = world.network()
    with refused("ValidationException", status=400):
        world.lattice(NETWORK).put_resource_policy(resourceArn=network["arn"], policy=granting(actions, network["arn"]))


@fact("6 resource policy 10,000 characters; no newlines")
@pytest.mark.parametrize("more", [" " * 10_000, "\n"])
def test_a_resource_policy_is_short_and_on_one_line(world: World, more: str) -> None:
    network = world.network()
    with refused("ValidationException", status=400):
        world.lattice(NETWORK).put_resource_policy(
            resourceArn=network["arn"], policy=granting(GRANTED["network"], network["arn"]) + more
        )
