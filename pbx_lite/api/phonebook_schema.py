"""The shapes of what clients send about phonebooks."""

import voluptuous as vol

from pbx_lite.api.schema import Fields, text

FILE_LIMIT = 2 * 1024 * 1024
"""Characters, or bytes, of a file."""
BASE64_LIMIT = FILE_LIMIT // 3 * 4 + 8
MOST_NUMBERS = 10
MOST_ASKED = 200

_TEXT = text(200, empty=True)
_NUMBERS = vol.All(
    [
        {
            vol.Optional("label", default="other"): vol.In(("mobile", "home", "work", "fax", "other")),
            vol.Required("number"): text(64),
        }
    ],
    vol.Length(max=MOST_NUMBERS, msg=f"a contact has up to {MOST_NUMBERS} numbers"),
)
_ID = vol.All(int, vol.Range(1, 2**53))
_BOOK = vol.In(("company", "private"))
_DETAILS: Fields = {
    **{vol.Optional(key): _TEXT for key in ("first", "last", "company", "email")},
    vol.Optional("numbers"): _NUMBERS,
    vol.Optional("note"): text(2000, empty=True),
}

LIST: Fields = {
    vol.Optional("after", default=0): vol.All(int, vol.Range(0, 2**53)),
    vol.Optional("limit", default=500): vol.All(int, vol.Range(1, 1000)),
}
ADD: Fields = {vol.Required("book"): _BOOK, **_DETAILS}
UPDATE: Fields = {
    vol.Required("contact"): _ID,
    vol.Required("revision"): _ID,
    vol.Optional("book"): _BOOK,
    **_DETAILS,
}
REMOVE: Fields = {vol.Required("contact"): _ID}
EXPORT: Fields = {vol.Required("book"): _BOOK, vol.Required("format"): vol.In(("vcard", "csv"))}
IMPORT: Fields = {
    vol.Required("book"): _BOOK,
    vol.Required("format"): vol.In(("vcard", "csv", "fritzbox")),
    vol.Required("data"): text(BASE64_LIMIT),
    vol.Optional("encoding", default="text"): vol.In(("text", "base64")),
}
NAMES: Fields = {
    vol.Required("numbers"): vol.All(
        [text(128, empty=True)], vol.Length(max=MOST_ASKED, msg=f"ask for up to {MOST_ASKED} numbers")
    )
}
