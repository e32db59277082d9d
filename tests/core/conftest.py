"""Invented examples are judged by what they show, not by how fast a busy machine draws them."""

import pytest
from hypothesis import HealthCheck, settings
from onramp.core import policy

settings.register_profile("busy", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("busy")


@pytest.fixture(scope="session", autouse=True)
def nothing_is_parsed_yet() -> None:
    """`make mutants` tries each change in a process that has parsed the same policies before, without the change."""
    for kept in vars(policy).values():
        if hasattr(kept, "cache_clear"):
            kept.cache_clear()
