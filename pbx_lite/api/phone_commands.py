"""What a client may ask of people's phones: how they are reached, text to them, and their configuration."""

from typing import Any

from pbx_lite.api import schema
from pbx_lite.api.command import Ask, command
from pbx_lite.api.facade import there
from pbx_lite.api.presentation import stamp, user_shown
from pbx_lite.errors import Invalid


@command("user/set", schema.SET_USER)
async def set_user(ask: Ask) -> dict[str, Any]:
    user = ask.somebody()
    await there(ask.services.people).set(
        user, do_not_disturb=ask.fields.get("do_not_disturb"), profile=ask.fields.get("profile")
    )
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


@command("message/send", schema.MESSAGE)
async def send_message(ask: Ask) -> dict[str, Any]:
    await there(ask.services.messages).send(ask.asker, ask["to"], ask["text"])
    return {}


@command("trunk/list", admin=True)
async def trunks(ask: Ask) -> dict[str, Any]:
    return {"trunks": [dict(trunk) for trunk in there(ask.services.trunks).states()]}


@command("route/answer", schema.ANSWER_ROUTE, admin=True)
async def answer_route(ask: Ask) -> dict[str, Any]:
    """Exactly one of a number, a refusal, or whom to ring."""
    number, refuse, ring = ask.fields.get("number", ""), ask.fields.get("refuse", False), ask.fields.get("ring", ())
    if sum(map(bool, (number, refuse, ring))) != 1:
        raise Invalid("Give one of number, refuse and ring.")
    there(ask.services.trunks).answer_route(ask["request"], number=number, refuse=refuse, ring=tuple(ring))
    return {}


@command("provision/link", schema.PROVISION, admin=True)
async def provision(ask: Ask) -> dict[str, Any]:
    """The address holds a secret: whoever has it can be this phone."""
    user = ask.services.directory.user(ask["user"]).name
    url, expires = there(ask.services.provisioning).link(user, ask["device"], ask["model"])
    return {"url": url, "expires": stamp(expires)}
