"""What a graph has to do with the world outside of the sound card: MIDI ports, and the Link session."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from graph.engine.engine import Engine
from graph.memory.tables import MAX_INPUTS
from graph.model.net import Net
from graph.ports.companion import Companion

LINK_SERVICE = "graph.clocks.link_session:LinkSession"


def inputs_of(graph: Net) -> int:
    """[control] Inputs of a sound card that a graph hears: the highest that a node asks for, 0 if none does."""
    hears = [node for node in graph.nodes.values() if any(source.sound for source in type(node).sources().values())]
    asked = (node.options.get("first", 1) - 1 + node.options.get("width", 2) for node in hears)
    return min(MAX_INPUTS, max(asked, default=0))


class Outside:
    """[control] Starts the companion process when a graph first needs MIDI ports or Link.

    One thread calls `provide`, `poll` and `stop`: in a Live its control thread, then the one that stops it.

    midi       inputs to listen to, as `Companion` has them; None: all there are, where the device is heard
    midi_out   outputs to send to; None: one of our own that others can connect to
    thru       sends what comes in on to the outputs at once
    by_device  whether MIDI comes and goes with the audio device (JACK)
    device_sender  what sends messages there
    silent     whether the device is one that nobody hears, so that nobody plays it unless asked to
    """

    def __init__(
        self,
        engine: Engine,
        *,
        midi: Sequence[str | int] | None,
        midi_out: Sequence[str | int] | None,
        thru: bool,
        by_device: bool,
        silent: bool,
        device_sender: Callable[[], Any] = lambda: None,
    ) -> None:
        self.engine = engine
        self.companion: Companion | None = None
        self._ended: Companion | None = None
        self._midi, self._midi_out, self._thru = midi, midi_out, thru
        self._device_sender = device_sender
        self._by_device, self._silent = by_device, silent
        self._started: dict[str, Any] = {}

    def provide(self, graph: Net) -> None:
        """Opens what a graph needs and the one before it did not."""
        wanted = self._wanted(graph)
        if self.companion is not None and "out_ports" in self._started and "out_ports" not in wanted:
            self.companion.silence()  # the node that would have ended its notes is gone
        if wanted.keys() <= self._started.keys():  # a Link node that asks for another tempo needs no other session
            return
        self.stop()
        self._started = {**self._started, **wanted}
        words: dict[str, Any] = {"ports": [], "virtual": False, "name": graph.name or "graphrun"} | self._started
        self.companion = Companion(self.engine, **words)
        self.companion.start(0.0)  # what there is to tell comes with `poll`

    def _wanted(self, graph: Net) -> dict[str, Any]:
        """The words of the companion that a graph needs; none if it needs none."""
        sources = {source.source: node for node in graph.nodes.values() for source in type(node).sources().values()}
        words: dict[str, Any] = {}
        if "midi" in sources and not self._by_device and (self._midi is not None or not self._silent):
            words |= {"ports": self._midi, "virtual": True}
        if "midi_out" in sources and not self._by_device and (self._midi_out is not None or not self._silent):
            words |= {"out_ports": self._midi_out or [], "virtual": True}
        if self._thru:
            words |= {"ports": self._midi, "out_ports": self._midi_out or [], "virtual": True, "thru": True}
        if "link" in sources:
            tempo = sources["link"].inputs.get("tempo")
            words["services"] = {LINK_SERVICE: {"tempo": tempo if isinstance(tempo, float) else 120.0}}
        return words

    def poll(self) -> list[str]:
        """What is new; to be called a few times a second."""
        if self.companion is None:
            return []
        news = self.companion.poll()
        if self._started.keys() <= {"services"}:  # nobody asked for MIDI, so that there is none is no news
            news = [line for line in news if line != self.companion.trouble]
        return news

    def stop(self) -> None:
        """Closes the ports and leaves the session."""
        companion, self.companion = self.companion, None
        if companion is not None:
            self._ended = companion  # the audio thread may be in a block that still looks at its memory
            companion.stop()

    @property
    def sender(self) -> Any:
        """What sends messages, with `send(message, at)`: the companion, or the device; None where nothing does."""
        return self.companion if not self._by_device else self._device_sender()

    @property
    def inputs(self) -> list[str]:
        """The MIDI inputs that are open."""
        return self.companion.inputs if self.companion is not None else []

    @property
    def outputs(self) -> list[str]:
        """The MIDI outputs that are open."""
        return self.companion.outputs if self.companion is not None else []
