"""Patches that used to play something other than what they say, tested with `graphrun check` and in Hz and dB."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from graph import Graph, GraphError, In, NodeError, Option, PatchError
from graph.graph import load, loads
from nodes import Constant, Feedback, Notes, Sine

RATE = 48_000


def check(folder: Path, text: str) -> str:
    """The output of `graphrun check` for a patch, on one line and without the quoted source."""
    (folder / "x.yaml").write_text(text)
    words = [sys.executable, "-m", "graph", "check", "x.yaml"]
    ran = subprocess.run(words, cwd=folder, capture_output=True, text=True, timeout=60, check=False)
    return ran.stdout + ran.stderr


def hertz(text: str, seconds: float = 1.0) -> float:
    """The loudest frequency in the second half of a patch's sound."""
    sound = loads(text).render(seconds=2 * seconds, rate=RATE)[:, 0]
    sound = sound[len(sound) // 2 :]
    spectrum = np.abs(np.fft.rfft(sound * np.hanning(len(sound)), 4 * len(sound)))
    return float(spectrum.argmax() * RATE / (4 * len(sound)))


def rms(text: str) -> float:
    sound = loads(text).render(seconds=1, rate=RATE)[RATE // 2 :, 0]
    return float(20 * np.log10(np.sqrt(np.mean(np.square(sound, dtype=np.float64)))))


SHIFT = """
nodes:
  k: {{node: Constant, value: 1}}
  half: {{node: Constant, value: 0.5}}
  osc: {{node: Sine, freq: 400 Hz}}
  up: {{node: PitchShift, audio: osc, shift: {}}}
out: up
"""


@pytest.mark.parametrize(
    ("shift", "pitch"),
    [
        ("k * 12 semitones", 800),
        ("12 semitones * k", 800),
        ("half * 1200 cents + 6 semitones", 800),
        ("k * -12 semitones", 200),
        ("{k: 12 semitones}", 800),
        ("[12 semitones, {k: -12}]", 400),
        ("2 * 6 semitones", 800),
        ("12 semitones", 800),
    ],
)
def test_semitones_times_a_cable_are_so_many_semitones_in_an_input_in_semitones(tmp_path, shift, pitch):
    assert "no errors" in check(tmp_path, SHIFT.format(shift))
    assert hertz(SHIFT.format(shift)) == pytest.approx(pitch, rel=0.01)


@pytest.mark.parametrize("gain", ["k * 6 dB", "12 dB - k * 6 dB", "k * 1 dB + 5 dB", "{k: 6}"])
def test_decibels_times_a_cable_are_so_many_decibels_in_an_input_in_decibels(tmp_path, gain):
    text = (
        "nodes:\n  k: {{node: Constant, value: 1}}\n  osc: {{node: Sine, freq: 1 kHz}}\n"
        "  bell: {{node: Peak, audio: osc, freq: 1 kHz, gain: {}}}\nout: bell\n"
    )
    assert "no errors" in check(tmp_path, text.format(gain))
    assert rms(text.format(gain)) - rms(text.format("0 dB")) == pytest.approx(6, abs=0.02)


def test_everywhere_else_a_ratio_multiplies():
    text = "nodes:\n  k: {{node: Constant, value: 300}}\n  osc: {{node: Sine, freq: {}}}\nout: osc\n"
    assert hertz(text.format("k * 12 semitones")) == pytest.approx(600, abs=1)
    assert hertz(text.format("400 Hz * 7 semitones")) == pytest.approx(400 * 2 ** (7 / 12), abs=1)
    loud = "nodes:\n  osc: {{node: Sine, freq: 1 kHz}}\nout: {}\n"
    assert rms(loud.format("osc * -6 dB")) - rms(loud.format("osc")) == pytest.approx(-6, abs=0.01)


def test_an_interval_scaled_by_a_modulator_gets_a_warning_with_both_readings(tmp_path):
    text = "nodes:\n  lfo: {node: Lfo, rate: 1 Hz}\n  osc: {node: Sine, freq: 400 Hz * lfo * 12 semitones}\nout: osc\n"
    said = check(tmp_path, text)
    assert "x.yaml:3:27: warning: `400 Hz * lfo * 12 semitones` is ambiguous." in said
    assert "write `400 Hz * lfo * 2`" in said
    assert "`up: {node: Interval, semitones: lfo * 12 semitones}`" in said
    mended = text.replace("400 Hz * lfo * 12 semitones", "400 Hz * up")
    mended = mended.replace("nodes:\n", "nodes:\n  up: {node: Interval, semitones: lfo * 12 semitones}\n")
    assert "warning" not in check(tmp_path, mended)


@pytest.mark.parametrize("freq", ["400 Hz * 7 semitones", "voices.freq * 7 semitones", "voices.freq * wheel * 5 cents"])
def test_an_interval_of_a_pitch_gives_no_warning(tmp_path, freq):
    text = (
        "nodes:\n  keys: {node: MidiIn}\n  voices: {node: VoiceAllocator, events: keys}\n"
        f"  wheel: {{node: Bend, events: keys}}\n  osc: {{node: Sine, freq: {freq}}}\nout: osc\n"
    )
    assert "is ambiguous" not in check(tmp_path, text)


def test_a_subtracted_level_gets_an_error_with_both_readings(tmp_path):
    said = check(tmp_path, "nodes: {osc: {node: Sine}, env: {node: Decay, trigger: osc}}\nout: osc * (env - 6 dB)\n")
    assert "write `env * -6 dB`, or with the plain number, `env - 1.995`" in said


@pytest.mark.parametrize(
    ("node", "readings"),
    [
        ("node: Sine, freq: A4 + lfo * 50 cents",
         ["`up: {node: Interval, semitones: lfo * 50 cents}` under `nodes:` and `A4 * up`", "`A4 + lfo * 10 Hz`"]),
        ("node: Sine, freq: 440 Hz - lfo * 2 semitones",
         ["semitones: -lfo * 2 semitones}` under `nodes:` and `440 Hz * up`", "`440 Hz - lfo * 10 Hz`"]),
        ("node: PitchShift, audio: osc, shift: lfo * 6 dB",
         ["warning: `lfo * 6 dB` is ambiguous", "input is in semitones", "`lfo * 1.99526`", "`lfo * 6 semitones`"]),
        ("node: Peak, audio: osc, gain: lfo * 12 semitones", ["input is in dB", "`lfo * 2`", "`lfo * 12 dB`"]),
        ("node: Peak, audio: osc, gain: -6 dB * lfo * 6 dB", ["`-6 dB * lfo + 6 dB`", "`-6 dB * lfo * 1.995`"]),
        ("node: Sine, freq: 12 semitones", ["it needs a frequency to start from, such as `440 Hz * 12 semitones`"]),
    ],
)  # fmt: skip
def test_a_quantity_that_can_mean_two_things_is_answered_with_both_readings(tmp_path, node, readings):
    said = check(
        tmp_path, f"nodes:\n  lfo: {{node: Lfo}}\n  osc: {{node: Sine}}\n  x_: {{{node}}}\nout: x_ + osc + lfo\n"
    )
    assert all(each in said for each in readings), said


def test_each_of_both_readings_loads_and_plays_what_it_says():
    def pitch(nodes: str, freq: str) -> float:
        text = f"nodes:\n  k: {{node: Constant, value: 1}}\n{nodes}  osc: {{node: Sine, freq: {freq}}}\nout: osc\n"
        return hertz(text)

    assert pitch("  up: {node: Interval, semitones: k * 12 semitones}\n", "440 Hz * up") == pytest.approx(880, abs=1)
    assert pitch("", "440 Hz + k * 10 Hz") == pytest.approx(450, abs=1)


def test_the_smallest_block_among_nested_patches_applies(tmp_path):
    (tmp_path / "inner.yaml").write_text(
        "block: 16\nnodes:\n  back: {node: Feedback, audio: click + back * 0.5}\n"
        "  click: {node: Impulse, freq: 1 Hz}\nout: back\n"
    )
    (tmp_path / "middle.yaml").write_text("block: 32\nnodes: {in: {patch: inner}}\nout: in\n")
    for own, wanted in (("", 16), ("block: 128\n", 16), ("block: 8\n", 8)):
        (tmp_path / "x.yaml").write_text(f"{own}nodes: {{mid: {{patch: middle}}}}\nout: mid\n")
        graph = load(tmp_path / "x.yaml")
        assert graph.block == wanted
        heard = np.flatnonzero(graph.render(seconds=0.01, rate=RATE)[:, 0])
        assert heard[0] == wanted


def test_a_rate_in_a_nested_patch_is_reported_as_having_no_effect(tmp_path):
    (tmp_path / "inner.yaml").write_text("rate: 96 kHz\nnodes: {osc: {node: Sine}}\nout: osc\n")
    said = check(tmp_path, "nodes: {in: {patch: inner}}\nout: in\n")
    assert "inner.yaml:1:7: warning: `rate:` has no effect in a nested patch" in said


@pytest.fixture
def sound(tmp_path):
    soundfile.write(tmp_path / "a.wav", np.sin(np.arange(RATE) * 0.05), RATE)
    return tmp_path


def test_an_input_replaced_by_a_file_need_not_be_connected(sound):
    assert "warning" not in check(sound, "nodes: {cloud: {node: Granular, file: a.wav}}\nout: cloud\n")
    assert "cloud.audio is not connected" in check(sound, "nodes: {cloud: {node: Granular}}\nout: cloud\n")


@pytest.mark.parametrize(
    ("node", "named"),
    [
        ("node: Granular, file: a.wav, audio: osc", "x_.audio has no effect while `file` is given"),
        ("node: Granular, file: a.wav, memory: 2 s", "x_.memory has no effect while `file` is given"),
        ("node: Convolution, audio: osc, file: a.wav, room: plate", "x_.room has no effect while `file` is given"),
        ("node: Wavetable, file: a.wav, table: vowels", "x_.table has no effect while `file` is given"),
        ("node: Sampler, gate: osc, root: 50, zones: <region> sample=a.wav", "x_.root has no effect while `zones`"),
    ],
)
def test_values_overridden_by_a_file_are_reported(sound, node, named):
    said = check(sound, f"nodes:\n  osc: {{node: Sine}}\n  x_: {{{node}}}\nout: [osc, x_]\n")
    assert f"warning: {named}" in said, said


def test_sfz_opcodes_without_effect_are_named(sound):
    (sound / "a.sfz").write_text(
        "<global> ampeg_attack=0.1 // a comment\n"
        "<region> sample=a.wav key=60 cutoff=800 trigger=first\n<effect> bus=fx1\n"
    )
    said = check(
        sound, "nodes:\n  osc: {node: Sine}\n  s_: {node: Sampler, gate: osc, file: a.sfz, root: 50}\nout: s_\n"
    )
    assert "SFZ opcodes that change nothing here: ampeg_attack, cutoff, trigger=first, <effect>" in said
    assert "s_.root has no effect: the SFZ file says" in said


def test_an_attribute_of_a_node_sets_its_input_or_option():
    osc = Sine()
    osc.freq = 880
    sound = Graph(osc).render(seconds=1, rate=RATE)[:, 0]
    assert np.abs(np.fft.rfft(sound)).argmax() == 880
    tune = Notes("C4")
    tune.step = 2
    assert tune.options["step"] == 2.0
    osc.name = "lead"
    assert osc.label == "lead"


def test_an_attribute_that_no_node_has_is_an_error():
    osc = Sine()
    with pytest.raises(NodeError, match=r"Sine has no input 'frequ'\. Did you mean 'freq'"):
        osc.frequ = 880
    with pytest.raises(NodeError, match=r"sine\.out is an output: give it to an input"):
        osc.out = Constant(1)
    with pytest.raises(NodeError, match="outside"):
        osc.freq = -1e9
    with pytest.raises((GraphError, NodeError)):
        osc.freq = Notes("C4")
    osc._own = 1
    assert osc._own == 1


def test_a_loop_through_feedback_in_python_is_closed_by_an_attribute():
    one = Constant(1.0)
    back = Feedback()
    mixed = one + back * 0.5
    back.audio = mixed
    out = Graph(mixed, block=64).render(seconds=64 * 6 / RATE, rate=RATE)[:, 0]
    assert out[::64] == pytest.approx([1, 1.5, 1.75, 1.875, 1.9375, 1.96875])


def test_an_option_takes_its_range_by_place_as_an_input_does():
    option, port = Option(60.0, "s", 1, 600), In(60.0, "s", 1, 600)
    assert (option.unit, option.min, option.max) == (port.unit, port.min, port.max) == ("s", 1, 600)


TUNE = """
nodes:
  notes: {{node: Notes, notes: {}, step: 8}}
  voices: {{node: VoiceAllocator, events: notes, polyphony: 1}}
  osc: {{node: Sine, freq: voices.freq}}
out: osc
"""


@pytest.mark.parametrize(
    ("notes", "pitch"),
    [("69", 440), ("A4", 440), ("A4+14c", 440 * 2 ** (14 / 1200)), ("A4-50.5c", 440 * 2 ** (-50.5 / 1200)),
     ("69+50c", 440 * 2 ** (50 / 1200)), ("[A4, C5]", 440), ("'81'", 880)],
)  # fmt: skip
def test_notes_take_key_numbers_and_cents(tmp_path, notes, pitch):
    assert "no errors" in check(tmp_path, TUNE.format(notes))
    assert hertz(TUNE.format(notes)) == pytest.approx(pitch, abs=0.3)


def test_cents_follow_a_note_in_every_value():
    text = "nodes: {{osc: {{node: Sine, freq: {}}}}}\nout: osc\n"
    assert hertz(text.format("A4+14c")) == pytest.approx(440 * 2 ** (14 / 1200), abs=0.2)
    assert hertz(text.format("Bb3-31c * 12 semitones")) == pytest.approx(466.1638 * 2 ** (-31 / 1200), abs=0.2)
    with pytest.raises(PatchError):
        loads(text.format("A4+14 c"))


@pytest.mark.parametrize(
    ("node", "key", "listed", "text"),
    [
        ("Notes", "notes", "[C4, E4, [G4, B4], .]", "C4 E4 [G4 B4] ."),
        ("Notes", "notes", "[60, [64, 67]]", "60 [64 67]"),
        ("Pattern", "drums", "{kick: x...x..., snare: ....x...}", "kick: x...x... snare: ....x..."),
        ("Automation", "points", "{0: 200, 4: 2000 log}", "0: 200, 4: 2000 log"),
        ("Automation", "points", "[0: 200, 4: 2000 log]", "0: 200, 4: 2000 log"),
        ("Envelope", "stages", "[10 ms 1, hold, 500 ms 0]", "10 ms 1, hold, 500 ms 0"),
        ("Steps", "steps", "[0, [2, 4], 5]", "0 [2 4] 5"),
        ("Pattern", "pattern", "[rock*3, samba]", "rock*3, samba"),
    ],
)
def test_a_list_can_replace_a_text_of_items(node, key, listed, text):
    graph = loads(f"nodes:\n  osc: {{node: Sine}}\n  n: {{node: {node}, {key}: {listed}}}\nout: osc\n")
    assert graph.nodes["n"].options[key] == text


def test_a_list_is_refused_where_a_text_has_no_items():
    with pytest.raises(PatchError, match="one value, not a list"):
        loads("nodes:\n  n: {node: Noise, color: [pink, white]}\nout: n\n")


def test_the_schema_takes_lists_where_a_patch_does():
    schema = json.loads((Path(__file__).parents[2] / "patches" / "schema.json").read_text())
    listed = ["string", "number", "array", "object"]
    assert any(rule.get("properties", {}).get("notes", {}).get("type") == listed for rule in _rules(schema))


def _rules(schema: object) -> list[dict[str, Any]]:
    if isinstance(schema, list):
        return [rule for each in schema for rule in _rules(each)]
    if not isinstance(schema, dict):
        return []
    return [schema, *(rule for each in schema.values() for rule in _rules(each))]
