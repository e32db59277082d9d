"""Every tag key of the product, and what a tag value may hold."""

import re

OWNER = "lattice-onramp:network"
"""On all that we make: the network it was made for. What lacks it is never changed and never deleted."""

NAME = "lattice-onramp:name"
"""The name of what carries it, so that one list of tags tells what is there without asking for each."""

STATUS = "lattice-onramp:status"
DOMAIN = "lattice-onramp:domain"
MESSAGE = "lattice-onramp:message"
STATUS_KEYS = (STATUS, DOMAIN, MESSAGE)
"""Our answer on a team's load balancer or VPC. They do not begin with a team's prefix, so they ring no bell."""

DEFAULT_PREFIX = "lattice:"

# Keys after the prefix.
NETWORK = "network"
SERVICE = "service"
LISTEN = "listen"
TARGET = "target"
WEIGHT = "weight"
ALLOW_FROM = "allow-from"
PORTS = "ports"
SECURITY_GROUPS = "security-groups"

LOAD_BALANCER_KEYS = frozenset({NETWORK, SERVICE, LISTEN, TARGET, WEIGHT})
VPC_KEYS = frozenset({NETWORK, ALLOW_FROM, PORTS, SECURITY_GROUPS})

# The smaller of API pattern (256) and guide (255); no leading or trailing space (ELB tag restrictions).
VALUE_LENGTH = 255
_REFUSED_IN_VALUES = re.compile(r"[^\w\s+\-=.:/@]", re.ASCII)


def answer(text: str) -> str:
    """`text` as an ELB tag value may hold it: letters, digits, spaces and `+ - = . _ : / @`, 255 at most.

    >>> answer("Make it internal (scheme), then tag again.")
    'Make it internal scheme then tag again.'
    """
    clean = " ".join(_REFUSED_IN_VALUES.sub(" ", text).split())
    if len(clean) <= VALUE_LENGTH:
        return clean
    return clean[: VALUE_LENGTH - 4].rstrip() + " ..."
