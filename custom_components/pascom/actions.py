"""The actions about calls: dial, answer, hold, transfer, hang up, announce …  The PBX decides who may do what."""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import probatio as vol
from homeassistant.core import HomeAssistant, ServiceCall, ServiceResponse, SupportsResponse, callback
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.helpers import config_validation as cv

from .announcement import address_of, spoken
from .client import PascomError
from .const import DOMAIN
from .coordinator import PascomConfigEntry, PascomData
from .dialled import as_number
from .entity import as_home_assistant_error
from .extensions import Extension, by_number, by_target, loaded_entries
from .models import Actor
from .phone_models import Line, LineState, lines_of

CONF_NUMBER = "number"
CONF_EXTENSION = "extension"
CONF_AUTO_ANSWER = "auto_answer"
CONF_CALL = "call"
CONF_TO_CALL = "to_call"
CONF_DIGITS = "digits"
CONF_MESSAGE = "message"
CONF_TTS = "tts_entity_id"
CONF_LANGUAGE = "language"
CONF_MEDIA = "media"
CONF_MEDIA_ID = "media_content_id"
CONF_REQUEST = "request"
CONF_REFUSE = "refuse"
CONF_PBX = "config_entry_id"

type Fields = dict[str | vol.Marker, Any]
type Handler = Callable[[Asked], Awaitable[ServiceResponse]]

_WHO: Fields = {
    vol.Optional(CONF_EXTENSION): vol.All(cv.ensure_list, [as_number]),
    **cv.ENTITY_SERVICE_FIELDS,
}
_WHICH: Fields = {**_WHO, vol.Optional(CONF_CALL): cv.string}
_PBX: Fields = {vol.Optional(CONF_PBX): cv.string}
_DIGITS = vol.All(vol.Coerce(str), vol.Match(r"^[0-9A-Da-d*#]+$"))


@dataclass(frozen=True, slots=True)
class Asked:
    """An action that was called: what with, for whom, and on whose behalf."""

    hass: HomeAssistant
    call: ServiceCall
    extensions: list[Extension]
    unknown: list[str]

    @property
    def fields(self) -> Mapping[str, Any]:
        return self.call.data

    async def actor(self, entry: PascomConfigEntry) -> Actor | None:
        return await entry.runtime_data.people.actor_of(self.call.context)

    @property
    def entry(self) -> PascomConfigEntry:
        """The PBX that is meant: of the extension, the one that is named, or the only one."""
        if self.extensions:
            return self.extensions[0].entry
        entries = loaded_entries(self.hass)
        if (wanted := self.fields.get(CONF_PBX)) is not None:
            entries = [entry for entry in entries if entry.entry_id == wanted]
        if (call := self.fields.get(CONF_CALL)) is not None and len(entries) > 1:
            entries = [entry for entry in entries if call in entry.runtime_data.coordinator.data.calls]
        if not entries:
            raise _invalid("no_pbx")
        if len(entries) > 1:
            raise _invalid("which_pbx")
        return entries[0]

    async def people(self) -> list[Extension]:
        """The extensions that are meant; where none is named, that of who asks."""
        if self.unknown:
            raise _invalid("no_extension", extension=", ".join(self.unknown))
        if self.extensions:
            return self.extensions
        entry = self.entry
        actor = await self.actor(entry)
        user = entry.runtime_data.coordinator.data.user_of(actor.ha_user) if actor else None
        if user is None:
            raise _invalid("whose_extension")
        return [Extension(entry, user)]

    async def person(self) -> Extension:
        people = await self.people()
        if len(people) > 1:
            raise _invalid("one_extension")
        return people[0]

    async def lines(self, *states: LineState) -> list[tuple[PascomData, str, Line]]:
        """The call of each extension that is meant, with the user's name.

        Those that have none in these states are left out, but at least one must have.
        """
        people = await self.people()
        wanted = self.fields.get(CONF_CALL)
        found = []
        for extension in people:
            data = extension.entry.runtime_data
            calls = data.coordinator.data.calls.values()
            lines = [line for line in lines_of(extension.user.name, calls) if line.state in states]
            if wanted is not None:
                lines = [line for line in lines if line.call and line.call.id == wanted]
            if lines:
                found.append((data, extension.user.name, lines[0]))
        if not found:
            raise _invalid("no_call", name=", ".join(extension.user.display_name for extension in people))
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class _Action:
    fields: Fields
    run: Handler
    response: SupportsResponse = SupportsResponse.NONE


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
        raise _invalid("transfer_where", name=extension.user.display_name)
    await data.phones.join(actor, _id(line), user, other)
    return None


async def _announce(asked: Asked) -> ServiceResponse:
    extensions = asked.extensions if asked.unknown else await asked.people()
    entry = extensions[0].entry if extensions else asked.entry
    media = asked.fields.get(CONF_MEDIA, {}).get(CONF_MEDIA_ID) or asked.fields.get(CONF_MEDIA_ID)
    if media is None and not asked.fields.get(CONF_MESSAGE):
        raise _invalid("nothing_to_say")
    if media is None:
        media = await spoken(
            asked.hass,
            asked.fields[CONF_MESSAGE],
            engine=asked.fields.get(CONF_TTS),
            language=asked.fields.get(CONF_LANGUAGE),
        )
    data = entry.runtime_data
    url = await address_of(asked.hass, media, pbx_is_here=data.local)
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
        raise _invalid("route_where")
    await entry.runtime_data.phones.route(await asked.actor(entry), fields[CONF_REQUEST], **decision)
    return None


_BUSY = (LineState.IN_CALL, LineState.DIALLING, LineState.RINGING, LineState.ON_HOLD)

ACTIONS: dict[str, _Action] = {
    "dial": _Action(
        fields={
            **_WHO,
            **_PBX,
            vol.Required(CONF_NUMBER): as_number,
            vol.Optional(CONF_AUTO_ANSWER, default=False): cv.boolean,
        },
        run=_dial,
        response=SupportsResponse.OPTIONAL,
    ),
    "hang_up": _Action(fields=_WHICH, run=_hang_up),
    "answer": _Action(fields=_WHICH, run=_answer),
    "hold": _Action(fields=_WHICH, run=_hold),
    "resume": _Action(fields=_WHICH, run=_resume),
    "send_dtmf": _Action(fields={**_WHICH, vol.Required(CONF_DIGITS): _DIGITS}, run=_send_dtmf),
    "transfer": _Action(
        fields={
            **_WHICH,
            vol.Exclusive(CONF_NUMBER, "where"): as_number,
            vol.Exclusive(CONF_TO_CALL, "where"): cv.string,
        },
        run=_transfer,
    ),
    "announce": _Action(
        fields={
            **_WHO,
            **_PBX,
            vol.Exclusive(CONF_MESSAGE, "what"): cv.string,
            vol.Exclusive(CONF_MEDIA, "what"): vol.Schema(
                {vol.Required(CONF_MEDIA_ID): cv.string}, extra=vol.ALLOW_EXTRA
            ),
            vol.Exclusive(CONF_MEDIA_ID, "what"): cv.string,
            vol.Optional(CONF_TTS): cv.entity_domain("tts"),
            vol.Optional(CONF_LANGUAGE): cv.string,
        },
        run=_announce,
        response=SupportsResponse.OPTIONAL,
    ),
    "send_message": _Action(fields={**_WHO, **_PBX, vol.Required(CONF_MESSAGE): cv.string}, run=_send_message),
    "route_call": _Action(
        fields={
            **_WHO,
            **_PBX,
            vol.Required(CONF_REQUEST): cv.string,
            vol.Exclusive(CONF_NUMBER, "where"): as_number,
            vol.Exclusive(CONF_REFUSE, "where"): cv.boolean,
        },
        run=_route_call,
    ),
}


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


def _invalid(key: str, **placeholders: str) -> ServiceValidationError:
    return ServiceValidationError(
        translation_domain=DOMAIN, translation_key=key, translation_placeholders=placeholders or None
    )
