"""Who passes TLS through answers by what his listener shows: of each service by its domain, wherever he moves."""

import pytest
import shown
from histories import API, WEB, Act, History, Player, played
from msgspec.structs import replace
from onramp.core.desired import PASSTHROUGH

ALL = "*.shop.example.jp"
PORTS = ("HTTP:80", "HTTPS:443", "HTTPS:8443")


def asks(domain: str, **given: str) -> dict[str, str]:
    return {"network": "net", "domain": domain, "listen": PASSTHROUGH, "target": "HTTPS:443", **given}


def begun(*others: str, **tags: str) -> tuple[Act, ...]:
    """These load balancers ask for one domain, and `alb-a` with them."""
    names = ("alb-a", *others)
    return (*(("create", name, PORTS, asks(API, **tags), "active") for name in names), ("ring",))


TO_WEB: tuple[Act, ...] = (("set", "alb-a", "domain", WEB), ("ring",), ("wait", 90), ("ring",))
CASES: list[tuple[str, tuple[Act, ...], dict[str, tuple[str, str]]]] = [
    (
        "one of two who cannot answer moves to where he can",
        (("show", "alb-a", 443, WEB), ("show", "alb-b", 443), *begun("alb-b"), *TO_WEB),
        {"alb-a": ("connected", WEB), "alb-b": ("unreachable", "")},
    ),
    (
        "one of three",
        (
            *(("show", "alb-a", 443, WEB), ("show", "alb-b", 443), ("show", "alb-c", 443, WEB)),
            *(*begun("alb-b", "alb-c"), *TO_WEB),
        ),
        {"alb-a": ("connected", WEB), "alb-b": ("unreachable", ""), "alb-c": ("unreachable", "")},
    ),
    (
        "one who is refused another listener, beside one whose listener is gone",
        (
            *(("show", "alb-a", 443), *begun("alb-b"), ("ready", "alb-b", ("HTTP:80",))),
            *(("set", "alb-a", "target", None), ("set", "alb-a", "listen", "HTTP:82 HTTP:83"), ("ring",)),
        ),
        {"alb-a": ("refused", ""), "alb-b": ("refused", "")},
    ),
    (
        "one who can answer nowhere",
        (("show", "alb-a", 443), *begun(), *TO_WEB),
        {"alb-a": ("unreachable", "")},
    ),
    (
        "one of two who can answer nowhere",
        (("show", "alb-a", 443), ("show", "alb-b", 443), *begun("alb-b"), *TO_WEB),
        {"alb-a": ("unreachable", ""), "alb-b": ("unreachable", "")},
    ),
    (
        "from where he can answer to where he cannot",
        (("show", "alb-a", 443, API), ("show", "alb-b", 443), *begun("alb-b"), *TO_WEB),
        {"alb-a": ("refused", API), "alb-b": ("unreachable", "")},
    ),
    (
        "from where both can answer to where he cannot",
        (("show", "alb-a", 443, API), *begun("alb-b"), *TO_WEB),
        {"alb-a": ("refused", API), "alb-b": ("connected", API)},
    ),
    (
        "the other one is mended meanwhile",
        (
            *(("show", "alb-a", 443, WEB), ("show", "alb-b", 443), *begun("alb-b")),
            *(("set", "alb-a", "domain", WEB), ("ring", (2, ("show", "alb-b", 443, API))), ("wait", 90), ("ring",)),
        ),
        {"alb-a": ("connected", WEB), "alb-b": ("connected", API)},
    ),
    (
        "one certificate for both",
        (("show", "alb-a", 443, ALL), ("show", "alb-b", 443), *begun("alb-b"), *TO_WEB),
        {"alb-a": ("connected", WEB), "alb-b": ("unreachable", "")},
    ),
    (
        "certificates for both",
        (("show", "alb-a", 443, API, WEB), ("show", "alb-b", 443, API), *begun("alb-b"), *TO_WEB),
        {"alb-a": ("connected", WEB), "alb-b": ("connected", API)},
    ),
    (
        "to a port where he cannot answer",
        (("show", "alb-a", 8443), *begun(), ("set", "alb-a", "target", "HTTPS:8443"), ("ring",)),
        {"alb-a": ("refused", API)},
    ),
    (
        "from a port where he cannot answer to another one",
        (
            *(("show", "alb-a", 443), ("show", "alb-a", 8443), *begun()),
            *(("set", "alb-a", "target", "HTTPS:8443"), ("ring",)),
        ),
        {"alb-a": ("unreachable", "")},
    ),
    (
        "in two places, neither of which his tags ask for, of which one is mended",
        (
            *(("show", "alb-a", 443), *begun(), *TO_WEB, ("show", "alb-a", 8443)),
            *(("set", "alb-a", "target", "HTTPS:8443"), ("ring",), ("show", "alb-a", 443, API), ("ring",)),
        ),
        {"alb-a": ("refused", API)},
    ),
    (
        "in two places and his tags are wrong",
        (
            *(("show", "alb-a", 443), *begun(), *TO_WEB),
            *(("set", "alb-a", "listen", "SMTP:25"), ("ring",)),
        ),
        {"alb-a": ("refused", "")},
    ),
    (
        "in two places and his tags are wrong and one of them is mended",
        (
            *(("show", "alb-a", 443), *begun(), *TO_WEB),
            *(("set", "alb-a", "listen", "SMTP:25"), ("ring",), ("show", "alb-a", 443, API), ("ring",)),
        ),
        {"alb-a": ("refused", API)},
    ),
    (
        "where he goes on, while what he asks for is taken",
        (
            *(*begun(), ("set", "alb-a", "domain", "taken.shop.example.jp"), ("ring",)),
            *(("show", "alb-a", 443), ("ring",)),
        ),
        {"alb-a": ("refused", "")},
    ),
    (
        "and whoever else asks is refused where he is",
        (
            *(("show", "alb-a", 443, WEB), ("show", "alb-b", 443), *begun("alb-b")),
            *(("set", "alb-b", "method", "GET"), ("ring",), *TO_WEB),
        ),
        {"alb-a": ("connected", WEB), "alb-b": ("refused", "")},
    ),
    (
        "and whoever else asks is refused before he was there",
        (
            *(("show", "alb-a", 443, WEB), *begun()),
            *(("create", "alb-b", PORTS, asks(API, method="GET"), "active"), ("ring",), *TO_WEB),
        ),
        {"alb-a": ("connected", WEB), "alb-b": ("refused", "")},
    ),
    (
        "from HTTP to what passes through",
        (
            ("show", "alb-a", 443),
            ("create", "alb-a", PORTS, {"network": "net", "service": "shop", "listen": "HTTP:80"}, "active"),
            *(("ring",), ("retag", "alb-a", asks(API)), ("ring",), ("wait", 90), ("ring",)),
        ),
        {"alb-a": ("refused", "shop")},
    ),
    (
        "from HTTP to what passes through, while another one asks that the port speak another protocol",
        (
            ("show", "alb-a", 443),
            ("create", "alb-a", PORTS, {"network": "net", "service": "shop", "listen": "HTTP:80"}, "active"),
            ("create", "alb-b", PORTS, {"network": "net", "service": "shop", "listen": "HTTP:80"}, "active"),
            *(("ring",), ("retag", "alb-a", asks(API)), ("ring",), ("set", "alb-b", "listen", "HTTPS:80"), ("ring",)),
        ),
        {"alb-a": ("refused", "shop"), "alb-b": ("refused", "shop")},
    ),
    (
        "who comes to one whose share a tool says and who can answer no more",
        (
            *(*begun(weight="theirs"), ("create", "alb-b", PORTS, asks(API), "active")),
            *(("show", "alb-a", 443, WEB), ("ring",)),
        ),
        {"alb-a": ("unreachable", ""), "alb-b": ("unreachable", "")},
    ),
    (
        "from what passes through to HTTP",
        (
            *(("show", "alb-a", 443), ("show", "alb-b", 443), *begun("alb-b")),
            ("retag", "alb-a", {"network": "net", "service": "shop", "listen": "HTTP:80"}),
            *(("ring",), ("wait", 90), ("ring",)),
        ),
        {"alb-a": ("connected", "shop"), "alb-b": ("unreachable", "")},
    ),
]


@pytest.mark.parametrize(("acts", "told"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_a_domain_is_told_as_long_as_it_answers(acts: tuple[Act, ...], told: dict[str, tuple[str, str]]) -> None:
    player = played(History(seed=1, acts=(("vpc", "vpc-1", {"network": "net", "ports": "80 443"}), *acts)))
    assert player.problems == []
    assert shown.answers(player.world) == told


@pytest.mark.parametrize(("names", "answers"), [((WEB,), False), ((ALL,), True)])
def test_what_infra_lets_not_go_answers_as_it_is_shown_though_nobody_asks_for_it(
    names: tuple[str, ...], answers: bool
) -> None:
    acts: tuple[Act, ...] = (("show", "alb-a", 443, *names), *begun())
    player = Player(History(seed=1, acts=(*acts, ("set", "alb-a", "domain", WEB), ("ring",))))
    player.world.network = replace(player.world.network, vanish="nothing")
    player.play()
    states = {state.custom_domain: (state.status, state.answers) for state in player.world.memory.services}
    assert states == {API: ("held", answers), WEB: ("connected", True)}


def test_a_share_that_a_hand_set_is_not_put_back_for_who_cannot_answer_where_others_do() -> None:
    world = played(
        History(
            seed=1,
            acts=(
                *(("vpc", "vpc-1", {"network": "net", "ports": "80 443"}), ("show", "alb-a", 443), *begun("alb-b")),
                *(("shift", 10, 90), ("ring",)),
            ),
        )
    ).world
    [service] = world.services.values()
    [listener] = service.listeners
    assert sorted(to.weight for to in listener.forwards) == [10, 100]
