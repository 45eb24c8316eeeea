"""Builds a graph in Python, renders it, and saves it as a patch.

    python patches/examples/build_a_graph.py

Writes bell.wav and bell.yaml into the current folder.
"""

from graph import Graph
from nodes import Adsr, Notes, Pan, Reverb, Sine, VoiceAllocator

voices = VoiceAllocator(events=Notes("C5 . E5 G5 - . B5 -", step=0.5), polyphony=4)
env = Adsr(gate=voices.gate, trigger=voices.trigger, attack=0.002, sustain=0, decay=1.5, release=1.5)
modulator = Sine(freq=voices.freq * 3.5) * env * 400  # a bell: the modulator is not a multiple of the pitch
bell = Pan(audio=Sine(freq=voices.freq + modulator) * env * voices.velocity, spread=0.5)
graph = Graph((bell + Reverb(audio=bell, decay=3) * 0.3) * 0.3, name="Bell")

sound = graph.render("4 s")  # an array, float32 (frames, channels)
sound.write("bell.wav")
graph.save("bell.yaml")
print(sound, f"{sound.loudness().integrated:.1f} LUFS")
