"""Adding a line to the outside: a FRITZ!Box, a provider.  For a PBX that runs here; another one has a file for it."""

from collections.abc import Collection
from itertools import count
from typing import Any

import probatio as vol
from homeassistant.config_entries import ConfigEntryState, ConfigSubentryFlow, SubentryFlowResult
from homeassistant.const import CONF_NAME, CONF_PASSWORD, CONF_USERNAME
from homeassistant.data_entry_flow import section
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.selector import (
    SelectOptionDict,
    TextSelector,
    TextSelectorConfig,
    TextSelectorType,
)
from homeassistant.util import slugify

from ..coordinator import PascomConfigEntry
from ..local.lines import CONF_TEAM, COUNTRY_CODES, FIRST_TEAM, lines_of, team_of
from ..local.server import ServerError
from ..wire.errors import PascomError
from .choices import USER_PREFIX, as_option, choice
from .room import ROOM_PREFIX

CONF_DISPLAY_NAME = "display_name"
CONF_PROFILE = "profile"
CONF_REGISTRAR = "registrar"
CONF_NUMBERS = "numbers"
CONF_CALLER_NUMBER = "caller_number"
CONF_PREFIX = "prefix"
CONF_COUNTRY = "country"
CONF_AREA = "area"
CONF_RINGS = "rings"
CONF_MAILBOX = "mailbox"

# As in `choices`: what exists has a prefix.
TEAM_PREFIX = "team:"
EVERYONE = "everyone"
NO_MAILBOX = "none"

# What the PBX knows the habits of.
PROFILES = ("fritzbox", "telekom", "sipgate", "easybell", "peoplefone", "swisscom", "generic")

_SECRET = TextSelector(TextSelectorConfig(type=TextSelectorType.PASSWORD, autocomplete="off"))
_NUMBERS = vol.Schema(
    {
        vol.Optional(CONF_PREFIX, default="0"): cv.string,
        vol.Optional(CONF_COUNTRY): cv.string,
        vol.Optional(CONF_AREA): cv.string,
        vol.Optional(CONF_CALLER_NUMBER): cv.string,
    }
)


class LineSubentryFlow(ConfigSubentryFlow):
    def __init__(self) -> None:
        super().__init__()
        # Where the line's numbers lead, as they were when the dialog was shown.
        self._arrivals: list[dict[str, Any]] = []
        self._revision: str | None = None

    async def async_step_user(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        if self._entry.state is not ConfigEntryState.LOADED:
            return self.async_abort(reason="not_connected")
        error = ""
        if user_input is not None:
            line = self._line(self._new_name(user_input[CONF_DISPLAY_NAME]), user_input)
            line[CONF_TEAM] = self._team()
            if not (error := await self._fault(line) or await self._ring(line, user_input)):
                return self.async_create_entry(title=line[CONF_DISPLAY_NAME], data=line, unique_id=str(line[CONF_NAME]))
        country = COUNTRY_CODES.get(self.hass.config.country or "", "")
        suggested = user_input or {
            CONF_PROFILE: PROFILES[0],
            CONF_RINGS: [EVERYONE],
            CONF_MAILBOX: NO_MAILBOX,
            CONF_NUMBERS: {CONF_COUNTRY: country},
        }
        return self._form("user", suggested, error, team=self._team())

    async def async_step_reconfigure(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        if self._entry.state is not ConfigEntryState.LOADED:
            return self.async_abort(reason="not_connected")
        subentry = self._get_reconfigure_subentry()
        error = ""
        if user_input is not None:
            kept = {CONF_PASSWORD: subentry.data.get(CONF_PASSWORD, "")}
            given = {key: value for key, value in user_input.items() if value != ""}
            line = self._line(str(subentry.unique_id), {**kept, **given})
            line[CONF_TEAM] = subentry.data[CONF_TEAM]
            if not (error := await self._fault(line) or await self._ring(line, user_input)):
                return self.async_update_and_abort(self._entry, subentry, title=line[CONF_DISPLAY_NAME], data=line)
        flat = {key: value for key, value in subentry.data.items() if key != CONF_PASSWORD}
        suggested = user_input or {**flat, **await self._rung(str(subentry.unique_id)), CONF_NUMBERS: flat}
        return self._form("reconfigure", suggested, error)

    @property
    def _entry(self) -> PascomConfigEntry:
        return self._get_entry()

    def _team(self) -> str:
        """The extension at which calls from outside ring everybody: that of the other lines, or a free one."""
        data = self._entry.runtime_data.coordinator.data
        taken = {user.extension for user in data.users.values()} | {door.extension for door in data.doors.values()}
        taken |= {team.extension for team in data.teams.values()}
        free = (str(number) for number in count(FIRST_TEAM) if str(number) not in taken)
        return team_of(lines_of(self._entry)) or next(free)

    def _form(self, step: str, suggested: dict[str, Any], error: str, *, team: str = "") -> SubentryFlowResult:
        profiles = [SelectOptionDict(value=profile, label=profile) for profile in PROFILES]
        schema = vol.Schema(
            {
                vol.Required(CONF_DISPLAY_NAME): cv.string,
                vol.Required(CONF_PROFILE): choice(profiles, translation_key="line_profile"),
                vol.Optional(CONF_REGISTRAR): cv.string,
                vol.Required(CONF_USERNAME): cv.string,
                vol.Optional(CONF_PASSWORD): _SECRET,
                vol.Optional(CONF_RINGS): choice(self._targets(), multiple=True, translation_key="rings"),
                vol.Optional(CONF_MAILBOX): choice(self._boxes(), translation_key="mailbox"),
                vol.Required(CONF_NUMBERS): section(_NUMBERS, {"collapsed": True}),
            }
        )
        return self.async_show_form(
            step_id=step,
            data_schema=self.add_suggested_values_to_schema(schema, suggested),
            errors={"base": "refused"} if error else {},
            description_placeholders={"error": error, "team": team},
        )

    # Who rings: said to the PBX itself, which heeds it from the next call on

    def _targets(self) -> list[SelectOptionDict]:
        data = self._entry.runtime_data.coordinator.data
        named = [(TEAM_PREFIX, team) for team in data.teams.values() if team.name != EVERYONE]
        return [
            SelectOptionDict(value=EVERYONE, label=EVERYONE),
            *map(as_option, data.users.values()),
            *(SelectOptionDict(value=prefix + team.name, label=team.display_name) for prefix, team in named),
            *(SelectOptionDict(value=ROOM_PREFIX + room.name, label=room.display_name) for room in data.rooms.values()),
        ]

    def _boxes(self) -> list[SelectOptionDict]:
        users = self._entry.runtime_data.coordinator.data.users.values()
        return [
            SelectOptionDict(value=NO_MAILBOX, label=NO_MAILBOX),
            *(as_option(user) for user in users if user.voicemail_enabled),
        ]

    async def _rung(self, line: str) -> dict[str, Any]:
        """What the dialog shows of it; single numbers have the panel, and stay as they are."""
        try:
            answer = await self._entry.runtime_data.client.command("trunk/arrivals", trunk=line)
        except PascomError:
            return {}
        self._arrivals, self._revision = answer["settings"]["arrivals"], answer["revision"]
        everybody: dict[str, Any] = {"rings": ["*"], "mailbox": ""}
        rest = next((each for each in self._arrivals if not each["number"]), everybody)
        mailbox = USER_PREFIX + rest["mailbox"] if rest["mailbox"] else NO_MAILBOX
        return {CONF_RINGS: [self._prefixed(name) for name in rest["rings"]], CONF_MAILBOX: mailbox}

    def _prefixed(self, name: str) -> str:
        data = self._entry.runtime_data.coordinator.data
        kinds: list[tuple[str, Collection[str]]] = [
            (USER_PREFIX, data.users),
            (TEAM_PREFIX, data.teams),
            (ROOM_PREFIX, data.rooms),
        ]
        return EVERYONE if name == "*" else next((prefix + name for prefix, known in kinds if name in known), name)

    async def _ring(self, line: dict[str, Any], entered: dict[str, Any]) -> str:
        """What the PBX has against who shall ring, empty for nothing.  Left out, it stays as it is."""
        if CONF_RINGS not in entered and CONF_MAILBOX not in entered:
            return ""
        chosen = [name.partition(":")[2] or "*" for name in entered.get(CONF_RINGS, [])]
        mailbox = entered.get(CONF_MAILBOX, NO_MAILBOX).partition(":")[2]
        rest = {"number": "", "rings": ["*"] if "*" in chosen else chosen, "mailbox": mailbox}
        arrivals = [each for each in self._arrivals if each["number"]]
        if rest["rings"] or mailbox:
            arrivals.insert(0, rest)
        seen: dict[str, Any] = {} if self._revision is None else {"revision": self._revision}
        try:
            await self._entry.runtime_data.client.command(
                "trunk/set_arrivals", trunk=line[CONF_NAME], arrivals=arrivals, **seen
            )
        except PascomError as err:
            if err.code == "conflict":
                # What is sent again is sent knowing that somebody else was first.
                await self._rung(line[CONF_NAME])
            return err.message
        return ""

    def _new_name(self, display_name: str) -> str:
        """As the PBX names things, and no name twice."""
        taken = set(self._entry.runtime_data.coordinator.data.trunks) | {
            str(line[CONF_NAME]) for line in lines_of(self._entry)
        }
        name = slugify(display_name, separator="-")[:40] or "line"
        return next(each for n in range(1, 1000) if (each := name if n == 1 else f"{name}-{n}") not in taken)

    @staticmethod
    def _line(name: str, entered: dict[str, Any]) -> dict[str, Any]:
        flat = {**entered, **entered[CONF_NUMBERS]}
        for key in (CONF_NUMBERS, CONF_RINGS, CONF_MAILBOX):
            flat.pop(key, None)
        told = {key: value.strip() if key != CONF_PASSWORD else value for key, value in flat.items()}
        return {CONF_NAME: name, **{key: value for key, value in told.items() if value or key == CONF_PREFIX}}

    async def _fault(self, line: dict[str, Any]) -> str:
        """What the PBX has against it, empty for nothing: with a fault it would not start at all."""
        server = self._entry.runtime_data.server
        assert server is not None  # only a PBX that runs here has this dialog
        others = [each for each in lines_of(self._entry) if each[CONF_NAME] != line[CONF_NAME]]
        try:
            return await server.check([*others, line])
        except ServerError as err:
            return str(err)
