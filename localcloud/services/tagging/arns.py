"""Which resources a call names or makes, by their ARNs, and of what type they are."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from moto.ec2.utils import EC2_PREFIX_TO_RESOURCE

from localcloud.ground.caller import Caller

if TYPE_CHECKING:
    from localcloud.door.call import Done


def resource_type(arn: str) -> str:
    """What kind of thing an ARN names, in the ARN's own word: `loadbalancer`, `vpc`, `servicenetwork`, `rule`."""
    tail = arn.split(":", 5)[5]
    parts = tail.split("/")
    if arn.split(":")[2] == "vpc-lattice":
        # service/ID/listener/ID/rule/ID: the last pair names the thing.
        return parts[-2] if len(parts) > 1 else parts[0]
    return parts[0].split(":")[0]


def named_by(service: str, params: dict[str, Any], caller: Caller) -> Iterable[str]:
    """ARNs of the resources that a call on existing ones names."""
    if service == "ec2":
        ids = params.get("Resources") or [value for value in params.values() if isinstance(value, str)]
        return [arn for one in ids if (arn := _ec2_arn(str(one), caller))]
    if service == "elbv2":
        arns = params.get("ResourceArns") or [
            params[name] for name in ("LoadBalancerArn", "TargetGroupArn", "ListenerArn", "RuleArn") if name in params
        ]
    elif service == "resourcegroupstaggingapi":
        arns = params.get("ResourceARNList", [])
    else:
        arns = _lattice_arns(params, caller)
    return [arn for arn in arns if arn.count(":") >= 5 and arn.split(":")[4] in ("", caller.account)]


# Under which words of its ARN Lattice keeps what a parameter names, and how its id begins.
_LATTICE_KINDS = {
    "svc-": "service",
    "sn-": "servicenetwork",
    "tg-": "targetgroup",
    "snsa-": "servicenetworkserviceassociation",
    "snva-": "servicenetworkvpcassociation",
    "als-": "accesslogsubscription",
}


def _lattice_arns(params: dict[str, Any], caller: Caller) -> list[str]:
    if "resourceArn" in params:
        return [params["resourceArn"]]
    path: list[str] = []
    whole = ""
    for name in ("serviceIdentifier", "listenerIdentifier", "ruleIdentifier"):
        if name in params:
            whole = params[name] if params[name].startswith("arn:") else ""
            path += [name.removesuffix("Identifier"), params[name].rsplit("/", 1)[-1]]
    if whole:
        return [whole]
    if path:
        return [f"arn:aws:vpc-lattice:{caller.region}:{caller.account}:{'/'.join(path)}"]
    found = []
    for value in params.values():
        if isinstance(value, str) and value.startswith("arn:aws:vpc-lattice:"):
            found.append(value)
        elif isinstance(value, str):
            kind = next((kind for prefix, kind in _LATTICE_KINDS.items() if value.startswith(prefix)), "")
            if kind:
                found.append(f"arn:aws:vpc-lattice:{caller.region}:{caller.account}:{kind}/{value}")
    return found


def made_by(done: Done) -> Iterator[str]:
    """ARNs of what a call made, out of its answer."""
    if done.service == "vpc-lattice":
        if "arn" in done.result:
            yield str(done.result["arn"])
    elif done.service == "elbv2":
        for kind in ("LoadBalancer", "TargetGroup", "Listener", "Rule"):
            for made in done.result.get(f"{kind}s", []):
                # A listener's answer names its balancer and target groups, too: only what was made counts.
                if done.operation == f"Create{kind}":
                    yield made[f"{kind}Arn"]
    elif done.service == "ec2":
        for one in _ec2_ids(done.result, done.operation):
            arn = _ec2_arn(one, done.caller)
            if arn:
                yield arn


def _ec2_ids(result: Any, operation: str) -> Iterator[str]:
    """The ids of what an EC2 call made: `Vpc.VpcId` of CreateVpc, `GroupId` of CreateSecurityGroup, ..."""
    if operation == "RunInstances":
        yield from (instance["InstanceId"] for instance in result.get("Instances", []))
        return
    if operation == "CreateSecurityGroup":
        yield result["GroupId"]
        return
    kind = operation.removeprefix("Create").removeprefix("Allocate")
    made = result.get(kind)
    for name, value in (made if isinstance(made, dict) else result).items():
        if name in (f"{kind}Id", f"{kind}Ids", "AllocationId") and isinstance(value, str):
            yield value


def _ec2_arn(id: str, caller: Caller) -> str:
    prefix, dash, _ = id.rpartition("-")
    kind = EC2_PREFIX_TO_RESOURCE.get(prefix, "") if dash else ""
    return f"arn:aws:ec2:{caller.region}:{caller.account}:{kind}/{id}" if kind else ""
