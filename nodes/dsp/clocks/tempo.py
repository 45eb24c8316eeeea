"""Tempo curves with the beat in closed form, so that an hour-long ramp is exact at every frame.

A tempo that is linear over beats, T = T0 + K (b - B0), makes db/dt = T / 60 an exponential in time:
b = B0 + T0 / K (exp(K t / 60) - 1). Nothing is accumulated from frame to frame.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from zlib import crc32

import numpy as np

from graph import NodeError, did_you_mean, inline
from graph.midi import bars_of, beat_of, last_beat, read, tempo_rows
from nodes.dsp.clocks.bars import EARLY, loop_between
from nodes.dsp.envelopes.breakpoints import HOLD, LINEAR, parse

SLOWEST, FASTEST = 20.0, 999.0
NEVER = 1e18

BEGIN, SINCE, TEMPO, SLOPE, END, NEXT = range(6)
"""One segment: its first beat, frames since then, tempo there and its change per beat; end beat,
and the tempo from there on."""

END_OF_SONG, LATE, HOME = 2, 3, 4
"""Items of a region, after its loop: the beat at which the song ends, the delay of its first frame in frames, and the
beat after a reset."""

OWED, RESET = 1, 3
"""Items of `heard`: beats carried over by a loop, and the previous value of `reset`."""

MOST_SECTIONS = 256

_METER = re.compile(r"([1-9]\d?)/(1|2|4|8|16|32)")


def tempo_map(text: str) -> Any:
    """[control] Segments of `0: 90, 16: 90, 32: 140`: rows of beat, tempo, slope."""
    points = parse(text, "bpm")
    rows = []
    for number, point in enumerate(points):
        if not SLOWEST <= point.value <= FASTEST:
            raise NodeError(f"a tempo must be {SLOWEST:g} to {FASTEST:g} bpm, not {point.value:g}")
        after = points[number + 1] if number + 1 < len(points) else None
        if after is not None and after.curve not in (LINEAR, HOLD):
            raise NodeError("a tempo map is linear between points, or `hold`")
        if after is None or after.place > point.place:
            slope = 0.0
            if after is not None and after.curve == LINEAR:
                slope = (after.value - point.value) / (after.place - point.place)
            rows.append((point.place, point.value, slope))
    rows[0] = (min(rows[0][0], 0.0), *rows[0][1:]) if rows[0][2] == 0 else rows[0]
    if rows[0][0] > 0:
        rows.insert(0, (0.0, rows[0][1], 0.0))
    return np.array(rows)


def bar_of(meter: str, quantum: float) -> float:
    """[control] Beats per bar."""
    match = _METER.fullmatch(meter) if meter else None
    if meter and match is None:
        raise NodeError(f"'{meter}' is not a time signature; write 4/4, 6/8 or 7/8")
    return int(match[1]) * 4 / int(match[2]) if match else quantum


def sections(text: str) -> Mapping[str, float]:
    """[control] First bars of `intro: 1, verse: 5, end: 21`."""
    found: dict[str, float] = {}
    words = re.split(r"[,\n]", text)
    if len(words) > MOST_SECTIONS:
        raise NodeError(f"there are {len(words)} sections; at most {MOST_SECTIONS} are allowed")
    for word in words:
        match = re.fullmatch(r"\s*(\w[\w ]*?)\s*:\s*(\d+(?:\.\d+)?)\s*", word)
        if match is None and word.strip():
            raise NodeError(f"'{word.strip()}' is not a section; write its name and first bar, such as `verse: 5`")
        if match is not None:
            if float(match[2]) <= max(found.values(), default=0.999):
                raise NodeError(f"section '{match[1]}' at bar {match[2]} must start after the previous section")
            found[match[1]] = float(match[2])
    return found


def course(options: Mapping[str, Any], late: float = 0.0, home: float | None = None) -> Mapping[str, Any]:
    """[control] Initial states of a `Transport` whose first frame comes `late` frames after its bar.

    A reset leads to bar `home`, or to the option `start` if that is None.
    """
    song = read(options["file"]) if options["file"] else None
    bars = bars_of(song) if song else np.array([[0.0, 1.0, bar_of(options["meter"], options["quantum"])]])
    marks = {name: beat_of(bars, first) for name, first in sections(options["sections"]).items()}
    names, places = list(marks), list(marks.values())
    loop = options["loop"]
    if loop and loop not in names[:-1]:
        raise NodeError(f"there is no section '{loop}' that can loop.{did_you_mean(loop, names)}")
    table = tempo_map(options["tempos"]) if options["tempos"] else np.zeros((0, 3))
    if song:
        rows = tempo_rows(song)
        table = np.column_stack([rows[:, 1:], np.zeros(len(rows))])
    end = last_beat(song) if song else NEVER
    round_ = places[names.index(loop) :][:2] if loop else [0.0, 0.0]
    return {
        "law": [beat_of(bars, options["start"]), 0.0, 0.0, 0.0, NEVER, 0.0],
        "bars": bars,
        "map": table,
        "heard": [0.0, 0.0, crc32(table.tobytes()), 0.0],
        "marks": places,
        "region": [*round_, marks.get("end", end), late, beat_of(bars, options["start"] if home is None else home)],
        "taps": [0.0, NEVER, 0.0, 0.0],
    }


@inline(double=True)
def now(law, rate):
    """[audio] Beat of a segment at this frame."""
    if law[SLOPE] == 0.0:
        return law[BEGIN] + law[SINCE] * law[TEMPO] / (60.0 * rate)
    return law[BEGIN] + law[TEMPO] / law[SLOPE] * np.expm1(law[SLOPE] * law[SINCE] / (60.0 * rate))


@inline(double=True)
def tempo_at(law, beat):
    """[audio] Tempo of a segment at a beat."""
    return law[TEMPO] + law[SLOPE] * (beat - law[BEGIN])


@inline(double=True)
def set_law(law, beat, tempo, slope, end, after):
    """[audio] Starts a new segment."""
    law[BEGIN] = beat
    law[SINCE] = 0.0
    law[TEMPO] = tempo
    law[SLOPE] = slope
    law[END] = end
    law[NEXT] = after


@inline(double=True)
def go_to(law, table, beat, tempo):
    """[audio] Continues at another beat, with the map's tempo there, or with `tempo` without a map."""
    if table.shape[0] == 0:
        set_law(law, beat, tempo, 0.0, NEVER, tempo)
    row = -1
    for at in range(table.shape[0]):
        if table[at, 0] <= beat + EARLY:
            row = at
    if row >= 0:
        end = table[row + 1, 0] if row + 1 < table.shape[0] else NEVER
        there = table[row, 1] + table[row, 2] * (beat - table[row, 0])
        set_law(law, beat, there, table[row, 2], end, -1.0)


@inline(double=True)
def advance(law, table, rate):
    """[audio] Beat at this frame, across the ends of any segments passed."""
    beat = now(law, rate)
    for _ in range(table.shape[0] + 1):
        if beat < law[END]:
            break
        left = law[END]
        if law[SLOPE] == 0.0:
            taken = (left - law[BEGIN]) * 60.0 * rate / law[TEMPO]
        else:
            over = law[SLOPE] * (left - law[BEGIN]) / law[TEMPO]
            taken = 60.0 * rate / law[SLOPE] * np.log1p(over)
        since = law[SINCE] - taken
        if law[NEXT] > 0.0:
            set_law(law, left, law[NEXT], 0.0, NEVER, law[NEXT])
        else:
            go_to(law, table, left, law[TEMPO])
        law[SINCE] = since
        beat = now(law, rate)
    return beat


@inline(double=True)
def steer(law, table, heard, beat, asked, by_hand, ramp):
    """[audio] Applies a new tempo, immediately or over `ramp` beats.

    heard     the last requested tempo, and the beats carried over by a loop; it starts with the map's checksum, so that
              a map edited during playback takes effect immediately
    by_hand   tapped tempo, or 0
    """
    if by_hand > 0.0 or asked != heard[0]:
        heard[0] = asked
        wanted = min(max(by_hand, SLOWEST), FASTEST) if by_hand > 0.0 else asked
        if law[TEMPO] == 0.0 or table.shape[0] > 0:
            go_to(law, table, beat, asked)
        else:
            tempo = tempo_at(law, beat)
            if ramp > 0.0 and wanted != tempo:
                set_law(law, beat, tempo, (wanted - tempo) / ramp, beat + ramp, wanted)
            else:
                set_law(law, beat, wanted, 0.0, NEVER, wanted)


@inline(double=True)
def begin_late(law, region, beat, rate):
    """[audio] The beat of an excerpt's first frame, if it precedes the bar by less than a frame."""
    if region[LATE] >= 0.0:
        return beat
    law[SINCE] = region[LATE]
    region[LATE] = 0.0
    return now(law, rate)


@inline(double=True)
def go_on(law, region, playing):
    """[audio] Advances by one frame. A first frame after its bar shows the bar; the next frames catch up."""
    law[SINCE] += playing
    if playing != 0 and region[LATE] > 0.0:
        law[SINCE] += region[LATE]
        region[LATE] = 0.0


@inline(double=True)
def is_over(region, beat):
    """[audio] Whether the song has ended."""
    return beat >= region[END_OF_SONG] - EARLY


@inline(double=True)
def jump(law, table, beat, to):
    """[audio] Continues at another beat, at the map's tempo there; without a map, tempo and ramp are kept."""
    if table.shape[0] == 0:
        law[BEGIN] += to - beat
        law[END] += to - beat
    else:
        go_to(law, table, to, law[TEMPO])


@inline(double=True)
def moved(law, table, heard, region, bars, beat, reset, align, loop_from, loop_to):
    """[audio] The beat at this frame after a reset, an aligning tap, or the end of a loop; and whether it jumped.

    At the end of a loop, the fraction of a frame by which it is late is carried over, except after a seek far past it.
    """
    again = reset > 0.5 and not heard[RESET] > 0.5
    heard[RESET] = reset
    begin, end = loop_between(bars, region, loop_from, loop_to)
    to = beat
    if again:
        to = region[HOME]
    elif align != 0:
        to = np.floor(beat + 0.5)
    elif end > begin and beat + heard[OWED] >= end - EARLY:
        to = begin
    if again or to != beat:
        looped = not again and align == 0 and beat - end < 0.1
        heard[OWED] = beat + heard[OWED] - end if looped else 0.0
        jump(law, table, beat, to)
    return to, again or to != beat


@inline(double=True)
def swung(beat, swing, step):
    """[audio] Swung position of a beat: slow through the first step of a pair, fast through the second."""
    pair = 2.0 * step
    first = np.floor(beat / pair) * pair
    part = (beat - first) / pair
    return first + pair * (part * 0.5 / swing if part < swing else 0.5 + (part - swing) * 0.5 / (1.0 - swing))


@inline(double=True)
def tapped(taps, tap, rate):
    """[audio] Tapped tempo, or 0 before the second tap: the mean of the last four intervals, unless one is far off.

    taps    previous trigger value, frames since the last tap, mean interval in frames, intervals in it
    """
    hit = tap > 0.5 and not taps[0] > 0.5
    taps[0] = tap
    if hit:
        since = taps[1]
        near = abs(since - taps[2]) < 0.35 * taps[2]
        taps[1] = 0.0
        if 0.0 < since < 3.0 * rate:
            taps[3] = min(taps[3] + 1.0, 4.0) if near else 1.0
            taps[2] = taps[2] + (since - taps[2]) / taps[3]
        else:
            taps[3] = 0.0
    taps[1] += 1.0
    return 60.0 * rate / taps[2] if hit and taps[3] > 0.0 else 0.0
