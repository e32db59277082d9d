"""Facts 10 and 2.5: who sees and may do what across accounts, and who is told."""

import json
from typing import Any

import pytest
from lattice_world import MEMBER, NETWORK, OTHER, REGION, World, refused

from localcloud.ground.journal import EventRecord

fact = pytest.mark.fact


def announced(world: World, account: str) -> list[str]:
    """The names of the service events on an account's bus."""
    return [
        record.event["detail"]["eventName"]
        for record in world.cloud.journal.of(EventRecord)
        if record.event["detail-type"] == "AWS Service Event via CloudTrail" and record.event["account"] == account
    ]


def drop(world: World, association: dict[str, Any], account: str) -> Any:
    return world.lattice(account).delete_service_network_service_association(
        serviceNetworkServiceAssociationIdentifier=association["id"]
    )


@fact("10 an association appears in both accounts, each seeing an ARN with its own account id")
def test_each_side_sees_the_association_under_its_own_account(world: World) -> None:
    network = world.shared_network(MEMBER)
    joined = world.join(world.service(), network)
    admitted = world.admit(world.vpc(), network)
    assert joined["arn"].split(":")[4] == admitted["arn"].split(":")[4] == MEMBER
    lattice, of = world.lattice(NETWORK), {"serviceNetworkIdentifier": network["id"]}
    seen = [
        *lattice.list_service_network_service_associations(**of)["items"],
        *lattice.list_service_network_vpc_associations(**of)["items"],
    ]
    assert [item["arn"].split(":")[4] for item in seen] == [NETWORK, NETWORK]
    assert [item["id"] for item in seen] == [joined["id"], admitted["id"]]
    read = lattice.get_service_network_service_association(serviceNetworkServiceAssociationIdentifier=seen[0]["arn"])
    assert read["serviceArn"].split(":")[4] == MEMBER


@fact("10 the other side's ARN of an association is foreign")
def test_an_association_is_not_found_under_the_partners_arn(world: World) -> None:
    joined = world.join(world.service(), world.shared_network(MEMBER))
    with refused("AccessDeniedException", status=403):
        world.lattice(NETWORK).get_service_network_service_association(
            serviceNetworkServiceAssociationIdentifier=joined["arn"]
        )


@fact("10 createdBy names the creator")
def test_both_sides_read_who_made_it(world: World) -> None:
    network = world.shared_network(MEMBER)
    joined = world.join(world.service(), network)
    assert joined["createdBy"] == MEMBER
    [seen] = world.lattice(NETWORK).list_service_network_service_associations(serviceNetworkIdentifier=network["id"])[
        "items"
    ]
    assert seen["createdBy"] == MEMBER


@fact("10 both the entity owner and the creator may delete it, and it vanishes from both")
@pytest.mark.parametrize("who", [MEMBER, NETWORK])
def test_either_side_ends_the_association_for_both(world: World, who: str) -> None:
    network = world.shared_network(MEMBER)
    service = world.service()
    drop(world, world.join(service, network), who)
    world.settle()
    for account in (MEMBER, NETWORK):
        for of in ({"serviceNetworkIdentifier": network["arn"]}, {"serviceIdentifier": service["arn"]}):
            assert world.lattice(account).list_service_network_service_associations(**of)["items"] == []


@fact("10 the SN owner may delete a member's SNVA: the kill switch")
def test_the_networks_owner_puts_a_vpc_out(world: World) -> None:
    network, vpc = world.shared_network(MEMBER), world.vpc()
    admitted = world.admit(vpc, network)
    world.lattice(NETWORK).delete_service_network_vpc_association(serviceNetworkVpcAssociationIdentifier=admitted["id"])
    world.settle()
    assert world.lattice().list_service_network_vpc_associations(vpcIdentifier=vpc)["items"] == []


@fact("10 only the account that created an SNVA can update it")
def test_the_networks_owner_cannot_change_a_members_vpc_association(world: World) -> None:
    vpc = world.vpc()
    admitted = world.admit(vpc, world.shared_network(MEMBER))
    with refused("AccessDeniedException", status=403):
        world.lattice(NETWORK).update_service_network_vpc_association(
            serviceNetworkVpcAssociationIdentifier=admitted["id"],
            securityGroupIds=[world.security_group(vpc)],
        )


@fact("10 SNSA: two entities that are both merely shared cannot be joined")
def test_an_account_joins_only_what_has_an_end_of_its_own(world: World) -> None:
    network, service = world.shared_network(OTHER), world.service()
    world.share(service["arn"], MEMBER, OTHER)
    with refused("AccessDeniedException", status=403):
        world.join(service, network, OTHER)


@fact("10 SNSA: the caller may own the SN and use a shared SVC")
def test_the_networks_owner_joins_a_service_that_is_shared_with_it(world: World) -> None:
    network, service = world.network(), world.service()
    world.share(service["arn"], MEMBER, NETWORK)
    joined = world.join(service, network, NETWORK)
    assert (joined["createdBy"], joined["arn"].split(":")[4]) == (NETWORK, NETWORK)
    [seen] = world.lattice().list_service_network_service_associations(serviceIdentifier=service["id"])["items"]
    assert seen["arn"].split(":")[4] == MEMBER


@fact("10 a network that is not shared cannot be joined")
def test_an_unshared_network_is_closed(world: World) -> None:
    network = world.network()
    with refused("AccessDeniedException", status=403):
        world.join(world.service(), network)
    with refused("AccessDeniedException", status=403):
        world.admit(world.vpc(), network)


@fact("10 SNVA: the caller must own the VPC")
def test_a_vpc_of_another_account_is_not_found(world: World) -> None:
    theirs = world.vpc(MEMBER)
    with refused("ResourceNotFoundException", status=404):
        world.admit(theirs, world.network(), NETWORK)


@fact("10 the id of a shared SN works, too (seen)")
def test_a_shared_network_may_be_named_by_its_id(world: World) -> None:
    network, service = world.shared_network(MEMBER), world.service()
    made = world.lattice().create_service_network_service_association(
        serviceIdentifier=service["id"], serviceNetworkIdentifier=network["id"]
    )
    assert made["status"] == "CREATE_IN_PROGRESS"


@fact("10 ListServiceNetworks and ListServices return owned and shared; the ARN holds the owner")
def test_lists_hold_what_is_owned_and_what_is_shared(world: World) -> None:
    own, shared = world.network(MEMBER), world.shared_network(MEMBER)
    world.network()
    listed = world.lattice().list_service_networks()["items"]
    assert {item["arn"] for item in listed} == {own["arn"], shared["arn"]}
    service = world.service()
    world.share(service["arn"], MEMBER, OTHER)
    assert [item["arn"] for item in world.lattice(OTHER).list_services()["items"]] == [service["arn"]]


@fact("10 a consumer's GetServiceNetwork works some time after the share is active; before that 403 or 404")
def test_a_shared_network_is_readable_after_a_while(world: World) -> None:
    network = world.network()
    of = {"serviceNetworkIdentifier": network["arn"]}
    with refused("AccessDeniedException", status=403):
        world.lattice().get_service_network(**of)
    with refused("ResourceNotFoundException", status=404):
        world.lattice().get_service_network(serviceNetworkIdentifier=network["id"])
    world.share(network["arn"], NETWORK, MEMBER)
    assert world.lattice().get_service_network(**of)["name"] == network["name"]


@fact("10 a consumer cannot change, tag, delete or configure the SN")
def test_a_consumer_cannot_change_the_network(world: World) -> None:
    network, lattice = world.shared_network(MEMBER), world.lattice()
    of = {"serviceNetworkIdentifier": network["arn"]}
    with refused("AccessDeniedException"):
        lattice.update_service_network(**of, authType="AWS_IAM")
    with refused("AccessDeniedException"):
        lattice.delete_service_network(**of)
    with refused("AccessDeniedException"):
        lattice.tag_resource(resourceArn=network["arn"], tags={"a": "b"})
    with refused("AccessDeniedException"):
        lattice.delete_auth_policy(resourceIdentifier=network["arn"])


@fact("10 consumer of an SN: sees all SNSA and SNVA of it, may delete only its own")
def test_a_consumer_sees_the_others_associations_and_cannot_end_them(world: World) -> None:
    network = world.shared_network(MEMBER, OTHER)
    joined = world.join(world.service(), network)
    lattice = world.lattice(OTHER)
    [seen] = lattice.list_service_network_service_associations(serviceNetworkIdentifier=network["arn"])["items"]
    assert seen["id"] == joined["id"]
    with refused("AccessDeniedException", status=403):
        drop(world, joined, OTHER)


@fact("10 consumer of an SN cannot read details of an SVC that is neither owned nor shared")
def test_a_consumer_of_the_network_cannot_read_its_services(world: World) -> None:
    network, service = world.shared_network(MEMBER, OTHER), world.service()
    world.join(service, network)
    for account in (OTHER, NETWORK):
        with refused("AccessDeniedException", status=403):
            world.lattice(account).get_service(serviceIdentifier=service["arn"])


@fact("10 the SN owner cannot change or delete a consumer's SVC")
def test_the_networks_owner_cannot_touch_a_members_service(world: World) -> None:
    service = world.service()
    world.join(service, world.shared_network(MEMBER))
    with refused("AccessDeniedException", status=403):
        world.lattice(NETWORK).delete_service(serviceIdentifier=service["arn"])
    with refused("ResourceNotFoundException", status=404):
        world.lattice(NETWORK).delete_service(serviceIdentifier=service["id"])


@fact("10 TGs, listeners and associations cannot be shared: strangers find none")
def test_a_stranger_sees_nothing(world: World) -> None:
    service, group = world.service(), world.group()
    joined = world.join(service, world.shared_network(MEMBER))
    lattice = world.lattice(OTHER)
    with refused("AccessDeniedException"):
        lattice.list_listeners(serviceIdentifier=service["arn"])
    with refused("AccessDeniedException"):
        lattice.get_target_group(targetGroupIdentifier=group["arn"])
    with refused("ResourceNotFoundException"):
        drop(world, joined, OTHER)
    assert lattice.list_service_network_service_associations(serviceIdentifier=service["arn"])["items"] == []
    assert lattice.list_services()["items"] == lattice.list_target_groups()["items"] == []


@fact("10 ListTagsForResource on a foreign SN or association is refused")
def test_tags_of_the_other_side_are_refused(world: World) -> None:
    network = world.shared_network(MEMBER, tags={"team": "infra"})
    joined = world.join(world.service(), network, tags={"team": "orders"})
    with refused("AccessDeniedException", status=403):
        world.lattice().list_tags_for_resource(resourceArn=network["arn"])
    with refused("AccessDeniedException", status=403):
        world.lattice(NETWORK).list_tags_for_resource(resourceArn=joined["arn"])


@fact("10 each side has tags of its own on an association")
def test_each_side_tags_its_own_view_of_an_association(world: World) -> None:
    joined = world.join(world.service(), world.shared_network(MEMBER), tags={"team": "orders"})
    theirs = joined["arn"].replace(MEMBER, NETWORK)
    lattice = world.lattice(NETWORK)
    assert lattice.list_tags_for_resource(resourceArn=theirs)["tags"] == {}
    lattice.tag_resource(resourceArn=theirs, tags={"seen": "yes"})
    assert lattice.list_tags_for_resource(resourceArn=theirs)["tags"] == {"seen": "yes"}
    assert world.lattice().list_tags_for_resource(resourceArn=joined["arn"])["tags"] == {"team": "orders"}


@fact("10 removing a share keeps the associations; it only stops new ones")
def test_unsharing_leaves_what_is_joined(world: World) -> None:
    network, service, vpc = world.network(), world.service(), world.vpc()
    share = world.share(network["arn"], NETWORK, MEMBER)
    joined = world.join(service, network)
    world.aws("ram", NETWORK).delete_resource_share(resourceShareArn=share)
    world.settle()
    read = world.lattice().get_service_network_service_association(
        serviceNetworkServiceAssociationIdentifier=joined["id"]
    )
    assert read["status"] == "ACTIVE"
    with refused("AccessDeniedException"):
        world.admit(vpc, network)
    [seen] = world.lattice().list_service_network_service_associations(serviceIdentifier=service["id"])["items"]
    assert seen["id"] == joined["id"]
    drop(world, joined, MEMBER)


@fact("10 sharingConfig.enabled is fixed at creation; its default is true (unverified)")
def test_a_network_may_be_made_unshareable(world: World) -> None:
    closed = world.network(sharingConfig={"enabled": False})
    assert closed["sharingConfig"] == {"enabled": False}
    assert world.network()["sharingConfig"] == {"enabled": True}
    assert not world.cloud.lattice.shareable(closed["arn"])


@fact("2.5 BySharee, to the entity owner, when the creator makes or ends an association")
def test_the_networks_owner_hears_who_joined_and_left(world: World) -> None:
    world.cloud.trails.add(NETWORK)
    network = world.shared_network(MEMBER)
    joined, admitted = world.join(world.service(), network), world.admit(world.vpc(), network)
    drop(world, joined, MEMBER)
    world.lattice().delete_service_network_vpc_association(serviceNetworkVpcAssociationIdentifier=admitted["id"])
    world.settle()
    assert announced(world, NETWORK) == [
        "CreateServiceNetworkServiceAssociationBySharee",
        "CreateServiceNetworkVpcAssociationBySharee",
        "DeleteServiceNetworkServiceAssociationBySharee",
        "DeleteServiceNetworkVpcAssociationBySharee",
    ]
    assert announced(world, MEMBER) == []


@fact("2.5 the record names the association by the receiver's ARN and carries no request")
def test_the_record_names_what_happened_in_the_receivers_words(world: World) -> None:
    world.cloud.trails.add(NETWORK)
    joined = world.join(world.service(), world.shared_network(MEMBER))
    [event] = [
        record.event
        for record in world.cloud.journal.of(EventRecord)
        if record.event["detail"].get("eventType") == "AwsServiceEvent"
    ]
    detail = event["detail"]
    assert (detail["eventType"], detail["requestParameters"], detail["responseElements"]) == (
        "AwsServiceEvent",
        None,
        None,
    )
    assert detail["additionalEventData"] == {"callerAccountId": MEMBER}
    assert (detail["recipientAccountId"], detail["readOnly"]) == (NETWORK, False)
    assert detail["resources"] == [
        {
            "accountId": NETWORK,
            "type": "AWS::VpcLattice::ServiceNetworkServiceAssociation",
            "ARN": joined["arn"].replace(MEMBER, NETWORK),
        }
    ]


@fact("2.5 ByOwner, to the association owner: Delete")
def test_the_member_hears_that_the_networks_owner_put_it_out(world: World) -> None:
    world.cloud.trails |= {NETWORK, MEMBER}
    drop(world, world.join(world.service(), world.shared_network(MEMBER)), NETWORK)
    world.settle()
    assert announced(world, MEMBER) == ["DeleteServiceNetworkServiceAssociationByOwner"]


@fact("2.5 GetServiceNetworkBySharee and GetServiceBySharee, to the owner")
def test_an_owner_hears_who_reads_what_it_shares(world: World) -> None:
    world.cloud.trails |= {NETWORK, MEMBER}
    network, service = world.shared_network(MEMBER), world.service()
    world.share(service["arn"], MEMBER, NETWORK)
    world.lattice().get_service_network(serviceNetworkIdentifier=network["arn"])
    world.lattice(NETWORK).get_service(serviceIdentifier=service["arn"])
    world.settle()
    assert announced(world, NETWORK) == ["GetServiceNetworkBySharee"]
    assert announced(world, MEMBER) == ["GetServiceBySharee"]


@fact("3, 2.5: a …BySharee record of a reading is read-only too: a rule that is just ENABLED does not get it")
def test_a_reading_reaches_only_the_rules_that_ask_for_readings(world: World) -> None:
    world.cloud.trails.add(NETWORK)
    sqs, events = world.aws("sqs", NETWORK), world.aws("events", NETWORK)
    queue = f"arn:aws:sqs:{REGION}:{NETWORK}:heard"
    may = {"Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"}, "Action": "sqs:*", "Resource": queue}
    sqs.create_queue(QueueName="heard", Attributes={"Policy": json.dumps({"Statement": [may]})})
    network, pattern = world.shared_network(MEMBER), json.dumps({"source": ["aws.vpc-lattice"]})
    heard = []
    for state in ("ENABLED", "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS"):
        events.put_rule(Name="r", EventPattern=pattern, State=state)
        events.put_targets(Rule="r", Targets=[{"Id": "q", "Arn": queue}])
        world.lattice().get_service_network(serviceNetworkIdentifier=network["arn"])
        world.settle()
        heard.append([json.loads(body)["detail"]["eventName"] for body in world.cloud.queues.bodies(NETWORK, "heard")])
    assert heard == [[], ["GetServiceNetworkBySharee"]]


@fact("3 CloudTrail events need a trail in that account")
def test_an_account_without_a_trail_hears_nothing(world: World) -> None:
    world.join(world.service(), world.shared_network(MEMBER))
    assert announced(world, NETWORK) == []


@fact("2.5 within one account nobody is told")
def test_an_account_that_owns_both_ends_tells_nobody(world: World) -> None:
    world.cloud.trails.add(MEMBER)
    drop(world, world.join(world.service(), world.network(MEMBER)), MEMBER)
    world.settle()
    assert announced(world, MEMBER) == []
