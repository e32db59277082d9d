"""What IAM must allow for Certificate Manager: the certificate."""

from __future__ import annotations

from localcloud.ground.needs import Call, Requirement, need


def needs(call: Call) -> list[Requirement]:
    return need(call, call.get("CertificateArn") or "*")
