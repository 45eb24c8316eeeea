"""The kernel of SuperSaw: seven saws per voice in stereo, and their restarts."""

from __future__ import annotations

import numpy as np

from graph import inline
from graph.native import load, store
from nodes.dsp.math.functions import clamp
from nodes.dsp.math.phase import TURN, advance, highest_steps, offset
from nodes.dsp.oscillators.harmonics import low_saw, saw
from nodes.dsp.oscillators.oscillator import asked
from nodes.dsp.oscillators.restart import add_jump, ringing

SAWS = 7


@inline
def play(block, high, restarts):
    """Computes a block; `high` if a pitch needs sums of harmonics, `restarts` if a voice may restart."""
    frames, voices = block.frames, block.voices
    freq, detune, mix, spread, out = block.freq, block.detune, block.mix, block.spread, block.out
    phases, apart, places, one, six = block.phases, block.apart, block.places, block.one, block.six
    scale = TURN / block.sample_rate
    most = highest_steps(scale)
    for frame in range(frames):
        for voice in range(voices):
            i = frame * voices + voice
            x = clamp(load(mix, i), 0.0, 1.0)
            middle = 0.99785 - 0.55366 * x
            others = 0.044372 + x * (1.2841 - 0.73764 * x)
            even = 1.0 / np.sqrt(middle * middle + 6.0 * others * others)
            store(one, voice, middle * even)
            store(six, voice, others * even)
            left = right = np.float32(0.0)
            if restarts:
                restart(block, i, voice)
                left = ringing(block.jumps, voice, 2 * voices)
                right = ringing(block.jumps, voices + voice, 2 * voices)
            store(out, i + frame * voices, left)
            store(out, i + frame * voices + voices, right)
        for k in range(SAWS):
            in_middle = k == SAWS // 2
            bends = 0.0005776226504666211 * apart[k]
            place = places[k]
            for voice in range(voices):
                i = frame * voices + voice
                left = i + frame * voices
                right = left + voices
                bend = bends * clamp(load(detune, i), 0.0, 100.0)
                steps = clamp(scale * (load(freq, i) * (1.0 + bend + 0.5 * bend * bend)), -most, most)
                turn = load(phases, k * voices + voice)
                tone = saw(turn, abs(steps)) if high else low_saw(turn, abs(steps))
                tone *= load(one, voice) if in_middle else load(six, voice)
                side = place * clamp(load(spread, i), 0.0, 1.0) * tone
                store(out, left, load(out, left) + tone - side)
                store(out, right, load(out, right) + tone + side)
                store(phases, k * voices + voice, advance(turn, steps))


@inline
def restart(block, i, voice):
    """[audio] Restarts all saws of a voice at their initial phases plus `start_phase`."""
    waits, restarts, _, since, later = asked(block, i, voice)
    if waits or restarts:
        voices, scale = block.voices, TURN / block.sample_rate
        freq = clamp(scale * load(block.freq, i), -highest_steps(scale), highest_steps(scale))
        middle, side = np.float32(0.0), np.float32(0.0)
        for k in range(SAWS):
            at = k * voices + voice
            turn = offset(load(block.first, at), later)
            turn = advance(turn, since * freq)
            jump = saw(turn, abs(freq)) - saw(load(block.phases, at), abs(freq))
            jump *= load(block.one, voice) if k == SAWS // 2 else load(block.six, voice)
            middle += jump
            side += block.places[k] * clamp(load(block.spread, i), 0.0, 1.0) * jump
            store(block.phases, at, turn)
        if not waits:
            none = np.float32(0.0)
            add_jump(block.jumps, voice, 2 * voices, none, middle - side, none, since)
            add_jump(block.jumps, voices + voice, 2 * voices, none, middle + side, none, since)
