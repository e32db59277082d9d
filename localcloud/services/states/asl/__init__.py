"""The Amazon States Language as text: paths, payload templates, intrinsic functions, choices, and what is valid.

The JSONPath flavour. Nothing here runs anything; `states` does. Whatever this does not know is refused
when a definition is checked, so that no field is silently left out. Source: the States Language
specification (states-language.net) and the Step Functions developer guide.
"""

from localcloud.ground.paths import Json, Scope, check_path, find
from localcloud.services.states.asl.choices import holds, moment
from localcloud.services.states.asl.errors import StatesError
from localcloud.services.states.asl.intrinsics import calculate
from localcloud.services.states.asl.templates import fill, place
from localcloud.services.states.asl.validate import check, tasks
from localcloud.services.states.asl.values import LONGEST

__all__ = [
    "LONGEST",
    "Json",
    "Scope",
    "StatesError",
    "calculate",
    "check",
    "check_path",
    "fill",
    "find",
    "holds",
    "moment",
    "place",
    "tasks",
]
