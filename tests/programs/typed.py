"""A user's program under a type checker: `mypy --strict` finds only the three expected errors.

An expected error that is not found is an error itself (`warn_unused_ignores`).
"""

from typing import assert_type

from graph import Cable, Graph, load
from nodes import Delay, LowPass, MidiIn, Saw, VoiceAllocator

voices = VoiceAllocator(events=MidiIn(), polyphony=16)
saw = Saw(freq=440.0)
saw.freq = voices.freq
assert_type(saw.out, Cable)
echo = Delay(audio=LowPass(audio=saw, cutoff=200 + voices.velocity * 4_000), glide="tape", ping_pong=True)
assert_type(echo.ping_pong, bool)
assert_type(load("neon"), Graph)
graph = Graph(echo, name="typed")

Saw(frequency=440.0)  # type: ignore[call-arg]
Delay(glide="bounce")  # type: ignore[arg-type]
VoiceAllocator(events=3.0)  # type: ignore[arg-type]
