"""Several reads at once: in order, bounded, with the first error, and a throttled one by itself."""

import threading
from contextvars import ContextVar

import pytest
from botocore.exceptions import ClientError
from onramp.aws.at_once import AT_ONCE, FEW, each

MANY = range(5 * AT_ONCE)
SAID: ContextVar[str] = ContextVar("said", default="")


def error(code: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": code}}, "ListTargets")


@pytest.mark.parametrize("count", [0, 1, FEW, FEW + 1, len(MANY)])
def test_answers_come_in_the_order_of_what_was_asked(count: int) -> None:
    assert each(lambda number: number * 2, range(count)) == [number * 2 for number in range(count)]


def test_so_many_are_read_at_a_time_and_no_more() -> None:
    together = threading.Barrier(AT_ONCE, timeout=30)  # passed only by so many that stand there at once
    now, most, lock = 0, 0, threading.Lock()

    def read(_: int) -> None:
        nonlocal now, most
        with lock:
            now += 1
            most = max(most, now)
        together.wait()
        with lock:
            now -= 1

    each(read, MANY)
    assert most == AT_ONCE


def test_few_are_read_one_after_another_where_they_are_asked_for() -> None:
    assert set(each(lambda _: threading.get_ident(), range(FEW))) == {threading.get_ident()}


def test_what_the_caller_has_said_holds_in_the_threads() -> None:
    token = SAID.set("run-1")
    try:
        assert set(each(lambda _: SAID.get(), MANY)) == {"run-1"}
    finally:
        SAID.reset(token)


def test_the_first_error_is_raised_and_not_a_later_one() -> None:
    late = threading.Event()

    def read(number: int) -> int:
        if number == 3:
            late.wait(30)
            raise error("AccessDeniedException")
        if number == 5:
            late.set()
            raise error("ValidationException")
        return number

    with pytest.raises(ClientError, match="AccessDenied"):
        each(read, MANY)


def test_a_throttled_read_repeats_itself_and_no_other() -> None:
    asked: list[int] = []

    def read(number: int) -> int:
        asked.append(number)
        if number == 7 and asked.count(7) == 1:
            raise error("ThrottlingException")
        return number

    assert each(read, MANY) == list(MANY)
    assert sorted(asked) == sorted([*MANY, 7])
    assert asked[-1] == 7  # alone, after the others


def test_what_is_throttled_again_is_raised() -> None:
    def read(number: int) -> int:
        if number == 7:
            raise error("ThrottlingException")
        return number

    with pytest.raises(ClientError, match="Throttling"):
        each(read, MANY)
