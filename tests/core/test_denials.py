"""What is told of a call that a role may not make: by AWS's own words, with the stack's parameter where one decides."""

import pytest
from onramp.core.denials import ACCESS_DENIED, STACK_DIFFERS, STEP_FAILED, code, differing, remedy

TEAM = "222222222222"
BY_ROLE = "because no identity-based policy allows it"
NETWORK = "arn:aws:vpc-lattice:x:111111111111:servicenetwork/sn-1"
SERVICE = "arn:aws:vpc-lattice:x:222222222222:service/svc-1"


def words(action: str, resource: str, why: str = BY_ROLE, account: str = "333333333333") -> str:
    who = f"arn:aws:sts::{account}:assumed-role/onramp-net-writer"
    return f"User: {who} is not authorized to perform: {action} on resource: {resource} {why}"


@pytest.mark.parametrize(
    ("said", "extra", "parameters"),
    [
        (words("vpc-lattice:TagResource", SERVICE), ("Owner", "CostCentre"), "ExtraTagKeys CostCentre Owner"),
        (words("vpc-lattice:GetServiceNetwork", NETWORK), (), "ServiceNetworkArn"),
        (words("vpc-lattice:CreateServiceNetworkServiceAssociation", NETWORK), (), "ServiceNetworkArn"),
        (words("vpc-lattice:CreateServiceNetworkVpcAssociation", NETWORK), (), "ServiceNetworkArn"),
        (words("route53:ChangeResourceRecordSets", "zone"), (), "HostedZoneArns and RecordDomains"),
        (words("route53:AssociateVPCWithHostedZone", "zone"), (), "HostedZoneArns and AssociateZones"),
    ],
)
def test_what_the_member_s_stack_alone_decides_is_told_by_its_parameter(
    said: str, extra: tuple[str, ...], parameters: str
) -> None:
    found = differing(said, TEAM, extra)
    assert found == f"update the member stack of account 333333333333 with the {parameters} of the network stack"
    assert code(f"{found}: {said}") == STACK_DIFFERS


def test_the_account_is_the_step_s_where_the_words_do_not_say_it() -> None:
    said = f"not authorized to perform: vpc-lattice:GetServiceNetwork {BY_ROLE}"
    assert f"account {TEAM} " in differing(said, TEAM)


@pytest.mark.parametrize(
    ("said", "extra"),
    [
        ("no", ()),
        (words("vpc-lattice:TagResource", SERVICE), ()),  # nothing that infra asked for is in it
        (words("vpc-lattice:CreateListener", SERVICE), ("Owner",)),
        (words("vpc-lattice:TagResource", SERVICE, "with an explicit deny in a permissions boundary"), ("Owner",)),
        (words("vpc-lattice:GetServiceNetwork", NETWORK, "because no resource-based policy allows it"), ()),
        # Of the service itself our mark decides, and no parameter.
        (words("vpc-lattice:CreateServiceNetworkServiceAssociation", SERVICE), ()),
    ],
)
def test_what_else_may_have_denied_it_is_no_parameter_s(said: str, extra: tuple[str, ...]) -> None:
    assert differing(said, TEAM, extra) == ""


@pytest.mark.parametrize(
    ("said", "operation", "found"),
    [
        ("in a service control policy", "CreateService", "give what the service control policy above demands"),
        ("in a permissions boundary", "CreateService", "allow it in the permissions boundary"),
        ("no", "CreateAccessLogSubscription", "let delivery.logs.amazonaws.com write"),
        ("no", "CreateService", "grant it to the role"),
    ],
)
def test_a_denial_is_known_by_its_remedy(said: str, operation: str, found: str) -> None:
    told = remedy(said, operation)
    assert told.startswith(found)
    assert code(f"{told}: {operation}: AccessDenied: {said}") == ACCESS_DENIED


def test_any_other_reason_is_a_step_that_failed() -> None:
    assert code("asked 3 times, and it is as it was") == STEP_FAILED
