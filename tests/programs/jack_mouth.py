"""A JACK client that plays noise: `python tests/programs/jack_mouth.py PORT ...` plays noise to each of the ports.

The ports are inputs, by parts of their names. It says `ready` when it is connected and ends with the next line.
"""

from __future__ import annotations

import sys

import jack
import numpy as np


def main() -> None:
    client = jack.Client("mouth", no_start_server=True)
    targets = [client.get_ports(word, is_input=True, is_audio=True)[0].name for word in sys.argv[1:]]
    ports = [client.outports.register(f"out_{n}") for n in range(len(targets))]
    noise = np.random.default_rng(1)

    def process(count: int) -> None:
        for port in ports:
            port.get_array()[:] = noise.uniform(-0.5, 0.5, count)

    client.set_process_callback(process)
    with client:
        for port, target in zip(ports, targets, strict=True):
            client.connect(port, target)
        print("ready", flush=True)
        sys.stdin.readline()


main()
