"""A service's settings, by tag: who may call it, and how long a connection may idle; changed while it is called."""

import json
from typing import Any

from localcloud.door.call import Done
from localcloud.ground.caller import Caller
from localcloud.ground.journal import CallRecord
from tests.stories.said import BALANCER, CALLERS, SERVICE, TEAM, VPC, Said, connected

CHANGES = frozenset({"UpdateService", "PutAuthPolicy", "DeleteAuthPolicy"})
ELSEWHERE = "vpc-0123456789abcdef0"


def service(said: Said) -> dict[str, Any]:
    lattice = said.cloud.client("vpc-lattice", TEAM)
    [found] = [one for one in lattice.list_services()["items"] if one["name"] == SERVICE]
    return dict(lattice.get_service(serviceIdentifier=found["id"]))


def policy(said: Said) -> str:
    lattice = said.cloud.client("vpc-lattice", TEAM)
    return str(lattice.get_auth_policy(resourceIdentifier=service(said)["id"]).get("policy", ""))


def the_parameter(said: Said, text: str, kind: Any = "String") -> str:
    name = "/lattice-onramp/orders"
    said.cloud.client("ssm", TEAM).put_parameter(Name=name, Value=text, Type=kind, Overwrite=True)
    return name


def changed(said: Said) -> list[str]:
    """What the product has asked of the service itself, in order."""
    calls = [one for one in said.cloud.journal.of(CallRecord) if one.function and one.operation in CHANGES]
    assert {one.outcome for one in calls} <= {"ok"}
    return [f"{one.operation} {one.params.get('authType', '')}".strip() for one in calls]


def test_who_may_call_is_changed_in_place_and_nobody_who_may_is_turned_away() -> None:
    with connected() as said:
        signer = Caller(TEAM, said.cloud.region, "")
        answered: list[int | str] = []
        domain = said.told()["domain"]

        def ask(done: Done) -> None:
            if done.operation in CHANGES:
                answered.append(said.asks(domain=domain, signer=signer))

        said.cloud.gate.observe(ask)
        for wish, unsigned, signed in (
            (f"vpcs {VPC}", 200, 200),
            ("none", 200, 200),
            ("iam", "auth policy", 200),
            (f"accounts {CALLERS}", "auth policy", "auth policy"),
            (f"accounts {TEAM}", "auth policy", 200),
            (f"vpcs {ELSEWHERE} {VPC}", 200, 200),
        ):
            said.tag(auth=wish)
            assert said.told()["status"] == "connected"
            assert (said.asks(), said.asks(signer=signer)) == (unsigned, signed), wish
        said.untag(BALANCER, "auth")
        assert (said.asks(), service(said)["authType"], policy(said)) == (200, "NONE", "")
        # The one whom every wish but one lets in, asked at every moment in between.
        assert answered.count("auth policy") == 1
        assert set(answered) == {200, "auth policy"}
        assert changed(said)[:4] == [
            "PutAuthPolicy",
            "UpdateService AWS_IAM",
            "UpdateService NONE",
            "DeleteAuthPolicy",
        ]


def test_a_team_s_own_policy_is_put_from_its_parameter_and_a_bad_one_changes_nothing() -> None:
    with connected() as said:
        anybody = {"Effect": "Allow", "Principal": "*", "Action": "vpc-lattice-svcs:Invoke", "Resource": "*"}
        gets = {"StringEquals": {"vpc-lattice-svcs:RequestMethod": "GET"}}
        name = the_parameter(said, json.dumps({"Statement": {**anybody, "Condition": gets}}, indent=2))
        said.tag(auth_policy=name)
        assert (said.told()["status"], said.asks(), said.asks(method="POST")) == ("connected", 200, "auth policy")
        assert "\n" not in policy(said)

        before = policy(said)
        the_parameter(said, "everybody")
        said.cloud.clock.advance(3700)
        said.cloud.settle()
        assert said.told()["message"].startswith("auth-policy-invalid: write JSON: it is none")
        assert (policy(said), said.asks(), said.told()["domain"] != "") == (before, 200, True)

        said.cloud.client("ssm", TEAM).delete_parameter(Name=name)
        said.cloud.clock.advance(3700)
        said.cloud.settle()
        assert said.told()["message"].startswith("auth-policy-missing: put your policy into SSM parameter")
        assert policy(said) == before


def test_a_team_s_own_policy_that_lets_nobody_in_is_told_so_and_the_name_stays() -> None:
    with connected() as said:
        anybody = {"Effect": "Allow", "Principal": "*", "Action": "vpc-lattice-svcs:Invoke", "Resource": "*"}
        there, domain = service(said)["arn"], said.told()["domain"]
        opens, shuts = (anybody, {**anybody, "Resource": f"{there}/*"}), ({**anybody, "Resource": there},)
        shuts += ({**anybody, "Effect": "Deny"}, {**anybody, "Action": "vpc-lattice-svcs:Connect"})
        for opening, shutting in zip((*opens, anybody), shuts, strict=True):
            for statement in (shutting, opening):
                said.tag(auth_policy=the_parameter(said, json.dumps({"Statement": statement})))
                said.cloud.clock.advance(3700)
                said.cloud.settle()
                is_open = statement is opening
                told = said.told()
                assert (said.asks(domain=domain) == 200) is is_open, statement
                assert told["status"] == ("connected" if is_open else "unreachable"), (statement, told)
                assert ("domain" in told, told.get("message", "").partition(":")[0]) == (
                    (True, "") if is_open else (False, "nobody-admitted")
                )
        assert (service(said)["arn"], said.told()["domain"]) == (there, domain)


def test_an_auth_type_that_a_hand_sets_is_told_where_it_lets_nobody_in_and_no_longer() -> None:
    with connected() as said:
        there, lattice = service(said)["arn"], said.cloud.client("vpc-lattice", TEAM)
        domain = said.told()["domain"]
        lattice.update_service(serviceIdentifier=there, authType="AWS_IAM")
        said.cloud.clock.advance(7 * 3600)  # HandsHours, which is six
        said.cloud.settle()
        assert (said.asks(domain=domain), said.told()["status"]) == ("auth policy", "unreachable")
        assert said.told()["message"].startswith("nobody-admitted: mend the auth policy of service ")
        said.tag(idle_timeout="90")
        assert (said.told()["status"], service(said)["authType"]) == ("unreachable", "AWS_IAM")
        lattice.update_service(serviceIdentifier=there, authType="NONE")
        said.tag(idle_timeout="120")
        assert (said.asks(), said.told()["status"]) == (200, "connected")


def test_an_idle_timeout_is_set_in_place_and_goes_back() -> None:
    with connected() as said:
        arn = service(said)["arn"]
        for wish, seconds in (("600", 600), ("90", 90), ("60", 60)):
            said.tag(idle_timeout=wish)
            assert (service(said)["idleTimeoutSeconds"], said.asks()) == (seconds, 200)
        said.tag(idle_timeout="120")
        said.untag(BALANCER, "idle-timeout")
        assert (service(said)["idleTimeoutSeconds"], service(said)["arn"]) == (60, arn)
        assert changed(said) == ["UpdateService"] * 5


def test_a_service_without_these_tags_costs_no_call_for_them() -> None:
    with connected() as said:
        said.cloud.clock.advance(3 * 3700)
        said.cloud.settle()
        asked = [one.operation for one in said.cloud.journal.of(CallRecord) if one.function]
        assert not {"GetAuthPolicy", "GetParameter", *CHANGES} & set(asked)
