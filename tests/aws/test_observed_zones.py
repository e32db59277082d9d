"""In which private hosted zones clients' VPCs are: read where one has to be in some, or is by us, and of no other."""

from onramp.aws.observe.reader import Reader
from onramp.aws.observe.zones import zones
from onramp.core.desired import Desired, WantedClient
from onramp.core.errors import Refused
from onramp.core.model import VpcAssociation, Zone
from onramp.core.network import Network
from onramp.core.run import Memory, Run

from tests.aws.canned import Canned, Given, error

INFRA, TEAM = "111111111111", "222222222222"
NET = Network(
    name="net", arn=f"arn:aws:vpc-lattice:ap-northeast-1:{INFRA}:servicenetwork/sn-1", account=INFRA, share="arn:s"
)
NEEDED = "1 0 333333333333/ZSHOP=shop.example.jp"
"""What is offered where a zone of another account holds a service's records."""


def summary(identifier: str, name: str, **owner: str) -> Given:
    return {"HostedZoneId": identifier, "Name": name, "Owner": owner}


def joined(vpc: str, status: str = "ACTIVE", *, owned: bool = True) -> VpcAssociation:
    return VpcAssociation(arn=f"arn:{vpc}", vpc=vpc, network=NET.arn, status=status, owned=owned)


def seen(
    account: Canned, *associations: VpcAssociation, offered: str = NEEDED, memory: Memory | None = None
) -> tuple[dict[str, tuple[Zone, ...]], dict[str, str]]:
    """What is read, and what could not be."""

    def at_home() -> Canned:
        raise Refused("member-role-missing", "deploy member.yaml")

    clients = tuple(WantedClient(vpc=f"vpc-{letter}", admits=frozenset()) for letter in "ab")
    want = Desired((), clients, (), {}, {}, {}, {}, (), {})
    reader = Reader(NET, account, Run(account=TEAM, trigger={}, offered=offered, memory=memory or Memory()), at_home)
    return zones(reader, want, associations), dict(reader.unread)


def asked(account: Canned) -> list[str]:
    return [given["VPCId"] for _, given in account.calls]


def test_all_pages_are_read_as_route_53_names_zones_and_their_owners() -> None:
    pages: dict[str, Given] = {
        "": {"HostedZoneSummaries": [summary("ZSHOP", "Shop.example.jp.", OwningAccount=TEAM)], "NextToken": "more"},
        "more": {"HostedZoneSummaries": [summary("ZEFS", "efs.example.jp.", OwningService="efs.amazonaws.com")]},
    }
    account = Canned(TEAM, list_hosted_zones_by_vpc=lambda given: pages[given.get("NextToken", "")])
    assert seen(account, joined("vpc-a")) == (
        {
            "vpc-a": (
                Zone(id="ZSHOP", name="shop.example.jp", private=True, owner=TEAM),
                Zone(id="ZEFS", name="efs.example.jp", private=True, owner=""),
            )
        },
        {},
    )
    first = {"VPCId": "vpc-a", "VPCRegion": "ap-northeast-1"}
    assert [given for _, given in account.calls] == [first, {**first, "NextToken": "more"}]


def test_a_vpc_is_asked_about_where_a_zone_has_to_be_found_and_it_has_joined_by_us() -> None:
    account = Canned(TEAM, list_hosted_zones_by_vpc={"HostedZoneSummaries": []})
    left = joined("vpc-b", "DELETE_IN_PROGRESS"), joined("vpc-b", owned=False), joined("vpc-other")
    assert seen(account, joined("vpc-a"), *left) == ({"vpc-a": ()}, {})
    assert asked(account) == ["vpc-a"]


def test_what_is_in_a_zone_by_us_is_asked_about_whatever_is_needed_now() -> None:
    account = Canned(TEAM, list_hosted_zones_by_vpc={"HostedZoneSummaries": []})
    memory = Memory(zones={"vpc-gone": ("ZSHOP",), "vpc-none": ()})
    assert seen(account, joined("vpc-a"), offered="1 0", memory=memory) == ({"vpc-gone": ()}, {})
    assert asked(account) == ["vpc-gone"]


def test_where_no_zone_has_to_be_found_nothing_is_asked() -> None:
    account = Canned(TEAM)
    assert seen(account, joined("vpc-a"), offered="1 0") == ({}, {})
    assert account.calls == []


def test_a_vpc_that_is_gone_is_in_no_zone_and_what_is_denied_is_unread() -> None:
    for gone in ("InvalidInput", "InvalidVPCId"):
        account = Canned(TEAM, list_hosted_zones_by_vpc=error(gone, 400))
        assert seen(account, joined("vpc-a")) == ({"vpc-a": ()}, {})

    def one_denied(given: Given) -> Given:
        if given["VPCId"] == "vpc-a":
            raise error("AccessDenied", 403)
        return {"HostedZoneSummaries": []}

    account = Canned(TEAM, list_hosted_zones_by_vpc=one_denied)
    found, unread = seen(account, joined("vpc-a"), joined("vpc-b"))
    assert found == {"vpc-b": ()}
    assert list(unread) == ["the hosted zones of vpc-a"]
