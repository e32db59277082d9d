"""What befalls every call, in order. The local cloud's own calls, which are quiet, pass the second chain."""

from __future__ import annotations

from localcloud.door import pages
from localcloud.door.accounts import expect
from localcloud.door.announce import announce, guard
from localcloud.door.authenticate import authenticate
from localcloud.door.authorise import authorise
from localcloud.door.gate import Chain
from localcloud.door.limit import limit
from localcloud.door.operation import identify
from localcloud.door.parse import parse
from localcloud.door.record import record
from localcloud.door.repeat import keep, repeat
from localcloud.door.serve import choose, serve
from localcloud.door.strike import count, draw, lose, strike
from localcloud.door.validate import validate

CHAIN = Chain(
    arriving=(identify, authenticate, choose, draw),
    through=(parse, strike, validate, authorise, expect, repeat, pages.refuse, limit, guard, serve),
    afterwards=(pages.cut, keep, record, announce, count, lose),
)

QUIET = Chain(
    arriving=(identify, authenticate, choose),
    through=(parse, validate, pages.refuse, limit, guard, serve),
    afterwards=(pages.cut, announce),
)
"""Not recorded, never faulty, refused to nobody."""
