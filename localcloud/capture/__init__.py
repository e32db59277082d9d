"""A world captured from what a team has: Terraform's state, or accounts that are only read; and what was not read.

Both come to one form, the answers of AWS's Describe calls (`read`), and from there to a world's description (`copied`).
Ids of VPCs, groups and instances and the ends of load balancers' ARNs stay, so that events and tags of the real ones
name the copies. What a server answers is nobody's to read: every instance serves on its load balancer's ports.
"""

from localcloud.capture.accounts import of_account
from localcloud.capture.copied import Captured, world_of
from localcloud.capture.read import Read, Unreadable
from localcloud.capture.terraform import of_state

__all__ = ["Captured", "Read", "Unreadable", "of_account", "of_state", "world_of"]
