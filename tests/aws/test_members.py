"""The accounts' clients and sessions: made once, renewed in time, and a missing role told with its remedy."""

from typing import Any

import pytest
from botocore.exceptions import ClientError
from onramp.aws.account import READING, SESSION_SECONDS, Account, Members
from onramp.aws.eyes import SESSION, Eyes
from onramp.core.errors import NotYet, Refused

from localcloud.door.faults import Fault
from localcloud.ground.journal import CallRecord
from tests.place import NETWORK, TEAM, Place, member_role

OTHER = "333333333333"


def members(place: Place, what: str = "reader") -> Members:
    return Members(place.own._session, place.own, "net", what, partition="aws")


def assumed(place: Place) -> list[dict[str, Any]]:
    return [call.params for call in place.cloud.journal.of(CallRecord) if call.operation == "AssumeRole"]


def test_a_member_is_entered_by_its_role_of_this_network(place: Place) -> None:
    arn = member_role(place, "reader")
    member = members(place).member(TEAM)
    assert member.account == TEAM
    who = member.client("sts").get_caller_identity()
    assert who["Account"] == TEAM
    assert who["Arn"] == f"arn:aws:sts::{TEAM}:assumed-role/onramp-net-reader/{READING}"
    [asked] = assumed(place)
    assert (asked["RoleArn"], asked["DurationSeconds"]) == (arn, 3600)


def test_each_account_has_a_session_of_its_own(place: Place) -> None:
    member_role(place, "reader")
    member_role(place, "reader", OTHER)
    entered = members(place)
    assert [entered.member(one).account for one in (TEAM, OTHER, TEAM, OTHER)] == [TEAM, OTHER, TEAM, OTHER]
    assert len(assumed(place)) == 2


@pytest.mark.parametrize(("age", "times"), [(0, 1), (SESSION_SECONDS - 301, 1), (SESSION_SECONDS - 299, 2)])
def test_a_session_is_kept_until_shortly_before_it_ends(place: Place, age: float, times: int) -> None:
    member_role(place, "reader")
    entered = members(place)
    first = entered.member(TEAM)
    place.cloud.clock.advance(age)
    assert (entered.member(TEAM) is first) is (times == 1)
    assert len(assumed(place)) == times
    entered.member(TEAM).client("sts").get_caller_identity()


def test_a_role_that_is_missing_is_told_with_what_to_do(place: Place) -> None:
    with pytest.raises(Refused) as caught:
        members(place).member(TEAM)
    assert caught.value.code == "member-role-missing"
    assert caught.value.message == (
        f"arn:aws:iam::{TEAM}:role/onramp-net-reader cannot be assumed:"
        f" deploy member.yaml of this network to account {TEAM}, or revert the drift of its stack, if there is one"
    )


def test_a_role_that_comes_is_found(place: Place) -> None:
    entered = members(place)
    with pytest.raises(Refused):
        entered.member(TEAM)
    member_role(place, "reader")
    assert entered.member(TEAM).account == TEAM


def test_a_throttled_session_comes_later(place: Place) -> None:
    member_role(place, "reader")
    place.cloud.faults.add(Fault("throttle", "sts", "AssumeRole", times=5))
    with pytest.raises(NotYet):
        members(place).member(TEAM)


def test_a_role_of_another_kind_or_partition_is_another(place: Place) -> None:
    member_role(place, "reader")
    with pytest.raises(Refused, match="onramp-net-writer cannot"):
        members(place, "writer").member(TEAM)
    with pytest.raises((Refused, ClientError, NotYet)):
        Members(place.own._session, place.own, "net", "reader", partition="aws-cn").member(TEAM)


def test_a_client_is_made_once_and_gives_up_in_time(place: Place) -> None:
    client = place.own.client("sqs")
    assert place.own.client("sqs") is client
    assert place.own.client("sns") is not client
    config = client.meta.config
    assert (config.connect_timeout, config.read_timeout) == (3, 10)
    assert config.retries["total_max_attempts"] == 5
    assert config.retries["mode"] == "standard"


def test_an_account_without_credentials_of_its_own_acts_by_the_session_s(place: Place) -> None:
    own = Account(place.cloud.session(NETWORK), NETWORK)
    assert own.account == NETWORK
    assert own.client("sts").get_caller_identity()["Account"] == NETWORK


# --- eyes


def test_whose_session_is_there_is_looked_into_by_it_and_others_by_a_networks_reader(place: Place) -> None:
    member_role(place, "reader")
    eyes = Eyes({NETWORK: place.cloud.session(NETWORK)}, ["aside", "net", "net"])
    assert (eyes.own, eyes.home.account, eyes.of(NETWORK)) == ((NETWORK,), NETWORK, eyes.home)
    there = eyes.of(TEAM)
    assert there.client("sts").get_caller_identity()["Arn"].endswith(f"assumed-role/onramp-net-reader/{SESSION}")
    assert eyes.of(TEAM) is there
    # The networks are tried in their order: the first has no role there.
    assert [one["RoleArn"].rpartition("/")[2] for one in assumed(place)] == ["onramp-aside-reader", "onramp-net-reader"]


def test_who_cannot_be_looked_into_is_asked_once_and_refused_each_time(place: Place) -> None:
    eyes = Eyes({NETWORK: place.cloud.session(NETWORK)}, ["net"])
    for _ in range(2):
        with pytest.raises(Refused) as caught:
            eyes.of(TEAM)
        assert caught.value.code == "account-unread"
        assert caught.value.message == (
            f"account {TEAM} cannot be read: name a profile of that account as well:"
            " only the network's functions may assume role onramp-net-reader in it"
        )
    assert len(assumed(place)) == 1
    member_role(place, "reader")
    eyes.read_by(["net"])
    assert eyes.of(TEAM).account == TEAM
    eyes.read_by([])
    with pytest.raises(Refused, match="no network is known whose reader role could be used"):
        eyes.of(TEAM)


def test_a_session_that_comes_later_is_told_in_its_own_words(place: Place) -> None:
    place.cloud.faults.add(Fault("throttle", "sts", "AssumeRole", times=5))
    eyes = Eyes({NETWORK: place.cloud.session(NETWORK)}, ["net"])
    with pytest.raises(Refused, match=f"account {TEAM} cannot be read: AssumeRole: Throttling"):
        eyes.of(TEAM)
