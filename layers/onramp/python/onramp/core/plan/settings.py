"""A service's settings: put right in place, and who may call in an order that turns nobody away in between."""

from onramp.core import settings, tags
from onramp.core.desired import WantedService
from onramp.core.errors import Refused
from onramp.core.model import Service, Settings
from onramp.core.plan.ground import Ground, Part, Stage, join, refuse
from onramp.core.steps import DeleteAuthPolicy, PutAuthPolicy, SetAuthType, SetIdleTimeout

IAM, NONE = "AWS_IAM", "NONE"


def refused(ground: Ground, wanted: WantedService) -> Part | None:
    """Why the team's own policy cannot be put: nothing is made for such a wish, and what is there stays."""
    parameter = wanted.said.parameter
    if not parameter:
        return None
    if parameter in ground.observed.unread:
        return Part(failed=(f"parameter {parameter} cannot be read: {ground.observed.unread[parameter]}",))
    text = ground.observed.parameters.get(parameter)
    if text is None:
        message = f"put your policy into SSM parameter {parameter} as a String: there is none"
        return refuse("auth-policy-missing", message, *wanted.load_balancers)
    try:
        settings.own_policy(text)
    except Refused as wrong:
        return refuse(wrong.code, f"{wrong.message}: SSM parameter {parameter}", *wanted.load_balancers)
    return None


def service_settings(ground: Ground, wanted: WantedService, there: Service) -> Part:
    """`stage` is SERVING where nobody comes in who may not: then it may join the network."""
    seen = ground.observed.settings.get(there.name)
    if seen is None:
        return Part(stage=Stage.SERVING)
    if not seen.known:
        return Part(failed=(f"the settings of service {there.name} cannot be read",), stage=Stage.MADE)
    auth = _auth(ground, wanted, there, seen)
    return join([_idle_timeout(ground, wanted, there, seen), auth])._replace(stage=auth.stage)


def _idle_timeout(ground: Ground, wanted: WantedService, there: Service, seen: Settings) -> Part:
    seconds = wanted.said.idle_timeout
    if not seconds and tags.IDLE_TIMEOUT not in seen.had:
        return Part()  # whoever set it, it was not we
    seconds = seconds or settings.IDLE_TIMEOUT
    if seen.idle_timeout == seconds:
        return Part()
    because = f"connections may idle for {seen.idle_timeout} s, and {seconds} s is what the tags ask for"
    return ground.do(SetIdleTimeout, there.name, because, service=there.arn, seconds=seconds)


def _auth(ground: Ground, wanted: WantedService, there: Service, seen: Settings) -> Part:
    """The policy is there before it counts, and counts no more when it goes: else all are turned away meanwhile."""
    text = ground.observed.parameters.get(wanted.said.parameter, "")
    policy = settings.own_policy(text) if text else wanted.said.policy
    if not policy:
        return _open(ground, there, seen)
    if not settings.same(seen.policy, policy):
        because = "it says who may call, as the tags ask for"
        put = ground.do(PutAuthPolicy, there.name, because, service=there.arn, policy=policy)
        return put._replace(stage=Stage.SERVING if seen.auth == IAM and there.associations else Stage.MADE)
    if seen.auth != IAM:
        because = "its policy is there, and is to count"
        return ground.do(SetAuthType, there.name, because, service=there.arn, auth=IAM)
    return Part(stage=Stage.SERVING)


def _open(ground: Ground, there: Service, seen: Settings) -> Part:
    """Nobody is asked who he is any more. What somebody else put is left to him."""
    if tags.AUTH not in seen.had:
        return Part(stage=Stage.SERVING)
    if seen.auth != NONE:
        because = "no tag asks any more who may call: its policy is not to count"
        return ground.do(SetAuthType, there.name, because, service=there.arn, auth=NONE)
    if seen.policy:
        gone = ground.do(DeleteAuthPolicy, there.name, "it does not count any more", service=there.arn)
        return gone._replace(stage=Stage.SERVING)
    return Part(stage=Stage.SERVING)
