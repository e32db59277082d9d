"""What a look of the model world cannot read for a time, as the observer tells of it: there, and unknown."""

from msgspec.structs import replace
from onramp.core.model import LOAD_BALANCERS, SECURITY_GROUPS, UNREAD, VPCS, Association, Observation
from onramp.core.network import Network

EACH_SERVICE, EACH_GROUP, EACH_CLIENT = "each service", "each target group", "each client"
KINDS = (EACH_SERVICE, EACH_GROUP, EACH_GROUP, EACH_CLIENT, LOAD_BALANCERS, VPCS, SECURITY_GROUPS)
DENIED = "Describe AccessDenied"


def hiding(network: Network, seen: Observation, kinds: frozenset[str]) -> Observation:
    """The look without what of these kinds is ours, or without their lists."""
    unknown = Association(arn="", network=network.arn, status=UNREAD, owned=True)
    if EACH_SERVICE in kinds:
        dark = {one.arn for one in seen.services if one.owned}
        seen = replace(
            seen,
            services=tuple(
                replace(one, status=UNREAD, domain="", zone="", custom_domain="", listeners=(), associations=(unknown,))
                if one.arn in dark
                else one
                for one in seen.services
            ),
            settings={},
            unread={**seen.unread, **dict.fromkeys(dark, DENIED)},
        )
    if EACH_GROUP in kinds:
        dark = {one.arn for one in seen.target_groups if one.owned}
        groups = tuple(
            replace(one, status=UNREAD, targets=(), used_by=()) if one.arn in dark else one
            for one in seen.target_groups
        )
        seen = replace(seen, target_groups=groups, unread={**seen.unread, **dict.fromkeys(dark, DENIED)})
    if EACH_CLIENT in kinds:
        dark = {one.arn for one in seen.vpc_associations if one.owned}
        joined = tuple(
            replace(one, status=UNREAD, security_groups=frozenset()) if one.arn in dark else one
            for one in seen.vpc_associations
        )
        seen = replace(seen, vpc_associations=joined, unread={**seen.unread, **dict.fromkeys(dark, DENIED)})
    lists = kinds & {LOAD_BALANCERS, VPCS, SECURITY_GROUPS}
    return replace(
        seen,
        load_balancers=() if LOAD_BALANCERS in lists else seen.load_balancers,
        vpcs=() if VPCS in lists else seen.vpcs,
        security_groups=() if SECURITY_GROUPS in lists else seen.security_groups,
        unread={**seen.unread, **dict.fromkeys(lists, DENIED)},
    )
