"""Lines to the outside of a PBX that runs here: what the entry says of them, as the PBX's configuration says it.

Each line is a subentry.  Where there is one, there is a team of everybody too: calls from outside ring there unless an
automation sends them elsewhere.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from homeassistant.config_entries import ConfigEntry
from homeassistant.const import CONF_NAME, CONF_PASSWORD

from ..const import SUBENTRY_LINE

PASSWORD_VARIABLE = "PBX_LITE_LINE"  # noqa: S105 - a name
EVERYONE = {"name": "everyone", "display_name": "Everyone", "members": ["*"]}
# The extension of that team: where nobody has it, this one.
CONF_TEAM = "team_extension"
FIRST_TEAM = 600

# What a line's subentry holds beside its name and password, by the keys of pbx.yaml.
FIELDS = ("display_name", "profile", "registrar", "username", "caller_number", "prefix", "country", "area")

# By the country that Home Assistant is in; what is not here is asked for.
COUNTRY_CODES = {
    "AT": "43",
    "AU": "61",
    "BE": "32",
    "CH": "41",
    "CZ": "420",
    "DE": "49",
    "DK": "45",
    "ES": "34",
    "FR": "33",
    "GB": "44",
    "IE": "353",
    "IT": "39",
    "LI": "423",
    "LU": "352",
    "NL": "31",
    "NO": "47",
    "PL": "48",
    "SE": "46",
    "US": "1",
}


def lines_of(entry: ConfigEntry) -> list[dict[str, Any]]:
    """The lines that were added here, by name."""
    found = [dict(each.data) for each in entry.subentries.values() if each.subentry_type == SUBENTRY_LINE]
    return sorted(found, key=lambda line: str(line[CONF_NAME]))


def as_yaml(lines: Sequence[Mapping[str, Any]]) -> list[str]:
    """The lines of pbx.yaml that hold them; each value is JSON, the passwords come from the environment."""
    trunks = []
    for number, line in enumerate(lines, 1):
        told = {"name": line[CONF_NAME], **{key: line[key] for key in FIELDS if line.get(key)}}
        # An empty prefix says that nothing is dialled before numbers outside.
        told["prefix"] = line.get("prefix", "0")
        told["default"] = EVERYONE["name"]
        values = ", ".join(f"{json.dumps(key)}: {json.dumps(value, ensure_ascii=False)}" for key, value in told.items())
        password = f', "password": !env {PASSWORD_VARIABLE}_{number}' if line.get(CONF_PASSWORD) else ""
        trunks.append(f"{{{values}{password}}}")
    if not trunks:
        return []
    team = {**EVERYONE, "extension": team_of(lines) or str(FIRST_TEAM)}
    return [f"teams: {json.dumps([team])}", f"trunks: [{', '.join(trunks)}]"]


def team_of(lines: Iterable[Mapping[str, Any]]) -> str:
    """The extension that everybody has together, empty where no line was added yet."""
    return next((str(line[CONF_TEAM]) for line in lines if line.get(CONF_TEAM)), "")


def as_environment(lines: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    return {
        f"{PASSWORD_VARIABLE}_{number}": str(line[CONF_PASSWORD])
        for number, line in enumerate(lines, 1)
        if line.get(CONF_PASSWORD)
    }
