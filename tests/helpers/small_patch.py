"""A small patch that waits for notes, with two presets: what tests of the command line play."""

PATCH = """
name: Small
rate: 8 kHz
nodes:
  keys: {node: MidiIn}
  voices: {node: VoiceAllocator, events: keys, polyphony: 2}
  tone: {node: Saw, freq: voices.freq}
  low: {node: LowPass, audio: tone, cutoff: 800, q: 2}
  sum: {node: Mix, audio: low * voices.gate}
out: sum
presets:
  dark: {low.cutoff: 300}
  bright: {low.cutoff: 3000}
"""
