"""What holds for every test: each answer of a local cloud, also of one served beside it, is held to its model."""

import os

# Not imported from localcloud.cloud, which would load moto for the core's tests; test_gate sees that it is right.
os.environ["LOCALCLOUD_CHECK_ANSWERS"] = "1"
