"""The policies that AWS manages, put into moto as they are asked for: there are a thousand."""

from __future__ import annotations

from moto.backends import get_backend
from moto.iam.models import AWSManagedPolicy

from localcloud.ground.kinds import ResourceFailed
from localcloud.ground.managed_policies import aws_managed_policies


def provide_managed(account: str, arn: str) -> None:
    """Put a policy that AWS manages into moto's IAM, which is emptied of them because there are a thousand."""
    backend = get_backend("iam")[account]["aws"]
    if not arn.startswith("arn:aws:iam::aws:policy/") or arn in backend.managed_policies:
        return
    data = aws_managed_policies().get(arn)
    if data is None:
        raise ResourceFailed(f"there is no policy {arn}")
    backend.managed_policies[arn] = AWSManagedPolicy.from_data(data["name"], account, "us-east-1", data)
