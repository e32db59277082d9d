"""Where moto's Certificate Manager is wrong for what this project needs: each correction with its reason."""

from __future__ import annotations

from typing import Any

from moto.acm.responses import AWSCertificateManagerResponse

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


PATCHES: Patches = ((AWSCertificateManagerResponse, "list_certificates", _list_certificates),)
