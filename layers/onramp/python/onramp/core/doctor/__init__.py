"""Is the deployment well, is the estate as it should be, why did a tag do nothing: findings out of what was read."""

from onramp.core.doctor.deployment import (
    SERVICES_PER_NETWORK,
    VPCS_PER_NETWORK,
    Deployed,
    Document,
    Finding,
    Share,
    examine,
)
from onramp.core.doctor.tag import Asker, Check, Walk, walk

__all__ = [
    "SERVICES_PER_NETWORK",
    "VPCS_PER_NETWORK",
    "Asker",
    "Check",
    "Deployed",
    "Document",
    "Finding",
    "Share",
    "Walk",
    "examine",
    "walk",
]
