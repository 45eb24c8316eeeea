"""Which devices there are, and which one is meant."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from graph import native
from graph.device import Device
from graph.engine import Engine
from graph.errors import DeviceError, NoDeviceError, did_you_mean
from graph.model import DEFAULT_RATE


@dataclass(frozen=True)
class Choice:
    """A device that has been chosen, before there is an engine for it.

    rate      Hz that the device prefers; open: makes the Device for an engine at that rate
    """

    name: str
    rate: float
    open: Callable[[Engine], Device]
    refuse: Callable[[], None] = lambda: None
    """Gives back what was taken for the choice when nothing comes of it."""


@dataclass(frozen=True)
class DeviceInfo:
    """A line of `graphrun devices`. `word` is what `--device` takes."""

    word: str
    name: str
    channels: int
    rate: float
    default: bool = False
    host: str = ""
    """The system that it belongs to, as PortAudio calls it: ALSA, Core Audio, WASAPI."""


NOT_JACK = "--connect names ports of JACK: it goes with --device jack"
NO_LATENCY = {
    "jack": "JACK's server sets the latency (jackd -p): leave out --latency, or name another --device",
    "null": "the null device has no latency: leave out --latency, or name another --device",
}
"""What is said to somebody who asks a device for a latency that it does not have."""


def choose(
    device: str | int | None = None,
    *,
    latency: float | None = None,
    connect: Sequence[str] | None = None,
    midi_from: Sequence[str] | None = None,
    midi_to: Sequence[str] | None = None,
) -> Choice:
    """The device that is meant; DeviceError if it is not there.

    device    "null", "jack", a number or a part of a name as `graphrun devices` lists them; None
              takes a JACK server that runs, else the system's default output
    latency   seconds between callback and sound that are asked of PortAudio, by default its lowest
    connect, midi_from, midi_to   JACK ports to play to, to hear, and to send MIDI to
    """
    word = str(device).strip() if device is not None else None
    if word == "":
        raise DeviceError("a device has a name or a number: `graphrun devices` lists them")
    if connect and word not in ("jack", None):
        raise DeviceError(NOT_JACK)
    if latency is not None and word in NO_LATENCY:
        raise DeviceError(NO_LATENCY[word])
    client = _jack_client(word)
    if client is not None:
        if latency is not None:
            client.close()
            raise DeviceError(NO_LATENCY["jack"])
        return _jack(client, connect, midi_from, midi_to)
    if connect and word is None:
        raise DeviceError(NOT_JACK)
    if word == "null":
        from graph.null_device import NullDevice

        return Choice("null", DEFAULT_RATE, NullDevice)
    if native.PLAIN:
        raise NoDeviceError("kernels run as plain Python (NUMBA_DISABLE_JIT): too slow for any device but null")
    from graph.portaudio_device import PortAudioDevice

    info = _portaudio(word)
    wanted: float | str = "low" if latency is None else latency
    return Choice(
        info["name"], info["default_samplerate"], lambda engine: PortAudioDevice(engine, info["index"], latency=wanted)
    )


def _jack_client(word: str | None) -> Any:
    """A client of JACK where that is meant: named, or nothing is named and a server runs; else None."""
    if native.PLAIN or word not in ("jack", None):
        return None
    from graph.jack_device import open_client

    try:
        return open_client("graphrun")
    except DeviceError:
        if word is not None:
            raise
        return None


def _jack(
    client: Any, connect: Sequence[str] | None, midi_from: Sequence[str] | None, midi_to: Sequence[str] | None
) -> Choice:
    from graph.jack_device import JackDevice

    return Choice(
        "jack",
        client.samplerate,
        lambda engine: JackDevice(engine, client, connect=connect, midi_from=midi_from, midi_to=midi_to),
        client.close,
    )


def _portaudio(word: str | None) -> dict[str, Any]:
    """PortAudio's record of the output that `word` means."""
    outputs = [info for info in query() if info["max_output_channels"] > 0]
    if not outputs:
        raise NoDeviceError("there is no audio output here; --device null keeps time and is silent")
    if word is None:
        from graph.portaudio_device import portaudio

        library = portaudio()
        index = library.default.device[1]
        return next((info for info in outputs if info["index"] == index), outputs[0])
    if word.isdigit():
        found = [info for info in outputs if info["index"] == int(word)]
    else:
        exact = [info for info in outputs if info["name"] == word]
        found = exact or [info for info in outputs if word.lower() in info["name"].lower()]
    names = [info["name"] for info in outputs]
    if not found:
        known = ", ".join(["null", "jack", *names])
        raise DeviceError(
            f"there is no output '{word}'.{did_you_mean(word, ['null', 'jack', *names])} There are: {known}"
        )
    return found[0]


def query() -> list[dict[str, Any]]:
    """PortAudio's devices, each with its index."""
    from graph.portaudio_device import portaudio

    library = portaudio()
    return [dict(info) | {"index": i} for i, info in enumerate(library.query_devices())]


def listing() -> tuple[list[DeviceInfo], list[str]]:
    """All outputs that `--device` takes, and what is missing for there to be more."""
    found, problems = [DeviceInfo("null", "keeps time and is silent", 64, DEFAULT_RATE)], []
    try:
        from graph.jack_device import open_client

        client = open_client("graphrun-look")
        about = f"JACK server, {client.blocksize} frames a period"
        found.append(DeviceInfo("jack", about, 64, client.samplerate, True, "JACK"))
        client.close()
    except DeviceError as error:
        problems.append(f"JACK: {error}")
    try:
        from graph.portaudio_device import portaudio

        library = portaudio()
        default = library.default.device[1]
        for info in query():
            if info["max_output_channels"]:
                host = library.query_hostapis(info["hostapi"])["name"]
                found.append(
                    DeviceInfo(
                        str(info["index"]),
                        info["name"],
                        info["max_output_channels"],
                        info["default_samplerate"],
                        info["index"] == default,
                        host,
                    )
                )
    except DeviceError as error:
        problems.append(f"PortAudio: {error}")
    return found, problems
