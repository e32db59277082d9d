"""What a look reads of Route 53: only of domains whose records a tag asks for, or asked, and no more than it needs."""

from typing import Any

import pytest
from botocore.exceptions import ClientError
from msgspec.structs import replace
from onramp.aws.observe.reader import Reader
from onramp.aws.observe.records import dns, private
from onramp.core.desired import Desired, WantedService
from onramp.core.errors import Refused
from onramp.core.model import NETWORKS_ZONE, Dns, Record, Zone
from onramp.core.network import Network
from onramp.core.run import Memory, Plan, Run
from onramp.core.settings import Said

from tests.aws.canned import Canned, Given, error

INFRA, TEAM = "111111111111", "222222222222"
NET = Network(
    name="net", arn=f"arn:aws:vpc-lattice:ap-northeast-1:{INFRA}:servicenetwork/sn-1", account=INFRA, share="arn:s"
)
API, MARK = "api.shop.example.jp", "_lattice-onramp.api.shop.example.jp"
TXT = f'"heritage=lattice-onramp network=net account={TEAM} target=orders-1.on.aws"'
A = {
    "Name": "API.shop.example.jp.",
    "Type": "A",
    "AliasTarget": {"HostedZoneId": "ZLATTICE", "DNSName": "Orders-1.on.aws.", "EvaluateTargetHealth": False},
}
OWN = {"Name": f"{MARK}.", "Type": "TXT", "TTL": 60, "ResourceRecords": [{"Value": TXT}]}
MX = {"Name": f"{API}.", "Type": "MX", "TTL": 60, "ResourceRecords": [{"Value": "10 mail"}]}
NEXT = {"Name": "next.shop.example.jp.", "Type": "A", "TTL": 60, "ResourceRecords": [{"Value": "10.0.0.1"}]}

LEADS = Record(name=API, type="A", to="orders-1.on.aws", zone="ZLATTICE")
WHOSE = Record(name=MARK, type="TXT", values=(TXT,), ttl=60)
SHOP = Zone(id="ZSHOP", name="shop.example.jp")


SOA = {"Type": "SOA", "TTL": 900, "ResourceRecords": [{"Value": "ns-1.example. x. 1 1 1 1 1"}]}
SERVERS = {"Type": "NS", "TTL": 900, "ResourceRecords": [{"Value": "ns-1.example."}]}


def _place(item: Given) -> tuple[list[str], str]:
    """By which Route 53 has its record sets in order."""
    return item["Name"].lower().rstrip(".").split(".")[::-1], item["Type"]


def sets(*items: Given, apex: str = "shop.example.jp") -> Any:
    """What a zone of that name and these record sets answers from a name on."""
    there = sorted([*items, {**SOA, "Name": f"{apex}."}, {**SERVERS, "Name": f"{apex}."}], key=_place)

    def answer(given: Given) -> Given:
        start = _place({"Name": given["StartRecordName"], "Type": given.get("StartRecordType", "")})
        found, most = [one for one in there if _place(one) >= start], int(given["MaxItems"])
        return {"ResourceRecordSets": found[:most], "IsTruncated": len(found) > most}

    return answer


def zone(name: str, identifier: str) -> Given:
    return {"Id": f"/hostedzone/{identifier}", "Name": f"{name}.", "CallerReference": "x"}


NO_MEMBER = Refused("member-role-missing", "deploy member.yaml to account 111111111111")
NOT_HERE = Refused("account-unread", "nobody looks into the network account")


def seen(
    account: Canned,
    asked: str = "",
    *,
    home: Canned | Refused = NO_MEMBER,
    run: Run | None = None,
    memory: Memory | None = None,
    net: Network = NET,
) -> dict[str, Dns]:
    def at_home() -> Canned:
        if isinstance(home, Refused):
            raise home
        return home

    for one in (account, home):
        if isinstance(one, Canned):
            one.answers.setdefault("get_role_policy", error("AccessDenied", 403))  # as of a release before this one
    said = Said(domain=API, zone=asked)
    want = Desired((WantedService(name="orders", listens=(), backends=(), said=said),), (), (), {}, {}, {}, {}, (), {})
    carried = run or Run(account=TEAM, trigger={}, memory=memory or Memory())
    reader = Reader(net, account, carried, at_home)
    found = dns(reader, want)
    account.answers["unread"] = reader.unread
    return found


def test_where_no_tag_asks_nothing_is_read() -> None:
    account = Canned(TEAM)
    assert seen(account) == {}
    assert account.calls == []


def test_records_of_ours_tell_all_that_is_needed_in_two_calls() -> None:
    account = Canned(TEAM, list_resource_record_sets=sets(A, MX, OWN, NEXT))
    assert seen(account, "ZSHOP") == {API: Dns(records={"ZSHOP": (LEADS, WHOSE)})}
    asked = {"HostedZoneId": "ZSHOP", "StartRecordName": API, "MaxItems": "20"}
    above = {"HostedZoneId": "ZSHOP", "StartRecordName": "shop.example.jp", "StartRecordType": "NS", "MaxItems": "3"}
    assert account.calls == [("list_resource_record_sets", asked), ("list_resource_record_sets", above)]


def test_where_many_stand_between_the_mark_is_asked_for_itself() -> None:
    many = [{**MX, "Type": "TXT", "Name": f"0{number}.{API}."} for number in range(30)]
    about = {"HostedZoneId": "ZSHOP", "StartRecordName": MARK, "StartRecordType": "CNAME", "MaxItems": "20"}
    for there, found in (((A, OWN, *many), (LEADS, WHOSE)), ((A, *many, NEXT), (LEADS,))):
        account = Canned(TEAM, **THERE | {"list_resource_record_sets": sets(*there)})
        assert seen(account, "ZSHOP")[API].records == {"ZSHOP": found}
        assert ("list_resource_record_sets", about) in account.calls


def test_a_cname_in_the_place_of_the_mark_is_seen_beside_which_nothing_else_may_stand() -> None:
    alias = {"Name": f"{MARK}.", "Type": "CNAME", "TTL": 60, "ResourceRecords": [{"Value": "x.example.jp"}]}
    many = [{**MX, "Type": "TXT", "Name": f"0{number}.{API}."} for number in range(30)]
    for there in ((alias,), (alias, *many)):
        account = Canned(TEAM, **THERE | {"list_resource_record_sets": sets(*there)})
        [found] = seen(account, "ZSHOP")[API].records["ZSHOP"]
        assert (found.name, found.type, found.values) == (MARK, "CNAME", ("x.example.jp",))


def test_a_name_above_the_domain_that_is_handed_on_is_seen_and_the_zone_s_own_is_none() -> None:
    account = Canned(TEAM, **THERE | {"list_resource_record_sets": sets(A, OWN, apex="example.jp")})
    assert seen(account, "ZSHOP") == {API: Dns(records={"ZSHOP": (LEADS, WHOSE)})}
    asked = [given["StartRecordName"] for method, given in account.calls if method == "list_resource_record_sets"]
    assert asked == [API, "shop.example.jp", "example.jp"]
    away = {**SERVERS, "Name": "shop.example.jp."}
    told = Record(name="shop.example.jp", type="NS", values=("ns-1.example.",), ttl=900)
    account = Canned(TEAM, **THERE | {"list_resource_record_sets": sets(A, OWN, away, apex="example.jp")})
    assert seen(account, "ZSHOP") == {API: Dns(records={"ZSHOP": (LEADS, WHOSE, told)})}


def test_a_zone_whose_own_name_is_not_seen_is_looked_through_to_the_top() -> None:
    nothing = {"ResourceRecordSets": [], "IsTruncated": False}
    account = Canned(TEAM, list_resource_record_sets=nothing)
    assert seen(account, memory=Memory(records={API: ("ZSHOP",)})) == {API: Dns(records={"ZSHOP": ()})}
    assert [given["StartRecordName"] for _, given in account.calls] == [API, "shop.example.jp", "example.jp", "jp"]


def test_a_domain_that_infra_leaves_out_is_read_only_where_records_of_it_may_stand() -> None:
    below = replace(NET, record_domains=frozenset({"else.example.jp"}))
    account = Canned(TEAM)
    assert (seen(account, "auto", net=below), account.calls) == ({}, [])
    account = Canned(TEAM, list_resource_record_sets=sets(A, OWN))
    memory = Memory(records={API: ("ZSHOP",)})
    assert seen(account, "ZROOT", net=below, memory=memory) == {API: Dns(records={"ZSHOP": (LEADS, WHOSE)})}


def test_what_comes_after_the_names_that_were_asked_for_is_none_of_theirs() -> None:
    account = Canned(
        TEAM,
        list_resource_record_sets=sets(MX, {**OWN, "Type": "SPF"}, NEXT),
        get_hosted_zone={"HostedZone": zone("shop.example.jp", "ZSHOP")},
    )
    assert seen(account, "ZSHOP") == {API: Dns(zones=(SHOP,), records={"ZSHOP": ()})}
    assert [method for method, _ in account.calls] == [
        *["list_resource_record_sets"] * 2, "get_hosted_zone", "get_role_policy",
    ]  # fmt: skip


def test_a_record_is_read_as_it_has_to_be_repeated() -> None:
    weighted = {**A, "Type": "AAAA", "SetIdentifier": "blue", "Weight": 1}
    healthy = {**A, "AliasTarget": {**A["AliasTarget"], "EvaluateTargetHealth": True}}  # type: ignore[dict-item]
    named = {"Name": f"{API}.", "Type": "CNAME", "TTL": 300, "ResourceRecords": [{"Value": "x.example.jp"}]}
    account = Canned(
        TEAM,
        list_resource_record_sets=sets(healthy, weighted, named),
        get_hosted_zone={"HostedZone": zone("shop.example.jp", "ZSHOP")},
    )
    [found] = seen(account, "ZSHOP")[API].records.values()
    assert found == (
        Record(name=API, type="A", to="orders-1.on.aws", zone="ZLATTICE", healthy=True),
        Record(name=API, type="AAAA", to="orders-1.on.aws", zone="ZLATTICE", routed=True),
        Record(name=API, type="CNAME", values=("x.example.jp",), ttl=300),
    )


@pytest.mark.parametrize("asked", ["auto", "stack"])
def test_a_zone_is_looked_for_by_the_longest_name_and_then_looked_into(asked: str) -> None:
    zones = [zone("example.jp", "ZROOT"), zone("Shop.example.jp", "ZSHOP"), zone("other.jp", "ZELSE")]
    account = Canned(
        TEAM,
        list_hosted_zones=[{"HostedZones": zones[:1]}, {"HostedZones": zones[1:]}],
        list_resource_record_sets=sets(),
    )
    assert seen(account, asked) == {API: Dns(zones=(SHOP,), records={"ZSHOP": ()})}


def test_a_name_that_is_led_to_another_zone_is_told_from_the_zone_s_own() -> None:
    away = {"Name": f"{API}.", "Type": "NS", "TTL": 60, "ResourceRecords": [{"Value": "ns-1.example."}]}
    told = Record(name=API, type="NS", values=("ns-1.example.",), ttl=60)
    for there, found in ((sets(away), (told,)), (sets(apex=API), ())):
        account = Canned(TEAM, **THERE | {"list_resource_record_sets": there})
        assert seen(account, "ZSHOP")[API].records == {"ZSHOP": found}


def test_of_two_of_one_name_neither_is_looked_into() -> None:
    zones = [zone("shop.example.jp", "ZSHOP"), zone("shop.example.jp", "ZTWIN")]
    account = Canned(TEAM, list_hosted_zones={"HostedZones": zones})
    assert seen(account, "auto") == {API: Dns(zones=(SHOP, Zone(id="ZTWIN", name="shop.example.jp")))}
    account = Canned(TEAM, list_hosted_zones={"HostedZones": []})
    assert seen(account, "auto") == {API: Dns(zones=())}


def test_the_zone_that_was_found_once_is_not_looked_for_again() -> None:
    account = Canned(TEAM, list_resource_record_sets=sets(A, OWN))
    expected = {API: Dns(records={"ZSHOP": (LEADS, WHOSE)})}
    assert seen(account, "auto", memory=Memory(records={API: ("ZSHOP",)})) == expected
    planned = Plan(account=TEAM, round=1, next="apply", records={API: ("ZSHOP",)})
    assert seen(account, "auto", run=Run(account=TEAM, trigger={}, plan=planned)) == expected
    assert {method for method, _ in account.calls} == {"list_resource_record_sets"}


def test_what_was_asked_for_once_is_read_until_it_is_gone() -> None:
    account = Canned(TEAM, list_resource_record_sets=sets())
    assert seen(account, memory=Memory(records={API: ("ZSHOP",)})) == {API: Dns(records={"ZSHOP": ()})}


@pytest.mark.parametrize(
    ("asked", "answers", "found"),
    [
        ("ZSHOP", {"list_resource_record_sets": error("NoSuchHostedZone", 404)}, Dns(zones=())),
        (
            "ZSHOP",
            {"list_resource_record_sets": error("AccessDenied", 403)},
            Dns(denied="Operation AccessDenied"),
        ),
        (
            "ZSHOP",
            {"list_resource_record_sets": sets(), "get_hosted_zone": error("AccessDenied", 403)},
            Dns(records={"ZSHOP": ()}, denied="Operation AccessDenied"),
        ),
        ("auto", {"list_hosted_zones": error("AccessDenied", 403)}, Dns(denied="Operation AccessDenied")),
    ],
)
def test_what_is_not_there_and_what_is_denied_are_told_apart(asked: str, answers: Given, found: Dns) -> None:
    assert seen(Canned(TEAM, **answers), asked) == {API: found}


def test_two_denials_are_told_by_the_first() -> None:
    account = Canned(
        TEAM, list_resource_record_sets=error("AccessDenied", 403), list_hosted_zones=error("AccessDenied")
    )
    found = seen(account, "auto", memory=Memory(records={API: ("ZSHOP",)}))
    assert found == {API: Dns(denied="Operation AccessDenied")}


def test_a_denial_is_not_forgotten_where_another_zone_is_found_and_read() -> None:
    def answer(given: Given) -> Given:
        if given["HostedZoneId"] == "ZOLD":
            raise error("AccessDenied", 403)
        found: Given = sets()(given)
        return found

    account = Canned(
        TEAM, list_resource_record_sets=answer, list_hosted_zones={"HostedZones": [zone("shop.example.jp", "ZSHOP")]}
    )
    found = seen(account, "auto", memory=Memory(records={API: ("ZOLD",)}))
    assert found == {API: Dns(zones=(SHOP,), records={"ZSHOP": ()}, denied="Operation AccessDenied")}


def test_what_is_throttled_is_asked_once_more_and_costs_its_domain_alone() -> None:
    account = Canned(TEAM, list_resource_record_sets=error("Throttling"))
    assert seen(account, "ZSHOP") == {}
    assert account.answers["unread"] == {API: "Operation Throttling"}
    assert len(account.calls) == 2


def test_what_aws_cannot_answer_ends_the_look() -> None:
    with pytest.raises(ClientError):
        seen(Canned(TEAM, list_resource_record_sets=error("InternalError", 500)), "ZSHOP")


# --- in the network account

HOME = f"{NETWORKS_ZONE}ZSHOP"
AT_HOME = Zone(id=HOME, name="shop.example.jp")
NO_ZONE = error("NoSuchHostedZone", 404)
THERE = {"list_resource_record_sets": sets(), "get_hosted_zone": {"HostedZone": zone("shop.example.jp", "ZSHOP")}}
THERE |= {"list_hosted_zones": {"HostedZones": [zone("shop.example.jp", "ZSHOP")]}}


def rights(*names: str | list[str]) -> Given:
    """What a writer's policy says of the names of records, where it says something."""
    key = "route53:ChangeResourceRecordSetsNormalizedRecordNames"
    of_records = [{"Sid": "NameServices", "Condition": {"ForAllValues:StringLike": {key: one}}} for one in names]
    return {"PolicyDocument": {"Statement": [{"Sid": "Look"}, *of_records]}}


@pytest.mark.parametrize(
    ("policy", "below"),
    [
        (rights(["*.shop.example.jp", "*.else.jp"]), ("else.jp", "shop.example.jp")),
        (rights("*.else.jp"), ("else.jp",)),
        (rights(), ()),
        ({"PolicyDocument": {"Statement": {"Sid": "Look"}}}, ()),
        (error("NoSuchEntity", 404), ()),
    ],
    ids=["two", "one", "none", "one statement", "another policy"],
)
def test_below_which_domains_its_zone_s_account_lets_records_be_made_is_read_once_before(
    policy: Any, below: tuple[str, ...]
) -> None:
    account = Canned(TEAM, **THERE, get_role_policy=policy)
    assert seen(account, "ZSHOP") == {API: Dns(zones=(SHOP,), records={"ZSHOP": ()}, below=below)}
    asked = [given for method, given in account.calls if method == "get_role_policy"]
    assert asked == [{"RoleName": "onramp-net-writer", "PolicyName": "write"}]
    account, home = Canned(TEAM, list_resource_record_sets=NO_ZONE), Canned(INFRA, **THERE, get_role_policy=policy)
    assert seen(account, "ZSHOP", home=home)[API].below == below
    assert "get_role_policy" not in {method for method, _ in account.calls}


@pytest.mark.parametrize("no", [NO_ZONE, error("AccessDenied", 403)], ids=["no such zone", "denied"])
def test_a_zone_that_is_not_the_account_s_is_looked_for_in_the_network_account(no: Any) -> None:
    account, home = Canned(TEAM, list_resource_record_sets=no), Canned(INFRA, **THERE)
    assert seen(account, "ZSHOP", home=home) == {API: Dns(zones=(AT_HOME,), records={HOME: ()})}
    account, home = Canned(TEAM), Canned(INFRA, list_resource_record_sets=sets(A, OWN))
    kept = Memory(records={API: (HOME,)})
    assert seen(account, "ZSHOP", home=home, memory=kept) == {API: Dns(records={HOME: (LEADS, WHOSE)})}
    assert account.calls == []


@pytest.mark.parametrize(
    "listed", [{"HostedZones": [zone("example.jp", "ZROOT")]}, error("AccessDenied", 403)], ids=["shorter", "denied"]
)
def test_of_both_accounts_zones_the_one_with_the_longest_name_is_taken(listed: Any) -> None:
    account = Canned(TEAM, list_hosted_zones=listed)
    assert seen(account, "auto", home=Canned(INFRA, **THERE)) == {API: Dns(zones=(AT_HOME,), records={HOME: ()})}


def test_a_zone_of_the_account_costs_no_call_in_the_network_account() -> None:
    home = Canned(INFRA)
    assert seen(Canned(TEAM, **THERE), "ZSHOP", home=home) == {API: Dns(zones=(SHOP,), records={"ZSHOP": ()})}
    assert home.calls == []


def test_what_the_network_account_denies_is_told() -> None:
    account, home = Canned(TEAM, list_resource_record_sets=NO_ZONE), error("AccessDenied", 403)
    denied = {API: Dns(denied="Operation AccessDenied")}
    assert seen(account, "ZSHOP", home=Canned(INFRA, list_resource_record_sets=home)) == denied
    account = Canned(TEAM, list_hosted_zones={"HostedZones": []})
    assert seen(account, "auto", home=Canned(INFRA, list_hosted_zones=home)) == denied


def test_records_in_a_network_account_that_takes_no_part_any_more_are_not_forgotten() -> None:
    kept = Memory(records={API: (HOME,)})
    assert seen(Canned(TEAM), home=NO_MEMBER, memory=kept) == {API: Dns(denied=NO_MEMBER.message)}
    gone = Canned(TEAM, list_resource_record_sets=NO_ZONE)
    assert seen(gone, home=NOT_HERE, memory=Memory(records={API: ("ZSHOP",)})) == {API: Dns()}


@pytest.mark.parametrize("asked", ["ZSHOP", "auto"])
def test_who_may_not_look_into_the_network_account_knows_of_no_zone_there(asked: str) -> None:
    account = Canned(TEAM, list_resource_record_sets=NO_ZONE, list_hosted_zones={"HostedZones": []})
    assert seen(account, asked, home=NOT_HERE) == {API: Dns(denied=NOT_HERE.message)}
    assert seen(account, asked, home=NO_MEMBER) == {API: Dns(zones=())}


def test_the_network_account_s_own_load_balancers_have_its_zones_as_any() -> None:
    account = Canned(INFRA, list_hosted_zones={"HostedZones": []})
    assert seen(account, "auto", home=NOT_HERE) == {API: Dns(zones=())}


# --- which zones are private

MAIN, THEIRS = "ZSHOP", f"{NETWORKS_ZONE}ZHOME"
ASSOCIATES = replace(NET, associates_zones=True)


def hosted(name: str, *, private: bool) -> Given:
    return {"HostedZone": {**zone(name, "Z"), "Config": {"PrivateZone": private}}}


def which(
    account: Canned, home: Canned, *there: str, net: Network = ASSOCIATES, **known: str
) -> tuple[dict[str, str], Reader]:
    """Of a domain with records in these zones, where these are known from before."""
    reader = Reader(net, account, Run(account=TEAM, trigger={}, memory=Memory(private=known)), lambda: home)
    return private(reader, {API: Dns(records=dict.fromkeys(there, ()))}), reader


def test_a_zone_that_holds_records_of_ours_is_asked_for_once_where_it_is_whether_it_is_private() -> None:
    account = Canned(TEAM, get_hosted_zone=hosted("Shop.example.jp", private=True))
    home = Canned(INFRA, get_hosted_zone=hosted("home.example.jp", private=False))
    found, reader = which(account, home, MAIN, THEIRS, "ZKNOWN", ZKNOWN="known.example.jp", ZOLD="old.example.jp")
    assert found == {
        "ZKNOWN": "known.example.jp", "ZOLD": "old.example.jp", MAIN: "shop.example.jp", THEIRS: ""
    }  # fmt: skip
    assert account.calls == [("get_hosted_zone", {"Id": "ZSHOP"})]
    assert home.calls == [("get_hosted_zone", {"Id": "ZHOME"})]
    assert reader.unread == {}


def test_zones_that_were_found_by_their_names_tell_it_themselves() -> None:
    reader = Reader(ASSOCIATES, Canned(TEAM), Run(account=TEAM, trigger={}))
    listed = (replace(SHOP, private=True), Zone(id="ZPUBLIC", name="example.jp"))
    assert private(reader, {API: Dns(zones=listed, records={MAIN: ()})}) == {MAIN: "shop.example.jp", "ZPUBLIC": ""}


def test_where_no_vpc_is_put_into_zones_nobody_asks() -> None:
    account = Canned(TEAM)
    assert which(account, account, MAIN, net=NET, ZKNOWN="known.example.jp")[0] == {}
    assert account.calls == []


@pytest.mark.parametrize(
    ("answer", "unread"),
    [(NO_ZONE, {}), (error("AccessDenied", 403), {}), (error("Throttling"), {MAIN: "Operation Throttling"})],
)
def test_of_a_zone_that_is_gone_or_may_not_be_read_it_stays_unknown(answer: Any, unread: dict[str, str]) -> None:
    found, reader = which(Canned(TEAM, get_hosted_zone=answer), Canned(INFRA), MAIN, ZKNOWN="")
    assert (found, reader.unread) == ({"ZKNOWN": ""}, unread)
