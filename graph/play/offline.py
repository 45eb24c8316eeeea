"""`Offline`: the interface of `Live` for offline rendering, as fast as the processor allows."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterable
from math import ceil
from os import PathLike
from pathlib import Path
from types import TracebackType
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from graph.clocks.node_clock import main_clock
from graph.clocks.render_clock import RenderClock
from graph.engine.ending import SILENCE, TAIL_SECONDS, sources_of
from graph.engine.engine import Engine
from graph.errors import GraphError, renamed_words
from graph.media.sound_file import check_target, new_render
from graph.memory.events import clock_offsets
from graph.midi.messages import complete, message_bytes
from graph.model.net import Net
from graph.play import virtual_time
from graph.play.arguments import amount
from graph.play.event_streams import EventStreams
from graph.play.instrument import Instrument
from graph.play.observers import Observers
from graph.play.render import Hearing
from graph.play.song import Song

T = TypeVar("T")

CHUNK = 0.1
"""Seconds rendered at a time, so that no ring to Python fills up."""
PATIENCE = 30.0
"""Seconds without an event after which a stream ends; seconds without silence after which a tail is cut."""
DAY = 86_400.0


class Offline(Instrument):
    """[control] A piece: notes, values and scores from Python, rendered exact to the frame. For one thread.

    It has the methods and clocks of `Live`, so a score runs on both unchanged. Its time is musical time: notes and
    values take effect at `frame`, and time passes only in `wait`, in an awaited `asyncio.sleep` or `clock.sync`,
    and while waiting for an event. Host times count nanoseconds from the start of the piece.

        with load("neon").offline() as piece:
            piece.run(score(piece))
            piece.write("score.wav")

    frame     the current frame, from 0
    messages  warnings, oldest first
    sent      messages of `send_out`, each (host time, bytes)
    """

    stopped_text = "the piece has been stopped: make another with Graph.offline"

    def __repr__(self) -> str:
        return f"<Offline {self.graph.name or 'graph'}: {self.rate:g} Hz, at {self.frame / self.rate:.3f} s>"

    def __init__(
        self,
        graph: Net,
        *,
        rate: float | str | None = None,
        block: int | None = None,
        audio_in: str | PathLike[str] | NDArray[np.float32] | None = None,
    ) -> None:
        self.engine = Engine(graph, rate=rate, block=block)
        block, rate = self.engine.block, self.engine.rate
        self.engine.moment["period"] = 1e9 / rate  # frame 0 is at host time 0, without latency
        self._foresee_clocks(graph)
        self.frame = 0
        self.messages = list(graph.doubts())
        self.sent: list[tuple[int, bytes]] = []
        self._hearing = None if audio_in is None else Hearing(audio_in, rate, block, graph.start)
        self._chunks: list[NDArray[np.float32]] = []
        self._song = Song(self.engine)
        self._running = True
        self.on_events = Observers(self.messages.append, own_thread=False)
        """Registers a function, or decorates one, that receives incoming `TIMED_EVENT` records."""
        streams = EventStreams(
            self.engine,
            self.messages.append,
            step=lambda: self._go(self.engine.now + block),
            pause=block / rate,
            patience=PATIENCE,
            limit=float("inf"),
        )
        super().__init__(streams)

    def _foresee_clocks(self, graph: Net) -> None:
        """Computes the first block of every clock in advance: a score may wait for a beat in that block."""
        head = clock_offsets(self.engine.block)[-1]
        cables = [
            step.outs[key].address - self.engine.plan.arena.base
            for step in self.engine.plan.steps
            for key, out in step.node.outs().items()
            if out.kind == "clock"
        ]
        if cables:
            scout = Engine(graph, rate=self.engine.rate, block=self.engine.block)
            scout.moment["period"] = self.engine.moment["period"]
            scout.render(self.engine.block)
            for at in cables:
                first = scout.plan.arena.array(at, head, np.uint8)
                self.engine.plan.arena.array(at, head, np.uint8)[...] = first

    @property
    def running(self) -> bool:
        """Whether it accepts notes: True until `stop`."""
        return self._running

    def run(self, score: Coroutine[Any, Any, T], seconds: float | None = None) -> T | None:
        """Runs a score, as in `piece.run(score(piece))`; returns its result.

        seconds   seconds of music after which the score is canceled and None is returned; by default it runs to its end
        """
        self._check()

        async def limited() -> T | None:
            try:
                return await asyncio.wait_for(task := asyncio.ensure_future(score), seconds)
            except asyncio.TimeoutError:
                if not task.cancelled():  # its own
                    raise
                return None

        return virtual_time.run(limited(), lambda: self.frame / self.rate, self._pass)

    def wait(self, seconds: float) -> bool:
        """Renders `seconds` of music, 0 .. 86400; returns True, like a `Live.wait` that was not interrupted."""
        self._check()
        self._pass(amount(seconds, "seconds", 0.0, DAY))
        return True

    def render(self, tail: float | None = None) -> NDArray[np.float32]:
        """The audio from the start to the current frame, and a tail: float32 (frames, channels).

        tail   length in seconds; by default until 2 s after the level falls below -90 dB, at most 30 s
        """
        end = self._die_away() if tail is None else self.frame + round(amount(tail, "tail", 0.0, DAY) * self.rate)
        self._go(ceil(end / self.engine.block) * self.engine.block)
        self.frame = end
        empty = np.zeros((0, self.engine.channels), np.float32)
        self._chunks = [np.concatenate([empty, *self._chunks])]
        return self._chunks[0][:end]

    def write(self, path: str | PathLike[str], tail: float | None = None) -> Path:
        """Writes the result of `render` to a .wav, .flac or .ogg file; returns its path."""
        target = Path(path)
        check_target(target)
        audio = self.render(tail)
        with new_render(target, self.rate, self.engine.channels) as file:
            file.write(audio)
        if file.peak > 1.0:
            self.messages.append(f"the peak of {file.peak:.2f} is above full scale: lower the patch's out")
        return target

    def _die_away(self) -> int:
        """Renders until the output is silent; returns the frame at which the piece ends."""
        start, loud = self.frame, self.frame
        tail, longest = round(TAIL_SECONDS * self.rate), start + round(PATIENCE * self.rate)
        while not (self.engine.now >= loud + tail and self._ended) and self.engine.now < longest:
            self._go(self.engine.now + max(self.engine.block, round(CHUNK * self.rate)))
            audio = self._chunks[-1]
            over = np.flatnonzero(np.abs(audio).max(axis=1) > SILENCE)
            if len(over):
                loud = max(loud, self.engine.now - len(audio) + int(over[-1]) + 1)
        if loud + tail > longest:
            self.messages.append(f"the sound does not decay: it was cut after {PATIENCE:g} s; give a tail")
        return min(loud + tail, longest)

    @property
    def _ended(self) -> bool:
        """Whether every finite source, such as a MIDI file in the patch, has ended; endless loops do not count."""
        sources = sources_of(self.engine)
        return sources.ended and not self._song.waiting

    def clock(self, node: str | None = None) -> RenderClock:
        """The clock of a node, for asyncio tasks: `await piece.clock("beat").sync(1)`."""
        self._check()
        return RenderClock(self.engine, node or main_clock(self.engine.plan), self._now_ns)

    @renamed_words(at="host_time", heard="host_time")
    def send_out(self, message: Any, *, host_time: int | None = None) -> None:
        """Appends a MIDI message to `sent`, with its host time, by default the current one."""
        self._check()
        time = self._now_ns() if host_time is None else round(host_time)
        self.sent.append((time, complete(message_bytes(message))))

    def swap(self, graph: Net) -> None:
        """Switches to another graph at the next block, with a 20 ms crossfade; see `Live.swap`."""
        if not isinstance(graph, Net):
            raise GraphError(f"swap takes a Graph, such as graph.load({str(graph)!r}), not {graph!r}")
        self._check()
        plan = self.engine.prepare(graph)
        while self.engine.swapping:
            self._go(self.engine.now + self.engine.block)
        self.engine.install(plan)

    def play_midi(self, path: str | PathLike[str], clocks: Iterable[str] = ()) -> list[str]:
        """Plays a Standard MIDI File into the graph's MIDI inputs, as `Live.play_midi` does."""
        self._check()
        return self._song.play(path, clocks)

    def tell(self, message: str) -> None:
        """Adds a message to `messages`."""
        self.messages.append(message)

    def stop(self) -> None:
        """Ends the piece and its streams; the rendered audio can still be written."""
        self._running = False
        self._streams.stop()

    def __enter__(self) -> Offline:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _listen(self) -> None:
        self.swap(self.graph)

    def _next_change(self) -> int:
        return self.frame

    def _now(self) -> int:
        return self.frame

    def _now_ns(self) -> int:
        return round(self.frame * 1e9 / self.rate)

    def _pass(self, seconds: float) -> None:
        """Advances by `seconds`, rounded up to a whole frame."""
        self._go(ceil(self.frame + seconds * self.rate - 1e-6))

    def _go(self, frame: int) -> None:
        """Advances to `frame`. The block that contains it is not rendered yet: notes played now belong to it."""
        most = max(1, round(CHUNK * self.rate) // self.engine.block) * self.engine.block
        while (count := min(most, (frame - self.engine.now) // self.engine.block * self.engine.block)) > 0:
            self._song.feed()
            heard = None if self._hearing is None else self._hearing.part(self.engine.now, count)
            self._chunks.append(self.engine.render(count, heard))
            self.frame = max(self.frame, self.engine.now)
            self.on_events.give(self.engine.heard.take())
            self._streams.poll()
        self.frame = max(self.frame, frame)
