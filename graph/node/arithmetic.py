"""Nodes that `graph` itself needs for expressions, list sums and sends.

Operators on cables create Add, Subtract, Multiply, Divide, Modulo, Abs and Compare, see `graph.node.signals`.
"""

from __future__ import annotations

import numpy as np

from graph.memory.events import CAPACITY, NOTE_ON, clear, emit
from graph.node.kernel import kernel, per_sample
from graph.node.node import Node
from graph.node.ports import In, Option, Out
from graph.node.signals import MADE

__all__ = [
    "Abs",
    "Add",
    "Compare",
    "Divide",
    "Gain",
    "Maximum",
    "Merge",
    "Minimum",
    "Mix",
    "Modulo",
    "Multiply",
    "MultiplyAdd",
    "SecondsPerBar",
    "SecondsPerBeat",
    "Spread",
    "Subtract",
]


class Add(Node, family="Arithmetic", made_by_expression=True):
    """Sum of two signals: `a + b` in a patch or in Python."""

    a = In(0.0, "any", doc="First signal.")
    b = In(0.0, "any", doc="Second signal.")
    out = Out("any", doc="a + b")

    @per_sample
    def process(a, b):
        return a + b


class Subtract(Node, family="Arithmetic", made_by_expression=True):
    """Difference of two signals: `a - b`."""

    a = In(0.0, "any", doc="Signal to subtract from.")
    b = In(0.0, "any", doc="Signal to subtract.")
    out = Out("any", doc="a - b")

    @per_sample
    def process(a, b):
        return a - b


class Multiply(Node, family="Arithmetic", made_by_expression=True):
    """Product of two signals, `a * b`: ring modulation, amplitude, send level."""

    a = In(1.0, "any", doc="First signal.")
    b = In(1.0, "any", doc="Second signal.")
    out = Out("any", doc="a * b")

    @per_sample
    def process(a, b):
        return a * b


class Divide(Node, family="Arithmetic", made_by_expression=True):
    """Quotient of two signals, `a / b`; 0 where b is 0."""

    a = In(1.0, "any", doc="Numerator.")
    b = In(1.0, "any", doc="Denominator.")
    out = Out("any", doc="a / b")

    @per_sample
    def process(a, b):
        return a / b if b != 0.0 else 0.0


class MultiplyAdd(Node, family="Arithmetic", made_by_expression=True):
    """Multiply-add in one pass. The plan creates it from `a * b + c`; no patch needs it."""

    a = In(1.0, "any", doc="First factor.")
    b = In(1.0, "any", doc="Second factor.")
    c = In(0.0, "any", doc="Signal to add.")
    out = Out("any", doc="a * b + c")

    @per_sample
    def process(a, b, c):
        return a * b + c


class Modulo(Node, family="Arithmetic"):
    """Remainder of a division, with the sign of the divisor as in Python: `a % b`; 0 where b is 0.

    Wraps a phase or a counter: `5.5 % 2` is 1.5, `-0.5 % 2` is 1.5.
    """

    a = In(0.0, "any", doc="Dividend.")
    b = In(1.0, "any", doc="Divisor.")
    out = Out("any", doc="a - b * floor(a / b): from 0 to b, excluding b.")

    @per_sample
    def process(a, b):
        rest = a - b * np.floor(a / b) if b != 0.0 else 0.0
        return rest if rest != b else 0.0


class Abs(Node, family="Arithmetic"):
    """Absolute value, as of a full-wave rectifier: `abs(a)` in Python."""

    a = In(0.0, "any", doc="Signal.")
    out = Out("any", doc="a if it is positive, else -a.")

    @per_sample
    def process(a):
        return abs(a)


class Minimum(Node, family="Arithmetic"):
    """The lower of two signals at every frame: an upper limit; `minimum(a, b)` in Python."""

    a = In(0.0, "any", doc="First signal.")
    b = In(0.0, "any", doc="Second signal.")
    out = Out("any", doc="The lower of a and b.")

    @per_sample
    def process(a, b):
        return a if a < b else b


class Maximum(Node, family="Arithmetic"):
    """The higher of two signals at every frame: a lower limit; `maximum(a, b)` in Python."""

    a = In(0.0, "any", doc="First signal.")
    b = In(0.0, "any", doc="Second signal.")
    out = Out("any", doc="The higher of a and b.")

    @per_sample
    def process(a, b):
        return a if a > b else b


class Compare(Node, family="Arithmetic"):
    """Comparator: 1 while a test on two signals is true, else 0; `a > b`, `a <= b` and so on in Python.

    The output is a gate. Noise around the threshold makes it chatter; smooth the signal with Slew first.
    """

    a = In(0.0, "any", doc="Signal to test.")
    b = In(0.0, "any", doc="Signal or threshold to compare with.")
    test = Option(
        "above", choices=("above", "below", "at_least", "at_most", "equal", "unequal"), doc="Relation of a to b."
    )
    out = Out(doc="1 while the test is true, else 0.")

    @per_sample
    def process(a, b, test):
        strict = a < b if test == 1 else a > b
        loose = a <= b if test == 3 else a >= b
        same = a == b if test == 4 else a != b
        true = strict if test < 2 else loose if test < 4 else same
        return 1.0 if true else 0.0


class Gain(Node, family="Mixing", made_by_expression=True):
    """Gain stage: `gain` may be a factor, a level such as -6 dB, or a cable."""

    audio = In(doc="Input signal.")
    gain = In(1.0, doc="Gain factor; 1 leaves the signal unchanged, 0 mutes it.")
    out = Out(doc="audio * gain")

    @per_sample
    def process(audio, gain):
        return audio * gain


class Mix(Node, family="Mixing", made_by_expression=True):
    """Sums all voices of a signal to one; channels stay separate."""

    audio = In(doc="Signal with any number of voices.")
    out = Out(voices=1, doc="Sum of the voices, with the channels of `audio`.")

    @kernel
    def process(block):
        audio = block.audio
        out = block.out
        voices = block.voices
        for frame in range(block.frames):
            for channel in range(block.channels):
                total = 0.0
                for voice in range(voices):
                    total += audio[frame, channel * voices + voice]
                out[frame, channel] = total


class Merge(Node, family="Notes and time", made_by_expression=True):
    """Merges two events cables in frame order; a list `[keys, line]` creates it.

    At the same frame, events of `a` come first; each cable keeps its own order. If both together exceed the
    capacity of a cable, note-ons are dropped, so every sounding note still receives its note-off.
    """

    a = In(kind="events", doc="First events.")
    b = In(kind="events", doc="Second events.")
    out = Out(kind="events", doc="Events of both cables.")

    @kernel(double=True)
    def process(block):
        a, b, out = block.a, block.b, block.out
        clear(out)
        i, j = 0, 0
        notes = 0
        for k in range(a.count[0]):
            notes += 1 if a.records[k].kind == NOTE_ON else 0
        for k in range(b.count[0]):
            notes += 1 if b.records[k].kind == NOTE_ON else 0
        room = CAPACITY - (a.count[0] + b.count[0] - notes)
        for _ in range(a.count[0] + b.count[0]):
            first = i < a.count[0]
            if first and j < b.count[0]:
                first = a.records[i].frame <= b.records[j].frame
            event = a.records[i] if first else b.records[j]
            i += 1 if first else 0
            j += 0 if first else 1
            if event.kind == NOTE_ON:
                room -= 1
            if event.kind == NOTE_ON and room < 0:
                out.count[1] += 1
            else:
                emit(out, event.frame, event.kind, event.channel, event.note_id, event.number, event.value)


class Spread(Node, family="Arithmetic", made_by_expression=True):
    """Copies one voice or one channel to many. The plan inserts it where widths differ; no patch needs it.

    Its inputs and outputs have separate widths, set by `plan`.
    """

    audio = In(doc="Narrow signal.")
    out = Out(doc="Wide signal.")

    @kernel
    def process(block):
        audio = block.audio
        out = block.out
        lanes = block.lanes
        if audio.shape[1] == 1:
            for frame in range(block.frames):
                value = audio[frame, 0]
                for lane in range(lanes):
                    out[frame, lane] = value
        else:
            voices, one_voice = block.voices, audio.shape[1] == block.channels
            for frame in range(block.frames):
                for channel in range(block.channels):
                    for voice in range(voices):
                        out[frame, channel * voices + voice] = audio[frame, channel if one_voice else voice]


class SecondsPerBeat(Node, family="Arithmetic", made_by_expression=True):
    """Duration of a beat: the factor behind `3/8 beats` in a patch."""

    clock = In(kind="clock", doc="Clock to measure.")
    out = Out("s", doc="Seconds per beat at every frame.")

    @kernel
    def process(block):
        tempo = block.clock.tempo
        for frame in range(block.frames):
            block.out[frame, 0] = 60.0 / tempo[frame] if tempo[frame] > 0.0 else 0.0


class SecondsPerBar(Node, family="Arithmetic", made_by_expression=True):
    """Duration of a bar: the factor behind `2 bars` in a patch."""

    clock = In(kind="clock", doc="Clock to measure.")
    out = Out("s", doc="Seconds per bar at every frame.")

    @kernel
    def process(block):
        tempo = block.clock.tempo
        beats = block.clock.quantum[0]
        for frame in range(block.frames):
            block.out[frame, 0] = beats * 60.0 / tempo[frame] if tempo[frame] > 0.0 else 0.0


MADE.update({cls.__name__: cls for cls in (Abs, Add, Compare, Divide, Maximum, Minimum, Modulo, Multiply, Subtract)})
MADE.update({cls.__name__: cls for cls in (SecondsPerBeat, SecondsPerBar)})
