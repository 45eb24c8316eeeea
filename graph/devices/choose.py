"""Lists the audio devices, and selects one by the user's options."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from graph.devices.cards import Card, CardLibrary
from graph.devices.device import Device
from graph.devices.options import PlayOptions
from graph.engine.engine import Engine
from graph.errors import DeviceError, NoDeviceError, did_you_mean, several
from graph.model.net import DEFAULT_RATE
from graph.native import functions as native


@dataclass(frozen=True)
class Choice:
    """A selected device, before an engine exists for it.

    rate      the device's preferred rate in Hz; open: creates the Device for an engine at that rate
    """

    name: str
    rate: float
    open: Callable[[Engine], Device]
    refuse: Callable[[], None] = lambda: None
    """Releases resources if the device is not opened after all."""
    channels: int = 2
    """Output channels for a mono patch, so that it can become stereo while playing."""


@dataclass(frozen=True)
class DeviceInfo:
    """A line of `graphrun devices`; `word` is the value for `--device` and `--audio-in`."""

    word: str
    name: str
    channels: int
    rate: float
    default: bool = False
    host: str = ""
    """The host API: ALSA, Core Audio, WASAPI."""
    inputs: int = 0


NOT_JACK = "--connect takes JACK ports: add --device jack"
NO_LATENCY = {
    "jack": "the JACK server sets the latency (jackd -p): remove --latency, or choose another --device",
    "null": "the null device has no latency: remove --latency, or choose another --device",
}
"""Messages for devices without a latency setting."""


def choose(options: PlayOptions, inputs: int = 0) -> Choice:
    """Selects the device for the options; DeviceError if it does not exist.

    inputs   audio input channels of the graph, 0 for none
    """
    latency, connect, audio_in = options.latency, options.connect, options.audio_in
    word = str(options.device).strip() if options.device is not None else None
    if word == "":
        raise DeviceError("the device name is empty: use a name or number from `graphrun devices`")
    if connect and word not in ("jack", None):
        raise DeviceError(NOT_JACK)
    if latency is not None and word in NO_LATENCY:
        raise DeviceError(NO_LATENCY[word])
    if audio_in and not inputs:
        raise DeviceError("--audio-in has no effect: the patch has no AudioIn node")
    if audio_in and word == "null":
        raise DeviceError("the null device has no audio input: remove --audio-in, or choose another --device")
    client = _jack_client(word)
    if client is not None:
        if latency is not None:
            client.close()
            raise DeviceError(NO_LATENCY["jack"])
        from graph.devices.jack import JackDevice

        words: dict[str, Any] = {"connect": connect, "audio_in": audio_in, "inputs": inputs}
        words |= {"midi_from": options.midi, "midi_to": options.midi_out}
        return Choice("jack", client.samplerate, lambda engine: JackDevice(engine, client, **words), client.close)
    if connect and word is None:
        raise DeviceError(NOT_JACK)
    if word == "null":
        from graph.devices.null import NullDevice

        return Choice("null", DEFAULT_RATE, NullDevice)
    if native.PLAIN:
        raise NoDeviceError("kernels run as plain Python (NUMBA_DISABLE_JIT), too slow to play live: use --device null")
    library = card_library()
    card = _output(library, word)
    heard, news = _heard(library, card, audio_in, inputs) if inputs else (None, "")

    def opened(engine: Engine) -> Device:
        return _open(library, engine, card, latency, heard, news, asked=bool(audio_in))

    return Choice(card.name, card.rate, opened, channels=min(2, card.outputs))


def card_library() -> CardLibrary:
    """PortAudio, or miniaudio where PortAudio is missing; NoDeviceError with the installation command."""
    from graph.devices.portaudio import PortAudioCards

    try:
        return PortAudioCards()
    except NoDeviceError as error:
        from graph.devices.miniaudio import MiniaudioCards

        try:
            return MiniaudioCards()
        except NoDeviceError as second:
            raise NoDeviceError(f"{error}; or {second}") from None


def _jack_client(word: str | None) -> Any:
    """A JACK client if JACK is chosen, or no device is chosen and a server runs; else None."""
    if native.PLAIN or word not in ("jack", None):
        return None
    from graph.devices.jack import open_client

    try:
        return open_client("graphrun")
    except DeviceError:
        if word is not None:
            raise
        return None


def _output(library: CardLibrary, word: str | None) -> Card:
    """The output selected by `word`, or the default."""
    outputs = [card for card in library.cards() if card.outputs > 0]
    if not outputs:
        raise NoDeviceError(
            'no audio output found; to play silently in real time, use --device null, or device="null" in Python'
        )
    if word is None:
        index = library.defaults()[1]
        return next((card for card in outputs if card.index == index), outputs[0])
    return _named(word, outputs, "output", ["null", "jack"])


def _open(
    library: CardLibrary,
    engine: Engine,
    card: Card,
    latency: float | None,
    heard: tuple[Card, int] | None,
    news: str,
    *,
    asked: bool,
) -> Device:
    """An output with its input, or without one if none was requested and the two cannot be opened together.

    news   problem with the input, if any
    """
    try:
        device = library.open(engine, card, latency, heard)
    except DeviceError as error:
        if heard is None or asked:
            raise
        device = library.open(engine, card, latency, None)
        news = f"AudioIn is silent: {error}; choose another input with --audio-in"
    device.messages += [news] if news else []
    return device


def _named(word: str, cards: list[Card], what: str, others: Sequence[str] = ()) -> Card:
    """The device selected by a number or part of a name; DeviceError if there is none."""
    if word.isdigit():
        found = [card for card in cards if card.index == int(word)]
    else:
        exact = [card for card in cards if card.name == word]
        found = exact or [card for card in cards if word.lower() in card.name.lower()]
    names = list(dict.fromkeys([*others, *(card.name for card in cards)]))
    if not found:
        known = ", ".join(names) or "none"
        raise DeviceError(f"there is no {what} '{word}'.{did_you_mean(word, names)} There are: {known}")
    return found[0]


def _heard(
    library: CardLibrary, output: Card, audio_in: Sequence[str | int] | None, inputs: int
) -> tuple[tuple[Card, int] | None, str]:
    """The input paired with an output and its channels, and a problem with it, if any."""
    known = [card for card in library.cards() if card.inputs > 0]
    if audio_in and len(audio_in) > 1:
        raise DeviceError("--audio-in takes one device here: repeat it only for JACK ports")
    if audio_in:
        found: Card | None = _named(str(audio_in[0]), known, "input")
    else:
        beside = [card for card in known if card.host == output.host]
        usual = library.defaults()[0]
        order = sorted(beside, key=lambda card: (card.index != output.index, card.index != usual))
        found = order[0] if order else None
    if found is None:
        return None, "no audio input found: AudioIn is silent"
    if found.host != output.host:
        what = " and ".join(f"'{card.name}' belongs to {card.host}" for card in (output, found))
        raise DeviceError(f"{what}: choose an input and an output of the same host API")
    few = f"{found.name} has {several(found.inputs, 'input')}: higher AudioIn channels are silent"
    return (found, min(found.inputs, inputs)), few if found.inputs < inputs else ""


def listing() -> tuple[list[DeviceInfo], list[str]]:
    """All devices for `--device` and `--audio-in`, and the reasons why others are unavailable."""
    found, problems = [DeviceInfo("null", "silent, real-time clock", 64, DEFAULT_RATE)], []
    try:
        from graph.devices.jack import open_client

        client = open_client("graphrun-look")
        about = f"JACK server, {client.blocksize} frames per period"
        found.append(DeviceInfo("jack", about, 64, client.samplerate, True, "JACK", 8))
        client.close()
    except DeviceError as error:
        problems.append(f"JACK: {error}")
    try:
        library = card_library()
        usual = library.defaults()
        for card in library.cards():
            if card.outputs or card.inputs:
                word, default = str(card.index), card.index == usual[1]
                found.append(DeviceInfo(word, card.name, card.outputs, card.rate, default, card.host, card.inputs))
    except DeviceError as error:
        problems.append(f"PortAudio: {error}")
    return found, problems
