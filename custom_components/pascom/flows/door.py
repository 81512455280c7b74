"""Adding a door: which model, who is rung, how it opens; then the account to type into the station."""

import asyncio
from typing import Any

import probatio as vol
from homeassistant.config_entries import ConfigEntryState, ConfigSubentryFlow, SubentryFlowResult
from homeassistant.const import CONF_METHOD, CONF_NAME, CONF_PASSWORD, CONF_URL, CONF_USERNAME
from homeassistant.core import callback
from homeassistant.data_entry_flow import section
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.selector import (
    BooleanSelector,
    SelectOptionDict,
    TextSelector,
    TextSelectorConfig,
    TextSelectorType,
)

from ..const import CONF_DOOR, CONF_FINGERPRINT, DOMAIN
from ..coordinator import PascomConfigEntry, PascomData
from ..wire.errors import PascomError
from ..wire.models import Account, Profile
from . import door_buttons
from .choices import USER_PREFIX, as_option, choice
from .options import is_person

CONF_MODEL = "model"
CONF_RINGS = "rings"
CONF_OPENING = "opening"
CONF_STATION = "station"
CONF_ADDRESS = "address"
CONF_VIDEO_URL = "video_url"
CONF_IMAGE_URL = "image_url"
CONF_DTMF = "dtmf"
CONF_HOW = "how"
CONF_BUTTONS = "buttons"
CONF_LEAVE_MESSAGE = "leave_message"

EVERYONE = "everyone"
HA_PREFIX = "ha:"
OPENINGS = ("profile", "dtmf", "http", "event")
DTMF_HOW = ("rfc4733", "info", "inband")
# As long as it takes to find the page of the station's settings; "keep waiting" begins anew.
REGISTER_TIMEOUT = 600.0

_SECRET = TextSelector(TextSelectorConfig(type=TextSelectorType.PASSWORD, autocomplete="off"))
_DTMF = vol.Schema(
    {
        vol.Required(CONF_DTMF): cv.string,
        vol.Required(CONF_HOW, default="rfc4733"): choice(
            [SelectOptionDict(value=how, label=how) for how in ("rfc4733", "info", "inband")],
            translation_key="dtmf_how",
        ),
    }
)
_HTTP = vol.Schema(
    {
        vol.Required(CONF_URL): TextSelector(TextSelectorConfig(type=TextSelectorType.URL)),
        vol.Optional(CONF_USERNAME): cv.string,
        vol.Optional(CONF_PASSWORD): _SECRET,
        vol.Optional(CONF_METHOD, default="GET"): choice(
            [SelectOptionDict(value=method, label=method) for method in ("GET", "POST", "PUT")]
        ),
        vol.Optional(CONF_FINGERPRINT): cv.string,
    }
)
_STATION = vol.Schema(
    {
        vol.Optional(CONF_ADDRESS): cv.string,
        vol.Optional(CONF_USERNAME): cv.string,
        vol.Optional(CONF_PASSWORD): _SECRET,
        vol.Optional(CONF_VIDEO_URL): cv.string,
        vol.Optional(CONF_IMAGE_URL): cv.string,
    }
)


class DoorSubentryFlow(ConfigSubentryFlow):
    def __init__(self) -> None:
        self._fields: dict[str, Any] = {}
        self._rings: list[str] = []
        self._open: list[dict[str, Any]] | None = None
        self._door = ""
        self._account: Account | None = None
        self._notes = ""
        self._profile_notes: dict[str, str] = {}
        self._fault = ""
        self._waiting: asyncio.Task[bool] | None = None
        # An existing door as it was when the dialog showed it, and which state of it that is.
        self._seen: dict[str, Any] = {}
        self._revision: dict[str, str] = {}

    @property
    def _pbx(self) -> PascomData:
        entry: PascomConfigEntry = self._get_entry()
        return entry.runtime_data

    @property
    def _connected(self) -> bool:
        return self._get_entry().state is ConfigEntryState.LOADED and self._pbx.coordinator.last_update_success

    @callback
    def async_remove(self) -> None:
        """The dialog is gone: the door, if there is one, gets its device."""
        if self._door and self._get_entry().state is ConfigEntryState.LOADED:
            self._pbx.coordinator.end_adding(self._door)

    # A new door

    async def async_step_user(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        if not self._connected:
            return self.async_abort(reason="not_connected")
        if user_input is not None:
            self._fields = {
                "display_name": user_input[CONF_NAME],
                "model": user_input[CONF_MODEL],
                **{key: value for key, value in user_input.get(CONF_STATION, {}).items() if value},
            }
            self._rings = user_input.get(CONF_RINGS, [])
            return await self._ask_opening(user_input[CONF_OPENING])
        return await self._user_form({})

    async def _user_form(self, errors: dict[str, str]) -> SubentryFlowResult:
        try:
            profiles = await self._pbx.client.profiles()
        except PascomError:
            return self.async_abort(reason="not_connected")
        self._profile_notes = {profile.model: profile.notes for profile in profiles}
        models = [SelectOptionDict(value=profile.model, label=_label(profile)) for profile in profiles]
        schema = vol.Schema(
            {
                vol.Required(CONF_NAME): cv.string,
                vol.Required(CONF_MODEL): choice(models),
                vol.Optional(CONF_RINGS): choice(await self._ringable(), multiple=True, translation_key="rings"),
                vol.Required(CONF_OPENING): _opening_choice(),
                vol.Required(CONF_STATION): section(_STATION, {"collapsed": True}),
            }
        )
        suggested = {
            CONF_NAME: self._fields.get("display_name", ""),
            CONF_MODEL: self._fields.get("model", "generic"),
            CONF_RINGS: self._rings or [EVERYONE],
            CONF_OPENING: "profile",
            CONF_STATION: {key: value for key, value in self._fields.items() if key != CONF_PASSWORD},
        }
        return self.async_show_form(
            step_id="user",
            data_schema=self.add_suggested_values_to_schema(schema, suggested),
            errors=errors,
            description_placeholders={"error": self._fault},
        )

    async def _ask_opening(self, opening: str) -> SubentryFlowResult:
        match opening:
            case "dtmf":
                return await self.async_step_dtmf()
            case "http":
                return await self.async_step_http()
            case "event":
                self._open = [{"event": True}]
        return await self._submit()

    async def async_step_dtmf(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        if user_input is not None:
            self._open = [{"dtmf": user_input[CONF_DTMF], "how": user_input[CONF_HOW]}]
            return await self._submit()
        return self.async_show_form(step_id="dtmf", data_schema=_DTMF)

    async def async_step_http(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        if user_input is not None:
            keys = (CONF_USERNAME, CONF_PASSWORD, CONF_METHOD, CONF_FINGERPRINT)
            more = {key: user_input[key] for key in keys if user_input.get(key)}
            self._open = [{"http": user_input[CONF_URL], **more}]
            return await self._submit()
        return self.async_show_form(step_id="http", data_schema=_HTTP)

    async def _submit(self) -> SubentryFlowResult:
        if self.source == "reconfigure":
            return await self._update()
        client = self._pbx.client
        try:
            rings = await self._ring_names()
            opening = {} if self._open is None else {"open": self._open}
            with self._pbx.coordinator.adding() as added:
                door, self._account = await client.add_door(None, **self._fields, rings=rings, **opening)
                self._door = door.name
                added(door.name)
            self._notes = self._profile_notes.get(door.model, "")
        except PascomError as err:
            self._fault = err.message
            return await self._user_form({"base": "refused"})
        return await self.async_step_register()

    async def async_step_register(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """Show what to type into the station, until it registers."""
        if self._waiting is None:
            self._waiting = self.hass.async_create_background_task(
                self._registered(), f"{DOMAIN} waits for {self._door}"
            )
        if not self._waiting.done():
            return self.async_show_progress(
                step_id="register",
                progress_action="register",
                progress_task=self._waiting,
                description_placeholders=self._account_placeholders(),
            )
        came, self._waiting = self._waiting.result(), None
        return self.async_show_progress_done(next_step_id="finish" if came else "not_yet")

    async def async_step_not_yet(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        return self.async_show_menu(
            step_id="not_yet",
            menu_options=["register", "finish"],
            description_placeholders=self._account_placeholders(),
        )

    async def async_step_finish(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        return self.async_create_entry(
            title=self._fields["display_name"],
            data={CONF_DOOR: self._door, CONF_MODEL: self._fields["model"], CONF_RINGS: self._rings},
            unique_id=self._door,
        )

    async def _registered(self) -> bool:
        """Whether the station registered in time."""
        coordinator = self._pbx.coordinator
        came = asyncio.Event()

        @callback
        def look() -> None:
            door = coordinator.data.doors.get(self._door)
            if door is not None and door.connected:
                came.set()

        forget = coordinator.async_add_listener(look)
        try:
            look()
            async with asyncio.timeout(REGISTER_TIMEOUT):
                await came.wait()
        except TimeoutError:
            return False
        finally:
            forget()
        return True

    # An existing door

    async def async_step_reconfigure(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        if not self._connected:
            return self.async_abort(reason="not_connected")
        self._door = str(self._get_reconfigure_subentry().unique_id)
        await self._look()
        return self.async_show_menu(step_id="reconfigure", menu_options=["edit", "button", "opening", "account"])

    async def _look(self) -> None:
        """What whoever made the last change made of the door: another administrator, or the panel."""
        try:
            answer = await self._pbx.client.command("door/settings", door=self._door)
        except PascomError:
            # An older PBX: what this dialog kept is what there is.
            return
        self._seen, self._revision = answer["settings"], {"revision": answer["revision"]}

    async def _refused(self, err: PascomError) -> dict[str, str]:
        """Whoever was second sees what the first made of it; what they send then is sent knowing that."""
        self._fault = err.message
        before = self._revision
        if err.code == "conflict" and before:
            await self._look()
            if self._revision != before:
                return {"base": "changed_meanwhile"}
        return {"base": "refused"}

    async def async_step_edit(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        if user_input is not None:
            self._fields = {"display_name": user_input[CONF_NAME]}
            if CONF_LEAVE_MESSAGE in user_input:
                self._fields[CONF_LEAVE_MESSAGE] = user_input[CONF_LEAVE_MESSAGE]
            self._rings = user_input.get(CONF_RINGS, [])
            return await self._submit()
        return await self._edit_form({})

    async def _edit_form(self, errors: dict[str, str]) -> SubentryFlowResult:
        fields: dict[vol.Marker, Any] = {
            vol.Required(CONF_NAME): cv.string,
            vol.Optional(CONF_RINGS): choice(await self._ringable(), multiple=True, translation_key="rings"),
        }
        if any(user.voicemail_enabled is not None for user in self._pbx.coordinator.data.users.values()):
            fields[vol.Required(CONF_LEAVE_MESSAGE, default=False)] = BooleanSelector()
        subentry, seen = self._get_reconfigure_subentry(), self._seen
        rung = [EVERYONE if name == "*" else USER_PREFIX + name for name in seen.get(CONF_RINGS, ())]
        suggested = {
            CONF_NAME: seen.get("display_name", subentry.title),
            CONF_RINGS: rung if seen else list(subentry.data.get(CONF_RINGS, ())),
            CONF_LEAVE_MESSAGE: seen.get(CONF_LEAVE_MESSAGE, subentry.data.get(CONF_LEAVE_MESSAGE, False)),
        }
        return self.async_show_form(
            step_id="edit",
            data_schema=self.add_suggested_values_to_schema(vol.Schema(fields), suggested),
            errors=errors,
            description_placeholders={"error": self._fault},
        )

    async def async_step_button(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """One bell button at a time, for stations with several."""
        subentry = self._get_reconfigure_subentry()
        kept: list[dict[str, Any]] = list(self._seen.get(CONF_BUTTONS, subentry.data.get(CONF_BUTTONS, ())))
        errors: dict[str, str] = {}
        if user_input is not None:
            self._rings = user_input.get(CONF_RINGS, [])
            try:
                rings = await self._ring_names()
                buttons = door_buttons.changed(
                    kept, number=user_input[door_buttons.CONF_NUMBER], name=user_input[CONF_NAME], rings=rings
                )
                await self._pbx.client.update_door(self._door, None, buttons=buttons, **self._revision)
            except PascomError as err:
                errors = await self._refused(err)
                kept = list(self._seen.get(CONF_BUTTONS, kept))
            else:
                return self.async_update_and_abort(self._get_entry(), subentry, data_updates={CONF_BUTTONS: buttons})
        numbers = [button[door_buttons.CONF_NUMBER] for button in kept]
        return self.async_show_form(
            step_id="button",
            data_schema=door_buttons.form(await self._ringable(), numbers),
            errors=errors,
            description_placeholders={
                "error": self._fault,
                "buttons": ", ".join(f"{button[CONF_NAME]} ({button[door_buttons.CONF_NUMBER]})" for button in kept)
                or "-",
            },
        )

    async def async_step_opening(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        if user_input is not None:
            self._open = []
            return await self._ask_opening(user_input[CONF_OPENING])
        return self._opening_form({})

    def _opening_form(self, errors: dict[str, str]) -> SubentryFlowResult:
        return self.async_show_form(
            step_id="opening",
            data_schema=vol.Schema({vol.Required(CONF_OPENING): _opening_choice()}),
            errors=errors,
            description_placeholders={"error": self._fault},
        )

    async def async_step_account(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """Show the account once more, for a station that was replaced or reset."""
        if user_input is not None:
            return self.async_abort(reason="account_shown")
        try:
            self._account = await self._pbx.client.door_account(self._door, None)
        except PascomError as err:
            return self.async_abort(reason="refused", description_placeholders={"error": err.message})
        return self.async_show_form(
            step_id="account",
            data_schema=vol.Schema({}),
            description_placeholders=self._account_placeholders(),
            last_step=True,
        )

    async def _update(self) -> SubentryFlowResult:
        subentry = self._get_reconfigure_subentry()
        try:
            if self._open is not None:
                await self._pbx.client.update_door(self._door, None, open=self._open, **self._revision)
                return self.async_update_and_abort(self._get_entry(), subentry)
            rings = await self._ring_names()
            await self._pbx.client.update_door(self._door, None, **self._fields, rings=rings, **self._revision)
        except PascomError as err:
            errors = await self._refused(err)
            return await self._edit_form(errors) if self._open is None else self._opening_form(errors)
        return self.async_update_and_abort(
            self._get_entry(),
            subentry,
            title=self._fields["display_name"],
            data_updates={
                CONF_RINGS: self._rings,
                **{key: self._fields[key] for key in (CONF_LEAVE_MESSAGE,) if key in self._fields},
            },
        )

    # Both

    async def _ringable(self) -> list[SelectOptionDict]:
        """Everyone; the users of the PBX; and the people of Home Assistant who are none yet."""
        snapshot = self._pbx.coordinator.data
        users = [as_option(user) for user in snapshot.users.values()]
        people = [
            SelectOptionDict(value=HA_PREFIX + user.id, label=user.name or user.id)
            for user in await self.hass.auth.async_get_users()
            if is_person(user) and snapshot.user_of(user.id) is None
        ]
        return [SelectOptionDict(value=EVERYONE, label=EVERYONE), *users, *people]

    async def _ring_names(self) -> list[str]:
        """The chosen ones as the PBX knows them; whoever is no PBX user yet becomes one."""
        names: list[str] = []
        for chosen in self._rings:
            if chosen == EVERYONE:
                return ["*"]
            if chosen.startswith(USER_PREFIX):
                names.append(chosen.removeprefix(USER_PREFIX))
            elif user := await self.hass.auth.async_get_user(chosen.removeprefix(HA_PREFIX)):
                names.append((await self._pbx.people.admit(user)).name)
        self._rings = [USER_PREFIX + name for name in names]
        return names

    def _account_placeholders(self) -> dict[str, str]:
        assert self._account is not None
        return {
            "server": self._account.server,
            "port": str(self._account.port),
            "transports": ", ".join(transport.upper() for transport in self._account.transports),
            "username": self._account.username,
            "password": self._account.password,
            "notes": self._notes,
        }


def _label(profile: Profile) -> str:
    return f"{profile.manufacturer} {profile.name}".strip()


def _opening_choice() -> Any:
    return choice(
        [SelectOptionDict(value=opening, label=opening) for opening in OPENINGS], translation_key=CONF_OPENING
    )
