"""S3, moto's; whom a bucket tells of its objects is ours."""

from localcloud.services.s3.notices import Notices

__all__ = ["Notices"]
