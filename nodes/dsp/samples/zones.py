"""Key and velocity zones of a sampled instrument, read from SFZ, and their recordings in one array."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product, zip_longest
from pathlib import Path
from typing import Any

import numpy as np

from graph import AudioFileError, NodeError
from graph.media import LIMIT, read_recording, resampled

LENGTH, STEP, LOW_KEY, HIGH_KEY, LOW_VELOCITY, HIGH_VELOCITY, LOOP, TURN, RELEASES, ONE_SHOT, GAIN = range(11)
"""Columns of a zone in the table: rows of its recording; rows per frame and Hz of pitch; its keys and velocities
(0 .. 127); rows of its loop at the end, or 0, and the row where it repeats; whether it is a release sample, or a
one-shot; its level."""

SEQUENCE, POSITION, LOW_CHANCE, HIGH_CHANCE, FADE_IN, FADE_OUT = 11, 12, 13, 14, 15, 17
"""Length of the round robin and the zone's position in it, from 0; its range of a random number; the velocities of its
fades, two columns each."""

OFFSET, LEFT, RIGHT, TRACK, FALL, GROUP, OFF_BY, COPIES, START = range(19, 28)
"""Start row; level of each side; velocity exponent; its own release in seconds, or 0; its group and the group that
ends it, or 0; number of band-limited copies of its recording, and from START on the first row of each."""

LAYERS_AT_MOST = 16
"""Maximum number of zones per note."""

COPIES_AT_MOST = 14
"""Each copy has half an octave less bandwidth than the one before, and proportionally fewer rows: for keys far above
the root, which would alias otherwise."""

SHRINKS = 2.0 ** (-0.5 * np.arange(COPIES_AT_MOST))

BENDS = 2
"""Semitones of upward bend beyond the highest key of a zone covered by copies."""

PAD = 8
"""Silent rows around each recording for the eight-point interpolation."""

REGIONS_AT_MOST = 4_096
TURNS_AT_MOST = 240

NOTES = {"c": 0, "d": 2, "e": 4, "f": 5, "g": 7, "a": 9, "b": 11}
HEADERS = ("control", "global", "master", "group", "region")
OPCODES = (
    *("sample", "default_path", "key", "lokey", "hikey", "lovel", "hivel", "trigger", "volume"),
    *("pitch_keycenter", "tune", "transpose", "loop_mode", "loop_start", "loop_end", "loop_crossfade", "offset"),
    *("seq_length", "seq_position", "lorand", "hirand", "xfin_lovel", "xfin_hivel", "xfout_lovel", "xfout_hivel"),
    *("pan", "amp_veltrack", "ampeg_release", "group", "off_by"),
)
"""The supported SFZ opcodes."""
RANGES = {
    **dict.fromkeys(("key", "lokey", "hikey"), (-1, 127)),
    **dict.fromkeys(("pitch_keycenter", "transpose"), (-127, 127)),
    **dict.fromkeys(("lovel", "hivel", "xfin_lovel", "xfin_hivel", "xfout_lovel", "xfout_hivel"), (-1, 128)),
    **dict.fromkeys(("seq_length", "seq_position"), (1, 100)),
    **dict.fromkeys(("pan", "amp_veltrack"), (-100, 100)),
    **dict.fromkeys(("ampeg_release", "loop_crossfade"), (0, 100)),
    **dict.fromkeys(("lorand", "hirand"), (0, 1)),
    "tune": (-2_400, 2_400),
    "volume": (-144, 48),
}
"""Lowest and highest value of an opcode; others are counts of frames or groups, below 2**32."""

_WORD = re.compile(r"(?<!\S)(\w+)=")
MODES = ("no_loop", "one_shot", "loop_continuous", "loop_sustain")


@dataclass(frozen=True)
class Zone:
    """One region of an instrument, in the units of SFZ; `loop` is its first frame and the one after its last.

    turn      its position in a round robin, from 1, and the length of that
    group     its own, and the one whose notes end it; 0 is none
    """

    sample: str
    keys: tuple[float, float]
    velocities: tuple[float, float]
    root: float
    mode: str = ""
    loop: tuple[int, int] = (0, 0)
    releases: bool = False
    gain: float = 1.0
    turn: tuple[int, int] = (1, 1)
    chance: tuple[float, float] = (0, 1)
    fade_in: tuple[float, float] = (-1, 0)
    fade_out: tuple[float, float] = (127, 128)
    offset: int = 0
    pan: float = 0.0
    track: float = 0.0
    release: float = 0.0
    group: tuple[int, int] = (0, 0)
    crossfade: float = 0.0


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
            if len(zones) > REGIONS_AT_MOST:
                raise NodeError(f"{where} has more than {REGIONS_AT_MOST} regions")
    if not zones:
        raise NodeError(f"{where} has no <region>; write one per sample, such as <region> sample=C4.wav key=60")
    if layers(zones) > LAYERS_AT_MOST:
        raise NodeError(f"{where}: a note plays {layers(zones)} regions at once; at most {LAYERS_AT_MOST} are allowed")
    return zones


def ignored(text: str) -> list[str]:
    """[control] Unsupported opcodes and headers of an SFZ text, each once, in order."""
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
    """The headers of an SFZ text in order, each with its opcodes; time is proportional to the length of the text."""
    return [(header, dict(_opcodes(body))) for header, body in re.findall(r"<(\w+)>([^<]*)", _without_comments(text))]


def _opcodes(body: str) -> Iterator[tuple[str, str]]:
    """`word=value` pairs; a value may contain blanks and ends before the next word or at the end of its line."""
    for line in body.split("\n"):
        words = list(_WORD.finditer(line))
        for word, following in zip_longest(words, words[1:]):
            yield word[1], line[word.end() : following.start() if following else None].strip()


def _without_comments(text: str) -> str:
    parts, at = [], 0
    while (start := text.find("/*", at)) >= 0 and (end := text.find("*/", start + 2)) >= 0:
        parts.append(text[at:start])
        at = end + 2
    return re.sub(r"//[^\n]*", "", "".join([*parts, text[at:]]))


def _zone(words: dict[str, str], where: str, folder: Path) -> Zone:
    def number(word: str, default: float) -> float:
        text = words.get(word, str(default)).lower()
        note = re.fullmatch(r"([a-g])([#b]?)(-?\d+)", text)
        if note:
            return NOTES[note[1]] + (note[2] == "#") - (note[2] == "b") + 12 * (int(note[3]) + 1)
        try:
            value = float(text)
        except ValueError:
            raise NodeError(f"{where}: {word} should be a number or a note, not '{text[:40]}'") from None
        least, most = RANGES.get(word, (-1, 2**32))
        if not least <= value <= most:
            raise NodeError(f"{where}: {word}={text[:40]} is outside {least} .. {most}")
        return value

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
    turn = int(number("seq_position", 1)), int(number("seq_length", 1))
    if not 1 <= turn[0] <= turn[1]:
        raise NodeError(f"{where}: seq_position {turn[0]} is not within 1 .. seq_length, which is {turn[1]}")
    chance = number("lorand", 0), number("hirand", 1)
    if not 0 <= chance[0] < chance[1] <= 1:
        raise NodeError(f"{where}: lorand {chance[0]:g} and hirand {chance[1]:g} should rise within 0 .. 1")
    return Zone(
        str(folder / path), keys, velocities, root, mode, loop, words.get("trigger") == "release", gain, turn, chance,
        fade_in=(number("xfin_lovel", -1), number("xfin_hivel", 0)),
        fade_out=(number("xfout_lovel", 127), number("xfout_hivel", 128)),
        offset=max(0, int(number("offset", 0))),
        pan=float(np.clip(number("pan", 0), -100, 100)),
        track=number("amp_veltrack", 0),
        release=number("ampeg_release", 0),
        group=(int(number("group", 0)), int(number("off_by", 0))),
        crossfade=number("loop_crossfade", 0),
    )  # fmt: skip


def layers(zones: list[Zone]) -> int:
    """[control] The maximum number of zones that any note can play."""
    turns = min(int(np.lcm.reduce([zone.turn[1] for zone in zones])), TURNS_AT_MOST)
    draws = sorted({zone.chance[0] for zone in zones})[:TURNS_AT_MOST]
    first, length = np.array([zone.turn for zone in zones]).T
    low, high = np.array([zone.chance for zone in zones]).T
    releases = np.array([zone.releases for zone in zones])
    keys, velocities = (np.array([getattr(zone, name) for zone in zones]) for name in ("keys", "velocities"))
    edges = np.stack([keys[:, 0], np.ceil(keys[:, 1]) + 1, velocities[:, 0], np.ceil(velocities[:, 1]) + 1]).astype(int)
    edges = np.clip(edges, 0, 129)
    most, seen = 1, set()
    for release, draw, turn in product((False, True), draws, range(turns)):
        plays = (releases == release) & (low <= draw) & (draw < high) & (turn % length == first - 1)
        pattern = plays.tobytes()
        if pattern in seen or not plays.any():
            continue
        seen.add(pattern)
        a, b, c, d = edges[:, plays]
        steps = np.zeros((130, 130), int)  # summed twice, a rectangle per zone
        for rows, columns, sign in ((a, c, 1), (b, c, -1), (a, d, -1), (b, d, 1)):
            np.add.at(steps, (rows, columns), sign)
        most = max(most, int(steps.cumsum(axis=0).cumsum(axis=1).max()))
    return most


def _sides(pan: float) -> tuple[float, float]:
    """Levels left and right for -100 .. 100: equal power, 1 in the middle."""
    angle = np.pi / 4 * (1 + pan / 100)
    return float(np.sqrt(2) * np.cos(angle)), float(np.sqrt(2) * np.sin(angle))


def _joined(audio: Any, first: int, last: int, frames: int) -> Any:
    """The recording, with the last `frames` of its loop crossfaded into the frames before the loop start."""
    count = min(frames, first, last - first)
    rise = np.linspace(0, 1, count + 2)[1:-1, None]
    mixed = audio[last - count : last] * np.sqrt(1 - rise) + audio[first - count : first] * np.sqrt(rise)
    return np.concatenate([audio[: last - count], mixed, audio[last:]])


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
        audio = _joined(audio, first, last, round(zone.crossfade * own)) if loops else audio
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
             zone.mode == "one_shot" or zone.releases, zone.gain, zone.turn[1], zone.turn[0] - 1, *zone.chance,
             *zone.fade_in, *zone.fade_out, min(zone.offset * scale, length), *_sides(zone.pan), zone.track / 50,
             zone.release, *zone.group, copies,
             *starts, *[0] * (COPIES_AT_MOST - copies))
        )  # fmt: skip
        if at > LIMIT:
            raise AudioFileError(f"{zone.sample}: with this file the recordings exceed {LIMIT:,} samples")
    channels = max(part.shape[1] for part in parts)
    whole = [part if part.shape[1] == channels else np.repeat(part, channels, axis=1) for part in parts]
    return np.concatenate(whole), np.array(rows, np.float64)
