"""What a client may ask of the words that the PBX speaks: for who gives it another voice."""

from typing import Any

from pbx_lite.api import room_schema as schema
from pbx_lite.api.command import Ask, command
from pbx_lite.api.facade import there
from pbx_lite.api.payload import decoded
from pbx_lite.api.presentation import stamp


@command("prompt/list", schema.PROMPTS)
async def prompts(ask: Ask) -> dict[str, Any]:
    """The languages, and of the one that is named which prompts have another voice, since when."""
    words, language = there(ask.services.prompts), ask.fields.get("language")
    replaced = words.replaced(language) if language is not None else {}
    return {"languages": list(words.languages()), "replaced": {key: stamp(at) for key, at in replaced.items()}}


@command("prompt/wanted", schema.WANTED, admin=True)
async def wanted(ask: Ask) -> dict[str, Any]:
    return {"prompts": dict(there(ask.services.prompts).wanted(ask["language"]))}


@command("prompt/replace", schema.REPLACE, admin=True)
async def replace(ask: Ask) -> dict[str, Any]:
    words = there(ask.services.prompts)
    await words.replace(ask["language"], ask["key"], await decoded(ask["data"], schema.SOUND_LIMIT))
    return {}
