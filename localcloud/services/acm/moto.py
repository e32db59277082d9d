"""Where moto's Certificate Manager is wrong for what this project needs: each correction with its reason."""

from __future__ import annotations

from typing import Any

from moto.acm.models import AWSCertificateManagerBackend, acm_backends
from moto.acm.responses import AWSCertificateManagerResponse
from moto.backends import get_backend

from localcloud.ground.errors import AwsError
from localcloud.ground.moto import Patches

NAMES_AT_MOST = 100
"""How many of a certificate's names its summary has (facts R22)."""

_moto_list = AWSCertificateManagerResponse.list_certificates


def _list_certificates(response: AWSCertificateManagerResponse) -> Any:
    """moto leaves the names out of the summaries, by which certificates are found."""
    answer: Any = _moto_list(response)
    for summary in answer.result["CertificateSummaryList"]:
        names = summary["SubjectAlternativeNames"]
        summary["SubjectAlternativeNameSummaries"] = names[:NAMES_AT_MOST]
        summary["HasAdditionalSubjectAlternativeNames"] = len(names) > NAMES_AT_MOST
    return answer


def status(account: str, region: str, arn: str) -> str:
    """Of a certificate that moto has; '' for what it has not. It is issued a minute after it was requested."""
    found = acm_backends[account][region]._certificates.get(arn)
    if found is None:
        return ""
    found.check()
    return str(found.status)


def issue(account: str, region: str, arn: str) -> None:
    """Take a certificate for one whose domain was validated long ago."""
    acm_backends[account][region]._certificates[arn].status = "ISSUED"


_moto_get = AWSCertificateManagerResponse.get_certificate


def _get_certificate(response: AWSCertificateManagerResponse) -> Any:
    """moto shows a certificate that is not issued yet."""
    arn = response._get_param("CertificateArn")
    if status(response.current_account, response.region, arn) == "PENDING_VALIDATION":
        raise AwsError("RequestInProgressException", f"Certificate {arn} is not issued yet: it is not validated.")
    return _moto_get(response)


_moto_delete = AWSCertificateManagerBackend.delete_certificate


def _delete_certificate(backend: AWSCertificateManagerBackend, arn: str) -> None:
    """moto deletes one that a listener presents (API reference, DeleteCertificate)."""
    balancers = get_backend("elbv2")[backend.account_id][backend.region_name].load_balancers.values()
    if any(arn in listener.certificates for one in balancers for listener in one.listeners.values()):
        raise AwsError("ResourceInUseException", f"Certificate {arn} is in use.", 400)
    _moto_delete(backend, arn)


PATCHES: Patches = (
    (AWSCertificateManagerBackend, "delete_certificate", _delete_certificate),
    (AWSCertificateManagerResponse, "get_certificate", _get_certificate),
    (AWSCertificateManagerResponse, "list_certificates", _list_certificates),
)
