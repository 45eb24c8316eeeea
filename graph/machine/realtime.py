"""Whether the system allows real-time scheduling, and how to improve it."""

from __future__ import annotations

import getpass
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

PRIORITY = 10
LIMITS = "/etc/security/limits.d/95-audio.conf"
ENOUGH_MEMORY = 256 << 20
"""Bytes of lockable memory that a patch and the libraries may need."""


@dataclass(frozen=True)
class Realtime:
    """The system's real-time settings; None where the system does not have one.

    allowed     whether our processes may use real-time scheduling
    priority    highest real-time priority; memory: lockable memory in bytes, -1 for unlimited
    in_group    whether the user is in the group `audio`
    governors   CPU frequency governors
    advice      suggested improvements, with commands
    """

    allowed: bool | None
    priority: int | None
    memory: int | None
    in_group: bool | None
    governors: tuple[str, ...]
    advice: tuple[str, ...]


def look() -> Realtime:
    """[control] Queries the system; a child process tests real-time scheduling."""
    if sys.platform != "linux":
        return Realtime(None, None, None, None, (), ())
    import grp
    import os
    import resource

    allowed = _try()
    priority = resource.getrlimit(resource.RLIMIT_RTPRIO)[0]
    memory = resource.getrlimit(resource.RLIMIT_MEMLOCK)[0]
    try:
        group = grp.getgrnam("audio").gr_gid
        in_group: bool | None = group in (os.getegid(), *os.getgroups())
    except KeyError:
        in_group = None
    governors = _governors()
    advice = []
    limits = priority != -1 and priority < PRIORITY and not allowed
    short = memory != -1 and memory < ENOUGH_MEMORY and not allowed
    if limits or short:
        advice.append(
            "allow real-time scheduling for group audio: "
            rf"printf '@audio - rtprio 95\n@audio - memlock unlimited\n' | sudo tee {LIMITS}"
        )
        if in_group is False:
            advice.append(f"add yourself to that group, then log in again: sudo usermod -aG audio {_user()}")
    elif not allowed:
        advice.append("real-time scheduling is refused although the limits allow it, probably by a container or cgroup")
    if governors and set(governors) - {"performance"}:
        advice.append("keep the CPU at full speed while playing: sudo cpupower frequency-set -g performance")
    return Realtime(allowed, priority, memory, in_group, governors, tuple(advice))


def _try() -> bool:
    """Whether a child process gets real-time scheduling."""
    code = f"import os; os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param({PRIORITY}))"
    done = subprocess.run([sys.executable, "-I", "-S", "-c", code], capture_output=True, check=False)
    return done.returncode == 0


def _governors() -> tuple[str, ...]:
    found = set()
    for file in Path("/sys/devices/system/cpu").glob("cpu[0-9]*/cpufreq/scaling_governor"):
        try:
            found.add(file.read_text().strip())
        except OSError:
            continue
    return tuple(sorted(found))


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "$USER"
