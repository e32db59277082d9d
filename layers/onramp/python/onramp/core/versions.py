"""Which versions of the network account's stack and of a member's fit each other."""

import re

FIRST = "0.1.0"
"""The one whose sweeps name no version."""

TELLS_SERVICES = "0.2.0"
"""The first whose writer may put the number of services on a VPC."""

_VERSION = re.compile(r"(0|[1-9][0-9]{0,3})\.(0|[1-9][0-9]{0,3})\.(0|[1-9][0-9]{0,3})")


def is_one(text: str) -> bool:
    """Is it a version of ours, as 0.2.0?"""
    return _VERSION.fullmatch(text) is not None


def fit(one: str, other: str) -> bool:
    """Neighbours work together, either way; what lies further apart was not tried. What is unknown fits.

    >>> fit("0.2.0", "0.1.0"), fit("0.1.0", "0.3.1"), fit("0.9.0", "1.0.0")
    (True, False, False)
    """
    if not (is_one(one) and is_one(other)):
        return True
    mine, theirs = _numbers(one), _numbers(other)
    return mine[0] == theirs[0] and abs(mine[1] - theirs[1]) <= 1


def reaches(version: str, wanted: str) -> bool:
    """Is it `wanted`, or later? What is unknown is not."""
    return is_one(version) and is_one(wanted) and _numbers(version) >= _numbers(wanted)


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(map(int, version.split(".")))
