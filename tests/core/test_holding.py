"""Which hosted zone answers for a name in a VPC, and what is said of records that are not found there."""

from itertools import permutations, product

from onramp.core.view import Hidden
from onramp.core.zones import Holding, above, answers

ROOT = Holding(id="ZROOT", name="example.jp", leads=("one.on.aws",))
SHOP = Holding(id="ZSHOP", name="shop.example.jp", inside=True, leads=("two.on.aws",))


def test_the_names_between_a_zone_and_a_name() -> None:
    assert list(above("a.b.shop.example.jp", "shop.example.jp")) == ["b.shop.example.jp"]
    assert list(above("shop.example.jp", "shop.example.jp")) == []
    assert list(above("a.workshop.example.jp", "shop.example.jp")) == []


def test_of_the_private_zones_that_a_vpc_is_in_the_longest_answers_alone_if_only_that_there_is_none() -> None:
    empty = Holding(id="ZEMPTY", name="shop.example.jp", inside=True)
    assert answers([ROOT, SHOP]) == (("two.on.aws",), (Hidden(zone="ZROOT", why="shadowed", by="ZSHOP"),))
    assert answers([ROOT, empty]) == ((), (Hidden(zone="ZROOT", why="shadowed", by="ZEMPTY"),))
    within = Holding(id="ZIN", name="example.jp", inside=True, leads=("three.on.aws",))
    assert answers([within, empty]) == ((), (Hidden(zone="ZIN", why="shadowed", by="ZEMPTY"),))


def test_a_private_zone_hides_public_ones_below_its_name_too() -> None:
    wide = Holding(id="ZWIDE", name="example.jp", inside=True)
    public = Holding(id="ZPUBLIC", name="shop.example.jp", leads=("one.on.aws",))
    assert answers([public, wide]) == ((), (Hidden(zone="ZPUBLIC", why="shadowed", by="ZWIDE"),))


def test_a_vpc_that_is_apart_is_told_to_come_in_only_where_that_helps() -> None:
    apart = Holding(id="ZAPART", name="shop.example.jp", inside=False, leads=("one.on.aws",))
    twin = Holding(id="ZTWIN", name="shop.example.jp", inside=True)
    wide = Holding(id="ZWIDE", name="example.jp", inside=True)
    assert answers([apart]) == ((), (Hidden(zone="ZAPART", why="apart"),))
    assert answers([apart, wide]) == ((), (Hidden(zone="ZAPART", why="apart"),))
    assert answers([apart, twin]) == ((), (Hidden(zone="ZAPART", why="shadowed", by="ZTWIN"),))


def test_a_name_that_is_handed_on_is_not_asked_of_the_zone() -> None:
    away = Holding(id="ZROOT", name="example.jp", leads=("one.on.aws",), handed_on="shop.example.jp")
    public = Holding(id="ZPUBLIC", name="shop.example.jp", leads=("two.on.aws",))
    assert answers([away]) == ((), (Hidden(zone="ZROOT", why="handed on", by="shop.example.jp"),))
    assert answers([away, public])[0] == ("two.on.aws",)


def test_what_is_found_does_not_depend_on_the_order_and_nothing_is_both_found_and_hidden() -> None:
    kinds = [
        Holding(id=f"Z{place}", name=name, inside=inside, leads=leads, handed_on=away)
        for place, (name, inside, leads, away) in enumerate(
            product(("example.jp", "shop.example.jp"), (None, True, False), ((), ("to",)), ("", "shop.example.jp"))
        )
        if not (away and name == away)
    ]
    for three in permutations(kinds, 3):
        # A VPC is in one private zone of a name (facts R23.5).
        inside = [zone.name for zone in three if zone.inside]
        if len(set(inside)) == len(inside):
            leads, hidden = answers(three)
            assert (leads, set(hidden)) == (answers(three[::-1])[0], set(answers(three[::-1])[1]))
            assert bool(leads) == (len(hidden) < sum(bool(zone.leads) for zone in three))
