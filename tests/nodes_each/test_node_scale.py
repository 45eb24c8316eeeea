from __future__ import annotations

import numpy as np
import pytest

from graph.testing import block_of
from nodes import Scale


def notes(freq, **values):
    block = block_of(Scale, freq=np.asarray(freq), **values)
    Scale.process(block)
    return 69 + 12 * np.log2(block.out[:, 0].astype(np.float64) / values.get("tuning", 440.0))


def hertz(note):
    return 440 * 2 ** ((np.asarray(note, float) - 69) / 12)


def test_every_note_of_the_scale_stays_within_a_tenth_of_a_cent():
    wanted = [n for n in range(24, 108) if n % 12 in (0, 2, 4, 5, 7, 9, 11)]
    assert notes(hertz(wanted)) == pytest.approx(wanted, abs=1e-3)


def test_what_lies_between_goes_to_the_nearest_note():
    assert notes(hertz([60.3, 66.4, 64.6, 61.6])) == pytest.approx([60, 67, 65, 62], abs=1e-3)


@pytest.mark.parametrize(("scale", "degrees"), [("minor_pentatonic", [0, 3, 5, 7, 10]), ("octaves", [0])])
def test_only_notes_of_the_scale_come_out_from_its_root(scale, degrees):
    out = notes(np.geomspace(30, 8_000, 500), scale=scale, root="D")
    assert np.abs(out - np.rint(out)).max() < 2e-3
    assert set((np.rint(out) - 2).astype(int) % 12) == set(degrees)


def test_a_pitch_that_trembles_between_two_notes_does_not_trill():
    out = notes(hertz(60.5 + 0.05 * (-1.0) ** np.arange(50)), scale="chromatic")
    assert len(set(np.rint(out))) == 1


def test_tuning_moves_every_note():
    assert notes(np.full(3, 432.0), scale="chromatic", tuning=432.0) == pytest.approx(69, abs=1e-3)
