"""The quotas of a service, listed or one by its code: the default, and what is applied."""

from __future__ import annotations

from dataclasses import fields
from typing import Any, ClassVar, Protocol

from localcloud.ground.caller import Caller
from localcloud.ground.errors import AwsError
from localcloud.ground.pages import page
from localcloud.ground.service import Operations, Params, answer

SERVICE, SERVICE_NAME = "vpc-lattice", "Amazon VPC Lattice"
PAGE = 100
"""Items of a page unless fewer are asked for (the model takes 1 to 100)."""


class Lattice(Protocol):
    """Whose quotas they are. `quotas`: a dataclass with a field a quota, all of them whole numbers."""

    @property
    def quotas(self) -> Any: ...
    @property
    def quota_codes(self) -> dict[str, str]:
        """Field -> code."""
        ...


class Around(Protocol):
    """What of the cloud is asked."""

    @property
    def lattice(self) -> Lattice: ...


class ServiceQuotas:
    """The service of one local cloud."""

    name: ClassVar[str] = "service-quotas"

    def __init__(self, cloud: Around) -> None:
        self._cloud = cloud

    def handle(self, operation: str, params: Params, caller: Caller) -> Params:
        """Answer one call."""
        return answer(self.name, OPERATIONS, self._cloud, operation, params, caller)


def _known(service: str) -> None:
    if service != SERVICE:
        raise AwsError("NoSuchResourceException", f"The request failed because the service {service} is not known", 400)


def _all(cloud: Around, caller: Caller, *, applied: bool) -> list[Params]:
    held = cloud.lattice.quotas
    codes = cloud.lattice.quota_codes
    return [
        {
            "ServiceCode": SERVICE,
            "ServiceName": SERVICE_NAME,
            "QuotaArn": f"arn:aws:servicequotas:{caller.region}:{caller.account if applied else ''}:{SERVICE}/{code}",
            "QuotaCode": code,
            "QuotaName": name.replace("_", " ").capitalize(),
            "Value": float(getattr(held, name) if applied else _default(held, name)),
            "Unit": "None",
            "Adjustable": True,
            "GlobalQuota": False,
        }
        for name, code in codes.items()
    ]


def _default(held: Any, name: str) -> Any:
    return next(it.default for it in fields(held) if it.name == name)


def _page(items: list[Params], params: Params) -> tuple[list[Params], Params]:
    """The page that is asked for, and how the next is."""
    refusal = AwsError("InvalidPaginationTokenException", "Invalid input was provided.", 400)
    found, more = page(items, params.get("NextToken"), int(params.get("MaxResults", PAGE)), refusal)
    return found, {"NextToken": more} if more else {}


def _one(items: list[Params], code: str) -> Params:
    found = next((it for it in items if it["QuotaCode"] == code), None)
    if found is None:
        raise AwsError("NoSuchResourceException", f"The request failed because quota {code} is not known", 400)
    return {"Quota": found}


def list_service_quotas(cloud: Around, params: Params, caller: Caller) -> Params:
    _known(params["ServiceCode"])
    items = [
        it for it in _all(cloud, caller, applied=True) if params.get("QuotaCode", it["QuotaCode"]) == it["QuotaCode"]
    ]
    found, rest = _page(items, params)
    return {"Quotas": found, **rest}


def get_service_quota(cloud: Around, params: Params, caller: Caller) -> Params:
    _known(params["ServiceCode"])
    return _one(_all(cloud, caller, applied=True), params["QuotaCode"])


def list_defaults(cloud: Around, params: Params, caller: Caller) -> Params:
    _known(params["ServiceCode"])
    found, rest = _page(_all(cloud, caller, applied=False), params)
    return {"Quotas": found, **rest}


def get_default(cloud: Around, params: Params, caller: Caller) -> Params:
    _known(params["ServiceCode"])
    return _one(_all(cloud, caller, applied=False), params["QuotaCode"])


def request_increase(cloud: Around, params: Params, caller: Caller) -> Params:
    """Granted at once, which people at AWS may take days for; what is told is that it was asked for."""
    quota = get_service_quota(cloud, params, caller)["Quota"]
    desired = params["DesiredValue"]
    if desired <= quota["Value"]:
        raise AwsError("IllegalArgumentException", "You must provide a quota value greater than the current one.", 400)
    name = next(it for it, code in cloud.lattice.quota_codes.items() if code == quota["QuotaCode"])
    setattr(cloud.lattice.quotas, name, int(desired))
    told = {it: quota[it] for it in ("ServiceCode", "ServiceName", "QuotaArn", "QuotaCode", "QuotaName", "Unit")}
    return {"RequestedQuota": {**told, "DesiredValue": desired, "Status": "PENDING", "GlobalQuota": False}}


def list_services(_cloud: Around, _params: Params, _caller: Caller) -> Params:
    return {"Services": [{"ServiceCode": SERVICE, "ServiceName": SERVICE_NAME}]}


OPERATIONS: Operations[Around] = {
    "ListServices": list_services,
    "ListServiceQuotas": list_service_quotas,
    "GetServiceQuota": get_service_quota,
    "ListAWSDefaultServiceQuotas": list_defaults,
    "GetAWSDefaultServiceQuota": get_default,
    "RequestServiceQuotaIncrease": request_increase,
}
