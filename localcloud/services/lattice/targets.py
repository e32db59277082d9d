"""Targets: what stands behind a target group. Registering answers 200 even when it refuses some."""

import ipaddress
import re

from localcloud.ground.caller import Caller
from localcloud.ground.service import Operations
from localcloud.services.lattice import outside
from localcloud.services.lattice.actions import drop_target
from localcloud.services.lattice.answers import page, present
from localcloud.services.lattice.estate import Estate
from localcloud.services.lattice.model import Target, TargetGroup, Wire
from localcloud.services.lattice.refusals import invalid, unsettled

ALB_ARN = re.compile(r"arn:[a-z0-9-]+:elasticloadbalancing:([a-z0-9-]+):(\d{12}):loadbalancer/app/[^/]+/[^/]+")
FUNCTION_ARN = re.compile(r"arn:[a-z0-9-]+:lambda:[a-z0-9-]+:\d{12}:function:[A-Za-z0-9_-]+(:[A-Za-z0-9$_-]+)?")
INSTANCE_ID = re.compile(r"i-[0-9a-f]{8}([0-9a-f]{9})?")
GROUPS_PER_BALANCER = 2

type Key = tuple[str, int | None]
type Refusal = tuple[str, str]


def register(estate: Estate, params: Wire, caller: Caller) -> Wire:
    """Idempotent by id and port. What cannot be registered is in `unsuccessful` (facts 9)."""
    group = estate.owned(estate.target_groups, params["targetGroupIdentifier"], caller, "RegisterTargets")
    if group.status != "ACTIVE":
        raise unsettled(group)
    keys = [_key(group, target) for target in params["targets"]]
    _demand_one(group, keys)
    new = [key for key in keys if key not in group.targets]
    quota = estate.quotas.targets_per_group
    if len(group.targets) + len(set(new)) > quota:
        estate.demand_room("targets_per_group", quota, "TARGET", group.id)
    successful, unsuccessful = [], []
    for key in keys:
        refusal = _refusal(estate, group, key[0], caller)
        if refusal is None:
            _put(estate, group, key)
            successful.append(_named(key))
        else:
            unsuccessful.append({**_named(key), "failureCode": refusal[0], "failureMessage": refusal[1]})
    return {"successful": successful, "unsuccessful": unsuccessful}


def deregister(estate: Estate, params: Wire, caller: Caller) -> Wire:
    """In use it drains first; a group without a service loses its targets at once (facts 7)."""
    group = estate.owned(estate.target_groups, params["targetGroupIdentifier"], caller, "DeregisterTargets")
    if group.status not in ("ACTIVE", "DELETE_FAILED"):
        raise unsettled(group)
    successful, unsuccessful = [], []
    for wanted in params["targets"]:
        key = _key(group, wanted)
        if key not in group.targets:
            message = f"Target {key[0]} is not registered"
            unsuccessful.append({**_named(key), "failureCode": "TargetNotFound", "failureMessage": message})
            continue
        successful.append(_named(key))
        if group.used_by:
            _drain(estate, group, key)
        else:
            drop_target(estate, group, key)
    return {"successful": successful, "unsuccessful": unsuccessful}


def list_all(estate: Estate, params: Wire, caller: Caller) -> Wire:
    group = estate.owned(estate.target_groups, params["targetGroupIdentifier"], caller, "ListTargets")
    found = [it for it in group.targets.values() if it.listed]
    if params.get("targets"):
        wanted = {(target["id"], target.get("port")) for target in params["targets"]}
        found = [it for it in found if (it.id, it.port) in wanted or (it.id, None) in wanted]

    def render(target: Target) -> Wire:
        status, reason = group.health(target)
        return present(id=target.id, port=target.port, status=status, reasonCode=reason)

    return page(found, params, estate.page_size, render, caller)


def _key(group: TargetGroup, target: Wire) -> Key:
    """Id and port; the port is the group's where none is given. ValidationException for the wrong kind of id."""
    identifier = target["id"]
    if group.type == "LAMBDA":
        if "port" in target:
            raise invalid("A port is not supported for target type LAMBDA", "targets.port")
        if not FUNCTION_ARN.fullmatch(identifier):
            raise invalid(f"{identifier} is not the ARN of a function", "targets.id")
        return identifier, None
    if group.type == "ALB" and not ALB_ARN.fullmatch(identifier):
        raise invalid(f"{identifier} is not the ARN of an Application Load Balancer", "targets.id")
    if group.type == "INSTANCE" and not INSTANCE_ID.fullmatch(identifier):
        raise invalid(f"{identifier} is not the id of an instance", "targets.id")
    if group.type == "IP" and not _is_address(identifier, group.config["ipAddressType"]):
        raise invalid(f"{identifier} is not an {group.config['ipAddressType']} address", "targets.id")
    if group.type == "IP" and not _is_reachable(group, identifier):
        raise invalid(f"{identifier} is neither a private address nor one of {group.vpc_id}", "targets.id")
    return identifier, target.get("port", group.port)


def _is_address(text: str, kind: str) -> bool:
    try:
        return ipaddress.ip_address(text).version == (6 if kind == "IPV6" else 4)
    except ValueError:
        return False


def _is_reachable(group: TargetGroup, text: str) -> bool:
    """Publicly routable addresses and the network's own are no targets (VPC Lattice guide, "Target types")."""
    address = ipaddress.ip_address(text)
    own = outside.cidrs_of_vpc(group.account, group.region, group.vpc_id or "")
    return any(address in network for network in (*outside.PRIVATE, *map(ipaddress.ip_network, own)))


def _demand_one(group: TargetGroup, keys: list[Key]) -> None:
    """A group holds exactly one ALB, or one function (facts 11, model)."""
    if group.type not in ("ALB", "LAMBDA"):
        return
    staying = {key for key, target in group.targets.items() if not target.draining}
    if len(staying | set(keys)) > 1:
        raise invalid(f"A target group of type {group.type} can have one target only", "targets")


def _refusal(estate: Estate, group: TargetGroup, identifier: str, caller: Caller) -> Refusal | None:
    if group.type == "ALB":
        return _refusal_of_balancer(estate, group, identifier, caller)
    if group.type == "INSTANCE":
        vpc_id = outside.instance_vpc(group.account, group.region, identifier)
        if vpc_id is None:
            return "TargetNotFound", f"Instance {identifier} does not exist"
        if vpc_id != group.vpc_id:
            return "InvalidTarget", f"Instance {identifier} is not in {group.vpc_id}"
    if group.type == "LAMBDA" and not outside.function_exists(group.account, group.region, identifier):
        return "TargetNotFound", f"Function {identifier} does not exist in this account and Region"
    return None


def _refusal_of_balancer(estate: Estate, group: TargetGroup, arn: str, caller: Caller) -> Refusal | None:
    balancer = None
    if arn.split(":")[3:5] == [group.region, caller.account]:
        balancer = outside.balancer(caller.account, caller.region, arn)
    if balancer is None:
        return "TargetNotFound", f"Load balancer {arn} does not exist in this account"
    if balancer.type != "application" or balancer.scheme != "internal":
        return "InvalidTarget", f"Load balancer {arn} is not an internal Application Load Balancer"
    if balancer.state != "active":
        return "InvalidTarget", f"Load balancer {arn} is not active: {balancer.state}"
    if balancer.vpc_id != group.vpc_id:
        return "InvalidTarget", f"Load balancer {arn} is not in {group.vpc_id}"
    others = estate.groups_of_balancer.get(arn, set()) - {group.id}
    if len(others) >= GROUPS_PER_BALANCER:
        return "InvalidTarget", f"Load balancer {arn} is already in {GROUPS_PER_BALANCER} target groups"
    return None


def _put(estate: Estate, group: TargetGroup, key: Key) -> None:
    there = group.targets.get(key)
    if there is not None and not there.draining:
        return
    takes = estate.timing.target_listing
    target = Target(id=key[0], port=key[1], serial=estate.serial(), registered=estate.now, listed=not takes)
    group.targets.pop(key, None)
    group.targets[key] = target
    if group.type == "ALB":
        estate.groups_of_balancer.setdefault(key[0], set()).add(group.id)

    def settled() -> None:
        target.settled = True

    def listed() -> None:
        target.listed = True

    if takes:
        estate.cloud.clock.after(takes, listed, f"vpc-lattice {group.id} lists {key[0]}")
    estate.cloud.clock.after(
        takes + estate.timing.target_registration, settled, f"vpc-lattice {group.id} registers {key[0]}"
    )


def _drain(estate: Estate, group: TargetGroup, key: Key) -> None:
    target = group.targets[key]
    if target.draining:
        return
    target.draining = True

    def gone() -> None:
        # Registered again meanwhile, it is another target, which stays.
        if group.targets.get(key) is target:
            drop_target(estate, group, key)

    estate.cloud.clock.after(estate.timing.draining, gone, f"vpc-lattice {group.id} drains {key[0]}")


def _named(key: Key) -> Wire:
    return present(id=key[0], port=key[1])


OPERATIONS: Operations[Estate] = {
    "RegisterTargets": register,
    "DeregisterTargets": deregister,
    "ListTargets": list_all,
}
