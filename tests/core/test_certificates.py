"""Which certificate a service shows under a domain of its own."""

import pytest
from model_world import TEAM
from onramp.core.certificates import chosen
from onramp.core.hosts import covers
from onramp.core.model import Certificate

HOST = "api.shop.example.jp"
DAY = 86400.0
NOW = 1000 * DAY


def made(name: str, *names: str, days: float = 300, since: float = 0.0) -> Certificate:
    arn = f"arn:aws:acm:ap-northeast-1:{TEAM}:certificate/{name}"
    return Certificate(arn=arn, names=names or (HOST,), not_after=NOW + days * DAY, since=since)


@pytest.mark.parametrize(
    ("name", "covered"),
    [
        (HOST, True),
        ("API.Shop.Example.JP.", True),
        ("*.shop.example.jp", True),
        ("*.example.jp", False),
        ("*.api.shop.example.jp", False),
        ("shop.example.jp", False),
        ("*", False),
    ],
)
def test_a_wildcard_stands_for_one_label(name: str, covered: bool) -> None:
    assert covers(name, HOST) is covered


def test_a_wildcard_does_not_cover_what_it_stands_above() -> None:
    assert not covers("*.example.jp", "example.jp")


EXACT, WILD = made("exact"), made("wild", "other.example.jp", "*.shop.example.jp", days=900)


@pytest.mark.parametrize(
    ("there", "given", "which"),
    [
        ([], {}, ""),
        ([made("other", "other.example.jp")], {}, ""),
        ([WILD, EXACT], {}, "exact"),
        ([EXACT, made("longer", days=310)], {}, "longer"),
        ([made("old", since=1.0), made("new", since=2.0)], {}, "new"),
        ([made("ended", days=0), WILD], {}, "wild"),
        ([WILD, EXACT], {"attached": WILD.arn}, "wild"),
        ([made("soon", days=20), EXACT], {"attached": made("soon").arn}, "exact"),
        ([made("soon", days=20), WILD], {"attached": made("soon").arn}, "wild"),
        ([made("soon", days=20), made("sooner", days=25)], {"attached": made("soon").arn}, "soon"),
        ([made("soon", days=20), made("sooner", days=10)], {}, "soon"),
        ([made("ended", days=0), EXACT], {"attached": made("ended").arn}, "exact"),
        ([EXACT], {"attached": "arn:gone"}, "exact"),
        ([made("soon", days=20), EXACT], {"attached": made("soon").arn, "stays": True}, "soon"),
        ([made("ended", days=0), EXACT], {"attached": made("ended").arn, "stays": True}, "exact"),
        ([WILD, EXACT], {"attached": "arn:gone", "stays": True}, "exact"),
        ([WILD, EXACT], {"named": "wild"}, "wild"),
        ([WILD, EXACT], {"named": "wild", "attached": EXACT.arn}, "wild"),
        ([WILD, EXACT], {"named": "other"}, ""),
        ([made("other", "other.example.jp")], {"named": "other"}, ""),
        ([Certificate(arn="a/untold", names=(HOST,))], {}, "untold"),
    ],
)
def test_the_certificate_is_the_one_that_is_named_or_shown_or_nearest_to_the_host(
    there: list[Certificate], given: dict[str, str], which: str
) -> None:
    found = chosen(HOST, there, now=NOW, **given)
    assert (found.arn.rpartition("/")[2] if found else "") == which
