"""A player in a process of its own: sends through JACK, and tells when it did.

jack_player.py TARGET COUNT SEED: bends at random times, 3 to 10 ms apart, each at the beginning of a
period, which is when JACK hands it on whatever its frame; each says which it is by its 14 bits, since
JACK hands on twice what a client that is late has not cleared. Writes their times in microseconds as JSON.
"""

from __future__ import annotations

import ctypes
import json
import random
import sys
import threading

import jack
sys.path.insert(0,'.')
from graph.host import host_ns


def main(target: str, count: int, seed: int) -> None:
    client = jack.Client("player", no_start_server=True)
    port = client.midi_outports.register("out")
    when = ctypes.CDLL(jack._libname).jack_frames_to_time
    when.argtypes, when.restype = (ctypes.c_void_p, ctypes.c_uint32), ctypes.c_uint64
    pointer = int(jack._ffi.cast("uintptr_t", client._ptr))
    rng = random.Random(seed)
    sent: list[int] = []; host=[]
    done = threading.Event()
    due = [0]

    @client.set_process_callback
    def process(frames: int) -> None:
        port.clear_buffer()
        frame = client.last_frame_time
        if len(sent) >= count:
            done.set()
        elif port.number_of_connections and frame >= due[0]:
            if due[0] > 0:
                n = len(sent)
                port.write_midi_event(0, (0xE0, n & 127, n >> 7))
                sent.append(when(pointer, frame)); host.append(host_ns()//1000)
            due[0] = frame + int(client.samplerate * rng.uniform(0.003, 0.010))

    with client:
        client.connect("player:out", target)
        done.wait(60)
    print(json.dumps([sent, host]))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
