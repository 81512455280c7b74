import pytest

from pbx_lite.config import Button, Device, Door, OpenDtmf, OpenEvent, OpenHttp, Role, Secret, User, Video
from pbx_lite.config.runtime import door_mapping, parse_door, parse_role, parse_user, role_mapping, user_mapping
from pbx_lite.errors import Invalid

DOOR = Door(
    name="front",
    display_name="Front door",
    extension="150",
    password=Secret("secret"),
    address="tcp:[2001:db8::9]:5060",
    model="2n",
    rings=("anna", "*"),
    buttons=(Button(number="11", name="Anna", rings=("anna",)),),
    ring_seconds=45,
    late_seconds=0,
    video=Video(in_call=False, url="rtsp://192.0.2.9/live", username="u", password=Secret("p"), early="url"),
    open=(
        OpenDtmf(digits=Secret("00#"), how="inband", digit_ms=250),
        OpenHttp(url="https://192.0.2.9/", method="POST", body="x", fingerprint="ab" * 32),
        OpenEvent(),
    ),
    provisioned=False,
)
USER = User(
    name="anna",
    display_name="Anna",
    extension="101",
    password=Secret("secret"),
    roles=("family",),
    mobile="+4917112345",
    codecs=("opus",),
    devices=(Device(name="kitchen", account="101-kitchen", password=Secret("k"), codecs=("PCMA",), provisioned=False),),
    provisioned=False,
)


def test_what_is_kept_comes_back_as_it_was() -> None:
    assert parse_door(door_mapping(DOOR)) == DOOR
    assert parse_user(user_mapping(USER)) == USER
    role = Role(name="family", see=("*",), open=("front",), dial=("+49",), pickup=False, provisioned=False)
    assert parse_role("family", role_mapping(role)) == role


def test_every_fault_of_a_door_is_told() -> None:
    with pytest.raises(Invalid, match=r"^video\.url: this must be .*; open\[0\]: this must have exactly one"):
        parse_door({"name": "a", "extension": "1", "video": {"url": "x"}, "open": [{}]})
