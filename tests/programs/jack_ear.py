"""Records other JACK clients: `python tests/programs/jack_ear.py FILE.npy FRAMES [freewheel]` saves their output.

It connects itself to every output but the sound card's and says `ready`. `FRAMES` frames after the first
that is not silent it ends; the file holds float32 (frames, ports) from that first frame on. With
`freewheel` the server runs as fast as it can meanwhile. Xruns are printed.
"""

from __future__ import annotations

import sys
import threading

import jack
import numpy as np


def main() -> None:
    target, frames, freewheel = sys.argv[1], int(sys.argv[2]), "freewheel" in sys.argv
    client = jack.Client("ear", no_start_server=True)
    names = [port.name for port in client.get_ports(is_output=True, is_audio=True) if not port.is_physical]
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
        if freewheel:
            client.set_freewheel(True)
        print("ready", flush=True)
        done.wait(60)
        if freewheel:
            client.set_freewheel(False)
    sound = np.concatenate(heard) if heard else np.zeros((0, len(names)), np.float32)
    start = int(np.flatnonzero(sound.any(axis=1))[0]) if sound.any() else 0
    np.save(target, sound[start : start + frames])
    print(xruns, flush=True)


main()
