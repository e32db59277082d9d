"""Records of a service's own domain, in the hosted zone that its tag names."""

from typing import Any

from onramp.aws.apply.scene import Scene, removed
from onramp.core.model import NETWORKS_ZONE, Record
from onramp.core.steps import CreateRecords, DeleteRecords


def create_records(scene: Scene, step: CreateRecords) -> str:
    # In one change, which is done as a whole or not at all: CREATE never takes the place of what is there (facts R23).
    changes = [_record("DELETE", one) for one in step.gone] + [_record("CREATE", one) for one in step.make]
    scene.client("route53").change_resource_record_sets(HostedZoneId=_zone(step), ChangeBatch={"Changes": changes})
    return ""


def delete_records(scene: Scene, step: DeleteRecords) -> str:
    # DELETE has to repeat what is there: what a hand has changed since it was read stays, and the next look tells.
    changes = [_record("DELETE", one) for one in step.gone]
    return removed(
        lambda: scene.client("route53").change_resource_record_sets(
            HostedZoneId=_zone(step), ChangeBatch={"Changes": changes}
        )
    )


def _zone(step: CreateRecords | DeleteRecords) -> str:
    """Whoever's it is: the batch is done by the role of its account."""
    return step.zone.removeprefix(NETWORKS_ZONE)


def _record(action: str, record: Record) -> dict[str, Any]:
    if record.to:
        alias = {"HostedZoneId": record.zone, "DNSName": record.to, "EvaluateTargetHealth": record.healthy}
        leads: dict[str, Any] = {"AliasTarget": alias}
    else:
        leads = {"TTL": record.ttl, "ResourceRecords": [{"Value": value} for value in record.values]}
    return {"Action": action, "ResourceRecordSet": {"Name": record.name, "Type": record.type, **leads}}
