"""The faces of people: pictures of their own, or what Home Assistant has of the person; nobody guesses their names.

Whatever comes is read and drawn anew: no metadata, no other format and nothing hidden in a file gets to anybody.
"""

import base64
import binascii
import secrets
from io import BytesIO
from pathlib import Path

from homeassistant.auth import EVENT_USER_REMOVED
from homeassistant.core import Event, HomeAssistant, callback
from homeassistant.helpers.storage import STORAGE_DIR
from homeassistant.util.hass_dict import HassKey
from PIL import Image, ImageOps, UnidentifiedImageError

from ..const import DOMAIN
from ..preferences import INITIALS, PREFERENCES

# Bytes of a picture as it comes, and pixels of its sides; pages send far less.
MOST = 300 * 1024
_LONGEST_SIDE = 2048
# Pixels of a face as it is kept.
SIZE = 256
_QUALITY = 85
ADDRESS = f"/api/{DOMAIN}/picture/"


class NoPicture(ValueError):
    """What came cannot be shown as a picture; the text says why, for people."""


class Pictures:
    """Those of all users of Home Assistant; `load` once, after the preferences."""

    def __init__(self, hass: HomeAssistant) -> None:
        self._hass = hass
        self._folder = Path(hass.config.path(STORAGE_DIR, f"{DOMAIN}.pictures"))
        self._names: dict[str, str] = {}

    async def load(self) -> None:
        """Find the files, delete those of nobody, and from now on those of users who are removed."""
        files = await self._hass.async_add_executor_job(self._files)
        for user in await self._hass.auth.async_get_users():
            name = self._hass.data[PREFERENCES].of(user.id).picture.removeprefix(ADDRESS)
            if name in files:
                self._names[user.id] = name
        await self._hass.async_add_executor_job(self._delete, files - set(self._names.values()))
        self._hass.bus.async_listen(EVENT_USER_REMOVED, self._forget_user)

    def url_of(self, user: str) -> str:
        """Where a browser finds this user's face, empty for initials."""
        if (name := self._names.get(user)) is not None:
            return ADDRESS + name
        if self._hass.data[PREFERENCES].of(user).picture == INITIALS:
            return ""
        for person in self._hass.states.async_all("person"):
            if person.attributes.get("user_id") == user:
                picture = str(person.attributes.get("entity_picture") or "")
                # One elsewhere would tell that place who looks at whom.
                return picture if picture.startswith("/") and not picture.startswith("//") else ""
        return ""

    def file(self, name: str) -> Path | None:
        """The file behind an address, None where it is nobody's."""
        return self._folder / name if name in self._names.values() else None

    async def put(self, user: str, data: str) -> None:
        """Keep what a browser sent: base64 of a JPEG or PNG.  Raises NoPicture."""
        name = f"{secrets.token_urlsafe(24)}.jpg"
        await self._hass.async_add_executor_job(self._write, name, data)
        await self._change(user, name, ADDRESS + name)

    async def remove(self, user: str, *, initials: bool) -> None:
        """Show the person's picture of Home Assistant again, or from now on `initials`."""
        await self._change(user, None, INITIALS if initials else "")

    async def forget_all(self) -> None:
        """The last PBX is removed."""
        names, self._names = set(self._names.values()), {}
        await self._hass.async_add_executor_job(self._delete, names)

    async def _change(self, user: str, name: str | None, preference: str) -> None:
        before = self._names.pop(user, None)
        if name is not None:
            self._names[user] = name
        self._hass.data[PREFERENCES].change(user, {"picture": preference})
        if before is not None:
            await self._hass.async_add_executor_job(self._delete, {before})

    @callback
    def _forget_user(self, event: Event) -> None:
        if (name := self._names.pop(event.data["user_id"], None)) is not None:
            self._hass.async_add_executor_job(self._delete, {name})

    def _files(self) -> set[str]:
        return {file.name for file in self._folder.glob("*.jpg")} if self._folder.is_dir() else set()

    def _write(self, name: str, data: str) -> None:
        picture = drawn(data)
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        unfinished = self._folder / f"{name}.part"
        unfinished.write_bytes(picture)
        unfinished.replace(self._folder / name)

    def _delete(self, names: set[str]) -> None:
        for name in names:
            (self._folder / name).unlink(missing_ok=True)


def drawn(data: str) -> bytes:
    """A square JPEG of the middle of a picture in base64.  Raises NoPicture."""
    if len(data) > MOST * 4 // 3 + 4:
        raise NoPicture("It is too large.")
    try:
        content = base64.b64decode(data, validate=True)
    except (binascii.Error, ValueError) as err:
        raise NoPicture("It is no base64.") from err
    try:
        with Image.open(BytesIO(content), formats=("JPEG", "PNG")) as picture:
            if max(picture.size) > _LONGEST_SIDE:
                raise NoPicture("It is too large.")
            upright = ImageOps.exif_transpose(picture).convert("RGBA")
    except (UnidentifiedImageError, Image.DecompressionBombError, OSError, ValueError, SyntaxError, EOFError) as err:
        if isinstance(err, NoPicture):
            raise
        raise NoPicture("It is neither a JPEG nor a PNG.") from err
    ground = Image.new("RGBA", upright.size, "white")
    ground.alpha_composite(upright)
    square = ImageOps.fit(ground.convert("RGB"), (SIZE, SIZE))
    written = BytesIO()
    square.save(written, "JPEG", quality=_QUALITY, optimize=True)
    return written.getvalue()


PICTURES: HassKey[Pictures] = HassKey(f"{DOMAIN}_pictures")


async def set_up(hass: HomeAssistant) -> None:
    hass.data[PICTURES] = pictures = Pictures(hass)
    await pictures.load()
