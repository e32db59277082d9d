"""Where a TCP connection can stop. Stories name these hops, and are read where no cloud is loaded."""

from __future__ import annotations

HOPS = (
    "dns",
    "egress",
    "vpc endpoint",
    "vpc association",
    "security group",
    "resource association",
    "resource configuration",
    "resource gateway",
    "target",
)
"""What can stop a connection, in this order; an endpoint stands in for association and security group."""
