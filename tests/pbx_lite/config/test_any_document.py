"""Whatever stands in the file, it is a configuration or a list of faults, never a traceback."""

import contextlib
import json
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from pbx_lite.config import Config, ConfigFaults, load
from pbx_lite.config.schema import known_keys

SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-10, 70_000),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=10),
    st.sampled_from(["*", "anna", "101", "00#", "http://x/", "udp://0.0.0.0:5060", "127.0.0.1:1", "30000-35000"]),
)
VALUES: st.SearchStrategy[Any] = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.sampled_from(sorted(known_keys())), inner, max_size=4)
    ),
    max_leaves=15,
)
FILES = st.dictionaries(
    st.sampled_from(
        [
            *("name", "data", "sip", "rtp", "api", "roles", "users", "doors", "rooms"),
            *("teams", "workplaces", "trunks", "calling", "language", "music"),
        ]
    ),
    VALUES,
)


@settings(max_examples=300)
@given(st.one_of(FILES, VALUES))
def test_any_document_is_a_configuration_or_faults(tmp_path: Path, document: Any) -> None:
    _load(tmp_path / "pbx.yaml", json.dumps(document).encode())


@settings(max_examples=200)
@given(st.one_of(st.binary(max_size=50), st.text(alphabet=" \n-:[]{}&*!#'\"ab1", max_size=30).map(str.encode)))
def test_any_bytes_are_a_configuration_or_faults(tmp_path: Path, data: bytes) -> None:
    _load(tmp_path / "pbx.yaml", data)


def _load(file: Path, data: bytes) -> None:
    file.write_bytes(data)
    with contextlib.suppress(ConfigFaults):
        assert isinstance(load(file, models={"generic"}), Config)
