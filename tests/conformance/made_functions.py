"""Functions and roles, for tests of what sends to them."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from typing import Any

from lattice_world import MEMBER

type Aws = Callable[[str, str], Any]


def make_role(aws: Aws, account: str, name: str, service: str, policy: dict[str, Any]) -> str:
    iam = aws("iam", account)
    trust = {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}],
    }
    arn = iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(trust))["Role"]["Arn"]
    iam.put_role_policy(RoleName=name, PolicyName="p", PolicyDocument=json.dumps(policy))
    return str(arn)


def make_function(aws: Aws, **more: Any) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("app.py", "def handler(event, context):\n    return event\n")
    given = {"FunctionName": "f", "Runtime": "python3.13", "Handler": "app.handler", **more}
    logs = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "logs:*", "Resource": "*"}]}
    role = make_role(aws, MEMBER, "function", "lambda.amazonaws.com", logs)
    aws("lambda", MEMBER).create_function(Role=role, Code={"ZipFile": packed.getvalue()}, **given)
