import io

from PIL import Image

from tests.support.pictures import TICKS, jpeg, units


def test_units_begin_with_a_key_unit_that_carries_sps_and_pps() -> None:
    made = units(12, key_every=5)
    assert [unit.key for unit in made] == [number % 5 == 0 for number in range(12)]
    assert [nal[0] & 31 for nal in made[0].nals][:2] == [7, 8]
    assert [unit.timestamp for unit in made[:3]] == [0, TICKS, 2 * TICKS]


def test_a_still_is_a_jpeg() -> None:
    assert Image.open(io.BytesIO(jpeg(3))).size == (320, 240)
