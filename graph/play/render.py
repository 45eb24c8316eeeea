"""Offline rendering: runs the engine in a loop, with MIDI input, until the sound has decayed."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from math import ceil
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from graph.engine.ending import SILENCE, TAIL_SECONDS, deaf, sources_of
from graph.engine.engine import Engine
from graph.errors import GraphError, GraphrunError, several
from graph.media.sound_file import check_target, new_render
from graph.media.sound_reader import read_recording, resampled
from graph.memory.events import CAPACITY, NOTE_ON, PACKED_TIMED_EVENT
from graph.memory.tables import MAX_INPUTS, MIDI_EVENTS
from graph.model.net import Net
from graph.native.cache import Report
from graph.node.place import BEGINNING, Place
from graph.play.file_tempo import following
from graph.play.programs import Programs

ENDLESS_SECONDS = 30.0
CHUNKS_A_SECOND = 4


class Renderer:
    """[control] Renders a graph chunk by chunk; iterate over it.

    seconds   length, or None to stop `TAIL_SECONDS` after the last sound once all sources have
              ended; a graph without an end renders `ENDLESS_SECONDS`, or ends `TAIL_SECONDS` after its MIDI file
    midi      a Standard MIDI File for the graph's MIDI inputs; open clock inputs follow its tempo
    audio_in  an audio file, or an array (frames, inputs) at the sample rate of the render, for its AudioIn
    presets   names of the presets that program changes in the MIDI file select
    choose    returns the graph with the preset of a number, or None if it is already active; called during the render
    """

    def __init__(
        self,
        graph: Net,
        seconds: float | None = None,
        midi: str | PathLike[str] | None = None,
        *,
        audio_in: str | PathLike[str] | NDArray[np.float32] | None = None,
        rate: float | str | None = None,
        block: int | None = None,
        report: Report | None = None,
        presets: Sequence[str] = (),
        choose: Callable[[int], Net | None] | None = None,
    ) -> None:
        if seconds is not None and not (isinstance(seconds, int | float) and 0 < seconds <= 24 * 3600):
            raise GraphError(f"seconds must be above 0 and at most 86400 (a day), not {seconds}")
        self.warnings: list[str] = []
        self.events = np.zeros(0, PACKED_TIMED_EVENT)
        song: Any = None
        if midi is not None:
            from graph.midi.file import read

            song = read(midi)
        with following(graph, midi):
            self.engine = Engine(graph, rate=rate, block=block, report=report)
        if song is not None:
            from graph.midi.chase import part_from
            from graph.midi.file import packed_at

            start = graph.start.frames(self.engine.rate, "the MIDI file")
            self.events = part_from(packed_at(song, self.engine.rate), start)
            self.warnings += song.warnings
            del song  # a file may have millions of events
        self._programs, self._choose = Programs(), choose
        self._changes: deque[tuple[int, int]] = deque()
        if choose is not None:
            found, news = self._programs.chosen(graph, self.events, presets)
            self._changes.extend(found)
            self.warnings += news
            begin = self._chosen_at(0)
            if begin is not None:  # start with that preset, without a crossfade
                self.engine = Engine(begin, rate=rate, block=block, report=report)
        self.warnings += self.engine.graph.doubts()
        self.rate = self.engine.rate
        self.frames = None if seconds is None else max(1, round(seconds * self.rate))
        self._sources = sources_of(self.engine)
        self._played = midi is not None
        if midi is not None:
            self.warnings += deaf(graph, "the MIDI file is")
        self._audio = None if audio_in is None else Hearing(audio_in, self.rate, self.engine.block, graph.start)
        hears = self._sources.hearers
        if self._audio is None and hears:
            self.warnings.append(
                f"{graph.name or 'this patch'} has no audio input for '{hears[0]}': "
                "play an audio file into it with --audio-in FILE"
            )
        if self._audio is not None and not hears:
            self.warnings.append("the audio file has no effect: this patch has no AudioIn")
        self._waits = bool(self._sources.ends or self._sources.waiting or self._audio is not None)

    @property
    def notes(self) -> int:
        """Number of notes played: those of the MIDI file, or those of the patch's own nodes."""
        return int(np.count_nonzero(self.events["event"]["kind"] == NOTE_ON)) or self.engine.notes()

    def __iter__(self) -> Iterator[NDArray[np.float32]]:
        chunk = max(1, round(self.rate / CHUNKS_A_SECOND))
        sent = done = 0
        last_sound = -1
        ended_at = 0 if self._ended(0) else -1
        while self.frames is None or done < self.frames:
            count = chunk if self.frames is None else min(chunk, self.frames - done)
            sent, count = self._feed(sent, done, count)
            count = self._change(done, count)
            audio = self.engine.render(count, None if self._audio is None else self._audio.part(done, count))
            done += count
            loud = np.flatnonzero(np.abs(audio).max(axis=1) > SILENCE)
            if len(loud):
                last_sound = done - count + int(loud[-1])
            if self.frames is None:
                if ended_at < 0 and self._ended(sent):
                    ended_at = done
                stop = self._stop(last_sound, ended_at, done)
                if stop is not None:
                    yield audio[: max(0, count - (done - stop))]
                    break
            yield audio
        if last_sound < 0 and self._sources.waiting and not self._played:
            name, listener = self.engine.graph.name or "this patch", self._sources.waiting[0]
            self.warnings.append(f"{name} has no MIDI input for '{listener}': play a MIDI file with --midi FILE")
        self._faults()
        self.warnings += self._programs.summary()

    def _feed(self, sent: int, done: int, count: int) -> tuple[int, int]:
        """Sends the events of the next frames; returns how many are sent, and fewer frames if the ring is full."""
        until = done + count + self.engine.block
        coming = self.events[sent : sent + MIDI_EVENTS + 1]  # more than are ever taken
        due = sent + int(np.searchsorted(coming["time"], until))
        if due > sent:
            from graph.midi.file import unpacked

            sent += self.engine.send(unpacked(self.events[sent:due]))
            if sent < due:
                count = max(1, min(count, int(self.events["time"][sent]) - done - self.engine.block))
        return sent, count

    def _change(self, done: int, count: int) -> int:
        """Swaps in a preset in the block of its program change.

        Returns the number of frames to render, fewer than `count` if the next block with a change starts earlier.
        """
        if not self._changes:
            return count
        block = self.engine.block
        if self.engine.swapping:
            return min(count, block)
        graph = self._chosen_at(done)
        if graph is not None:
            try:
                self.engine.swap(graph)
                self._sources = sources_of(self.engine)
            except GraphrunError as error:
                self.warnings.append(str(error))
        return min(count, self._changes[0][0] // block * block - done) if self._changes else count

    def _chosen_at(self, done: int) -> Net | None:
        """The graph of the last change up to the end of the block at `done`, if it differs from the current one."""
        number = -1
        while self._changes and self._changes[0][0] < done + self.engine.block:
            number = self._changes.popleft()[1]
        if number < 0 or self._choose is None:
            return None
        try:
            return self._choose(number)
        except GraphrunError as error:
            self.warnings.append(str(error))
            return None

    def _ended(self, sent: int) -> bool:
        if self._audio is not None and self.engine.now < self._audio.frames:
            return False
        finished = sent == len(self.events) and (not sent or self.engine.now > self.events["time"][-1])
        return finished and self._sources.ended

    def _stop(self, last_sound: int, ended_at: int, done: int) -> int | None:
        """The frame at which an open-ended render stops, once it is known."""
        endless = round(ENDLESS_SECONDS * self.rate)
        if self._sources.endless and not (self._played and self._sources.listeners):
            return endless if done >= endless else None
        if ended_at < 0:
            return None
        if last_sound < 0 and not self._waits and done < endless:
            return None  # it has no end and has not started to sound
        if self._sources.endless:  # it accompanies a file
            last_sound = min(last_sound, ended_at)
        quiet = max(last_sound + 1, 0) + round(TAIL_SECONDS * self.rate)
        if done >= max(quiet, ended_at):
            return max(quiet, ended_at)
        if done < ended_at + endless:
            return None
        if self._sources.ends or len(self.events) or self._audio is not None:
            end = ended_at / self.rate
            self.warnings.append(
                f"the music ends at {end:.1f} s but the sound does not decay: it was cut {ENDLESS_SECONDS:g} s "
                f"later; give a length, such as --seconds {ceil(end) + TAIL_SECONDS:g}"
            )
        return ended_at + endless

    def _faults(self) -> None:
        for fault in self.engine.faults():
            self.warnings.append(fault.summary)
        for node, count in self.engine.dropped().items():
            self.warnings.append(f"{node} lost {several(count, 'event')}: a cable carries at most {CAPACITY} per block")


class Hearing:
    """[control] The audio that AudioIn receives; see `Renderer`. It starts at the graph's start position."""

    def __init__(
        self, audio: str | PathLike[str] | NDArray[np.float32], rate: float, block: int, start: Place = BEGINNING
    ) -> None:
        self._audio, self._block = _recording(audio, rate)[start.frames(rate, "the audio input") :], block

    @property
    def frames(self) -> int:
        """Length in frames."""
        return len(self._audio)

    def part(self, start: int, count: int) -> NDArray[np.float32]:
        """Input for `count` frames from frame `start`, plus one block, so that no input is late."""
        part = self._audio[start : start + count + self._block]
        return np.pad(part, ((0, count + self._block - len(part)), (0, 0)))


def _recording(audio: str | PathLike[str] | NDArray[np.float32], rate: float) -> NDArray[np.float32]:
    """An audio file or array as float32 (frames, inputs)."""
    if isinstance(audio, str | PathLike):
        found, own = read_recording(str(audio), channels=MAX_INPUTS)
        return np.asarray(resampled(found, own, rate), np.float32)
    array = np.asarray(audio, np.float32)
    array = array[:, None] if array.ndim == 1 else array
    if array.ndim != 2 or not 1 <= array.shape[1] <= MAX_INPUTS or not np.isfinite(array).all():
        raise GraphError(f"audio_in must be finite, (frames, inputs) with 1 to {MAX_INPUTS} inputs, not {array.shape}")
    return array


def write(graph: Net, path: str | PathLike[str], **words: Any) -> Path:
    """See `Graph.write`; `words` are those of `render`."""
    target = Path(path)
    check_target(target)
    renderer = Renderer(graph, **words)
    with new_render(target, renderer.rate, renderer.engine.channels) as file:
        for chunk in renderer:
            file.write(chunk)
    return target


def joined(renderer: Renderer) -> NDArray[np.float32]:
    """The whole render, (frames, channels)."""
    chunks = list(renderer)
    return np.concatenate(chunks) if chunks else np.zeros((0, renderer.engine.channels), np.float32)
