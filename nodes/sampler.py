from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from graph import AudioFileError, GraphError, In, Node, NodeError, Option, Out, Setup, State, kernel
from graph.language import read_bytes
from graph.media import check_recording
from nodes.dsp.math.functions import clamp, exp2
from nodes.dsp.math.random import seeds
from nodes.dsp.samples.playback import read, release, strike
from nodes.dsp.samples.zones import Zone, ignored, layers, read_sfz, recordings


class Sampler(Node, family="Samples"):
    """Sampler: plays recordings as an instrument, with key and velocity zones, loops, and release samples.

    `file` is a single recording or an SFZ instrument; `zones` is SFZ text. Recordings are stored at twice
    their rate and read with eight-point interpolation, accurate to -66 dB up to half their own rate; linear
    interpolation would dull the sound and add noise. Keys above the root crossfade to band-limited copies, so they do
    not alias. Loops join exactly at any length. `velocity` selects the zones and crossfades between them; the patch
    sets the level unless an SFZ region has amp_veltrack. Regions that match the same note sound together or in turn
    (seq_position, lorand); a region may end another (off_by).
    """

    freq = In(261.6256, "Hz", 1, 20_000, curve="log", channels=1, doc="Pitch; may glide.")
    gate = In(channels=1, doc="Gate; a note sounds while it is above 0.5.")
    trigger = In(0, channels=1, doc="Retrigger; above 0.5 with the gate high, the note restarts.")
    velocity = In(1, "", 0, 1, channels=1, at_trigger=True, doc="Velocity; selects the zone at the start of the note.")
    release = In(0.2, "s", 0.005, 20, curve="log", channels=1, doc="Decay time (T60) after the gate closes.")
    file = Option("", doc="A recording, or an SFZ instrument.")
    zones = Option("", doc="An instrument as SFZ text, such as <region> sample=low.wav hikey=59 pitch_keycenter=48")
    root = Option(60.0, "semitones", 0, 127, unless="zones", doc="Key at which a recording has its original pitch.")
    width = Option(2, min=1, max=2, doc="Channels of the output.")
    out = Out(channels="width", doc="Sound of the recordings.")
    data = State(ndim=2, constant=True)
    table = State(ndim=2, dtype=np.float64, constant=True)
    zone = State(ndim=2, dtype=np.int64, doc="Zone of each of a voice's players: note, release, and fading sound.")
    place = State(ndim=2, dtype=np.float64)
    level = State(ndim=2)
    fall = State(ndim=2)
    up = State(ndim=1)
    turns = State(ndim=1, dtype=np.int64, doc="Notes received by each zone: its position in a round robin.")
    random = State(shape=1, dtype=np.uint32)

    def validate(self) -> None:
        for zone in self._zones():
            check_recording(zone.sample)

    def doubts(self) -> list[str]:
        is_sfz = Path(self.file).suffix.lower() == ".sfz"
        text = self.zones or (self._text() if is_sfz else "")
        passed = ignored(text)
        found = [f"{self.label}: SFZ opcodes that change nothing here: {', '.join(passed)}"] if passed else []
        tracked = re.findall(r"\b((?:lo|hi|xf(?:in|out)_(?:lo|hi))vel|amp_veltrack)=", text)
        if tracked and self.inputs["velocity"] == type(self).velocity.default:
            words = ", ".join(dict.fromkeys(tracked))
            found.append(f"{self.label}: without `velocity` every note is as hard as can be for {words}")
        if is_sfz and self.root != type(self).root.default:
            found.append(f"{self.label}.root has no effect: the SFZ file says the root of each recording")
        return found

    def _zones(self) -> list[Zone]:
        path = Path(self.file)
        if bool(self.file) == bool(self.zones):
            raise NodeError(f"{self.label}: say what to play, either file: a recording or an .sfz, or zones: SFZ text")
        if self.zones:
            return read_sfz(self.zones, f"{self.label}.zones", Path())
        if path.suffix.lower() == ".sfz":
            return read_sfz(self._text(), self.file, path.parent)
        if path.suffix.lower() in (".sf2", ".sf3"):
            raise AudioFileError(f"{self.file}: SoundFonts are not read; give an SFZ instrument or a recording")
        return [Zone(self.file, (0, 127), (0, 127), self.root)]

    def _text(self) -> str:
        try:
            return read_bytes(Path(self.file), "an SFZ instrument").decode("utf-8-sig")
        except (GraphError, UnicodeDecodeError) as error:
            why = "it is not UTF-8 text" if isinstance(error, UnicodeDecodeError) else error
            raise AudioFileError(f"{self.file} cannot be read as an SFZ instrument: {why}") from None

    def prepare(self, setup: Setup) -> Mapping[str, Any]:
        zones = self._zones()
        data, table = recordings(zones, setup.sample_rate)
        data = data.mean(axis=1, keepdims=True) if self.width == 1 else data
        players = {word: np.zeros((3 * layers(zones), setup.voices)) for word in ("zone", "place", "level", "fall")}
        chance = {"turns": np.zeros(len(zones)), "random": seeds(setup.name, 0, 1)}
        return {"data": data, "table": table, "up": np.zeros(setup.voices), **players, **chance}

    @kernel
    def process(block):
        voices, players = block.voices, block.zone.shape[0]
        quick = exp2(-9.965784 / (0.025 * block.sample_rate))
        for frame in range(block.frames):
            for voice in range(voices):
                freq = clamp(block.freq[frame, voice], 1.0, 20_000.0)
                opens = block.gate[frame, voice] > 0.5
                closes = block.up[voice] > 0.5 and not opens
                if closes or (opens and (block.trigger[frame, voice] > 0.5 or block.up[voice] <= 0.5)):
                    if closes:
                        release(block, voice, clamp(block.release[frame, voice], 0.005, 20.0))
                    strike(block, voice, freq, clamp(block.velocity[frame, voice], 0.0, 1.0), closes, quick)
                block.up[voice] = 1.0 if opens else 0.0
                for channel in range(block.width):
                    block.out[frame, channel * voices + voice] = 0.0
                for player in range(players):
                    if block.level[player, voice] > 0.0:
                        read(block, frame, voice, player, freq)
