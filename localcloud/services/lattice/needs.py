"""What IAM must allow for each call: actions, resources and condition keys (facts 24)."""

from collections.abc import Iterator

from localcloud.ground.caller import Caller
from localcloud.services.lattice.estate import Estate, id_of
from localcloud.services.lattice.model import (
    DomainVerification,
    EndpointAssociation,
    Listener,
    LogSubscription,
    ResourceAssociation,
    ResourceConfiguration,
    ResourceGateway,
    Rule,
    Service,
    ServiceAssociation,
    ServiceNetwork,
    TargetGroup,
    Thing,
    VpcAssociation,
    Wire,
    forwards_to,
)

type Context = dict[str, str | list[str]]
type Need = tuple[str, str, Context]

LINKED_ROLE = "aws-service-role/vpc-lattice.amazonaws.com/AWSServiceRoleForVpcLattice"

CREATED: dict[str, type[Thing]] = {
    "CreateServiceNetwork": ServiceNetwork,
    "CreateService": Service,
    "CreateListener": Listener,
    "CreateRule": Rule,
    "CreateTargetGroup": TargetGroup,
    "CreateServiceNetworkServiceAssociation": ServiceAssociation,
    "CreateServiceNetworkVpcAssociation": VpcAssociation,
    "CreateAccessLogSubscription": LogSubscription,
    "CreateResourceGateway": ResourceGateway,
    "CreateResourceConfiguration": ResourceConfiguration,
    "CreateServiceNetworkResourceAssociation": ResourceAssociation,
    "StartDomainVerification": DomainVerification,
}

NAMED_BY: dict[str, type[Thing]] = {
    "ruleIdentifier": Rule,
    "listenerIdentifier": Listener,
    "serviceNetworkServiceAssociationIdentifier": ServiceAssociation,
    "serviceNetworkVpcAssociationIdentifier": VpcAssociation,
    "accessLogSubscriptionIdentifier": LogSubscription,
    "serviceNetworkResourceAssociationIdentifier": ResourceAssociation,
    "resourceEndpointAssociationIdentifier": EndpointAssociation,
    "domainVerificationIdentifier": DomainVerification,
    "resourceConfigurationIdentifier": ResourceConfiguration,
    "resourceGatewayIdentifier": ResourceGateway,
    "targetGroupIdentifier": TargetGroup,
    "serviceIdentifier": Service,
    "serviceNetworkIdentifier": ServiceNetwork,
}
"""Which parameter names the object of a call, the innermost first."""

BY_PREFIX: dict[str, type[Thing]] = {
    **{kind.prefix: kind for kind in CREATED.values()},
    EndpointAssociation.prefix: EndpointAssociation,
}

JOINING = (
    "CreateServiceNetworkResourceAssociation",
    "CreateServiceNetworkServiceAssociation",
    "CreateServiceNetworkVpcAssociation",
)

OTHER_ENDS = {
    "CreateServiceNetworkServiceAssociation": ("serviceIdentifier", "serviceNetworkIdentifier"),
    "CreateServiceNetworkVpcAssociation": ("serviceNetworkIdentifier",),
    "CreateAccessLogSubscription": ("resourceIdentifier",),
    "CreateServiceNetworkResourceAssociation": ("resourceConfigurationIdentifier", "serviceNetworkIdentifier"),
    "CreateResourceConfiguration": (
        "resourceGatewayIdentifier",
        "resourceConfigurationGroupIdentifier",
        "domainVerificationIdentifier",
    ),
}
"""Which parameters name what is there already and must be allowed, too."""

LOG_DELIVERY = {
    "CreateAccessLogSubscription": "logs:CreateLogDelivery",
    "UpdateAccessLogSubscription": "logs:UpdateLogDelivery",
    "DeleteAccessLogSubscription": "logs:DeleteLogDelivery",
}

SHOWS_CERTIFICATE = ("CreateService", "UpdateService")

ON_TARGETS = ("RegisterTargets", "DeregisterTargets", "ListTargets")


def authorisation(estate: Estate, operation: str, params: Wire, caller: Caller) -> list[Need]:
    """(action, resource ARN, condition context) of all that must be allowed.

    An object that is still to be made stands as its ARN with an id of zeros, so that `…/svc-*` matches it.
    """
    if operation in CREATED:
        return list(_to_create(estate, operation, params, caller))
    if operation == "BatchUpdateRule":
        return [_on_rule(estate, params, entry, caller) for entry in params["rules"]]
    if operation.startswith("List") and operation != "ListTargets":
        context = _filters(estate, params, caller) if operation.endswith("Associations") else {}
        return [(f"vpc-lattice:{operation}", "*", context)]
    if operation in ("TagResource", "UntagResource"):
        return [_to_tag(estate, operation, params, caller)]
    return list(_on_existing(estate, operation, params, caller))


def _to_create(estate: Estate, operation: str, params: Wire, caller: Caller) -> Iterator[Need]:
    action = f"vpc-lattice:{operation}"
    kind = CREATED[operation]
    tags = params.get("tags") or {}
    context = {**_request_keys(estate, params, caller), **_request_tags(tags)}
    if operation in JOINING:
        context |= _filters(estate, params, caller)
    if operation not in ("CreateListener", "CreateRule"):
        context["vpc-lattice:CreateAction"] = operation
    made = _arn_of_new(kind, params, caller)
    yield action, made, context
    for parameter in OTHER_ENDS.get(operation, ()):
        if parameter not in params:
            continue
        thing = _lookup(estate, params[parameter])
        arn = _arn(estate, params[parameter], caller)
        yield action, arn, {**context, **_resource_tags(thing, caller)}
    if tags:
        yield "vpc-lattice:TagResource", made, {**_request_tags(tags), "vpc-lattice:CreateAction": operation}
    yield from _dependent(estate, operation, params, caller)


def _dependent(estate: Estate, operation: str, params: Wire, caller: Caller) -> Iterator[Need]:
    """What AWS does in the caller's name besides."""
    first = caller.account not in estate.accounts_with_role
    if operation in ("CreateService", "CreateServiceNetwork", "CreateTargetGroup", "CreateResourceGateway") and first:
        role = f"arn:aws:iam::{caller.account}:role/{LINKED_ROLE}"
        yield "iam:CreateServiceLinkedRole", role, {"iam:AWSServiceName": "vpc-lattice.amazonaws.com"}
    vpc_named = "vpcIdentifier" in params or "vpcIdentifier" in params.get("config", {})
    if (operation == "CreateTargetGroup" and vpc_named) or operation in (
        "CreateServiceNetworkVpcAssociation",
        "UpdateServiceNetworkVpcAssociation",
    ):
        yield "ec2:DescribeVpcs", "*", {}
    yield from _on_interfaces(operation, params)
    if params.get("securityGroupIds") or operation == "UpdateServiceNetworkVpcAssociation":
        yield "ec2:DescribeSecurityGroups", "*", {}
    if operation in LOG_DELIVERY:
        yield LOG_DELIVERY[operation], "*", {}
        yield "logs:GetLogDelivery", "*", {}
    if operation in SHOWS_CERTIFICATE and params.get("certificateArn"):
        yield "acm:DescribeCertificate", params["certificateArn"], {}
        yield "acm:ListCertificates", "*", {}
    if operation in ON_TARGETS:
        yield from _on_targets(estate, operation, params)


def _on_targets(estate: Estate, operation: str, params: Wire) -> Iterator[Need]:
    group = estate.target_groups.get(params["targetGroupIdentifier"])
    kind = group.type if group is not None else ""
    if kind == "ALB":
        yield "elasticloadbalancing:DescribeLoadBalancers", "*", {}
    if operation != "RegisterTargets":
        return
    if kind == "INSTANCE":
        for what in ("Instances", "Vpcs", "Subnets"):
            yield f"ec2:Describe{what}", "*", {}
    if kind == "LAMBDA":
        for target in params["targets"]:
            yield "lambda:GetFunction", target["id"], {}
            yield "lambda:AddPermission", target["id"], {}


def _on_interfaces(operation: str, params: Wire) -> Iterator[Need]:
    """What is looked up in the caller's name for gateways and what stands behind them."""
    if operation == "CreateResourceGateway":
        yield "ec2:DescribeSubnets", "*", {}
    arn = params.get("resourceConfigurationDefinition", {}).get("arnResource", {}).get("arn")
    if operation == "CreateResourceConfiguration" and arn:
        what = "DescribeDBClusters" if ":cluster:" in arn else "DescribeDBInstances"
        yield f"rds:{what}", arn, {}


def _on_existing(estate: Estate, operation: str, params: Wire, caller: Caller) -> Iterator[Need]:
    identifier = _identifier(params)
    thing = _lookup(estate, identifier)
    arn = _arn(estate, identifier, caller, params)
    context = {
        **_request_keys(estate, params, caller),
        **_association_keys(estate, thing),
        **_resource_tags(thing, caller),
    }
    yield f"vpc-lattice:{operation}", arn, context
    yield from _dependent(estate, operation, params, caller)


def _on_rule(estate: Estate, params: Wire, entry: Wire, caller: Caller) -> Need:
    """BatchUpdateRule is authorised as UpdateRule of each of its rules."""
    thing = _lookup(estate, entry["ruleIdentifier"])
    arn = _arn(estate, entry["ruleIdentifier"], caller, params)
    context = {**_request_keys(estate, entry, caller), **_resource_tags(thing, caller)}
    return "vpc-lattice:UpdateRule", arn, context


def _to_tag(estate: Estate, operation: str, params: Wire, caller: Caller) -> Need:
    arn: str = params["resourceArn"]
    thing = estate.things.get(id_of(arn))
    tags = params.get("tags") or {}
    context = {**_request_tags(tags), **_resource_tags(thing, caller)}
    if "tagKeys" in params:
        context["aws:TagKeys"] = list(params["tagKeys"])
    return f"vpc-lattice:{operation}", arn, context


def _identifier(params: Wire) -> str:
    for name in (*NAMED_BY, "resourceIdentifier", "resourceArn"):
        if name in params:
            return str(params[name])
    raise LookupError(f"no identifier among {sorted(params)}")


def _lookup(estate: Estate, identifier: str) -> Thing | None:
    return estate.things.get(id_of(identifier))


def _arn(estate: Estate, identifier: str, caller: Caller, params: Wire | None = None) -> str:
    """The ARN that IAM judges: the one given, the object's as the caller sees it, or what it would be."""
    if identifier.startswith("arn:"):
        return identifier
    thing = _lookup(estate, identifier)
    if thing is not None:
        return thing.arn_for(caller.account)
    kind = BY_PREFIX.get(identifier.split("-", 1)[0])
    if kind is None:
        return f"arn:aws:vpc-lattice:{caller.region}:{caller.account}:{identifier}"
    return _shaped(kind, identifier, params or {}, caller)


def _arn_of_new(kind: type[Thing], params: Wire, caller: Caller) -> str:
    return _shaped(kind, f"{kind.prefix}-{'0' * 17}", params, caller)


def _shaped(kind: type[Thing], identifier: str, params: Wire, caller: Caller) -> str:
    path = f"{kind.kind}/{identifier}"
    if kind in (Listener, Rule):
        path = f"service/{id_of(params.get('serviceIdentifier', ''))}/listener/{identifier}"
    if kind is Rule:
        listener = id_of(params.get("listenerIdentifier", ""))
        path = f"service/{id_of(params.get('serviceIdentifier', ''))}/listener/{listener}/rule/{identifier}"
    return f"arn:aws:vpc-lattice:{caller.region}:{caller.account}:{path}"


def _request_keys(estate: Estate, params: Wire, caller: Caller) -> Context:
    """The `vpc-lattice:` keys that the request itself fills."""
    keys: Context = {}
    plain = {"authType": "AuthType", "protocol": "Protocol", "vpcIdentifier": "VpcId"}
    for parameter, key in plain.items():
        if parameter in params:
            keys[f"vpc-lattice:{key}"] = params[parameter]
    if "vpcIdentifier" in params.get("config", {}):
        keys["vpc-lattice:VpcId"] = params["config"]["vpcIdentifier"]
    if "domainName" in params:
        keys["vpc-lattice:DomainName"] = params["domainName"]
    if "securityGroupIds" in params:
        keys["vpc-lattice:SecurityGroupIds"] = list(params["securityGroupIds"])
    options = params.get("dnsOptions", {})
    if "privateDnsPreference" in options:
        keys["vpc-lattice:PrivateDnsPreference"] = options["privateDnsPreference"]
    if "privateDnsSpecifiedDomains" in options:
        keys["vpc-lattice:PrivateDnsSpecifiedDomains"] = list(options["privateDnsSpecifiedDomains"])
    action = params.get("action") or params.get("defaultAction")
    if action and "forward" in action:
        groups = [_arn(estate, identifier, caller) for identifier in forwards_to(action)]
        keys["vpc-lattice:TargetGroupArns"] = groups
    return keys


def _association_keys(estate: Estate, thing: Thing | None) -> Context:
    """Of a call on an association: what it joins."""
    keys: Context = {}
    if isinstance(thing, VpcAssociation | ServiceAssociation):
        network = estate.networks.get(thing.network_id)
        if network is not None:
            keys["vpc-lattice:ServiceNetworkArn"] = network.arn
    if isinstance(thing, VpcAssociation):
        keys["vpc-lattice:VpcId"] = thing.vpc_id
    if isinstance(thing, ResourceAssociation):
        network = estate.networks.get(thing.network_id)
        configuration = estate.configurations.get(thing.configuration_id)
        if network is not None:
            keys["vpc-lattice:ServiceNetworkArn"] = network.arn
        if configuration is not None:
            keys["vpc-lattice:ResourceConfigurationArn"] = configuration.arn
    if isinstance(thing, EndpointAssociation):
        keys["vpc-lattice:VpcEndpointId"] = thing.endpoint
        target = estate.configurations.get(thing.target)
        if target is not None:
            keys["vpc-lattice:ResourceConfigurationArn"] = target.arn
    if isinstance(thing, ServiceAssociation):
        service = estate.services.get(thing.service_id)
        if service is not None:
            keys["vpc-lattice:ServiceArn"] = service.arn
    return keys


def _filters(estate: Estate, params: Wire, caller: Caller) -> Context:
    """What a List call filters by, or an association joins."""
    keys: Context = {}
    ends = {
        "serviceNetworkIdentifier": "ServiceNetworkArn",
        "serviceIdentifier": "ServiceArn",
        "resourceConfigurationIdentifier": "ResourceConfigurationArn",
    }
    for parameter, key in ends.items():
        if parameter in params:
            keys[f"vpc-lattice:{key}"] = _arn(estate, params[parameter], caller)
    if "vpcIdentifier" in params:
        keys["vpc-lattice:VpcId"] = params["vpcIdentifier"]
    return keys


def _request_tags(tags: dict[str, str]) -> Context:
    if not tags:
        return {}
    return {**{f"aws:RequestTag/{key}": value for key, value in tags.items()}, "aws:TagKeys": list(tags)}


def _resource_tags(thing: Thing | None, caller: Caller) -> Context:
    """Of an object that is the caller's; the tags of another's cannot be seen."""
    tags = thing.tags_for(caller.account) if thing is not None else None
    return {f"aws:ResourceTag/{key}": value for key, value in (tags or {}).items()}
