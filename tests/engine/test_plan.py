from __future__ import annotations

import re

import numpy as np
import pytest

from graph import Graph, GraphError, In, Node, NodeError, Out, State, kernel, per_sample
from graph.engine.engine import Engine
from graph.errors import GraphrunError
from graph.graph import loads
from graph.node.arithmetic import Add, Gain, Mix, Multiply
from graph.plan.plan import Plan
from nodes import Feedback, VoiceAllocator


class Voices(Node):
    """Eight voices, each with its number as value."""

    out = Out(voices=8, doc="0 to 7")

    @kernel
    def process(block):
        for frame in range(block.frames):
            for voice in range(8):
                block.out[frame, voice] = voice


class Five(Node):
    """Five voices of two channels."""

    out = Out(voices=5, channels=2, doc="lane numbers")

    @kernel
    def process(block):
        for frame in range(block.frames):
            for lane in range(10):
                block.out[frame, lane] = lane


class Stereo(Node):
    """Two channels: 1 and 2."""

    out = Out(voices=1, channels=2, doc="1 and 2")

    @kernel
    def process(block):
        for frame in range(block.frames):
            block.out[frame, 0] = 1.0
            block.out[frame, 1] = 2.0


class Limited(Node):
    """Its input, limited to 1."""

    x = In(0.0, "", 0.0, 1.0, doc="in")
    out = Out(doc="x")

    @per_sample
    def process(x):
        return x


class Bus(Node):
    """A bus effect, as its width declares."""

    audio = In(voices=1, channels=2, doc="in")
    out = Out(doc="out")

    @per_sample
    def process(audio):
        return audio


def plan_of(graph: Graph) -> Plan:
    return Engine(graph).plan


def test_one_voice_spreads_to_many() -> None:
    audio = Graph(Mix(Voices() + 10.0 * Add(1.0, 0.0))).render(seconds=0.01)
    assert (audio == 28 + 80).all()


def test_one_channel_spreads_to_many() -> None:
    audio = Graph(Stereo() + Add(1.0, 0.0)).render(seconds=0.01)
    assert audio.shape[1] == 2
    assert (audio == [2.0, 3.0]).all()


def test_voices_are_innermost_and_mix_keeps_channels_apart() -> None:
    audio = Graph(Mix(Five())).render(seconds=0.01)
    assert (audio == [0 + 1 + 2 + 3 + 4, 5 + 6 + 7 + 8 + 9]).all()


def test_a_mono_voice_signal_spreads_over_channels_of_a_wide_one() -> None:
    wide = Five() * (Mix(Voices()) * 0.0 + 1.0)
    assert (Graph(Mix(wide)).render(seconds=0.01) == [10.0, 35.0]).all()


def test_stereo_meets_voices_and_every_voice_becomes_stereo() -> None:
    audio = Graph(Mix(Voices() * Stereo())).render(seconds=0.01)
    assert (audio == [28.0, 56.0]).all()


def test_two_counts_above_one_clash_with_both_names() -> None:
    with pytest.raises(GraphError, match=r"add gets 8 voices from voices.out and 5 from five.out"):
        Graph(Mix(Voices() + Five())).check()


def test_voices_into_a_bus_effect_are_an_error_that_says_what_to_do() -> None:
    with pytest.raises(GraphError, match=r"bus.audio takes 1 voice, but voices.out has 8: insert a Mix or a Pan"):
        Graph(Bus(Voices())).check()


def test_stereo_into_a_mono_input_is_an_error_with_a_working_suggestion() -> None:
    def text(audio: str, more: str = "") -> str:
        return (
            "nodes:\n  a: {node: Sine}\n  wide: {node: Pan, audio: a}\n"
            f"{more}  grain: {{node: Granular, audio: {audio}}}\nout: grain\n"
        )

    with pytest.raises(GraphrunError) as error:
        loads(text("wide"))
    message = str(error.value)
    assert "grain.audio takes 1 channel, but wide.out has 2: insert" in message
    node, audio = re.findall("`(.*?)`", message)
    loads(text(audio, f"  {node}\n")).check()


def test_the_output_takes_one_voice() -> None:
    with pytest.raises(GraphError, match=r"out takes 1 voice, but voices.out has 8: insert a Mix"):
        Graph(Voices()).check()


def test_a_mono_signal_into_a_stereo_bus_is_on_both_sides() -> None:
    assert (Graph(Bus(Add(0.5, 0.0))).render(seconds=0.01) == [0.5, 0.5]).all()


def test_a_long_chain_runs_in_place_in_one_buffer() -> None:
    signal = Add(1.0, 0.0)
    for _ in range(100):
        signal = signal * 1.0
    assert len(plan_of(Graph(signal)).slots) == 1


def test_a_buffer_is_not_reused_before_its_last_reader() -> None:
    a = Add(1.0, 0.0)
    b = a * 2.0
    c = b * 3.0
    assert (Graph(c + a + b * 10.0).render(seconds=0.01) == 6 + 1 + 20).all()


def test_random_graphs_give_what_numpy_gives() -> None:
    rng = np.random.default_rng(7)
    for _ in range(40):
        cables: list[tuple[Node, float]] = [(Add(float(i), 0.5), i + 0.5) for i in range(3)]
        for _ in range(12):
            (a, x), (b, y) = (cables[i] for i in rng.integers(0, len(cables), 2))
            kind = rng.integers(0, 3)
            made = (a + b, x + y) if kind == 0 else (a - b, x - y) if kind == 1 else (a * 0.5, x * 0.5)
            cables.append(made)
        total, expected = cables[-1]
        for node, value in cables[3:-1]:
            total, expected = total + node, expected + value
        got = Graph(total, block=16).render(seconds=0.001)
        np.testing.assert_allclose(got, expected, rtol=1e-5, atol=1e-5)


def test_a_feedback_loop_is_as_wide_as_its_signal() -> None:
    loop = Feedback(name="loop")
    total = Stereo() + loop * 0.5
    loop.set("audio", total)
    audio = Graph(total, block=8).render(seconds=24 / 48_000)
    expected = np.repeat([[1.0, 2.0], [1.5, 3.0], [1.75, 3.5]], 8, axis=0)
    np.testing.assert_allclose(audio, expected)


def test_voices_in_a_feedback_loop_stay_separate() -> None:
    loop = Feedback(name="loop")
    total = Voices() + loop * 0.5
    loop.set("audio", total)
    audio = Graph(Mix(loop * 1.0), block=8).render(seconds=24 / 48_000)[:, 0]
    np.testing.assert_allclose(audio, np.repeat([0.0, 28.0, 42.0], 8))


def test_feedback_delays_by_one_block_even_at_the_output() -> None:
    audio = Graph(Feedback(Add(1.0, 0.0)), block=4).render(seconds=8 / 48_000)[:, 0]
    assert audio.tolist() == [0, 0, 0, 0, 1, 1, 1, 1]


def test_the_output_can_read_an_input() -> None:
    wide = Gain(audio=Voices(), gain=Add(0.5, 0.0), name="wide")
    assert (Graph(wide.gain, nodes=[Mix(wide)]).render(seconds=0.01) == 0.5).all()


def test_an_unconnected_events_input_reads_as_no_events() -> None:
    keys = VoiceAllocator(polyphony=2)
    other = VoiceAllocator(events=keys.events, polyphony=2)
    assert not Graph(Mix(other.gate)).render(seconds=0.01).any()


def test_prepared_states_must_match_their_declaration() -> None:
    class Short(Node):
        """Prepares too few values."""

        out = Out(doc="out")
        memory = State((4,), doc="four")

        def prepare(self, setup):
            return {"memory": [1.0]}

        @kernel
        def process(block):
            block.out[0, 0] = block.memory[3]

    class Misspelt(Short):
        """Prepares a wrong state."""

        def prepare(self, setup):
            return {"memry": np.zeros(4)}

    with pytest.raises(
        NodeError, match=r"short.memory is declared with shape \(4,\), but prepare returns shape \(1,\)"
    ):
        Graph(Short()).render(seconds=0.01)
    with pytest.raises(NodeError, match=r"prepare returns 'memry', which is not a State\. Did you mean 'memory'"):
        Graph(Misspelt()).render(seconds=0.01)


def test_a_subclass_with_other_ports_has_its_own_kernel() -> None:
    class Louder(Limited):
        """Like Limited, with a wider range."""

        x = In(0.0, "", 0.0, 10.0, doc="in")

    assert Graph(Louder(x=5.0)).render(seconds=0.01)[-1, 0] == 5.0


def test_numpy_scalars_are_numbers() -> None:
    signal = np.float32(2) * Add(1.0, 0.0)
    assert isinstance(signal, Node)
    assert Graph(signal, block=np.int64(16)).render(seconds=0.01, rate=np.int64(8_000))[-1, 0] == 2.0


@pytest.mark.parametrize("word", ["breaks_cycles", "set", "states", "label", "cable", "sample_rate", "kernel"])
def test_no_declaration_takes_a_word_of_the_framework(word: str) -> None:
    with pytest.raises(NodeError, match=f"'{word}' is a word of the framework"):
        type("Bad", (Node,), {word: In(doc="no")})


def test_port_names_may_match_names_in_the_generated_code() -> None:
    class Odd(Node):
        """Ports whose names could collide with generated code."""

        i = In(1.0, "", 0.0, 9.0, doc="in")
        load = In(2.0, "", 0.0, 9.0, doc="in")
        float32 = In(3.0, doc="in")
        clamp = Out(doc="sum")
        frame = State(doc="memory")

        @per_sample
        def process(i, load, float32, frame):
            return i + load + float32, frame

    assert Graph(Odd()).render(seconds=0.01)[-1, 0] == 6.0


def test_states_start_as_prepared_with_the_nodes_width() -> None:
    class Told(Node):
        """Outputs the values passed to prepare."""

        audio = In(doc="in")
        out = Out(doc="out")
        seen = State(doc="lanes x rate")

        def prepare(self, setup):
            return {"seen": np.full(setup.lanes, setup.lanes * 1000.0 + setup.sample_rate / 1000)}

        @per_sample
        def process(audio, seen):
            return seen + audio * 0.0, seen

    assert (Graph(Mix(Told(Voices())), limit=120).render(seconds=0.01, rate=44_000) == 8 * 8044.0).all()


def test_a_declaration_that_takes_a_word_of_the_framework_is_refused() -> None:
    with pytest.raises(NodeError, match="'frames' is a word of the framework"):

        class Bad(Node):
            """No."""

            frames = In(doc="no")


def test_per_sample_may_ask_only_for_what_is_declared() -> None:
    with pytest.raises(NodeError, match="has a parameter 'cutof' that is not declared"):

        class Bad(Node):
            """No."""

            audio = In(doc="in")
            out = Out(doc="out")

            @per_sample
            def process(audio, cutof):
                return audio


def test_a_patch_of_4096_lanes_is_the_limit() -> None:
    class Wide(Node):
        """Too wide."""

        out = Out(voices=5_000, doc="out")

        @kernel
        def process(block):
            block.out[0, 0] = 0.0

    with pytest.raises(GraphError, match="the maximum is 4096"):
        Graph(Mix(Wide())).check()


def test_gain_reads_the_same_buffer_twice_in_place() -> None:
    a = Add(3.0, 0.0)
    assert (Graph(Gain(a, a)).render(seconds=0.01) == 9.0).all()
    assert (Graph(Multiply(a, a) + a).render(seconds=0.01) == 12.0).all()


def test_a_product_with_one_reading_sum_is_fused_and_can_still_be_set() -> None:
    level = Multiply(a=Voices(), b=2.0, name="level")
    graph = Graph(Mix(level + 1.0))
    engine = Engine(graph)
    assert [step.name for step in engine.plan.steps] == ["voices", "add", "mix"]
    assert (engine.render(64) == 28 * 2 + 8).all()
    engine.set("level.b", 4.0, frame=100)
    audio = engine.render(1_000)[:, 0]
    ramp = np.clip((np.arange(1_000) + 64 - 100 + 1) / 240, 0, 1)
    np.testing.assert_allclose(audio, 28 * (2 + 2 * ramp) + 8, rtol=1e-6)
    engine.set("add.b", 0.0)
    assert engine.render(1_000)[-1, 0] == 28 * 4


def test_a_product_with_two_readers_keeps_its_own_step() -> None:
    product = Multiply(a=Add(1.0, 1.0), b=3.0, name="product")
    assert (Graph(product + 1.0 + product).render(seconds=0.01) == 13.0).all()
    assert (Graph(product, nodes=[product + 1.0]).render(seconds=0.01) == 6.0).all()
