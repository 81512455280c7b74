"""Drawn pictures as video and as stills."""

import io

import av
import numpy as np
import pytest
from PIL import Image

from pbx_lite.media.drawing.slides import KEY_EVERY, SlideEncoder, jpeg
from pbx_lite.media.h264 import to_annex_b

GREY, GREEN = (np.full((72, 128, 3), colour, np.uint8) for colour in ((40, 40, 44), (30, 160, 90)))


def test_pictures_follow_each_other_from_a_key_frame_on():
    encoder, decoder = SlideEncoder(), av.CodecContext.create("h264", "r")
    units = [encoder.encode(pixels, now, key=False) for now, pixels in enumerate((GREY, GREEN, GREEN))]
    frames = [frame for unit in units if unit for frame in decoder.decode(av.Packet(to_annex_b(unit.nals)))]
    assert [unit.key for unit in units if unit] == [True, False, False]
    seen = [tuple(frame.to_ndarray(format="rgb24")[36, 64]) for frame in frames]
    assert seen == [pytest.approx((40, 40, 44), abs=4)] + [pytest.approx((30, 160, 90), abs=4)] * 2


def test_key_frames_come_when_wanted_and_now_and_then():
    encoder = SlideEncoder()
    units = [encoder.encode(GREY, float(now), key=now == 2) for now in range(2 * KEY_EVERY)]
    assert [at for at, unit in enumerate(units) if unit and unit.key] == [0, 2, 2 + KEY_EVERY]


def test_a_still_is_a_jpeg():
    image = Image.open(io.BytesIO(jpeg(GREEN)))
    assert (image.format, image.size) == ("JPEG", (128, 72))
    assert image.getpixel((64, 36)) == pytest.approx((30, 160, 90), abs=6)
