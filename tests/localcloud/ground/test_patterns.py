"""Event patterns match what EventBridge's do, and are refused where it refuses them."""

import json
from typing import Any

import pytest

from localcloud.ground import patterns

EVENT: dict[str, Any] = {
    "source": "aws.tag",
    "account": "222222222222",
    "resources": ["arn:aws:ec2:x:1:vpc/vpc-1", "arn:aws:ec2:x:1:subnet/subnet-1"],
    "detail": {
        "service": "ec2",
        "count": 5,
        "price": 2.5,
        "flag": True,
        "nothing": None,
        "ip": "10.1.33.54",
        "keys": ["lattice:network", "Name"],
        "empty": [],
        "items": [{"name": "a", "size": 1}, {"name": "b", "size": 2}],
    },
}


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ({"source": ["aws.tag"]}, True),
        ({"source": ["aws.ram", "aws.tag"]}, True),
        ({"source": ["aws.ram"]}, False),
        ({"source": ["aws.tag"], "account": ["1"]}, False),
        ({"resources": ["arn:aws:ec2:x:1:subnet/subnet-1"]}, True),
        ({"detail": {"count": [5]}}, True),
        ({"detail": {"count": [5.0]}}, False),
        ({"detail": {"count": ["5"]}}, False),
        ({"detail": {"flag": [True]}}, True),
        ({"detail": {"flag": [1]}}, False),
        ({"detail": {"nothing": [None]}}, True),
        ({"detail": {"service": [None]}}, False),
        ({"detail": {"keys": [{"prefix": "lattice:"}]}}, True),
        ({"detail": {"keys": [{"prefix": "other:"}]}}, False),
        ({"detail": {"service": [{"prefix": {"equals-ignore-case": "EC"}}]}}, True),
        ({"resources": [{"suffix": "vpc-1"}]}, True),
        ({"resources": [{"suffix": {"equals-ignore-case": "VPC-1"}}]}, True),
        ({"detail": {"service": [{"equals-ignore-case": "EC2"}]}}, True),
        ({"detail": {"service": [{"anything-but": "ec2"}]}}, False),
        ({"detail": {"service": [{"anything-but": ["rds", "elb"]}]}}, True),
        ({"detail": {"count": [{"anything-but": [5, 6]}]}}, False),
        ({"detail": {"service": [{"anything-but": {"prefix": "ec"}}]}}, False),
        ({"detail": {"service": [{"anything-but": {"prefix": ["rd", "el"]}}]}}, True),
        ({"detail": {"service": [{"anything-but": {"suffix": "2"}}]}}, False),
        ({"detail": {"service": [{"anything-but": {"equals-ignore-case": ["EC2"]}}]}}, False),
        ({"detail": {"service": [{"anything-but": {"wildcard": ["*c*", "x"]}}]}}, False),
        ({"detail": {"keys": [{"anything-but": "Name"}]}}, True),
        ({"detail": {"missing": [{"anything-but": "x"}]}}, False),
        ({"detail": {"count": [{"numeric": [">", 4]}]}}, True),
        ({"detail": {"count": [{"numeric": [">=", 5, "<", 6]}]}}, True),
        ({"detail": {"price": [{"numeric": ["=", 2.5]}]}}, True),
        ({"detail": {"service": [{"numeric": [">", 0]}]}}, False),
        ({"detail": {"flag": [{"numeric": [">", 0]}]}}, False),
        ({"detail": {"count": [{"exists": True}]}}, True),
        ({"detail": {"missing": [{"exists": True}]}}, False),
        ({"detail": {"missing": [{"exists": False}]}}, True),
        ({"detail": {"nothing": [{"exists": True}]}}, True),
        ({"detail": [{"exists": True}]}, False),
        ({"replay-name": [{"exists": False}]}, True),
        ({"detail": {"service": [{"exists": False}, {"anything-but": "rds"}]}}, True),
        ({"detail": {"missing": {"deep": [{"exists": False}]}}}, True),
        ({"detail": {"ip": [{"cidr": "10.1.33.0/24"}]}}, True),
        ({"detail": {"ip": [{"cidr": "10.1.34.0/24"}]}}, False),
        ({"detail": {"service": [{"cidr": "10.0.0.0/8"}]}}, False),
        ({"resources": [{"wildcard": "arn:aws:ec2:*:vpc/*"}]}, True),
        ({"resources": [{"wildcard": "arn:aws:ec2:*:igw/*"}]}, False),
        ({"detail": {"service": [{"wildcard": "ec\\*"}]}}, False),
        ({"$or": [{"source": ["x"]}, {"detail": {"count": [5]}}]}, True),
        ({"source": ["aws.tag"], "$or": [{"account": ["1"]}, {"detail": {"count": [6]}}]}, False),
        ({"detail": {"$or": [{"count": [6]}, {"service": ["ec2"]}]}}, True),
        ({"detail": {"items": {"name": ["b"], "size": [2]}}}, True),
        ({"detail": {"items": {"name": ["b"], "size": [1]}}}, False),
        ({"detail": {"empty": [{"exists": False}]}}, True),
    ],
)
def test_a_pattern_asks_for_what_eventbridge_says(pattern: dict[str, Any], *, expected: bool) -> None:
    assert patterns.parse(json.dumps(pattern)).matches(EVENT) is expected


@pytest.mark.parametrize(
    "pattern",
    [
        {},
        [],
        {"source": "aws.tag"},
        {"source": []},
        {"detail": {}},
        {"source": [{"begins": "x"}]},
        {"source": [{"prefix": "a", "suffix": "b"}]},
        {"source": [{"prefix": 5}]},
        {"source": [["nested"]]},
        {"detail": {"count": [{"numeric": [">", "5"]}]}},
        {"detail": {"count": [{"numeric": ["~", 5]}]}},
        {"detail": {"count": [{"numeric": [">"]}]}},
        {"detail": {"count": [{"numeric": [">", 6_000_000_000]}]}},
        {"detail": {"x": [{"exists": "true"}]}},
        {"detail": {"x": [{"cidr": "300.0.0.0/8"}]}},
        {"detail": {"x": [{"wildcard": "a**b"}]}},
        {"detail": {"x": [{"wildcard": "a\\b"}]}},
        {"detail": {"x": [{"anything-but": {"numeric": [">", 1]}}]}},
        {"detail": {"x": [{"anything-but": []}]}},
        {"$or": [{"source": ["x"]}]},
        {"$or": {"source": ["x"]}},
    ],
)
def test_a_pattern_that_eventbridge_refuses_is_refused(pattern: Any) -> None:
    with pytest.raises(patterns.BadPattern):
        patterns.parse(json.dumps(pattern))


def test_text_that_is_no_json_is_refused() -> None:
    with pytest.raises(patterns.BadPattern, match="JSON"):
        patterns.parse("{")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ('{"source": ["a"], "source": ["b"]}', "stands twice"),
        ('{"detail": {"a": ["x"], "a": ["y"]}}', "stands twice"),
        ('{"detail": {"a": [{"prefix": "x", "prefix": "y"}]}}', "stands twice"),
        ('{"detail": {"a": [NaN]}}', "NaN"),
        ('{"detail": {"a": [{"numeric": [">", -Infinity]}]}}', "Infinity"),
        ('{"detail": {"a": [1e999]}}', "1e999"),
        ('{"detail": {"a": [{"anything-but": {"prefix": ""}}]}}', "Null prefix/suffix"),
        ('{"detail": {"a": [{"anything-but": {"suffix": ["x", ""]}}]}}', "Null prefix/suffix"),
        ('{"detail": {"a": [{"anything-but": true}]}}', "strings or numbers"),
        ('{"a":' * 5_000 + '["x"]' + "}" * 5_000, "nested too deeply"),
    ],
)
def test_what_python_reads_and_eventbridge_does_not_is_refused(text: str, why: str) -> None:
    with pytest.raises(patterns.BadPattern, match=why):
        patterns.parse(text)
