"""AWS's services, a package each, under AWS's own names; none imports another."""

import localcloud.ground.moto_ec2  # noqa: F401 - before any of them imports moto's EC2 in its own way
