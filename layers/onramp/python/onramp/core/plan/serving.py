"""What answers now: by way of which load balancers, and under which name."""

from onramp.core.model import Service
from onramp.core.plan import existing, settings
from onramp.core.plan.ground import Ground, answers, behind, blurred, sent_to


def of_services(ground: Ground) -> dict[str, frozenset[str]]:
    """Service -> the load balancers behind it, of those that answer.

    Answers: it is on the network, its auth policy lets somebody in, and a listener sends some of its requests to a
    target seen in a group, whose load balancer stands and listens there, and nothing that could be read stops the
    request behind it. What cannot be read answers as it did.
    """
    found = {
        service.name: behind(ground.observed, service) | _reached_by_others(ground, service)
        for service in ground.observed.services
        if service.owned and answers(ground.network, service) and _open(ground, service)
    }
    was = {
        service.name: frozenset(state.serving)
        for service in ground.observed.services
        if service.owned
        and (state := ground.before.services.get(service.name)) is not None
        and state.answers
        and blurred(ground, service)
    }
    return found | {name: served | found.get(name, frozenset()) for name, served in was.items()}


def domains(ground: Ground, serving: dict[str, frozenset[str]]) -> dict[str, str]:
    """Load balancer -> the name of the service that answers through it; of two, the one that its tags ask for."""
    named_by = {found: service.name for service in ground.want.services for found in service.load_balancers}
    named_by = ground.want.named | named_by
    found: dict[str, str] = {}
    # Those that nobody asks for come first, so that the one that is asked for has the last word.
    for service in sorted(ground.observed.services, key=lambda one: one.name in named_by.values()):
        for balancer in serving.get(service.name, ()) if service.owned else ():
            if balancer not in found or named_by.get(balancer) == service.name:
                found[balancer] = domain(ground, service)
    return found


def existing_domains(ground: Ground) -> dict[str, str]:
    """ARN -> the name under which it answers, of the services that people made themselves: each is on the network, and
    nothing that could be read keeps all requests out.
    """
    return {
        found.arn: found.domain
        for found in ground.observed.existing
        if answers(ground.network, found) and existing.finding(ground.network, found) is None
    }


def domain(ground: Ground, service: Service) -> str:
    was = ground.before.services.get(service.name)
    return service.domain or (was.domain if was else "")


def _open(ground: Ground, service: Service) -> bool:
    """Does it let anybody in, and one of its listeners send requests to a load balancer that nothing known keeps them
    from? Or to something else that a tool brought, which Lattice tells to be well.
    """
    if settings.shut(ground, service) is not None:
        return False
    here = ground.of(service.name)
    forwards = (to for listener in service.listeners for to in listener.reached)
    return any(here.serves(target) for target in sent_to(ground.observed, forwards))


def _reached_by_others(ground: Ground, service: Service) -> frozenset[str]:
    """The load balancers that requests come to by a rule that somebody else made, as far as that was read."""
    forwards = [to for listener in service.listeners for to in listener.by_others if to in listener.reached]
    here = ground.of(service.name)
    return frozenset(target.id for target in sent_to(ground.observed, forwards) if here.takes(target))
