"""A service's settings, and the parameters that hold teams' own policies: read only where a tag asks, or asked."""

from collections.abc import Iterable
from typing import Any

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
    policy = _policy(reader, service) if tags.AUTH in names else ""
    if policy is None:
        return Settings(known=False, had=had)
    return Settings(
        idle_timeout=answer.get("idleTimeoutSeconds", 60),
        auth=answer.get("authType", "NONE"),
        policy=policy,
        had=had,
    )


def _policy(reader: Reader, service: Service) -> str | None:
    """'' where there is none, which AWS tells by 404 or by an empty answer (facts 28); None where it is not known."""

    def read() -> str:
        try:
            answer: dict[str, Any] = reader.lattice.get_auth_policy(resourceIdentifier=service.arn)
        except ClientError as error:
            if missing(error):
                return ""
            raise
        return str(answer.get("policy") or "")

    return reader.one(service.arn, read)


def parameters(reader: Reader, want: Desired) -> dict[str, str]:
    """SSM parameter -> what it holds, of those that a tag names and that are there."""
    named = sorted({wanted.said.parameter for wanted in want.services} - {""})
    found: dict[str, str] = {}
    for name in named:
        value = _parameter(reader, name)
        found |= {} if value is None else {name: value}
    return found


def _parameter(reader: Reader, name: str) -> str | None:
    answer = reader.one(name, lambda: reader.client("ssm").get_parameter(Name=name))
    # What is encrypted cannot be read without its key, and is no secret: the policy it would become can be read, too.
    return str(answer["Parameter"]["Value"]) if answer and answer["Parameter"]["Type"] == "String" else None
