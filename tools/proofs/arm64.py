"""Renders patches on an emulated arm64 Debian, and compares them with this machine.

Needs root, and the Debian packages debootstrap and qemu-user-static. The system (300 MB) is made once, in --root; its
wheels are those that pip finds for arm64. Kernels are compiled under emulation, a minute or more per patch.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import fingerprint as fp
import numpy as np

ROOT = Path(__file__).resolve().parents[2]
MIRROR = "http://deb.debian.org/debian"
EMULATOR = "/usr/bin/qemu-aarch64-static"
WHEELS = "numpy scipy numba llvmlite soundfile soxr pyyaml rich platformdirs mido cffi"
PLATFORMS = ("manylinux_2_28_aarch64", "manylinux_2_27_aarch64", "manylinux2014_aarch64", "manylinux_2_17_aarch64")
PATCHES = ("first_light", "neon", "quartet", "drum_machine", "granular_cloud", "choir", "organ", "talking_machine")
CLOSE = 1e-5
PROGRAM = """
import sys
import numpy as np
from graph import load
name, seconds, target, *midi = sys.argv[1:]
np.save(target, np.asarray(load(name).render(float(seconds), midi=midi[0] if midi else None)))
"""


def arguments(parser: argparse.ArgumentParser) -> None:
    """Options of `tools/proof arm64`."""
    parser.add_argument("--root", type=Path, default=Path(tempfile.gettempdir()) / "graphrun-arm64", help="its folder")
    parser.add_argument("--seconds", type=float, default=1.0, help="length of each render (default: 1)")
    parser.add_argument("patches", nargs="*", default=PATCHES, help="patches to render")


def run(options: argparse.Namespace) -> int:
    """Prints the largest difference of each patch; 1 if one exceeds 1e-5 or cannot be rendered."""
    if os.geteuid() or not shutil.which("debootstrap") or not Path(EMULATOR).exists():
        print("this needs root, and: apt-get install debootstrap qemu-user-static", file=sys.stderr)
        return 2
    root: Path = options.root
    if not (root / "usr/bin/python3").exists():
        system(root)
    code = root / "opt" / "graphrun"
    shutil.rmtree(code, ignore_errors=True)
    for name in ("graph", "nodes", "patches"):
        shutil.copytree(ROOT / name, code / name, ignore=shutil.ignore_patterns("__pycache__"))
    (root / "opt" / "render.py").write_text(PROGRAM)
    fp.a_song(root / "opt" / "song.mid")
    failed = 0
    for name in options.patches:
        song = ["/opt/song.mid"] if name == "neon" else []
        words = [name, str(options.seconds), "/opt/there.npy", *song]
        paths = ["PYTHONPATH=/opt/site:/opt/graphrun", "GRAPHRUN_CACHE=/opt/kernels"]
        done = subprocess.run(["chroot", root, "/usr/bin/env", *paths, "/usr/bin/python3", "/opt/render.py", *words])
        here = [sys.executable, "-c", PROGRAM, name, str(options.seconds), str(root / "opt/here.npy")]
        here += [str(root / "opt/song.mid")] if song else []
        subprocess.run(here, check=True, env={**os.environ, "PYTHONPATH": str(ROOT)})
        if done.returncode:
            print(f"{name:20} exit status {done.returncode}")
            failed += 1
            continue
        a, b = np.load(root / "opt/there.npy"), np.load(root / "opt/here.npy")
        away = float(np.abs(a - b).max()) if a.shape == b.shape else float("inf")
        print(f"{name:20} peak {np.abs(b).max():.3f}, largest difference {away:.1e}", flush=True)
        failed += not away <= CLOSE
    return 1 if failed else 0


def system(root: Path) -> None:
    """Makes the arm64 Debian and installs its wheels."""
    formats = Path("/proc/sys/fs/binfmt_misc")
    if not (formats / "register").exists():
        subprocess.run(["mount", "-t", "binfmt_misc", "none", formats], check=True)
    subprocess.run(["update-binfmts", "--enable", "qemu-aarch64"], check=False)
    include = "--include=python3,ca-certificates"
    first = ["debootstrap", "--arch=arm64", "--foreign", "--variant=minbase", include, "bookworm", root, MIRROR]
    subprocess.run(first, check=True)
    shutil.copy(EMULATOR, root / "usr/bin")
    subprocess.run(["chroot", root, "/bin/sh", "/debootstrap/debootstrap", "--second-stage"], check=True)
    platforms = [word for each in PLATFORMS for word in ("--platform", each)]
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--target", root / "opt" / "site", *platforms]
    subprocess.run([*pip, "--python-version", "3.11", "--only-binary=:all:", *WHEELS.split()], check=True)
