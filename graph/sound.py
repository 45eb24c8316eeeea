"""`Sound`: a render or a recording as an array that knows its sample rate.

Floor 13, below `Graph`, which returns it: it measures with `analysis`, writes with `media` and plays with `play`.
"""

from __future__ import annotations

import base64
import io
from collections.abc import Callable
from os import PathLike
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, SupportsIndex

import numpy as np
from numpy.typing import ArrayLike, NDArray

from graph.errors import GraphError, several
from graph.node.node import number_of
from graph.node.ports import In

if TYPE_CHECKING:
    from graph.analysis.lufs import Loudness
    from graph.analysis.report import Analysis
    from graph.media.formats import Bits
    from graph.play.live import Live

WAVE = (600, 80)
"""Width and height of the waveform in a notebook."""
LONGEST_PLAYER = 120.0
"""Seconds up to which the HTML player contains the sound itself."""


class Sound(np.ndarray[Any, np.dtype[Any]]):
    """Float32 samples of the shape (frames, channels), at `rate` Hz. Full scale is 1.0.

    An ndarray in every respect: indices are frames, and arithmetic between sounds is NumPy's. A result that is no
    longer a run of frames with all of their channels is a plain array. It pickles.
    """

    rate: float
    _places: Callable[[str], float] | None

    def __new__(cls, audio: ArrayLike, rate: float) -> Sound:
        """A sound of (frames,) or (frames, channels); ValueError for other shapes."""
        array = np.asarray(audio, np.float32)
        array = array[:, None] if array.ndim == 1 else array
        if array.ndim != 2:
            raise ValueError(f"a sound has the shape (frames, channels), not {array.shape}")
        made = array.view(cls)
        made.rate = rate
        return made

    @classmethod
    def of_graph(cls, audio: ArrayLike, rate: float, places: Callable[[str], float]) -> Sound:
        """A render; `places` gives the seconds of a bar."""
        made = cls(audio, rate)
        made._places = places
        return made

    @classmethod
    def load(cls, path: str | PathLike[str]) -> Sound:
        """[control] Reads an audio file of up to eleven stereo minutes; AudioFileError, naming it, if it cannot."""
        from graph.media.sound_reader import read_recording

        return cls(*read_recording(str(path), channels=1_024))

    def __array_finalize__(self, source: Any) -> None:
        self.rate = getattr(source, "rate", 0.0)
        self._places = getattr(source, "_places", None)

    def __array_wrap__(self, array: Any, context: Any = None, return_scalar: bool = False) -> Any:
        if array.shape == self.shape and array.dtype.kind == "f":
            return super().__array_wrap__(array, context, return_scalar)
        return np.asarray(array)[()] if return_scalar else np.asarray(array)

    def __getitem__(self, index: Any) -> Any:
        """A `Sound` for a slice of frames, else a plain array or number."""
        part = index[0] if isinstance(index, tuple) and len(index) == 2 and index[1] == slice(None) else index
        if isinstance(part, slice) and part.step in (None, 1):
            return super().__getitem__(part)
        return np.asarray(self)[index]

    @property
    def T(self) -> NDArray[np.float32]:  # noqa: N802
        """The channels first, as a plain array."""
        return np.asarray(np.asarray(self).T, np.float32)

    def transpose(self, *axes: Any) -> NDArray[np.float32]:
        """A plain array."""
        return np.asarray(np.asarray(self).transpose(*axes))

    def reshape(self, *shape: Any, **more: Any) -> NDArray[np.float32]:
        """A plain array."""
        return np.asarray(np.asarray(self).reshape(*shape, **more))

    def ravel(self, order: Any = "C") -> NDArray[np.float32]:
        """A plain array."""
        return np.asarray(np.asarray(self).ravel(order))

    def flatten(self, order: Any = "C") -> NDArray[np.float32]:
        """A plain array."""
        return np.asarray(np.asarray(self).flatten(order))

    def squeeze(self, axis: Any = None) -> NDArray[np.float32]:
        """A plain array."""
        return np.asarray(np.asarray(self).squeeze(axis))

    def __reduce__(self) -> tuple[Any, ...]:
        return Sound, (np.asarray(self), self.rate)

    def __reduce_ex__(self, protocol: SupportsIndex) -> tuple[Any, ...]:
        return self.__reduce__()

    def __repr__(self) -> str:
        """Length, width, rate and peak."""
        if self.ndim != 2:
            return repr(np.asarray(self))
        width = {1: "mono", 2: "stereo"}.get(self.channels, several(self.channels, "channel"))
        highest = float(np.abs(np.asarray(self)).max()) if self.size else 0.0
        peak = f"peak {20 * np.log10(highest):.1f} dB" if highest else "silent"
        return f"<Sound: {self.seconds:g} s, {width}, {self.rate:g} Hz, {peak}>"

    __str__ = __repr__

    @property
    def frames(self) -> int:
        """Length in frames."""
        return len(self)

    @property
    def channels(self) -> int:
        """Number of channels."""
        return int(self.shape[1])

    @property
    def seconds(self) -> float:
        """Length in seconds."""
        return len(self) / self.rate

    def cut(self, start: float | str = 0.0, end: float | str | None = None) -> Sound:
        """The part from `start` to before `end`, without copying.

        start, end   seconds, or text: "1.5 s", "480 frames", and "bar 3" for a render of a patch with a clock
        GraphError if a place has no meaning here or lies outside.
        """
        first = self._frame(start, "start")
        last = len(self) if end is None else self._frame(end, "end")
        if not 0 <= first < last <= len(self):
            raise GraphError(f"there is no sound from {start} to {end if end is not None else 'the end'}: {self!r}")
        part: Sound = self[first:last]
        return part

    def _frame(self, place: float | str, name: str) -> int:
        if not isinstance(place, str):
            return round(place * self.rate)
        words = place.split()
        if len(words) == 2 and words[1] in ("frame", "frames") and words[0].isdigit():
            return int(words[0])
        if len(words) == 2 and words[0] == "bar":
            if self._places is None:
                raise GraphError(f"{name}: '{place}' needs a clock: only a render of a patch with one has bars")
            return round(self._places(words[1]) * self.rate)
        return round(number_of(place, In(unit="s"), name) * self.rate)

    def write(self, path: str | PathLike[str], bits: Bits | None = None) -> Path:
        """[control] Writes an audio file, whose suffix selects the format, and returns its path.

        bits   "16" (with dither), "24", "32" or "float", where the format has a choice
        """
        from graph.media.sound_file import new_render

        target = Path(path)
        with new_render(target, self.rate, self.channels, bits) as file:
            file.write(np.asarray(self))
        return target

    def loudness(self) -> Loudness:
        """[control] Integrated, momentary and short-term loudness in LUFS, and the loudness range."""
        from graph.analysis.levels import loudness

        return loudness(self, self.rate)

    def analyze(self) -> Analysis:
        """[control] Everything that `graphrun analyze` measures."""
        from graph.analysis.report import analyze

        return analyze(self, self.rate)

    def plot(self, path: str | PathLike[str]) -> Path:
        """[control] Draws waveform, spectrogram, loudness and pitch to a .png or .svg file, and returns its path."""
        from graph.analysis.plot import draw

        draw(self, self.rate, path)
        return Path(path)

    def play(self, device: str | int | None = None) -> Live:
        """[control] Plays it, up to ten minutes of mono or stereo; returns immediately.

        `live.finished` is True at the end; `live.stop()` stops it.
        """
        from graph.model.net import Net
        from graph.node.library import find
        from graph.play.live import Live

        with TemporaryDirectory() as folder:
            file = self.write(Path(folder) / "sound.wav", "float")
            player = find("Player")(file=str(file), width=self.channels)
            return Live(Net(player, rate=self.rate), device=device)

    def _repr_html_(self) -> str:
        """A player and the waveform, for notebooks."""
        title = repr(self).strip("<>")
        player = ""
        if self.channels <= 2 and self.seconds <= LONGEST_PLAYER:
            player = f'<audio controls src="data:audio/flac;base64,{self._encoded()}"></audio>'
        return f"<div><div>{title}</div>{self._wave()}<div>{player}</div></div>"

    def _encoded(self) -> str:
        import soundfile

        memory = io.BytesIO()
        rate = min((8_000, 16_000, 44_100, 48_000, 96_000, 192_000), key=lambda each: abs(each - self.rate))
        audio = np.asarray(self)
        if rate != self.rate:
            import soxr

            audio = soxr.resample(audio, self.rate, rate)
        soundfile.write(memory, np.clip(audio, -1, 1), rate, format="FLAC", subtype="PCM_16")
        return base64.b64encode(memory.getvalue()).decode()

    def _wave(self) -> str:
        width, height = WAVE
        columns = min(width, len(self))
        if not columns:
            return ""
        edges = np.linspace(0, len(self), columns + 1).astype(int)[:-1]
        audio = np.asarray(self)
        middle = height / 2
        scale = middle / max(1.0, float(np.abs(audio).max()))
        high = middle - scale * np.maximum.reduceat(audio.max(axis=1), edges)
        low = middle - scale * np.minimum.reduceat(audio.min(axis=1), edges)
        ends = zip(high, low + 0.5, strict=True)
        path = "".join(f"M{x} {top:.1f}V{bottom:.1f}" for x, (top, bottom) in enumerate(ends))
        return (
            f'<svg width="{width}" height="{height}" viewBox="0 0 {columns} {height}" preserveAspectRatio="none">'
            f'<path d="{path}" stroke="#3b82f6" fill="none"/></svg>'
        )
