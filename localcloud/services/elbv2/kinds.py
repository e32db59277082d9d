"""Load balancers, target groups and listeners, as CloudFormation makes them."""

from __future__ import annotations

from localcloud.ground.kinds import Made, Work, kind, retag, there


@kind(
    "AWS::ElasticLoadBalancingV2::LoadBalancer",
    lambda work: work.client("elbv2").delete_load_balancer(LoadBalancerArn=there(work).id),
    attributes=("CanonicalHostedZoneID", "DNSName", "LoadBalancerArn", "LoadBalancerFullName", "LoadBalancerName"),
    replaces=("Name", "Scheme", "Type"),
)
def _load_balancer(work: Work) -> Made:
    elb = work.client("elbv2")
    name = work.name(work.take("Name"), 32)
    attributes = work.take("LoadBalancerAttributes")
    given = work.take_some("IpAddressType", "Scheme", "SecurityGroups", "SubnetMappings", "Subnets", "Type")
    if work.old is None:
        tags = work.tag_list()
        balancer = elb.create_load_balancer(Name=name, **given, **({"Tags": tags} if tags else {}))["LoadBalancers"][0]
        arn = balancer["LoadBalancerArn"]
        made = Made(
            arn,
            {
                "LoadBalancerArn": arn,
                "LoadBalancerName": name,
                "LoadBalancerFullName": arn.partition("loadbalancer/")[2],
                "DNSName": balancer["DNSName"],
                "CanonicalHostedZoneID": balancer.get("CanonicalHostedZoneId", ""),
                "Name_": name,
            },
        )
    else:
        made = work.old
        if given.get("SecurityGroups"):
            elb.set_security_groups(LoadBalancerArn=made.id, SecurityGroups=given["SecurityGroups"])
        retag(
            work,
            lambda tags: elb.add_tags(ResourceArns=[made.id], Tags=[{"Key": k, "Value": v} for k, v in tags.items()]),
            lambda keys: elb.remove_tags(ResourceArns=[made.id], TagKeys=keys),
        )
    if attributes:
        elb.modify_load_balancer_attributes(LoadBalancerArn=made.id, Attributes=attributes)
    return made


@kind(
    "AWS::ElasticLoadBalancingV2::TargetGroup",
    lambda work: work.client("elbv2").delete_target_group(TargetGroupArn=there(work).id),
    attributes=("TargetGroupArn", "TargetGroupFullName", "TargetGroupName"),
    replaces=None,
)
def _target_group(work: Work) -> Made:
    elb = work.client("elbv2")
    name = work.name(work.take("Name"), 32)
    targets = work.take("Targets")
    work.take("TargetGroupAttributes")
    given = work.take_some(
        "HealthCheckEnabled",
        "HealthCheckIntervalSeconds",
        "HealthCheckPath",
        "HealthCheckPort",
        "HealthCheckProtocol",
        "HealthCheckTimeoutSeconds",
        "HealthyThresholdCount",
        "Matcher",
        "Port",
        "Protocol",
        "ProtocolVersion",
        "TargetType",
        "UnhealthyThresholdCount",
        "VpcId",
    )
    tags = work.tag_list()
    answer = elb.create_target_group(Name=name, **given, **({"Tags": tags} if tags else {}))
    arn = answer["TargetGroups"][0]["TargetGroupArn"]
    if targets:
        elb.register_targets(TargetGroupArn=arn, Targets=targets)
    full = arn.split(":")[-1]
    return Made(arn, {"TargetGroupArn": arn, "TargetGroupFullName": full, "TargetGroupName": name})


@kind(
    "AWS::ElasticLoadBalancingV2::Listener",
    lambda work: work.client("elbv2").delete_listener(ListenerArn=there(work).id),
    attributes=("ListenerArn",),
    replaces=("LoadBalancerArn",),
    requires=(
        "LoadBalancerArn",
        "DefaultActions",
    ),
)
def _elb_listener(work: Work) -> Made:
    elb = work.client("elbv2")
    given = work.take_some("AlpnPolicy", "Certificates", "DefaultActions", "Port", "Protocol", "SslPolicy")
    balancer = work.take("LoadBalancerArn")
    if work.old is None:
        arn = elb.create_listener(LoadBalancerArn=balancer, **given)["Listeners"][0]["ListenerArn"]
    else:
        arn = work.old.id
        elb.modify_listener(ListenerArn=arn, **given)
    return Made(arn, {"ListenerArn": arn})
