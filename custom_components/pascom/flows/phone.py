"""A person's phones: the account to type in, the address that a phone fetches everything from, the mobile number."""

from typing import Any

import probatio as vol
from homeassistant.config_entries import ConfigFlowResult, OptionsFlow
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.selector import (
    QrCodeSelector,
    QrCodeSelectorConfig,
    SelectOptionDict,
    TextSelector,
    TextSelectorConfig,
    TextSelectorType,
)
from homeassistant.util import dt as dt_util

from ..coordinator import PascomConfigEntry, PascomData
from ..wire.errors import PascomError
from ..wire.models import Account, User
from .choices import USER_PREFIX, as_option, choice

CONF_USER = "user"
CONF_MODEL = "model"
CONF_DEVICE = "device"
CONF_MOBILE = "mobile"
CONF_QR = "qr"

# What the PBX makes configurations for.
MODELS = ("snom", "yealink", "grandstream", "linphone")
# The phone that is the user's own, without a name.
FIRST_PHONE = "first"
DEVICE_PREFIX = "device:"


class PbxPages(OptionsFlow):
    """Pages of the options of an administrator."""

    @property
    def _pbx(self) -> PascomData:
        entry: PascomConfigEntry = self.config_entry
        return entry.runtime_data


class PhonePages(PbxPages):
    """The pages about phones."""

    def __init__(self) -> None:
        self._owner: User | None = None
        self._account: Account | None = None
        self._url = ""
        self._expires = ""

    async def async_step_phones(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        users = self._pbx.coordinator.data.users
        if user_input is not None:
            self._owner = users[user_input[CONF_USER].removeprefix(USER_PREFIX)]
            return await self.async_step_phone()
        options = [as_option(user) for user in users.values()]
        return self.async_show_form(
            step_id="phones", data_schema=vol.Schema({vol.Required(CONF_USER): choice(options)})
        )

    async def async_step_phone(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        assert self._owner is not None
        return self.async_show_menu(
            step_id="phone",
            menu_options=["phone_account", "phone_link", "phone_new", "phone_remove", "phone_mobile"],
            description_placeholders={"name": self._owner.display_name},
        )

    @property
    def _further(self) -> list[SelectOptionDict]:
        """The phones that have accounts of their own."""
        assert self._owner is not None
        return [
            SelectOptionDict(value=DEVICE_PREFIX + device.name, label=device.name)
            for device in self._owner.devices
            if device.kind == "phone" and device.account not in {"", self._owner.extension}
        ]

    async def async_step_phone_account(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """What is typed into the phone."""
        assert self._owner is not None
        if user_input is not None:
            return self.async_abort(reason="account_shown")
        if self._account is None:
            try:
                self._account = await self._pbx.phones.account_of(self._owner.name)
            except PascomError as err:
                return self.async_abort(reason="refused", description_placeholders={"error": err.message})
        account = self._account
        return self.async_show_form(
            step_id="phone_account",
            data_schema=vol.Schema({}),
            description_placeholders={
                "name": self._owner.display_name,
                "server": account.server,
                "port": str(account.port),
                "transports": ", ".join(transport.upper() for transport in account.transports),
                "username": account.username,
                "password": account.password,
            },
            last_step=True,
        )

    async def async_step_phone_new(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """One more phone, then its account."""
        assert self._owner is not None
        error = ""
        if user_input is not None:
            try:
                self._account = await self._pbx.phones.add_device(self._owner.name, user_input[CONF_DEVICE].strip())
            except PascomError as err:
                error = err.message
            else:
                return await self.async_step_phone_account()
        return self._form("phone_new", {vol.Required(CONF_DEVICE): cv.string}, user_input, error)

    async def async_step_phone_remove(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        assert self._owner is not None
        error = ""
        if not self._further:
            return self.async_abort(reason="no_further_phone")
        if user_input is not None:
            device = user_input[CONF_DEVICE].removeprefix(DEVICE_PREFIX)
            try:
                await self._pbx.phones.remove_device(self._owner.name, device)
            except PascomError as err:
                error = err.message
            else:
                return self.async_abort(reason="phone_removed")
        return self._form("phone_remove", {vol.Required(CONF_DEVICE): choice(self._further)}, user_input, error)

    async def async_step_phone_mobile(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """The number outside at which the person is reached too; empty for none."""
        assert self._owner is not None
        error = ""
        try:
            if user_input is not None:
                number = user_input.get(CONF_MOBILE, "").strip()
                await self._pbx.phones.set_user(None, self._owner.name, mobile=number)
                return self.async_abort(reason="saved")
            settings = await self._pbx.phones.settings_of(self._owner.name)
            user_input = {CONF_MOBILE: settings.get(CONF_MOBILE) or ""}
        except PascomError as err:
            error = err.message
        tel = TextSelector(TextSelectorConfig(type=TextSelectorType.TEL))
        return self._form("phone_mobile", {vol.Optional(CONF_MOBILE): tel}, user_input, error)

    def _form(
        self, step: str, fields: dict[vol.Marker, Any], entered: dict[str, Any] | None, error: str
    ) -> ConfigFlowResult:
        """A page about the owner's phones, with what the PBX said against the last answer."""
        assert self._owner is not None
        return self.async_show_form(
            step_id=step,
            data_schema=self.add_suggested_values_to_schema(vol.Schema(fields), entered),
            errors={"base": "refused"} if error else {},
            description_placeholders={"name": self._owner.display_name, "error": error},
        )

    async def async_step_phone_link(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Which phone is to configure itself."""
        assert self._owner is not None
        error = ""
        if user_input is not None:
            device = user_input[CONF_DEVICE].removeprefix(DEVICE_PREFIX)
            try:
                link = await self._pbx.phones.provisioning_link(
                    self._owner.name, "" if device == FIRST_PHONE else device, user_input[CONF_MODEL]
                )
            except PascomError as err:
                error = err.message
            else:
                self._url = link.url
                self._expires = dt_util.as_local(link.expires).strftime("%H:%M") if link.expires else "-"
                return await self.async_step_phone_address()
        devices = [SelectOptionDict(value=FIRST_PHONE, label=FIRST_PHONE), *self._further]
        models = [SelectOptionDict(value=model, label=model) for model in MODELS]
        fields: dict[vol.Marker, Any] = {
            vol.Required(CONF_MODEL): choice(models, translation_key="phone_model"),
            vol.Required(CONF_DEVICE, default=FIRST_PHONE): choice(devices, translation_key="phone_device"),
        }
        return self._form("phone_link", fields, user_input, error)

    async def async_step_phone_address(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """The address, to be typed or photographed; it works once."""
        if user_input is not None:
            return self.async_abort(reason="account_shown")
        qr = QrCodeSelector(QrCodeSelectorConfig(data=self._url, scale=5))
        return self.async_show_form(
            step_id="phone_address",
            data_schema=vol.Schema({vol.Optional(CONF_QR): qr}),
            description_placeholders={"url": self._url, "expires": self._expires},
            last_step=True,
        )
