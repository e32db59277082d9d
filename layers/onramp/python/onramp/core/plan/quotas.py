"""Room under the quotas that a whole account or network shares: who met one is asked for again, all others wait.

What was refused for one is refused for the next, too, and only after half of it is made. So nothing new is begun before
that one has come through; it is tried once in each run, and costs no call but that.
"""

from onramp.core import quotas
from onramp.core.plan.ground import Ground, Part, named, of_vpc, refuse, to_network

CODE = "quota"
_OF_SERVICES = ("CreateTargetGroup", "CreateService", "AssociateService")
_OF_CLIENTS = ("AssociateVpc",)


def for_service(ground: Ground, name: str, balancers: tuple[str, ...]) -> Part | None:
    """Why a service that is not there is not begun: another one met a quota, and still does."""
    return _full(ground, _OF_SERVICES, name, balancers)


def for_client(ground: Ground, vpc: str) -> Part | None:
    """The same of a VPC's association."""
    return _full(ground, _OF_CLIENTS, vpc, (vpc,))


def _full(ground: Ground, kinds: tuple[str, ...], name: str, resources: tuple[str, ...]) -> Part | None:
    met = {key: why for key, why in {**ground.doubts, **ground.failures}.items() if quotas.tells(why)}
    found = {tuple(key.split(" ", 2)): why for key, why in met.items()}
    if any(kind in kinds and _whose(ground, kind, what) == name for kind, _, what in found):
        return None  # it is the one that is tried
    for (kind, _, what), why in sorted(found.items()):
        other = _whose(ground, kind, what) if kind in kinds else ""
        if other and _still(ground, kind, what):
            message = f"{quotas.remedy(why)}: {other} met it, and nothing is begun here before there is room for that"
            return refuse(CODE, message, *resources)
    return None


def _whose(ground: Ground, kind: str, name: str) -> str:
    """The service or VPC that the step is for, '' where nobody asks for that any more."""
    if kind == "CreateTargetGroup":
        services = ground.want.services
        return next((one.name for one in services for to in one.backends if to.target_group == name), "")
    asked = {one.name for one in ground.want.services} | {one.vpc for one in ground.want.clients}
    return name if name in asked else ""


def _still(ground: Ground, kind: str, name: str) -> bool:
    """Is what the step was to make still missing?"""
    seen = ground.observed
    if kind == "AssociateVpc":
        return of_vpc(seen, name) is None
    if kind == "CreateTargetGroup":
        return named(seen.target_groups, name) is None
    service = named(seen.services, name)
    return service is None or (kind == "AssociateService" and to_network(ground.network, service) is None)
