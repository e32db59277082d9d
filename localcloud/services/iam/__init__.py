"""IAM: who may do what, by the roles and policies that moto keeps."""

from localcloud.services.iam.evaluation import Iam

__all__ = ["Iam"]
