"""Services, their listeners, rules and target groups, and their place in a network, as CloudFormation makes them."""

from __future__ import annotations

from typing import Any

from localcloud.ground.kinds import Made, ResourceFailed, Work, kind, there
from localcloud.services.lattice.stable import attributes, begun, given, gone, retagged, waited

_OF_DNS = ("DnsEntry.DomainName", "DnsEntry.HostedZoneId")


def _remove_service(work: Work) -> None:
    lattice, named = work.client("vpc-lattice"), {"serviceIdentifier": there(work).id}
    lattice.delete_service(**named)
    gone(work, lambda: lattice.get_service(**named))


_SERVICE = ("Arn", "CreatedAt", *_OF_DNS, "Id", "LastUpdatedAt", "Status")


@kind(
    "AWS::VpcLattice::Service",
    _remove_service,
    attributes=_SERVICE,
    replaces=("Name", "CustomDomainName"),
)
def _service(work: Work) -> Made:
    lattice = work.client("vpc-lattice")
    name = work.name(work.take("Name"), 40).lower()
    fixed = given(work, "CreateService", "CustomDomainName")
    changing = given(work, "CreateService", "AuthType", "CertificateArn", "IdleTimeoutSeconds")
    if work.old is None:
        arn = begun(work, lattice.create_service(name=name, tags=work.tags(), **fixed, **changing))
    else:
        arn = work.old.id
        lattice.update_service(serviceIdentifier=arn, **{"authType": "NONE", **changing})
        retagged(work, arn)
    found = waited(work, lambda: lattice.get_service(serviceIdentifier=arn), "the service")
    return Made(arn, {**attributes(found, *_SERVICE), "Name_": name})


def _remove_target_group(work: Work) -> None:
    lattice, named = work.client("vpc-lattice"), {"targetGroupIdentifier": there(work).id}
    lattice.delete_target_group(**named)
    gone(work, lambda: lattice.get_target_group(**named))


_TARGET_GROUP = ("Arn", "CreatedAt", "Id", "LastUpdatedAt", "Status")
_FOR_LIFE = ("Port", "IpAddressType", "Protocol", "ProtocolVersion", "VpcIdentifier", "LambdaEventStructureVersion")


@kind(
    "AWS::VpcLattice::TargetGroup",
    _remove_target_group,
    attributes=_TARGET_GROUP,
    replaces=("Name", "Type", *(f"Config.{name}" for name in _FOR_LIFE)),
    requires=("Type",),
)
def _target_group(work: Work) -> Made:
    lattice = work.client("vpc-lattice")
    name = work.name(work.take("Name"), 128).lower()
    settings = given(work, "CreateTargetGroup", "Type", "Config")
    before = work.old_properties.get("Targets") or []
    wanted = work.take("Targets") or []
    if work.old is None:
        arn = begun(work, lattice.create_target_group(name=name, tags=work.tags(), **settings))
    else:
        arn = work.old.id
        if check := settings.get("config", {}).get("healthCheck"):
            lattice.update_target_group(targetGroupIdentifier=arn, healthCheck=check)
        retagged(work, arn)
    named = {"targetGroupIdentifier": arn}
    found = waited(work, lambda: lattice.get_target_group(**named), "the target group")
    _put(work, lattice.deregister_targets, "DeregisterTargets", arn, [one for one in before if one not in wanted])
    _put(work, lattice.register_targets, "RegisterTargets", arn, [one for one in wanted if one not in before])
    return Made(arn, {**attributes(found, *_TARGET_GROUP), "Name_": name})


def _put(work: Work, ask: Any, operation: str, group: str, targets: list[Any]) -> None:
    """ResourceFailed for a target that Lattice refuses, which it tells in an answer of 200."""
    if not targets:
        return
    whole = Work(**{**work.__dict__, "properties": {"Targets": targets}})
    refused = ask(targetGroupIdentifier=group, **given(whole, operation, "Targets"))["unsuccessful"]
    if refused:
        told = "; ".join(f"{one['id']}: {one['failureCode']}: {one['failureMessage']}" for one in refused)
        raise ResourceFailed(f"{work.logical}: {told}")


_LISTENER = ("Arn", "Id", "ServiceArn", "ServiceId")


@kind(
    "AWS::VpcLattice::Listener",
    lambda work: work.client("vpc-lattice").delete_listener(
        serviceIdentifier=there(work).attributes["ServiceId"], listenerIdentifier=there(work).attributes["Id"]
    ),
    attributes=_LISTENER,
    replaces=("ServiceIdentifier", "Name", "Port", "Protocol"),
    requires=(
        "DefaultAction",
        "Protocol",
    ),
)
def _listener(work: Work) -> Made:
    lattice = work.client("vpc-lattice")
    name = work.name(work.take("Name"), 63).lower()
    fixed = given(work, "CreateListener", "ServiceIdentifier", "Protocol", "Port")
    action = given(work, "CreateListener", "DefaultAction")
    if work.old is None:
        answer = lattice.create_listener(name=name, tags=work.tags(), **fixed, **action)
    else:
        service, identifier = work.old.attributes["ServiceId"], work.old.attributes["Id"]
        answer = lattice.update_listener(serviceIdentifier=service, listenerIdentifier=identifier, **action)
        retagged(work, work.old.id)
    return Made(answer["arn"], {**attributes(answer, *_LISTENER), "Name_": name})


def _place(arn: str) -> dict[str, str]:
    """Which service, listener and rule the ARN of a rule names."""
    parts = arn.split("/")
    return {"serviceIdentifier": parts[1], "listenerIdentifier": parts[3], "ruleIdentifier": parts[5]}


@kind(
    "AWS::VpcLattice::Rule",
    lambda work: work.client("vpc-lattice").delete_rule(**_place(there(work).id)),
    attributes=("Arn", "Id"),
    replaces=("ListenerIdentifier", "ServiceIdentifier", "Name"),
    requires=(
        "Action",
        "Match",
        "Priority",
    ),
)
def _rule(work: Work) -> Made:
    lattice = work.client("vpc-lattice")
    name = work.name(work.take("Name"), 63).lower()
    fixed = given(work, "CreateRule", "ServiceIdentifier", "ListenerIdentifier")
    changing = given(work, "CreateRule", "Action", "Match", "Priority")
    if work.old is None:
        answer = lattice.create_rule(name=name, tags=work.tags(), **fixed, **changing)
    else:
        answer = lattice.update_rule(**_place(work.old.id), **changing)
        retagged(work, work.old.id)
    return Made(answer["arn"], {**attributes(answer, "Arn", "Id"), "Name_": name})


def _remove_association(work: Work) -> None:
    lattice, named = work.client("vpc-lattice"), {"serviceNetworkServiceAssociationIdentifier": there(work).id}
    lattice.delete_service_network_service_association(**named)
    gone(work, lambda: lattice.get_service_network_service_association(**named))


_ASSOCIATION = (
    *("Arn", "CreatedAt", *_OF_DNS, "Id", "Status"),
    *("ServiceArn", "ServiceId", "ServiceName"),
    *("ServiceNetworkArn", "ServiceNetworkId", "ServiceNetworkName"),
)


@kind(
    "AWS::VpcLattice::ServiceNetworkServiceAssociation",
    _remove_association,
    attributes=_ASSOCIATION,
    replaces=("ServiceNetworkIdentifier", "ServiceIdentifier"),
)
def _association(work: Work) -> Made:
    lattice = work.client("vpc-lattice")
    ends = given(work, "CreateServiceNetworkServiceAssociation", "ServiceNetworkIdentifier", "ServiceIdentifier")
    if work.old is None:
        arn = begun(work, lattice.create_service_network_service_association(tags=work.tags(), **ends))
    else:
        arn = work.old.id
        retagged(work, arn)
    named = {"serviceNetworkServiceAssociationIdentifier": arn}

    def read() -> Any:
        return lattice.get_service_network_service_association(**named)

    return Made(arn, attributes(waited(work, read, "the association"), *_ASSOCIATION))
