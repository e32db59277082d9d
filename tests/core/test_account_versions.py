"""The network's stack and a member's are one minor version apart at most, and are told where they are not."""

import pytest
from msgspec.structs import replace
from onramp.core import versions
from onramp.core.denials import STACK_DIFFERS
from onramp.core.triggers import SWEEP, Event, Ring, parse
from onramp.core.watch import VERSION, Entry, counts, findings

NOW = 1793534400.0
TEAM = "222222222222"


@pytest.mark.parametrize(
    ("one", "other", "fits"),
    [
        ("0.2.0", "0.2.7", True),
        ("0.2.0", "0.1.0", True),
        ("0.1.0", "0.2.0", True),
        ("0.3.0", "0.1.9", False),
        ("1.0.0", "0.9.0", False),
        ("0.2.0", "", True),
        ("", "0.9.0", True),
    ],
)
def test_neighbours_fit_either_way(one: str, other: str, *, fits: bool) -> None:
    assert versions.fit(one, other) is fits
    assert versions.fit(other, one) is fits


@pytest.mark.parametrize(
    ("version", "reaches"), [("0.2.0", True), ("0.10.0", True), ("1.0.0", True), ("0.1.9", False), ("", False)]
)
def test_a_version_reaches_those_before_it(version: str, *, reaches: bool) -> None:
    assert versions.reaches(version, "0.2.0") is reaches


@pytest.mark.parametrize(
    ("detail", "version"),
    [
        ({"network": "net", "version": "0.2.0"}, "0.2.0"),
        ({"network": "net"}, "0.1.0"),  # that release named none
        ({}, ""),
        ({"network": "net", "version": "0.2.0 and more"}, ""),
        ({"network": "net", "version": ["0.2.0"]}, ""),
        ({"network": "net", "version": "0.2.99999"}, ""),
        ("no object", ""),
    ],
)
def test_a_sweep_tells_the_version_of_its_member_stack(detail: object, version: str) -> None:
    heard = Event(
        id="e", source="lattice.onramp", account=TEAM, time="2026-11-01T12:00:00Z", detail_type=SWEEP, detail=detail
    )
    found = parse(heard, "net")
    assert isinstance(found, Ring)
    assert found.version == version


@pytest.mark.parametrize(
    ("detail", "prefix"),
    [
        ({"network": "net", "version": "0.2.0", "prefix": "mesh:"}, "mesh:"),
        ({"network": "net", "version": "0.2.0"}, ""),
        ({"prefix": "mesh:"}, ""),
        ({"network": "net", "prefix": "mesh"}, ""),
        ({"network": "net", "prefix": "mesh: and more"}, ""),
        ({"network": "net", "prefix": ["mesh:"]}, ""),
        ("no object", ""),
    ],
)
def test_a_sweep_tells_the_tag_prefix_of_its_member_stack(detail: object, prefix: str) -> None:
    heard = Event(
        id="e", source="lattice.onramp", account=TEAM, time="2026-11-01T12:00:00Z", detail_type=SWEEP, detail=detail
    )
    found = parse(heard, "net")
    assert isinstance(found, Ring)
    assert found.prefix == prefix
    other = parse(replace(heard, source="aws.ram", detail_type="Resource Sharing State Change"), "net")
    assert isinstance(other, Ring)
    assert other.prefix == ""


def test_whose_stack_has_another_tag_prefix_is_told_before_an_old_version() -> None:
    one = Entry(account=TEAM, rung_at=NOW - 60, heard_at=NOW - 60, member_version="0.1.0", member_prefix="mesh:")
    [found] = findings("net", (one,), frozenset(), NOW, "0.3.0")
    assert (found.code, "TagPrefix mesh: in its member stack" in found.message) == (STACK_DIFFERS, True)
    assert counts((found,))["UnfitAccounts"] == 1
    assert findings("net", (replace(one, heard_at=0.0, rung_at=0.0),), frozenset(), NOW, "0.3.0") == ()


@pytest.mark.parametrize(
    ("member", "code"), [("0.3.0", ""), ("0.2.0", ""), ("", ""), ("0.1.0", VERSION), ("0.5.0", VERSION)]
)
def test_who_is_further_apart_is_told(member: str, code: str) -> None:
    well = Entry(account=TEAM, rung_at=NOW - 60, heard_at=NOW - 60, looked_at=NOW - 50, member_version=member)
    found = findings("net", (well,), frozenset(), NOW, "0.3.0")
    assert [it.code for it in found] == [code] * bool(code)
    assert counts(found)["UnfitAccounts"] == len(found)
    assert all("member.yaml of 0.3.0" in it.message and member in it.message for it in found)
