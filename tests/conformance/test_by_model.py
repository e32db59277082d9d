"""Every operation of VPC Lattice, RAM and the tagging API, held to what botocore's model says of it.

Nothing in here knows what an operation does: identifiers of all sorts are put where the model has one, limits of the
model are overstepped one by one, lists are gone through page by page, and whatever is refused must be refused with an
error, a status and members that the model of that very operation has.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from botocore import xform_name
from botocore.exceptions import ClientError, ParamValidationError
from lattice_world import MEMBER, OTHER, REGION, World, at, forward, under
from test_lattice_resources import configuration, gateway, joined, subnet

from localcloud.ground import models

LATTICE = "vpc-lattice"
OF_EVERY_SERVICE = {
    "AccessDeniedException",
    "ThrottlingException",
    "InternalServerException",
    "NotImplementedException",
}
ALLOW = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}]}'

type Things = dict[str, dict[str, Any]]


def estate(world: World, account: str) -> Things:
    """One of each kind of thing that Lattice has, by the beginning of its id."""
    lattice, vpc = world.lattice(account), world.vpc(account)
    network = world.network(account)
    service = world.service(account)
    group = world.group(account, vpc=vpc, kind="IP", port=80)
    listener = world.listener(service, account=account)
    rule = lattice.create_rule(
        serviceIdentifier=service["id"],
        listenerIdentifier=listener["id"],
        name="way",
        priority=1,
        match=under("/"),
        action=forward(),
    )
    door = gateway(world, account, vpcIdentifier=vpc)
    given: dict[str, Any] = {"allowAssociationToShareableServiceNetwork": True, "resourceGatewayIdentifier": door["id"]}
    resource = configuration(world, account, **given)
    destination = world.destination(f"arn:aws:logs:{REGION}:{account}:log-group:{world._name('log')}:*")
    made = {
        "sn": network,
        "svc": service,
        "tg": group,
        "listener": listener,
        "rule": rule,
        "rcfg": resource,
        "rgw": door,
        "snsa": world.join(service, network, account),
        "snva": world.admit(vpc, network, account),
        "snra": joined(world, network, resource, account),
        "als": lattice.create_access_log_subscription(resourceIdentifier=service["id"], destinationArn=destination),
        "dv": lattice.start_domain_verification(domainName=f"{world._name('d')}.example.jp"),
    }
    world.settle()
    return {**made, "log": {"id": destination, "arn": destination}, "vpc": {"id": vpc, "arn": vpc}}


KIND_OF = {
    "serviceNetworkIdentifier": "sn",
    "serviceIdentifier": "svc",
    "targetGroupIdentifier": "tg",
    "listenerIdentifier": "listener",
    "ruleIdentifier": "rule",
    "resourceGatewayIdentifier": "rgw",
    "resourceConfigurationIdentifier": "rcfg",
    "resourceConfigurationGroupIdentifier": "rcfg",
    "serviceNetworkServiceAssociationIdentifier": "snsa",
    "serviceNetworkVpcAssociationIdentifier": "snva",
    "serviceNetworkResourceAssociationIdentifier": "snra",
    "accessLogSubscriptionIdentifier": "als",
    "domainVerificationIdentifier": "dv",
    "resourceIdentifier": "svc",
    "resourceArn": "svc",
    "destinationArn": "log",
    "vpcIdentifier": "vpc",
    "resourceEndpointAssociationIdentifier": "rea",
}


def plain(world: World, operation: str) -> dict[str, Any]:
    """Values for what is no identifier, where the model demands it."""
    of: dict[str, Any] = {
        "name": world._name("made"),
        "protocol": "HTTP",
        "defaultAction": forward(),
        "action": forward(),
        "match": under("/more"),
        "priority": 50,
        "rules": [{"ruleIdentifier": "rule-00000000000000000", "priority": 2}],
        "type": "GROUP" if "Configuration" in operation else "LAMBDA",
        "targets": [{"id": "10.1.0.9"}],
        "policy": ALLOW,
        "tags": {"a": "b"},
        "tagKeys": ["a"],
        "domainName": f"{world._name('d')}.example.jp",
        "authType": "NONE",
        "healthCheck": {"enabled": False},
    }
    required = models.operation_model(LATTICE, operation).input_shape.required_members
    return {name: of[name] for name in required if name in of}


def named(shape: Any) -> list[str]:
    return [name for name in shape.members if name in KIND_OF]


def held(service: str, operation: str, error: ClientError) -> None:
    """The error is one that the operation's model has, with its status and its required members."""
    code = error.response["Error"]["Code"]
    status = error.response["ResponseMetadata"]["HTTPStatusCode"]
    shapes = {str(shape.error_code): shape for shape in models.error_shapes(service, operation)}
    assert code in shapes.keys() | OF_EVERY_SERVICE, f"{service}:{operation} has no {code}: {error}"
    if code not in shapes:
        return
    shape = shapes[code]
    assert status == shape.metadata.get("error", {}).get("httpStatusCode", 400), f"{operation} {code}: {status}"
    body = {**error.response, **error.response["Error"]}
    for member in shape.required_members:
        if member != "message":
            assert body.get(member), f"{operation}: {code} lacks {member}: {error.response}"


def tried(client: Any, service: str, operation: str, params: dict[str, Any]) -> str:
    """The code of the refusal, '' where there is none."""
    try:
        getattr(client, xform_name(operation))(**params)
    except ClientError as refused:
        held(service, operation, refused)
        return str(refused.response["Error"]["Code"])
    return ""


def stranger(kind: str, mine: Things, theirs: Things) -> Iterator[tuple[str, str]]:
    """(what it is, identifier) of things that the caller does not have."""
    own, other = mine.get(kind) or mine["svc"], theirs.get(kind) or theirs["svc"]
    missing = own["id"][:-1] + ("0" if own["id"][-1] != "0" else "1")
    yield "missing id", missing
    yield "missing ARN", own["arn"].replace(own["id"], missing)
    yield "id of another account", other["id"]
    yield "ARN of another account", other["arn"]
    yield "own ARN with another account", own["arn"].replace(MEMBER, OTHER)
    yield "own ARN in another region", own["arn"].replace(REGION, "us-west-2")
    yield "another kind", mine["tg" if kind != "tg" else "svc"]["id"]
    yield "name", "orders"
    yield "nothing", ""


def lattice_operations() -> list[str]:
    return sorted(models.model(LATTICE).operation_names)


READS = ("Get", "List")


@pytest.mark.long
def test_what_is_not_the_callers_is_refused_as_each_operations_model_says(world: World) -> None:
    mine, theirs = estate(world, MEMBER), estate(world, OTHER)
    client = world.lattice(MEMBER)
    through = []
    for operation in lattice_operations():
        shape = models.operation_model(LATTICE, operation).input_shape
        for member in named(shape):
            if KIND_OF[member] in ("log", "vpc"):
                continue
            for what, identifier in stranger(KIND_OF[member], mine, theirs):
                valid = {
                    name: mine[KIND_OF[name]]["arn" if name.endswith("Arn") else "id"]
                    for name in shape.required_members
                    if name in KIND_OF and KIND_OF[name] in mine
                }
                if not identifier and shape.members[member].serialization.get("location") == "uri":
                    continue  # a path without it is another path
                params = {**plain(world, operation), **valid, member: identifier}
                code = tried(client, LATTICE, operation, params)
                if not code and not operation.startswith("List"):
                    through.append(f"{operation} {member}: {what} {identifier}")
    assert through == []


def test_whatever_has_an_id_is_found_by_its_id_and_by_its_arn(world: World) -> None:
    mine = estate(world, MEMBER)
    client = world.lattice(MEMBER)
    for operation in [name for name in lattice_operations() if name.startswith(READS)]:
        shape = models.operation_model(LATTICE, operation).input_shape
        wanted = [name for name in shape.required_members if name in KIND_OF and KIND_OF[name] in mine]
        if operation.startswith("List") and not wanted:
            wanted = named(shape)[:1]
        for key in ("id", "arn"):
            params = {name: mine[KIND_OF[name]]["arn" if name.endswith("Arn") else key] for name in wanted}
            assert tried(client, LATTICE, operation, params) == "", (operation, params)


STRANGE = "\u00e9 \u2603"


def beyond(shape: Any) -> Iterator[Any]:
    """Values that the limits of a member's shape do not allow."""
    limits, kind = shape.metadata, shape.type_name
    if kind == "string":
        if limits.get("enum"):
            yield "NO_SUCH_WORD"
        if limits.get("max"):
            yield "a" * (limits["max"] + 1)
        if limits.get("min", 0) > 1:
            yield "a" * (limits["min"] - 1)
        if limits.get("pattern") and not re.fullmatch(limits["pattern"], STRANGE, re.DOTALL):
            yield STRANGE
        yield {"a": "b"}
    elif kind in ("integer", "long"):
        yield from (limits[end] + step for end, step in (("min", -1), ("max", 1)) if end in limits)
        yield "12"
    elif kind == "list":
        if limits.get("max", 10_000) < 1_000:
            yield [None] * (limits["max"] + 1)
    elif kind == "map":
        yield ["no map"]
    elif kind == "boolean":
        yield "true"
    elif kind == "structure":
        yield "no structure"


SERVICES = {
    "vpc-lattice": {"ValidationException"},
    "ram": {"InvalidParameterException", "MalformedArnException"},
    "resourcegroupstaggingapi": {"InvalidParameterException"},
}


@pytest.mark.parametrize("service", SERVICES)
def test_each_limit_of_the_model_is_kept_before_anything_else_is_looked_at(world: World, service: str) -> None:
    """In its body: what travels in a path or query has no type there."""
    client, kept, wrong = world.aws(service, MEMBER), 0, []
    for operation in sorted(models.model(service).operation_names):
        shape: Any = models.operation_model(service, operation).input_shape
        members = shape.members if shape else {}
        texts = [name for name in (shape.required_members if shape else ()) if members[name].type_name == "string"]
        declared = {str(one.error_code) for one in models.error_shapes(service, operation)}
        wanted = {*(SERVICES[service] & declared or SERVICES[service]), "SerializationException"}
        for name, member in members.items():
            if member.serialization.get("location"):
                continue
            for value in beyond(member):
                told = refusal(client, operation, {**dict.fromkeys(texts, "a" * 20), name: value})
                if told is None:
                    continue
                kept += 1
                if told[0] not in wanted or told[1] != 400:
                    wrong.append((operation, name, str(value)[:40], told))
    assert wrong == []
    assert kept > 20


def refusal(client: Any, operation: str, params: dict[str, Any]) -> tuple[str, int] | None:
    """Code and status, ('', 200) where it is taken; None where botocore cannot write it."""
    try:
        getattr(client, xform_name(operation))(**params)
    except ClientError as refused:
        return refused.response["Error"]["Code"], refused.response["ResponseMetadata"]["HTTPStatusCode"]
    except (ParamValidationError, AttributeError, TypeError, ValueError):
        return None
    return "", 200


@pytest.mark.parametrize("service", SERVICES)
def test_what_is_required_is_asked_for_by_name(world: World, service: str) -> None:
    client = world.aws(service, MEMBER)
    for operation in sorted(models.model(service).operation_names):
        shape: Any = models.operation_model(service, operation).input_shape
        wanted = [
            name
            for name in (shape.required_members if shape else ())
            if shape.members[name].serialization.get("location") != "uri"
        ]
        if not wanted:
            continue
        paths = {name: "svc-00000000000000000" for name in shape.required_members if name not in wanted}
        with pytest.raises(ClientError) as refused:
            getattr(client, xform_name(operation))(**paths)
        held(service, operation, refused.value)
        assert all(name in str(refused.value) for name in wanted), (operation, refused.value)


def lists() -> list[str]:
    return [name for name in lattice_operations() if name.startswith("List") and name != "ListTagsForResource"]


def test_every_list_of_lattice_is_whole_page_by_page(world: World) -> None:
    mine = estate(world, MEMBER)
    for _ in range(2):
        estate(world, MEMBER)
    destination = world.destination(f"arn:aws:s3:::logs-of-{MEMBER}")
    client = world.lattice(MEMBER)
    client.create_access_log_subscription(resourceIdentifier=mine["svc"]["id"], destinationArn=destination)
    client.register_targets(
        targetGroupIdentifier=mine["tg"]["id"], targets=[{"id": f"10.1.0.{number}", "port": 80} for number in (1, 2, 3)]
    )
    for number in (2, 3):
        world.rule(mine["svc"], mine["listener"], number)
    world.listener(mine["svc"], port=81)
    many = 0
    for operation in lists():
        shape = models.operation_model(LATTICE, operation).input_shape
        call = getattr(client, xform_name(operation))
        given = {name: mine[KIND_OF[name]]["id"] for name in shape.required_members}
        if operation.endswith("Associations") and not given:
            given = {"serviceNetworkIdentifier": mine["sn"]["id"]}
        whole = call(**given)["items"]
        many += len(whole) > 1
        paged: list[Any] = []
        token: dict[str, Any] = {}
        while True:
            answer = call(**given, **token, maxResults=1)
            assert len(answer["items"]) <= 1
            assert call(**given, **token, maxResults=1)["items"] == answer["items"], "a token serves twice"
            paged += answer["items"]
            if not answer.get("nextToken"):
                break
            token = {"nextToken": answer["nextToken"]}
        assert paged == whole, operation
        for wrong in ({"nextToken": "bm90IG9uZQ=="}, {"maxResults": 0}, {"maxResults": 101}):
            assert tried(client, LATTICE, operation, {**given, **wrong}) == "ValidationException", (operation, wrong)
        if token:
            strange = getattr(
                client, xform_name("ListServices" if operation != "ListServices" else "ListServiceNetworks")
            )
            with pytest.raises(ClientError, match="ValidationException"):
                strange(**token)
    assert many >= 8, many


def tokened() -> list[str]:
    return [
        name
        for name in lattice_operations()
        if "clientToken" in models.operation_model(LATTICE, name).input_shape.members
    ]


def test_a_client_token_makes_one_thing_and_serves_one_request(world: World) -> None:
    mine = estate(world, MEMBER)
    vpc, free = world.vpc(), world.network(MEMBER)
    client = world.lattice(MEMBER)
    service = world.service()
    own: dict[str, dict[str, Any]] = {
        "CreateTargetGroup": {"type": "LAMBDA"},
        "CreateResourceConfiguration": {"type": "GROUP", "resourceGatewayIdentifier": mine["rgw"]["id"]},
        "CreateListener": {"serviceIdentifier": service["id"], "port": 8088},
        "CreateServiceNetworkVpcAssociation": {"vpcIdentifier": vpc, "serviceNetworkIdentifier": free["id"]},
        "CreateServiceNetworkServiceAssociation": {
            "serviceIdentifier": service["id"],
            "serviceNetworkIdentifier": free["id"],
        },
        "CreateServiceNetworkResourceAssociation": {"serviceNetworkIdentifier": free["id"]},
        "CreateAccessLogSubscription": {"resourceIdentifier": free["id"]},
        "CreateResourceGateway": {"vpcIdentifier": vpc, "subnetIds": [subnet(world, vpc)]},
    }
    for operation in tokened():
        shape = models.operation_model(LATTICE, operation).input_shape
        valid = {name: mine[KIND_OF[name]]["id"] for name in shape.required_members if name in KIND_OF}
        params = {**plain(world, operation), **valid, **own.get(operation, {}), "clientToken": "a-token-of-mine"}
        call = getattr(client, xform_name(operation))
        first, again = call(**params), call(**params)
        assert at(first) == at(again), operation
        other = {**params, "tags": {"another": "request"}} if "tags" in shape.members else params
        assert tried(client, LATTICE, operation, other) in ("ConflictException", "ValidationException"), operation


RAM_ARNS = ("resourceShareArn", "permissionArn", "resourceShareInvitationArn", "fromPermissionArn", "toPermissionArn")


def sharing(world: World, account: str) -> Things:
    """One of each kind of thing that RAM has; what is OTHER's is shared with MEMBER."""
    ram, network = world.aws("ram", account), world.network(account)
    consumers = ["444444444444", *([MEMBER] if account == OTHER else [])]
    share = ram.create_resource_share(name="net", resourceArns=[network["arn"]], principals=consumers)
    kind, template = "vpc-lattice:ServiceNetwork", '{"Effect":"Allow","Action":["vpc-lattice:GetServiceNetwork"]}'
    permission = ram.create_permission(name="own", resourceType=kind, policyTemplate=template)
    world.settle()
    invited = world.aws("ram", "444444444444").get_resource_share_invitations()["resourceShareInvitations"]
    invitation = next(one for one in invited if one["senderAccountId"] == account)
    if account == OTHER:
        for one in world.aws("ram", MEMBER).get_resource_share_invitations()["resourceShareInvitations"]:
            if one["status"] == "PENDING":
                given = {"resourceShareInvitationArn": one["resourceShareInvitationArn"]}
                world.aws("ram", MEMBER).accept_resource_share_invitation(**given)
        world.settle()
    return {
        "resourceShareArn": {"arn": share["resourceShare"]["resourceShareArn"]},
        "permissionArn": {"arn": permission["permission"]["arn"]},
        "resourceShareInvitationArn": {"arn": invitation["resourceShareInvitationArn"]},
        "network": {"arn": network["arn"]},
    }


def strange_arns(own: str, other: str, another_kind: str) -> Iterator[str]:
    yield own[:-1] + ("0" if own[-1] != "0" else "1")
    yield other
    yield own.replace(MEMBER, OTHER)
    yield own.replace(REGION, "us-west-2")
    yield another_kind
    yield "arn:aws:ram::aws:permission/AWSRAMNoSuchPermission"
    yield "no-arn"
    yield "arn:aws:ram"
    yield ""


def test_what_ram_does_not_find_is_refused_as_each_operations_model_says(world: World) -> None:
    mine, theirs = sharing(world, MEMBER), sharing(world, OTHER)
    client, through = world.aws("ram", MEMBER), []
    of = {"policyTemplate": "{}", "permissionVersion": 1, "status": "ATTACHABLE", "tagKeys": ["a"], "name": "n"}
    of |= {"tags": [{"key": "a", "value": "b"}], "resourceOwner": "SELF", "associationType": "RESOURCE"}
    for operation in sorted(models.model("ram").operation_names):
        shape: Any = models.operation_model("ram", operation).input_shape
        for member in shape.members if shape else ():
            key = "permissionArn" if member.endswith("PermissionArn") else member
            if member not in RAM_ARNS and member not in (
                "resourceArn",
                "resourceArns",
                "resourceShareArns",
                "principals",
            ):
                continue
            kind = key if key in mine else "resourceShareArn" if "Share" in key else "network"
            # A permission may be tagged.
            another = mine["resourceShareArn" if kind in ("permissionArn", "network") else "permissionArn"]["arn"]
            if member == "resourceArn":
                another = "arn:aws:ram:x"
            for arn in strange_arns(mine[kind]["arn"], theirs[kind]["arn"], another):
                valid = {
                    name: mine["permissionArn" if name.endswith("PermissionArn") else name]["arn"]
                    for name in shape.required_members
                    if name in RAM_ARNS
                }
                plainly = {name: of[name] for name in shape.required_members if name in of}
                listed = shape.members[member].type_name == "list"
                code = tried(client, "ram", operation, {**plainly, **valid, member: [arn] if listed else arn})
                if not code and not operation.startswith(("Get", "List")):
                    through.append((operation, member, arn))
    assert through == []


def test_every_list_of_ram_is_whole_page_by_page(world: World) -> None:
    sharing(world, MEMBER)
    ram, many = world.aws("ram", MEMBER), 0
    share = ram.get_resource_shares(resourceOwner="SELF")["resourceShares"][0]["resourceShareArn"]
    for number in range(3):
        network = world.network(MEMBER)
        ram.associate_resource_share(
            resourceShareArn=share, resourceArns=[network["arn"]], principals=[f"55555555555{number}"], sources=[OTHER]
        )
        ram.create_resource_share(name=f"more-{number}", sources=[MEMBER])
    world.settle()
    told = ram.get_resource_share_associations(associationType="SOURCE")["resourceShareAssociations"]
    assert [(it["associatedEntity"], it["status"]) for it in told] == [
        (it, "ASSOCIATED") for it in (OTHER, *[MEMBER] * 3)
    ]
    of = {"resourceOwner": "SELF", "associationType": "RESOURCE", "resourceShareArn": share}
    of["permissionArn"] = ram.list_permissions(permissionType="CUSTOMER_MANAGED")["permissions"][0]["arn"]
    of["resourceArns"] = [network["arn"]]
    for operation in sorted(models.model("ram").operation_names):
        shape: Any = models.operation_model("ram", operation).input_shape
        if shape is None or "maxResults" not in shape.members or not of.keys() >= set(shape.required_members):
            continue  # the one that is left is asked by who is invited
        given = {name: of[name] for name in shape.required_members}
        call = getattr(ram, xform_name(operation))
        whole = at(call(**given))
        key = next(name for name, value in whole.items() if isinstance(value, list))
        many += len(whole[key]) > 1
        paged: list[Any] = []
        token: dict[str, Any] = {}
        while True:
            answer = call(**given, **token, maxResults=1)
            assert len(answer[key]) <= 1
            paged += answer[key]
            if not answer.get("nextToken"):
                break
            token = {"nextToken": answer["nextToken"]}
        assert paged == whole[key], operation
        code = tried(ram, "ram", operation, {**given, "nextToken": "bm90IG9uZQ=="})
        assert code in ("InvalidNextTokenException", "InvalidParameterException"), (operation, code)
        assert tried(ram, "ram", operation, {**given, "maxResults": 0}) == "InvalidParameterException"
    assert many >= 4, many


def test_the_tagging_api_tells_of_each_arn_what_became_of_it(world: World) -> None:
    mine, theirs = estate(world, MEMBER), estate(world, OTHER)
    client = world.aws("resourcegroupstaggingapi", MEMBER)
    strange = [
        theirs["svc"]["arn"],
        mine["svc"]["arn"][:-1] + "_",
        mine["svc"]["arn"].replace(REGION, "us-west-2"),
        "arn:aws:nothing:::x",
        f"arn:aws:iam::{MEMBER}:role/r",
        f"arn:aws:ec2:{REGION}:{MEMBER}:vpc/vpc-00000000",
    ]
    for call, more in ((client.tag_resources, {"Tags": {"a": "b"}}), (client.untag_resources, {"TagKeys": ["a"]})):
        failed = call(ResourceARNList=[mine["svc"]["arn"], *strange], **more)["FailedResourcesMap"]
        assert mine["svc"]["arn"] not in failed
        assert set(failed) <= set(strange)
        assert theirs["svc"]["arn"] in failed
        for told in failed.values():
            assert told["ErrorCode"] in ("InvalidParameterException", "InternalServiceException")
            assert told["StatusCode"] >= 400
            assert told["ErrorMessage"]
    for thing in ("svc", "tg", "sn"):
        client.tag_resources(ResourceARNList=[mine[thing]["arn"]], Tags={"page": thing})
    world.pass_time(60)
    pages, token = [], ""
    while True:
        answer = client.get_resources(TagFilters=[{"Key": "page"}], ResourcesPerPage=1, PaginationToken=token)
        pages += [one["ResourceARN"] for one in answer["ResourceTagMappingList"]]
        token = answer["PaginationToken"]
        if not token:
            break
    assert sorted(pages) == sorted(mine[thing]["arn"] for thing in ("svc", "tg", "sn"))
    whole = client.get_tag_values(Key="page")["TagValues"]
    assert sorted(whole) == ["sn", "svc", "tg"]
    code = tried(client, "resourcegroupstaggingapi", "GetResources", {"PaginationToken": "nonsense"})
    assert code in ("InvalidParameterException", "PaginationTokenExpiredException")
