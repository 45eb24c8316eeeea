"""`node_contract`: checks the contract that every node must keep, bundled or third-party."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from graph.memory import events as ev
from graph.native import functions as native
from graph.node.node import Node
from graph.node.ports import In, Option, Out, Source, State
from graph.plan.block import block_of

FRAMES = 96
FIRST = 8
"""Frames run in plain Python before the compiled kernel: there, an index out of range raises IndexError,
whereas native code would corrupt the process."""
SPLITS = (48, 16, 1)
TOLERANCE = 2e-4
"""Tolerance between compiled and plain Python: the compiler may reorder sums and contract products, and a
filter near the edge of stability amplifies the difference."""


def node_contract(cls: type[Node], *, sample_rate: float = 48_000.0, **values: Any) -> None:
    """Raises AssertionError, naming the violation, unless `cls` keeps the node contract.

    values   options and inputs the node requires, such as `file=...`

    Checks: docs on the class and on every declaration; the same samples for any split into blocks; N lanes
    equal to N single lanes; identical bytes on a second run; finite output for silence, impulse, DC, noise,
    full scale and both ends of every declared range; the compiled kernel equal to plain Python, which runs
    first to catch indices out of range; constant states left unchanged. The compiler itself refuses a kernel
    that allocates, raises or calls Python.
    """
    documented(cls)
    rich = {**dict(stimuli(cls))["noise"], **values}
    interpreted = run(cls, FRAMES, sample_rate, rich, plain=True)
    for word, inputs in stimuli(cls):
        given = {**inputs, **values}
        _first(cls, FIRST, sample_rate, given)
        whole = run(cls, FRAMES, sample_rate, given)
        for name, value in whole.items():
            assert np.isfinite(value).all(), f"{cls.__name__}.{name} is not finite for {word}"
    whole = run(cls, FRAMES, sample_rate, rich)
    _equal(cls, whole, run(cls, FRAMES, sample_rate, rich), 0.0, "a second run")
    _first(cls, 1, sample_rate, rich)
    for size in SPLITS:
        _equal(cls, whole, run(cls, size, sample_rate, rich), 1e-6, f"blocks of {size} frames")
    _equal(cls, whole, interpreted, TOLERANCE, "plain Python")
    if follows_width(cls):
        _lanes(cls, sample_rate, rich)


def _first(cls: type[Node], size: int, sample_rate: float, values: dict[str, Any], **more: Any) -> None:
    """Runs the first frames in plain Python, before they run natively."""
    if not native.PLAIN:
        run(cls, size, sample_rate, values, plain=True, frames=FIRST, **more)


def documented(cls: type[Node]) -> None:
    """Checks that everything is documented: the reference is generated from the docs."""
    assert (cls.__doc__ or "").strip(), f"{cls.__name__} has no docstring"
    for name, field in cls.fields.items():
        if not isinstance(field, State):
            assert field.doc.strip(), f"{cls.__name__}.{name} has no doc="


def follows_width(cls: type[Node]) -> bool:
    """Whether the node is as wide as its inputs and processes every lane alike."""
    ports: list[In | Out] = [*cls.ins().values(), *cls.outs().values()]
    signals = [p for p in ports if p.kind == "signal"]
    inputs = any(p.kind == "signal" for p in cls.ins().values())
    plain = all(p.kind == "signal" for p in cls.outs().values())
    return inputs and plain and all(p.voices is None and p.channels is None for p in signals)


def stimuli(cls: type[Node]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Named sets of inputs: signals for ports without a range, both ends for ports with one."""
    ins = {name: port for name, port in cls.ins().items() if port.kind == "signal"}
    free = [name for name, port in ins.items() if port.min is None and port.max is None]
    rng = np.random.default_rng(1)
    impulse = np.zeros(FRAMES, np.float32)
    impulse[3] = 1.0
    signals = {
        "silence": np.zeros(FRAMES, np.float32),
        "impulse": impulse,
        "DC": np.ones(FRAMES, np.float32),
        "full scale": np.sign(np.sin(np.arange(FRAMES) * 0.7) + 1e-9).astype(np.float32),
    }
    events = _script()
    for word, signal in signals.items():
        yield word, {**dict.fromkeys(free, signal), **_cables(cls, events)}
    noisy = {}
    for name, port in ins.items():
        low, high = port.min, port.max
        if low is None or high is None or port.rate == "block":
            if name in free:
                noisy[name] = rng.uniform(-1, 1, FRAMES).astype(np.float32)
        elif port.curve == "log" and low > 0:
            noisy[name] = np.exp(rng.uniform(np.log(low), np.log(high), FRAMES)).astype(np.float32)
        else:
            span = min(high, 1.0 if low <= 0 else high)
            noisy[name] = rng.uniform(low, span, FRAMES).astype(np.float32)
    noise = {**noisy, **_cables(cls, events)}
    yield "noise", noise
    for name, port in ins.items():
        for end in (port.min, port.max):
            if end is not None:
                yield f"{name} = {end:g}", {**noise, name: float(end)}


def _cables(cls: type[Node], events: np.ndarray[Any, Any]) -> dict[str, Any]:
    """Events and clocks for the inputs that need them."""
    found: dict[str, Any] = {}
    for name, field in cls.fields.items():
        if (isinstance(field, Source) and field.events) or (isinstance(field, In) and field.kind == "events"):
            found[name] = events
        elif isinstance(field, In) and field.kind == "clock":
            found[name] = "clock"
    return found


def _script() -> np.ndarray[Any, Any]:
    """A short event sequence that covers everything: chords, a retrigger at one frame, pedal, bend, pressure."""
    rows = [
        (0, ev.NOTE_ON, 1, 0, 60, 0.8),
        (2, ev.NOTE_ON, 1, 0, 64.5, 0.3),
        (5, ev.CONTROL, 1, 0, ev.SUSTAIN, 1.0),
        (9, ev.BEND, 1, 0, 0, 0.5),
        (16, ev.NOTE_OFF, 1, 0, 60, 0.5),
        (16, ev.NOTE_ON, 1, 0, 60, 1.0),
        (31, ev.PRESSURE, 1, 0, 0, 0.7),
        (47, ev.CONTROL, 2, 0, ev.TIMBRE, 0.2),
        (48, ev.CONTROL, 1, 0, ev.SUSTAIN, 0.0),
        (63, ev.NOTE_OFF, 1, 0, 64.5, 0.0),
        (64, ev.NOTE_ON, 16, 0, 127, 1.0),
        (90, ev.PROGRAM, 1, 0, 5, 0.0),
        (95, ev.NOTE_OFF, 1, 0, 60, 0.0),
    ]
    return np.array(rows, ev.EVENT)


def run(
    cls: type[Node],
    size: int,
    sample_rate: float,
    values: dict[str, Any],
    *,
    plain: bool = False,
    frames: int = FRAMES,
    **more: Any,
) -> dict[str, np.ndarray[Any, Any]]:
    """Runs `frames` frames in blocks of `size`, keeping states and held outputs; returns every output in full."""
    kernel = cls.kernel
    first = {k: v[:size] if _timed(cls, k, v) else v for k, v in values.items() if not isinstance(v, str)}
    first = {
        k: _events(v, 0, size) if isinstance(v, np.ndarray) and v.dtype == ev.EVENT else v for k, v in first.items()
    }
    options = {k: v for k, v in values.items() if isinstance(cls.fields.get(k), Option)}
    block = block_of(cls, frames=size, sample_rate=sample_rate, name="under test", **{**first, **options}, **more)
    clock = ev.new_clock(FRAMES, tempo=6_000.0, sample_rate=sample_rate)
    collected: dict[str, list[Any]] = {name: [] for name in cls.outs()}
    constants = {name: getattr(block, name).copy() for name, state in cls.states().items() if state.constant}
    for start in range(0, frames, size):
        changes: dict[str, Any] = {}
        for name, field in kernel.fields.items():
            value: Any = values.get(name)
            if isinstance(value, str) and value == "clock":
                changes[name] = _clock(clock, start, size)
            elif isinstance(value, np.ndarray) and value.dtype == ev.EVENT:
                changes[name] = _events(value, start, size)
            elif _timed(cls, name, value):
                shaped = value[start : start + size]
                shaped = shaped[:, None] if shaped.ndim == 1 else shaped
                changes[name] = np.array(np.broadcast_to(shaped, getattr(block, name).shape), np.float32)
            elif isinstance(field, Out) and field.kind != "signal" and start == 0:
                changes[name] = getattr(block, name)
        block = block._replace(**changes)
        (kernel.run_plain if plain else kernel)(block)
        for name in collected:
            collected[name] += [_plain_copy(getattr(block, name), start)]
    for name, before in constants.items():
        assert np.array_equal(getattr(block, name), before), f"{cls.__name__}.{name} is constant and was written"
    return {name: np.concatenate(parts) for name, parts in collected.items()}


def _timed(cls: type[Node], name: str, value: Any) -> bool:
    """Whether a value is a signal with one row per frame."""
    field = cls.fields.get(name)
    sampled = isinstance(field, In) and field.kind == "signal" and field.rate == "sample"
    return sampled and isinstance(value, np.ndarray) and len(value) == FRAMES


def _events(rows: np.ndarray[Any, Any], start: int, size: int) -> ev.Events:
    events = ev.new_events()
    mine = rows[(rows["frame"] >= start) & (rows["frame"] < start + size)].copy()
    mine["frame"] -= start
    events.records[: len(mine)] = mine
    events.count[0] = len(mine)
    return events


def _clock(clock: ev.Clock, start: int, size: int) -> ev.Clock:
    part = slice(start, start + size)
    beat = clock.beat[start : start + size + 1].copy()
    return ev.Clock(beat, clock.tempo[part].copy(), clock.playing[part].copy(), clock.quantum, ev.new_events())


def _plain_copy(value: Any, start: int) -> np.ndarray[Any, Any]:
    """One output of one block as an array, one row per frame or event."""
    if isinstance(value, ev.Clock):
        return np.stack([value.beat[:-1], value.tempo, value.playing.astype(np.float64)], axis=1)
    if isinstance(value, ev.Events):
        count = int(value.count[0])
        rows = value.records[:count]
        columns = [rows["frame"] + start, *(rows[name] for name in ("kind", "channel", "number", "value"))]
        return np.stack([np.asarray(column, np.float64) for column in columns], axis=1)
    copied: np.ndarray[Any, Any] = value.copy()
    return copied


def _equal(
    cls: type[Node], a: dict[str, np.ndarray[Any, Any]], b: dict[str, np.ndarray[Any, Any]], tolerance: float, word: str
) -> None:
    for name in a:
        assert a[name].shape == b[name].shape, f"{cls.__name__}.{name} gives a different number of events for {word}"
        scale = max(1.0, float(np.abs(a[name]).max(initial=0.0)))
        worst = float(np.abs(a[name] - b[name]).max(initial=0.0)) / scale
        assert worst <= tolerance, f"{cls.__name__}.{name} differs by {worst:.2g} for {word}"


def _lanes(cls: type[Node], sample_rate: float, rich: dict[str, Any]) -> None:
    """Three lanes with different inputs, compared with three single-lane nodes."""
    rng = np.random.default_rng(2)
    wide = dict(rich)
    for name, value in rich.items():
        if _timed(cls, name, value):
            order = [rng.permutation(FRAMES) for _ in range(3)]
            wide[name] = np.stack([value[o] for o in order], axis=1)
    _first(cls, FIRST, sample_rate, wide, voices=3)
    together = run(cls, FRAMES, sample_rate, wide, voices=3)
    states, wider = (_states(cls, sample_rate, wide, voices) for voices in (3, 5))
    for lane in range(3):
        alone = {k: v[:, lane] if _timed(cls, k, v) else v for k, v in wide.items()}
        own: dict[str, Any] = {k: _of_lane(v, wider[k], lane) for k, v in states.items()}
        single = run(cls, FRAMES, sample_rate, alone, voices=1, **own)
        mine = {name: value[:, lane : lane + 1] for name, value in together.items()}
        _equal(cls, mine, single, 1e-5, f"lane {lane} alone")


def _of_lane(state: np.ndarray[Any, Any], wider: np.ndarray[Any, Any], lane: int) -> np.ndarray[Any, Any]:
    """One lane's part of a state: along the axis that grows with the node's width, if any."""
    for axis, (three, five) in enumerate(zip(state.shape, wider.shape, strict=True)):
        if five - three == 2:
            return state.take([lane], axis)
    return state


def _states(cls: type[Node], sample_rate: float, values: dict[str, Any], voices: int) -> dict[str, Any]:
    options = {k: v for k, v in values.items() if isinstance(cls.fields.get(k), Option)}
    block = block_of(cls, frames=FRAMES, voices=voices, sample_rate=sample_rate, name="under test", **options)
    return {name: getattr(block, name).copy() for name in cls.states()}
