"""What a client may ask about the PBX itself, its users and their roles."""

from typing import Any

from pbx_lite.api import schema
from pbx_lite.api.command import Ask, command
from pbx_lite.api.presentation import account_shown, role_shown, snapshot, user_shown
from pbx_lite.config.fields import name as valid_name

API_VERSION = 1


@command("ping")
async def ping(_: Ask) -> dict[str, Any]:
    return {}


@command("server/info")
async def server_info(ask: Ask) -> dict[str, Any]:
    identity, access = ask.services.identity, ask.services.sip_access()
    return {
        "api_version": API_VERSION,
        "version": identity.version,
        "name": identity.name,
        "instance": identity.instance,
        "fingerprint": identity.fingerprint,
        "sip": {"server": access.server, "port": access.port, "transports": list(access.transports)},
    }


@command("subscribe", admin=True)
async def subscribe(ask: Ask) -> dict[str, Any]:
    """The snapshot; no event is lost between it and the first one told."""
    ask.sessions.subscribe()
    return snapshot(ask.services)


@command("user/rights")
async def rights(ask: Ask) -> dict[str, Any]:
    """Who asks, what they may at each door, in which rooms, and whether they may change the company's phonebook.

    One who is not linked may nothing.
    """
    directory = ask.services.directory
    user = directory.home_user(ask.actor.ha_user) if ask.actor is not None else None
    if user is None and ask.actor is not None:
        return {"user": None, "doors": {}, "rooms": [], "phonebook": ask.may_all}
    doors = {
        door.name: {right: directory.may(user, right, door.name) for right in ("see", "talk", "open")}
        for door in directory.doors()
    }
    rooms = [room.name for room in directory.rooms() if ask.may_all or directory.may_room(user, room.name)]
    return {
        "user": user.name if user is not None else None,
        "doors": doors,
        "rooms": rooms,
        "phonebook": ask.may_all or directory.may_phonebook(user),
    }


@command("user/list", admin=True)
async def users(ask: Ask) -> dict[str, Any]:
    directory = ask.services.directory
    return {"users": [user_shown(ask.services, user) for user in directory.users()]}


@command("user/add", schema.ADD_USER, admin=True)
async def add_user(ask: Ask) -> dict[str, Any]:
    directory = ask.services.directory
    user = await directory.add_user(ask.fields)
    return {
        "user": user_shown(ask.services, user),
        "account": account_shown(ask.services, user.extension, user.password),
    }


@command("user/update", schema.UPDATE_USER, admin=True)
async def update_user(ask: Ask) -> dict[str, Any]:
    fields = {key: value for key, value in ask.fields.items() if key not in {"user", "revision"}}
    user = await ask.services.directory.update_user(ask["user"], fields, revision=ask.fields.get("revision"))
    return {"user": user_shown(ask.services, user)}


@command("user/remove", schema.USER, admin=True)
async def remove_user(ask: Ask) -> dict[str, Any]:
    await ask.services.directory.remove_user(ask["user"])
    return {}


@command("user/account", schema.USER, admin=True)
async def user_account(ask: Ask) -> dict[str, Any]:
    user = ask.services.directory.user(ask["user"])
    return {"account": account_shown(ask.services, user.extension, user.password)}


@command("user/link", schema.LINK, admin=True)
async def link(ask: Ask) -> dict[str, Any]:
    directory = ask.services.directory
    user = await directory.link(ask["ha_user"], ask["name"], ask["user"], ask.fields.get("roles"))
    return {"user": user_shown(ask.services, user)}


@command("user/unlink", schema.UNLINK, admin=True)
async def unlink(ask: Ask) -> dict[str, Any]:
    await ask.services.directory.unlink(ask["ha_user"])
    return {}


@command("role/list", admin=True)
async def roles(ask: Ask) -> dict[str, Any]:
    directory = ask.services.directory
    return {"roles": [role_shown(directory, role) for role in directory.roles()]}


@command("role/save", {**schema.SAVE_ROLE, **dict.fromkeys(schema.ROLE, valid_name)}, admin=True)
async def save_role(ask: Ask) -> dict[str, Any]:
    directory = ask.services.directory
    fields = {key: value for key, value in ask.fields.items() if key not in {"role", "revision"}}
    role = await directory.save_role(ask["role"], fields, revision=ask.fields.get("revision"))
    return {"role": role_shown(directory, role)}


@command("role/remove", schema.ROLE, admin=True)
async def remove_role(ask: Ask) -> dict[str, Any]:
    await ask.services.directory.remove_role(ask["role"])
    return {}
