"""What a client may ask of calls: who is in one steers it, administrators and the system steer all."""

from typing import Any

from pbx_lite.api import schema
from pbx_lite.api.call_facade import Calls
from pbx_lite.api.command import Ask, command
from pbx_lite.api.facade import there
from pbx_lite.api.presentation import call_shown, takes_part
from pbx_lite.errors import Forbidden, Invalid, NotFound


@command("call/dial", schema.DIAL)
async def dial(ask: Ask) -> dict[str, Any]:
    user = ask.somebody()
    call = await there(ask.services.calls).dial(
        user, ask.to_dial(ask["number"]), device=ask["device"], auto_answer=ask["auto_answer"]
    )
    return {"call": call.id}


@command("call/list")
async def calls(ask: Ask) -> dict[str, Any]:
    """Every call, for those who are not administrators their own."""
    mine, book = ask.asker, there(ask.services.calls)
    seen = [call for call in book.calls() if ask.may_all or takes_part(call, mine)]
    return {"calls": [call_shown(ask.services, call) for call in seen]}


@command("call/hang_up", schema.CALL)
async def hang_up(ask: Ask) -> dict[str, Any]:
    calls, user = _steering(ask)
    calls.hang_up(ask["call"], user)
    return {}


@command("call/answer", schema.CALL)
async def answer(ask: Ask) -> dict[str, Any]:
    calls, user = _steering(ask)
    await calls.answer(ask["call"], user)
    return {}


@command("call/hold", schema.CALL)
async def hold(ask: Ask) -> dict[str, Any]:
    calls, user = _steering(ask)
    calls.hold(ask["call"], user)
    return {}


@command("call/resume", schema.CALL)
async def resume(ask: Ask) -> dict[str, Any]:
    calls, user = _steering(ask)
    calls.resume(ask["call"], user)
    return {}


@command("call/send_dtmf", schema.SEND_DTMF)
async def send_dtmf(ask: Ask) -> dict[str, Any]:
    calls, user = _steering(ask)
    await calls.send_dtmf(ask["call"], user, ask["digits"].upper())
    return {}


@command("call/transfer", schema.TRANSFER)
async def transfer(ask: Ask) -> dict[str, Any]:
    calls, user = _steering(ask)
    number, other = ask.fields.get("number"), ask.fields.get("to_call")
    if (number is None) == (other is None):
        raise Invalid("Give a number, or to_call for another call.")
    if other is not None:
        calls.connect(ask["call"], _of_both(ask, calls, user, other), other)
    else:
        calls.transfer(ask["call"], user, ask.to_dial(str(number)))
    return {}


@command("call/conference", schema.CONFERENCE)
async def conference(ask: Ask) -> dict[str, Any]:
    calls, user = _steering(ask)
    calls.conference(ask["call"], _of_both(ask, calls, user, ask["other"]), ask["other"])
    return {}


@command("call/remove", schema.REMOVE_PARTY)
async def remove(ask: Ask) -> dict[str, Any]:
    calls, user = _steering(ask)
    calls.remove(ask["call"], user, ask["number"])
    return {}


@command("call/announce", schema.ANNOUNCE, admin=True)
async def announce(ask: Ask) -> dict[str, Any]:
    reached, failed = await there(ask.services.announcer).announce(ask["targets"], ask.sound())
    return {"reached": list(reached), "failed": dict(failed)}


def _steering(ask: Ask) -> tuple[Calls, str]:
    """The calls and the user who is meant.  A call of others does not exist for who is no administrator."""
    calls, user = there(ask.services.calls), ask.on_behalf()
    call = calls.call(ask["call"])
    if not ask.may_all and not takes_part(call, user):
        raise NotFound("There is no such call.")
    return calls, user


def _of_both(ask: Ask, calls: Calls, user: str, other: str) -> str:
    """Whoever joins two calls has to be in both."""
    if not takes_part(calls.call(other), user) and not ask.may_all:
        raise Forbidden("The other call is not yours.")
    return user
