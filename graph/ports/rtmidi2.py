"""rtmidi2 in the form of python-rtmidi, which has no wheels for Python 3.13 and later.

Only what the companion uses. rtmidi2 ends the process where a client that failed to start is used, so `APIS` lists
an API only if the system has it. Its JACK library is its own and joins no newer server: `--device jack` includes MIDI.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from typing import Any

import rtmidi2

RtMidiError = RuntimeError
API_LINUX_ALSA = int(rtmidi2.API_LINUX_ALSA)
API_MACOSX_CORE = int(rtmidi2.API_MACOSX_CORE)
API_WINDOWS_MM = int(rtmidi2.API_WINDOWS_MM)
API_RTMIDI_DUMMY = int(rtmidi2.API_RTMIDI_DUMMY)

NAMES = {API_LINUX_ALSA: "ALSA", API_MACOSX_CORE: "CoreMIDI", API_WINDOWS_MM: "Windows MultiMedia"}
APIS = {"linux": API_LINUX_ALSA, "darwin": API_MACOSX_CORE, "win32": API_WINDOWS_MM}
SEQUENCER = "/dev/snd/seq"
"""The device of ALSA's sequencer; missing until its kernel module is loaded."""


def get_compiled_api() -> list[int]:
    """The one API of each system."""
    return [APIS[sys.platform]] if sys.platform in APIS else []


def get_api_display_name(api: int) -> str:
    """The API's name for users."""
    return NAMES.get(api, "rtmidi2")


class _Client:
    """What inputs and outputs share; RtMidiError if the system has no such API running."""

    def __init__(self, make: Callable[..., Any], api: int, name: str, *size: int) -> None:
        if api == API_LINUX_ALSA and not os.access(SEQUENCER, os.R_OK | os.W_OK):
            raise RtMidiError(f"{SEQUENCER} cannot be opened")
        self._api = api
        self._client = make(name, *size, api)

    def get_current_api(self) -> int:
        """The API's number."""
        return self._api

    def get_ports(self) -> list[str]:
        """The names of the ports on the other side."""
        return [str(name) for name in self._client.ports]

    def open_port(self, number: int, name: str = "") -> None:  # noqa: ARG002  # rtmidi2 names its own side
        """Connects to a port."""
        self._client.open_port(number)

    def open_virtual_port(self, name: str) -> None:
        """Opens a port that others can connect to; RtMidiError on Windows, which has none."""
        if self._api == API_WINDOWS_MM:
            raise RtMidiError("Windows MultiMedia has no virtual ports")
        self._client.open_virtual_port(name)

    def close_port(self) -> None:
        """Closes the port."""
        self._client.close_port()

    def delete(self) -> None:
        """Ends the client."""
        self._client = None


class MidiIn(_Client):
    """An input client."""

    def __init__(self, api: int, name: str) -> None:
        super().__init__(rtmidi2.MidiIn, api, name, rtmidi2.QUEUESIZE)

    def ignore_types(self, *, sysex: bool, timing: bool, active_sense: bool) -> None:
        """Chooses which messages are left out."""
        self._client.ignore_types(sysex, timing, active_sense)

    def set_callback(self, heard: Callable[[tuple[list[int], float], Any], None]) -> None:
        """Calls `heard((message, seconds), None)` with each message as a list of numbers."""

        def message(data: list[int], seconds: float) -> None:
            heard((data, seconds), None)

        self._client.callback = message


class MidiOut(_Client):
    """An output client."""

    def __init__(self, api: int, name: str) -> None:
        super().__init__(rtmidi2.MidiOut, api, name)

    def send_message(self, message: Any) -> None:
        """Sends one message."""
        self._client.send_raw(*bytes(message))
