"""Records of a service's own domain, by tag: made where nobody has any, found by clients, and gone with the service."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from msgspec.structs import replace
from onramp.core.tags import RELEASE

from localcloud.ground.caller import Caller
from localcloud.ground.moto import next_id
from replay.stage import deploy
from tests.stories.said import BALANCER, CALLERS, TEAM, Said, connected
from tests.stories.staged import STORY
from tests.stories.test_a_domain_of_ones_own import API, WEB, later, services

ZONE = "Z0123456789ABC"
INFRA = CALLERS
"""In this world the network's account has clients, too."""
ELSEWHERE = "333333333333"
ALLOWED = {"HostedZoneArns": f"arn:aws:route53:::hostedzone/{ZONE}"}


@contextmanager
def zoned(name: str = "shop.example.jp", owner: str = TEAM, **parameters: str) -> Iterator[Said]:
    """The team, or another owner, has a hosted zone, and infra has allowed it."""
    with connected(**{**ALLOWED, **parameters}) as said:
        next_id("hosted-zone", ZONE)
        said.cloud.client("route53", owner).create_hosted_zone(Name=name, CallerReference="1")
        yield said


def records(said: Said, owner: str = TEAM) -> dict[tuple[str, str], dict[str, Any]]:
    found = said.cloud.client("route53", owner).list_resource_record_sets(HostedZoneId=ZONE)["ResourceRecordSets"]
    return {
        (one["Name"].removesuffix("."), one["Type"]): dict(one) for one in found if one["Type"] not in {"NS", "SOA"}
    }


def change(said: Said, action: str, one: dict[str, Any], owner: str = TEAM) -> None:
    batch = {"Changes": [{"Action": action, "ResourceRecordSet": one}]}
    said.cloud.client("route53", owner).change_resource_record_sets(HostedZoneId=ZONE, ChangeBatch=batch)


def test_clients_find_a_service_under_its_own_domain_until_it_leaves() -> None:
    with zoned() as said:
        said.tag(domain=API, listen="HTTP:80", zone=ZONE)
        assert said.told()["message"] == f"clients may use {API} too"
        assert said.asks(domain=API) == 200
        leads = services(said)[API]["dnsEntry"]
        alias = {
            "HostedZoneId": leads["hostedZoneId"],
            "DNSName": f"{leads['domainName']}.",
            "EvaluateTargetHealth": False,
        }
        assert {key: one.get("AliasTarget") for key, one in records(said).items()} == {
            (API, "A"): alias,
            (API, "AAAA"): alias,
            (f"_lattice-onramp.{API}", "TXT"): None,
        }
        said.tag(domain=WEB)
        assert (said.asks(domain=WEB), said.asks(domain=API)) == (200, "dns")
        said.untag(BALANCER, "network", "domain", "zone", "listen")
        assert (said.told(), records(said)) == ({}, {})


def test_without_infra_s_word_a_zone_is_refused_before_anything_is_made() -> None:
    with zoned(HostedZoneArns="") as said:
        said.tag(domain=API, listen="HTTP:80", zone=ZONE)
        told = said.told()
        assert (told["status"], set(services(said)), records(said)) == ("refused", {""}, {})
        assert told["message"] == (
            f"zone-off: ask infra to name the hosted zone of {API} in HostedZoneArns or remove lattice:zone:"
            " ListResourceRecordSets AccessDenied"
        )


def test_a_domain_that_infra_leaves_out_is_told_before_anything_is_asked_of_route_53_and_serves_on() -> None:
    with zoned(RecordDomains="else.example.jp", RecordsFor="domains") as said:
        said.tag(domain=API, listen="HTTP:80")
        told = said.told()
        assert (told["status"], said.asks(), records(said)) == ("connected", 200, {})
        assert told["message"] == (
            f"zone-off: ask infra to name a domain above {API} in RecordDomains or write none in lattice:zone: it gets"
            " no records"
        )
        said.tag(zone=ZONE)
        told = said.told()
        assert (told["status"], said.asks(), bool(told["domain"])) == ("refused", 200, True)
        assert told["message"].startswith(f"zone-off: ask infra to name a domain above {API} in RecordDomains or rem")
        reads = ("ListHostedZones", "ListResourceRecordSets", "GetHostedZone", "ChangeResourceRecordSets")
        assert [said.called(one) for one in reads] == [0, 0, 0, 0]


def narrow(said: Said, account: str, **parameters: str) -> None:
    """The account's member stack alone gets other parameters than the network's."""
    assert STORY.world.network is not None
    stack, client = f"onramp-{STORY.world.network.name}-member", said.cloud.client("cloudformation", account)
    there = client.describe_stacks(StackName=stack)["Stacks"][0]["Parameters"]
    given = {one["ParameterKey"]: one["ParameterValue"] for one in there} | parameters
    client.update_stack(
        StackName=stack,
        UsePreviousTemplate=True,
        Capabilities=["CAPABILITY_NAMED_IAM"],
        Parameters=[{"ParameterKey": key, "ParameterValue": value} for key, value in given.items()],
    )
    said.cloud.settle()


@pytest.mark.parametrize("owner", [TEAM, INFRA], ids=["its own zone", "the network account's"])
def test_a_domain_that_the_zone_s_member_stack_alone_leaves_out_is_refused_before_anything_is_made(owner: str) -> None:
    with zoned(owner=owner) as said:
        narrow(said, owner, RecordDomains="else.example.jp")
        said.tag(domain=API, listen="HTTP:80", zone=ZONE)
        told = said.told()
        assert (told["status"], set(services(said)), records(said, owner)) == ("refused", {""}, {})
        assert told["message"] == (
            f"zone-off: ask infra to name a domain above {API} in RecordDomains of the member stack of account {owner}"
            " or remove lattice:zone: it gets no records"
        )
        narrow(said, owner, RecordDomains="else.example.jp,shop.example.jp")
        later(said)
        assert (said.told()["message"], said.asks(domain=API)) == (f"clients may use {API} too", 200)


def test_a_domain_below_the_one_that_infra_names_has_its_records() -> None:
    with zoned(RecordDomains="else.example.jp,shop.example.jp", RecordsFor="domains") as said:
        said.tag(domain=API, listen="HTTP:80")
        assert (said.told()["message"], said.asks(domain=API)) == (f"clients may use {API} too", 200)


def test_a_name_above_the_domain_that_its_zone_hands_on_is_told_before_and_after() -> None:
    with zoned("example.jp") as said:
        away = {"Name": "shop.example.jp.", "Type": "NS", "TTL": 60, "ResourceRecords": [{"Value": "ns-1.example."}]}
        said.tag(domain=API, listen="HTTP:80", zone="auto")
        assert said.asks(domain=API) == 200
        change(said, "CREATE", away)
        later(said)
        assert (said.told()["status"], said.asks(domain=API), said.asks()) == ("connected", "dns", 200)
        assert said.told()["message"] == (
            f"zone-invalid: name the hosted zone of shop.example.jp in lattice:zone or remove it: {ZONE} hands that"
            " name on by NS records and nobody finds what stands below"
        )
        said.untag(BALANCER, "zone")
        assert records(said) == {}
        said.tag(zone=ZONE)
        assert (said.told()["status"], said.asks(), records(said)) == ("refused", 200, {})
        assert said.told()["message"].startswith("zone-invalid: name the hosted zone of shop.example.jp")


def test_a_record_that_somebody_has_under_the_name_stays_and_is_told() -> None:
    with zoned() as said:
        theirs = {"Name": f"{API}.", "Type": "A", "TTL": 60, "ResourceRecords": [{"Value": "10.1.2.3"}]}
        change(said, "CREATE", theirs)
        said.tag(domain=API, listen="HTTP:80", zone="auto")
        assert (said.told()["status"], said.asks()) == ("connected", 200)
        assert said.told()["message"] == (
            f"record-taken: remove A {API} from hosted zone {ZONE} or tag lattice:zone: somebody else made it"
        )
        assert records(said) == {(API, "A"): theirs}
        change(said, "DELETE", theirs)
        later(said)
        assert said.asks(domain=API) == 200


def test_a_record_in_the_place_of_our_mark_is_told_and_ours_come_when_it_has_gone() -> None:
    with zoned() as said:
        name = f"_lattice-onramp.{API}"
        theirs = {"Name": f"{name}.", "Type": "CNAME", "TTL": 60, "ResourceRecords": [{"Value": "x.example.jp"}]}
        change(said, "CREATE", theirs)
        said.tag(domain=API, listen="HTTP:80", zone=ZONE)
        assert said.told()["message"].startswith(f"record-taken: remove CNAME {name} from hosted zone {ZONE} or")
        assert (records(said), said.called("ChangeResourceRecordSets")) == ({(name, "CNAME"): theirs}, 0)
        change(said, "DELETE", theirs)
        later(said)
        assert (said.told()["message"], said.asks(domain=API)) == (f"clients may use {API} too", 200)


def test_a_record_that_came_between_the_look_and_the_step_stays() -> None:
    with zoned() as said:
        theirs = {"Name": f"{API}.", "Type": "A", "TTL": 60, "ResourceRecords": [{"Value": "10.1.2.3"}]}
        steps: list[str] = []

        def before(_: str, operation: str, __: dict[str, Any], caller: Caller) -> None:
            if operation == "ChangeResourceRecordSets" and caller.role and not steps:
                steps.append(operation)
                change(said, "CREATE", theirs)

        said.cloud.gate.guard(before)
        said.tag(domain=API, listen="HTTP:80", zone=ZONE)
        assert steps
        assert records(said) == {(API, "A"): theirs}
        assert said.told()["message"].startswith(f"record-taken: remove A {API}")


def test_a_zone_of_another_name_is_refused() -> None:
    with zoned("op.example.jp") as said:
        said.tag(domain="shop.example.jp", listen="HTTP:80", zone=ZONE)
        assert said.told()["message"].startswith(
            "zone-invalid: name a hosted zone in lattice:zone whose name shop.example.jp ends with"
        )
        said.tag(domain="api.op.example.jp")
        assert (said.told()["status"], said.asks(domain="api.op.example.jp")) == ("connected", 200)


def test_infra_has_records_made_for_every_domain_until_a_tag_says_no() -> None:
    with zoned(API, RecordsFor="domains") as said:  # at whose apex the zone's own servers stand, too
        said.tag(domain=API, listen="HTTP:80")
        assert (said.told()["message"], said.asks(domain=API)) == (f"clients may use {API} too", 200)
        said.tag(zone="none")
        assert (said.told()["status"], said.asks(domain=API), records(said)) == ("connected", "dns", {})


def test_records_go_by_the_tag_alone_and_what_was_put_in_their_place_stays() -> None:
    with zoned() as said:
        said.tag(domain=API, listen="HTTP:80", zone=ZONE)
        mine = records(said)[API, "A"]
        change(said, "DELETE", mine)
        theirs = {"Name": f"{API}.", "Type": "A", "TTL": 60, "ResourceRecords": [{"Value": "10.1.2.3"}]}
        change(said, "CREATE", theirs)
        said.untag(BALANCER, "zone")
        assert records(said) == {(API, "A"): theirs}
        assert said.told()["message"].startswith(f"clients may use {API} too once its DNS record is an alias")


def test_records_of_a_private_zone_are_found_by_nobody_elsewhere() -> None:
    with connected(**ALLOWED) as said:
        own = said.cloud.client("route53", TEAM)
        [home] = said.cloud.client("ec2", TEAM).describe_vpcs(Filters=[{"Name": "is-default", "Values": ["false"]}])[
            "Vpcs"
        ]
        where = {"VPCRegion": said.cloud.region, "VPCId": home["VpcId"]}
        next_id("hosted-zone", ZONE)
        private = {"PrivateZone": True, "Comment": ""}
        own.create_hosted_zone(Name="shop.example.jp", CallerReference="1", VPC=where, HostedZoneConfig=private)
        said.tag(domain=API, listen="HTTP:80", zone=ZONE)
        assert (said.told()["message"], said.asks(domain=API)) == (f"clients may use {API} too", "dns")


def test_records_of_a_service_that_its_owner_takes_back_lead_on_wish_or_no_wish() -> None:
    with zoned(KeepSeconds="7200") as said:
        said.tag(domain=API, listen="HTTP:80", zone=ZONE)
        there = records(said)
        word = {RELEASE: "yes"}
        said.cloud.client("vpc-lattice", TEAM).tag_resource(resourceArn=services(said)[API]["arn"], tags=word)
        said.cloud.settle()
        assert said.told()["message"].startswith("name-taken: ")
        assert (records(said), said.asks(domain=API)) == (there, 200)
        said.untag(BALANCER, "network", "domain", "zone", "listen")
        for _ in range(4):
            later(said)
        assert (records(said), said.asks(domain=API)) == (there, 200)


# --- in a zone of the network account


def allow(said: Said, zones: str) -> None:
    network = STORY.world.network
    assert network is not None
    network = replace(network, parameters={**network.parameters, "HostedZoneArns": zones})
    deploy(said.cloud, network, STORY.world.members)
    said.cloud.settle()


@pytest.mark.parametrize("zone", [ZONE, "auto"])
def test_records_in_a_zone_of_the_network_account_come_and_go_with_the_service(zone: str) -> None:
    with zoned(owner=INFRA) as said:
        said.tag(domain=API, listen="HTTP:80", zone=zone)
        assert said.told()["message"] == f"clients may use {API} too"
        assert said.asks(domain=API) == 200
        assert {kind for _, kind in records(said, INFRA)} == {"A", "AAAA", "TXT"}
        later(said)
        assert (said.asks(domain=API), said.called("ChangeResourceRecordSets")) == (200, 1)
        said.untag(BALANCER, "network", "domain", "zone", "listen")
        assert (said.told(), records(said, INFRA)) == ({}, {})


def test_a_record_of_others_in_the_network_account_s_zone_stays() -> None:
    with zoned(owner=INFRA) as said:
        theirs = {"Name": f"{API}.", "Type": "CNAME", "TTL": 60, "ResourceRecords": [{"Value": "old.example.jp"}]}
        change(said, "CREATE", theirs, INFRA)
        said.tag(domain=API, listen="HTTP:80", zone=ZONE)
        assert said.told()["message"].startswith(f"record-taken: remove CNAME {API} from hosted zone {ZONE} or")
        assert records(said, INFRA) == {(API, "CNAME"): theirs}


def test_a_zone_of_a_third_account_is_none_for_anybody() -> None:
    with zoned(owner=ELSEWHERE) as said:
        said.tag(domain=API, listen="HTTP:80", zone=ZONE)
        assert said.told()["message"].startswith("zone-invalid: name a hosted zone of this account or the network")
        assert records(said, ELSEWHERE) == {}


def test_a_zone_that_infra_does_not_name_any_more_keeps_its_records_and_is_told() -> None:
    with zoned(owner=INFRA) as said:
        said.tag(domain=API, listen="HTTP:80", zone=ZONE)
        there = records(said, INFRA)
        allow(said, "")
        said.untag(BALANCER, "zone")
        later(said)
        assert (records(said, INFRA), said.asks(domain=API)) == (there, 200)
        allow(said, ALLOWED["HostedZoneArns"])
        later(said)
        assert records(said, INFRA) == {}


def test_where_the_network_account_takes_no_part_its_zones_are_none() -> None:
    with zoned(owner=INFRA) as said:
        assert STORY.world.network is not None
        said.cloud.stacks.delete(INFRA, f"onramp-{STORY.world.network.name}-member")
        later(said)  # the session by its role has ended
        said.tag(domain=API, listen="HTTP:80", zone=ZONE)
        assert said.told()["message"].startswith("zone-invalid: name a hosted zone of this account or the network")
        assert records(said, INFRA) == {}
