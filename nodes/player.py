from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from graph import Cable, In, Node, NodeError, Option, Out, Setup, State, kernel
from graph.media import check_recording, read_recording, resampled
from nodes.dsp.delays.varispeed import play, tape_copies
from nodes.dsp.math.functions import clamp


class Player(Node, family="Samples"):
    """Recording player: plays a backing track, a stem or a field recording at any speed, forwards or backwards.

    Without cables it plays once from the first frame; at speed 1 the output equals the file, sample for sample. A
    rising trigger or gate restarts it at `start`, and the previous sound fades out in 5 ms without a click. Speed
    changes the pitch, as on tape; above 1 it reads band-limited copies to avoid aliasing. To play notes on a keyboard
    use Sampler, to change the length but not the pitch use Granular.
    """

    gate = In(1, channels=1, doc="Gate: plays while above 0.5, from `start` when it rises.")
    trigger = In(0, channels=1, doc="Retrigger: a rise above 0.5 with the gate high restarts at `start`.")
    speed = In(1, "", -8, 8, channels=1, doc="Playback speed: 1 as recorded, 2 an octave up, -1 backwards, 0 stopped.")
    start = In(0, "s", 0, 600, channels=1, doc="Start position in the file; backwards, the distance from its end.")
    file = Option("", doc="Audio file, at most 10 minutes long.")
    loop = Option(False, doc="Repeat at the end.")
    width = Option(2, min=1, max=2, doc="Channels of the output.")
    out = Out(channels="width", doc="Sound of the recording.")
    sound = State(ndim=2, constant=True, doc="The recording and its band-limited copies, stacked.")
    starts = State(ndim=1, dtype=np.int64, constant=True)
    length = State(shape=1, dtype=np.int64, constant=True, doc="Frames.")
    place = State(ndim=2, dtype=np.float64, doc="Position in frames per voice: of the current and of the fading sound.")
    level = State(ndim=2)
    runs = State(ndim=2, dtype=np.int64)
    was = State(ndim=2, doc="Previous gate and trigger.")
    done = State(shape=1, dtype=np.int64)

    def validate(self) -> None:
        if not self.file:
            raise NodeError(f"{self.label}.file: give a recording, such as file: rain.wav")
        check_recording(self.file, seconds=600)

    def prepare(self, setup: Setup) -> Mapping[str, Any]:
        self.validate()
        audio, rate = read_recording(self.file, seconds=600)
        audio = audio.mean(axis=1, keepdims=True) if self.width == 1 else audio
        copies = tape_copies(resampled(audio, rate, setup.sample_rate), setup.sample_rate, loop=self.loop)
        pairs = {name: np.zeros((2, setup.voices)) for name in ("place", "level", "runs", "was")}
        gate, trigger, start, speed = (self.inputs[key] for key in ("gate", "trigger", "start", "speed"))
        if not isinstance(gate, Cable) and gate > 0.5 and setup.start.seconds != 0.0:
            pairs["was"][0] = gate
            if not isinstance(trigger, Cable):  # silent until the first trigger
                pairs["place"][0] = self._moved(setup, start, speed, copies["length"][0])
                pairs["level"][0], pairs["runs"][0] = min(setup.gone / (0.005 * setup.sample_rate), 1.0), 1
                pairs["was"][1] = trigger
        return {**copies, **pairs}

    def _moved(self, setup: Setup, start: float | Cable, speed: float | Cable, frames: int) -> float:
        """Where in the recording it is, in frames, where a part of the music begins."""
        if isinstance(start, Cable) or isinstance(speed, Cable):
            port = "start" if isinstance(start, Cable) else "speed"
            raise NodeError(
                f"--from cannot move {setup.name}: its {port} is driven by a cable, so nobody knows where its "
                "recording is then; give it a number, or start it by its trigger"
            )
        away = float(np.rint(start * setup.sample_rate))
        return (away if speed >= 0 else frames - 1.0 - away) + speed * setup.gone

    @kernel
    def process(block):
        sound, starts, place, level, runs, was = (
            block.sound, block.starts, block.place, block.level, block.runs, block.was
        )  # fmt: skip
        rate, voices, last = block.sample_rate, block.voices, sound.shape[1] - 1
        end, step = np.float64(block.length[0]), np.float32(200.0) / rate
        for frame in range(block.frames):
            for voice in range(voices):
                gate, trigger = block.gate[frame, voice], block.trigger[frame, voice]
                speed = np.float64(clamp(block.speed[frame, voice], -8.0, 8.0))
                rises = gate > 0.5 and was[0, voice] <= 0.5
                if rises or (gate > 0.5 and trigger > 0.5 and was[1, voice] <= 0.5):
                    place[1, voice], level[1, voice], runs[1, voice] = place[0, voice], level[0, voice], runs[0, voice]
                    away = np.float64(np.rint(clamp(block.start[frame, voice], 0.0, 600.0) * rate))
                    place[0, voice] = away if speed >= 0.0 else end - 1.0 - away
                    level[0, voice], runs[0, voice] = np.float32(1.0 if away == 0.0 else 0.0), 1
                was[0, voice], was[1, voice] = gate, trigger
                for channel in range(block.width):
                    block.out[frame, channel * voices + voice] = 0.0
                for head in range(2):
                    if runs[head, voice] == 0:
                        continue
                    here = place[head, voice]
                    if block.loop:
                        here -= end * np.floor(here / end)
                    rising = head == 0 and gate > 0.5
                    level[head, voice] = clamp(level[head, voice] + (step if rising else -step), 0.0, 1.0)
                    gone = (here < 0.0 or here > end - 1.0) and not block.loop
                    if gone or (level[head, voice] == 0.0 and not rising):
                        runs[head, voice] = 0
                        continue
                    for channel in range(block.width):
                        heard = play(sound, starts, min(channel, last), here, speed)
                        block.out[frame, channel * voices + voice] += level[head, voice] * heard
                    place[head, voice] = here + speed
        playing = 0
        for voice in range(voices):
            playing += runs[0, voice] + runs[1, voice]
        block.done[0] = 1 if playing == 0 else 0
