"""AWS Resource Access Manager: who shares what with whom, and whether they have accepted."""

from localcloud.ram.model import (
    ASSOCIATION,
    CONSUMER_LAG,
    INVITATION,
    INVITATION_LIFE,
    JOINING,
    KEPT,
    Quotas,
)
from localcloud.ram.service import Ram

__all__ = [
    "ASSOCIATION",
    "CONSUMER_LAG",
    "INVITATION",
    "INVITATION_LIFE",
    "JOINING",
    "KEPT",
    "Quotas",
    "Ram",
]
