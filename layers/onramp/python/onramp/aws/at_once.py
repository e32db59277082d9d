"""Many reads of one kind, several at once, so that a look at a large account does not take as many times as long."""

from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import copy_context

from botocore.exceptions import ClientError

from onramp.aws.errors import throttled

FEW = 8
"""Things that are read one after another: for so few no threads are worth their start."""

AT_ONCE = 16
"""Reads at a time, of one look at one account. Threads may share a client of botocore, which keeps as many connections.
"""


def each[A, B](read: Callable[[A], B], things: Iterable[A]) -> list[B]:
    """What `read` answers of every thing, in their order.

    Raises what the first of them raised, unless AWS only asked to slow down: such a one is read once more when all
    others are done, and alone, so that a throttled call repeats itself and not the look. What is throttled even then is
    raised.
    """
    todo = list(things)
    if len(todo) <= FEW:
        return [read(thing) for thing in todo]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        # A context of its own each: what the caller has said of this run holds in the threads, too.
        begun = [pool.submit(copy_context().run, read, thing) for thing in todo]
        try:
            late = [_is_late(one) for one in begun]
        finally:
            for one in begun:
                one.cancel()
    return [read(thing) if again else one.result() for thing, again, one in zip(todo, late, begun, strict=True)]


def _is_late[B](read: Future[B]) -> bool:
    error = read.exception()
    if error is None:
        return False
    if isinstance(error, ClientError) and throttled(error):
        return True
    raise error
