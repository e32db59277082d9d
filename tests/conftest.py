"""What holds for every test: each answer of a local cloud, also of one served beside it, is held to its model; the
product finds the names of its logs and metrics."""

import os

# Not imported from localcloud.cloud, which would load moto for the core's tests; test_gate sees that it is right.
os.environ["LOCALCLOUD_CHECK_ANSWERS"] = "1"

# Read while the product's logger and metrics are made, which is once a process, whichever test comes first.
os.environ |= {"POWERTOOLS_METRICS_NAMESPACE": "LatticeOnramp", "POWERTOOLS_SERVICE_NAME": "onramp-net"}
