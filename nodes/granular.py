from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from graph import In, Node, Option, Out, Setup, State, kernel
from nodes.dsp.cloud import GRAINS, around, between, window
from nodes.dsp.functions import clamp, exp2
from nodes.dsp.random import seeds, shuffle, uniform
from nodes.dsp.recording import read_recording, resampled


class Granular(Node, family="Samples"):
    """Granular synthesis: a cloud of short pieces of a recording, or of what is coming in.

    Time and pitch come apart: `scan` moves through the sound, `pitch` says how fast each grain plays.
    Grains start at random about `density` a second and within `spray` of the place, which a regular
    stream would turn into a buzz at its own rate; the window is a raised cosine, whose overlaps add
    up smoothly. Curtis Roads, "Microsound", MIT Press 2001.
    """

    audio = In(channels=1, doc="What is granulated where there is no `file`: its last `memory` seconds.")
    place = In(0, "", 0, 1, channels=1, doc="Where in the file, from start to end; live, how far back in the memory.")
    scan = In(0.25, "", -4, 4, channels=1, doc="How fast the place moves through a file: 1 is as recorded, 0 stands.")
    pitch = In(0, "semitones", -36, 36, channels=1, doc="Of the grains.")
    size = In(0.1, "s", 0.005, 1, curve="log", channels=1, doc="Length of a grain.")
    density = In(30, "Hz", 0.5, 300, curve="log", channels=1, doc="Grains a second; 32 at most sound at once.")
    spray = In(0.03, "s", 0, 1, channels=1, doc="How far from the place a grain may start.")
    detune = In(5, "cents", 0, 1_200, channels=1, doc="How far from the pitch a grain may be.")
    spread = In(0.7, "", 0, 1, channels=1, doc="Stereo width of the cloud.")
    out = Out(channels=2, doc="Stereo sound of each voice.")
    file = Option("", doc="Sound file; its channels are mixed.")
    memory = Option(4.0, "s", min=0.1, max=60, doc="How much of the input is remembered.")
    seed = Option(0, min=0, max=2**32 - 1, doc="Another number, another cloud; 0 takes the node's name.")
    sound = State(ndim=2, doc="The file, or a memory for each voice, going round.")
    live = State(shape=1, dtype=np.int64)
    head = State(shape=1, dtype=np.int64, doc="Where the memory is written next.")
    scanned = State(dtype=np.float64, doc="What `scan` has moved, in samples.")
    wait = State(doc="Of the way to the next grain.")
    following = State(dtype=np.int64, doc="Grain that gives way next.")
    random = State(dtype=np.uint32)
    grains = State(ndim=3, doc="Age in lengths, its step, speed, left and right of each grain.")
    places = State(ndim=2)

    def prepare(self, setup: Setup) -> Mapping[str, Any]:
        if self.file:
            audio, rate = read_recording(self.file, channels=8, seconds=600)
            sound = resampled(audio.mean(axis=1, keepdims=True), rate, setup.sample_rate).T
            sound = np.concatenate([sound, np.zeros((1, max(0, 8 - sound.shape[1])), np.float32)], axis=1)
        else:
            sound = np.zeros((setup.voices, int(self.memory * setup.sample_rate)))
        grains = np.zeros((setup.voices, GRAINS, 5))
        grains[:, :, 0] = 1
        random = seeds(setup.name, self.seed, setup.lanes)
        places = np.zeros((setup.voices, GRAINS), np.float64)
        return {"sound": sound, "live": [not self.file], "random": random, "grains": grains, "places": places}

    @kernel(double=True)
    def process(block):
        sound, grains, places, rate = block.sound, block.grains, block.places, block.sample_rate
        length = sound.shape[1]
        live, head = block.live[0] == 1, block.head[0]
        for frame in range(block.frames):
            for voice in range(block.voices):
                row = voice if live else 0
                if live:
                    sound[row, head] = block.audio[frame, voice]
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
                    where = length * np.float64(clamp(block.place[frame, voice], np.float32(0.0), np.float32(1.0)))
                    if live:
                        # Neither ahead of what is written nor behind what is kept while the grain lasts.
                        back = where + abs(np.float64(away))
                        nearest = 4.0 + max(0.0, np.float64(speed - np.float32(1.0)) * size)
                        farthest = length - 4.0 - max(0.0, np.float64(np.float32(1.0) - speed) * size)
                        places[voice, g] = around(head - min(max(back, nearest), max(farthest, 4.0)), length)
                    else:
                        places[voice, g] = around(where + block.scanned[voice] + np.float64(away), length)
                    number = shuffle(number)
                    aside = uniform(number) * clamp(block.spread[frame, voice], np.float32(0.0), np.float32(1.0))
                    overlap = max(size * density, np.float32(1.0))
                    level = np.float32(1.0) / np.sqrt(overlap * (np.float32(1.0) + aside * aside))
                    grains[voice, g, 0] = 0.0
                    grains[voice, g, 1] = np.float32(1.0) / size
                    grains[voice, g, 2] = speed
                    grains[voice, g, 3] = level * (np.float32(1.0) - aside)
                    grains[voice, g, 4] = level * (np.float32(1.0) + aside)
                block.random[voice] = number
                left = right = np.float32(0.0)
                for g in range(GRAINS):
                    age = grains[voice, g, 0]
                    if age < 1:
                        at = np.int64(places[voice, g])
                        x = np.float32(places[voice, g] - at)
                        grain = window(age) * between(sound, row, at, x)
                        left += grains[voice, g, 3] * grain
                        right += grains[voice, g, 4] * grain
                        grains[voice, g, 0] = age + grains[voice, g, 1]
                        moved = places[voice, g] + np.float64(grains[voice, g, 2])
                        places[voice, g] = moved - length if moved >= length else moved
                block.out[frame, voice] = left
                block.out[frame, block.voices + voice] = right
            head = head + 1 if head + 1 < length else 0
        block.head[0] = head
