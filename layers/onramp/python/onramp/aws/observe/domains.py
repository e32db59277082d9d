"""Domains of services' own: who has them on the network, and the certificates for them. Read only where a tag asks."""

from collections.abc import Iterable
from datetime import UTC
from functools import partial
from typing import Any

from botocore.exceptions import ClientError
from msgspec.structs import replace

from onramp.aws.account import Account
from onramp.aws.errors import throttled
from onramp.aws.observe.reader import Reader
from onramp.core.certificates import is_for
from onramp.core.desired import Desired
from onramp.core.model import DOMAINS, Certificate, Holder, Service
from onramp.core.plan.domains import CERTIFICATES, needs_certificate


def certificates(reader: Reader, want: Desired) -> tuple[Certificate, ...]:
    """Of the account's, those that Lattice takes and that cover a host that is asked for."""
    hosts = {wanted.said.domain for wanted in want.services if needs_certificate(wanted)}
    if not hosts:
        return ()
    items = reader.one(
        CERTIFICATES,
        lambda: reader.pages(
            "acm",
            "list_certificates",
            "CertificateSummaryList",
            CertificateStatuses=["ISSUED"],
            Includes={"keyTypes": ["RSA_2048"]},
        ),
    )
    found = (_certificate(reader, item, hosts) for item in items or () if _is_for_servers(item))
    return tuple(one for one in found if any(is_for(one, host) for host in hosts))


_OF_SERVERS = frozenset({"TLS_WEB_SERVER_AUTHENTICATION", "ANY"})


def _is_for_servers(item: dict[str, Any]) -> bool:
    """One may be for clients alone, and one that CloudFront manages is for CloudFront (facts R22)."""
    uses = frozenset(item.get("ExtendedKeyUsages", ()))
    return (not uses or bool(uses & _OF_SERVERS)) and item.get("ManagedBy", "") != "CLOUDFRONT"


def _certificate(reader: Reader, item: dict[str, Any], hosts: Iterable[str]) -> Certificate:
    at = next((item[key] for key in ("IssuedAt", "ImportedAt", "CreatedAt") if key in item), None)
    found = Certificate(
        arn=item["CertificateArn"],
        # Names beside these count, the first one only where there are none (facts R21).
        names=tuple(item.get("SubjectAlternativeNameSummaries") or [item["DomainName"]]),
        not_after=item["NotAfter"].timestamp() if "NotAfter" in item else 0.0,
        ends=item["NotAfter"].astimezone(UTC).date().isoformat() if "NotAfter" in item else "",
        since=at.timestamp() if at else 0.0,
        imported=item.get("Type") == "IMPORTED",
    )
    if not item.get("HasAdditionalSubjectAlternativeNames") or any(is_for(found, host) for host in hosts):
        return found
    # The summary has the first hundred names (facts R22). Unread, it may be the one that is looked for.
    whole = reader.one(CERTIFICATES, partial(reader.client("acm").describe_certificate, CertificateArn=found.arn))
    return replace(found, names=tuple(whole["Certificate"]["SubjectAlternativeNames"])) if whole else found


def holders(reader: Reader, own: Account, want: Desired, services: Iterable[Service]) -> dict[str, Holder] | None:
    """Domain -> who has it on the network, of those that are asked for and whose service is not on it yet.

    As the network account sees it, which sees every account's; all of them ask it, so that it may be throttled: None.
    """
    network = reader.network
    joined = {one.name for one in services for to in one.associations if network.is_named(to.network)}
    hosts = {wanted.said.domain for wanted in want.services if wanted.said.domain and wanted.name not in joined}
    hosts |= {
        one.custom_domain
        for one in want.existing
        if one.custom_domain and not any(network.is_named(to.network) for to in one.associations)
    }
    if not hosts:
        return {}
    pages = own.client("vpc-lattice").get_paginator("list_service_network_service_associations")

    def read() -> list[dict[str, Any]]:
        return [item for page in pages.paginate(serviceNetworkIdentifier=network.arn) for item in page["items"]]

    try:
        items = reader.one(DOMAINS, read) or ()
    except ClientError as error:
        if throttled(error):
            return None
        raise
    return {
        domain: Holder(account=item["serviceArn"].split(":")[4], service=item["serviceName"], status=item["status"])
        for item in items
        if (domain := item.get("customDomainName", "").lower()) in hosts
    }
