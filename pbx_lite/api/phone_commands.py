"""What a client may ask of people's phones: how they are reached, text to them, and their configuration."""

from typing import Any

from pbx_lite.api import schema
from pbx_lite.api.command import Ask, command
from pbx_lite.api.facade import there
from pbx_lite.api.presentation import account_shown, stamp, user_shown
from pbx_lite.errors import Forbidden, Invalid


@command("user/set", schema.SET_USER)
async def set_user(ask: Ask) -> dict[str, Any]:
    user, people = ask.somebody(), there(ask.services.people)
    fields = {key: value for key, value in ask.fields.items() if key not in {"user", "language"}}
    if "language" in ask.fields:
        await ask.services.directory.set_language(user, ask["language"])
    if fields or "language" not in ask.fields:
        await people.set(user, **fields)
    return {"user": user_shown(ask.services, ask.services.directory.user(user))}


@command("user/follow_me", schema.USER)
async def follow_me(ask: Ask) -> dict[str, Any]:
    return dict(there(ask.services.people).settings(ask.somebody()))


@command("user/set_follow_me", schema.SET_FOLLOW_ME)
async def set_follow_me(ask: Ask) -> dict[str, Any]:
    user, people = ask.somebody(), there(ask.services.people)
    fields = {key: value for key, value in ask.fields.items() if key not in {"user", "profile"}}
    await people.set_follow_me(user, ask["profile"], fields)
    return dict(people.settings(user))


@command("user/forward", schema.FORWARD)
async def forward(ask: Ask) -> dict[str, Any]:
    user, people = ask.somebody(), there(ask.services.people)
    await people.forward(user, {key: value for key, value in ask.fields.items() if key != "user"})
    return dict(people.settings(user))


@command("user/add_device", schema.ADD_DEVICE, admin=True)
async def add_device(ask: Ask) -> dict[str, Any]:
    """One more phone with an account of its own, which is told this once."""
    directory = ask.services.directory
    device = await directory.add_device(
        ask["user"], ask["device"], {key: value for key, value in ask.fields.items() if key == "codecs"}
    )
    return {
        "user": user_shown(ask.services, directory.user(ask["user"])),
        "account": account_shown(ask.services, device.account, device.password),
    }


@command("user/remove_device", schema.REMOVE_DEVICE, admin=True)
async def remove_device(ask: Ask) -> dict[str, Any]:
    directory = ask.services.directory
    await directory.remove_device(ask["user"], ask["device"])
    return {"user": user_shown(ask.services, directory.user(ask["user"]))}


@command("team/duty", schema.DUTY)
async def set_duty(ask: Ask) -> dict[str, Any]:
    """Members say for themselves whether they take calls of the team, administrators for others."""
    teams = there(ask.services.teams)
    teams.set_duty(ask["team"], ask.somebody(), ask["duty"])
    return {"team": dict(teams.state(ask["team"]))}


@command("workplace/log_in", schema.WORKPLACE)
async def log_in(ask: Ask) -> dict[str, Any]:
    people = there(ask.services.people)
    people.log_in(ask["workplace"], ask.somebody())
    return {"workplaces": [dict(place) for place in people.workplaces()]}


@command("workplace/log_out", schema.WORKPLACE)
async def log_out(ask: Ask) -> dict[str, Any]:
    """Whoever is logged in there does it themselves, or somebody who may all."""
    people, asker = there(ask.services.people), ask.on_behalf()
    there_now = next((place["user"] for place in people.workplaces() if place["name"] == ask["workplace"]), None)
    if there_now not in {None, asker} and not ask.may_all:
        raise Forbidden("Only an administrator may log out somebody else.")
    people.log_out(ask["workplace"])
    return {"workplaces": [dict(place) for place in people.workplaces()]}


@command("message/send", schema.MESSAGE)
async def send_message(ask: Ask) -> dict[str, Any]:
    await there(ask.services.messages).send(ask.asker, ask["to"], ask["text"])
    return {}


@command("trunk/list", admin=True)
async def trunks(ask: Ask) -> dict[str, Any]:
    return {"trunks": [dict(trunk) for trunk in there(ask.services.trunks).states()]}


@command("route/answer", schema.ANSWER_ROUTE, admin=True)
async def answer_route(ask: Ask) -> dict[str, Any]:
    """One of a number, a refusal, or whom to ring; none of them lets the call go where it always goes, at once."""
    number, refuse, ring = ask.fields.get("number", ""), ask.fields.get("refuse", False), ask.fields.get("ring", ())
    if sum(map(bool, (number, refuse, ring))) > 1:
        raise Invalid("Give one of number, refuse and ring.")
    there(ask.services.trunks).answer_route(ask["request"], number=number, refuse=refuse, ring=tuple(ring))
    return {}


@command("provision/link", schema.PROVISION, admin=True)
async def provision(ask: Ask) -> dict[str, Any]:
    """The address holds a secret: whoever has it can be this phone."""
    provisioning, place = there(ask.services.provisioning), ask.fields.get("workplace")
    if ("user" in ask.fields) == (place is not None):
        raise Invalid("Give a user, or a workplace for a shared phone.")
    if place is not None:
        url, expires = provisioning.link_shared(place, ask["model"])
    else:
        user = ask.services.directory.user(ask["user"]).name
        url, expires = provisioning.link(user, ask["device"], ask["model"])
    return {"url": url, "expires": stamp(expires)}


@command("provision/restart", schema.RESTART, admin=True)
async def restart(ask: Ask) -> dict[str, Any]:
    """A desk phone that is registered starts anew; whoever speaks by it is cut off by most."""
    await there(ask.services.provisioning).restart(ask["user"], ask["device"])
    return {}
