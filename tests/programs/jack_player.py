"""A player in its own process: sends through JACK and reports the times.

jack_player.py NAME TARGET COUNT SEED: bends at random times, 3 to 10 ms apart, each at the beginning of a
period, which is when JACK hands it on whatever its frame; each says which it is by its 14 bits. Writes the
host times in nanoseconds as JSON. With a COUNT of 0 it plays one key, never lets it go,
and ends with its input.
"""

from __future__ import annotations

import json
import random
import sys
import threading
from pathlib import Path

import jack

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from graph.clocks.host import host_ns


def main(name: str, target: str, count: int, seed: int) -> None:
    client = jack.Client(name, no_start_server=True)
    port = client.midi_outports.register("out")
    rng = random.Random(seed)
    sent: list[int] = []
    done = threading.Event()
    due = [0]

    def bend(_: int) -> None:
        port.clear_buffer()
        now = client.last_frame_time
        if len(sent) >= count:
            done.set()
        elif port.number_of_connections and now >= due[0]:
            if due[0] > 0:
                n = len(sent)
                port.write_midi_event(0, (0xE0, n & 127, n >> 7))
                sent.append(host_ns())
            due[0] = now + int(client.samplerate * rng.uniform(0.003, 0.010))

    def hold(_: int) -> None:
        port.clear_buffer()
        due[0] += 1 if port.number_of_connections else 0
        if due[0] % 200 == 100:  # again and again: JACK loses one in an overload, and those just after a connection
            port.write_midi_event(0, (0x92, 60, 100))
            sent.append(host_ns())

    client.set_process_callback(bend if count else hold)
    with client:
        if target:
            client.connect(f"{name}:out", target)
        if count:
            done.wait(60)
        else:
            sys.stdin.read()
    print(json.dumps(sent))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
