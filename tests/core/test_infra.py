"""What infra has said of an account: the last word on each matter counts, whatever order words are read in."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from model_world import TEAM, network
from onramp.core.infra import KEPT_SECONDS, Word, answers, heeded, held, read, released, spelled, spent, unasked

ID = f"{TEAM}-0123456789ab"
NET = network()


def word(at: float, saying: str, about: str = "", by: str = "ayumi") -> Word:
    return Word(at=at, saying=saying, about=about, by=by)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "one",
    [
        word(1, "Hold", "orders"),
        word(2.5, "Hold", "*", "arn:aws:sts::111111111111:assumed-role/onramp-net-operator/ayumi yabuki"),
        word(3, "Release"),
        word(4, "Approve", ID, ""),
    ],
)
def test_a_word_is_read_as_it_was_spelled(one: Word) -> None:
    assert read(spelled(one)) == one


@pytest.mark.parametrize("line", ["", "x", "soon Hold orders me", "1.0 Sing orders me"])
def test_what_is_no_word_is_passed_over(line: str) -> None:
    assert read(line) is None


def test_who_says_it_cannot_write_a_second_line() -> None:
    one = read(spelled(word(1, "Hold", "orders", "me\n2.0 Release - infra")))
    assert one is not None
    assert (one.saying, one.about, one.by) == ("Hold", "orders", "me 2.0 Release - infra")


@given(st.permutations([word(1, "Hold", "a"), word(2, "Unhold", "a"), word(3, "Hold", "b"), word(4, "Hold", "a")]))
def test_the_last_word_counts_in_whatever_order(words: list[Word]) -> None:
    assert held(words) == {"a": word(4, "Hold", "a"), "b": word(3, "Hold", "b")}
    assert set(spent(words, {}, 10)) == {word(1, "Hold", "a"), word(2, "Unhold", "a")}


def test_a_yes_takes_the_place_of_a_no() -> None:
    assert answers([word(2, "Approve", ID), word(1, "Reject", ID)])[ID].saying == "Approve"


def test_what_is_held_is_kept_out_of_this_account_alone() -> None:
    some = heeded(NET, TEAM, [word(1, "Hold", "orders")])
    assert some.keeps_out(TEAM, "orders")
    assert not some.keeps_out(TEAM, "payments")
    assert not some.keeps_out("333333333333", "orders")
    assert heeded(NET, TEAM, [word(1, "Hold", "*")]).keeps_out(TEAM, "payments")
    assert heeded(NET, TEAM, [word(1, "Hold", "*"), word(2, "Unhold", "*")]) == NET


def test_a_release_reaches_to_when_it_was_said() -> None:
    assert released([word(1, "Release"), word(5, "Release"), word(9, "Hold", "a")]) == 5
    assert released([]) == 0


def test_an_answer_ends_when_nobody_has_asked_for_long_and_a_hold_never() -> None:
    said = [word(0, "Approve", ID), word(0, "Hold", "a"), word(0, "Release")]
    late = 2 * KEPT_SECONDS  # asked for until then
    since = unasked(said, {}, (), late)
    assert since == {ID: late}
    assert unasked(said, since, (), late + 9) == since
    assert unasked(said, since, (ID,), late + 9) == {}
    assert spent(said, since, late + KEPT_SECONDS) == (word(0, "Release"),)
    assert spent(said, since, late + KEPT_SECONDS + 1) == (word(0, "Approve", ID), word(0, "Release"))
    assert spent(said, {}, late + KEPT_SECONDS + 1) == (word(0, "Release"),)
