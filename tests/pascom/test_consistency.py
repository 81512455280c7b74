"""What hassfest checks, as far as it can be checked without it, and what only we can know."""

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from homeassistant.helpers import condition as condition_helper
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.service import _SERVICES_SCHEMA
from homeassistant.helpers.trigger.descriptions import _TRIGGERS_DESCRIPTION_SCHEMA
from homeassistant.loader import Manifest
from PIL import Image
from pytest_homeassistant_custom_component import common as _  # noqa: F401  (Home Assistant is patched before use)

from custom_components.pascom import condition, const, entity, event, repairs, sensor, trigger
from custom_components.pascom.actions import calls as actions
from custom_components.pascom.flows import door as door_flow
from custom_components.pascom.flows import line as line_flow
from custom_components.pascom.flows import options as options_flow
from custom_components.pascom.flows import phone as phone_flow
from custom_components.pascom.flows import room as room_flow
from custom_components.pascom.wire.reasons import REASONS

# In 2026.11 the conditions are a package.
_CONDITIONS: Any = condition_helper
_CONDITIONS_DESCRIPTION_SCHEMA = getattr(_CONDITIONS, "descriptions", _CONDITIONS)._CONDITIONS_DESCRIPTION_SCHEMA

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "custom_components" / "pascom"
MODULES = [file for file in FOLDER.rglob("*.py") if not {"frontend", "pbx_lite"} & set(file.relative_to(FOLDER).parts)]
LANGUAGES = ("en", "de", "fr", "nl", "sr")
PLACEHOLDER = re.compile(r"{(\w+)}")

MANIFEST: dict[str, Any] = json.loads((FOLDER / "manifest.json").read_text())
ICONS: dict[str, Any] = json.loads((FOLDER / "icons.json").read_text())
TEXTS: dict[str, dict[str, Any]] = {
    language: json.loads((FOLDER / "translations" / f"{language}.json").read_text()) for language in LANGUAGES
}


def _leaves(tree: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], str]]:
    if isinstance(tree, dict):
        for key, value in tree.items():
            yield from _leaves(value, (*path, key))
    else:
        yield path, tree


def _sorted(tree: Any) -> bool:
    return not isinstance(tree, dict) or (list(tree) == sorted(tree) and all(map(_sorted, tree.values())))


def _has(language: str, *path: str) -> bool:
    tree: Any = TEXTS[language]
    for key in path:
        if not isinstance(tree, dict) or key not in tree:
            return False
        tree = tree[key]
    return True


def test_the_manifest_has_what_hassfest_and_hacs_ask_for() -> None:
    keys = list(MANIFEST)
    assert keys == ["domain", "name", *sorted(keys[2:])]
    assert {"codeowners", "documentation", "issue_tracker", "version", "iot_class"} <= set(keys)
    assert set(keys) <= set(Manifest.__annotations__)
    assert MANIFEST["domain"] == const.DOMAIN == FOLDER.name
    assert MANIFEST["requirements"] == ["aiortc==1.16.0", "av==19.0.0", "uvloop==0.23.0"]
    assert MANIFEST["zeroconf"] == ["_pascom._tcp.local."]
    version = (ROOT / "pbx_lite" / "__init__.py").read_text()
    assert f'"{MANIFEST["version"]}"' in version


def test_hacs_finds_its_zip() -> None:
    hacs = json.loads((ROOT / "hacs.json").read_text())
    assert hacs["zip_release"]
    assert hacs["filename"] == "pascom.zip"
    assert set(hacs) <= {"name", "filename", "zip_release", "homeassistant", "hide_default_branch", "render_readme"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_all_languages_say_the_same(language: str) -> None:
    english, other = dict(_leaves(TEXTS["en"])), dict(_leaves(TEXTS[language]))
    assert set(english) == set(other)
    for path, text in english.items():
        assert set(PLACEHOLDER.findall(text)) == set(PLACEHOLDER.findall(other[path])), path
        assert other[path].strip() == other[path]
        assert other[path]
    assert _sorted(TEXTS[language])
    if language != "en":
        same = {path for path, text in english.items() if other[path] == text and not text.startswith("{")}
        # Proper names and words that are the same in both.
        assert all(len(english[path]) < 25 for path in same), same


def _source(name: str) -> str:
    return (FOLDER / name).read_text()


def _calls(name: str, function: str) -> Iterator[ast.Call]:
    for node in ast.walk(ast.parse(_source(name))):
        called = node.func if isinstance(node, ast.Call) else None
        if isinstance(node, ast.Call) and getattr(called, "attr", getattr(called, "id", "")) == function:
            yield node


def _constants(name: str, function: str, keyword: str) -> set[str]:
    """Every string that stands in this keyword argument of calls of the function."""
    return {
        part.value
        for call in _calls(name, function)
        for argument in call.keywords
        if argument.arg == keyword
        for part in ast.walk(argument.value)
        if isinstance(part, ast.Constant) and isinstance(part.value, str)
    }


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("file", "path"),
    [
        ("config_flow.py", ("config",)),
        ("flows/options.py", ("options",)),
        ("flows/phone.py", ("options",)),
        ("flows/room.py", ("options",)),
        ("flows/door.py", ("config_subentries", "door")),
        ("flows/line.py", ("config_subentries", "line")),
    ],
)
def test_every_step_error_and_abort_of_a_flow_has_words(language: str, file: str, path: tuple[str, ...]) -> None:
    steps = _constants(file, "async_show_form", "step_id") | _constants(file, "async_show_menu", "step_id")
    steps |= set(re.findall(r'self\._(?:room_)?form\("(\w+)"', _source(file)))
    steps |= {"local", "local_voip", "local_port_taken", "pair", "reauth_confirm"} if path == ("config",) else set()
    assert steps
    for step in steps:
        assert _has(language, *path, "step", step), step
    for menu in _calls(file, "async_show_menu"):
        keywords = {argument.arg: ast.literal_eval(argument.value) for argument in menu.keywords[:2]}
        for option in keywords["menu_options"]:
            assert _has(language, *path, "step", keywords["step_id"], "menu_options", option), option
    for action in _constants(file, "async_show_progress", "progress_action"):
        assert _has(language, *path, "progress", action)
    central = {"already_configured", "reauth_successful", "reconfigure_successful"}
    aborts = _constants(file, "async_abort", "reason") | _constants(file, "_abort_if_unique_id_mismatch", "reason")
    for reason in aborts - central:
        assert _has(language, *path, "abort", reason), reason
    errors = set(re.findall(r'"base": "(\w+)"|errors\[\w*"?\w+"?\] = "(\w+)"', _source(file)))
    for error in {name for pair in errors for name in pair if name}:
        assert _has(language, *path, "error", error), error


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_choice_has_words(language: str) -> None:
    for key, options in {
        "opening": door_flow.OPENINGS,
        "dtmf_how": door_flow.DTMF_HOW,
        "rings": (door_flow.EVERYONE,),
        "pbx_user": (options_flow.NEW_USER, options_flow.NO_ACCESS),
        "doors": (options_flow.EVERY_DOOR,),
        "direction": trigger.DIRECTIONS,
        "dial": options_flow.DIAL,
        "line_profile": line_flow.PROFILES,
        "phone_model": phone_flow.MODELS,
        "phone_device": (phone_flow.FIRST_PHONE,),
        "room": (room_flow.NEW_ROOM,),
        "rooms": (options_flow.EVERY_ROOM,),
    }.items():
        assert set(TEXTS[language]["selector"][key]["options"]) == set(options)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_error_that_is_raised_has_words(language: str) -> None:
    used: set[str] = set()
    for file in MODULES:
        used |= set(re.findall(r'(?:translation_key=|\binvalid\()"(\w+)"', file.read_text()))
    platforms = {key for platform in TEXTS[language]["entity"].values() for key in platform}
    known = set(TEXTS[language]["exceptions"]) | platforms | set(TEXTS[language]["selector"])
    for name in ("websocket_api.py", "pages/preferences_api.py", "pages/newcomers_api.py"):
        used |= set(re.findall(r'Refused\("\w+", "(\w+)"', _source(name)))
    assert used <= known
    assert {"unauthorized", "certificate_changed"} <= set(TEXTS[language]["exceptions"])


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_reason_of_the_pbx_has_the_panels_words(language: str) -> None:
    words = json.loads((FOLDER / f"frontend/src/translations/faults/{language}.json").read_text())
    exceptions = {key: text["message"] for key, text in TEXTS[language]["exceptions"].items()}
    of_pbx = {key.removeprefix("pbx_"): text for key, text in exceptions.items() if key.startswith("pbx_")}
    assert of_pbx.keys() == REASONS
    assert of_pbx == {reason: words[reason] for reason in of_pbx}
    own = words.keys() - REASONS
    assert {key for key in own if not key.startswith("panel_") or key not in exceptions} == set()


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_repair_issue_has_words(language: str) -> None:
    kinds = {
        repairs.PORT_IN_USE,
        repairs.PORT_USED_BY_VOIP,
        repairs.TLS_PORT_IN_USE,
        repairs.PBX_FAILS,
        repairs.TWO_WAY_AUDIO,
    }
    assert set(TEXTS[language]["issues"]) == kinds
    for issue in TEXTS[language]["issues"].values():
        assert ("description" in issue) != ("fix_flow" in issue)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_entity_has_a_name_and_an_icon(language: str) -> None:
    keys = {
        (file.stem, key)
        for file in MODULES
        if file.stem in entity.PLATFORMS
        for key in re.findall(r'translation_key\s*=\s*"(\w+)"', file.read_text())
        if key not in TEXTS["en"]["exceptions"]
    }
    assert len(keys) >= 6
    for platform, key in keys:
        assert _has(language, "entity", platform, key, "name"), key
        assert ICONS["entity"][platform][key]["default"].startswith("mdi:")
    states = TEXTS[language]["entity"]["event"]["doorbell"]["state_attributes"]["event_type"]["state"]
    assert set(states) == set(event.DOORBELL.event_types or ())
    states = TEXTS[language]["entity"]["event"]["calls"]["state_attributes"]["event_type"]["state"]
    assert set(states) == set(event.CALLS.event_types or ())
    assert set(TEXTS[language]["entity"]["sensor"]["call"]["state"]) == set(sensor.CALL.options or ())


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("kind", "schema", "offered"),
    [
        ("services", _SERVICES_SCHEMA, {*actions.ACTIONS, const.SERVICE_OPEN_DOOR}),
        ("triggers", _TRIGGERS_DESCRIPTION_SCHEMA, set(trigger.TRIGGERS)),
        ("conditions", _CONDITIONS_DESCRIPTION_SCHEMA, set(condition.CONDITIONS)),
    ],
)
def test_what_automations_use_is_described(language: str, kind: str, schema: Any, offered: set[str]) -> None:
    described = schema(yaml.safe_load(_source(f"{kind}.yaml")))
    assert set(described) == offered == set(TEXTS[language][kind]) == set(ICONS[kind])
    for name, value in described.items():
        assert set(value["fields"]) == set(TEXTS[language][kind][name]["fields"])
        assert {"name", "description"} <= set(TEXTS[language][kind][name])


def test_every_field_of_an_action_can_be_filled_in() -> None:
    described = _SERVICES_SCHEMA(yaml.safe_load(_source("services.yaml")))
    for name, action in actions.ACTIONS.items():
        targets = set(map(str, cv.ENTITY_SERVICE_FIELDS))
        assert set(described[name]["fields"]) - targets == set(map(str, action.fields)) - targets


@pytest.mark.parametrize(
    ("kind", "classes"), [("triggers", trigger.TRIGGERS), ("conditions", condition.CONDITIONS)], ids=str
)
async def test_every_option_in_the_editor_is_taken(kind: str, classes: dict[str, Any]) -> None:
    for name, described in yaml.safe_load(_source(f"{kind}.yaml")).items():
        if name in classes:
            options = {key: ["1"] for key in described["fields"]} | {"direction": ["inbound"], "behavior": "all"}
            options = {key: value for key, value in options.items() if key in described["fields"]}
            target = {"target": {"device_id": ["1"]}} if "target" in described else {}
            taken = await classes[name].async_validate_config(None, {"options": options, **target})
            assert taken["options"] == options


def test_the_icons_are_sorted() -> None:
    assert _sorted(ICONS)


def test_the_quality_scale_names_every_rule() -> None:
    rules = yaml.safe_load(_source("quality_scale.yaml"))["rules"]
    assert len(rules) == 54
    for rule, status in rules.items():
        if isinstance(status, dict):
            assert status["status"] in {"exempt", "todo", "done"}, rule
            assert status["comment"]
        else:
            assert status in {"done", "todo"}, rule


def test_the_brand_images_have_the_right_size() -> None:
    for name, size in {"icon": (256, 256), "icon@2x": (512, 512)}.items():
        with Image.open(FOLDER / "brand" / f"{name}.png") as image:
            assert image.size == size
    for name, height in {"logo": 256, "logo@2x": 512, "dark_logo": 256, "dark_logo@2x": 512}.items():
        with Image.open(FOLDER / "brand" / f"{name}.png") as image:
            assert image.height == height


def test_the_client_and_its_models_know_nothing_of_home_assistant() -> None:
    for name in ("pages/sight.py", *(f"wire/{file.name}" for file in (FOLDER / "wire").glob("*.py"))):
        for node in ast.walk(ast.parse(_source(name))):
            modules = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom) and node.level == 0:
                modules.append(node.module or "")
            assert not [module for module in modules if module.startswith(("homeassistant", "pbx_lite"))]


def test_no_file_is_long() -> None:
    for file in MODULES:
        assert len(file.read_text().splitlines()) < 450, file.name
