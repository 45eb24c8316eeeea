"""The system's MIDI ports through python-rtmidi or rtmidi2: lists, selects and opens them."""

from __future__ import annotations

import re
import sys
import threading
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from fnmatch import fnmatchcase
from types import ModuleType
from typing import Any

from graph.errors import DeviceError, did_you_mean

APIS = {
    "ALSA": "LINUX_ALSA",
    "JACK": "UNIX_JACK",
    "UNIX_JACK": "UNIX_JACK",
    "COREMIDI": "MACOSX_CORE",
    "WINMM": "WINDOWS_MM",
}
"""User-facing API names and rtmidi's names; both are accepted."""
PACKAGE = "python-rtmidi" if sys.version_info < (3, 13) else "rtmidi2"
"""The package that has wheels for this Python."""
LOOPS = "midi through"
"""ALSA's loopback port, opened only by name."""


def rtmidi_library() -> ModuleType:
    """python-rtmidi, or rtmidi2 in its form; DeviceError with the install command if neither loads."""
    try:
        import rtmidi
    except ImportError as error:
        if not isinstance(error, ModuleNotFoundError):
            raise DeviceError(
                f"MIDI ports need python-rtmidi, which fails to load: {error}; install the missing library"
            ) from None
        try:
            from graph.ports import rtmidi2
        except ImportError:
            raise DeviceError(f"MIDI ports need {PACKAGE}, which is not installed: pip install {PACKAGE}") from None
        return rtmidi2
    return rtmidi  # type: ignore[no-any-return]


def open_clients(name: str, api: str | None) -> tuple[Any, Any]:
    """An input client and an output client of the named API, or of the system's first working one."""
    rtmidi = rtmidi_library()
    compiled = rtmidi.get_compiled_api()
    names = [word for word in dir(rtmidi) if word.startswith("API_")]
    candidates = [each for each in compiled if each != rtmidi.API_RTMIDI_DUMMY]
    if api is not None:
        word = api.upper()
        number = getattr(rtmidi, f"API_{APIS.get(word, word.removeprefix('API_'))}", None)
        if number not in compiled:
            known = [word.removeprefix("API_") for word in names if getattr(rtmidi, word) in candidates]
            raise DeviceError(f"there is no MIDI API '{api}'.{did_you_mean(api, known)} There are: {', '.join(known)}")
        candidates = [number]
    reasons = []
    for number in candidates:
        try:
            return rtmidi.MidiIn(number, name=name), rtmidi.MidiOut(number, name=name)
        except (rtmidi.RtMidiError, OSError) as error:
            reasons.append(f"{rtmidi.get_api_display_name(number)}: {error}".rstrip(". "))
    hint = "; on Linux: sudo modprobe snd-seq, or start JACK" if sys.platform == "linux" else ""
    raise DeviceError(f"no MIDI system responds{hint} ({'; '.join(reasons) or 'rtmidi was built without any'})")


def stem(name: str) -> str:
    """The name without ALSA's numbers, which change when a device is reconnected."""
    return re.sub(r" \d+:\d+$", "", name)


def matching(wanted: str, names: Sequence[str]) -> list[str]:
    """The ports that match a number, a name, a pattern with * or ?, or a part of a name."""
    if re.fullmatch(r"\d+", wanted):
        return [names[int(wanted)]] if int(wanted) < len(names) else []
    word = wanted.casefold()
    exact = [name for name in names if word in (name.casefold(), stem(name).casefold())]
    if exact or not word:
        return exact
    if any(sign in word for sign in "*?["):
        return [n for n in names if fnmatchcase(n.casefold(), word) or fnmatchcase(stem(n).casefold(), word)]
    return [name for name in names if word in name.casefold()]


class Ports:
    """[control] Keeps inputs, or outputs, open while they exist.

    probe    client that scans, and owns the virtual port
    make     creates a client: `rtmidi.MidiIn` or `rtmidi.MidiOut`
    wanted   numbers, names and patterns; None means all ports except our own
    opened   called with a new client and its name; closed: called with the name of a port that disappeared
    """

    def __init__(
        self,
        probe: Any,
        make: Callable[[], Any],
        name: str,
        wanted: Iterable[str] | None,
        opened: Callable[[Any, str], None] = lambda *_: None,
        closed: Callable[[str], None] = lambda _: None,
    ) -> None:
        self._make, self._name = make, name
        self._wanted = None if wanted is None else list(wanted)
        self._opened, self._closed = opened, closed
        self._probe = probe
        self._own = re.compile(rf"{re.escape(name)}(-\d+)?:|{re.escape(name)} (in|out)\b")
        self._failed: set[str] = set()
        self._told: set[str] = set()
        self.clients: dict[str, Any] = {}
        self.lock = threading.Lock()

    @property
    def names(self) -> list[str]:
        """The open ports."""
        return list(self.clients)

    def open_virtual(self, port: str) -> None:
        """Opens a virtual port that others can connect to, if the system supports it."""
        with suppress(RuntimeError):  # rtmidi's error on WinMM, which has no virtual ports
            self._probe.open_virtual_port(port)
            self._opened(self._probe, port)
            with self.lock:
                self.clients[port] = self._probe

    def look(self) -> list[str]:
        """Opens new ports and closes missing ones; returns messages."""
        there = self._probe.get_ports()
        news = []
        for name in [name for name in self.clients if name not in there and not self._own.match(name)]:
            with self.lock:
                client = self.clients.pop(name)
            client.close_port()
            client.delete()
            self._closed(name)
            news.append(f"{stem(name)} is gone")
        self._failed &= set(there)
        for name in self._chosen(there, news):
            if name not in self.clients and name not in self._failed:
                news.append(self._open(name, there.index(name)))
        return news

    def _open(self, name: str, number: int) -> str:
        client = self._make()
        try:
            client.open_port(number, name=f"{self._name} {len(self.clients)}")
            self._opened(client, name)
        except (RuntimeError, OSError, ValueError, DeviceError) as error:  # another program may hold it
            self._failed.add(name)
            client.delete()
            return f"{stem(name)} cannot be opened: {error}"
        with self.lock:
            self.clients[name] = client
        return f"{stem(name)} is open"

    def _chosen(self, there: list[str], news: list[str]) -> list[str]:
        if self._wanted is None:
            return [name for name in there if not self._own.match(name) and LOOPS not in name.casefold()]
        chosen: dict[str, None] = {}
        for place, wanted in enumerate(self._wanted):
            found = matching(wanted, there)
            chosen.update(dict.fromkeys(found))
            if found and wanted.isdigit():  # resolve a number once: the port reconnects by name
                self._wanted[place] = stem(found[0])
            if not found and wanted not in self._told:
                known = ", ".join(stem(name) for name in there if not self._own.match(name)) or "none"
                news.append(f"'{wanted}' not found yet; available: {known}")
            self._told.add(self._wanted[place])
        return list(chosen)

    def close(self) -> None:
        """Closes all ports."""
        with self.lock:
            clients = dict(self.clients)
            self.clients.clear()
        for name, client in clients.items():
            client.close_port()
            self._closed(name)
        for client in {*clients.values(), self._probe}:
            client.delete()
