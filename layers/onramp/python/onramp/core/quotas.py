"""Lattice's quotas by the codes that AWS answers, and what is told of one that is met."""

NAMES = {
    "L-9CAD07FB": "service networks in a region",
    "L-620C821E": "services in a region",
    "L-BB11C6B9": "target groups in a region",
    "L-75D4A19E": "services in a network",
    "L-EF6E2D62": "VPCs in a network",
    "L-D64E952E": "listeners of a service",
    "L-CF78395E": "rules of a listener",
    "L-3DEC3B9F": "target groups of a service",
    "L-D71303F3": "targets of a target group",
}
"""Those that a run can meet (facts 16)."""

BY_ERROR = {
    "SecurityGroupLimitExceeded": "L-E79EC296 security groups in a region",
    "RulesPerSecurityGroupLimitExceeded": "L-0EA8095F rules of a security group",
    "LimitsExceeded": "VPCs of a private hosted zone",
    "TooManyVPCAssociationAuthorizations": "authorised VPCs of a private hosted zone",
}
"""Those of EC2 and Route 53, by the errors that alone tell of them (facts 19.5 and R23.5)."""

_RAISE = "raise quota "


def met(code: str) -> str:
    """What to do about one, by its code or in words; '' where AWS does not say which."""
    name = f"{code} ({NAMES[code]})" if code in NAMES else code
    return f"{f'{_RAISE}{name}' if name else 'raise the quota'} or free something"


def tells(why: str) -> bool:
    """Was a step given up for a quota that AWS names?"""
    return why.startswith(_RAISE)


def remedy(why: str) -> str:
    """Why without AWS's own words."""
    return why.partition(": ")[0]
