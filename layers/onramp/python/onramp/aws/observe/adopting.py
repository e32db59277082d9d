"""What people made in Lattice themselves, and hand over: read where a tag of theirs says so and another asks for it.

Whether it says so is known without a call more: whatever stands in the way of a wish is asked whose it is, by its tags.
"""

from collections.abc import Iterable
from functools import partial

from msgspec.structs import replace

from onramp.aws.observe import wishes
from onramp.aws.observe.lattice import Lattice
from onramp.aws.observe.reader import Reader, is_handed, tag_dict
from onramp.core import names
from onramp.core.desired import Desired, WantedService
from onramp.core.model import (
    UNREAD,
    Handed,
    Listener,
    SecurityGroup,
    Service,
    Target,
    TargetGroup,
    VpcAssociation,
)


def handed(
    reader: Reader,
    lattice: Lattice,
    want: Desired,
    services: Iterable[Service],
    associations: Iterable[VpcAssociation],
) -> Handed:
    """All of it, as it would be if it were ours. `services` and `associations`: what was found, others' among them."""
    foreign = {one.name: one.arn for one in services if not one.owned and reader.handed(one.arn)}
    joined = {one.vpc: one for one in associations if not one.owned and reader.handed(one.arn)}
    found: list[Service] = []
    groups: list[TargetGroup] = []
    for wanted in want.services:
        there = _service(reader, lattice, foreign[wanted.name], wanted) if wanted.name in foreign else None
        if there is not None:
            found.append(there)
            sent_to = sorted({to.target_group for one in there.listeners for to in one.sends})
            made = [_target_group(reader, _beside(there.arn, one), wanted) for one in sent_to]
            groups += [group for group in made if group is not None]
    entering = [client for client in want.clients if client.vpc in joined]
    own = {client.vpc: joined[client.vpc] for client in entering}
    return Handed(
        services=tuple(found),
        target_groups=tuple(groups),
        vpc_associations=tuple(replace(one, owned=True) for one in own.values()),
        security_groups=_security_groups(reader, own),
    )


def _beside(service: str, group: str) -> str:
    return f"{service.rpartition(':')[0]}:targetgroup/{group}"


# --- services


def _service(reader: Reader, lattice: Lattice, arn: str, wanted: WantedService) -> Service | None:
    there = lattice.service(arn)
    if there is None:
        return None
    full = lattice.listeners.added_to(there, {port for _, port in wanted.listens})
    if full.status == UNREAD:
        return None
    network = reader.network
    return replace(
        full,
        listeners=tuple(_listener(reader, lattice, arn, one, wanted) for one in full.listeners),
        associations=tuple(
            replace(one, owned=one.owned or (one.handed and network.is_named(one.network))) for one in full.associations
        ),
    )


def _listener(reader: Reader, lattice: Lattice, service: str, there: Listener, wanted: WantedService) -> Listener:
    """It comes with its service, as the rules that tags ask for do; all other rules stay their maker's."""
    if reader.mark(there.arn) not in {"", reader.network.name}:
        return there
    rules = lattice.listeners.every_rule(service, there.arn, wanted.rules) if wanted.rules else ()
    return replace(
        there,
        name=names.listener(there.protocol, there.port),
        owned=True,
        found_rules=rules,
    )


def _target_group(reader: Reader, arn: str, wanted: WantedService) -> TargetGroup | None:
    """By the name of the one that it is in place of: of the same load balancer, port, protocol and VPC."""
    reader.mark(arn)
    if not reader.handed(arn):
        return None
    item = reader.one(arn, partial(reader.lattice.get_target_group, targetGroupIdentifier=arn))
    listed = reader.one(arn, partial(reader.pages, "vpc-lattice", "list_targets", "items", targetGroupIdentifier=arn))
    if item is None or listed is None or item["type"] != "ALB":
        return None
    targets = tuple(Target(id=one["id"], port=one.get("port", 0), status=one["status"]) for one in listed)
    there = {(target.id, target.port) for target in targets}
    config = item["config"]
    for backend in wanted.backends:
        alike = (backend.protocol, backend.vpc) == (config.get("protocol"), config.get("vpcIdentifier"))
        if alike and (backend.load_balancer, backend.port) in there:
            return TargetGroup(arn=arn, name=backend.target_group, status=item["status"], owned=True, targets=targets)
    return None


# --- clients


def _security_groups(reader: Reader, own: dict[str, VpcAssociation]) -> tuple[SecurityGroup, ...]:
    """Those of the associations, by the name of the one that they are in place of."""
    used = sorted({group for one in own.values() for group in one.security_groups})
    items = wishes.described(reader, [{"Name": "group-id", "Values": used}]) if used else []
    return tuple(
        wishes.security_group(item, name=names.security_group(reader.network.name, item["VpcId"]), owned=True)
        for item in items
        if is_handed(reader.network, tag_dict(item.get("Tags", ())))
    )
