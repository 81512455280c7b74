import pytest

from pbx_lite.calls.auto_answer import auto_answer


@pytest.mark.parametrize(
    ("user_agent", "names"),
    [
        ("snomD785/10.1.175.16", ["Call-Info", "Alert-Info"]),
        ("Yealink SIP-T46U 108.86.0.20", ["Call-Info", "Alert-Info"]),
        ("Grandstream GRP2614 1.0.9.26", ["Call-Info", "Alert-Info"]),
        ("PolycomVVX-VVX_411-UA/6.4.0", ["Alert-Info"]),
        ("Cisco/SPA504G-7.6.2", ["Call-Info"]),
        ("baresip v3.10.0", ["Call-Info", "Answer-Mode"]),
        ("Something new", ["Call-Info", "Alert-Info", "Answer-Mode", "P-Auto-Answer"]),
        ("", ["Call-Info", "Alert-Info", "Answer-Mode", "P-Auto-Answer"]),
    ],
)
def test_each_phone_gets_what_it_understands_and_a_stranger_everything(user_agent: str, names: list[str]) -> None:
    assert [name for name, _ in auto_answer(user_agent)] == names
