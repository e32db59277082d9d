"""Whether an answer is what the model says: of ours always, of moto where somebody asks."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

from localcloud.door.validate import violations
from localcloud.door.wire.parameters import below
from localcloud.ground.errors import AwsError, WrongAnswer
from localcloud.ground.models import error_shapes, operation_model
from localcloud.ground.service import Params


def check_answer(service: str, operation: str, result: Params) -> None:
    """Raise WrongAnswer when an answer of ours is not a value of the operation's output shape."""
    shape = operation_model(service, operation).output_shape
    if shape is None:
        if result:
            raise WrongAnswer(f"{service}:{operation} answers nothing by its model, but answered {result}")
        return
    beyond = [one for one in violations(result, shape) if (service, one.where) not in _BEYOND_OUR_MODELS]
    problems = [str(one) for one in beyond]
    problems += [f"'{where}' is not in the model" for where in _unknown(result, shape)]
    if problems:
        raise WrongAnswer(f"{service}:{operation}: " + "; ".join(problems))


_BEYOND_OUR_MODELS = frozenset(
    {
        (
            "vpc-lattice",
            "resourceId",
        ),  # of a configuration, whose access logs (facts-2 R14) its pattern has no room for
        ("route53", "VPCs"),  # one at least by the model, as in what is asked, and none where nobody is authorised
    }
)

_WHOLLY_OURS = frozenset({"organizations", "ram", "resourcegroupstaggingapi", "vpc-lattice"})
_OF_EVERY_SERVICE = frozenset({"AccessDeniedException", "NotImplementedException"})


def check_refusal(service: str, operation: str, error: AwsError) -> None:
    """Raise WrongAnswer when a service that is ours alone refuses a call with an error that its model has not."""
    if service not in _WHOLLY_OURS or error.code in _OF_EVERY_SERVICE:
        return
    declared = {str(shape.error_code): shape for shape in error_shapes(service, operation)}
    shape = declared.get(error.code)
    if shape is None:
        raise WrongAnswer(f"{service}:{operation} has no {error.code} in its model: {error.message}")
    status = shape.metadata.get("error", {}).get("httpStatusCode", error.status)
    if status != error.status:
        raise WrongAnswer(f"{service}:{operation} answers {error.code} with {status}, not with {error.status}")


_BEYOND_THE_MODEL = frozenset(
    {
        ("dynamodb", "NumberOfDecreasesToday"),  # at least 1 by the model, and 0 where nothing was decreased
        ("ec2", "Platform"),  # the model knows Windows, the answers say windows
        ("route53", "DelegationSet"),  # required by the model, and not there of a private zone
        ("route53", "Id"),  # longer than the model has it, by the /hostedzone/ before it
        ("route53", "Marker"),  # required by the model, and not there on a first page
    }
)


def check_moto_answer(service: str, operation: str, result: Params) -> None:
    """The same for what moto answered, but for the places where AWS itself does not keep to its model.

    An empty list or map is one of them, where the model has the shape of a request's of at least one.
    """
    shape = operation_model(service, operation).output_shape
    found = [one for one in violations(result, shape) if one.value not in ([], {})] if shape is not None else []
    problems = [str(one) for one in found if not _is_beyond(service, one.where)]
    if problems:
        raise WrongAnswer(f"moto's {service}:{operation}: " + "; ".join(problems))


def _is_beyond(service: str, where: str) -> bool:
    last = where.rpartition(".")[2]
    # Of an endpoint the model knows Available, the answers say available.
    is_endpoint = service == "ec2" and where.startswith("VpcEndpoint") and last == "State"
    return is_endpoint or (service, last) in _BEYOND_THE_MODEL


def _unknown(value: Any, shape: Any, where: str = "") -> Iterator[str]:
    if shape.type_name == "structure" and isinstance(value, dict) and not getattr(shape, "is_document_type", 0):
        for name, item in value.items():
            if name not in shape.members:
                yield below(where, name)
            elif item is not None:
                yield from _unknown(item, shape.members[name], below(where, name))
    elif shape.type_name == "list" and isinstance(value, list):
        for item in value:
            yield from _unknown(item, shape.member, where)
    elif shape.type_name == "map" and isinstance(value, dict):
        for item in value.values():
            yield from _unknown(item, shape.value, where)


@contextlib.contextmanager
def noting(wrong_answers: list[WrongAnswer]) -> Iterator[None]:
    """Keep a wrong answer for the end: whoever called may take it for an error of AWS and go on."""
    try:
        yield
    except WrongAnswer as wrong:
        wrong_answers.append(wrong)
        raise
