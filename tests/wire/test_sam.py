"""SAM deploys a small stack onto the served cloud. The product itself is deployed by tests/e2e, as its page says."""

import json
from pathlib import Path

import pytest

from tests.wire.served import AWS, SAM, Shell, shell, up

SMALL = """\
AWSTemplateFormatVersion: "2010-09-09"
Transform: AWS::Serverless-2016-10-31
Resources:
  Greeter:
    Type: AWS::Serverless::Function
    Properties:
      Runtime: python3.13
      Handler: app.handler
      CodeUri: src
Outputs:
  Greeter:
    Value: !Ref Greeter
"""

CODE = """\
def handler(event, context):
    return {"greeting": f"hello, {event['name']}"}
"""


def typed(bash: Shell, account: str, command: str) -> str:
    """The output of a command that must succeed."""
    status, out, err = bash.type(f"export AWS_ACCESS_KEY_ID={account}; {command}")
    assert status == 0, f"{command}\n{out}\n{err}"
    return out


@pytest.mark.slow
def test_sam_deploys_a_function_that_answers(tmp_path: Path) -> None:
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "app.py").write_text(CODE)
    (tmp_path / "template.yaml").write_text(SMALL)
    with up() as served, shell(tmp_path, served, SAM, AWS) as bash:
        told = typed(bash, "222222222222", "sam deploy --stack-name greeter --resolve-s3 --capabilities CAPABILITY_IAM")
        assert "Successfully created/updated stack - greeter" in told
        name = typed(
            bash,
            "222222222222",
            "aws cloudformation describe-stacks --stack-name greeter"
            " --query 'Stacks[0].Outputs[0].OutputValue' --output text",
        ).strip()
        typed(
            bash,
            "222222222222",
            f"""aws lambda invoke --function-name {name} --payload '{{"name": "you"}}' answer.json""",
        )
        assert json.loads((tmp_path / "answer.json").read_text()) == {"greeting": "hello, you"}
