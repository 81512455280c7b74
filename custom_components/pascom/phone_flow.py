"""A person's phone: the account to type in, or the address that it fetches everything from."""

from typing import Any

import probatio as vol
from homeassistant.config_entries import ConfigFlowResult, OptionsFlow
from homeassistant.helpers.selector import QrCodeSelector, QrCodeSelectorConfig, SelectOptionDict
from homeassistant.util import dt as dt_util

from .choices import USER_PREFIX, as_option, choice
from .client import PascomError
from .coordinator import PascomConfigEntry, PascomData
from .models import User

CONF_USER = "user"
CONF_MODEL = "model"
CONF_DEVICE = "device"
CONF_QR = "qr"

# What the PBX makes configurations for.
MODELS = ("snom", "yealink", "grandstream", "linphone")
# The phone that is the user's own, without a name.
FIRST_PHONE = "first"
DEVICE_PREFIX = "device:"


class PhonePages(OptionsFlow):
    """The pages about phones, of the options of an administrator."""

    def __init__(self) -> None:
        self._owner: User | None = None
        self._url = ""
        self._expires = ""

    @property
    def _pbx(self) -> PascomData:
        entry: PascomConfigEntry = self.config_entry
        return entry.runtime_data

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
            menu_options=["phone_account", "phone_link"],
            description_placeholders={"name": self._owner.display_name},
        )

    async def async_step_phone_account(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """What is typed into the phone."""
        assert self._owner is not None
        if user_input is not None:
            return self.async_abort(reason="account_shown")
        try:
            account = await self._pbx.phones.account_of(self._owner.name)
        except PascomError as err:
            return self.async_abort(reason="refused", description_placeholders={"error": err.message})
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
        further = [
            SelectOptionDict(value=DEVICE_PREFIX + device.name, label=device.name)
            for device in self._owner.devices
            if device.kind == "phone" and device.account != self._owner.extension
        ]
        devices = [SelectOptionDict(value=FIRST_PHONE, label=FIRST_PHONE), *further]
        models = [SelectOptionDict(value=model, label=model) for model in MODELS]
        schema = vol.Schema(
            {
                vol.Required(CONF_MODEL): choice(models, translation_key="phone_model"),
                vol.Required(CONF_DEVICE, default=FIRST_PHONE): choice(devices, translation_key="phone_device"),
            }
        )
        return self.async_show_form(
            step_id="phone_link",
            data_schema=self.add_suggested_values_to_schema(schema, user_input),
            errors={"base": "refused"} if error else {},
            description_placeholders={"name": self._owner.display_name, "error": error},
        )

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
