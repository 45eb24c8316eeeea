"""Key and velocity zones of a sampled instrument, read from SFZ, and their recordings in one array."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from graph import AudioFileError, NodeError
from graph.media import LIMIT, read_recording, resampled

LENGTH, STEP, LOW_KEY, HIGH_KEY, LOW_VELOCITY, HIGH_VELOCITY, LOOP, TURN, RELEASES, ONE_SHOT, GAIN, COPIES, START = (
    range(13)
)
"""Columns of a zone in the table: rows of its recording; rows per frame and Hz of pitch; its keys and velocities
(0 .. 127); rows of its loop, or 0, and the row at which it jumps back; 1 for a release sample; 1 for one-shot;
its gain; number of copies of its recording, and from START on the first row of each."""

COPIES_AT_MOST = 14
"""Each copy has half an octave less bandwidth than the one before, and proportionally fewer rows: for keys far above
the root, which would alias otherwise."""

SHRINKS = 2.0 ** (-0.5 * np.arange(COPIES_AT_MOST))

BENDS = 2
"""Semitones of upward bend beyond the highest key of a zone covered by copies."""

PAD = 8
"""Silent rows around each recording for the eight-point interpolation."""

NOTES = {"c": 0, "d": 2, "e": 4, "f": 5, "g": 7, "a": 9, "b": 11}
HEADERS = ("control", "global", "master", "group", "region")
OPCODES = (
    *("sample", "default_path", "key", "lokey", "hikey", "lovel", "hivel", "trigger", "volume"),
    *("pitch_keycenter", "tune", "transpose", "loop_mode", "loop_start", "loop_end"),
)
"""What of SFZ is played."""
MODES = ("no_loop", "one_shot", "loop_continuous", "loop_sustain")


@dataclass(frozen=True)
class Zone:
    """One region of an instrument, in SFZ units; `loop` is its first frame and the one after its last."""

    sample: str
    keys: tuple[float, float]
    velocities: tuple[float, float]
    root: float
    mode: str = ""
    loop: tuple[int, int] = (0, 0)
    releases: bool = False
    gain: float = 1.0


def read_sfz(text: str, where: str, folder: Path) -> list[Zone]:
    """[control] Regions of an SFZ text with the opcodes of their headers; unknown opcodes are ignored."""
    levels: dict[str, dict[str, str]] = {}
    zones: list[Zone] = []
    for header, body in _headers(text):
        if header in HEADERS:
            levels = {word: levels[word] for word in HEADERS[: HEADERS.index(header)] if word in levels}
        levels[header] = body
        if header == "region":
            words = {k: v for level in levels.values() for k, v in level.items()}
            zones.append(_zone(words, f"{where}: region {len(zones) + 1}", folder))
    if not zones:
        raise NodeError(f"{where} has no <region>; write one per sample, such as <region> sample=C4.wav key=60")
    _check_overlaps(zones, where)
    return zones


def ignored(text: str) -> list[str]:
    """[control] Opcodes and headers of an SFZ text that change nothing here, each once, in their order."""
    found: dict[str, None] = {}
    for header, body in _headers(text):
        if header not in HEADERS:
            found[f"<{header}>"] = None
            continue
        for word, value in body.items():
            if word == "trigger" and value not in ("attack", "release"):
                found[f"trigger={value}"] = None
            elif word not in OPCODES:
                found[word] = None
    return list(found)


def _headers(text: str) -> list[tuple[str, dict[str, str]]]:
    """The headers of an SFZ text in their order, each with its opcodes."""
    text = re.sub(r"//[^\n]*|/\*.*?\*/", "", text, flags=re.S)
    opcodes = re.compile(r"(\w+)=(.*?)(?=\s+\w+=|\s*$|\s*\n)")
    return [
        (header, {word: value.strip() for word, value in opcodes.findall(body)})
        for header, body in re.findall(r"<(\w+)>([^<]*)", text)
    ]


def _zone(words: dict[str, str], where: str, folder: Path) -> Zone:
    def number(word: str, default: float) -> float:
        text = words.get(word, str(default)).lower()
        note = re.fullmatch(r"([a-g])([#b]?)(-?\d+)", text)
        if note:
            return NOTES[note[1]] + (note[2] == "#") - (note[2] == "b") + 12 * (int(note[3]) + 1)
        try:
            return float(text)
        except ValueError:
            raise NodeError(f"{where}: {word} should be a number or a note, not '{text}'") from None

    if "sample" not in words:
        raise NodeError(f"{where} has no sample; write sample=FILE")
    key = number("key", -1)
    keys = number("lokey", key if key >= 0 else 0), number("hikey", key if key >= 0 else 127)
    velocities = number("lovel", 0), number("hivel", 127)
    if keys[0] > keys[1] or velocities[0] > velocities[1]:
        raise NodeError(f"{where} matches no note: its lowest key or velocity is above its highest")
    mode = words.get("loop_mode", "")
    if mode and mode not in MODES:
        raise NodeError(f"{where}: loop_mode '{mode}' is not one of {', '.join(MODES)}")
    root = number("pitch_keycenter", key if key >= 0 else 60) - number("tune", 0) / 100 - number("transpose", 0)
    path = words.get("default_path", "") + words["sample"].replace("\\", "/")
    loop = int(number("loop_start", 0)), int(number("loop_end", -1)) + 1
    gain = 10 ** (number("volume", 0) / 20)
    return Zone(str(folder / path), keys, velocities, root, mode, loop, words.get("trigger") == "release", gain)


def _check_overlaps(zones: list[Zone], where: str) -> None:
    for i, one in enumerate(zones):
        for j, other in enumerate(zones[:i]):
            shared = one.releases == other.releases
            for a, b in ((one.keys, other.keys), (one.velocities, other.velocities)):
                shared = shared and a[0] <= b[1] and b[0] <= a[1]
            if shared:
                raise NodeError(
                    f"{where}: regions {j + 1} and {i + 1} overlap; separate them by lokey/hikey or lovel/hivel"
                )


def recordings(zones: list[Zone], rate: float) -> tuple[Any, Any]:
    """[control] All recordings concatenated, (rows, channels), and the table of zones.

    They are stored at twice their rate, for accurate interpolation up to the top; recordings above the engine's rate
    are resampled to it first. The first frames of a loop are appended after its last ones.
    """
    parts, rows, at = [], [], 0
    heard: dict[str, tuple[Any, float]] = {}
    for zone in zones:
        if zone.sample not in heard:
            heard[zone.sample] = read_recording(zone.sample)
        audio, own = heard[zone.sample]
        first, last = zone.loop[0], zone.loop[1] or len(audio)
        loops = zone.mode.startswith("loop")
        if loops and not 0 <= first < last <= len(audio):
            raise AudioFileError(f"{zone.sample}: loop {first} to {last - 1} is outside its {len(audio)} frames")
        kept = min(own, rate)
        scale = 2 * kept / own
        root = 440 * 2 ** ((zone.root - 69) / 12)
        highest = 440 * 2 ** ((zone.keys[1] + BENDS - 69) / 12) / root * kept / rate
        copies = int(np.clip(np.ceil(2 * np.log2(highest)), 0, COPIES_AT_MOST - 1)) + 1
        margin = 4 / SHRINKS[copies - 1]
        again = first + np.arange(int((64 * margin + 64) / min(scale, 1))) % (last - first)
        source = np.concatenate([audio[:last], audio[again]]) if loops else audio
        starts = []
        for shrink in SHRINKS[:copies]:
            low = resampled(source, own, kept * shrink)
            parts.append(np.pad(resampled(low, kept * shrink, 2 * kept * shrink), ((PAD, PAD), (0, 0))))
            starts.append(at + PAD)
            at += len(parts[-1])
        length = (last if loops else len(audio)) * scale
        loop = (last - first) * scale if loops else 0
        # Far enough past its end that in every copy all eight points are within the appended frames.
        rows.append(
            (length, 2 * kept / rate / root, *zone.keys, *zone.velocities, loop, length + margin, zone.releases,
             zone.mode == "one_shot" or zone.releases, zone.gain, copies,
             *starts, *[0] * (COPIES_AT_MOST - copies))
        )  # fmt: skip
        if at > LIMIT:
            raise AudioFileError(f"{zone.sample}: with this file the recordings exceed {LIMIT:,} samples")
    channels = max(part.shape[1] for part in parts)
    whole = [part if part.shape[1] == channels else np.repeat(part, channels, axis=1) for part in parts]
    return np.concatenate(whole), np.array(rows, np.float64)
