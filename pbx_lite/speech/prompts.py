"""What is spoken, for those who give it another voice; `api.room_facade.Prompts` says what each method is for."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime

from pbx_lite.directory import Directory
from pbx_lite.errors import MediaError, NotFound
from pbx_lite.speech.sentence import stored
from pbx_lite.speech.shelf import Shelf
from pbx_lite.speech.texts import LANGUAGES


class Prompts:
    """`name:<user>` and `room:<room>` are the keys of names, which are in the directory and not in the texts."""

    def __init__(self, *, shelf: Shelf, directory: Directory) -> None:
        self._shelf = shelf
        self._directory = directory

    def wanted(self, language: str) -> Mapping[str, str]:
        """Key to text.  Raises NotFound for a language that there are no texts for."""
        self._require(language)
        names = {f"name:{user.name}": user.display_name for user in self._directory.users()}
        names |= {f"room:{room.name}": room.display_name for room in self._directory.rooms()}
        return stored(language) | names

    async def replace(self, language: str, key: str, sound: bytes | None) -> None:
        """Raises NotFound for a prompt that there is not, MediaError and Invalid for a sound that cannot be taken.

        What replaces the name of somebody who is gone can still be taken away.
        """
        self._require(language)
        known = key in self.wanted(language)
        if not known and (sound is not None or key not in await asyncio.to_thread(self._shelf.replaced, language)):
            raise NotFound(f"There is no prompt {key[:80]}.")
        try:
            if sound is None:
                await asyncio.to_thread(self._shelf.restore, language, key)
            else:
                await asyncio.to_thread(self._shelf.replace, language, key, sound)
        except OSError as error:
            raise MediaError(f"The sound cannot be kept: {error.strerror}.") from error

    def languages(self) -> Sequence[str]:
        return LANGUAGES

    def replaced(self, language: str) -> Mapping[str, datetime]:
        """Raises NotFound for a language that there are no texts for."""
        self._require(language)
        return self._shelf.replaced(language)

    def _require(self, language: str) -> None:
        if language not in LANGUAGES:
            raise NotFound(f"There are no texts in the language {language[:20]}.")
