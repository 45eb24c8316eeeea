"""A JACK keyboard and synthesizer in their own process, which appear on request.

jack_later.py: reads a line of JSON, answers a line. {"keyboard": NAME} registers NAME:out, which plays a key every
50 ms while it is connected and answers with whether it was within 10 s; {"synth": NAME} registers NAME:in;
{"heard": SECONDS} answers what the synthesizer hears until then, as [host time, hex]; {"gone": NAME}; {"frame": 0}.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

import jack

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

clients: dict[str, Any] = {}
heard: list[tuple[int, str]] = []


def keyboard(name: str, data: str = "905064") -> bool:
    client = jack.Client(name, no_start_server=True)
    port = client.midi_outports.register("out")
    due = [0]

    def play(_: int) -> None:
        port.clear_buffer()
        if port.number_of_connections and client.last_frame_time >= due[0]:
            due[0] = client.last_frame_time + client.samplerate // 20
            port.write_midi_event(0, bytes.fromhex(data))

    client.set_process_callback(play)
    client.activate()
    clients[name] = client
    deadline = time.monotonic() + 10
    while not port.number_of_connections and time.monotonic() < deadline:
        time.sleep(0.02)
    return bool(port.number_of_connections)


def synth(name: str) -> bool:
    client = jack.Client(name, no_start_server=True)
    port = client.midi_inports.register("in")

    def hear(_: int) -> None:
        frame = client.last_frame_time
        for offset, data in port.incoming_midi_events():
            heard.append((frame + offset, bytes(data).hex()))

    client.set_process_callback(hear)
    client.activate()
    clients[name] = client
    deadline = time.monotonic() + 10
    while not port.number_of_connections and time.monotonic() < deadline:
        time.sleep(0.02)
    return bool(port.number_of_connections)


def main() -> None:
    for line in sys.stdin:
        asked = json.loads(line)
        answer: Any = True
        if "keyboard" in asked:
            answer = keyboard(asked["keyboard"], asked.get("data", "905064"))
        elif "synth" in asked:
            answer = synth(asked["synth"])
        elif "heard" in asked:
            time.sleep(asked["heard"])
            answer = heard
        elif "gone" in asked:
            clients.pop(asked["gone"]).close()
        elif "frame" in asked:
            answer = next(iter(clients.values())).frame_time
        print(json.dumps(answer), flush=True)
    for client in clients.values():
        client.close()


main()
