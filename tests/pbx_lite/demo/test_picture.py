"""What the demo door's camera sees."""

from datetime import datetime

import numpy as np

from pbx_lite.demo.letters import HEIGHT, WIDTH, text
from pbx_lite.demo.picture import Encoder, Scene, jpeg
from pbx_lite.media.h264 import parse_sps

NOON = datetime(2026, 11, 21, 12, 0, 0)  # noqa: DTZ001  what the door's clock shows


def test_letters_are_drawn_side_by_side_with_a_gap() -> None:
    drawn = text("I1", 1)
    assert drawn.shape == (HEIGHT, 2 * (WIDTH + 1))
    assert not drawn[:, WIDTH].any()
    assert drawn.any()


def test_what_has_no_glyph_is_left_blank() -> None:
    assert not text("€", 2).any()


def test_the_picture_moves_and_the_clock_ticks() -> None:
    scene = Scene("Front door")
    first = scene.draw(0, "RINGING", NOON)
    assert np.any(first != scene.draw(7, "RINGING", NOON))
    assert np.any(first[:60] != scene.draw(0, "RINGING", NOON.replace(second=1))[:60])


def test_pictures_are_baseline_h264_and_a_wanted_key_frame_comes_next() -> None:
    scene, encoder = Scene("Front door"), Encoder()
    units = [encoder.encode(scene.draw(number, "", NOON), number) for number in range(3)]
    assert [unit is not None and unit.key for unit in units] == [True, False, False]
    assert units[0] is not None
    sps = parse_sps(units[0].nals[0])
    assert (sps.width, sps.height, sps.profile_level_id[:2]) == (960, 544, "42")
    encoder.want_key_frame()
    wanted = encoder.encode(scene.draw(3, "", NOON), 3)
    assert wanted is not None
    assert wanted.key
    assert wanted.timestamp == 3 * 6000


def test_a_still_is_a_jpeg() -> None:
    assert jpeg(Scene("Front door").draw(0, "", NOON)).startswith(b"\xff\xd8")
