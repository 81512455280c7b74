"""The actions: about calls here, about rooms, mailboxes and voices beside.  The PBX decides who may do what."""

from collections.abc import Iterable
from typing import Any

import probatio as vol
from homeassistant.core import HomeAssistant, ServiceCall, ServiceResponse, SupportsResponse, callback
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import config_validation as cv

from ..const import DOMAIN
from ..coordinator import PascomData
from ..entity import as_home_assistant_error
from ..extensions import Extension, by_number, by_target
from ..wire.dialled import as_number
from ..wire.errors import PascomError
from ..wire.models import Actor
from ..wire.phone_models import Line, LineState, lines_of
from .asked import (
    CONF_CALL,
    CONF_EXTENSION,
    CONF_MESSAGE,
    PBX,
    SAID,
    WHO,
    Action,
    Asked,
    Fields,
    Handler,
    invalid,
)
from .prompts import PROMPT_ACTIONS
from .rooms import ROOM_ACTIONS
from .voicemail import VOICEMAIL_ACTIONS

CONF_NUMBER = "number"
CONF_AUTO_ANSWER = "auto_answer"
CONF_TO_CALL = "to_call"
CONF_DIGITS = "digits"
CONF_REQUEST = "request"
CONF_REFUSE = "refuse"

_WHICH: Fields = {**WHO, vol.Optional(CONF_CALL): cv.string}
_DIGITS = vol.All(vol.Coerce(str), vol.Match(r"^[0-9A-Da-d*#]+$"))


async def _dial(asked: Asked) -> ServiceResponse:
    actor: Actor | None
    extension = await asked.person()
    actor = await asked.actor(extension.entry)
    call = await extension.entry.runtime_data.phones.dial(
        actor,
        asked.fields[CONF_NUMBER],
        user=extension.user.name,
        auto_answer=asked.fields[CONF_AUTO_ANSWER],
    )
    return {"call": call}


async def _hang_up(asked: Asked) -> ServiceResponse:
    if asked.fields.get(CONF_CALL) and not asked.extensions and not asked.unknown:
        entry = asked.entry
        await entry.runtime_data.phones.hang_up(await asked.actor(entry), asked.fields[CONF_CALL])
        return None
    ended = set()
    for data, user, line in await asked.lines(*_BUSY):
        # Two of those that are meant may speak with each other.
        if line.call and line.call.id not in ended:
            ended.add(line.call.id)
            await data.phones.hang_up(await _actor(asked, data), line.call.id, user)
    return None


async def _answer(asked: Asked) -> ServiceResponse:
    for data, user, line in await asked.lines(LineState.RINGING):
        await data.phones.answer(await _actor(asked, data), _id(line), user)
    return None


async def _hold(asked: Asked) -> ServiceResponse:
    for data, user, line in await asked.lines(LineState.IN_CALL):
        await data.phones.hold(await _actor(asked, data), _id(line), user)
    return None


async def _resume(asked: Asked) -> ServiceResponse:
    for data, user, line in await asked.lines(LineState.ON_HOLD):
        await data.phones.resume(await _actor(asked, data), _id(line), user)
    return None


async def _send_dtmf(asked: Asked) -> ServiceResponse:
    for data, user, line in await asked.lines(LineState.IN_CALL):
        await data.phones.send_dtmf(await _actor(asked, data), _id(line), user, asked.fields[CONF_DIGITS])
    return None


async def _transfer(asked: Asked) -> ServiceResponse:
    """To a number, or to whom the extension speaks with in its other call."""
    extension = await asked.person()
    [(data, user, line)] = await asked.lines(LineState.IN_CALL, LineState.ON_HOLD)
    actor = await _actor(asked, data)
    if number := asked.fields.get(CONF_NUMBER):
        await data.phones.transfer(actor, _id(line), user, number)
        return None
    calls = data.coordinator.data.calls.values()
    others = [other.call.id for other in lines_of(user, calls) if other.call and other.call.id != _id(line)]
    other = asked.fields.get(CONF_TO_CALL) or next(iter(others), None)
    if other is None:
        raise invalid("transfer_where", name=extension.user.display_name)
    await data.phones.join(actor, _id(line), user, other)
    return None


async def _announce(asked: Asked) -> ServiceResponse:
    extensions = asked.extensions if asked.unknown else await asked.people()
    entry = extensions[0].entry if extensions else asked.entry
    data = entry.runtime_data
    url = await asked.said(entry)
    # What is nobody's extension may be a team's or a room's: the PBX knows.
    targets = [extension.user.extension for extension in extensions] + asked.unknown
    announced = await data.phones.announce(await _actor(asked, data), targets, url)
    if not announced.reached and not asked.call.return_response:
        reasons = " ".join(f"{target}: {reason}" for target, reason in announced.failed.items())
        raise HomeAssistantError(
            translation_domain=DOMAIN, translation_key="nobody_reached", translation_placeholders={"reasons": reasons}
        )
    return {"reached": list(announced.reached), "failed": dict(announced.failed)}


async def _send_message(asked: Asked) -> ServiceResponse:
    # A number that is nobody's here is no fault of ours to find.
    entry = asked.entry
    extensions = asked.extensions if asked.unknown else await asked.people()
    actor = await asked.actor(entry)
    for to in [extension.user.name for extension in extensions] + asked.unknown:
        await entry.runtime_data.phones.send_message(actor, to, asked.fields[CONF_MESSAGE])
    return None


async def _route_call(asked: Asked) -> ServiceResponse:
    fields, entry = asked.fields, asked.entry
    decision: dict[str, Any]
    if fields.get(CONF_REFUSE):
        decision = {"refuse": True}
    elif number := fields.get(CONF_NUMBER):
        decision = {"number": number}
    elif asked.extensions or asked.unknown:
        decision = {"ring": [extension.user.name for extension in await asked.people()]}
    else:
        raise invalid("route_where")
    await entry.runtime_data.phones.route(await asked.actor(entry), fields[CONF_REQUEST], **decision)
    return None


_BUSY = (LineState.IN_CALL, LineState.DIALLING, LineState.RINGING, LineState.ON_HOLD)

CALL_ACTIONS: dict[str, Action] = {
    "dial": Action(
        fields={
            **WHO,
            **PBX,
            vol.Required(CONF_NUMBER): as_number,
            vol.Optional(CONF_AUTO_ANSWER, default=False): cv.boolean,
        },
        run=_dial,
        response=SupportsResponse.OPTIONAL,
    ),
    "hang_up": Action(fields=_WHICH, run=_hang_up),
    "answer": Action(fields=_WHICH, run=_answer),
    "hold": Action(fields=_WHICH, run=_hold),
    "resume": Action(fields=_WHICH, run=_resume),
    "send_dtmf": Action(fields={**_WHICH, vol.Required(CONF_DIGITS): _DIGITS}, run=_send_dtmf),
    "transfer": Action(
        fields={
            **_WHICH,
            vol.Exclusive(CONF_NUMBER, "where"): as_number,
            vol.Exclusive(CONF_TO_CALL, "where"): cv.string,
        },
        run=_transfer,
    ),
    "announce": Action(
        fields={
            **WHO,
            **PBX,
            **SAID,
        },
        run=_announce,
        response=SupportsResponse.OPTIONAL,
    ),
    "send_message": Action(fields={**WHO, **PBX, vol.Required(CONF_MESSAGE): cv.string}, run=_send_message),
    "route_call": Action(
        fields={
            **WHO,
            **PBX,
            vol.Required(CONF_REQUEST): cv.string,
            vol.Exclusive(CONF_NUMBER, "where"): as_number,
            vol.Exclusive(CONF_REFUSE, "where"): cv.boolean,
        },
        run=_route_call,
    ),
}


ACTIONS: dict[str, Action] = {**CALL_ACTIONS, **ROOM_ACTIONS, **VOICEMAIL_ACTIONS, **PROMPT_ACTIONS}


@callback
def register(hass: HomeAssistant) -> None:
    """Register all of them; they say so themselves when no PBX is there."""
    for name, action in ACTIONS.items():

        async def handle(call: ServiceCall, run: Handler = action.run) -> ServiceResponse:
            try:
                return await run(_asked(hass, call))
            except PascomError as err:
                raise as_home_assistant_error(err) from err

        hass.services.async_register(
            DOMAIN, name, handle, schema=vol.Schema(action.fields), supports_response=action.response
        )


def _asked(hass: HomeAssistant, call: ServiceCall) -> Asked:
    named, unknown = by_number(hass, call.data.get(CONF_EXTENSION, ()))
    return Asked(hass, call, _once([*by_target(hass, call.data), *named]), unknown)


def _once(extensions: Iterable[Extension]) -> list[Extension]:
    return list({(each.entry.entry_id, each.user.name): each for each in extensions}.values())


async def _actor(asked: Asked, data: PascomData) -> Actor | None:
    return await data.people.actor_of(asked.call.context)


def _id(line: Line) -> str:
    assert line.call is not None  # only an idle line has none
    return line.call.id
