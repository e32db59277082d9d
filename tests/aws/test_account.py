"""Sessions in members: whose role they take, and what a member's CloudTrail calls them."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest
from onramp.aws.account import Account, Members, session_name

MEMBER, RUN, NEXT = "222222222222", "222222222222-0a1b2c3d-1795752000000", "222222222222-9f8e7d6c-1795755600000"


class Sts:
    """AWS's STS as far as it is asked: a session for an hour, and what was asked."""

    def __init__(self) -> None:
        self.asked: list[dict[str, Any]] = []

    def assume_role(self, **asked: Any) -> dict[str, Any]:
        self.asked.append(asked)
        given = {"AccessKeyId": "A", "SecretAccessKey": "S", "SessionToken": "T"}
        return {"Credentials": {**given, "Expiration": datetime.now(UTC) + timedelta(hours=1)}}


class Own(Account):
    """The network account, with that STS."""

    def __init__(self, sts: Sts) -> None:
        super().__init__(boto3.Session(region_name="ap-northeast-1"), "111111111111")
        self._clients["sts"] = sts


def members(sts: Sts, path: str = "/") -> Members:
    session = boto3.Session(region_name="ap-northeast-1")
    return Members(session, Own(sts), "mesh", "reader", partition="aws", path=path)


def test_a_session_is_called_after_its_run() -> None:
    sts = Sts()
    found = members(sts)
    first = found.member(MEMBER, RUN)
    assert found.member(MEMBER, RUN) is first, "one session a run, however many rounds"
    assert found.member(MEMBER, NEXT) is not first
    assert [one["RoleSessionName"] for one in sts.asked] == [RUN, NEXT]


def test_who_only_reads_keeps_the_session_from_run_to_run() -> None:
    sts = Sts()
    found = members(sts)
    assert found.member(MEMBER) is found.member(MEMBER)
    assert [one["RoleSessionName"] for one in sts.asked] == ["lattice-onramp"]


@pytest.mark.parametrize("path", ["/", "/onramp/", "/a/b/"])
def test_a_members_role_is_found_under_its_path(path: str) -> None:
    sts = Sts()
    members(sts, path).member(MEMBER, RUN)
    assert [one["RoleArn"] for one in sts.asked] == [f"arn:aws:iam::{MEMBER}:role{path}onramp-mesh-reader"]


@pytest.mark.parametrize("run", [RUN, "", "x", "a run:with/odd signs", "é" * 80])
def test_whatever_a_run_is_called_sts_takes_it(run: str) -> None:
    assert re.fullmatch(r"[A-Za-z0-9_+=,.@-]{2,64}", session_name(run))
