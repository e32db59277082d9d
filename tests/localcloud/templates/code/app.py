"""A function that does what its payload says, so that tests can see how it is run."""

import os
import sys
from typing import Any

import boto3
import shared_words

CALLS: list[str] = []


class Broken(Exception):
    pass


def handler(event: dict[str, Any], context: Any) -> Any:
    print("did", event)  # noqa: T201 - what a function prints is part of what is tested
    CALLS.append(context.aws_request_id)
    do = event.get("do", "answer")
    if do == "fail":
        raise Broken("on purpose")
    if do == "environment":
        return dict(os.environ)
    if do == "who":
        return boto3.client("sts").get_caller_identity()["Arn"]
    if do == "set":
        return {1, 2}
    if do == "exit":
        sys.exit(3)
    if do == "tables":
        return boto3.client("dynamodb").list_tables()["TableNames"]
    return {"calls": len(CALLS), "word": shared_words.WORD, "event": event, "name": context.function_name}


def batch(event: dict[str, Any], context: Any) -> dict[str, Any]:
    CALLS.append(context.aws_request_id)
    bad = [record["messageId"] for record in event["Records"] if "bad" in record["body"]]
    return {"batchItemFailures": [{"itemIdentifier": one} for one in bad]}
