"""Service Quotas as its clients meet it: VPC Lattice's quotas, as they are by default and as they are applied here.

One that `onramp local quota` sets is applied in all accounts, and so is an increase that one of them asks for.
"""

from __future__ import annotations

from localcloud.services.service_quotas.quotas import OPERATIONS, Around, ServiceQuotas

__all__ = ["OPERATIONS", "Around", "ServiceQuotas"]
