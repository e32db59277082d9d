"""SAM and CloudFormation deploy onto the served cloud: a small stack, and the product itself as infra would."""

import json
from pathlib import Path

import pytest

from replay.story import ROOT
from tests.wire.served import AWS, SAM, Shell, shell, up

NETWORK = "adways-vpc-lattice-network"
STACK = f"onramp-{NETWORK}"
BALANCER = (
    "arn:aws:elasticloadbalancing:ap-northeast-1:222222222222:"
    "loadbalancer/app/yabuki-lattice-internal-alb/50dc6c495c0c9188"
)
VPC = "vpc-0c2f6a1d9b3e48570"

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


@pytest.mark.slow
def test_the_product_is_deployed_by_sam_and_a_tag_by_the_aws_cli_makes_it_run(tmp_path: Path) -> None:
    with up("--story", "by-hand", "--speed", "0") as served, shell(tmp_path, served, SAM, AWS) as bash:
        start = served.ask("world")["things"]
        typed(
            bash,
            "111111111111",
            f"sam deploy --template-file {ROOT}/template.yaml --config-env production --no-confirm-changeset"
            f" --stack-name {STACK}"
            f" --parameter-overrides NetworkName={NETWORK} MemberAccounts=111111111111,222222222222"
            " KeepSeconds=0",
        )
        outputs = typed(
            bash,
            "111111111111",
            f"aws cloudformation describe-stacks --stack-name {STACK}"
            " --query 'Stacks[0].Outputs[].[OutputKey,OutputValue]' --output text",
        )
        given = dict(line.split("\t") for line in outputs.splitlines())
        wanted = ("NetworkName", "NetworkAccountId", "ServiceNetworkArn", "TagPrefix")
        parameters = " ".join(f"{key}={given[key]}" for key in wanted)
        for member in ("111111111111", "222222222222"):
            typed(
                bash,
                member,
                f"aws cloudformation deploy --stack-name {STACK}-member --template-file {ROOT}/member.yaml"
                f" --capabilities CAPABILITY_NAMED_IAM --parameter-overrides {parameters}",
            )
        served.ask("advance")
        typed(
            bash,
            "111111111111",
            f"aws ec2 create-tags --resources {VPC} --tags"
            f" Key=lattice:network,Value={NETWORK} Key=lattice:allow-from,Value=10.1.33.54/32",
        )
        typed(
            bash,
            "222222222222",
            f"aws elbv2 add-tags --resource-arns {BALANCER} --tags Key=lattice:network,Value={NETWORK}"
            " Key=lattice:service,Value=development-aws-ec2-vpc-lattice-yabuki Key=lattice:listen,Value=HTTP:80",
        )
        served.ask("advance")
        tags = typed(
            bash, "222222222222", f"aws elbv2 describe-tags --resource-arns {BALANCER} --query TagDescriptions[0].Tags"
        )
        answer = {tag["Key"]: tag["Value"] for tag in json.loads(tags)}
        assert answer["lattice-onramp:status"] == "connected"
        reached = served.ask("request", **{"from": "10.1.33.54", "url": f"http://{answer['lattice-onramp:domain']}/"})
        assert (reached["status"], reached["server"]) == (200, "nginx")
        steps = [it["step"] for it in served.happenings if it["kind"] == "step"]
        assert {step["outcome"] for step in steps} == {"done"}
        assert {"ShareNetwork", "AcceptShare", "AssociateService", "AssociateVpc"} <= {it["kind"] for it in steps}
        assert not [it for it in served.happenings if it["kind"] == "problem"]

        keys = "lattice:network lattice:service lattice:listen"
        typed(bash, "222222222222", f"aws elbv2 remove-tags --resource-arns {BALANCER} --tag-keys {keys}")
        typed(
            bash,
            "111111111111",
            f"aws ec2 delete-tags --resources {VPC} --tags Key=lattice:network Key=lattice:allow-from",
        )
        served.ask("advance")
        for member in ("222222222222", "111111111111"):
            typed(bash, member, f"aws cloudformation delete-stack --stack-name {STACK}-member")
        # `sam delete` takes the address of an uploaded template for no S3 URL when S3 is not AWS's.
        typed(bash, "111111111111", f"aws cloudformation delete-stack --stack-name {STACK}")
        served.ask("advance")
        assert served.ask("world")["things"] == start
