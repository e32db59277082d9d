"""A bill of materials held to CycloneDX's own schema, in a process of its own.

Addresses are checked by a grammar that takes seconds to read: what else reads schemas here is spared it, so the process
of a test may be without.
"""

import subprocess
import sys

from tests.patience import PATIENCE

CHECK = """
import sys
import rfc3987_syntax  # the addresses' grammar: without it they would not be looked at
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

print(JsonStrictValidator(SchemaVersion.V1_6).validate_str(sys.stdin.read()))
"""


def fault_of(text: str) -> str:
    """What the schema says is wrong with it; '' where it is as it should be."""
    done = subprocess.run(
        [sys.executable, "-c", CHECK], input=text, check=True, capture_output=True, text=True, timeout=PATIENCE
    )
    return "" if done.stdout == "None\n" else done.stdout
