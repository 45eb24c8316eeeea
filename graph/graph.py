"""`Graph`: the class that users create, load, render, play and save. It is a `Net` with access to the higher rooms.

Within `graph`, only the command line imports this file; functions that render or play a graph take a `Net`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING

from graph.errors import GraphrunError
from graph.model.net import Net
from graph.model.widths import check
from graph.node.node import number_of
from graph.node.ports import In
from graph.patch import patch

if TYPE_CHECKING:
    from os import PathLike
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from graph.play.live import Live
    from graph.play.offline import Offline
    from graph.sound import Sound


class Graph(Net):
    """Nodes and cables, ready to render or play: everything that `out` depends on.

    out     node or cable to output: one voice, any number of channels
    nodes   additional nodes of the graph; a mapping gives their names
    name    title for display
    block   frames per block, 1 to 8192
    rate    preferred sample rate in Hz, 8,000 to 192,000, or None
    """

    def check(self) -> None:
        """Raises GraphError if the graph cannot run: a cycle, a width mismatch. Compiles nothing."""
        check(self)

    def render(
        self,
        seconds: float | str | None = None,
        midi: str | PathLike[str] | None = None,
        *,
        audio_in: str | PathLike[str] | NDArray[np.float32] | None = None,
        rate: float | str | None = None,
        block: int | None = None,
    ) -> Sound:
        """[control] Renders the graph; returns a `Sound`, an array of float32 samples (frames, channels).

        seconds   length, a number or text such as "1.5 s"; None stops 2 s after the level has fallen below -90 dB
                  and all sources have ended, or after 30 s if the graph never ends
        midi      Standard MIDI File played into the graph's MIDI inputs; clock inputs that nothing drives follow it
        audio_in  input for AudioIn: an audio file, or an array (frames, inputs) at the render's sample rate
        rate      sample rate in Hz, 8,000 to 192,000, a number or text such as "44.1 kHz"; block: frames per block
        """
        from graph.play.bars import seconds_of_bar
        from graph.play.render import Renderer, joined
        from graph.sound import Sound

        length = seconds_of(seconds, "seconds")
        renderer = Renderer(self, length, midi, audio_in=audio_in, rate=rate, block=block)
        return Sound.of_graph(joined(renderer), renderer.rate, partial(seconds_of_bar, self))

    def write(
        self,
        path: str | PathLike[str],
        seconds: float | str | None = None,
        midi: str | PathLike[str] | None = None,
        *,
        audio_in: str | PathLike[str] | NDArray[np.float32] | None = None,
        rate: float | str | None = None,
        block: int | None = None,
    ) -> Path:
        """[control] Renders the graph to a .wav, .flac or .ogg file and returns its path; arguments as for `render`.

        An existing file is replaced when the render is complete. AudioFileError if it cannot be written.
        """
        from graph.play.render import write

        return write(
            self, path, seconds=seconds_of(seconds, "seconds"), midi=midi, audio_in=audio_in, rate=rate, block=block
        )

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:  # noqa: ARG002
        """The diagram of the graph, for notebooks; the one-line text where the graph cannot be drawn."""
        from graph.picture.show import svg_text

        shown = {"text/plain": repr(self)}
        try:
            return {**shown, "image/svg+xml": svg_text(self)}
        except GraphrunError:
            return shown

    def play(
        self,
        *,
        device: str | int | None = None,
        rate: float | str | None = None,
        block: int | None = None,
        latency: float | str | None = None,
        connect: Sequence[str] | None = None,
        audio_in: Sequence[str | int] | None = None,
        midi: Sequence[str | int] | None = None,
        midi_out: Sequence[str | int] | None = None,
        thru: bool = False,
        link: bool = True,
    ) -> Live:
        """[control] Plays until `stop` is called or its `with` block ends; returns immediately.

        device    "null", "jack", or a number or part of a name from `graphrun devices`; default: a running
                  JACK server, else the system's output
        rate      sample rate in Hz; default: the graph's preferred rate, else the device's
        latency   requested output latency in seconds
        connect   JACK ports to connect the outputs to
        audio_in  input for AudioIn: a device's number or part of its name, or JACK ports, one per channel;
                  default: the same device's input, else the system's
        midi      MIDI inputs by number, name, part of a name or pattern; default: all, including those
                  connected later; midi_out: MIDI outputs
        thru      passes incoming MIDI directly to the outputs, bypassing the graph
        link      whether Link nodes join the Ableton Link session on the local network; else their clocks run alone
        """
        from graph.play.live import Live

        return Live(
            self,
            device=device,
            rate=rate,
            block=block,
            latency=seconds_of(latency, "latency"),
            connect=connect,
            audio_in=audio_in,
            midi=midi,
            midi_out=midi_out,
            thru=thru,
            link=link,
        )

    def offline(
        self,
        *,
        rate: float | str | None = None,
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
        """Saves the graph as a .yaml patch that loads to an equal graph.

        GraphError if a name is not allowed in a patch, or `path` does not end in .yaml or .yml.
        """
        from graph.writer.save import save

        save(self, path)


def seconds_of(value: float | str | None, name: str) -> float | None:
    """A duration as a number of seconds; text has a unit, such as "250 ms". NodeError if it has no meaning."""
    return number_of(value, In(unit="s"), name) if isinstance(value, str) else value


def load(
    path: str | Path,
    *,
    nodes_files: Iterable[str | Path] = (),
    presets: Iterable[str] = (),
    set_values: Mapping[str, str] | None = None,
) -> Graph:
    """Loads a patch: a file, or the name of a bundled patch such as `first_light`.

    nodes_files   Python files with additional node classes
    presets       presets to apply, in order; `bells.dark` is preset `dark` of the patch in node `bells`
    set_values    inputs and options to set, such as `{"filter.cutoff": "800 Hz"}`

    Raises PatchError with every error and its position.
    """
    found = patch.read(path, nodes_files=nodes_files, kind=Graph)
    patch.apply(found, presets, set_values)
    assert isinstance(found.graph, Graph)
    return found.graph


def loads(text: str, file: str = "<patch>", *, nodes_files: Iterable[str | Path] = ()) -> Graph:
    """Loads a patch from text; `file` is its name in messages. Raises PatchError as `load` does."""
    found = patch.read_text(text, file, nodes_files=nodes_files, kind=Graph)
    assert isinstance(found.graph, Graph)
    return found.graph
