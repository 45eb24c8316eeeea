"""Files of the cache: damaged, full disks, folders of others, and objects for other systems."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import llvmlite.binding
import numpy as np
import pytest

from graph.native import designs, stored
from graph.native.cache import node_unit
from graph.native.functions import PLAIN

compiled_only = pytest.mark.skipif(PLAIN, reason="kernels run as plain Python in this run")


def damaged(kind: str, data: bytes, other: bytes) -> bytes:
    middle = len(data) // 2
    return {
        "truncated": data[:middle],
        "a tail of zeros": data[:middle] + bytes(len(data) - middle),
        "one bit": data[:-9] + bytes([data[-9] ^ 4]) + data[-8:],
        "empty": b"",
        "another file": other,
    }[kind]


@pytest.mark.parametrize("damage", ["truncated", "a tail of zeros", "one bit", "empty", "another file"])
def test_a_damaged_file_of_the_cache_is_as_good_as_none(
    damage: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stored, "_told", set())
    for name in ("a.o", "b.npz"):
        stored.write(tmp_path / name, name.encode() * 1_000)
        assert stored.read(tmp_path / name) == name.encode() * 1_000
    whole = (tmp_path / "a.o").read_bytes(), (tmp_path / "b.npz").read_bytes()
    (tmp_path / "a.o").write_bytes(damaged(damage, *whole))
    (tmp_path / "b.npz").write_bytes(damaged(damage, *reversed(whole)))
    assert stored.read(tmp_path / "a.o") is None
    assert stored.read(tmp_path / "b.npz") is None
    assert capsys.readouterr().err == "the kernel cache has a damaged file, which is made again\n"
    assert list(tmp_path.iterdir()) == []


def test_a_design_is_computed_again_when_its_file_is_damaged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRAPHRUN_CACHE", str(tmp_path))
    calls = []

    def made(count: int) -> tuple[np.ndarray, float]:
        calls.append(count)
        return np.arange(count), 0.5

    for _ in range(2):
        array, number = designs.cached_design(made)(500)
        assert (array.tolist(), number) == (list(range(500)), 0.5)
    assert calls == [500]
    (file,) = (tmp_path / "designs").iterdir()
    file.write_bytes(file.read_bytes()[:-1] + b"x")
    assert designs.cached_design(made)(500)[0].tolist() == list(range(500))
    assert calls == [500, 500]


def test_a_write_that_fails_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        stored.write(tmp_path / "a.o", b"x")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no file modes")
def test_a_folder_that_others_may_write_to_is_not_used(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "open").mkdir()
    (tmp_path / "open").chmod(0o777)
    (tmp_path / "own").mkdir(mode=0o755)
    assert stored.trusted(tmp_path / "own") == tmp_path / "own"
    assert stored.trusted(tmp_path / "new") == tmp_path / "new"
    assert (tmp_path / "new").stat().st_mode & 0o777 == 0o700
    other = stored.trusted(tmp_path / "open")
    assert other != tmp_path / "open"
    assert other.stat().st_mode & 0o777 == 0o700
    assert f"chmod go-w {tmp_path / 'open'}" in capsys.readouterr().err


@compiled_only
def test_objects_for_other_systems_refer_only_to_the_c_library() -> None:
    from object_symbols import undefined

    from graph.native import compiler
    from nodes import LowPass

    llvmlite.binding.initialize_all_targets()
    llvmlite.binding.initialize_all_asmprinters()
    function = node_unit(LowPass).function
    text = compiler.ir_of(function, "LowPass")
    for triple in ("x86_64-pc-windows-msvc", "aarch64-unknown-linux-gnu", "arm64-apple-darwin"):
        image = compiler.object_of(text, "LowPass", function, compiler.Machine(triple, "", ""))
        assert undefined(image) <= {"tan", "tanf"}
