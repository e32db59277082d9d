"""Route 53 changes records as a whole or not at all, and takes no record's place unasked (facts R23)."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError
from lattice_world import MEMBER, World

ALIAS = {"HostedZoneId": "Z0123456789ABC", "DNSName": "Orders.on.aws", "EvaluateTargetHealth": False}
A: dict[str, Any] = {"Name": "API.example.jp", "Type": "A", "AliasTarget": ALIAS}
TXT: dict[str, Any] = {
    "Name": "_mark.api.example.jp",
    "Type": "TXT",
    "TTL": 60,
    "ResourceRecords": [{"Value": '"ours, and ours"'}],
}
CNAME: dict[str, Any] = {
    "Name": "api.example.jp",
    "Type": "CNAME",
    "TTL": 60,
    "ResourceRecords": [{"Value": "elsewhere.example.jp"}],
}


class Zone:
    """A hosted zone of a member's."""

    def __init__(self, world: World) -> None:
        self.route53 = world.aws("route53", MEMBER)
        made = self.route53.create_hosted_zone(Name="Example.jp", CallerReference="1")["HostedZone"]
        self.id = made["Id"]

    def change(self, *changes: tuple[str, dict[str, Any]]) -> str:
        """The code and the text of its refusal, or ''."""
        batch = {"Changes": [{"Action": action, "ResourceRecordSet": one} for action, one in changes]}
        try:
            self.route53.change_resource_record_sets(HostedZoneId=self.id, ChangeBatch=batch)
        except ClientError as error:
            return f"{error.response['Error']['Code']} {error.response['Error']['Message']}"
        return ""

    def records(self, **given: str) -> list[dict[str, Any]]:
        found = self.route53.list_resource_record_sets(HostedZoneId=self.id, **given)["ResourceRecordSets"]
        return [one for one in found if one["Type"] not in {"NS", "SOA"}]


@pytest.fixture
def zone(world: World) -> Zone:
    return Zone(world)


def test_names_are_answered_in_small_letters_and_with_a_dot(zone: Zone) -> None:
    assert zone.id.startswith("/hostedzone/Z")
    assert zone.change(("CREATE", A), ("CREATE", TXT)) == ""
    alias, text = zone.records(StartRecordName="api.example.jp")
    assert (alias["Name"], alias["AliasTarget"]["DNSName"]) == ("api.example.jp.", "orders.on.aws.")
    assert text["ResourceRecords"] == TXT["ResourceRecords"]
    [only] = zone.records(StartRecordName="_mark.API.example.jp", StartRecordType="TXT", MaxItems="1")
    assert only == text


@pytest.mark.parametrize(
    ("there", "change", "says"),
    [
        (A, ("CREATE", A), "name='api.example.jp.', type='A'] but it already exists"),
        (A, ("CREATE", {**A, "AliasTarget": {**ALIAS, "DNSName": "other.on.aws"}}), "but it already exists"),
        (A, ("CREATE", CNAME), "RRSet of type CNAME with DNS name api.example.jp. is not permitted as it conflicts"),
        (CNAME, ("CREATE", A), "RRSet of type A with DNS name api.example.jp. is not permitted as it conflicts"),
        (A, ("CREATE", {**A, "Name": "api.another.jp"}), "api.another.jp. is not permitted in zone example.jp."),
        (A, ("CREATE", {**A, "Name": "api.myexample.jp"}), "is not permitted in zone example.jp."),
        (A, ("DELETE", {**A, "Type": "AAAA"}), "type='AAAA'] but it was not found"),
        (
            A,
            ("DELETE", {**A, "AliasTarget": {**ALIAS, "EvaluateTargetHealth": True}}),
            "but the values provided do not match the current values",
        ),
        (
            A,
            ("CREATE", {**CNAME, "Name": "example.jp"}),
            "RRSet of type CNAME with DNS name example.jp. is not permitted",
        ),
        (A, ("CREATE", {**A, "Type": "NS", "Name": "ns.example.jp"}), "The NS record cannot be an alias"),
        (TXT, ("CREATE", {**TXT, "SetIdentifier": "one", "Weight": 1}), "cannot be created as other RRSets exist"),
        (TXT, ("CREATE", {**TXT, "Name": "w.example.jp", "Weight": 1}), "Missing field 'SetIdentifier'"),
        (
            A,
            ("CREATE", {**TXT, "Name": "m.example.jp", "Type": "MX", "ResourceRecords": [{"Value": "a.jp"}]}),
            "MXRRDATA",
        ),
        (TXT, ("DELETE", {**TXT, "TTL": 61}), "but the values provided do not match the current values"),
    ],
)
def test_what_does_not_fit_is_refused_and_nothing_of_its_batch_is_done(
    zone: Zone, there: dict[str, Any], change: tuple[str, dict[str, Any]], says: str
) -> None:
    assert zone.change(("CREATE", there)) == ""
    before = zone.records()
    refused = zone.change(("CREATE", {**TXT, "Name": "beside.example.jp"}), change)
    assert refused.startswith("InvalidChangeBatch [")
    assert says in refused
    assert zone.records() == before


def test_a_record_gives_way_to_another_in_one_batch_and_by_upsert(zone: Zone) -> None:
    other = {**A, "AliasTarget": {**ALIAS, "DNSName": "other.on.aws"}}
    assert zone.change(("CREATE", A)) == ""
    assert zone.change(("DELETE", A), ("CREATE", other)) == ""
    assert [one["AliasTarget"]["DNSName"] for one in zone.records()] == ["other.on.aws."]
    assert zone.change(("UPSERT", A)) == ""
    assert [one["AliasTarget"]["DNSName"] for one in zone.records()] == ["orders.on.aws."]
    assert zone.change(("DELETE", {**A, "AliasTarget": {**ALIAS, "DNSName": "orders.on.aws."}})) == ""
    assert zone.records() == []


def test_an_alias_leads_to_another_record_of_its_zone_and_nothing_is_changed_twice_in_a_batch(zone: Zone) -> None:
    def to(name: str) -> dict[str, Any]:
        return {**A, "AliasTarget": {**ALIAS, "HostedZoneId": zone.id.rpartition("/")[2], "DNSName": name}}

    host = {**TXT, "Name": "host.example.jp", "Type": "A", "ResourceRecords": [{"Value": "10.0.0.1"}]}
    assert "that target was not found" in zone.change(("CREATE", to("host.example.jp")))
    assert "that target was not found" in zone.change(("CREATE", to("api.example.jp")))
    assert "does not lie within the target zone" in zone.change(("CREATE", to("host.example.com")))
    assert zone.change(("CREATE", to("host.example.jp")), ("CREATE", host)) == ""
    twice = zone.change(("UPSERT", host), ("UPSERT", host))
    assert "invalid set of changes for a resource record set 'A host.example.jp.'" in twice
    sets = zone.route53.create_reusable_delegation_set
    sets(CallerReference="one")
    with pytest.raises(ClientError, match="DelegationSetAlreadyCreated"):
        sets(CallerReference="one")


def test_a_zone_that_is_not_there_is_told(zone: Zone) -> None:
    with pytest.raises(ClientError, match="NoSuchHostedZone"):
        zone.route53.get_hosted_zone(Id="Z0000000000000")
