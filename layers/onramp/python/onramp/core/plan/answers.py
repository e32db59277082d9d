"""What people are told on their own resources, as tags: what is, not what was wished or made."""

from onramp.core import language, offers, tags
from onramp.core.desired import key_of, moves_to, speaks
from onramp.core.inventory import Refusal
from onramp.core.model import Existing, LoadBalancer, Resource, Service, Vpc
from onramp.core.plan import serving
from onramp.core.plan.clients import SERVES
from onramp.core.plan.ground import Ground, Verdict, of_vpc
from onramp.core.plan.verdicts import Told
from onramp.core.steps import ClearStatus, WriteStatus

NO_ROOM = "no-room-for-answer"


def answer(ground: Ground, told: Told) -> tuple[list[WriteStatus | ClearStatus], list[Refusal]]:
    """The steps that put the answers where they differ, and a refusal for each that has no room. Where infra has
    switched them off, those that stand go: nobody would take them away when they are not so any more.
    """
    network = ground.network
    said = told if network.status_tags else Told({}, {}, {})
    steps: list[WriteStatus | ClearStatus] = []
    refusals: list[Refusal] = []
    for resource in ground.observed.resources:
        if isinstance(resource, Existing) and resource.account != ground.observed.account:
            continue  # another account's, which nobody here may tag
        key = key_of(resource)
        if moves_to(network, resource) and not network.offboarding:
            gone = _left_behind(ground, resource, told)
            steps += [gone] if gone else []
            continue  # the sibling answers there
        named = resource.tags.get(network.prefix + tags.NETWORK, "").strip() == network.name
        if not network.status_tags and network.siblings and speaks(network, resource) and not named:
            continue  # and on a typing error it may
        if key in ground.observed.elsewhere and key not in said.verdicts:
            continue  # and until it has let it go, too
        step, left_out = _answer(ground, resource, said)
        steps += [step] if step else []
        refusals += [left_out] if left_out else []
    return steps, refusals


def _left_behind(ground: Ground, resource: Resource, told: Told) -> WriteStatus | ClearStatus | None:
    """Of who asks for a sibling's network, which answers it: the domain of a service of ours is there as long as it
    answers by that, and no longer. While a run of that network may be about to put its own there it is left: that run
    looks, too.
    """
    key, domain = key_of(resource), resource.tags.get(tags.DOMAIN, "")
    account, answers_by = ground.observed.account, told.domains.get(key, "")
    if not isinstance(resource, LoadBalancer):
        return None
    if resource.tags.get(tags.STATUS) in tags.GOES_ON:
        if domain not in _awaited(ground) - {"", answers_by}:
            return None
        # It cannot be there either: its name is here still.
        because, put = "nothing answers it until the other network does", {tags.STATUS: "connecting"}
        remove = tuple(name for name in (tags.DOMAIN, tags.MESSAGE) if name in resource.tags)
        return WriteStatus(
            account=account, name=resource.name, because=because, resource=key, put=put, remove=remove, untrue=remove
        )
    if answers_by and not domain and tags.STATUS in resource.tags and ground.network.status_tags:
        full = sum(not name.startswith("aws:") for name in resource.tags) >= tags.TAGS_PER_RESOURCE
        because = "it answers under it still"
        put = {tags.DOMAIN: answers_by}
        step = WriteStatus(account=account, name=resource.name, because=because, resource=key, put=put)
        return None if full else step
    # What a hand has put on another network may answer there.
    alone = (one for one in ground.observed.services if one.owned and not _is_elsewhere(ground, one))
    if domain not in {serving.domain(ground, service) for service in alone} - {"", answers_by}:
        return None
    because = "nothing answers under it any more"
    return ClearStatus(account=account, name=resource.name, because=because, resource=key, remove=(tags.DOMAIN,))


def _is_elsewhere(ground: Ground, service: Service) -> bool:
    return any(one.status == "ACTIVE" and not ground.network.is_named(one.network) for one in service.associations)


def _awaited(ground: Ground) -> set[str]:
    """The domains of services of ours whose names a sibling's network waits for."""
    names = {name for asked in ground.want.theirs.values() for name in asked}
    there = (one for one in ground.observed.services if one.owned and one.name in names)
    return {serving.domain(ground, service) for service in there}


def _answer(ground: Ground, resource: Resource, told: Told) -> tuple[WriteStatus | ClearStatus | None, Refusal | None]:
    key = key_of(resource)
    says = told.verdicts.get(key)
    given: dict[str, str] = {}
    if says is not None and (speaks(ground.network, resource) or says.status in {"disconnecting", "held"}):
        given = {
            tags.STATUS: says.status,
            tags.MESSAGE: says.message,
            tags.DOMAIN: told.domains.get(key) or ground.observed.domains_elsewhere.get(key, ""),
        }
        given |= {tags.SERVICES: _services(ground, resource, says)}
    wanted = {name: tags.answer(text) for name, text in given.items() if text}
    fits, left_out = _fitting(resource, wanted)
    there = {name: resource.tags[name] for name in _keys(ground, resource, wanted) if name in resource.tags}
    put, instead = _spoken(ground, given, fits, there)
    remove = tuple(sorted(there.keys() - fits.keys()))
    refusal = None
    if left_out:
        message = f"free a tag: of {tags.TAGS_PER_RESOURCE} none is left for {' and '.join(left_out)}"
        refusal = Refusal(code=NO_ROOM, resource=key, message=message)
    if not put and not remove:
        return None, refusal
    untrue = _untrue(put, remove, there, leaves=bool(wanted) and not speaks(ground.network, resource))
    because = f"the answer is {wanted[tags.STATUS]}" if wanted else "it asks for nothing any more"
    because = because if ground.network.status_tags else "infra has switched answers off"
    # By its ARN a service that people made is found again where nothing but this step tells of it.
    name = resource.name if isinstance(resource, LoadBalancer) else key
    step = WriteStatus(
        account=ground.observed.account,
        name=name,
        because=because,
        resource=key,
        put=put,
        remove=remove,
        instead=instead,
        untrue=untrue,
    )
    if step.key not in ground.failures:
        return step, refusal
    # It could not be written in this run: what has become untrue since goes by a step of its own.
    clears = ClearStatus(account=step.account, name=name, because=because, resource=key, remove=untrue)
    return clears if untrue else None, refusal


def _keys(ground: Ground, resource: Resource, wanted: dict[str, str]) -> tuple[str, ...]:
    """Those that count. One that a release before the present may not touch goes with the last of the others, for
    whichever release the account's member stack is said to be; alone it is not worth a call that may be refused.
    """
    known = tuple(name for name in tags.STATUS_KEYS if name != tags.SERVICES)
    leaves = not wanted and any(name in resource.tags for name in known)
    return tags.STATUS_KEYS if leaves or ground.offered is not None else known


def _untrue(put: dict[str, str], remove: tuple[str, ...], there: dict[str, str], *, leaves: bool) -> tuple[str, ...]:
    """Keys of what stands there and is not so, but for the status of who leaves: its absence would say that all is
    gone. A message says more of a status, and nothing without it.
    """
    gone = {name for name, text in there.items() if text and (name in put or name in remove)}
    gone |= {tags.MESSAGE} & there.keys() if tags.STATUS in gone else set()
    return tuple(sorted(gone - {tags.STATUS} if leaves else gone))


_ANSWERED_BY_SEVERAL = frozenset({"tag-unknown", "network-missing", "network-unknown"})
"""Stacks that serve the same members all tell these, on the same tag."""


def _spoken(
    ground: Ground, given: dict[str, str], fits: dict[str, str], there: dict[str, str]
) -> tuple[dict[str, str], dict[str, str]]:
    """What is not there as it is to be said; and of that, in English, what AWS may not take in another language.

    `given`: what is to be said; `fits`: as a tag says it in English. What AWS once took in English only stays so as
    long as it says the same: the tag itself tells, so that no run tries in vain.
    """
    put: dict[str, str] = {}
    instead: dict[str, str] = {}
    for name, english in fits.items():
        spoken = _in_language(ground, name, given[name]) or english
        if spoken == english:
            put |= {name: english} if there.get(name) != english else {}
        elif there.get(name) not in (spoken, tags.answer_in_english(given[name])):
            put[name] = spoken
            instead[name] = tags.answer_in_english(given[name])
    return put, instead


def _in_language(ground: Ground, name: str, text: str) -> str:
    """The answer as a tag says it in the network's language; '' where it is told in English."""
    # Stacks that spoke different languages on one tag would correct each other for ever.
    several = bool(ground.network.siblings) and text.partition(":")[0] in _ANSWERED_BY_SEVERAL
    if ground.network.language == "en" or name not in _SENTENCES or several:
        return ""
    return tags.answer_in_any_script(language.told(text, ground.network.language))


_SENTENCES = frozenset({tags.MESSAGE, tags.SERVICES})
"""The answers that are sentences."""


def _services(ground: Ground, resource: Resource, says: Verdict) -> str:
    """What a client that is joined can call, as far as the table knew when the run began; else what is said already."""
    if ground.offered is None or not isinstance(resource, Vpc) or not _calls(ground, resource, says):
        return ""
    return offers.told(ground.offered, resource.id) if ground.offered else resource.tags.get(tags.SERVICES, "")


def _calls(ground: Ground, vpc: Vpc, says: Verdict) -> bool:
    """Can it call? Who leaves, is kept from that or from what it asks for can until its association was seen to go."""
    there = of_vpc(ground.observed, vpc.id)
    joined = there is not None and there.owned and there.status in SERVES
    return says.status == "connected" or (joined and says.status != "unreachable")


def _fitting(resource: Resource, wanted: dict[str, str]) -> tuple[dict[str, str], list[str]]:
    """What there is room for, in the order given, status first; and the keys that found none."""
    others = sum(not key.startswith("aws:") and key not in tags.STATUS_KEYS for key in resource.tags)
    room = max(tags.TAGS_PER_RESOURCE - others, 0)
    queue = list(wanted)
    return {key: wanted[key] for key in queue[:room]}, [key for key in queue[room:] if key != tags.SERVICES]
