"""Who calls is found by a VPC, an instance or an address; who is not, or more than once, is said how to name."""

import pytest
from onramp.aws.callers import Nowhere, Source, networks, source
from onramp.core.errors import NotYet, Refused

from tests.aws.canned import Answer, Canned, CannedEyes, Given, error

HOME, TEAM, FAR = "111111111111", "222222222222", "333333333333"
DENIED, THROTTLED = error("AccessDeniedException", 403), error("ThrottlingException", 429)


def vpc(identifier: str, cidr: str, **given: list[Given]) -> Given:
    return {"VpcId": identifier, "CidrBlock": cidr, **given}


NOBODY: dict[str, Answer] = {
    "describe_vpcs": {"Vpcs": []},
    "describe_instances": {"Reservations": []},
    "describe_network_interfaces": {"NetworkInterfaces": []},
    "list_service_network_vpc_associations": {"items": []},
    "list_service_networks": {"items": []},
}


def account(identifier: str, *vpcs: Given, **answers: Answer) -> Canned:
    return Canned(identifier, **{**NOBODY, "describe_vpcs": {"Vpcs": list(vpcs)}, **answers})


def lives(*groups: str) -> Given:
    return {"NetworkInterfaces": [{"Groups": [{"GroupId": one} for one in groups]}]}


# --- networks


def test_the_networks_that_sessions_see_are_told_once_by_name() -> None:
    own, shared = {"id": "sn-1", "name": "net"}, {"id": "sn-2", "name": "test"}
    eyes = CannedEyes(
        account(HOME, list_service_networks={"items": [own]}),
        account(TEAM, list_service_networks={"items": [own, shared]}),
    )
    assert networks(eyes) == {"sn-1": "net", "sn-2": "test"}


@pytest.mark.parametrize(("answer", "raised"), [(DENIED, Refused), (THROTTLED, NotYet)])
def test_networks_that_cannot_be_listed_are_not_told_as_none(answer: Answer, raised: type[Exception]) -> None:
    with pytest.raises(raised, match="Operation"):
        networks(CannedEyes(account(HOME, list_service_networks=answer)))


# --- by VPC


def test_a_vpc_of_ours_calls_by_any_of_its_addresses() -> None:
    eyes = CannedEyes(account(HOME, vpc("vpc-1", "10.1.0.0/16")), account(TEAM, vpc("vpc-2", "10.2.0.0/16")))
    assert source(eyes, "vpc-2") == Source(TEAM, "vpc-2", "10.2.0.0/16")


@pytest.mark.parametrize(
    ("owner", "cidr"),
    [
        ([account(FAR, vpc("vpc-8", "10.8.0.0/16"), vpc("vpc-9", "10.9.0.0/16"))], "10.9.0.0/16"),
        ([account(FAR, vpc("vpc-8", "10.8.0.0/16"))], "0.0.0.0/0"),
        ([account(FAR, describe_vpcs=DENIED)], "0.0.0.0/0"),
        ([account(FAR, describe_vpcs=THROTTLED)], "0.0.0.0/0"),
        ([], "0.0.0.0/0"),
    ],
)
def test_a_vpc_of_somebody_else_is_whose_who_joined_it(owner: list[Canned], cidr: str) -> None:
    joined = [{"status": "ACTIVE"}, {"createdBy": FAR}, {"createdBy": TEAM}]
    home = account(HOME, list_service_network_vpc_associations={"items": joined})
    eyes = _Home(home, *owner)
    assert source(eyes, "vpc-9") == Source(FAR, "vpc-9", cidr)
    assert home.calls[-1] == ("list_service_network_vpc_associations", {"vpcIdentifier": "vpc-9"})
    # An address that nobody's VPC here has is in the VPC that is named.
    assert source(eyes, "10.9.0.7", "vpc-9") == Source(FAR, "vpc-9", "10.9.0.7")


class _Home(CannedEyes):
    """There is a session for home alone; the others are looked into by their readers."""

    @property
    def own(self) -> tuple[str, ...]:
        return (self.home.account,)


@pytest.mark.parametrize("joined", [[], [{"status": "ACTIVE"}], [{"createdBy": ""}]])
def test_a_vpc_that_nobody_knows_is_told_with_where_it_was_looked_for(joined: list[Given]) -> None:
    eyes = CannedEyes(account(HOME, list_service_network_vpc_associations={"items": joined}), account(TEAM))
    with pytest.raises(Nowhere) as told:
        source(eyes, "vpc-9")
    assert str(told.value) == f"vpc-9 is no VPC of {HOME}, {TEAM}, nor joined to a network that can be seen from there"


@pytest.mark.parametrize(("answer", "raised"), [(DENIED, Refused), (THROTTLED, NotYet)])
def test_what_cannot_be_searched_is_not_told_as_nowhere(answer: Answer, raised: type[Exception]) -> None:
    for method, what in (
        ("describe_vpcs", "vpc-1"),
        ("describe_vpcs", "10.1.0.7"),
        ("list_service_network_vpc_associations", "vpc-9"),
        ("describe_instances", "i-1"),
        ("describe_network_interfaces", "10.1.0.7"),
    ):
        eyes = CannedEyes(account(HOME, **{"describe_vpcs": {"Vpcs": [vpc("vpc-1", "10.1.0.0/16")]}, method: answer}))
        with pytest.raises(raised, match="Operation"):
            source(eyes, what)


# --- by instance


def test_an_instance_calls_by_its_address_and_its_groups() -> None:
    groups = [{"GroupId": "sg-1"}, {"GroupId": "sg-2"}]
    found = {"VpcId": "vpc-2", "PrivateIpAddress": "10.2.0.5", "SecurityGroups": groups}
    team = account(TEAM, describe_instances={"Reservations": [{"Instances": [found]}]})
    eyes = CannedEyes(account(HOME), team)
    assert source(eyes, "i-1") == Source(TEAM, "vpc-2", "10.2.0.5", ("sg-1", "sg-2"))
    asked = {"Filters": [{"Name": "instance-id", "Values": ["i-1"]}]}
    assert team.calls == [("describe_instances", asked)]


def test_an_instance_that_is_gone_or_has_no_address_is_told() -> None:
    ended = {"Reservations": [{"Instances": [{"InstanceId": "i-1"}]}]}
    eyes = CannedEyes(account(HOME), account(TEAM, describe_instances=ended))
    with pytest.raises(Nowhere) as told:
        source(eyes, "i-1")
    says = f"no instance i-1 with an address is in {HOME}, {TEAM}: check the id, region and profile"
    assert str(told.value) == says


# --- by address


@pytest.mark.parametrize(
    ("address", "of"),
    [
        ("10.1.2.3", "vpc-1"),
        ("10.3.0.7", "vpc-1"),
        ("2001:db8::7", "vpc-1"),
        ("2001:db8:1::7", "vpc-1"),
        ("10.2.0.1", "vpc-2"),
    ],
)
def test_an_address_is_looked_for_in_all_that_a_vpc_has(address: str, of: str) -> None:
    whole = vpc(
        "vpc-1",
        "10.1.0.0/16",
        CidrBlockAssociationSet=[{"CidrBlock": "10.1.0.0/16"}, {"CidrBlock": "10.3.0.0/24"}],
        Ipv6CidrBlockAssociationSet=[{"Ipv6CidrBlock": "2001:db8::/56"}, {"Ipv6CidrBlock": "2001:db8:1::/56"}],
    )
    home = account(HOME, whole, vpc("vpc-2", "10.2.0.0/16"), describe_network_interfaces=lives("sg-1", "sg-2"))
    assert source(CannedEyes(home), address) == Source(HOME, of, address, ("sg-1", "sg-2"))
    name = "ipv6-addresses.ipv6-address" if ":" in address else "addresses.private-ip-address"
    filters = [{"Name": "vpc-id", "Values": [of]}, {"Name": name, "Values": [address]}]
    assert home.calls[-1] == ("describe_network_interfaces", {"Filters": filters})


def test_an_address_at_which_nothing_lives_has_no_group() -> None:
    eyes = CannedEyes(account(HOME, vpc("vpc-1", "10.1.0.0/16")))
    assert source(eyes, "10.1.0.7") == Source(HOME, "vpc-1", "10.1.0.7", ())


def test_of_two_vpcs_with_an_address_it_is_where_something_lives() -> None:
    first = account(HOME, vpc("vpc-1", "10.1.0.0/16"))
    second = account(TEAM, vpc("vpc-2", "10.1.0.0/16"), describe_network_interfaces=lives())
    eyes = CannedEyes(first, second)
    assert source(eyes, "10.1.0.7") == Source(TEAM, "vpc-2", "10.1.0.7", ())
    assert source(eyes, "10.1.0.7", "vpc-1") == Source(HOME, "vpc-1", "10.1.0.7", ())
    for alike in (lives("sg-1"), NOBODY["describe_network_interfaces"]):
        first.answers["describe_network_interfaces"] = second.answers["describe_network_interfaces"] = alike
        with pytest.raises(Nowhere) as told:
            source(eyes, "10.1.0.7")
        both = f"vpc-1 of {HOME}, vpc-2 of {TEAM}"
        assert str(told.value) == f"10.1.0.7 is an address of {both}: say which by --vpc"


@pytest.mark.parametrize(
    ("what", "says"),
    [
        ("orders", "'orders' is no VPC (vpc-…), no instance (i-…) and no address"),
        (
            "10.9.0.7",
            f"no VPC of {HOME}, {TEAM} has the address 10.9.0.7: "
            "name a profile of its account as well, its region by --region, or its VPC by --vpc",
        ),
    ],
)
def test_what_is_nowhere_is_said_how_to_name(what: str, says: str) -> None:
    eyes = CannedEyes(account(HOME, vpc("vpc-1", "10.1.0.0/16")), account(TEAM))
    with pytest.raises(Nowhere) as told:
        source(eyes, what)
    assert str(told.value) == says
