"""A canon as an asyncio score: three voices at half, quarter and eighth notes. It renders, or plays live.

python patches/examples/score.py            renders canon.wav
python patches/examples/score.py --live     plays on the default device
"""

import asyncio
import sys

from graph import loads

PATCH = """
nodes:
  beat:   {node: Transport, tempo: 112}
  keys:   {node: MidiIn}
  voices: {node: VoiceAllocator, events: keys, polyphony: 16}
  env:    {node: Adsr, gate: voices.gate, trigger: voices.trigger, attack: 5 ms, release: 300 ms}
  osc:    {node: Saw, freq: voices.freq}
  tone:   {node: LowPass, audio: osc, cutoff: 400 Hz + env * 3 kHz}
  place:  {node: Pan, audio: tone * env * -12 dB, spread: 60%}
  echo:   {node: Delay, audio: {place: -9 dB}, time: 3/8 beats, clock: beat}
out: [place, echo]
"""
PHRASE = 0, 2, 4, 5, 7, 5, 4, 2


async def voice(piece, step, root):
    """Plays the phrase with one note every `step` beats."""
    clock = piece.clock("beat")
    for degree in PHRASE:
        beat = await clock.sync(step, ahead=0.05)  # wakes 50 ms early, so that the note is in time
        piece.note_on(root + degree, 0.6, host_time=clock.host_time(beat))
        piece.note_off(root + degree, host_time=clock.host_time(beat + 0.8 * step))


async def canon(piece):
    await asyncio.gather(voice(piece, 1 / 2, 48), voice(piece, 1 / 4, 60), voice(piece, 1 / 8, 72))


if "--live" in sys.argv:
    with loads(PATCH).play() as live:
        asyncio.run(canon(live))
        live.wait(2)
else:
    with loads(PATCH).offline() as piece:
        piece.run(canon(piece))
        print(piece.write("canon.wav"))
