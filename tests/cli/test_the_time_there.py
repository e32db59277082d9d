"""How old something is goes by AWS's clock, by which it was stamped, and not by that of whoever asks."""

from __future__ import annotations

import time
from typing import Any

import pytest
from botocore.parsers import ResponseParserError

from cli.aws import NotLetIn, aws_now, explained
from tests.aws.canned import Canned


def account(**headers: str) -> Canned:
    answer: dict[str, Any] = {"Account": "111111111111", "ResponseMetadata": {"HTTPHeaders": headers}}
    return Canned("111111111111", get_caller_identity=answer)


def test_it_is_the_time_that_the_answer_carries() -> None:
    assert aws_now(account(date="Sat, 28 Nov 2026 16:58:06 GMT")) == 1795885086


@pytest.mark.parametrize("headers", [{}, {"date": ""}, {"date": "yesterday"}])
def test_where_none_is_carried_it_is_this_machines(headers: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "time", lambda: 12.0)
    assert aws_now(account(**headers)) == 12.0


def test_an_answer_that_no_service_gives_is_told_in_a_sentence() -> None:
    with pytest.raises(NotLetIn, match="AWS cannot be reached: no XML"), explained():
        raise ResponseParserError("no XML")
