"""What a call names by its ARN, or by another name that it has, is found; what is not there is told as such."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from localcloud.cloud import LocalCloud

ACCOUNT, REGION = "111111111111", "ap-northeast-1"
LEAVING: Any = Config(parameter_validation=False, retries={"total_max_attempts": 1})
NOWHERE = "12345678-1234-1234-1234-123456789012"


@pytest.fixture
def kms(cloud: LocalCloud) -> Any:
    return cloud.session(ACCOUNT).client("kms", config=LEAVING)


def tried(call: Callable[[], Any]) -> str:
    try:
        call()
    except ClientError as error:
        told = error.response["Error"]
    else:
        return ""
    assert "cannot take" not in told["Message"]
    return str(told["Code"])


GRANT = {"GranteePrincipal": f"arn:aws:iam::{ACCOUNT}:root", "Operations": ["Decrypt"]}
ON_A_KEY: dict[str, dict[str, Any]] = {
    "cancel_key_deletion": {},
    "create_grant": GRANT,
    "describe_key": {},
    "disable_key": {},
    "disable_key_rotation": {},
    "enable_key": {},
    "enable_key_rotation": {},
    "encrypt": {"Plaintext": b"x"},
    "generate_data_key": {"KeySpec": "AES_256"},
    "get_key_policy": {"PolicyName": "default"},
    "get_key_rotation_status": {},
    "get_public_key": {},
    "list_aliases": {},
    "list_grants": {},
    "list_key_policies": {},
    "list_key_rotations": {},
    "list_resource_tags": {},
    "retire_grant": {"GrantId": "x"},
    "rotate_key_on_demand": {},
    "schedule_key_deletion": {},
    "tag_resource": {"Tags": [{"TagKey": "a", "TagValue": "b"}]},
    "untag_resource": {"TagKeys": ["a"]},
    "update_key_description": {"Description": "x"},
}


@pytest.mark.parametrize("operation", ON_A_KEY)
def test_a_key_goes_by_its_id_and_its_arn(kms: Any, operation: str) -> None:
    for name in ("KeyId", "Arn"):
        key = kms.create_key()["KeyMetadata"]
        if operation == "cancel_key_deletion":
            kms.schedule_key_deletion(KeyId=key["KeyId"])
        assert tried(lambda name=key[name]: getattr(kms, operation)(KeyId=name, **ON_A_KEY[operation])) == ""
    for name in (NOWHERE, f"arn:aws:kms:{REGION}:{ACCOUNT}:key/{NOWHERE}", f"arn:aws:kms:{REGION}:{ACCOUNT}:alias/no"):
        code = tried(lambda name=name: getattr(kms, operation)(KeyId=name, **ON_A_KEY[operation]))
        assert code == "NotFoundException", name


@pytest.mark.parametrize("name", ["arn:aws:x", f"arn:aws:kms:eu-west-9:{ACCOUNT}:key/{NOWHERE}", "alias/no"])
@pytest.mark.parametrize("operation", ON_A_KEY)
def test_no_name_of_a_key_makes_a_failure_of_the_local_cloud(kms: Any, operation: str, name: str) -> None:
    assert tried(lambda: getattr(kms, operation)(KeyId=name, **ON_A_KEY[operation])) not in ("", "InternalFailure")


def test_a_deletion_names_the_key_by_its_arn(kms: Any) -> None:
    key = kms.create_key()["KeyMetadata"]
    told = kms.schedule_key_deletion(KeyId=key["KeyId"], PendingWindowInDays=7)
    assert (told["KeyId"], told["KeyState"], told["PendingWindowInDays"]) == (key["Arn"], "PendingDeletion", 7)
    assert kms.cancel_key_deletion(KeyId=key["Arn"])["KeyId"] == key["Arn"]


def test_a_keys_state_says_what_can_be_done_with_it(kms: Any) -> None:
    key = kms.create_key()["KeyMetadata"]["Arn"]
    kms.create_alias(AliasName="alias/a", TargetKeyId=key)
    assert tried(lambda: kms.cancel_key_deletion(KeyId=key)) == "KMSInvalidStateException"
    kms.disable_key(KeyId=key)
    assert tried(lambda: kms.encrypt(KeyId="alias/a", Plaintext=b"x")) == "DisabledException"
    kms.schedule_key_deletion(KeyId=key)
    for call in (kms.enable_key, kms.disable_key, kms.schedule_key_deletion, kms.enable_key_rotation):
        assert tried(lambda call=call: call(KeyId=key)) == "KMSInvalidStateException"


def test_a_stack_lets_go_of_a_key_whose_deletion_is_scheduled(cloud: LocalCloud, kms: Any) -> None:
    cloud.stacks.deploy_text('{"Resources": {"Key": {"Type": "AWS::KMS::Key"}}}', ACCOUNT, "keys")
    key = cloud.stacks.physical(ACCOUNT, "keys", "Key")
    kms.schedule_key_deletion(KeyId=key)
    cloud.stacks.delete(ACCOUNT, "keys")
    assert kms.describe_key(KeyId=key)["KeyMetadata"]["KeyState"] == "PendingDeletion"


@pytest.mark.parametrize("name", ["arn:aws:secretsmanager:eu-west-9:1:secret:x", "arn:aws:secretsmanager:::secret:x"])
def test_a_secret_of_nowhere_is_told_in_words(cloud: LocalCloud, name: str) -> None:
    secrets = cloud.session(ACCOUNT).client("secretsmanager", config=LEAVING)
    for call in (secrets.get_secret_value, secrets.describe_secret, secrets.list_secret_version_ids):
        assert tried(lambda call=call: call(SecretId=name)) == "ResourceNotFoundException"


def test_what_moto_looks_up_in_vain_is_the_operations_own_error(cloud: LocalCloud) -> None:
    dynamodb = cloud.session(ACCOUNT).client("dynamodb", config=LEAVING)
    arn = f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/t/export/01234567890123-a1b2c3d4"
    assert tried(lambda: dynamodb.describe_export(ExportArn=arn)) == "ExportNotFoundException"
    sns = cloud.session(ACCOUNT).client("sns", config=LEAVING)
    topic = f"arn:aws:sns:{REGION}:{ACCOUNT}:none"
    assert tried(lambda: sns.get_topic_attributes(TopicArn=topic)) == "NotFound"
