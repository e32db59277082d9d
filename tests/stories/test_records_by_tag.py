"""Records of a service's own domain, by tag: made where nobody has any, found by clients, and gone with the service."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from localcloud.ground.caller import Caller
from localcloud.ground.moto import next_id
from tests.stories.said import BALANCER, TEAM, Said, connected
from tests.stories.test_a_domain_of_ones_own import API, WEB, later, services

ZONE = "Z0123456789ABC"
ALLOWED = {"HostedZoneArns": f"arn:aws:route53:::hostedzone/{ZONE}"}


@contextmanager
def zoned(name: str = "shop.example.jp", **parameters: str) -> Iterator[Said]:
    """The team has a hosted zone, and infra has allowed it."""
    with connected(**{**ALLOWED, **parameters}) as said:
        next_id("hosted-zone", ZONE)
        said.cloud.client("route53", TEAM).create_hosted_zone(Name=name, CallerReference="1")
        yield said


def records(said: Said) -> dict[tuple[str, str], dict[str, Any]]:
    found = said.cloud.client("route53", TEAM).list_resource_record_sets(HostedZoneId=ZONE)["ResourceRecordSets"]
    return {
        (one["Name"].removesuffix("."), one["Type"]): dict(one) for one in found if one["Type"] not in {"NS", "SOA"}
    }


def change(said: Said, action: str, one: dict[str, Any]) -> None:
    batch = {"Changes": [{"Action": action, "ResourceRecordSet": one}]}
    said.cloud.client("route53", TEAM).change_resource_record_sets(HostedZoneId=ZONE, ChangeBatch=batch)


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


def test_a_domain_that_infra_keeps_out_answers_under_lattice_s_name_and_says_why_it_has_no_records() -> None:
    with zoned(RecordDomains="else.example.jp") as said:
        said.tag(domain=API, listen="HTTP:80", zone=ZONE)
        told = said.told()
        assert (told["status"], said.asks(), records(said)) == ("connected", 200, {})
        assert told["message"].startswith("step-failed: grant it to the role")
        assert "ChangeResourceRecordSets: AccessDenied" in told["message"]


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
