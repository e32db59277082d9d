"""An owner's word on what he made, or on what is ours: read of the thing itself, and worth what stands there now."""

from typing import Any

import pytest
from onramp.aws.errors import translated
from onramp.aws.observe.reader import Reader, is_handed
from onramp.core import tags
from onramp.core.network import Network
from onramp.core.run import Memory, Run
from onramp.core.tagged_by import Asks

from tests.aws.canned import Answer, Canned, Given, error

INFRA, TEAM = "111111111111", "222222222222"
LATTICE = f"arn:aws:vpc-lattice:ap-northeast-1:{TEAM}:"
SERVICE, JOINED = f"{LATTICE}service/svc-1", f"{LATTICE}servicenetworkserviceassociation/snsa-1"
NET = Network(
    name="net", arn=f"arn:aws:vpc-lattice:ap-northeast-1:{INFRA}:servicenetwork/sn-1", account=INFRA, share="s"
)
OURS = {tags.OWNER: "net"}
TAKEN_BACK = {tags.RELEASE: "yes"}
GONE, DENIED = error("ResourceNotFoundException", 404), error("AccessDeniedException", 403)


def listed(**of: dict[str, str]) -> Answer:
    """What the index has, by the last part of the ARN."""
    arns = {"service": SERVICE, "joined": JOINED}
    items = [
        {"ResourceARN": arns[name], "Tags": [{"Key": key, "Value": text} for key, text in given.items()]}
        for name, given in of.items()
    ]
    return {"ResourceTagMappingList": items}


def read(run: Run, index: Answer, now: Any) -> tuple[Reader, frozenset[str], list[tuple[str, Given]]]:
    account = Canned(TEAM, get_resources=index, list_tags_for_resource=now)
    reader = Reader(NET, account, run)
    with translated():
        marked = reader.marked()
    return reader, marked, [call for call in account.calls if call[0] == "list_tags_for_resource"]


KNOWN = Run(account=TEAM, trigger={}, memory=Memory(arns={SERVICE: "shop"}))


@pytest.mark.parametrize(
    ("given", "hands"),
    [
        ({tags.ADOPT: "yes"}, True),
        ({tags.ADOPT: "yes", tags.OWNER: "net"}, True),
        ({tags.ADOPT: "yes", tags.OWNER: "another"}, False),
        ({tags.ADOPT: "yes", tags.RELEASE: "yes"}, False),
        ({tags.ADOPT: "no"}, False),
        ({tags.OWNER: "net"}, False),
        ({}, False),
    ],
)
def test_what_hands_a_thing_over(given: dict[str, str], hands: bool) -> None:
    assert is_handed(NET, given) == hands


def test_nothing_is_asked_of_what_bears_no_word() -> None:
    reader, marked, asked = read(KNOWN, listed(service=OURS), {"tags": OURS})
    assert (marked, reader.let_go, asked) == (frozenset({SERVICE}), set(), [])


@pytest.mark.parametrize(
    ("now", "let_go"),
    [
        ({"tags": {**OURS, **TAKEN_BACK}}, {SERVICE}),
        ({"tags": OURS}, set()),
        ({"tags": TAKEN_BACK}, set()),
        (GONE, set()),
    ],
)
def test_a_word_that_the_index_has_counts_where_it_stands_now(now: Answer, let_go: set[str]) -> None:
    reader, _, asked = read(KNOWN, listed(service={**OURS, **TAKEN_BACK}), now)
    assert (reader.let_go, len(asked)) == (let_go, 1)


def test_a_word_of_which_somebody_rang_counts_before_the_index_has_it() -> None:
    rung = Run(account=TEAM, trigger={}, memory=KNOWN.memory, asks=(Asks(resource=SERVICE), Asks(resource="vpc-1")))
    reader, _, asked = read(rung, listed(service=OURS), {"tags": {**OURS, **TAKEN_BACK}})
    assert (reader.let_go, len(asked)) == ({SERVICE}, 1)


def test_what_is_remembered_as_ours_and_was_taken_back_is_ours_no_more() -> None:
    reader, marked, _ = read(KNOWN, listed(), {"tags": TAKEN_BACK})
    assert (marked, reader.unmarked) == (frozenset(), {})


@pytest.mark.parametrize(
    ("now", "ours", "known"),
    [
        ({"tags": TAKEN_BACK}, set(), (SERVICE,)),
        (DENIED, set(), (SERVICE,)),
        (GONE, set(), ()),
        ({"tags": OURS}, {SERVICE}, ()),
    ],
)
def test_what_was_let_go_is_not_ours_though_the_index_still_lists_it(
    now: Answer, ours: set[str], known: tuple[str, ...]
) -> None:
    run = Run(account=TEAM, trigger={}, memory=Memory(released=(SERVICE,)))
    reader, marked, _ = read(run, listed(service=OURS), now)
    assert (marked, reader.released) == (ours, known)


def test_an_association_that_was_let_go_is_known_as_long_as_it_is_there_and_a_service_while_it_is_listed() -> None:
    memory = Memory(arns={SERVICE: "shop", JOINED: "shop"})
    run = Run(account=TEAM, trigger={}, memory=memory, released=(JOINED, SERVICE, "sg-1"))
    reader, marked, asked = read(run, listed(), {"tags": TAKEN_BACK})
    assert (reader.released, marked) == ((JOINED,), frozenset())
    assert [given for _, given in asked] == [{"resourceArn": JOINED}]
    assert reader.known == {}


def test_what_this_run_took_over_is_ours_before_the_index_has_it_and_a_group_goes_by_its_id() -> None:
    run = Run(account=TEAM, trigger={}, adopted={SERVICE: "shop", "sg-1": "onramp-net-vpc-1"})
    reader, marked, asked = read(run, listed(), {"tags": {}})
    assert (marked, asked) == (frozenset({SERVICE}), [])
    assert reader.known == {SERVICE: "shop", "sg-1": "onramp-net-vpc-1"}
