"""Names are valid for Lattice whatever they are made of, and tell apart what must not be one thing."""

import re
from functools import cache

import botocore.session
import pytest
from hypothesis import given
from hypothesis import strategies as st
from onramp.core import names
from onramp.core.errors import Refused


@cache
def _rule(shape: str) -> tuple[re.Pattern[str], int, int]:
    """Pattern, least and most length, by the botocore model: the rule that the service itself publishes."""
    found = botocore.session.get_session().get_service_model("vpc-lattice").shape_for(shape).metadata
    return re.compile(found["pattern"]), found["min"], found["max"]


def valid(shape: str, name: str) -> bool:
    pattern, low, high = _rule(shape)
    return bool(pattern.fullmatch(name)) and low <= len(name) <= high


# What ELB takes as a load balancer's name, and some of what it does not.
BALANCERS = st.from_regex(r"[A-Za-z0-9]([A-Za-z0-9-]{0,30}[A-Za-z0-9])?", fullmatch=True) | st.text(max_size=60)
TRICKY = st.lists(st.sampled_from(["svc", "tg", "listener", "a", "b1", "x" * 20]), min_size=1, max_size=4).map("-".join)
ANY_BALANCER = BALANCERS | TRICKY
SERVICES = TRICKY | st.from_regex(r"[a-z0-9]+(-[a-z0-9]+)*", fullmatch=True)


@given(SERVICES | st.text())
def test_a_service_name_is_taken_exactly_when_lattice_takes_it(wanted: str) -> None:
    if valid("ServiceName", wanted):
        assert names.service(wanted) == wanted
    else:
        with pytest.raises(Refused, match="3 to 40 of a-z"):
            names.service(wanted)


@pytest.mark.parametrize(
    ("balancer", "made"),
    [
        ("orders", "orders"),
        ("Orders", "orders"),
        ("a--b", "a-b-90827a2e"),
        ("ab", "ab-fb8e20fc"),
        ("svc-orders", "orders-a12ffe67"),
        ("svc-svc-orders", "orders-00cdb82c"),
        ("svc", "svc"),
        ("svc-svc", "db472f91"),
        ("the-name-of-a-load-balancer-that-is-too-long", "the-name-of-a-load-balancer-tha-763c2932"),
        ("the-name-of-a-load-balancer-th-at-is-too-long", "the-name-of-a-load-balancer-th-f560809b"),
        ("", "e3b0c442"),
    ],
)
def test_a_load_balancers_name_becomes_a_service_name(balancer: str, made: str) -> None:
    assert names.service_for(balancer) == made


@given(ANY_BALANCER)
def test_whatever_a_load_balancer_is_called_its_service_name_is_valid(balancer: str) -> None:
    assert valid("ServiceName", names.service_for(balancer))


@given(ANY_BALANCER, ANY_BALANCER)
def test_load_balancers_whose_names_differ_in_more_than_case_get_services_of_their_own(one: str, other: str) -> None:
    if one.lower() != other.lower():
        assert names.service_for(one) != names.service_for(other)


TARGET_GROUP = st.tuples(
    st.just("net"),
    SERVICES.filter(lambda name: 3 <= len(name) <= 40),
    st.sampled_from(["arn:1", "arn:2"]),
    st.sampled_from(["HTTP", "HTTPS"]),
    st.integers(1, 65535),
    st.sampled_from(["vpc-1", "vpc-2"]),
)


@given(TARGET_GROUP, TARGET_GROUP)
def test_target_groups_have_one_valid_name_each(
    one: tuple[str, str, str, str, int, str], other: tuple[str, str, str, str, int, str]
) -> None:
    assert valid("TargetGroupName", names.target_group(*one))
    assert len(names.target_group(*one)) <= names.TARGET_GROUP_LENGTH
    assert (names.target_group(*one) == names.target_group(*other)) == (one == other)


@pytest.mark.parametrize(
    ("service", "shown"),
    [
        ("orders", "orders-"),
        ("tg-orders", "orders-"),
        ("tg-tg-orders", "orders-"),
        ("tgv-orders", "tgv-orders-"),
        ("tg", ""),
    ],
)
def test_a_target_group_shows_its_service_without_the_prefix_that_is_lattices_own(service: str, shown: str) -> None:
    found = names.target_group("net", service, "arn:1", "HTTP", 80, "vpc-1")
    assert (found[:-8], len(found)) == (shown, len(shown) + 8)


@pytest.mark.parametrize(
    ("name", "at"),
    [
        (names.run("222222222222", "event-1", 1793534400.25), 1793534400.25),
        ("222222222222-abc-1793534400250", 1793534400.25),
        ("222222222222-abc-", 0.0),
        ("somebodys-own-run", 0.0),
        ("", 0.0),
    ],
)
def test_when_a_run_was_taken_its_name_tells(name: str, at: float) -> None:
    assert names.begun(name) == at


@pytest.mark.parametrize("position", range(6))
def test_all_that_cannot_be_changed_in_a_target_group_is_in_its_name(position: int) -> None:
    before: list[object] = ["net", "orders", "arn:1", "HTTP", 80, "vpc-1"]
    after = list(before)
    after[position] = 81 if position == 4 else f"{before[position]}x"
    assert names.target_group(*before) != names.target_group(*after)  # type: ignore[arg-type]  # a table of mixed cells


@pytest.mark.parametrize("protocol", ["HTTP", "HTTPS", "TLS_PASSTHROUGH"])
@pytest.mark.parametrize("port", [1, 80, 65535])
def test_a_listeners_name_holds_its_protocol_and_port(protocol: str, port: int) -> None:
    name = names.listener(protocol, port)
    assert valid("ListenerName", name)
    assert name == f"{protocol.lower().replace('_', '-')}-{port}"


def test_security_groups_and_roles_carry_the_networks_name() -> None:
    assert names.security_group("net", "vpc-1") == "onramp-net-vpc-1"
    assert (names.role("net", "reader"), names.role("net", "writer")) == ("onramp-net-reader", "onramp-net-writer")


def test_the_longest_network_name_still_fits_a_role() -> None:
    assert len(names.role("n" * 40, "reader")) <= 64  # template.yaml allows 40, IAM 64


@given(
    st.lists(st.text(alphabet="ab"), min_size=1, max_size=3), st.lists(st.text(alphabet="ab"), min_size=1, max_size=3)
)
def test_a_token_is_the_same_for_the_same_step_and_no_other(one: list[str], other: list[str]) -> None:
    assert 1 <= len(names.token(*one)) <= 64
    assert (names.token(*one) == names.token(*other)) == (one == other)


def test_a_run_is_named_by_its_account_and_knows_the_event_that_rang() -> None:
    name = names.run("222222222222", "0b9e4a7c-6d21-4f38-8a53-c1d7e2f4b602", 1793534400.25)
    assert name.startswith("222222222222-")
    assert len(name) <= 80
    assert names.rang(name, "0b9e4a7c-6d21-4f38-8a53-c1d7e2f4b602")
    assert not names.rang(name, "another-event")
    assert not names.rang("", "another-event")
