"""All commands together: finds the one that is asked for, checks its fields and rights, and carries it out."""

from typing import Any

from pbx_lite.api import (
    admin_commands,
    call_commands,
    door_commands,
    group_commands,
    journal_commands,
    people_commands,
    phone_commands,
    phonebook_commands,
    prompt_commands,
    room_commands,
    schema,
    softphone_commands,
    voicemail_commands,
)
from pbx_lite.api.command import COMMANDS, Ask
from pbx_lite.errors import Forbidden, PbxError

MODULES = (
    door_commands,
    people_commands,
    call_commands,
    journal_commands,
    phone_commands,
    room_commands,
    voicemail_commands,
    prompt_commands,
    softphone_commands,
    admin_commands,
    phonebook_commands,
    group_commands,
)
"""The modules that fill the table as they are imported."""


class UnknownCommand(PbxError):
    code = "unknown_command"


async def run(name: str, ask: Ask) -> Any:
    """The command's result.  Raises PbxError."""
    entry = COMMANDS.get(name)
    if entry is None:
        raise UnknownCommand(f"There is no command {name}.")
    checked = Ask(
        services=ask.services,
        sessions=ask.sessions,
        fields=schema.checked(entry.fields, ask.fields),
        actor=ask.actor,
    )
    if entry.admin and ask.actor is not None and not ask.actor.admin:
        raise Forbidden("Only an administrator may do this.")
    if entry.right is not None:
        ask.services.directory.require(checked.by, entry.right, checked["door"])
    return await entry.function(checked)
