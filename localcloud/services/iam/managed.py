"""The policies that AWS manages, put into moto as they are asked for: there are a thousand."""

from __future__ import annotations

from typing import Any

from moto.backends import get_backend
from moto.iam.models import AWSManagedPolicy

from localcloud.ground.kinds import ResourceFailed
from localcloud.ground.managed_policies import aws_managed_policies

AWS = "arn:aws:iam::aws:policy/"


def provide(backend: Any, arn: str) -> bool:
    """Put a policy that AWS manages into moto's IAM of an account; whether there is such a one."""
    data = aws_managed_policies().get(arn)
    if data is not None and arn not in backend.managed_policies:
        made = AWSManagedPolicy.from_data(data["name"], backend.account_id, "us-east-1", data)
        backend.managed_policies[arn] = made
    return data is not None


def provide_managed(account: str, arn: str) -> None:
    """The same for a template: ResourceFailed where AWS has no such policy."""
    if arn.startswith(AWS) and not provide(get_backend("iam")[account]["aws"], arn):
        raise ResourceFailed(f"there is no policy {arn}")
