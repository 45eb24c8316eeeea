"""Network namespaces that isolate the peers of a Link session."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from conftest import PROGRAMS, missing


class Peer:
    """A process that answers each line of JSON with one; `hello` is its first line."""

    def __init__(self, process: subprocess.Popen[str], hello: Any) -> None:
        self.process, self.hello = process, hello

    def ask(self, **what: Any) -> Any:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps(what) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        assert line, f"a peer has ended: {what}"
        return json.loads(line)

    def __getattr__(self, word: str) -> Any:
        return self.ask(get=word)

    def set(self, **values: Any) -> None:
        self.ask(set=values)

    def call(self, method: str, *values: Any) -> Any:
        return self.ask(call=method, values=values)

    def beat_at(self, time: int) -> float:
        """The beat at a host time in nanoseconds, which all processes of a machine share."""
        line = self.ask(line=True)
        return float(line["beat"] + (time - line["time"]) * line["tempo"] / 60e9)


class Network:
    """A bridge in its own namespace; every peer gets a namespace connected to it."""

    def __init__(self) -> None:
        self._hub = subprocess.Popen(["unshare", "-rn", "sleep", "600"])
        self._processes = [self._hub]
        try:
            self._build()
        except BaseException:
            self.close()
            raise

    def _build(self) -> None:
        """Creates the bridge once the hub is in its own namespace, as root."""
        add = self._in_hub("ip", "link", "add", "br0", "type", "bridge", "mcast_snooping", "0")
        for _ in range(200):
            apart = self._mine(self._hub.pid) and Path(f"/proc/{self._hub.pid}/uid_map").read_text().split()
            if apart and subprocess.run(add, capture_output=True, timeout=10).returncode == 0:
                break
            time.sleep(0.01)
        self._run("ip", "link", "set", "br0", "up")

    def _in_hub(self, *words: str) -> list[str]:
        return ["nsenter", "-t", str(self._hub.pid), "-U", "-n", "--preserve-credentials", *words]

    def _run(self, *words: str) -> None:
        subprocess.run(self._in_hub(*words), check=True, capture_output=True, timeout=10)

    def start(self, *command: str, **more: Any) -> subprocess.Popen[Any]:
        """Runs a command in its own namespace once its network is up."""
        number = len(self._processes)
        wait = 'while ! ip -4 addr show dev eth0 2>/dev/null | grep -q inet; do sleep 0.02; done; exec "$@"'
        process = subprocess.Popen(self._in_hub("unshare", "-n", "sh", "-c", wait, "sh", *command), **more)
        self._processes.append(process)
        for _ in range(200):  # until it has a namespace of its own
            links = (Path(f"/proc/{pid}/ns/net") for pid in (process.pid, self._hub.pid))
            if len({str(link.readlink()) for link in links}) == 2 and self._mine(process.pid):
                break
            time.sleep(0.01)
        pid, link = str(process.pid), f"veth{number}"
        self._run("ip", "link", "add", link, "type", "veth", "peer", "name", "eth0", "netns", pid)
        self._run("ip", "link", "set", link, "master", "br0", "up")
        inside = ["nsenter", "-t", pid, "-U", "-n", "--preserve-credentials", "ip"]
        subprocess.run([*inside, "link", "set", "lo", "up"], check=True)
        subprocess.run([*inside, "addr", "add", f"10.77.0.{number}/24", "brd", "+", "dev", "eth0"], check=True)
        subprocess.run([*inside, "link", "set", "eth0", "up"], check=True)
        return process

    def _mine(self, pid: int) -> bool:
        """Whether a process has left its initial namespace and that of the hub."""
        here = Path("/proc/self/ns/net").readlink()
        return Path(f"/proc/{pid}/ns/net").readlink() != here

    def peer(self, script: str, *words: str) -> Peer:
        """Starts a Python script of this folder that answers lines."""
        process = self.start(
            sys.executable, str(PROGRAMS / script), *words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert process.stdout is not None
        hello = process.stdout.readline()
        assert hello, f"{script} has ended"
        return Peer(process, json.loads(hello))

    def close(self) -> None:
        """Ends all peers by closing their input, so that they leave JACK, which would otherwise wait for them."""
        for process in self._processes:
            if process.stdin is not None:
                with suppress(OSError):
                    process.stdin.close()
        for process in reversed(self._processes):
            with suppress(subprocess.TimeoutExpired):
                process.wait(3 if process.stdin is not None else 0)
            process.kill()
            process.wait()
            if process.stdout is not None:
                process.stdout.close()


@contextmanager
def network() -> Iterator[Network]:
    """A network for one test; skips if namespaces are unavailable."""
    for program in ("unshare", "nsenter", "ip"):
        if shutil.which(program) is None:
            missing(f"{program} (Debian: util-linux, iproute2)")
    made = subprocess.run(
        ["unshare", "-rn", "ip", "link", "add", "probe", "type", "veth"], capture_output=True, text=True
    )
    if made.returncode:
        missing(f"network namespaces: {made.stderr.strip()}")
    net = Network()
    try:
        yield net
    finally:
        net.close()
