"""Elastic Load Balancing, moto's, with what is wrong in it put right."""

from __future__ import annotations

from moto.backends import get_backend


def tags_of(arn: str) -> dict[str, str]:
    """The tags of a load balancer, a listener or a target group; empty for what is not there."""
    region, account = arn.split(":", 5)[3:5]
    return dict(get_backend("elbv2")[account][region].tagging_service.get_tag_dict_for_resource(arn))
