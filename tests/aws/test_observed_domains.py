"""What a look reads for domains of services' own: certificates, and who has a domain; only where a tag asks."""

from datetime import UTC, datetime
from typing import Any

import pytest
from onramp.aws.observe.domains import certificates, holders
from onramp.aws.observe.reader import Reader
from onramp.core.desired import Desired, WantedService
from onramp.core.model import Association, Certificate, Holder, Service
from onramp.core.network import Network
from onramp.core.run import Run
from onramp.core.settings import Said

from tests.aws.canned import Answer, Canned, Given, error

INFRA, TEAM = "111111111111", "222222222222"
NET = Network(
    name="net", arn=f"arn:aws:vpc-lattice:ap-northeast-1:{INFRA}:servicenetwork/sn-1", account=INFRA, share="arn:s"
)
API = "api.shop.example.jp"
ACM = f"arn:aws:acm:ap-northeast-1:{TEAM}:certificate/"
ARN = f"{ACM}c"
ISSUED, ENDS = datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)


def reader(account: Canned) -> Reader:
    return Reader(NET, account, Run(account=TEAM, trigger={}))


def want(*services: WantedService) -> Desired:
    return Desired(services, (), (), {}, {}, {}, {}, (), {})


def wanted(domain: str = API, protocol: str = "HTTPS", certificate: str = "", name: str = "orders") -> WantedService:
    said = Said(domain=domain, certificate=certificate)
    return WantedService(name=name, listens=((protocol, 443),), backends=(), said=said)


def summary(name: str = "c", **given: Any) -> Given:
    return {"CertificateArn": f"{ACM}{name}", "DomainName": API, "NotAfter": ENDS, "IssuedAt": ISSUED, **given}


PLAIN = Certificate(arn=ARN, names=(API,), not_after=ENDS.timestamp(), ends="2027-01-01", since=ISSUED.timestamp())


@pytest.mark.parametrize(
    "asking", [[], [wanted(domain="")], [wanted(protocol="HTTP")], [wanted(domain="", certificate="c")]]
)
def test_where_none_is_needed_no_certificate_is_asked_for(asking: list[WantedService]) -> None:
    account = Canned(TEAM)
    assert certificates(reader(account), want(*asking)) == ()
    assert account.calls == []


@pytest.mark.parametrize(
    ("item", "found"),
    [
        (summary(), [PLAIN]),
        (summary(DomainName="other.example.jp"), []),
        (summary(ExtendedKeyUsages=["TLS_WEB_CLIENT_AUTHENTICATION"]), []),
        (summary(ExtendedKeyUsages=["TLS_WEB_CLIENT_AUTHENTICATION", "TLS_WEB_SERVER_AUTHENTICATION"]), [PLAIN]),
        (summary(ExtendedKeyUsages=["ANY"]), [PLAIN]),
        (summary(ExtendedKeyUsages=[]), [PLAIN]),
        (summary(ManagedBy="CLOUDFRONT"), []),
        (summary(SubjectAlternativeNameSummaries=["other.example.jp"]), []),
        (
            summary(SubjectAlternativeNameSummaries=["*.shop.example.jp"], Type="IMPORTED"),
            [
                Certificate(
                    arn=ARN,
                    names=("*.shop.example.jp",),
                    not_after=ENDS.timestamp(),
                    ends="2027-01-01",
                    since=ISSUED.timestamp(),
                    imported=True,
                )
            ],
        ),
        ({"CertificateArn": ARN, "DomainName": API}, [Certificate(arn=ARN, names=(API,))]),
    ],
)
def test_the_certificates_that_cover_what_is_asked_for_are_found(item: Given, found: list[Certificate]) -> None:
    account = Canned(TEAM, list_certificates={"CertificateSummaryList": [item]})
    assert certificates(reader(account), want(wanted())) == tuple(found)
    asked = {"CertificateStatuses": ["ISSUED"], "Includes": {"keyTypes": ["RSA_2048"]}}
    assert account.calls == [("list_certificates", asked)]


@pytest.mark.parametrize(
    ("answer", "found", "unread"),
    [
        ({"Certificate": {"SubjectAlternativeNames": ["other.example.jp", API]}}, [ARN], set()),
        ({"Certificate": {"SubjectAlternativeNames": ["other.example.jp"]}}, [], set()),
        (error("ResourceNotFoundException", 404), [], set()),
        (error("AccessDeniedException", 400), [], {"certificates"}),
    ],
)
def test_a_certificate_of_more_names_than_the_list_has_is_read_whole(
    answer: Answer, found: list[str], unread: set[str]
) -> None:
    many = summary(SubjectAlternativeNameSummaries=["other.example.jp"], HasAdditionalSubjectAlternativeNames=True)
    account = Canned(TEAM, list_certificates={"CertificateSummaryList": [many]}, describe_certificate=answer)
    reading = reader(account)
    assert [one.arn for one in certificates(reading, want(wanted()))] == found
    assert reading.unread.keys() == unread
    assert account.calls[1:] == [("describe_certificate", {"CertificateArn": ARN})]


def test_certificates_that_cannot_be_read_are_told_as_unread() -> None:
    reading = reader(Canned(TEAM, list_certificates=error("AccessDeniedException", 400)))
    assert certificates(reading, want(wanted())) == ()
    assert reading.unread == {"certificates": "Operation AccessDeniedException"}


def associated(domain: str, account: str = "333333333333", status: str = "ACTIVE") -> Given:
    arn = f"arn:aws:vpc-lattice:ap-northeast-1:{account}:service/svc-1"
    item = {"serviceArn": arn, "serviceName": "theirs", "status": status}
    return {**item, "customDomainName": domain} if domain else item


def on(network: str) -> Service:
    there = Association(arn="arn:a", network=network, status="ACTIVE", owned=True)
    return Service(arn="arn:o", name="orders", status="ACTIVE", owned=True, associations=(there,))


@pytest.mark.parametrize(
    ("asking", "there", "asked"),
    [
        ([wanted(domain="")], [], False),
        ([wanted()], [on(NET.arn)], False),
        ([wanted()], [on("sn-2")], True),
        ([wanted()], [], True),
        ([wanted(protocol="HTTP")], [], True),
    ],
)
def test_who_has_a_domain_is_asked_of_the_network_account_before_it_is_joined(
    asking: list[WantedService], there: list[Service], asked: bool
) -> None:
    own = Canned(INFRA, list_service_network_service_associations={"items": [associated("API.shop.example.jp")]})
    found = holders(reader(Canned(TEAM)), own, want(*asking), there)
    assert found == ({API: Holder(account="333333333333", service="theirs", status="ACTIVE")} if asked else {})
    calls = [("list_service_network_service_associations", {"serviceNetworkIdentifier": NET.arn})]
    assert own.calls == (calls if asked else [])


def test_of_domains_that_nobody_here_asks_for_nothing_is_kept() -> None:
    items = [associated(""), associated("other.example.jp"), associated(API, status="DELETE_IN_PROGRESS")]
    own = Canned(INFRA, list_service_network_service_associations={"items": items})
    found = holders(reader(Canned(TEAM)), own, want(wanted()), [])
    assert found == {API: Holder(account="333333333333", service="theirs", status="DELETE_IN_PROGRESS")}


def test_domains_of_the_network_that_may_not_be_read_are_told_as_unread_and_cost_the_rest_nothing() -> None:
    own = Canned(INFRA, list_service_network_service_associations=error("AccessDeniedException", 403))
    reading = reader(Canned(TEAM))
    assert holders(reading, own, want(wanted()), []) == {}
    assert reading.unread == {"domains of the network": "Operation AccessDeniedException"}


def test_domains_of_the_network_are_not_known_where_too_many_ask() -> None:
    own = Canned(INFRA, list_service_network_service_associations=error("ThrottlingException", 429))
    reading = reader(Canned(TEAM))
    assert holders(reading, own, want(wanted()), []) is None
    assert reading.unread == {}
    own = Canned(INFRA, list_service_network_service_associations=error("InternalServerException", 500))
    with pytest.raises(Exception, match="InternalServerException"):
        holders(reading, own, want(wanted()), [])


def test_being_asked_to_slow_down_stops_the_look() -> None:
    reading = reader(Canned(TEAM, list_certificates=error("ThrottlingException", 400)))
    with pytest.raises(Exception, match="ThrottlingException"):
        certificates(reading, want(wanted()))
