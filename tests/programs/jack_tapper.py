"""A JACK client that sends taps and records clicks: `python tests/programs/jack_tapper.py COUNT MIDI_PORT AUDIO_PORT`.

Sends COUNT notes at frames of its own choosing and prints, for each click that comes back, by how many
frames it followed, as JSON.
"""

from __future__ import annotations

import json
import random
import sys
import threading
import time

import jack
import numpy as np


def main() -> None:
    count, midi_port, audio_port = int(sys.argv[1]), sys.argv[2], sys.argv[3]
    client = jack.Client("tapper", no_start_server=True)
    out = client.midi_outports.register("out")
    ear = client.inports.register("ear")
    sent: list[int] = []
    heard: list[int] = []
    chosen = random.Random(1)
    state = {"next": 0}
    done = threading.Event()

    def process(frames: int) -> None:
        now = client.last_frame_time
        out.clear_buffer()
        if not state["next"]:
            state["next"] = now + 4_800
        while len(sent) < count and now <= state["next"] < now + frames:
            out.write_midi_event(state["next"] - now, (0x90, 60, 100))
            sent.append(state["next"])
            state["next"] += chosen.randint(700, 2_400)
        heard.extend(now + int(i) for i in np.flatnonzero(ear.get_array() > 0.5))
        if len(sent) == count and now > sent[-1] + 9_600:
            done.set()

    client.set_process_callback(process)
    with client:
        client.connect(out.name, midi_port)
        client.connect(audio_port, ear.name)
        done.wait(60)
        time.sleep(0.1)
    print(json.dumps({"sent": sent, "heard": heard}), flush=True)


main()
