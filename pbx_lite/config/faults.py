"""The faults of a configuration, gathered so that a person mends them in one go."""

import difflib
from collections.abc import Collection, Sequence

import voluptuous as vol

from pbx_lite.errors import ConfigError

type Path = Sequence[str | int]


class ConfigFaults(ConfigError):
    """One or more faults; `faults` holds each with its path, the message has one line per fault."""

    def __init__(self, faults: Sequence[ConfigError]) -> None:
        super().__init__("", "\n".join(fault.message for fault in faults))
        self.faults = tuple(faults)


def fault(path: Path, message: str) -> ConfigError:
    return ConfigError(path_text(path), message)


def path_text(path: Path) -> str:
    """`("trunks", 0, "password")` as `trunks[0].password`."""
    text = ""
    for part in path:
        if isinstance(part, int):
            text += f"[{part}]"
        else:
            text += f".{part}" if text else str(part)
    return text


def from_voluptuous(error: vol.Invalid, known: Collection[str] = ()) -> list[ConfigError]:
    """Every fault inside `error`; `known` are the keys a misspelt one may have meant."""
    if isinstance(error, vol.MultipleInvalid):
        return [found for each in error.errors for found in from_voluptuous(each, known)]
    path = [part if isinstance(part, int) else str(part) for part in error.path]
    message = error.msg
    if message == "extra keys not allowed":
        close = difflib.get_close_matches(str(path[-1]), known, n=1)
        message = f"unknown key; did you mean {close[0]}?" if close else "unknown key"
    return [fault(path, message)]
