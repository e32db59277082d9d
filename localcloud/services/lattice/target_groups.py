"""Target groups: where a service's requests end. Bound to a type, a protocol and a VPC for life."""

from localcloud.ground.caller import Caller
from localcloud.ground.service import Operations
from localcloud.services.lattice import outside
from localcloud.services.lattice.actions import drop_target
from localcloud.services.lattice.answers import moment, page, present
from localcloud.services.lattice.estate import Estate
from localcloud.services.lattice.model import TargetGroup, Wire
from localcloud.services.lattice.refusals import in_use, invalid, not_found, taken, unsettled

DEFAULT_PORTS = {"HTTP": 80, "HTTPS": 443}
NOT_FOR_LAMBDA = ("port", "protocol", "protocolVersion", "vpcIdentifier", "healthCheck", "ipAddressType")
HEALTH_RANGES = {
    "healthCheckIntervalSeconds": (5, 300, 30),
    "healthCheckTimeoutSeconds": (1, 120, 5),
    "healthyThresholdCount": (2, 10, 5),
    "unhealthyThresholdCount": (2, 10, 2),
}
"""Lowest, highest and default value; the model's own ranges start at 0, which the service takes as default."""


def create(estate: Estate, params: Wire, caller: Caller) -> Wire:
    name = params["name"]
    for holder in estate.target_groups.where("name", caller.account, caller.region, name):
        raise taken(f"Target group with name {name}", holder.id, TargetGroup.resource_type)
    count = len(estate.target_groups.where("home", caller.account, caller.region))
    estate.demand_room("target_groups", count, TargetGroup.resource_type)
    config = _configured(params["type"], params.get("config", {}))
    vpc_id = config.get("vpcIdentifier")
    if vpc_id is not None and not outside.vpc_exists(caller.account, caller.region, vpc_id):
        raise not_found("VPC", vpc_id)
    group = TargetGroup(**estate.birth("tg", caller, params.get("tags")), name=name, type=params["type"], config=config)
    estate.add(group, estate.target_groups)
    estate.accounts_with_role.add(caller.account)
    estate.begin_creation(group, estate.timing.target_group_create)
    return _described(group)


def update(estate: Estate, params: Wire, caller: Caller) -> Wire:
    """Only the health check can change, and an ALB's or a function's group has none (facts 7, 11)."""
    group = estate.owned(estate.target_groups, params["targetGroupIdentifier"], caller, "UpdateTargetGroup")
    if group.status != "ACTIVE":
        raise unsettled(group)
    if group.type in ("ALB", "LAMBDA"):
        raise invalid(f"Health checks are not supported for target type {group.type}", "healthCheck")
    merged = {**group.config["healthCheck"], **params["healthCheck"]}
    group.config["healthCheck"] = _health_check(merged, group.config)
    group.updated = estate.now
    return _described(group)


def get(estate: Estate, params: Wire, caller: Caller) -> Wire:
    group = estate.owned(estate.target_groups, params["targetGroupIdentifier"], caller, "GetTargetGroup")
    return present(
        **_described(group),
        createdAt=moment(group.created),
        lastUpdatedAt=moment(group.updated),
        serviceArns=_service_arns(estate, group),
        failureCode=group.failure_code,
        failureMessage=group.failure_message,
    )


def list_all(estate: Estate, params: Wire, caller: Caller) -> Wire:
    found = [
        group
        for group in estate.target_groups.where("home", caller.account, caller.region)
        if params.get("vpcIdentifier") in (None, group.vpc_id) and params.get("targetGroupType") in (None, group.type)
    ]

    def render(group: TargetGroup) -> Wire:
        return present(
            id=group.id,
            arn=group.arn,
            name=group.name,
            type=group.type,
            createdAt=moment(group.created),
            lastUpdatedAt=moment(group.updated),
            port=group.port,
            protocol=group.protocol,
            ipAddressType=group.config.get("ipAddressType"),
            vpcIdentifier=group.vpc_id,
            lambdaEventStructureVersion=group.config.get("lambdaEventStructureVersion"),
            status=group.status,
            serviceArns=_service_arns(estate, group),
        )

    return page(found, params, estate.page_size, render, caller)


def delete(estate: Estate, params: Wire, caller: Caller) -> Wire:
    """Refused while a rule uses it, while it is made and while targets drain (facts 8); an ALB stays."""
    group = estate.owned(estate.target_groups, params["targetGroupIdentifier"], caller, "DeleteTargetGroup")
    if group.status == "CREATE_IN_PROGRESS":
        raise unsettled(group)
    if group.used_by:
        raise in_use(group, f"Target group {group.id} is in use by a listener or rule")
    if any(target.draining for target in group.targets.values()):
        raise in_use(group, f"Target group {group.id} is in use: its targets are draining")

    def gone() -> None:
        for key in list(group.targets):
            drop_target(estate, group, key)
        estate.remove(group, estate.target_groups)

    if group.status != "DELETE_IN_PROGRESS":
        estate.begin(group, "DELETE", estate.timing.target_group_delete, gone)
    return {"id": group.id, "arn": group.arn, "status": group.status}


def _configured(kind: str, given: Wire) -> Wire:
    """The configuration with its defaults, by the rules of the type; ValidationException."""
    if kind == "LAMBDA":
        for member in NOT_FOR_LAMBDA:
            if member in given:
                raise invalid(f"{member} is not supported for target type LAMBDA", f"config.{member}")
        return {"lambdaEventStructureVersion": given.get("lambdaEventStructureVersion", "V1")}
    for member in ("protocol", "vpcIdentifier"):
        if member not in given:
            raise invalid(f"{member} is required for target type {kind}", f"config.{member}")
    if "lambdaEventStructureVersion" in given:
        raise invalid("lambdaEventStructureVersion is supported for target type LAMBDA only", "config")
    if "ipAddressType" in given and kind != "IP":
        raise invalid("ipAddressType is supported for target type IP only", "config.ipAddressType")
    config = dict(given)
    _set_port_and_version(kind, config)
    if kind == "IP":
        config.setdefault("ipAddressType", "IPV4")
    if kind != "ALB":
        config["healthCheck"] = _health_check(given.get("healthCheck", {}), config)
    return config


def _set_port_and_version(kind: str, config: Wire) -> None:
    protocol = config["protocol"]
    if "port" not in config:
        if protocol == "TCP":
            raise invalid("port is required for protocol TCP", "config.port")
        config["port"] = DEFAULT_PORTS[protocol]
    if kind == "ALB" and "healthCheck" in config:
        raise invalid("Health checks are not supported for target type ALB", "config.healthCheck")
    if protocol == "TCP":
        if "protocolVersion" in config:
            raise invalid("protocolVersion is not supported for protocol TCP", "config.protocolVersion")
    elif kind == "ALB" and config.get("protocolVersion", "HTTP1") != "HTTP1":
        raise invalid("Target type ALB supports protocol version HTTP1 only", "config.protocolVersion")
    else:
        config.setdefault("protocolVersion", "HTTP1")


def _health_check(given: Wire, config: Wire) -> Wire:
    check = dict(given)
    for member, (lowest, highest, default) in HEALTH_RANGES.items():
        value = check.get(member) or default
        if not lowest <= value <= highest:
            raise invalid(f"{member} must be {lowest} to {highest}", f"healthCheck.{member}")
        check[member] = value
    protocol = check.setdefault("protocol", "TCP" if config["protocol"] == "TCP" else "HTTP")
    # gRPC has no health check of its own, HTTP/2's are off as well, unless a version to check by is asked for.
    version = config.get("protocolVersion")
    check.setdefault("enabled", version not in ("GRPC", "HTTP2") or "protocolVersion" in given)
    if protocol != "TCP":
        check.setdefault("protocolVersion", "HTTP2" if version == "HTTP2" else "HTTP1")
        check["path"] = check.get("path") or "/"
        check.setdefault("matcher", {"httpCode": "200"})
    return check


def _service_arns(estate: Estate, group: TargetGroup) -> list[str]:
    services = (estate.services.get(identifier) for identifier in dict.fromkeys(group.used_by.values()))
    return [service.arn for service in services if service is not None]


def _described(group: TargetGroup) -> Wire:
    return {
        "id": group.id,
        "arn": group.arn,
        "name": group.name,
        "type": group.type,
        "config": dict(group.config),
        "status": group.status,
    }


OPERATIONS: Operations[Estate] = {
    "CreateTargetGroup": create,
    "UpdateTargetGroup": update,
    "GetTargetGroup": get,
    "ListTargetGroups": list_all,
    "DeleteTargetGroup": delete,
}
