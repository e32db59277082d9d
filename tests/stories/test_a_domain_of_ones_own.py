"""A domain of a service's own, by tag: with a certificate that is found, refused before anything is made, changed
beside the old one, and a certificate that is replaced in place.
"""

from contextlib import suppress
from typing import Any

from botocore.exceptions import ClientError

from localcloud.ground.journal import CallRecord, Record
from tests.stories.certified import certified
from tests.stories.said import BALANCER, CALLERS, TEAM, VPC, Said, connected

API, WEB = "api.shop.example.jp", "web.shop.example.jp"


def alias(said: Said, domain: str, to: str) -> None:
    """The client team's own record, in a private zone of its VPC."""
    route53 = said.cloud.client("route53", CALLERS)
    zone = route53.create_hosted_zone(
        Name=domain.partition(".")[2], CallerReference=domain, VPC={"VPCRegion": said.cloud.region, "VPCId": VPC}
    )["HostedZone"]["Id"]
    record = {"Name": domain, "Type": "CNAME", "TTL": 60, "ResourceRecords": [{"Value": to}]}
    changes = [{"Action": "CREATE", "ResourceRecordSet": record}]
    route53.change_resource_record_sets(HostedZoneId=zone, ChangeBatch={"Changes": changes})


def services(said: Said) -> dict[str, dict[str, Any]]:
    """Domain, '' for Lattice's own -> the team's service."""
    lattice = said.cloud.client("vpc-lattice", TEAM)
    found = [lattice.get_service(serviceIdentifier=one["arn"]) for one in lattice.list_services()["items"]]
    return {one.get("customDomainName", ""): dict(one) for one in found}


def groups(said: Said) -> set[str]:
    return {one["name"] for one in said.cloud.client("vpc-lattice", TEAM).list_target_groups()["items"]}


def later(said: Said) -> None:
    said.cloud.clock.advance(2 * 3600)
    said.cloud.settle()


def test_a_service_answers_under_a_domain_of_its_own_with_the_certificate_that_is_found() -> None:
    with connected() as said:
        certified(said.cloud, TEAM, "*.shop.example.jp", days=700)
        exact = certified(said.cloud, TEAM, API)
        certified(said.cloud, TEAM, API, size=4096)  # which Lattice does not take
        before = said.told()["domain"]
        said.tag(domain=API, listen="HTTPS:443")
        told, made = said.told(), services(said)[API]
        assert made["certificateArn"] == exact
        assert (told["status"], told["domain"]) == ("connected", made["dnsEntry"]["domainName"])
        assert told["domain"] != before
        assert told["message"] == (
            f"clients may use {API} too once its DNS record is an alias or CNAME of {told['domain']}"
        )
        alias(said, API, told["domain"])
        assert said.asks(domain=API, scheme="https") == 200
        assert said.asks(scheme="https") == 200
        said.untag(BALANCER, "domain")
        assert (said.told()["domain"], said.asks(scheme="https")) == (before, 200)


def test_without_a_certificate_https_is_refused_before_anything_is_made_and_http_is_not() -> None:
    with connected() as said:
        before = said.told()["domain"]
        said.tag(domain=API, listen="HTTPS:443")
        told = said.told()
        assert (told["status"], told["domain"], said.asks()) == ("refused", before, 200)
        assert told["message"].startswith(f"domain-certificate: request a certificate for {API} with an RSA 2048 key")
        assert (set(services(said)), said.called("CreateService")) == ({""}, 1)
        said.tag(listen="HTTP:80")
        assert (said.told()["status"], "certificateArn" in services(said)[API]) == ("connected", False)
        exact = certified(said.cloud, TEAM, API)
        said.tag(listen="HTTP:80 HTTPS:443")
        assert (said.told()["status"], services(said)[API]["certificateArn"]) == ("connected", exact)


def test_a_domain_that_another_account_has_on_the_network_is_refused_with_who_has_it() -> None:
    with connected() as said:
        lattice = said.cloud.client("vpc-lattice", CALLERS)
        [network] = lattice.list_service_networks()["items"]
        theirs = lattice.create_service(name="theirs", customDomainName=API)["arn"]
        said.cloud.settle()
        joined = lattice.create_service_network_service_association(
            serviceIdentifier=theirs, serviceNetworkIdentifier=network["arn"]
        )["arn"]
        certified(said.cloud, TEAM, API)
        said.tag(domain=API, listen="HTTP:80")
        told = said.told()
        assert told["message"].startswith("domain-taken: choose another domain, or ask account".replace(",", ""))
        assert f"account {CALLERS}" in told["message"]
        assert (set(services(said)), said.asks()) == ({""}, 200)
        lattice.delete_service_network_service_association(serviceNetworkServiceAssociationIdentifier=joined)
        later(said)
        assert (said.told()["status"], API in services(said)) == ("connected", True)


def test_who_loses_a_race_for_a_domain_is_told_who_won_it_and_leaves_nothing_half_made() -> None:
    with connected() as said:
        lattice = said.cloud.client("vpc-lattice", CALLERS)
        [network] = lattice.list_service_networks()["items"]
        theirs = lattice.create_service(name="theirs", customDomainName=API)["arn"]
        said.cloud.settle()
        before = groups(said)

        def first(record: Record) -> None:
            """Theirs is on the network right before ours would be."""
            if isinstance(record, CallRecord) and (record.account, record.operation) == (TEAM, "CreateListener"):
                with said.cloud.gate.quiet(), suppress(ClientError):
                    lattice.create_service_network_service_association(
                        serviceIdentifier=theirs, serviceNetworkIdentifier=network["arn"]
                    )

        said.cloud.journal.hear(first)
        said.tag(domain=API, listen="HTTP:80")
        told = said.told()
        assert told["message"].startswith("domain-taken: ")
        assert f"account {CALLERS}" in told["message"]
        assert (told["status"], set(services(said)), groups(said), said.asks()) == ("refused", {""}, before, 200)


def test_another_domain_is_another_service_beside_the_old_one() -> None:
    with connected() as said:
        certified(said.cloud, TEAM, "*.shop.example.jp")
        said.tag(domain=API, listen="HTTPS:443")
        old = said.told()["domain"]
        alias(said, API, old)
        said.tag(domain=WEB)
        assert said.told()["domain"] == services(said)[WEB]["dnsEntry"]["domainName"]
        assert said.asks(scheme="https") == 200
        said.tag(domain=API)  # within the time for which it is kept: the same name again
        assert (said.told()["domain"], said.asks(domain=API, scheme="https")) == (old, 200)


def test_a_certificate_that_ends_soon_is_told_and_gives_way_to_another_in_place() -> None:
    with connected() as said:
        first = certified(said.cloud, TEAM, API, days=20)
        said.tag(domain=API, listen="HTTPS:443")
        made = services(said)[API]
        assert said.told()["message"].startswith(
            f"certificate-expires: import certificate {first.rpartition('/')[2]} anew before"
        )
        other = certified(said.cloud, TEAM, "*.shop.example.jp", days=300)
        later(said)
        now = services(said)[API]
        assert (now["arn"], now["certificateArn"], said.asks(scheme="https")) == (made["arn"], other, 200)
        said.tag(certificate=first.rpartition("/")[2])
        assert services(said)[API]["certificateArn"] == first
        certified(said.cloud, TEAM, API, days=300, arn=first)
        later(said)
        assert said.told()["message"].startswith(f"clients may use {API}")


def test_a_certificate_that_is_named_and_does_not_fit_is_refused() -> None:
    with connected() as said:
        other = certified(said.cloud, TEAM, "other.example.jp")
        said.tag(domain=API, listen="HTTPS:443", certificate=other)
        assert said.told()["message"].startswith("certificate-invalid: name a certificate of this account and region")
        assert (set(services(said)), said.asks()) == ({""}, 200)
