"""The loops around `@per_sample`, `@per_voice` and `@within`: what a function of one sample may read and return."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from graph import In, Node, NodeError, Out, State, inline, per_sample, per_voice, within
from graph.testing import block_of, node_contract

TAPS = 5


class Late(Node):
    """Delays by TAPS frames: an array of all lanes, and a counter that the loop advances."""

    audio = In(doc="in")
    gain = In(1.0, "", 0, 2, channels=1, doc="one value for all channels")
    out = Out(doc="out")
    line = State((8, 64), doc="a ring of 8 frames")
    write = State((1,), np.int64, counts=64, doc="frames")

    @per_sample
    def process(audio, gain, line, write, lane):
        line[write % 8, lane] = audio
        return gain * line[(write + 8 - TAPS) % 8, lane]


class Turned(Node):
    """Swaps the sides and counts the samples of each voice."""

    audio = In(channels=2, doc="in")
    weight = In(1.0, channels=1, doc="of each voice")
    out = Out(channels=2, doc="sides swapped")
    count = Out(channels=1, doc="frames so far")
    so_far = State(doc="frames so far")

    @per_voice
    def process(audio, weight, so_far):
        left, right = audio
        return weight * right, weight * left, so_far, so_far + 1.0


HEARD = np.dtype([("level", np.float64), ("frame", np.int64)])


class Loudest(Node):
    """The frame of the loudest sample of each lane so far: a row with named fields for each."""

    audio = In(doc="in")
    out = Out(doc="frame of the loudest sample")
    rows = State(64, HEARD, doc="of each lane")
    now = State((1,), np.int64, counts=2**30, doc="frames")

    @per_sample
    def process(audio, rows, now, lane):
        row = rows[lane]
        if abs(audio) > row.level:
            row.level, row.frame = abs(audio), now
        return row.frame


@inline
def twice(block, sample):
    """Calls the function twice per frame, with the input and with its negative, and keeps the sum."""
    lanes = block.lanes
    for frame in range(block.frames):
        for lane in range(lanes):
            i = frame * lanes + lane
            x = block.audio[frame, lane]
            block.out[frame, lane] = sample(block, i, lane, x) + sample(block, i, lane, -x)


class Twice(Node):
    """Counts its calls and adds `offset` to each."""

    audio = In(doc="in")
    offset = In(0.0, "", 0, 1, doc="added to each call")
    out = Out(doc="out")
    calls = State(doc="calls so far")

    @within(twice, "x")
    def process(x, offset, calls):
        return x + offset + calls, calls + 1.0


def noise(frames: int, lanes: int) -> Any:
    return np.random.default_rng(1).uniform(-1, 1, (frames, lanes)).astype(np.float32)


def test_an_array_state_and_a_frame_counter_make_a_delay_line() -> None:
    audio = noise(100, 3)
    block = block_of(Late, audio=audio, voices=3)
    Late.process(block)
    np.testing.assert_array_equal(block.out[TAPS:], audio[:-TAPS])
    assert block.write[0] == 100 % 64


def test_an_input_of_one_channel_is_heard_by_every_channel() -> None:
    audio, gain = noise(32, 6), np.abs(noise(32, 3)) * 2
    block = block_of(Late, audio=audio, gain=gain, voices=3, channels=2)
    Late.process(block)
    both = np.concatenate([gain, gain], axis=1)
    np.testing.assert_array_equal(block.out[TAPS:], both[TAPS:] * audio[:-TAPS])


def test_an_input_of_one_channel_is_held_in_its_range() -> None:
    block = block_of(Late, audio=np.ones((16, 1), np.float32), gain=5.0)
    Late.process(block)
    assert block.out[-1, 0] == 2.0


def test_a_voice_hears_its_two_channels_as_a_pair() -> None:
    audio, weight = noise(32, 6), noise(32, 3)
    block = block_of(Turned, audio=audio, weight=weight, voices=3)
    Turned.process(block)
    np.testing.assert_array_equal(block.out, np.concatenate([weight, weight], axis=1) * audio[:, [3, 4, 5, 0, 1, 2]])
    np.testing.assert_array_equal(block.count, np.arange(32)[:, None] * np.ones(3))


def test_a_function_within_a_loop_reads_inputs_and_keeps_states() -> None:
    block = block_of(Twice, audio=noise(16, 2), offset=np.full((16, 1), 3.0, np.float32), voices=2)
    Twice.process(block)
    calls = 4 * np.arange(16) + 1  # 0 + 1 on the first frame, 2 + 3 on the second
    np.testing.assert_allclose(block.out, (2 + calls)[:, None] * np.ones(2), atol=1e-5)
    np.testing.assert_array_equal(block.calls, [32, 32])


def test_a_state_of_records_has_rows_with_named_fields() -> None:
    audio = noise(50, 3)
    block = block_of(Loudest, audio=audio, voices=3)
    Loudest.process(block)
    np.testing.assert_array_equal(block.rows.frame[:3], np.abs(audio).argmax(0))
    np.testing.assert_array_equal(block.out[-1], np.abs(audio).argmax(0))


@pytest.mark.parametrize("cls", [Late, Turned, Twice, Loudest])
def test_compiled_and_plain_kernels_agree(cls: Any) -> None:
    one, other = (block_of(cls, audio=noise(50, 6), voices=3, channels=2) for _ in range(2))
    cls.process(one)
    cls.process.run_plain(other)
    np.testing.assert_allclose(one.out, other.out, atol=1e-6)


@pytest.mark.parametrize("cls", [Late, Turned, Twice, Loudest])
def test_all_forms_keep_the_contract_of_nodes(cls: type[Node]) -> None:
    node_contract(cls)


def test_a_port_without_channels_is_refused_per_voice() -> None:
    with pytest.raises(NodeError, match=r"Loose\.audio: @per_voice needs channels=1 or channels=2 at every port"):

        class Loose(Node):
            """Does not say how many channels."""

            audio = In(doc="in")
            out = Out(channels=2, doc="out")

            @per_voice
            def process(audio):
                return audio, audio


def test_two_channels_are_two_results() -> None:
    class Short(Node):
        """Returns one side."""

        audio = In(channels=1, doc="in")
        out = Out(channels=2, doc="out")

        @per_voice
        def process(audio):
            return audio + 0.0

    with pytest.raises(NodeError, match="returns 1 value, but its outputs and then its states are 2"):
        Short.process.check()


def test_an_output_narrower_than_the_node_is_refused_per_sample() -> None:
    with pytest.raises(NodeError, match="@per_sample needs outputs as wide as the node"):

        class Narrow(Node):
            """Gives one channel whatever it hears."""

            audio = In(doc="in")
            out = Out(channels=1, doc="out")

            @per_sample
            def process(audio):
                return audio


def test_a_parameter_that_no_loop_gives_is_refused() -> None:
    with pytest.raises(NodeError, match=r"Stray.process has a parameter 'y' that is not declared"):

        class Stray(Node):
            """Asks for a value that the loop does not give."""

            audio = In(doc="in")
            out = Out(doc="out")

            @within(twice, "x")
            def process(x, y):
                return x + y
