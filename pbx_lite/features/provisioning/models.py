"""The phones that are known, as a table."""

from collections.abc import Callable
from dataclasses import dataclass

from pbx_lite.features.provisioning import grandstream, linphone, snom, yealink
from pbx_lite.features.provisioning.facts import Setup


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """`file` ends the address that is typed into the phone; what it asks for there ends in `suffix`.

    `says` is in the User-Agent of every such phone, so that somebody who opens the address in a browser does not use
    it up; empty where it is not known.
    """

    render: Callable[[Setup], str]
    content_type: str
    file: str
    suffix: str = ""
    says: str = ""


MODELS = {
    "snom": Model(render=snom.render, content_type="application/xml", file="snom.xml", says="snom"),
    "yealink": Model(
        render=yealink.render, content_type="text/plain", file="yealink.cfg", suffix=".cfg", says="yealink"
    ),
    # It appends cfg<MAC>.xml and others by itself.
    "grandstream": Model(
        render=grandstream.render, content_type="application/xml", file="", suffix=".xml", says="grandstream"
    ),
    "linphone": Model(render=linphone.render, content_type="application/xml", file="linphone.xml"),
}
