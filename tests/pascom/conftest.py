"""Home Assistant with the integration, against a fake PBX."""

import asyncio
import datetime as dt
import ssl
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from types import ModuleType
from typing import Any
from unittest.mock import Mock

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from homeassistant.auth.models import User
from homeassistant.const import CONF_HOST, CONF_PORT, CONF_TOKEN
from homeassistant.core import Context, HomeAssistant, ServiceCall, State
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import issue_registry as ir
from pytest_homeassistant_custom_component.common import CLIENT_ID, MockConfigEntry, MockUser, async_mock_service
from pytest_homeassistant_custom_component.syrupy import HomeAssistantSnapshotExtension
from pytest_homeassistant_custom_component.typing import WebSocketGenerator
from syrupy.assertion import SnapshotAssertion

# Without this the test package's own folder `custom_components` would be found first.
import custom_components.pascom  # noqa: F401
from custom_components.pascom.const import (
    CONF_AUTO_LINK,
    CONF_FINGERPRINT,
    CONF_MODE,
    CONF_NEW_ROLES,
    DOMAIN,
    MODE_REMOTE,
)

from .browser import Browse, Browser
from .fake_pbx import TOKEN, FakePbx

# Warnings of Home Assistant's own code; ours are errors.
_FOREIGN_WARNINGS = ("ignore:It is recommended to use web",)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            for warning in _FOREIGN_WARNINGS:
                item.add_marker(pytest.mark.filterwarnings(warning))


@pytest.fixture(autouse=True)
def _integration(enable_custom_integrations: None, socket_enabled: None) -> None:
    """The integration is found, and may open sockets on loopback."""


@pytest.fixture
def snapshot(snapshot: SnapshotAssertion) -> SnapshotAssertion:
    return snapshot.use_extension(HomeAssistantSnapshotExtension)


@pytest.fixture
async def pbx() -> AsyncIterator[FakePbx]:
    fake = FakePbx()
    await fake.start()
    yield fake
    await fake.stop()


@pytest.fixture
def entry(hass: HomeAssistant, pbx: FakePbx) -> MockConfigEntry:
    entry = MockConfigEntry(
        domain=DOMAIN,
        title="Home",
        unique_id=pbx.info["instance"],
        data={
            CONF_MODE: MODE_REMOTE,
            CONF_HOST: "127.0.0.1",
            CONF_PORT: pbx.port,
            CONF_TOKEN: TOKEN,
            CONF_FINGERPRINT: None,
        },
        options={CONF_AUTO_LINK: True, CONF_NEW_ROLES: ["family"]},
    )
    entry.add_to_hass(hass)
    return entry


@pytest.fixture
def rooms(pbx: FakePbx) -> None:
    """The PBX has two rooms, and mailboxes: Anna's, Ben's and that of the front door.  Ask for it before `loaded`."""
    anna = {"id": "p1", "name": "Anna Berger", "number": "101", "user": "anna", "leader": True, "talking": True}
    caller = {"id": "p2", "name": "", "number": "+4989123456", "user": "", "leader": False, "talking": False}
    here = {"muted": False, "since": "2026-11-21T09:58:00.000+00:00"}
    empty = {"locked": False, "muted": False, "recording": False, "options": {}, "has_pin": True}
    pbx.snapshot["rooms"] = [
        {
            **empty,
            "name": "family",
            "display_name": "Family",
            "extension": "800",
            "provisioned": True,
            "active": True,
            "since": here["since"],
            "participants": [{**anna, **here}, {**caller, **here}],
        },
        {
            **empty,
            "name": "office",
            "display_name": "Office",
            "extension": "801",
            "provisioned": False,
            "active": False,
            "since": None,
            "participants": [],
        },
    ]
    for user in pbx.snapshot["users"]:
        user["voicemail_enabled"] = True if user["name"] != "carla" else None
    pbx.door("front")["voicemail"] = 0
    pbx.door("garden")["voicemail"] = None


@pytest.fixture
async def loaded(hass: HomeAssistant, entry: MockConfigEntry) -> MockConfigEntry:
    """The integration, set up and connected."""
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    return entry


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[ssl.SSLContext, str]:
    """A self-signed certificate's server side, and its SHA-256."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "pbx")])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    file = tmp_path_factory.mktemp("tls") / "pbx.pem"
    file.write_bytes(
        made.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    return context, made.fingerprint(hashes.SHA256()).hex()


def state_of(hass: HomeAssistant, entity_id: str) -> State:
    """The state of an entity that exists."""
    state = hass.states.get(entity_id)
    assert state is not None, entity_id
    return state


def issue_of(registry: ir.IssueRegistry, key: str) -> ir.IssueEntry:
    """An issue of ours that was raised."""
    issue = registry.async_get_issue(DOMAIN, key)
    assert issue is not None, key
    return issue


@pytest.fixture
async def people(hass: HomeAssistant) -> dict[str, User]:
    """Home Assistant's users whom the PBX knows, and Dora whom it does not."""
    return {name: MockUser(id=f"ha-{name}", name=name.title()).add_to_hass(hass) for name in ("anna", "ben", "dora")}


@pytest.fixture
async def browse(hass: HomeAssistant, hass_ws_client: WebSocketGenerator, people: dict[str, User]) -> Browse:
    """Open a browser in which somebody is logged in."""

    async def open_one(name: str) -> Browser:
        token = await hass.auth.async_create_refresh_token(people[name], CLIENT_ID)
        return Browser(await hass_ws_client(hass, hass.auth.async_create_access_token(token)))

    return open_one


@pytest.fixture
def no_links(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """Who comes new is not made a user of the PBX."""
    hass.config_entries.async_update_entry(entry, options={CONF_AUTO_LINK: False})


type Until = Callable[[Callable[[], bool]], Awaitable[None]]


@pytest.fixture
def until(hass: HomeAssistant) -> Until:
    """Wait until something is so: a state is written or an event fired in between."""

    async def wait(true: Callable[[], bool]) -> None:
        async with asyncio.timeout(20):
            while not true():  # noqa: ASYNC110  (what is waited for has no event of its own)
                await asyncio.sleep(0.005)
        await hass.async_block_till_done()

    return wait


@pytest.fixture
async def anna(hass: HomeAssistant, loaded: MockConfigEntry, pbx: FakePbx, hass_admin_user: MockUser) -> Context:
    """Anna, who is an administrator of Home Assistant."""
    pbx.user("anna")["ha_user"] = hass_admin_user.id
    await pbx.change_directory()
    await hass.async_block_till_done()
    return Context(user_id=hass_admin_user.id)


@pytest.fixture
def ran(hass: HomeAssistant) -> list[ServiceCall]:
    return async_mock_service(hass, "test", "ran")


@pytest.fixture
def tts(hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Home Assistant's text-to-speech, with one engine that speaks German by its full name."""
    module: Any = ModuleType("homeassistant.components.tts")
    for name in ("FORMAT", "SAMPLE_RATE", "SAMPLE_CHANNELS", "SAMPLE_BYTES"):
        setattr(module, f"ATTR_PREFERRED_{name}", f"preferred_{name.lower()}")
    module.ATTR_VOICE = "voice"
    module.async_default_engine = Mock(return_value="tts.home")
    module.async_get_text_to_speech_languages = Mock(return_value={"de-DE", "en-US"})

    def say(hass: HomeAssistant, message: str, engine: str | None, language: str, options: dict[str, Any]) -> str:
        if language not in {"de-DE", "en-US"}:
            raise HomeAssistantError(f"Language {language} is not supported")
        return f"media-source://tts/{language}/{options.get('voice', 'usual')}/{message}"

    async def render(hass: HomeAssistant, media: str) -> tuple[str, bytes]:
        if media.endswith("broken"):
            raise HomeAssistantError("The voice is hoarse.")
        return "wav", b"" if media.endswith("silent") else media.encode()

    module.generate_media_source_id = say
    module.async_get_media_source_audio = render
    monkeypatch.setitem(sys.modules, "homeassistant.components.tts", module)
    monkeypatch.setattr("homeassistant.components.tts", module, raising=False)
    hass.config.components.add("tts")
    return module
