"""What a story that does not come out is told by."""

import pytest

from localcloud import network
from replay.expected import not_as
from replay.story import Answer

STOPPED = network.Answer(status=0, body="", server="", hops=(), stopped_at="dns")
ANSWERED = network.Answer(status=200, body="hello", server="nginx", hops=(), stopped_at="")


@pytest.mark.parametrize(
    ("expect", "answer", "told"),
    [
        (Answer(status=200), ANSWERED, []),
        (Answer(stopped_at="dns"), STOPPED, []),
        (Answer(status=404), ANSWERED, ["the request was answered 200, not answered 404"]),
        (Answer(status=200), STOPPED, ["the request was stopped at dns, not answered 200"]),
        (Answer(stopped_at="rule"), ANSWERED, ["the request was answered 200; it was to be stopped at rule"]),
        (Answer(stopped_at="rule"), STOPPED, ["the request was stopped at dns; it was to be stopped at rule"]),
        (Answer(server="apache"), ANSWERED, ["nginx answered, not apache"]),
        (Answer(body="bye"), ANSWERED, ["the answer does not hold 'bye'"]),
    ],
)
def test_a_request_that_comes_out_otherwise_is_told_by_what_became_of_it(
    expect: Answer, answer: network.Answer, told: list[str]
) -> None:
    assert list(not_as(expect, answer)) == told
