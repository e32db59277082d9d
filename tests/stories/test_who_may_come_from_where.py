"""What the tags of a client's VPC say of who may call: addresses of both families, prefix lists, groups, ports."""

import ipaddress
from typing import Any

from localcloud.door.call import Done
from localcloud.ground.journal import CallRecord
from tests.stories.said import CALLER, CALLERS, VPC, Said, connected

ELSEWHERE = "10.1.33.55"
CHANGES = frozenset({"CreateSecurityGroup", "UpdateServiceNetworkVpcAssociation", "DeleteSecurityGroup"})


def groups_of_ours(said: Said) -> list[Any]:
    found = said.cloud.client("ec2", CALLERS).describe_security_groups()["SecurityGroups"]
    return [one for one in found if one["GroupName"].startswith(("onramp-", "lattice-onramp"))]


def rules(said: Said) -> set[tuple[str, int, int]]:
    """Source, first and last port of every rule of the group that was made."""
    [group] = groups_of_ours(said)
    sources = (("IpRanges", "CidrIp"), ("Ipv6Ranges", "CidrIpv6"), ("PrefixListIds", "PrefixListId"))
    return {
        (entry[field], rule["FromPort"], rule["ToPort"])
        for rule in group["IpPermissions"]
        for key, field in (*sources, ("UserIdGroupPairs", "GroupId"))
        for entry in rule[key]
    }


def a_prefix_list(said: Said, *cidrs: str, most: int = 5) -> str:
    made = said.cloud.client("ec2", CALLERS).create_managed_prefix_list(
        PrefixListName="offices",
        AddressFamily="IPv4",
        MaxEntries=most,
        Entries=[{"Cidr": cidr} for cidr in cidrs],
    )
    return str(made["PrefixList"]["PrefixListId"])


def a_group(said: Said, vpc: str = VPC, name: str = "web") -> str:
    ec2 = said.cloud.client("ec2", CALLERS)
    return str(ec2.create_security_group(GroupName=name, Description="web servers", VpcId=vpc)["GroupId"])


def admit(said: Said, group: str, cidr: str) -> None:
    said.cloud.client("ec2", CALLERS).authorize_security_group_ingress(
        GroupId=group, IpProtocol="tcp", FromPort=80, ToPort=80, CidrIp=cidr
    )


def test_every_kind_of_source_is_admitted_in_place_and_taken_back_in_place() -> None:
    with connected() as said:
        offices, web = a_prefix_list(said, "10.1.33.0/28", f"{CALLER}/32"), a_group(said)
        assert (said.asks(), said.asks(caller=ELSEWHERE)) == (200, "security group")

        said.tag(VPC, allow_from=f"{offices},2001:DB8::/64 {web}", ports="80 8000-8010")
        assert said.told(VPC)["status"] == "connected"
        spans = ((80, 80), (8000, 8010))
        assert rules(said) == {(one, *span) for one in (offices, "2001:db8::/64", web) for span in spans}
        assert (said.asks(), said.asks(caller=ELSEWHERE)) == (200, "security group")

        said.untag(VPC, "allow-from", "ports")
        assert (said.asks(), said.asks(caller=ELSEWHERE)) == (200, 200)
        assert rules(said) == {("10.1.32.0/20", 80, 80), ("10.1.32.0/20", 443, 443)}
        assert said.called("CreateSecurityGroup") == 1


def test_the_whole_vpc_is_both_of_its_families() -> None:
    with connected() as said:
        ec2 = said.cloud.client("ec2", CALLERS)
        ec2.associate_vpc_cidr_block(VpcId=VPC, AmazonProvidedIpv6CidrBlock=True)
        [found] = ec2.describe_vpcs(VpcIds=[VPC])["Vpcs"]
        # EC2 spells them without leading zeros, moto does not always.
        [second] = [str(ipaddress.ip_network(one["Ipv6CidrBlock"])) for one in found["Ipv6CidrBlockAssociationSet"]]
        said.untag(VPC, "allow-from")
        assert {source for source, *_ in rules(said)} == {"10.1.32.0/20", second}


def test_what_is_not_there_is_refused_and_who_calls_already_goes_on() -> None:
    with connected() as said:
        before = rules(said)
        elsewhere = a_group(said, vpc=another_vpc(said))
        for wish, says in (
            ("pl-0123456789abcdef0", "name prefix lists of your own"),
            (f"{CALLER}/32,{elsewhere}", f"name security groups of this VPC: {elsewhere} is not in it"),
            (a_prefix_list(said, f"{CALLER}/32", most=40), "name fewer or larger CIDRs or fewer ports: 80 rules"),
        ):
            said.tag(VPC, allow_from=wish)
            assert said.told(VPC)["status"] == "refused"
            assert said.told(VPC)["message"].startswith(f"tag-invalid: {says}")
            assert (rules(said), said.asks()) == (before, 200)
        said.tag(VPC, allow_from="172.16.0.0/12")
        assert (said.told(VPC)["status"], said.asks()) == ("unreachable", "security group")
        assert said.told(VPC)["message"].startswith("security-group: admit callers of this VPC by lattice:allow-from")


def test_groups_of_ones_own_take_the_place_of_the_one_that_was_made_and_give_it_back() -> None:
    with connected() as said:
        answered: list[int | str] = []

        def ask(done: Done) -> None:
            if done.operation in CHANGES and done.error is None:
                answered.append(said.asks())

        first, second = a_group(said), a_group(said, name="others")
        admit(said, first, f"{CALLER}/32")
        admit(said, second, f"{ELSEWHERE}/32")
        said.cloud.gate.observe(ask)

        said.tag(VPC, security_groups=f"{second},{first}")
        assert (said.told(VPC)["status"], said.asks(), said.asks(caller=ELSEWHERE)) == ("connected", 200, 200)
        assert groups_of_ours(said) == []
        said.tag(VPC, security_groups=first)
        assert (said.asks(), said.asks(caller=ELSEWHERE)) == (200, "security group")
        said.untag(VPC, "security-groups")
        assert (said.asks(), len(groups_of_ours(said))) == (200, 1)
        assert set(answered) == {200}

        said.tag(VPC, security_groups=second)
        assert (said.told(VPC)["status"], said.asks()) == ("connected", "security group")


def test_whom_to_ask_where_no_address_of_the_vpc_is_admitted_is_told_so_that_it_helps() -> None:
    with connected() as said:
        said.tag(VPC, allow_from="172.16.0.0/12")
        assert said.told(VPC)["message"].startswith(
            "security-group: admit callers of this VPC by lattice:allow-from: no address"
        )
        own = a_group(said)
        admit(said, own, "172.16.0.0/12")
        said.tag(VPC, security_groups=own)
        assert (said.told(VPC)["status"], said.asks()) == ("unreachable", "security group")
        assert said.told(VPC)["message"].startswith(f"security-group: admit callers of this VPC in {own}: no address")
        admit(said, own, f"{CALLER}/32")
        said.cloud.clock.advance(3700)
        said.cloud.settle()
        assert (said.told(VPC)["status"], said.asks()) == ("connected", 200)


def another_vpc(said: Said) -> str:
    return str(said.cloud.client("ec2", CALLERS).create_vpc(CidrBlock="10.9.0.0/24")["Vpc"]["VpcId"])


def test_prefix_lists_and_groups_are_asked_for_only_where_a_tag_names_one() -> None:
    def asked(call: CallRecord) -> bool:
        return call.operation == "DescribeManagedPrefixLists" and "prefix-list-id" in str(call.params)

    with connected() as said:
        calls = [call for call in said.cloud.journal.of(CallRecord) if call.function]
        assert calls
        assert not any(asked(call) for call in calls)
        said.tag(VPC, allow_from=a_prefix_list(said, f"{CALLER}/32"))
        assert any(asked(call) for call in said.cloud.journal.of(CallRecord))


def test_whom_to_admit_beside_groups_of_ones_own_is_told_to_say_nothing() -> None:
    with connected() as said:
        own = a_group(said)
        admit(said, own, f"{CALLER}/32")
        admit(said, own, f"{ELSEWHERE}/32")
        for first, second in (
            ({"security_groups": own}, {"allow_from": f"{CALLER}/32"}),
            ({"allow_from": f"{CALLER}/32"}, {"security_groups": own}),
        ):
            said.untag(VPC, "security-groups", "allow-from")
            said.tag(VPC, **first)
            said.tag(VPC, **second)
            assert (said.told(VPC)["status"], said.asks(caller=ELSEWHERE)) == ("connected", 200)
            assert said.told(VPC)["message"] == (
                "remove lattice:allow-from or lattice:security-groups: the security groups alone say who may call"
            )
        said.untag(VPC, "allow-from")
        assert "message" not in said.told(VPC)
