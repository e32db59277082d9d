"""What the inventory says of an account: how its services and clients stand, what is refused, what waits for a yes."""

from typing import Literal

from onramp.core.model import Value

UNREAD_CODE = "unread"
"""The code of what could not be read, in answers and refusals."""

DELETION_LIMIT = "deletion-limit"
"""The code of the refusal to disconnect more than the limit at once; it has an alarm of its own."""


class Refusal(Value, frozen=True):
    """A declaration that cannot be met: `code` for machines, `message` says what to do about it. `name`: of the service
    that a load balancer asks for, '' of all else.
    """

    code: str
    resource: str
    message: str
    name: str = ""


type Status = Literal[
    "connecting", "connected", "unreachable", "waiting", "refused", "failed", "disconnecting", "held", "kept"
]
"""What is, as docs/states.md tells it. `kept` is a service's alone: off the network, with its name, for a time."""


class Request(Value, frozen=True):
    """What infra has to approve before it is made. `id`: the account, and the hash of what `what` shows, line by line.

    `state`: before - it was there before anything had to be approved. `by`, `at`: whose answer, and epoch seconds.
    """

    id: str
    kind: Literal["service", "client"]
    name: str
    resource: str
    what: tuple[str, ...]
    state: Literal["waiting", "approved", "rejected", "before"] = "waiting"
    by: str = ""
    at: float = 0.0


class ServiceState(Value, frozen=True):
    """A service as it is. `load_balancers` are the ARNs of those that ask for it or still stand behind it; one that
    people made themselves asks for itself.

    `answers`: a request can get through now, as far as could be read, by way of those that are `serving`. `until`:
    epoch seconds to which a kept one stays. `settings`: those that tags ask for, or that are not taken back yet.
    `custom_domain`: the domain of its own, '' for none.
    """

    account: str
    name: str
    network: str
    status: Status
    domain: str = ""
    arn: str = ""
    load_balancers: tuple[str, ...] = ()
    message: str = ""
    answers: bool = False
    serving: tuple[str, ...] = ()
    until: float = 0.0
    settings: tuple[str, ...] = ()
    custom_domain: str = ""


class ClientState(Value, frozen=True):
    """A VPC that calls. `answers`: it is joined, and its requests get as far as the network."""

    account: str
    vpc: str
    network: str
    status: Status
    arn: str = ""
    message: str = ""
    answers: bool = False
