"""A JACK client that listens: `python tests/jack_ear.py FILE.npy FRAMES PORT...` saves what the ports play.

It says `ready` when it is connected, and ends `FRAMES` frames after the first that is not silent. The
file holds float32 (frames, ports) from that first frame on; xruns are printed.
"""

from __future__ import annotations

import sys
import threading

import jack
import numpy as np


def main() -> None:
    target, frames, names = sys.argv[1], int(sys.argv[2]), sys.argv[3:]
    client = jack.Client("ear", no_start_server=True)
    ports = [client.inports.register(f"in_{n}") for n in range(len(names))]
    heard: list[np.ndarray] = []
    done = threading.Event()
    xruns = 0

    def xrun(_: float) -> None:
        nonlocal xruns
        xruns += bool(heard)

    def process(count: int) -> None:
        block = np.stack([port.get_array() for port in ports], axis=1)
        if heard or block.any():
            heard.append(block)
            if len(heard) * count > frames + count:
                done.set()

    client.set_process_callback(process)
    client.set_xrun_callback(xrun)
    with client:
        for name, port in zip(names, ports, strict=True):
            client.connect(name, port)
        print("ready", flush=True)
        done.wait(60)
    sound = np.concatenate(heard) if heard else np.zeros((0, len(names)), np.float32)
    start = int(np.flatnonzero(sound.any(axis=1))[0]) if sound.any() else 0
    np.save(target, sound[start : start + frames])
    print(xruns, flush=True)


main()
