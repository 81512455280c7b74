import re
from dataclasses import FrozenInstanceError
from typing import Any
from urllib.parse import urlsplit

import pytest

from pbx_lite.config import Door, OpenDtmf, OpenEvent, OpenHttp, Secret, Video
from pbx_lite.errors import Invalid
from pbx_lite.features.doorbell.profiles import (
    KNOWN_MODELS,
    PROFILES,
    DoorProfile,
    Quirk,
    at_host,
    list_profiles,
    profile_of,
    with_account,
    with_defaults,
)


def test_the_ten_models_of_the_product_map_are_known():
    makers = {"2n", "doorbird", "grandstream", "baudisch", "behnke", "akuvox", "fanvil", "hikvision", "dahua"}
    assert makers | {"generic"} == KNOWN_MODELS


def test_the_list_begins_with_the_generic_station_and_carries_sentences():
    rows = list_profiles()
    assert rows[0]["model"] == "generic"
    keys = {"model", "name", "manufacturer", "notes", "dtmf", "http", "pictures"}
    assert all(set(row) == keys for row in rows)
    assert all(str(row["notes"]).endswith(".") for row in rows)
    assert [row["model"] for row in rows if not (row["dtmf"] or row["http"])] == ["generic", "grandstream", "baudisch"]


@pytest.mark.parametrize("row", PROFILES.values(), ids=lambda row: row.model)
def test_every_address_is_whole_once_host_and_account_are_filled_in(row: DoorProfile):
    addresses = [row.video_url, row.image_url, row.http.url if row.http else ""]
    for template in filter(None, addresses):
        url = with_account(at_host(template, "192.168.1.9"), "admin", "se/cret&")
        assert not re.search(r"[{}]", url)
        assert urlsplit(url).hostname == "192.168.1.9"
        assert "se/cret&" not in url
    if row.http and "{password}" in row.http.url:
        assert Quirk.SECRET_IN_URL in row.quirks


@pytest.mark.parametrize("row", PROFILES.values(), ids=lambda row: row.model)
def test_a_model_that_takes_its_picture_from_an_address_has_one(row: DoorProfile):
    if row.early == "url":
        assert row.video_url


def test_codes_are_paced_at_half_a_second_a_digit_and_slower_where_the_station_needs_it():
    assert {row.dtmf.digit_ms for row in PROFILES.values() if row.model != "baudisch"} == {500}
    assert profile_of("baudisch").dtmf.digit_ms == 1000


def test_an_ipv6_host_is_put_in_brackets_and_a_port_is_kept():
    assert at_host("rtsp://{host}/x", "fe80::9") == "rtsp://[fe80::9]/x"
    assert at_host("rtsp://{host}/x", "door.lan:8554") == "rtsp://door.lan:8554/x"
    assert at_host("rtsp://{host}/{channel}", "[::1]:554", channel=2) == "rtsp://[::1]:554/2"


def test_without_a_host_there_is_no_address():
    assert at_host("rtsp://{host}/x", "") == ""


def test_an_unknown_model_is_refused_with_the_known_ones():
    with pytest.raises(Invalid, match="2n, doorbird"):
        profile_of("ring")


@pytest.mark.parametrize("field", ["model", "name", "video_url", "dtmf"])
def test_profiles_cannot_be_changed(field: str):
    with pytest.raises(FrozenInstanceError):
        setattr(profile_of("2n"), field, "x")


def door(model: str, **fields: Any) -> Door:
    return Door(name="front", display_name="Front door", extension="150", model=model, **fields)


def test_with_address_and_account_the_model_fills_in_picture_and_opening():
    filled = with_defaults(door("2n", video=Video(username="ha", password=Secret("pw"))), "192.168.1.9")
    assert filled.video.url == "rtsp://192.168.1.9/h264_stream"
    assert filled.video.image_url.startswith("http://192.168.1.9/api/camera/snapshot")
    assert filled.video.in_call
    assert filled.open == (
        OpenHttp(
            url="http://192.168.1.9/api/switch/ctrl?switch=1&action=trigger", username="ha", password=Secret("pw")
        ),
        OpenDtmf(digits=Secret("00*")),
    )


def test_without_an_account_only_what_needs_none_is_filled_in():
    filled = with_defaults(door("2n"), "192.168.1.9")
    assert (filled.video.url, filled.video.image_url) == ("", "")
    assert filled.open == (OpenDtmf(digits=Secret("00*")),)


def test_what_the_owner_entered_stands():
    video = Video(url="rtsp://other/", image_url="http://other/", username="ha")
    mine = door("akuvox", video=video, open=(OpenEvent(),))
    assert with_defaults(mine, "192.168.1.9") == mine


def test_a_model_without_picture_in_the_call_is_not_asked_for_one():
    filled = with_defaults(door("hikvision", video=Video(username="admin", password=Secret("pw"))), "192.168.1.9")
    assert not filled.video.in_call
    first = filled.open[0]
    assert isinstance(first, OpenHttp)
    assert first.method == "PUT"
    assert with_defaults(door("hikvision"), "").video.in_call, "some picture is better than none"


def test_the_generic_station_is_left_as_it_is():
    assert with_defaults(door("generic"), "192.168.1.9") == door("generic")
