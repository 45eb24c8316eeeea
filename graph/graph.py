"""`Graph`: what a user makes, loads, renders, plays and saves. It is a `Net` with doors to the rooms above that.

Nothing in `graph` but the command line imports this file: what renders or plays a graph takes a `Net`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from graph.model.net import Net
from graph.model.widths import check
from graph.patch import patch

if TYPE_CHECKING:
    from os import PathLike
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from graph.play.live import Live
    from graph.play.offline import Offline


class Graph(Net):
    """Nodes and cables, ready to be rendered or played: whatever `out` reaches.

    out     the node or cable to play: one voice, any number of channels
    nodes   further nodes that belong to the graph; a mapping names them
    name    title, for people
    block   frames per block, 1 to 8192
    rate    sample rate in Hz that the graph asks for, 8,000 to 192,000, or None
    """

    def check(self) -> None:
        """Raises GraphError where the graph cannot sound: a cycle, a width clash. Compiles nothing."""
        check(self)

    def render(
        self,
        seconds: float | None = None,
        midi: str | PathLike[str] | None = None,
        *,
        audio_in: str | PathLike[str] | NDArray[np.float32] | None = None,
        rate: float | None = None,
        block: int | None = None,
    ) -> NDArray[np.float32]:
        """[control] The sound as float32 (frames, channels).

        seconds   length; None stops 2 s after the sound has fallen below -90 dB and all sources
                  have ended, and gives 30 s of a graph that does not end
        midi      a Standard MIDI File that is played into the graph's MIDI inputs
        audio_in  what AudioIn hears: an audio file, or an array (frames, inputs) at the rate rendered at
        rate      Hz, 8,000 to 192,000; block: frames
        """
        from graph.play.render import render

        return render(self, seconds=seconds, midi=midi, audio_in=audio_in, rate=rate, block=block)

    def play(
        self,
        *,
        device: str | int | None = None,
        rate: float | None = None,
        block: int | None = None,
        latency: float | None = None,
        connect: Sequence[str] | None = None,
        audio_in: Sequence[str | int] | None = None,
        midi: Sequence[str | int] | None = None,
        midi_out: Sequence[str | int] | None = None,
        thru: bool = False,
    ) -> Live:
        """[control] Plays until `stop`, or until the `with` that it opens is left; returns at once.

        device    "null", "jack", a number or a part of a name from `graphrun devices`; by default a
                  JACK server that runs, else the system's output
        rate      Hz; by default what the graph asks for, else the device's own
        latency   seconds between the driver and the ear that are asked of the device
        connect   JACK ports to play to
        audio_in  what AudioIn hears: an input's number or a part of its name, or JACK ports, one a channel;
                  by default the device's own, else the system's
        midi      MIDI inputs to hear, by number, name, part of a name or pattern; by default all there
                  are, and those to come; midi_out: outputs to send to
        thru      sends what comes in on to the outputs at once, past the graph
        """
        from graph.play.live import Live

        return Live(
            self,
            device=device,
            rate=rate,
            block=block,
            latency=latency,
            connect=connect,
            audio_in=audio_in,
            midi=midi,
            midi_out=midi_out,
            thru=thru,
        )

    def offline(
        self,
        *,
        rate: float | None = None,
        block: int | None = None,
        audio_in: str | PathLike[str] | NDArray[np.float32] | None = None,
    ) -> Offline:
        """[control] A piece with the methods and clocks of `play`'s Live, rendered as fast as the processor can.

        A score of asyncio tasks becomes a file, exact to the frame: `piece.run(score(piece))`, then
        `piece.write("score.wav")`. Arguments are those of `render`.
        """
        from graph.play.offline import Offline

        return Offline(self, rate=rate, block=block, audio_in=audio_in)

    def save(self, path: str | PathLike[str]) -> None:
        """Writes the graph as a patch that loads to an equal graph; GraphError where a name cannot stand in one."""
        from graph.writer.save import save

        save(self, path)


def load(
    path: str | Path,
    *,
    nodes_files: Iterable[str | Path] = (),
    presets: Iterable[str] = (),
    set_values: Mapping[str, str] | None = None,
) -> Graph:
    """The graph of a patch: a file, or the name of a bundled patch such as `first_light`.

    nodes_files   Python files with further nodes
    presets       presets of the patch to apply, in turn; `bells.dark` is that of the patch in node `bells`
    set_values    inputs and options to change, as `{"filter.cutoff": "800 Hz"}`

    Raises PatchError with every mistake and its place.
    """
    found = patch.read(path, nodes_files=nodes_files, kind=Graph)
    patch.apply(found, presets, set_values)
    assert isinstance(found.graph, Graph)
    return found.graph


def loads(text: str, file: str = "<patch>", *, nodes_files: Iterable[str | Path] = ()) -> Graph:
    """The graph of a patch's text; `file` is what messages call it. Raises PatchError as `load` does."""
    found = patch.read_text(text, file, nodes_files=nodes_files, kind=Graph)
    assert isinstance(found.graph, Graph)
    return found.graph
