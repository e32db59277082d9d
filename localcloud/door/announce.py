"""Steps: those who listen look before a call takes effect, and may forbid it; afterwards they hear of it."""

from __future__ import annotations

from localcloud.door.call import Call, Done, is_mutating
from localcloud.door.gate import Gate


def guard(gate: Gate, call: Call) -> None:
    """Whatever a guard refuses it with; only asked when the call may change something."""
    if not is_mutating(call.name):
        return
    listening = [one for one in gate.listening(quiet=call.quiet) if one.before is not None]
    call.notes = {
        id(one): one.before(call.service, call.name, call.params, call.caller) for one in listening if one.before
    }


def announce(gate: Gate, call: Call) -> None:
    done = Done(call.service, call.name, call.params, call.caller, call.error, call.read, quiet=call.quiet)
    for one in gate.listening(quiet=call.quiet, repeated=call.repeated):
        one.after(done, call.notes.get(id(one)))
