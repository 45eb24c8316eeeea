"""Lays out the terminal view: a list of lines for any screen size; 80 by 24 shows everything."""

from __future__ import annotations

from itertools import groupby

from rich.text import Text

from graph.engine.gauges import changed
from graph.errors import several
from graph.play.activity import note_name
from graph.view.keys import LOWER, STEPS, UPPER, Piano
from graph.view.knobs import Knobs
from graph.view.panel import Row, Spot, knob_rows, preset_row
from graph.view.state import FLOOR, Actions, Needle, ViewState

DIM, BRIGHT, ACCENT, GOOD, WARM, BAD = "bright_black", "bold", "cyan", "green", "yellow", "bold red"
LABEL = 9
"""Columns of the labels on the left."""
BLACK = "sdghj2356790"
NEWS, LONGEST_NEWS = 2, 4
METERS = 4
"""Number of meters shown on their own lines; beyond that, meters share lines."""
NARROWEST = 36
"""Columns of a meter that shares a line."""
FLASH = 0.15
"""Seconds that the MIDI indicator stays lit."""


class Board:
    """Draws a ViewState; `notice` is a line above the help, such as a prompt."""

    def __init__(
        self, state: ViewState, piano: Piano | None, title: str, actions: Actions, knobs: Knobs | None = None
    ) -> None:
        self.state, self.piano, self.title, self.actions = state, piano, title, actions
        self.knobs = knobs or Knobs(state.live, actions.chosen)
        self.notice = ""
        self._spots: dict[int, list[Spot]] = {}

    def spot(self, column: int, row: int) -> Spot | None:
        """What was drawn at a place of the screen and can be chosen there."""
        return next((spot for spot in self._spots.get(row, []) if spot.left <= column < spot.right), None)

    def lines(self, width: int, height: int) -> list[Text]:
        """At most `height` lines of at most `width` columns; the least important are dropped first."""
        needles = list(self.state.needles.items())
        self.knobs.update()
        presets, knobs = self._presets(width), self._knobs(width, height)
        parts: list[tuple[int, list[Text]]] = [
            (0, [self._title(width)]),
            (4, [self._device()]),
            (9, [Text()]),
            (1, [self._load(width)]),
            (6, [self._costly(width)]),
            (9, [Text()]),
            (3, self._music()),
            (9, [Text()]),
            (2, self._meters(width, needles[: self._outputs])),
            (5, self._meters(width, needles[self._outputs :])),
            (9, [Text()]),
            (4, [line for line, _ in presets]),
            (6, [line for line, _ in knobs]),
            (9, [Text()]),
            (7, self._keys()),
            (9, [Text()]),
            (3, self._news(width)),
            (8, self._help(width)),
        ]
        room = height
        kept: dict[int, list[Text]] = {}
        for index, (_, part) in sorted(enumerate(parts), key=lambda item: item[1][0]):
            kept[index] = part[: max(0, room)] if parts[index][0] != 7 or len(part) <= room else []
            room -= len(kept[index])
        lines = [line for index in sorted(kept) for line in kept[index]]
        foot = len(kept[len(parts) - 1]) + len(kept[len(parts) - 2])
        if room > 0 and foot:  # messages and help stay at the bottom
            lines[len(lines) - foot : len(lines) - foot] = [Text() for _ in range(room)]
        spots = {id(line): spots for line, spots in (*presets, *knobs)}
        self._spots = {row: spots[id(line)] for row, line in enumerate(lines) if id(line) in spots}
        for line in lines:
            line.truncate(width, overflow="ellipsis")
        return lines

    @property
    def _outputs(self) -> int:
        return self.state.live.engine.channels

    def _title(self, width: int) -> Text:
        live, state = self.state.live, self.state
        left = Text().append(f" {self.title}", BRIGHT)
        preset = self.actions.preset() if self.actions.preset else ""
        if preset:
            left.append(f"  {preset}", ACCENT)
        right = Text()
        if live.muted:
            right.append(" MUTED ", "black on yellow")
        recorded = live.recording
        if recorded is not None:
            right.append(f" ● REC {minutes(recorded)} ", BAD)
        if state.live.lost:
            right.append(" NO DEVICE ", "black on red")
        left.truncate(max(1, width - len(right) - 1), overflow="ellipsis")
        return left + Text(" " * max(1, width - left.cell_len - right.cell_len)) + right

    def _device(self) -> Text:
        live = self.state.live
        rate = f"{live.rate / 1000:g} kHz"
        return Text(
            f" {live.device}  {rate}  {live.engine.block} frames  {self.state.latency * 1e3:.1f} ms latency",
            DIM,
        )

    def _load(self, width: int) -> Text:
        state = self.state
        dropped = several(state.dropouts, "dropout")
        tail = Text().append(f" {state.load:4.0%}", BRIGHT)
        tail.append("  worst ", DIM).append(f"{state.worst:4.0%}", _heat(state.worst))
        tail.append("   ").append(dropped, BAD if state.dropped_lately else WARM if state.dropouts else DIM)
        tail.append(f"  {state.late} late" if state.late else "", DIM)
        room = max(4, width - LABEL - 1 - tail.cell_len - 1)
        bar = _bar(min(1.0, state.load), room, [(0.5, GOOD), (0.8, WARM), (1.0, BAD)], min(1.0, state.worst))
        return _label("load") + bar + tail

    def _costly(self, width: int) -> Text:
        line = _label("")
        for name, share in self.state.costly:
            word = f"{name} {share:.1%}   "
            if line.cell_len + len(word) > width:
                break
            line.append(word, BAD if share > 0.5 else DIM)
        return line

    def _music(self) -> list[Text]:
        lines = []
        state = self.state
        for name, clock in list(state.clocks.items())[:2]:
            line = _label("clock")
            beats = max(1, min(16, round(clock.quantum)))
            now = int(clock.beat_in_bar - 1.0)
            for beat in range(beats):
                lit = clock.playing and beat == min(now, beats - 1)
                line.append("● " if lit else "· ", ACCENT if lit else DIM)
            line.append(f" {clock.tempo:.1f} bpm", BRIGHT).append(f"  bar {clock.bar}", DIM)
            line.append("" if clock.playing else "  stopped", WARM)
            line.append(f"  {name}" if len(state.clocks) > 1 else "", DIM)
            lines.append(line)
        if state.voices:
            line = _label("voices")
            for name, (sounding, there) in list(state.voices.items())[:4]:
                if len(state.voices) == 1 and there <= 32:
                    line.append("●" * sounding, ACCENT).append("·" * (there - sounding), DIM)
                else:
                    line.append(f"{name} ", DIM)
                line.append(f"  {sounding}", BRIGHT).append(f" of {there}   ", DIM)
            lines.append(line)
        activity = state.activity
        line = _label("midi")
        line.append("● " if activity.age < FLASH else "· ", ACCENT if activity.age < FLASH else DIM)
        line.append(activity.last or "no input yet", BRIGHT if activity.age < 2.0 else DIM)
        if activity.control and not activity.last.startswith("CC"):
            number, channel, value = activity.control
            where = f" ch {channel}" if channel != 1 else ""
            line.append(f"   CC {number} {value:.2f}{where}", DIM)
        lines.append(line)
        message, mistake = self.actions.osc() if self.actions.osc else ("", "")
        if message:
            lines.append(_label("osc").append(message[:60], BRIGHT).append(f"  {mistake}" if mistake else "", BAD))
        return lines

    def _meters(self, width: int, needles: list[tuple[str, Needle]]) -> list[Text]:
        """One meter per line, or several per line if there are many."""
        columns = 1 if len(needles) <= METERS else 2 if len(needles) <= 2 * METERS else 4
        columns = min(columns, max(1, width // NARROWEST))
        rows = []
        for start in range(0, len(needles), columns):
            row = Text()
            for name, needle in needles[start : start + columns]:
                row.append_text(self._meter(name, needle, width // columns))
            rows.append(row)
        if len(rows) > 2 * METERS:
            left = len(needles) - 2 * METERS * columns
            rows = [*rows[: 2 * METERS], Text().append(f" and {left} more", DIM)]
        return rows

    def _meter(self, name: str, needle: Needle, width: int) -> Text:
        name = name if len(name) < LABEL - 1 else f"{name[: LABEL - 3]}…"
        tail = Text().append(f" {round(needle.peak, 1) + 0.0:6.1f} dB" if needle.peak > FLOOR else "   -inf dB", DIM)
        tail.append(" CLIP" if needle.clipped(self.state.now) else "     ", BAD)
        room = max(4, width - LABEL - tail.cell_len - 1)
        stops = [(_place(-12.0), GOOD), (_place(-3.0), WARM), (1.0, "red")]
        return _label(name) + _bar(_place(needle.level), room, stops, _place(needle.peak)) + tail

    def _presets(self, width: int) -> list[Row]:
        names = self.actions.presets() if self.actions.presets else []
        chosen = self.actions.preset() if self.actions.preset else ""
        return [preset_row(names, chosen, _label("preset"), width)] if names else []

    def _knobs(self, width: int, height: int) -> list[Row]:
        """A fifth of the screen, and more where there is room."""
        count = max(2, height // 5, height - 20)
        return knob_rows(self.knobs, list(changed(self.state.live.engine)), width, count)

    def _keys(self) -> list[Text]:
        piano = self.piano
        if piano is None:
            return []
        low = 12 * (piano.octave + 1)
        rows = [Text(" " * LABEL), Text(" " * LABEL)]
        for keys in (LOWER, UPPER):
            for letter in keys:
                number = low + STEPS[letter]
                lit = letter in piano.sounding or number in self.state.activity.held
                black = letter in BLACK
                style = f"black on {ACCENT}" if lit else DIM if black else ""
                row = rows[0] if black else rows[1]
                place = rows[1].cell_len - 1 if black else rows[1].cell_len
                row.append(" " * (place - row.cell_len)).append(letter.upper(), style)
                if not black:
                    row.append(" ")
            rows[1].append("  ")
        rows[0].append(" " * (rows[1].cell_len - rows[0].cell_len))
        rows[1].append(f"{note_name(low)} to {note_name(low + STEPS['p'])}", BRIGHT)
        rows[0].append(f"velocity {piano.velocity:.0%}" + ("  latched" if piano.latch else ""), DIM)
        return rows

    def _news(self, width: int) -> list[Text]:
        """The start of the last message, and the end of the previous one where space allows."""
        told = [[line for line in message.splitlines() if line.strip()] for message in self.state.live.messages[-NEWS:]]
        shown = (told[-1] if told else [])[:LONGEST_NEWS]
        if len(shown) < NEWS and len(told) > 1:
            shown = told[0][-1:] + shown
        style = WARM if self.state.news_are_new else DIM
        lines = [Text().append(f" {line}"[:width], style) for line in shown]
        return [*lines, *([Text().append(f" {self.notice}", BAD)] if self.notice else [])]

    def _help(self, width: int) -> list[Text]:
        actions = self.actions
        words = []
        if self.piano is not None:
            words += [("←→", "octave"), (", .", "velocity"), ("tab", "latch"), ("space", "panic")]
        words += [("⌫", "mute")]
        steps = actions.next_preset or actions.previous_preset
        words += [("↑↓", "preset")] if steps and (actions.presets is None or actions.presets()) else []
        words += [("pg↑↓", "knob"), ("- +", "turn"), ("home", "back")] if self.knobs.knobs else []
        words += [("^P", "store preset")] if actions.store else []
        words += [("⏎", "record")] if actions.record else []
        words += [("^R", "reload")] if actions.reload else []
        words += [("esc", "quit")]
        lines = [Text(" ")]
        for key, word in words:
            if lines[-1].cell_len + len(key) + len(word) + 3 > width and lines[-1].cell_len > 1:
                lines.append(Text(" "))
            lines[-1].append(key, ACCENT).append(f" {word}  ", DIM)
        return lines


def minutes(seconds: float) -> str:
    """`1:05`."""
    return f"{int(seconds) // 60}:{int(seconds) % 60:02d}"


def _label(word: str) -> Text:
    return Text().append(f" {word:<{LABEL - 1}}", DIM)


def _heat(share: float) -> str:
    return BAD if share > 0.9 else WARM if share > 0.6 else DIM


def _place(level: float) -> float:
    """A level in dB mapped to the scale from 0 to 1."""
    return min(1.0, max(0.0, 1.0 - level / FLOOR))


def _bar(share: float, width: int, stops: list[tuple[float, str]], mark: float) -> Text:
    """A bar filled from the left, colored by its end position, with a peak-hold mark."""
    halves = round(share * width * 2)
    at = min(width - 1, int(mark * width)) if mark > 0.0 else -1
    cells = []
    for column in range(width):
        style = next((style for stop, style in stops if (column + 0.5) / width <= stop), stops[-1][1])
        if column == at and 2 * column >= halves - 1:
            cells.append(("┃", style))
        elif 2 * column + 1 < halves:
            cells.append(("━", style))
        elif 2 * column + 1 == halves:
            cells.append(("╸", style))
        else:
            cells.append(("─", DIM))
    line = Text()
    for style, run in groupby(cells, key=lambda cell: cell[1]):
        line.append("".join(letter for letter, _ in run), style)
    return line
