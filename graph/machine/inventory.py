"""This machine's libraries, audio outputs and MIDI ports, and how to install missing packages."""

from __future__ import annotations

import os
import platform
from dataclasses import dataclass
from importlib import import_module, metadata
from importlib.util import find_spec

from graph.devices.choose import DeviceInfo, listing
from graph.errors import DeviceError, GraphrunError
from graph.ports.companion import midi_inputs, midi_outputs
from graph.ports.midi import PACKAGE as MIDI


@dataclass(frozen=True)
class Package:
    """A Python package: its purpose, how to install it, and whether it is required."""

    name: str
    module: str
    purpose: str
    install: str
    needed: bool = False


PACKAGES = (
    Package("numpy", "numpy", "everything", "pip install numpy", True),
    Package("numba", "numba", "compiling nodes", "pip install numba", True),
    Package("llvmlite", "llvmlite", "loading compiled nodes", "pip install llvmlite", True),
    Package("scipy", "scipy", "designing filters", "pip install scipy", True),
    Package("PyYAML", "yaml", "patches", "pip install pyyaml", True),
    Package("soundfile", "soundfile", "audio files", "pip install soundfile", True),
    Package("soxr", "soxr", "sample rate conversion", "pip install soxr", True),
    Package("mido", "mido", "MIDI files", "pip install mido", True),
    Package("rich", "rich", "the terminal view", "pip install rich", True),
    Package("watchfiles", "watchfiles", "hot reload", "pip install watchfiles", True),
    Package("sounddevice", "sounddevice", "sound cards", "pip install sounddevice"),
    Package("miniaudio", "_miniaudio", "sound cards without PortAudio", "pip install miniaudio"),
    Package(MIDI, "rtmidi" if MIDI == "python-rtmidi" else "rtmidi2", "MIDI ports", f"pip install {MIDI}"),
    Package("LinkPython-extern", "link", "Ableton Link", "pip install LinkPython-extern"),
    Package("JACK-Client", "jack", "JACK", "pip install JACK-Client"),
    Package("python-osc", "pythonosc", "OSC", "pip install python-osc"),
    Package(
        "matplotlib", "matplotlib", "diagrams of patches as PNG, pictures of sound", "pip install 'graphrun[plot]'"
    ),
)


def versions() -> dict[str, str]:
    """The version of each installed package."""
    found = {}
    for package in PACKAGES:
        try:
            if find_spec(package.module) is not None:
                found[package.name] = metadata.version(package.name)
        except (metadata.PackageNotFoundError, ValueError):
            found[package.name] = "(unknown version)"
    return found


def missing() -> list[Package]:
    """The packages that are not installed."""
    there = versions()
    return [package for package in PACKAGES if package.name not in there]


def system_libraries() -> dict[str, str]:
    """The versions of the non-Python libraries that are present."""
    found = {}
    try:
        from graph.devices.portaudio import portaudio

        text = str(portaudio().get_portaudio_version()[1])
        found["PortAudio"] = text.removeprefix("PortAudio ").partition(",")[0]
    except DeviceError:
        pass
    try:
        from graph.devices.jack import jack_library

        found["JACK"] = str(jack_library().version_string())
    except DeviceError:
        pass
    if find_spec("soundfile") is not None:
        found["libsndfile"] = str(import_module("soundfile").__libsndfile_version__)
    return found


def machine() -> dict[str, str | int]:
    """The system, processor and Python version."""
    import llvmlite.binding as llvm

    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return {
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.release()}",
        "processor": f"{platform.machine()} ({llvm.get_host_cpu_name()})",
        "cores": cores,
    }


def outputs() -> tuple[list[DeviceInfo], list[str]]:
    """All values of `--device`, and instructions for what is unavailable."""
    found, problems = listing()
    if not any(info.word.isdigit() for info in found) and not any("PortAudio" in problem for problem in problems):
        problems.append("PortAudio: no output found. Connect one, or start the sound server")
    return found, problems


def midi_ports() -> tuple[list[str], list[str], list[str]]:
    """MIDI inputs, MIDI outputs, and instructions for what is unavailable."""
    if not any(find_spec(module) for module in ("rtmidi", "rtmidi2")):
        return [], [], [f"MIDI: {MIDI} is not installed: pip install {MIDI}"]
    try:
        return midi_inputs(), midi_outputs(), []
    except GraphrunError as error:
        return [], [], [f"MIDI: {error}"]
