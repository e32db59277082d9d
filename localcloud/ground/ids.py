"""Identifiers as AWS makes them, drawn from the local cloud's dice so that a run can be repeated."""

from random import Random
from uuid import UUID


def uuid4(dice: Random) -> str:
    return str(UUID(int=dice.getrandbits(128), version=4))
