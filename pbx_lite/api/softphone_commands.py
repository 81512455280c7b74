"""The telephone in a browser: what a page does.  A page belongs to a person, so the system asks nothing here."""

from typing import Any

import voluptuous as vol

from pbx_lite.api import schema
from pbx_lite.api.command import Ask, command
from pbx_lite.api.facade import there
from pbx_lite.api.softphone_facade import Softphone
from pbx_lite.directory import User
from pbx_lite.errors import Forbidden

DEVICE: schema.Fields = {vol.Required("device"): schema.NAME}
HERE: schema.Fields = {**DEVICE, vol.Optional("rings", default=True): bool}
GONE: schema.Fields = {**DEVICE, vol.Optional("user"): schema.NAME}
LEG: schema.Fields = {vol.Required("leg"): schema.NAME}
CONNECT: schema.Fields = {**LEG, **schema.WATCHING}
DIAL: schema.Fields = {**DEVICE, vol.Required("number"): schema.NUMBER, **schema.WATCHING}
TAKE: schema.Fields = {**DEVICE, vol.Required("call"): schema.NAME, **schema.WATCHING}
REJECT: schema.Fields = {**LEG, vol.Optional("busy", default=False): bool}
FILM: schema.Fields = {**LEG, vol.Required("shown"): bool}
PRESS: schema.Fields = {**LEG, vol.Required("digits"): schema.KEYS}


@command("phone/here", HERE)
async def here(ask: Ask) -> dict[str, Any]:
    """The page may be rung from now on, until it is gone or its client's connection is; the calls that it has."""
    softphone, user = _page(ask)
    tell = ask.sessions.page_here(user.name, ask["device"])
    return {"legs": [dict(leg) for leg in softphone.here(user, ask["device"], tell, rings=ask["rings"])]}


@command("phone/gone", GONE)
async def gone(ask: Ask) -> dict[str, Any]:
    """A page of this connection is closed.  The client may say so itself: whose page it was may be linked no more."""
    ask.sessions.page_gone(ask.somebody(), ask["device"])
    return {}


@command("phone/dial", DIAL)
async def dial(ask: Ask) -> dict[str, Any]:
    softphone, user = _page(ask)
    number = ask.to_dial(ask["number"])
    leg, call, answer = await ask.sessions.speak(
        softphone,
        ask.fields,
        lambda session, servers: softphone.dial(
            user, ask["device"], number, session=session, offer=ask["offer"], ice_servers=servers
        ),
    )
    return {"leg": leg, "call": call, "answer": answer}


@command("phone/take", TAKE)
async def take(ask: Ask) -> dict[str, Any]:
    """What the user speaks at another page or phone goes on here."""
    softphone, user = _page(ask)
    leg, answer = await ask.sessions.speak(
        softphone,
        ask.fields,
        lambda session, servers: softphone.take(
            user, ask["device"], ask["call"], session=session, offer=ask["offer"], ice_servers=servers
        ),
    )
    return {"leg": leg, "call": ask["call"], "answer": answer}


@command("phone/connect", CONNECT)
async def connect(ask: Ask) -> dict[str, Any]:
    softphone, user = _page(ask)
    answer = await ask.sessions.speak(
        softphone,
        ask.fields,
        lambda session, servers: softphone.connect(
            user, ask["leg"], session=session, offer=ask["offer"], ice_servers=servers
        ),
    )
    return {"answer": answer}


@command("phone/answer", LEG)
async def answer(ask: Ask) -> dict[str, Any]:
    softphone, user = _page(ask)
    softphone.answer(user, ask["leg"])
    return {}


@command("phone/reject", REJECT)
async def reject(ask: Ask) -> dict[str, Any]:
    softphone, user = _page(ask)
    softphone.reject(user, ask["leg"], busy=ask["busy"])
    return {}


@command("phone/hang_up", LEG)
async def hang_up(ask: Ask) -> dict[str, Any]:
    softphone, user = _page(ask)
    softphone.hang_up(user, ask["leg"])
    return {}


@command("phone/dtmf", PRESS)
async def press(ask: Ask) -> dict[str, Any]:
    softphone, user = _page(ask)
    softphone.press(user, ask["leg"], ask["digits"].upper())
    return {}


@command("phone/film", FILM)
async def film(ask: Ask) -> dict[str, Any]:
    softphone, user = _page(ask)
    softphone.film(user, ask["leg"], shown=ask["shown"])
    return {}


def _page(ask: Ask) -> tuple[Softphone, User]:
    """Raises Forbidden for the system and for Home Assistant users who are nobody here."""
    if (user := ask.by) is None:
        raise Forbidden("A browser calls for a person; say for whom.")
    return there(ask.services.softphone), user
