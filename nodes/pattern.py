"""Drum pattern player."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from graph import In, Node, NodeError, Option, Out, Setup, State, clear, kernel
from nodes.dsp.math.functions import clamp
from nodes.dsp.math.random import seeds
from nodes.dsp.patterns.drum_patterns import bundled_names
from nodes.dsp.patterns.drum_table import score
from nodes.dsp.patterns.drum_walk import NEVER, NEXT_DUE, NEXT_OFF, QUEUE, RUNS, Walk, follow, is_over, play, take
from nodes.dsp.patterns.drum_words import WORDS
from nodes.dsp.sequencing.directions import DIRECTIONS
from nodes.dsp.sequencing.sequence import GRID, HEAD, MOVED, RUNNING, follow_reset


class Pattern(Node):
    """Drum pattern player: a line of drum notation per drum, `kick: x...x... snare: ....X..o`, or a bundled pattern.

    x is a hit, X an accent, o a ghost note, f a flam, d a drag (F, D: accented), 1 to 9 a probability in tenths, a dot
    a rest; (xx) puts several hits in one step. The marks of a lane divide the pattern's beats equally, so 12 marks in 4
    beats are triplets; a count that does not divide the beats is an error. `cowbell (3 beats):` loops separately.
    `pattern: bossa nova` selects a bundled pattern or one of `file`; `rock*3, samba` is a chain. A hit falls on the
    first frame at or after its beat; grace notes come before it. Random draws depend on the seed and the bar alone, so
    a seed plays the same wherever playback starts. When the clock stops or jumps, all notes end at that frame.
    """

    pattern = Option("rock", items=", ", unless="drums", doc="Pattern name, or a chain: `rock*3, samba`.")
    drums = Option("", items=" ", doc="Drum notation, instead of `pattern`: `kick: x...x... snare: ....x...`.")
    clock = In(kind="clock", optional=True, doc="Clock to follow.")
    tempo = In(120.0, "bpm", 20.0, 999.0, curve="log", ramp=0.0, voices=1, channels=1, doc="Tempo without a clock.")
    reset = In(0.0, "", ramp=0.0, voices=1, channels=1, doc="A rise above 0.5 starts again from the first bar.")
    fill = Option("", items=", ", doc="Fill, or several in turn: `rock, funk`.")
    fill_every = Option(0, min=0, max=1024, doc="Bars per fill, which ends the last of them; 0 is never.")
    file = Option("", doc="File with additional patterns, in the format of the bundled ones.")
    beats = Option(4.0, min=0.25, max=256.0, doc="Length of `drums` in beats.")
    direction = Option(
        "forward", choices=DIRECTIONS,
        doc="`ping_pong` plays it forward, then backward; `random` draws each beat by its index. Fills play forward.",
    )  # fmt: skip
    swing = In(
        0.5, "", 0.5, 0.75, voices=1, channels=1,
        doc="Position of the offbeat: 0.5 is straight, 2/3 is triplets.",
    )  # fmt: skip
    swing_step = Option(0.5, min=1 / 16, max=4.0, doc="Beats per swung step: 1/2 for eighths.")
    humanize = In(0, "", 0, 1, voices=1, channels=1, doc="Random deviation; at 1 up to 12 ms and 25 % velocity.")
    select = In(
        0, "", 0, 64, ramp=0.0, voices=1, channels=1,
        doc="Number of the pattern in the chain to play from the next bar; 0 plays all in turn.",
    )  # fmt: skip
    velocity = Option(0.7, min=0.01, max=1.0, doc="Velocity of x.")
    accent = Option(1.0, min=0.01, max=1.0, doc="Velocity of X.")
    ghost = Option(0.3, min=0.01, max=1.0, doc="Velocity of o.")
    gate = Option(0.125, min=1 / 64, max=16.0, doc="Note length in beats.")
    loop = Option(True, doc="Repeat at the end.")
    seed = Option(0, min=0, max=2**31 - 1, doc="Random seed; 0 derives one from the node's name.")
    channel = Option(10, min=1, max=16, doc="MIDI channel of the notes; 10 is General MIDI percussion.")
    out = Out(kind="events", doc="Drum hits.")

    hits = State(ndim=2, dtype=np.float64)
    parts = State(ndim=2, dtype=np.float64)
    counts = State((2,), np.int64, doc="Patterns with the chain, and fills.")
    place = State((8,), np.int64, doc="Position, and the score's checksum: a different score restarts.")
    song = State((4,), np.float64)
    queue = State((QUEUE, 4), np.float64)
    offs = State((129,), np.float64, initial=NEVER, keeps=True)
    chances = State((1,), np.uint32)
    head = State((HEAD,), np.float64)
    done = State((1,), np.int64)

    def validate(self) -> None:
        try:
            score(self.options)
        except NodeError as error:
            raise NodeError(f"{self.label}: {error}") from None

    @classmethod
    def bundled(cls) -> Mapping[str, Sequence[str]]:
        return {**bundled_names(), "words for drums": list(WORDS)}

    def prepare(self, setup: Setup) -> Mapping[str, Any]:
        self.validate()
        start = {"chances": seeds(setup.name, self.options["seed"], 1), "song": [0.0, 0.0, NEVER, NEVER]}
        return {**score(self.options), **start}

    @kernel(double=True)
    def process(block):
        walk = Walk(block.hits, block.parts, block.place, block.song, block.queue, block.offs, block.chances)
        head, counts, song = block.head, block.counts, block.song
        clear(block.out)
        for frame in range(block.frames):
            tempo = block.clock.tempo[frame]
            tempo = tempo if tempo > 0.0 else clamp(float(block.tempo[frame, 0]), 20.0, 999.0)
            beat = follow_reset(block.clock, head, frame, tempo, block.sample_rate, block.reset[frame, 0], GRID)
            playing = head[RUNNING] != 0.0
            moved = head[MOVED] != 0.0 or playing != (walk.place[RUNS] != 0)
            swing = 2.0 * clamp(float(block.swing[frame, 0]), 0.5, 0.75) - 1.0
            human = clamp(float(block.humanize[frame, 0]), 0.0, 1.0)
            wanted = min(int(clamp(float(block.select[frame, 0]), 0.0, 64.0) + 0.5), counts[0] - 1)
            walk.place[RUNS] = 1 if playing else 0
            follow(walk, block.out, frame, block.channel, moved, wanted, beat, swing, block.fill_every, block.loop)
            if playing:
                take(walk, counts, beat, swing, tempo, human, block.fill_every, block.loop, moved)
            if min(song[NEXT_DUE], song[NEXT_OFF]) <= beat + 1e-9:
                play(walk, block.out, frame, beat, block.gate, block.channel)
        over = is_over(walk) and song[NEXT_DUE] >= NEVER and song[NEXT_OFF] >= NEVER
        block.done[0] = 1 if over and not block.loop else 0
