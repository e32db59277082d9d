"""Sessions as the AWS CLI takes them: profiles, region, single sign-on, and an endpoint that is set for it."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from typing import Annotated, Any, NamedTuple

import boto3
import typer
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    EndpointConnectionError,
    InvalidRegionError,
    NoCredentialsError,
    NoRegionError,
    PartialCredentialsError,
    ProfileNotFound,
    SSOError,
    TokenRetrievalError,
)
from botocore.parsers import ResponseParserError
from onramp.aws.account import Account
from onramp.aws.callers import networks
from onramp.aws.dated import dated
from onramp.aws.errors import code, translate
from onramp.aws.eyes import Eyes
from onramp.core.errors import NotYet, Refused

ProfilesOption = Annotated[
    list[str] | None,
    typer.Option(
        "--profile",
        metavar="NAME",
        help="A profile of the AWS CLI; give it again for each further account you can read.",
    ),
]
RegionOption = Annotated[str, typer.Option("--region", metavar="REGION", help="The region; the profile's by default.")]


class NotLetIn(Exception):
    """AWS cannot be asked with what was given; says what to do."""


class Looking(NamedTuple):
    """The accounts that can be looked into, and where."""

    eyes: Eyes
    region: str
    networks: dict[str, str]


def looking(profiles: Sequence[str], region: str) -> Looking:
    """Sessions of the profiles (the usual one when none is named), and the reader roles of the networks they see."""
    with explained():
        sessions: dict[str, boto3.Session] = {}
        partition = "aws"
        for profile in profiles or [""]:
            session = boto3.Session(profile_name=profile or None, region_name=region or None)
            identity = _sts(session).get_caller_identity()
            sessions.setdefault(identity["Account"], session)
            partition = identity["Arn"].split(":")[1]
        eyes = Eyes(sessions, partition=partition)
        seen = networks(eyes)
        eyes.read_by(seen.values())
        where = next(iter(sessions.values())).region_name
    return Looking(eyes, str(where), seen)


def _sts(session: boto3.Session) -> Any:
    try:
        return session.client("sts")
    except BotoCoreError:
        raise
    except ValueError as wrong:  # as botocore has it for an endpoint that is no URL
        raise NotLetIn(f"{wrong}: write AWS_ENDPOINT_URL, or the profile's endpoint_url, as a whole URL") from wrong


def aws_now(account: Account) -> float:
    """Epoch seconds as AWS's answers date them; this machine's where they do not.

    What is kept was stamped by AWS's clock, and how old it is must not depend on the clock of whoever asks: that of a
    laptop, or that of a machine whose local cloud is hours ahead of it. Raises what STS answers.
    """
    return dated(account.client("sts").get_caller_identity())


_STRANGERS = frozenset(
    {
        "ExpiredToken",
        "ExpiredTokenException",
        "InvalidClientTokenId",
        "UnrecognizedClientException",
        "InvalidSignatureException",
        "SignatureDoesNotMatch",
    }
)


def _not_accepted(wrong: ClientError) -> str:
    if "valid region" in str(wrong):
        return f"AWS does not know the region: {wrong}; check --region, or the profile's region"
    return f"AWS does not accept the credentials: {wrong}; sign in again"


@contextlib.contextmanager
def explained() -> Iterator[None]:
    """What AWS or the SDK answers in the block, as a NotLetIn that says what to do."""
    try:
        yield
    except (NoCredentialsError, PartialCredentialsError) as wrong:
        raise NotLetIn(f"there are no AWS credentials: {wrong}; sign in, or name a profile by --profile") from wrong
    except ProfileNotFound as wrong:
        raise NotLetIn(f"{wrong}; `aws configure list-profiles` lists them") from wrong
    except (SSOError, TokenRetrievalError) as wrong:
        raise NotLetIn(f"{wrong}; sign in again: aws sso login") from wrong
    except NoRegionError as wrong:
        raise NotLetIn("no region is chosen; give --region, or set AWS_REGION") from wrong
    except InvalidRegionError as wrong:
        raise NotLetIn(f"{wrong} Write a region as ap-northeast-1") from wrong
    except EndpointConnectionError as wrong:
        raise NotLetIn(f"AWS cannot be reached: {wrong}; check the region, and the way out") from wrong
    except ClientError as wrong:
        if code(wrong) in _STRANGERS:
            raise NotLetIn(_not_accepted(wrong)) from wrong
        told = translate(wrong)
        raise NotLetIn(told.message if isinstance(told, Refused) else told.detail) from wrong
    except (BotoCoreError, ResponseParserError) as wrong:  # the latter: what answered speaks as no service does
        raise NotLetIn(f"AWS cannot be reached: {wrong}") from wrong
    except Refused as no:
        raise NotLetIn(no.message) from no
    except NotYet as no:
        raise NotLetIn(f"{no.detail}; try again later") from no
