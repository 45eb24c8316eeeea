from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from graph import In, Node, Option, Out, Setup, State, kernel
from graph.media import check_recording, read_recording, resampled
from nodes.dsp.delays.delay_line import smooth
from nodes.dsp.delays.grains import GRAINS, around, begin, copy_for, file_copies, live_copies, live_start, play, record
from nodes.dsp.math.functions import clamp, exp2
from nodes.dsp.math.random import seeds, shuffle, uniform


class Granular(Node, family="Samples"):
    """Granular synthesis: a cloud of short grains from a recording or from live input.

    Time and pitch are independent: `scan` moves through the sound, `pitch` sets the speed of each grain. Grains
    start at random, about `density` per second and within `spray` of `place`; a regular stream would buzz at its
    own rate. The window is a raised cosine, whose overlaps add up smoothly. Fast grains read band-limited copies to
    avoid aliasing. Curtis Roads, "Microsound", MIT Press 2001.
    """

    audio = In(channels=1, unless="file", doc="Live input without a `file`; its last `memory` seconds are granulated.")
    place = In(0, "", 0, 1, channels=1, doc="Position in the file, from start to end; for live input, how far back.")
    scan = In(0.25, "", -4, 4, channels=1, doc="Speed of `place` through a file: 1 is as recorded, 0 is frozen.")
    pitch = In(0, "semitones", -36, 36, channels=1, doc="Transposition of the grains.")
    size = In(0.1, "s", 0.005, 1, curve="log", channels=1, doc="Grain length.")
    density = In(30, "Hz", 0.5, 300, curve="log", channels=1, doc="Grains per second; at most 32 overlap.")
    spray = In(0.03, "s", 0, 1, channels=1, doc="Largest random offset of a grain from `place`.")
    detune = In(5, "cents", 0, 1200, channels=1, doc="Largest random detuning of a grain.")
    spread = In(0.7, "", 0, 1, channels=1, doc="Stereo width of the cloud.")
    freeze = In(0, "", 0, 1, ramp=0, channels=1, unless="file", doc="Above 0.5 the buffer is held and the input muted.")
    out = Out(channels=2, doc="Stereo mix of the grains of each voice.")
    file = Option("", doc="Sound file; its channels are mixed to mono.")
    memory = Option(4.0, "s", 0.1, 60, unless="file", doc="Length of live input to keep.")
    seed = Option(0, min=0, max=2**32 - 1, doc="Random seed; 0 derives it from the node's name.")
    sound = State(ndim=2, doc="File, or a circular buffer per voice, in band-limited copies.")
    starts = State(ndim=1, dtype=np.int64)
    lengths = State(ndim=1, dtype=np.int64)
    length = State(shape=1, dtype=np.int64, doc="Length of the file or buffer in samples.")
    live = State(shape=1, dtype=np.int64)
    head = State(shape=1, dtype=np.int64, doc="Write position in the buffer.")
    hold = State(doc="Part of the way to frozen, 0 .. 1.")
    stands = State(dtype=np.int64, doc="Write position when it froze.")
    scanned = State(dtype=np.float64, doc="Distance that `scan` has moved, in samples.")
    wait = State(doc="Fraction of the time left before the next grain.")
    following = State(dtype=np.int64, doc="Grain to replace next.")
    random = State(dtype=np.uint32)
    grains = State(ndim=3, doc="Age in grain lengths, age step, speed, left and right level of each grain.")
    places = State(ndim=2, dtype=np.float64, doc="Position of each grain in its copy.")
    copies = State(ndim=2, dtype=np.int64, doc="Copy that each grain plays.")

    def validate(self) -> None:
        if self.file:
            check_recording(self.file, channels=8, seconds=600)

    def prepare(self, setup: Setup) -> Mapping[str, Any]:
        if self.file:
            audio, rate = read_recording(self.file, channels=8, seconds=600)
            copies = file_copies(resampled(audio.mean(axis=1), rate, setup.sample_rate), setup.sample_rate)
        else:
            copies = live_copies(int(self.memory * setup.sample_rate), setup.voices)
        grains = np.zeros((setup.voices, GRAINS, 5))
        grains[:, :, 0] = 1
        places = np.zeros((setup.voices, GRAINS))
        states = {"live": [not self.file], "random": seeds(setup.name, self.seed, setup.lanes), "grains": grains}
        return {**copies, **states, "places": places, "copies": places}

    @kernel(double=True)
    def process(block):
        sound, starts, lengths, length = block.sound, block.starts, block.lengths, block.length[0]
        grains, places, rate = block.grains, block.places, block.sample_rate
        live, head = block.live[0] == 1, block.head[0]
        for frame in range(block.frames):
            for voice in range(block.voices):
                row = voice if live else 0
                frozen = live and block.freeze[frame, voice] > np.float32(0.5)
                if live:
                    slope = np.float32(50.0 if frozen else -50.0) / rate
                    block.hold[voice] = clamp(block.hold[voice] + slope, np.float32(0.0), np.float32(1.0))
                    block.stands[voice] = block.stands[voice] if frozen else head
                    record(sound, starts, lengths, row, head, block.audio[frame, voice], smooth(block.hold[voice]))
                size = clamp(block.size[frame, voice], np.float32(0.005), np.float32(1.0)) * rate
                density = clamp(block.density[frame, voice], np.float32(0.5), np.float32(300.0)) / rate
                scan = clamp(block.scan[frame, voice], np.float32(-4.0), np.float32(4.0))
                block.scanned[voice] = around(block.scanned[voice] + np.float64(scan), length)
                number = shuffle(block.random[voice])
                block.wait[voice] -= density * (np.float32(1.0) + np.float32(0.5) * uniform(number))
                if block.wait[voice] <= 0:
                    block.wait[voice] += np.float32(1.0)
                    g = block.following[voice]
                    block.following[voice] = (g + 1) % GRAINS
                    number = shuffle(number)
                    cents = uniform(number) * clamp(block.detune[frame, voice], np.float32(0.0), np.float32(1200.0))
                    pitch = clamp(block.pitch[frame, voice], np.float32(-36.0), np.float32(36.0))
                    speed = exp2(pitch * np.float32(1 / 12) + cents * np.float32(1 / 1200))
                    number = shuffle(number)
                    away = uniform(number) * clamp(block.spray[frame, voice], np.float32(0.0), np.float32(1.0)) * rate
                    copy = copy_for(np.float64(speed), live, starts.shape[0])
                    shrink = np.float64(lengths[copy]) / np.float64(length)
                    where = length * np.float64(clamp(block.place[frame, voice], np.float32(0.0), np.float32(1.0)))
                    if live:
                        back, moves = where + abs(np.float64(away)), 0.0 if frozen else 1.0
                        start = live_start(block.stands[voice], back, size, np.float64(speed), copy, length, moves)
                    else:
                        start = around(where + block.scanned[voice] + np.float64(away), length)
                    block.copies[voice, g] = copy
                    places[voice, g] = start * shrink
                    number = shuffle(number)
                    aside = uniform(number) * clamp(block.spread[frame, voice], np.float32(0.0), np.float32(1.0))
                    overlap = max(size * density, np.float32(1.0))
                    level = np.float32(1.0) / np.sqrt(overlap * (np.float32(1.0) + aside * aside))
                    begin(grains[voice, g], size, speed * np.float32(shrink), level, aside)
                block.random[voice] = number
                left, right = play(sound, starts, lengths, row, grains[voice], places[voice], block.copies[voice])
                block.out[frame, voice], block.out[frame, block.voices + voice] = left, right
            head = head + 1 if head + 1 < length else 0
        block.head[0] = head
