"""XML that phones send."""

import pytest

from pbx_lite.errors import ParseError
from pbx_lite.features.watching.document import read


def test_a_plain_document_is_read() -> None:
    assert read(b"<a><b>1</b></a>", 100).findtext("b") == "1"


@pytest.mark.parametrize(
    "body",
    [
        b"<a>",
        b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>',
        '<?xml version="1.0" encoding="utf-16"?><!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'.encode("utf-16"),
        b"<a>" + b" " * 100 + b"</a>",
    ],
    ids=["broken", "entities", "hidden entities", "too large"],
)
def test_what_could_hurt_is_refused(body: bytes) -> None:
    with pytest.raises(ParseError):
        read(body, 100 if body.startswith(b"<a>") else 1000)
