from __future__ import annotations

import numpy as np
import pytest

from graph.testing import block_of
from nodes import Adsr

TIMES = {"attack": 0.1, "decay": 0.2, "sustain": 0.5, "release": 0.3}


def gate_of(*runs):
    return np.concatenate([np.full(frames, level, np.float32) for level, frames in runs])


def envelope(gate, sample_rate=100.0, splits=(), **values):
    """The level at the beginning of each frame: the output gives it at the frame's end.

    Run as blocks that end at `splits`.
    """
    out = output(gate, sample_rate, splits, **values)
    return np.concatenate([np.zeros_like(out[:1]), out[:-1]])


def output(gate, sample_rate=100.0, splits=(), **values):
    """The output for a gate, run as blocks that end at `splits`."""
    gate = np.asarray(gate, np.float32)
    gate = gate[:, None] if gate.ndim == 1 else gate
    values = {**TIMES, **values}
    states, parts = {}, []
    for rows in np.split(np.arange(len(gate)), splits):
        now = {k: v[rows] if isinstance(v, np.ndarray) and len(v) == len(gate) else v for k, v in values.items()}
        block = block_of(Adsr, gate=gate[rows], frames=len(rows), sample_rate=sample_rate, **now, **states)
        Adsr.process(block)
        states = {name: getattr(block, name) for name in Adsr.states()}
        parts.append(block.out)
    out = np.concatenate(parts).astype(np.float64)
    return out[:, 0] if out.shape[1] == 1 else out


def test_the_first_step_falls_on_the_frame_of_the_note():
    out = output(gate_of((0, 5), (1, 45), (0, 40)))
    assert out[4] == 0
    assert out[5] == pytest.approx(4 / 3 * (1 - 4**-0.1), abs=1e-6)
    assert out[49] == 0.5 > out[50]


def test_every_stage_lasts_exactly_its_time_to_the_frame():
    out = envelope(gate_of((0, 5), (1, 45), (0, 40)))
    assert (out[:6] == 0).all()
    assert out[14] < 0.97
    assert out[15] == 1
    assert out[34] > 0.5
    assert (out[35:51] == 0.5).all()
    assert out[79] > 0
    assert (out[80:] == 0).all()


@pytest.mark.parametrize("sample_rate", [8_000.0, 48_000.0, 192_000.0])
def test_stages_end_to_the_frame_at_any_sample_rate(sample_rate):
    times = {"attack": 0.0113, "decay": 0.0217, "release": 0.0171}
    attack, decay, release = (int(np.ceil(t * sample_rate - 0.02)) for t in times.values())
    out = envelope(gate_of((1, attack + decay + 50), (0, release + 50)), sample_rate, **times)
    assert out[attack - 1] < 1
    assert out[attack] == 1
    end = attack + decay
    assert out[end - 1] > 0.5
    assert abs(out[end] - 0.5) < 1e-7
    off = attack + decay + 50
    assert out[off + release - 1] > 0
    assert out[off + release] == 0


def test_long_stages_end_to_the_frame():
    out = envelope(gate_of((1, 6_100), (0, 6_100)), attack=60.0, decay=0.5, release=60.0)
    assert out[5_999] < 1
    assert out[6_000] == 1
    assert out[12_099] > 0
    assert (out[12_100:] == 0).all()


def test_attack_is_an_rc_circuit_that_aims_at_four_thirds():
    out = envelope(gate_of((1, 1000)), 10_000.0)
    t = np.arange(1000) / 1000
    assert np.abs(out - 4 / 3 * (1 - 4**-t)).max() < 2e-6


def test_decay_and_release_are_exponentials_of_60_db():
    out = envelope(gate_of((1, 400), (0, 400)), 1_000.0, attack=0)
    t = np.arange(200) / 200
    fall = (0.001 ** (t * np.log(1024) / np.log(1000)) - 1 / 1024) / (1 - 1 / 1024)
    assert np.abs(out[1:201] - (0.5 + 0.5 * fall)).max() < 2e-6
    t = np.arange(300) / 300
    fall = (1024.0**-t - 1 / 1024) / (1 - 1 / 1024)
    assert np.abs(out[400:700] - 0.5 * fall).max() < 2e-6


def test_a_stage_of_no_time_is_over_at_once():
    out = envelope(gate_of((0, 2), (1, 4), (0, 4)), attack=0, decay=0, release=0)
    assert list(out) == [0, 0, 0, 1, 0.5, 0.5, 0.5, 0, 0, 0]


def test_release_during_the_attack_falls_from_there():
    out = envelope(gate_of((1, 5), (0, 40)))
    assert out[5] == pytest.approx(4 / 3 * (1 - 4**-0.5), abs=1e-6)
    assert np.argmax(out) == 5
    assert (np.diff(out[5:36]) < 0).all()
    assert out[34] > 0
    assert (out[35:] == 0).all()


def test_a_new_note_during_the_release_rises_from_the_current_level():
    out = envelope(gate_of((1, 40), (0, 5), (1, 40)))
    assert 0.1 < out[45] < 0.25
    assert np.argmax(out[45:]) == 10
    assert out[45] < out[46] < out[45] + 0.2
    assert out[55] == 1


def test_a_trigger_restarts_the_attack_while_the_gate_is_up():
    trigger = np.zeros(100, np.float32)
    trigger[40] = 1
    out = envelope(gate_of((1, 60), (0, 40)), trigger=trigger)
    assert out[40] == 0.5 < out[41] < 0.7
    assert out[49] < 1
    assert out[50] == 1


def test_a_trigger_without_a_gate_does_nothing():
    assert (envelope(np.zeros(20), trigger=np.ones(20)) == 0).all()


def test_off_and_on_at_one_frame_is_seen_by_the_trigger_alone():
    trigger = np.zeros(60, np.float32)
    trigger[[0, 30]] = 1
    out = envelope(np.ones(60), trigger=trigger)
    assert out[30] == pytest.approx(0.5, abs=1e-3)
    assert out[40] == 1


def test_level_never_steps():
    rng = np.random.default_rng(3)
    gate = np.repeat(rng.integers(0, 2, 60), rng.integers(1, 90, 60))
    out = envelope(gate, 1_000.0, attack=0.05, decay=0.05, release=0.05)
    assert np.diff(out).max() < 4 / 3 * np.log(4) / 50
    assert np.diff(out).min() > -np.log(1024) / 50


def test_sustain_follows_its_cable_at_once():
    sustain = np.concatenate([np.full(50, 0.5), np.linspace(0.5, 0.9, 50)]).astype(np.float32)
    out = output(np.ones(100), sustain=sustain)
    assert (np.abs(out[50:] - sustain[50:]) < 1e-6).all()


def test_times_that_change_within_a_stage_do_not_step():
    gate = np.ones((200, 1), np.float32)
    states, out = {}, []
    for start in range(0, 160, 20):
        attack = 1.0 if start < 60 else 3.0
        block = block_of(Adsr, gate=gate[:20], sample_rate=100.0, **{**TIMES, "attack": attack}, **states)
        Adsr.process(block)
        states = {name: getattr(block, name) for name in Adsr.states()}
        out.append(block.out[:, 0])
    out = np.concatenate(out)
    assert np.diff(out).max() < 0.02
    assert np.diff(out).min() > 0
    assert np.diff(out)[61] == pytest.approx(np.diff(out)[57] / 3, rel=0.06)


def test_blocks_of_any_size_give_the_same_samples():
    rng = np.random.default_rng(0)
    gate = np.repeat(rng.integers(0, 2, (40, 3)), 11, axis=0)
    trigger = (rng.random((440, 3)) > 0.98).astype(np.float32)
    whole = envelope(gate, trigger=trigger)
    assert (envelope(gate, trigger=trigger, splits=[1, 7, 64, 65, 200, 390]) == whole).all()


def test_lanes_are_independent():
    rng = np.random.default_rng(1)
    gate = np.repeat(rng.integers(0, 2, (40, 5)), 11, axis=0)
    whole = envelope(gate)
    for lane in range(5):
        assert np.abs(envelope(gate[:, lane]) - whole[:, lane]).max() < 1e-6


def test_ten_seconds_accumulate_no_error():
    out = envelope(np.ones(96_100), 9_600.0, attack=10.0)
    t = np.arange(96_000) / 96_000
    assert np.abs(out[:96_000] - 4 / 3 * (1 - 4**-t)).max() < 3e-6
    assert out[95_999] < 1
    assert out[96_000] == 1


def test_nothing_leaves_0_to_1_whatever_the_inputs():
    for value in (np.nan, np.inf, -np.inf, -5, 1e30):
        gate = np.full(50, value, np.float32)
        out = envelope(gate, attack=0.0, sustain=np.full(50, value, np.float32))
        assert np.isfinite(out).all()
        assert out.min() >= 0
        assert out.max() <= 1


def test_compiled_equals_plain_python():
    gate = gate_of((0, 3), (1, 90), (0, 60))
    block = block_of(Adsr, gate=gate, sample_rate=100.0, **TIMES)
    Adsr.kernel.run_plain(block)
    assert np.abs(block.out[:, 0] - output(gate)).max() < 1e-6
