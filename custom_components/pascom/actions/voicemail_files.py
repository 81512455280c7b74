"""The files that recordings of messages are written to for others to read, as a mail does that attaches one.

They are copies: those in our own folder among the media go with their message, and do not outlive a week.  Nothing else
is ever deleted, in other folders nothing at all.  `write`, `forget` and `sweep` touch the disk: for a thread.
"""

import asyncio
from pathlib import Path

from homeassistant.core import HomeAssistant
from homeassistant.util import slugify

from ..const import LOGGER

KEPT_SECONDS = 7 * 24 * 3600.0

_FOLDER = "pascom"
_ENDING = ".ogg"
_BEGINNING = "voicemail_"


def own_folder(hass: HomeAssistant) -> Path:
    """Below the first of Home Assistant's media folders; it need not be there."""
    media = next(iter(hass.config.media_dirs.values()), hass.config.path("media"))
    return Path(media, _FOLDER)


def file_in(folder: Path, message: str) -> Path:
    """Where the recording of this message is written."""
    return folder / f"{_BEGINNING}{slugify(message)}{_ENDING}"


def write(file: Path, data: bytes) -> None:
    """Raises OSError."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(data)


def forget(folder: Path, message: str) -> None:
    """Deletes the recording of a message that is gone, where there is one.  Raises OSError."""
    file_in(folder, message).unlink(missing_ok=True)


async def tidy(hass: HomeAssistant, now: float) -> None:
    """Deletes what is older than a week at this time (seconds since the epoch)."""
    folder = own_folder(hass)
    try:
        gone = await asyncio.to_thread(sweep, folder, before=now - KEPT_SECONDS)
    except OSError as err:
        LOGGER.warning("Old recordings in %s could not be deleted: %s", folder, err)
    else:
        LOGGER.debug("%d old recordings were deleted in %s", gone, folder)


def sweep(folder: Path, *, before: float) -> int:
    """Deletes recordings last written before this time (seconds since the epoch); how many.  Raises OSError."""
    gone = 0
    for file in sorted(folder.glob(f"{_BEGINNING}*{_ENDING}")):
        if file.is_file() and not file.is_symlink() and file.stat().st_mtime < before:
            file.unlink(missing_ok=True)
            gone += 1
    return gone
