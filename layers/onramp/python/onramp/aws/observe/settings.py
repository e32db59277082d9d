"""A service's settings, and the parameters that hold teams' own policies: read only where a tag asks, or asked."""

from collections.abc import Iterable
from functools import partial
from typing import Any, NamedTuple

from botocore.exceptions import ClientError

from onramp.aws.errors import missing
from onramp.aws.observe.reader import Reader
from onramp.core import tags
from onramp.core.desired import Desired
from onramp.core.model import Service, Settings
from onramp.core.settings import asked


def settings(reader: Reader, want: Desired, services: Iterable[Service]) -> dict[str, Settings]:
    """Service's name -> its settings, of those that something is asked of, or was."""
    run = reader.run
    states = run.plan.services if run.plan else run.memory.services
    remembered = {state.name: state.settings for state in states if state.settings}
    to_read = asked({wanted.name: wanted.said for wanted in want.services}, remembered)
    return {
        service.name: _settings(reader, service, remembered.get(service.name, ()), to_read[service.name])
        for service in services
        if service.owned and service.name in to_read and service.status == "ACTIVE"
    }


def _settings(reader: Reader, service: Service, had: tuple[str, ...], names: frozenset[str]) -> Settings:
    answer = reader.one(service.arn, lambda: reader.lattice.get_service(serviceIdentifier=service.arn))
    if answer is None:
        return Settings(known=False, had=had)
    policy = reader.one(service.arn, lambda: auth_policy(reader, service.arn)) if tags.AUTH in names else ""
    if policy is None:
        return Settings(known=False, had=had)
    log = _log(reader, service) if tags.LOG in names else _NO_LOG
    if log is None:
        return Settings(known=False, had=had)
    return Settings(
        log=log.group,
        subscription=log.subscription,
        foreign_log=log.foreign,
        idle_timeout=answer.get("idleTimeoutSeconds", 60),
        auth=answer.get("authType", "NONE"),
        policy=policy,
        certificate=answer.get("certificateArn", ""),
        had=had,
    )


class _Log(NamedTuple):
    """`group` is the log group's name, with our `subscription`; `foreign`: somebody else's goes to a log group."""

    group: str = ""
    subscription: str = ""
    foreign: bool = False


_NO_LOG = _Log()


def _log(reader: Reader, service: Service) -> _Log | None:
    def read() -> _Log:
        items = reader.pages("vpc-lattice", "list_access_log_subscriptions", "items", resourceIdentifier=service.arn)
        found = _NO_LOG
        for item in items:
            _, of_logs, group = item["destinationArn"].partition(":log-group:")
            if not of_logs:
                continue  # a bucket's or a stream's, of which there may be one besides (facts 15)
            if reader.mark_or_missing(item["arn"]) != reader.network.name:
                return _Log(foreign=True)
            found = _Log(group=group.removesuffix(":*"), subscription=item["arn"])
        return found

    return reader.one(service.arn, read)


def log_groups(reader: Reader, want: Desired) -> frozenset[str]:
    """Of those that a tag names, the log groups that are there."""
    named = sorted({wanted.said.log for wanted in want.services} - {""})
    return frozenset(name for name in named if _is_there(reader, name))


def _is_there(reader: Reader, group: str) -> bool:
    items = reader.one(
        group, lambda: reader.pages("logs", "describe_log_groups", "logGroups", logGroupNamePrefix=group)
    )
    return any(item["logGroupName"] == group for item in items or ())


def auth_policy(reader: Reader, arn: str) -> str:
    """A service's; '' where there is none, which AWS tells by 404 or by an empty answer (facts 28)."""
    try:
        answer: dict[str, Any] = reader.lattice.get_auth_policy(resourceIdentifier=arn)
    except ClientError as error:
        if missing(error):
            return ""
        raise
    return str(answer.get("policy") or "")


class Parameters(NamedTuple):
    """SSM parameter -> what it holds, of those that tags name and that are there; `others`: of those that are none,
    what they are.
    """

    held: dict[str, str]
    others: dict[str, str]


def parameters(reader: Reader, want: Desired) -> Parameters:
    found = Parameters({}, {})
    for name in sorted({wanted.said.parameter for wanted in want.services} - {""}):
        answer = reader.one(name, partial(reader.client("ssm").get_parameter, Name=name))
        if answer:
            # What is encrypted cannot be read without its key, and is no secret: the policy it would become can be.
            is_text = answer["Parameter"]["Type"] == "String"
            (found.held if is_text else found.others)[name] = str(answer["Parameter"]["Value" if is_text else "Type"])
    return found
