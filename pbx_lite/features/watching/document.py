"""XML that phones send: of a bounded size, in UTF-8, and without declarations."""

from typing import TYPE_CHECKING

from pbx_lite.errors import ParseError

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element


def read(body: bytes, most: int) -> Element:
    """The root.  Raises ParseError with the status of the refusal, 413 for more than `most` bytes."""
    from xml.etree import ElementTree as ET  # 3 MB, and few phones send any

    if len(body) > most:
        raise ParseError("The document is too large", 413)
    if b"<!DOCTYPE" in body or b"<!ENTITY" in body or b"\0" in body:  # bombs; UTF-16 hides them
        raise ParseError("The document declares entities")
    try:
        return ET.fromstring(body)  # noqa: S314 - bounded, and without entities
    except (ET.ParseError, LookupError, ValueError) as error:
        raise ParseError("The document cannot be read") from error
