"""MIDI ports of the system, through python-rtmidi: which there are, which are wanted, which are open."""

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
"""What users call them, and what rtmidi does; rtmidi's own names are understood too."""
LOOPS = "midi through"
"""ALSA's port that gives back what it is sent: only opened by name."""


def rtmidi_library() -> ModuleType:
    """python-rtmidi; DeviceError with what to install if it is missing, or if a library of the system is."""
    try:
        import rtmidi
    except ImportError as error:
        if not isinstance(error, ModuleNotFoundError):
            raise DeviceError(
                f"python-rtmidi, which MIDI ports need, cannot be loaded: {error}; install the library it names"
            ) from None
        how = "pip install python-rtmidi"
        if sys.version_info >= (3, 13):
            how += " (there are no wheels for this Python: it needs a C++ compiler, and on Linux libasound2-dev and "
            how += "libjack-dev; or use Python 3.12, or --device jack, which brings MIDI itself)"
        raise DeviceError(f"MIDI ports need python-rtmidi, which is not installed: {how}") from None
    return rtmidi  # type: ignore[no-any-return]


def open_clients(name: str, api: str | None) -> tuple[Any, Any]:
    """A client for inputs and one for outputs, of the API that is named or the system's first that works."""
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
    raise DeviceError(f"no MIDI system answers{hint} ({'; '.join(reasons) or 'rtmidi was built without any'})")


def stem(name: str) -> str:
    """The name without ALSA's numbers, which change when a device is plugged in again."""
    return re.sub(r" \d+:\d+$", "", name)


def matching(wanted: str, names: Sequence[str]) -> list[str]:
    """The ports that a number, a name, a pattern with * or ?, or a part of a name means."""
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
    """[control] Inputs, or outputs, that are kept open while they are there.

    probe    a client that looks on, and has the virtual port
    make     opens another: `rtmidi.MidiIn` or `rtmidi.MidiOut`
    wanted   numbers, names and patterns; None is every port but our own
    opened   called with a new client and its name; closed: with the name of one that is gone
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
        """The ports that are open."""
        return list(self.clients)

    def open_virtual(self, port: str) -> None:
        """A port of our own, to which others connect, where the system has such."""
        with suppress(RuntimeError):  # rtmidi's error for WinMM, which has none
            self._probe.open_virtual_port(port)
            self._opened(self._probe, port)
            with self.lock:
                self.clients[port] = self._probe

    def look(self) -> list[str]:
        """Opens what has come and closes what has gone; what there is to tell."""
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
            if found and wanted.isdigit():  # a number is what it means now: it comes back under its name
                self._wanted[place] = stem(found[0])
            if not found and wanted not in self._told:
                known = ", ".join(stem(name) for name in there if not self._own.match(name)) or "none"
                news.append(f"'{wanted}' is not there yet; there are: {known}")
            self._told.add(self._wanted[place])
        return list(chosen)

    def close(self) -> None:
        """Closes them all."""
        with self.lock:
            clients = dict(self.clients)
            self.clients.clear()
        for name, client in clients.items():
            client.close_port()
            self._closed(name)
        for client in {*clients.values(), self._probe}:
            client.delete()
