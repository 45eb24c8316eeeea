"""`Outside`: the MIDI ports and the Link session of a playing graph."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from graph.engine.engine import Engine
from graph.memory.tables import MAX_INPUTS
from graph.model.net import Net
from graph.ports.companion import Companion

LINK_SERVICE = "graph.clocks.link_session:LinkSession"


def inputs_of(graph: Net) -> int:
    """[control] Number of sound card inputs that a graph needs: the highest input of any AudioIn, 0 without one."""
    hears = [node for node in graph.nodes.values() if any(source.sound for source in type(node).sources().values())]
    asked = (node.options.get("first", 1) - 1 + node.options.get("width", 2) for node in hears)
    return min(MAX_INPUTS, max(asked, default=0))


class Outside:
    """[control] MIDI ports and Link of a Live: starts the companion process when a graph first needs it.

    One thread calls `provide`, `poll` and `stop`: in a Live its control thread, then the thread that stops it.

    midi       inputs to open, as for `Companion`; None: all inputs, unless the device is silent
    midi_out   outputs to open; None: a virtual output that other programs can connect to
    thru       whether incoming messages are sent to the outputs immediately
    link       whether Link nodes join a session on the network
    by_device  whether the audio device itself carries MIDI (JACK)
    device_sender  returns the MIDI sender of the device
    silent     whether the device is the null device, for which MIDI ports open only if named
    """

    def __init__(
        self,
        engine: Engine,
        *,
        midi: Sequence[str | int] | None,
        midi_out: Sequence[str | int] | None,
        thru: bool,
        link: bool,
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
        self._link = link
        self._said: list[str] = []
        self._news: list[str] = []
        self._started: dict[str, Any] = {}

    def provide(self, graph: Net) -> None:
        """Opens the ports and services that a graph needs and the previous one did not."""
        wanted = self._wanted(graph)
        if self.companion is not None and "out_ports" in self._started and "out_ports" not in wanted:
            self.companion.silence()  # the node that would have ended its notes has been removed
        if wanted.keys() <= self._started.keys():  # a Link node with another tempo joins the same session
            return
        self.stop()
        self._started = {**self._started, **wanted}
        words: dict[str, Any] = {"ports": [], "virtual": False, "name": graph.name or "graphrun"} | self._started
        self.companion = Companion(self.engine, **words)
        self.companion.start(0.0)  # its messages arrive through `poll`

    def _wanted(self, graph: Net) -> dict[str, Any]:
        """The arguments of the companion that a graph needs; empty if it needs none."""
        sources = {source.source: node for node in graph.nodes.values() for source in type(node).sources().values()}
        words: dict[str, Any] = {}
        if "midi" in sources and not self._by_device and (self._midi is not None or not self._silent):
            words |= {"ports": self._midi, "virtual": True}
        if "midi_out" in sources and not self._by_device and (self._midi_out is not None or not self._silent):
            words |= {"out_ports": self._midi_out or [], "virtual": True}
        if self._thru:
            words |= {"ports": self._midi, "out_ports": self._midi_out or [], "virtual": True, "thru": True}
        if "link" in sources and not self._link:
            self._say(f"{sources['link'].label} runs alone: Link is off")
        elif "link" in sources:
            self._say(f"{sources['link'].label} joins Ableton Link on the local network; --no-link prevents it")
            tempo = sources["link"].inputs.get("tempo")
            words["services"] = {LINK_SERVICE: {"tempo": tempo if isinstance(tempo, float) else 120.0}}
        return words

    def _say(self, message: str) -> None:
        """Adds a message, once for all reloads."""
        if message not in self._said:
            self._said.append(message)
            self._news.append(message)

    def poll(self) -> list[str]:
        """New messages; call it a few times per second."""
        said, self._news = self._news, []
        if self.companion is None:
            return said
        news = [*said, *self.companion.poll()]
        if self._started.keys() <= {"services"}:  # the patch uses only Link: missing MIDI is not worth a message
            news = [line for line in news if line != self.companion.trouble]
        return news

    def stop(self) -> None:
        """Closes the ports and leaves the session."""
        companion, self.companion = self.companion, None
        if companion is not None:
            self._ended = companion  # the audio thread may still be reading its memory in this block
            companion.stop()

    @property
    def sender(self) -> Any:
        """The MIDI sender, with a method `send(message, at)`: the companion or the device; None without outputs."""
        return self.companion if not self._by_device else self._device_sender()

    @property
    def inputs(self) -> list[str]:
        """Names of the open MIDI inputs."""
        return self.companion.inputs if self.companion is not None else []

    @property
    def outputs(self) -> list[str]:
        """Names of the open MIDI outputs."""
        return self.companion.outputs if self.companion is not None else []
