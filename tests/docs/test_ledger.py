"""The ledger has every operation that botocore knows, says what the code does, and leaves none untried."""

from __future__ import annotations

import pytest

from tests.docs.ledger import PAGE, SERVICES, render, rows


def test_the_page_says_what_the_code_does() -> None:
    assert PAGE.read_text(encoding="utf-8") == render(), "run `python -m tests.docs.ledger`"


@pytest.mark.parametrize("service", SERVICES)
def test_every_operation_is_answered_and_tried(service: str) -> None:
    """A newer botocore with an operation that nobody answers fails here."""
    found = rows(service)
    assert [row.operation for row in found if row.answered != "yes"] == []
    assert [row.operation for row in found if not row.tried] == []


@pytest.mark.parametrize("service", SERVICES)
def test_nothing_is_answered_that_is_no_operation(service: str) -> None:
    assert set(SERVICES[service][1]) <= {row.operation for row in rows(service)}


@pytest.mark.parametrize("service", SERVICES)
def test_no_operation_is_free_for_a_role_that_may_nothing(service: str) -> None:
    assert [row.operation for row in rows(service) if row.permissions == "-"] == []
