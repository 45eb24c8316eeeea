"""The recordings of a playing graph: its output, and the incoming MIDI."""

from __future__ import annotations

import threading
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np

from graph.engine.engine import Engine
from graph.errors import AudioFileError, GraphrunError, MidiFileError
from graph.media.raw_file import leftovers
from graph.play.midi_recorder import MidiRecorder
from graph.play.tape import Tape


class Recordings:
    """[control] Call `write` a few times per second with the new events. Any thread may read `seconds`.

    All other methods belong to the thread that owns the recordings: in a Live its control thread, then the thread that
    stops it. The lock is a leaf; it is held while the file is written.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._tape: Tape | None = None
        self._done: Tape | None = None
        self._notes: MidiRecorder | None = None
        self._notices: list[str] = []
        self._left: list[str] = []
        self._lock = threading.Lock()

    def start(self, path: str | PathLike[str]) -> Path:
        """Starts recording the output to a new file; returns its path, `take-2.wav` if `take.wav` exists."""
        with self._lock:
            if self._tape is not None:
                raise GraphrunError(f"{self._tape.file.path} is being recorded already")
            self._tape = Tape(self._engine, Path(path))
            return self._begun(Path(path), self._tape.file.path)

    def start_midi(self, path: str | PathLike[str], tempo: float) -> Path:
        """Starts recording incoming MIDI to a new file; returns its path, as `start` does."""
        with self._lock:
            if self._notes is not None:
                raise GraphrunError(f"{self._notes.path} is being recorded already")
            self._notes = MidiRecorder(path, self._engine.rate, self._engine.now, tempo)
            return self._begun(Path(path), self._notes.path)

    def _begun(self, asked: Path, path: Path) -> Path:
        """Queues messages for `write`: a changed file name, and leftovers of a killed process in the folder."""
        if path != asked:
            self._notices.append(f"{asked} exists: recording to {path}")
        left = [line for line in leftovers(path.parent) if line not in self._left]
        self._notices += left
        self._left += left
        return path

    @property
    def seconds(self) -> float | None:
        """Seconds of audio written so far, or None if none is being recorded."""
        with self._lock:
            return None if self._tape is None else self._tape.seconds

    def write(self, heard: np.ndarray[Any, Any]) -> str:
        """Writes pending audio and events; returns messages. If the disk is full, earlier data is kept."""
        with self._lock:
            said, self._notices = self._notices, []
            if self._notes is not None:
                self._notes.add(heard)
                try:
                    self._notes.flush(self._engine.now)
                except MidiFileError as error:
                    notes, self._notes = self._notes, None
                    said.append(f"{error}; MIDI recording stopped, {notes.path} has the first {notes.seconds:.1f} s")
            if self._tape is not None:
                try:
                    self._tape.write()
                except AudioFileError as error:
                    tape, self._tape = self._tape, None
                    self._done = tape
                    said.append(f"{error}; recording stopped, the first {tape.keep():.1f} s are saved")
            return "; ".join(said)

    def stop(self) -> tuple[float, str]:
        """Completes the sound file; returns its length in seconds and any errors."""
        with self._lock:
            tape, self._tape = self._tape, None
            self._done = tape  # the audio thread may still be writing to it in this block
            if tape is None:
                return 0.0, ""
            tape.close()
        said, self._notices = self._notices, []
        said += [f"{tape.file.path}: {tape.lost} frames are missing because the disk was too slow"] if tape.lost else []
        return tape.seconds, "; ".join(said)

    def close(self) -> str:
        """Completes all recordings; returns any errors."""
        said: list[str | GraphrunError] = []

        def complete() -> None:
            try:
                said.append(self._close())
            except GraphrunError as error:
                said.append(error)

        work = threading.Thread(target=complete, name="graphrun recordings")
        work.start()  # another Ctrl-C does not reach this thread, and Python waits for it to end
        work.join()
        if isinstance(said[0], GraphrunError):
            raise said[0]
        return said[0]

    def _close(self) -> str:
        trouble = ""
        try:
            _, trouble = self.stop()
        finally:
            notes, self._notes = self._notes, None
            if notes is not None:
                notes.close(self._engine.now)
                silent = "" if notes.heard else f"no MIDI arrived: {notes.path} is empty"
                trouble = "; ".join(filter(None, (trouble, silent)))
        return trouble
