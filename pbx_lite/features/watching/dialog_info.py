"""Lamp keys: the calls of an extension as Snom, Yealink and Grandstream read them (RFC 4235)."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from xml.sax.saxutils import escape, quoteattr

from pbx_lite.features.watching.lines import Line

TYPE = "application/dialog-info+xml"
_ANONYMOUS = "sip:anonymous@anonymous.invalid"


@dataclass(frozen=True, slots=True)
class Tags:
    """The dialog that a phone names in Replaces when it takes a ringing call."""

    call_id: str
    local: str
    remote: str


@dataclass(slots=True)
class Lamp:
    """What one watcher was told of `entity` (a URI): versions count up, calls that ended are said once more.

    `host` is how the watcher names us.
    """

    entity: str
    host: str
    _version: int = 0
    _told: dict[str, Line] = field(default_factory=dict)

    def render(self, lines: Sequence[Line], tags: dict[str, Tags], *, identities: bool) -> bytes:
        """The whole state; the other side's number and name only where `identities` may be shown."""
        present = {line.call for line in lines}
        gone = [line for call, line in self._told.items() if call not in present]
        dialogs = [_dialog(self, line, line.state.value, tags.get(line.call), identities) for line in lines]
        dialogs += [_dialog(self, line, "terminated", None, False) for line in gone]
        if not dialogs:  # several phones take no dialog at all for no news
            dialogs = [f"<dialog id={quoteattr(self.entity)}><state>terminated</state></dialog>"]
        text = (
            '<?xml version="1.0" encoding="UTF-8"?>\n'
            f'<dialog-info xmlns="urn:ietf:params:xml:ns:dialog-info" version="{self._version}" state="full"'
            f" entity={quoteattr(self.entity)}>\n{'\n'.join(dialogs)}\n</dialog-info>\n"
        )
        self._version += 1
        self._told = {line.call: line for line in lines}
        return text.encode()


def _dialog(lamp: Lamp, line: Line, state: str, tags: Tags | None, identities: bool) -> str:
    direction = "initiator" if line.caller else "recipient"
    attributes = f"id={quoteattr(line.call)}"
    if tags is not None:
        attributes += (
            f" call-id={quoteattr(tags.call_id)} local-tag={quoteattr(tags.local)} remote-tag={quoteattr(tags.remote)}"
        )
    text = f'<dialog {attributes} direction="{direction}"><state>{state}</state>'
    if identities:
        private = line.number in {"", "anonymous"}
        remote = _ANONYMOUS if private else f"sip:{line.number}@{lamp.host}"
        text += _side("remote", remote, "" if private else line.name)
        text += _side("local", lamp.entity, "")
    return text + "</dialog>"


def _side(side: str, uri: str, name: str) -> str:
    display = f" display={quoteattr(name)}" if name else ""
    return f"<{side}><identity{display}>{escape(uri)}</identity><target uri={quoteattr(uri)}/></{side}>"
