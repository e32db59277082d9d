"""One AWS on this machine: its clock, its journal, its services, and the callers that use it."""

from __future__ import annotations

import contextlib
import copy
import dataclasses
import functools
import importlib
import os
from collections.abc import Callable, Iterator
from random import Random
from types import SimpleNamespace, TracebackType
from typing import TYPE_CHECKING, Any, NamedTuple, Self
from unittest import mock

import boto3
import botocore
import botocore.endpoint
import botocore.session
import botocore.waiter
from moto.core.base_backend import BackendDict
from moto.core.config import default_user_config
from moto.core.model_instances import reset_model_data
from moto.moto_api._internal import mock_random

from localcloud.door import accounts, chain, guards, in_process, not_emulated
from localcloud.door.faults import Faults
from localcloud.door.gate import Gate, Running
from localcloud.ground import guarded, limits, machine, models, needs
from localcloud.ground.caller import Caller
from localcloud.ground.clock import Clock
from localcloud.ground.errors import WrongAnswer
from localcloud.ground.journal import Journal
from localcloud.ground.kinds import KINDS
from localcloud.ground.moto import applied
from localcloud.ground.organization import Organization
from localcloud.ground.service import Partly, Service
from localcloud.network.known import Known
from localcloud.services import ec2, elbv2
from localcloud.services.acm import moto as acm_moto
from localcloud.services.cloudwatch import moto as cloudwatch_moto
from localcloud.services.dynamodb import moto as dynamodb_moto
from localcloud.services.ec2 import in_use
from localcloud.services.ec2 import moto as ec2_moto
from localcloud.services.elbv2 import moto as elbv2_moto
from localcloud.services.events import moto as events_moto
from localcloud.services.iam import moto as iam_moto
from localcloud.services.kms import moto as kms_moto
from localcloud.services.lambda_ import moto as lambda_moto
from localcloud.services.logs import moto as logs_moto
from localcloud.services.route53 import moto as route53_moto
from localcloud.services.s3 import moto as s3_moto
from localcloud.services.s3 import public
from localcloud.services.scheduler import moto as scheduler_moto
from localcloud.services.sns import moto as sns_moto
from localcloud.services.sqs import moto as sqs_moto
from localcloud.services.ssm import moto as ssm_moto

with machine.lacking("pytest"):
    # It brings a plugin for pytest, and reads all of pytest for it where there is one.
    import time_machine

if TYPE_CHECKING:
    from localcloud.services.cloudformation import Stacks
    from localcloud.services.cloudtrail import Trail
    from localcloud.services.dynamodb import Tables
    from localcloud.services.events import Events
    from localcloud.services.iam import Iam
    from localcloud.services.lambda_ import Functions
    from localcloud.services.lattice import Lattice
    from localcloud.services.organizations import Organizations
    from localcloud.services.ram import Ram
    from localcloud.services.scheduler import Schedules
    from localcloud.services.sqs import Queues
    from localcloud.services.states import Machines
    from localcloud.services.sts import Sts
    from localcloud.services.tagging import Tagging

CHECK_ANSWERS = "LOCALCLOUD_CHECK_ANSWERS"
"""The tests set this variable, so that it holds in every process that they start."""

START = 1793534400.0
"""2026-11-01T12:00:00Z."""


class _Room(NamedTuple):
    """A service's package under `services`, and what it is called elsewhere: by botocore, here, by CloudFormation.

    `component` is the attribute of LocalCloud and `made_by` the class; '' where moto alone answers. `namespace` is
    that of its CloudFormation types. `says_needs`: its `needs.py` says what IAM must allow; else our service does.
    `guarded`: its things have policies of their own, of which its `guarded.py` says. `limits`: its `limits.py` refuses
    what its model lets pass.
    """

    package: str
    service: str
    component: str = ""
    made_by: str = ""
    namespace: str = ""
    says_needs: bool = True
    guarded: bool = False
    limits: bool = False


_ROOMS = (
    _Room("lattice", "vpc-lattice", "lattice", "Lattice", "VpcLattice", says_needs=False, limits=True),
    _Room("ram", "ram", "ram", "Ram", "RAM", says_needs=False),
    _Room("iam", "iam", "iam", "Iam", "IAM", limits=True),
    _Room("sts", "sts", "sts", "Sts", says_needs=False),
    _Room("organizations", "organizations", "organizations", "Organizations", says_needs=False),
    _Room("events", "events", "events", "Events", "Events", guarded=True),
    _Room("scheduler", "scheduler", "schedules", "Schedules", "Scheduler", limits=True),
    _Room("lambda_", "lambda", "functions", "Functions", "Lambda", guarded=True, limits=True),
    _Room("states", "stepfunctions", "machines", "Machines", "StepFunctions", limits=True),
    _Room("sqs", "sqs", "queues", "Queues", "SQS", guarded=True, limits=True),
    _Room("dynamodb", "dynamodb", "tables", "Tables", "DynamoDB", guarded=True, limits=True),
    _Room("cloudformation", "cloudformation", "stacks", "Stacks", "CloudFormation", limits=True),
    _Room("cloudtrail", "cloudtrail", "trail", "Trail", says_needs=False),
    _Room("tagging", "resourcegroupstaggingapi", "tagging", "Tagging"),
    _Room("ec2", "ec2", "endpoint_associations", "EndpointAssociations", namespace="EC2", limits=True),
    _Room("elbv2", "elbv2", namespace="ElasticLoadBalancingV2", limits=True),
    _Room("s3", "s3", "notices", "Notices", namespace="S3", guarded=True),
    _Room("sns", "sns", namespace="SNS", guarded=True, limits=True),
    _Room("kms", "kms", namespace="KMS", guarded=True, limits=True),
    _Room("ssm", "ssm", namespace="SSM", limits=True),
    _Room("logs", "logs", namespace="Logs", limits=True),
    _Room("cloudwatch", "cloudwatch", "alarms", "Alarms", namespace="CloudWatch", limits=True),
    _Room("acm", "acm"),
    _Room("secretsmanager", "secretsmanager", guarded=True, limits=True),
    _Room("route53", "route53", "private_zones", "PrivateZones", limits=True),
    _Room("service_quotas", "service-quotas", "service_quotas", "ServiceQuotas", says_needs=False),
)
"""The services, each in its room. What is in them is read when it is first asked for: a test of one loads that one."""

_COMPONENTS = {room.component: room for room in _ROOMS if room.component}
_BY_SERVICE = {room.service: room for room in _ROOMS}
KINDS.homes.update(
    {f"AWS::{room.namespace}": f"localcloud.services.{room.package}.kinds" for room in _ROOMS if room.namespace}
)
needs.HOMES.update({room.service: f"localcloud.services.{room.package}.needs" for room in _ROOMS if room.says_needs})
limits.HOMES.update({room.service: f"localcloud.services.{room.package}.limits" for room in _ROOMS if room.limits})
guarded.HOMES.update({room.service: f"localcloud.services.{room.package}.guarded" for room in _ROOMS if room.guarded})


class LocalCloud:
    """An AWS with any number of accounts, empty at first; everything ends with the `with` block.

    While it is open, boto3 clients in this process talk to it and Python's clock shows `clock.now`. One can be
    open at a time. `start` is epoch seconds; the same `seed` gives the same ids and the same chances. Answers of
    our own services are always held to their models; with `check_answers` moto's are, too, at some cost, as they are
    where the environment holds CHECK_ANSWERS. A wrong answer that whoever asked has swallowed flies at the end.
    """

    if TYPE_CHECKING:
        lattice: Lattice
        ram: Ram
        iam: Iam
        sts: Sts
        events: Events
        functions: Functions
        machines: Machines
        queues: Queues
        schedules: Schedules
        stacks: Stacks
        tables: Tables
        tagging: Tagging
        trail: Trail
        organizations: Organizations

    def __init__(
        self,
        *,
        region: str = "ap-northeast-1",
        start: float = START,
        seed: int = 0,
        enforce_iam: bool = True,
        check_answers: bool | None = None,
    ) -> None:
        self.region = region
        self.seed = seed
        self.random = Random(seed)  # noqa: S311 - chance that can be repeated is the point
        # Apart from `random`, so that a journal entry more or less does not change what chance decides.
        self.random_ids = Random(f"{seed} ids")  # noqa: S311 - as above
        self.enforce_iam = enforce_iam
        self.check_answers = CHECK_ANSWERS in os.environ if check_answers is None else check_answers
        self.wrong_answers: list[WrongAnswer] = []
        self.clock = Clock(start)
        self.journal = Journal()
        self.faults = Faults(self.random)
        self.gate = Gate(self, chain.CHAIN, chain.QUIET)
        self.known = Known()
        self.gate.guard(accounts.refuse)
        self.gate.guard(guards.refuse)
        self.gate.guard(functools.partial(not_emulated.refuse, frozenset(_BY_SERVICE)))
        self.gate.guard(public.refuse)
        self.gate.guard(in_use.refuse)
        self.organization = Organization()
        self.trails: set[str] = set()
        """Accounts that have a CloudTrail trail."""
        self.tagging_lag = 15.0
        """Seconds by which the tagging API lags behind creation and deletion (facts 18)."""
        self.balancer_seconds = 60.0
        """Seconds for which a new load balancer is provisioning (facts 19)."""
        self.ascii_tags = False
        """EC2 and ELB take no letter but a-z in tags: the stricter reading (facts 18.9)."""
        self._keys: dict[Caller, str] = {}
        self._clients: dict[tuple[str, str, str], Any] = {}
        self._exit = contextlib.ExitStack()
        self._ends = contextlib.ExitStack()

    def __enter__(self) -> Self:
        with contextlib.ExitStack() as opened:
            opened.enter_context(self._ends)
            in_process.open_gate(self.gate)
            opened.callback(in_process.close_gate, self.gate)
            opened.enter_context(machine.sparing())
            opened.enter_context(self._environment())
            opened.enter_context(self._time())
            opened.enter_context(self._moto())
            # A client that was made before, perhaps with real credentials, must not be the default one.
            opened.enter_context(mock.patch.object(boto3, "DEFAULT_SESSION", None))
            # Functions, commands and we make sessions by the dozen: parsing ec2's model for each took most of its time.
            opened.enter_context(mock.patch.object(botocore.session, "create_loader", models.loader))
            # botocore waits between retries; time is simulated, and nobody waits for a simulation.
            opened.enter_context(mock.patch.object(botocore.endpoint, "time", SimpleNamespace(sleep=lambda _: None)))
            # Its waiters wait for what comes with time, so it passes.
            opened.enter_context(mock.patch.object(botocore.waiter, "time", SimpleNamespace(sleep=self.clock.advance)))
            for observer in ("tagging", "trail"):
                self.component(observer)
            self._exit = opened.pop_all()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._exit.close()
        if error is None and self.wrong_answers:
            raise self.wrong_answers[0]

    # --- callers ---

    def session(self, account: str, role: str = "") -> boto3.Session:
        """A session of the account's owner, or of one of its roles (by name), as if just assumed."""
        if not role:
            return self._session_with(account)
        return self.session_as(
            Caller(
                account,
                self.region,
                f"arn:aws:sts::{account}:assumed-role/{role}/local",
                role=role,
                session="local",
            )
        )

    def session_as(self, caller: Caller) -> boto3.Session:
        """A session of this very caller, for parts of AWS that act by themselves; it does not expire."""
        key = self._keys.get(caller)
        if key is None:
            letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
            key = self._keys[caller] = "ASIA" + "".join(self.random_ids.choice(letters) for _ in range(16))
            self.gate.sessions[key] = caller
        return self._session_with(key)

    def _session_with(self, key: str) -> boto3.Session:
        # Who asks while a function runs does not get what that function's sandbox tells each session.
        with mock.patch.object(botocore, "_INITIALIZERS", []):
            core = botocore.session.Session(event_hooks=copy.copy(_hooks()), include_builtin_handlers=False)
        return boto3.Session(
            botocore_session=core,
            aws_access_key_id=key,
            aws_secret_access_key="local",  # noqa: S106 - nothing checks signatures here
            aws_session_token="local" if key.startswith("ASIA") else None,
            region_name=self.region,
        )

    def client(self, service: str, account: str, role: str = "") -> Any:
        """A boto3 client of `session(account, role)`, made once."""
        # An owner's key is the account's number, so his client serves every cloud of this process alike.
        kept = self._clients if role else _owners_clients(self.region)
        made = kept.get((service, account, role))
        if made is None:
            session: Any = self.session(account, role)
            made = kept[service, account, role] = session.client(service)
        return made

    @property
    def caller_now(self) -> Caller | None:
        """Who is calling, while a service handles the call."""
        return self.gate.caller_now

    @property
    def wired_now(self) -> bool:
        """Whether the call that is being answered came over HTTP, from a client with a clock of its own."""
        return self.gate.wired_now

    def running(self, function: str = "", run: str = "") -> contextlib.AbstractContextManager[Running]:
        """Calls in the block are made by this function, in this execution: see Gate.running."""
        return self.gate.running(function, run)

    def let_registration_take(self, seconds: float) -> None:
        """How long Lattice takes from now on until it lists a target, and sends to it: minutes on AWS (facts 11.8)."""
        self.lattice.timing = dataclasses.replace(self.lattice.timing, target_listing=seconds)

    def settle(self) -> None:
        """Let time pass until only background things are due."""
        self.clock.settle()

    # --- components ---

    def at_end(self, act: Callable[[], None]) -> None:
        """Call `act` when all is over."""
        self._ends.callback(act)

    def component(self, name: str) -> Any:
        """The component of that name (`events`), made now if nobody has asked for it before.

        For those that must listen from now on; else the attribute does. AttributeError for no component.
        """
        return getattr(self, name)

    def service(self, name: str, operation: str) -> Service | None:
        """Our own service of botocore's name, if it has this operation; None leaves it to moto."""
        # Asked before anything else about a call: a component made now hears this call already.
        room = _BY_SERVICE.get(name)
        component: Any = self.component(room.component) if room and room.component else None
        # Some have nothing to answer and leave all to moto: they refuse, time and tell.
        if not isinstance(component, Service) or (
            isinstance(component, Partly) and operation not in component.operations
        ):
            return None
        return component

    def tags_of(self, arn: str) -> dict[str, str]:
        """The tags of a resource of a service that keeps them where others can ask; empty for what is not there."""
        match arn.split(":")[2]:
            case "ec2":
                return ec2.tags_of(arn)
            case "elasticloadbalancing":
                return elbv2.tags_of(arn)
            case "vpc-lattice":
                return self.lattice.tags_of(arn)
            case "ram":
                return self.ram.tags_of(arn)
            case _:
                return {}

    def __getattr__(self, name: str) -> Any:
        # Only asked for what is not there yet: a component is made when it is first used, and kept.
        room = _COMPONENTS.get(name)
        if room is None:
            raise AttributeError(name)
        made = getattr(importlib.import_module(f"localcloud.services.{room.package}"), room.made_by)(self)
        setattr(self, name, made)
        return made

    # --- what is borrowed from the process, and given back ---

    @contextlib.contextmanager
    def _environment(self) -> Iterator[None]:
        here = {"AWS_DEFAULT_REGION": self.region, "AWS_REGION": self.region}
        with machine.aside(), mock.patch.dict(os.environ, here):
            yield

    @contextlib.contextmanager
    def _time(self) -> Iterator[None]:
        with time_machine.travel(self.clock.now, tick=False) as traveller:
            move: Callable[[float], None] = traveller.move_to
            self.clock.on_move(lambda now: move(now) if self._is_open else None)
            self._is_open = True
            try:
                yield
            finally:
                self._is_open = False

    @contextlib.contextmanager
    def _moto(self) -> Iterator[None]:
        config: Any = {
            "iam": {"load_aws_managed_policies": False},
            "lambda": {"use_docker": False},
            "batch": {"use_docker": False},
            "stepfunctions": {"execute_state_machine": False},
        }
        patches = (
            *acm_moto.PATCHES,
            *cloudwatch_moto.PATCHES,
            *dynamodb_moto.PATCHES,
            *ec2_moto.patches(self.clock, lambda: self.ascii_tags),
            *elbv2_moto.patches(self.clock, lambda: self.balancer_seconds, lambda: self.ascii_tags, acm_moto.status),
            *events_moto.PATCHES,
            *iam_moto.PATCHES,
            *kms_moto.PATCHES,
            *lambda_moto.PATCHES,
            *logs_moto.PATCHES,
            *route53_moto.PATCHES,
            *public.PATCHES,
            *s3_moto.patches(lambda: self.caller_now, self.iam),
            *scheduler_moto.PATCHES,
            *sns_moto.patches(self),
            *sqs_moto.PATCHES,
            *ssm_moto.PATCHES,
        )
        _forget()
        mock_random.seed(f"{self.seed} moto")
        with mock.patch.dict(default_user_config, config), applied(patches):
            try:
                yield
            finally:
                _forget()


@functools.cache
def _owners_clients(_region: str) -> dict[tuple[str, str, str], Any]:
    return {}


@functools.cache
def _hooks() -> Any:
    """What botocore hangs into each session: made once and copied, as making it is most of a session's cost."""
    session: Any = botocore.session.Session()
    return session._original_handler  # there is no public way to it


def _forget() -> None:
    """Empty moto. Its own reset makes each backend anew only to drop it, which costs a second per ten accounts."""
    instances: list[Any] = vars(BackendDict)["_instances"]
    for backends in instances:
        if backends.service_name == "s3":
            # Buckets hold temporary files open.
            for per_account in backends.values():
                per_account.reset()
        backends.clear()
    instances.clear()
    reset_model_data()
