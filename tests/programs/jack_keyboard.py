"""A patch on JACK, keyboards unplugged with a key down, and a synthesizer that receives our note-offs."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path

import jack

sys.path[:0] = [str(Path(__file__).resolve().parents[2])]

from graph.graph import loads  # noqa: E402

PATCH = """
nodes:
  keys: {node: MidiIn}
  voices: {node: VoiceAllocator, events: keys, polyphony: 4}
  out: {node: MidiOut, events: keys}
  tone: {node: Mix, audio: voices.gate}
out: tone
"""


def until(condition: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + 3.0
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.01)
    return condition()


def main() -> None:
    said: dict[str, object] = {}
    synth = jack.Client("synth", no_start_server=True)
    hears = synth.midi_inports.register("in")
    heard: list[str] = []
    synth.set_process_callback(lambda _: heard.extend(bytes(data).hex() for _, data in hears.incoming_midi_events()))
    synth.activate()
    live = loads(PATCH).play(device="jack", connect=[], midi_out=["synth*"])
    for way in ("gone", "unplugged", "server"):
        keyboard = jack.Client("keyboard", no_start_server=True)
        port = keyboard.midi_outports.register("out")
        wanted = [(0x90, 60, 100)]

        def play(_: int, port: jack.OwnMidiPort = port, wanted: list[tuple[int, int, int]] = wanted) -> None:
            port.clear_buffer()
            if wanted and port.number_of_connections:
                port.write_midi_event(0, wanted.pop())

        keyboard.set_process_callback(play)
        keyboard.activate()
        keyboard.connect("keyboard:out", "graphrun:midi_in")
        down = until(lambda: live.voices["voices"][0] == 1)
        if way == "gone":
            keyboard.close()
        elif way == "unplugged":
            keyboard.disconnect("keyboard:out", "graphrun:midi_in")
        if way != "server":
            said[way] = down and until(lambda: live.voices["voices"][0] == 0)
            keyboard.close()
    heard.clear()
    live.stop()
    time.sleep(0.1)
    said["heard"] = list(heard)
    live.engine.render(640)
    said["server"] = live.voices["voices"][0] == 0
    print(json.dumps(said))


main()
