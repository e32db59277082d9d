"""Facts 18 and 6: tags of Lattice objects."""

import pytest
from lattice_world import MEMBER, World, refused

fact = pytest.mark.fact


@fact("7 tags can change on every kind of object")
def test_every_kind_of_object_is_tagged_at_birth_and_later(world: World) -> None:
    lattice, tags = world.lattice(), {"team": "orders"}
    network, service = world.network(MEMBER, tags=tags), world.service(tags=tags)
    listener = world.listener(service, tags=tags)
    made = [
        network,
        service,
        listener,
        world.rule(service, listener, 1, tags=tags),
        lattice.create_target_group(name="functions", type="LAMBDA", tags=tags),
        world.join(service, network, tags=tags),
        world.admit(world.vpc(), network, tags=tags),
        lattice.create_access_log_subscription(
            resourceIdentifier=service["id"], destinationArn=world.destination("arn:aws:s3:::bucket-of-logs"), tags=tags
        ),
    ]
    for thing in made:
        arn = thing["arn"]
        assert lattice.list_tags_for_resource(resourceArn=arn)["tags"] == tags
        lattice.tag_resource(resourceArn=arn, tags={"team": "payments", "stage": "test"})
        lattice.untag_resource(resourceArn=arn, tagKeys=["stage", "absent"])
        assert lattice.list_tags_for_resource(resourceArn=arn)["tags"] == {"team": "payments"}


@fact("4 TagResource, ListTagsForResource on what is not there: ResourceNotFound")
def test_what_is_not_there_has_no_tags(world: World) -> None:
    arn = f"arn:aws:vpc-lattice:ap-northeast-1:{MEMBER}:service/svc-0123456789abcdef0"
    with refused("ResourceNotFoundException", status=404):
        world.lattice().list_tags_for_resource(resourceArn=arn)
    with refused("ResourceNotFoundException", status=404):
        world.lattice().tag_resource(resourceArn=arn, tags={"a": "b"})


@fact("18 no aws: prefix")
def test_aws_keeps_its_tag_prefix(world: World) -> None:
    service = world.service()
    with refused("ValidationException", "aws:"):
        world.lattice().tag_resource(resourceArn=service["arn"], tags={"aws:stack": "x"})
    with refused("ValidationException", "aws:"):
        world.service(tags={"aws:stack": "x"})


@fact("6 count on 50 tags per resource (unverified)")
def test_a_fifty_first_tag_is_refused(world: World) -> None:
    service = world.service(tags={f"k{number}": "v" for number in range(50)})
    world.lattice().tag_resource(resourceArn=service["arn"], tags={"k0": "other"})
    with refused("ValidationException", "50 tags"):
        world.lattice().tag_resource(resourceArn=service["arn"], tags={"one-more": "v"})


@fact("18 the tags of all that an account owns can be read in one place")
def test_the_tags_of_an_account_are_found_by_arn(world: World) -> None:
    service = world.service(tags={"team": "orders"})
    listener = world.listener(service)
    world.network()
    found = world.cloud.lattice.owned_tags(MEMBER)
    assert found[service["arn"]] == {"team": "orders"}
    assert found[listener["arn"]] == {}
    assert {arn.split(":")[4] for arn in found} == {MEMBER}
    assert world.cloud.lattice.tags_of(service["arn"]) == {"team": "orders"}
    assert world.cloud.lattice.tags_of(service["arn"].replace(MEMBER, "333333333333")) == {}
