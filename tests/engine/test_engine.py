from __future__ import annotations

import threading
import time

import numpy as np
import pytest

from graph import NOTE_ON, Graph, GraphError, GraphrunError, In, Node, Out, Source, State, kernel, per_sample
from graph.devices.null import NullDevice
from graph.engine.engine import Engine
from graph.memory.events import EVENT, TIMED_EVENT
from graph.memory.tables import PENDING, RESERVED
from graph.native.functions import PLAIN
from graph.node.arithmetic import Add, Gain


class Spoiler(Node):
    """Divides by its input: non-finite where that is 0."""

    audio = In(doc="in")
    out = Out(doc="1 / audio")

    @per_sample
    def process(audio):
        return 1.0 / audio


class Keeper(Node):
    """Accumulates its input, so that it never forgets a NaN."""

    audio = In(doc="in")
    out = Out(doc="sum")
    total = State(doc="so far")

    @per_sample
    def process(audio, total):
        total = total * 0.5 + audio
        return total, total


class Marks(Node):
    """An impulse at each note's frame, scaled by velocity."""

    arriving = Source("midi", doc="events")
    out = Out(doc="impulses")

    @kernel
    def process(block):
        for frame in range(block.frames):
            block.out[frame, 0] = 0.0
        for i in range(block.arriving.count[0]):
            event = block.arriving.records[i]
            if event.kind == NOTE_ON:
                block.out[event.frame, 0] += event.value


class Clamped(Node):
    """Half its clamped input: a NaN becomes 0."""

    level = In(0.0, "", 0.0, 10.0, doc="in")
    out = Out(doc="level / 2")

    @per_sample
    def process(level):
        return level * 0.5


class Tiny(Node):
    """Halves a denormal: the result shows whether denormals are flushed."""

    audio = In(doc="in")
    out = Out(doc="audio * 1e-30 * 1e30")

    @per_sample
    def process(audio):
        return (audio * 1e-30) * 1e-10


def one(value: float = 1.0) -> Add:
    return Add(value, 0.0, name="one")


def test_a_number_set_while_playing_ramps_for_five_milliseconds_from_its_frame() -> None:
    engine = Engine(Graph(one()))
    engine.set("one.a", 0.0, frame=1_000)
    audio = engine.render(2_000)[:, 0]
    ramp = round(0.005 * 48_000)
    assert (audio[:1_000] == 1).all()
    np.testing.assert_allclose(audio[1_000 : 1_000 + ramp], 1 - np.arange(1, ramp + 1) / ramp, atol=1e-6)
    assert (audio[1_000 + ramp :] == 0).all()


def test_two_commands_in_one_block_each_take_effect_at_their_frame() -> None:
    class Steps(Node):
        """A value without a ramp."""

        value = In(0.0, ramp=0, doc="number")
        out = Out(doc="number")

        @per_sample
        def process(value):
            return value

    engine = Engine(Graph(Steps(name="steps")))
    engine.set("steps.value", 1.0, frame=70)
    engine.set("steps.value", 2.0, frame=75)
    engine.set("steps.value", 3.0, frame=200)
    audio = engine.render(300)[:, 0]
    expected = np.zeros(300)
    expected[70:], expected[75:], expected[200:] = 1, 2, 3
    assert (audio == expected).all()


def test_a_change_for_a_past_frame_takes_effect_at_once_and_is_counted() -> None:
    engine = Engine(Graph(one()))
    engine.render(640)
    engine.set("one.a", 0.5, frame=100)
    assert engine.render(640)[-1, 0] == 0.5
    assert engine.late_changes == 1


def test_a_ramp_is_the_same_for_every_block_size() -> None:
    renders = []
    for block in (1, 16, 64, 256):
        engine = Engine(Graph(one()), block=block)
        engine.set("one.b", -0.5, frame=333)
        renders.append(engine.render(1_024))
    for other in renders[1:]:
        np.testing.assert_allclose(other, renders[0], atol=1e-6)


def test_the_host_may_request_any_number_of_frames() -> None:
    whole = Engine(Graph(Keeper(one())))
    parts = Engine(Graph(Keeper(one())))
    sizes = [1, 63, 64, 65, 7, 300, 12]
    together = np.concatenate([parts.render(size) for size in sizes])
    assert (together == whole.render(sum(sizes))).all()


def test_setting_an_input_driven_by_a_cable_says_what_to_do() -> None:
    engine = Engine(Graph(Gain(one(), name="amp")))
    with pytest.raises(GraphError, match=r"amp.audio is driven by one.out .*Constant or a Control"):
        engine.set("amp.audio", 1.0)
    with pytest.raises(GraphError, match=r"no node 'on'\. Did you mean 'one'"):
        engine.set("on.a", 1.0)
    with pytest.raises(GraphError, match=r"no input 'gian'.* Did you mean 'gain'"):
        engine.set("amp.gian", 1.0)


def test_a_full_command_queue_refuses_and_loses_nothing() -> None:
    engine = Engine(Graph(one()))
    for i in range(4096):
        engine.set("one.a", i / 4096)
    with pytest.raises(Exception, match="command queue is full"):
        engine.set("one.a", 5.0)
    engine.render(1_000)
    engine.set("one.a", 0.25)
    assert engine.render(1_000)[-1, 0] == pytest.approx(0.25)


def test_commands_take_effect_in_the_order_of_their_frames() -> None:
    for frames in ((50, 10), (150, 64), (1_000, 999)):
        engine = Engine(Graph(one()))
        engine.set("one.a", 1.0, frame=frames[0])
        engine.set("one.a", 0.5, frame=frames[1])
        assert engine.render(2_000)[-1, 0] == 1.0


def test_pending_changes_never_delay_immediate_ones() -> None:
    engine = Engine(Graph(one()))
    for _ in range(PENDING - RESERVED):
        engine.set("one.a", 0.5, frame=10_000_000)
    with pytest.raises(GraphError, match="scheduled changes are pending"):
        engine.set("one.a", 0.5, frame=10_000_000)
    engine.render(64)
    engine.set("one.a", 0.25)
    assert engine.render(1_000)[-1, 0] == 0.25


def test_no_change_is_lost_between_threads() -> None:
    engine = Engine(Graph(one()))

    def push() -> None:
        for _ in range(1_000):
            engine.set("one.a", 1.0)

    threads = [threading.Thread(target=push) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert engine.shared.commands.used == 4_000


def test_events_may_be_sent_in_any_order() -> None:
    engine = Engine(Graph(Marks()))
    events = np.zeros(3, TIMED_EVENT)
    events["event"]["kind"], events["event"]["value"] = NOTE_ON, 1.0
    events["time"] = [500, 10, 300]
    assert engine.send(events) == 3
    before = engine.render(64)
    sooner = events[:1].copy()
    sooner["time"] = 100
    engine.send(sooner)
    assert np.flatnonzero(np.concatenate([before, engine.render(1_000)])[:, 0]).tolist() == [10, 100, 300, 500]


def test_events_arrive_at_their_exact_frame_for_every_block_size() -> None:
    events = np.zeros(5, TIMED_EVENT)
    events["time"] = [0, 1, 63, 64, 1_000]
    events["event"] = [(0, NOTE_ON, 1, 0, 60, v) for v in (0.1, 0.2, 0.3, 0.4, 0.5)]
    assert events["event"].dtype == EVENT
    for block in (1, 64, 256):
        engine = Engine(Graph(Marks()), block=block)
        assert engine.send(events) == 5
        audio = engine.render(1_100)[:, 0]
        assert np.flatnonzero(audio).tolist() == [0, 1, 63, 64, 1_000]
        np.testing.assert_allclose(audio[events["time"]], [0.1, 0.2, 0.3, 0.4, 0.5], rtol=1e-6)


def test_a_node_that_divides_by_zero_is_silenced_and_named_while_the_rest_plays_on() -> None:
    bad = Keeper(Spoiler(Add(1.0, 0.0, name="divisor"), name="bad"), name="victim")
    engine = Engine(Graph(Add(one(0.25), bad)))
    assert np.isfinite(engine.render(640)).all()
    engine.set("divisor.a", 0.0)
    audio = engine.render(6_400)
    assert np.isfinite(audio).all()
    assert audio[-1, 0] == 0.25
    assert [(fault.node, fault.muted) for fault in engine.faults()] == [("bad", True)]
    assert engine.nonfinite_blocks == 1


def test_one_non_finite_moment_resets_the_filter_that_holds_it_and_mutes_no_node() -> None:
    engine = Engine(Graph(Keeper(Spoiler(Add(1.0, 0.0, name="divisor")), name="keeper")))
    engine.set("divisor.a", -1.0, frame=1_000)  # the ramp passes through 0
    audio = engine.render(48_000)
    assert np.isfinite(audio).all()
    assert audio[-1, 0] == pytest.approx(-2.0, abs=1e-4)
    assert not any(fault.muted for fault in engine.faults())


def test_a_nan_hidden_by_a_clamp_is_found() -> None:
    spoiled = Keeper(Spoiler(Add(1.0, 0.0, name="divisor")), name="keeper")
    engine = Engine(Graph(Clamped(spoiled)))
    engine.set("divisor.a", 0.0, frame=100)
    engine.set("divisor.a", 1.0, frame=1_000)
    audio = engine.render(48_000)
    assert np.isfinite(audio).all()
    assert engine.faults()
    assert audio[-1, 0] == pytest.approx(1.0)


@pytest.mark.skipif(PLAIN, reason="plain Python keeps denormals")
def test_denormals_are_flushed() -> None:
    assert Engine(Graph(Tiny(one()))).render(64).max() == 0.0


def test_meters_give_peak_and_rms_since_the_last_read() -> None:
    engine = Engine(Graph(one(0.5)))
    engine.render(6_400)
    assert engine.meters()[0].peak == pytest.approx(0.5)
    engine.set("one.a", 0.125)
    engine.render(6_400)
    engine.meters()
    engine.render(6_400)
    meter = engine.meters()[0]
    assert (meter.peak, meter.rms) == (pytest.approx(0.125), pytest.approx(0.125))


def test_meters_read_zero_if_nothing_was_computed() -> None:
    engine = Engine(Graph(one(0.5)))
    engine.render(640)
    engine.meters()
    assert (engine.meters()[0].peak, engine.meters()[0].rms) == (0.0, 0.0)
    engine.render(64)
    assert engine.meters()[0].peak == 0.5


def test_each_nodes_cycles_are_counted_in_one_block_of_64() -> None:
    engine = Engine(Graph(Gain(one(), name="amp")))
    engine.render(63 * 64)
    assert engine.cycles()["amp"] == 0
    engine.render(64)
    assert engine.cycles()["amp"] > 0


def test_the_null_device_calls_back_once_per_period_and_keeps_time() -> None:
    engine = Engine(Graph(one()))
    began = time.perf_counter()
    stats = NullDevice(engine).run(0.5)
    took = time.perf_counter() - began
    assert len(stats.lateness) == round(0.5 * 48_000 / 64)
    assert engine.now == 64 * len(stats.lateness)
    assert took >= 0.49
    assert (stats.lateness >= 0).all()


def test_an_engine_has_one_driver_at_a_time() -> None:
    engine = Engine(Graph(one()))
    device = NullDevice(engine)
    device.start(10)
    with pytest.raises(GraphrunError, match="already running"):
        device.start(10)
    with pytest.raises(GraphrunError, match="drives this engine"):
        engine.render(64)
    with pytest.raises(GraphrunError, match="drives this engine"):
        NullDevice(engine).start(1)
    device.stop()
    assert engine.render(64).shape == (64, 1)


def test_rendering_into_a_read_only_array_is_refused() -> None:
    out = np.zeros((64, 1), np.float32)
    out.flags.writeable = False
    with pytest.raises(GraphError, match="writeable"):
        Engine(Graph(one())).render_into(out)


def test_the_null_device_can_be_stopped() -> None:
    device = NullDevice(Engine(Graph(one())))
    device.start(60)
    time.sleep(0.1)
    stats = device.stop()
    assert 0 < len(stats.lateness) < 10 * 750


def test_the_period_of_a_device_does_not_change_the_sound() -> None:
    offline = Engine(Graph(Keeper(one())))
    live = Engine(Graph(Keeper(one())))
    NullDevice(live, period=100).run(0.05)
    assert live.now >= 2_400
    assert (live.state("keeper", "total") == offline_state(offline, live.now)).all()


def offline_state(engine: Engine, frames: int) -> np.ndarray:
    engine.render(frames)
    return engine.state("keeper", "total")
