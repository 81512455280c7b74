"""The tables say what the formulas say."""

import numpy as np
import pytest

from pbx_lite.media import g711
from pbx_lite.media.codecs import encode_samples
from pbx_lite.media.port import PCMA, PCMU
from tests.support import tone


@pytest.mark.parametrize("law", [PCMU, PCMA])
def test_every_sample_becomes_the_code_of_the_formula(law):
    every = np.arange(-32768, 32768).astype(np.int16)
    assert g711.encode(law, every) == encode_samples(law, range(-32768, 32768))


@pytest.mark.parametrize("law", [PCMU, PCMA])
def test_many_payloads_are_decoded_into_rows(law):
    payloads = [bytes(range(160)), bytes(range(96, 256))]
    rows = g711.decode(law, payloads)
    for row, payload in zip(rows, payloads, strict=True):
        assert row.tolist() == tone.decode(payload, law=law.name).tolist()
