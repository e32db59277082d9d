"""Where moto's Parameter Store is wrong for what this project needs: it tells parameters ten by ten, whoever asks."""

from __future__ import annotations

from typing import Any

from moto.core.responses import ActionResult
from moto.ssm.responses import SimpleSystemManagerResponse

from localcloud.ground.errors import AwsError
from localcloud.ground.moto import Patches
from localcloud.ground.pages import page

_PAGE = 10
"""As many as AWS gives to one who does not say how many."""


def _describe_parameters(response: Any) -> ActionResult:
    found = response.ssm_backend.describe_parameters(
        response._get_param("Filters"), response._get_param("ParameterFilters")
    )
    refusal = AwsError("InvalidNextToken", "The specified token is not valid.", 400)
    size = response._get_param("MaxResults") or _PAGE
    listed, more = page(found, response._get_param("NextToken"), size, refusal)
    told: dict[str, Any] = {"Parameters": [one.describe_response_object(decrypt=False) for one in listed]}
    return ActionResult(told | ({"NextToken": more} if more else {}))


PATCHES: Patches = ((SimpleSystemManagerResponse, "describe_parameters", _describe_parameters),)
