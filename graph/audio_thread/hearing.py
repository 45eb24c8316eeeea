"""[audio] Audio input: distributes a callback's input to the engine's blocks. Every function here is [audio]."""

from __future__ import annotations

import numpy as np

from graph.memory.tables import MAX_INPUTS
from graph.native.functions import inline, view2

float32 = np.float32
HUGE = 1e6
"""Values not below this, and NaN, are replaced by silence."""


@inline(double=True)
def hear_block(engine, request, done):
    """Passes nodes the input of the block that starts `done` frames into the request.

    If the host requests whole blocks, each block's input comes with it and nothing is delayed. Otherwise a block is
    sometimes requested before its input has arrived: from then on, input is delayed by one block.
    """
    frames = engine.frames
    block = view2(engine.input, frames, MAX_INPUTS, float32)
    past = view2(engine.past, frames, MAX_INPUTS, float32)
    inputs = min(request.inputs, MAX_INPUTS) if request.input != 0 else 0
    if inputs != engine.inputs:
        for frame in range(frames):
            for channel in range(MAX_INPUTS):
                block[frame, channel] = 0.0
                past[frame, channel] = 0.0
        whole = done + (request.frames - done + frames - 1) // frames * frames
        engine.input_late = frames if whole > request.input_frames else 0
        engine.inputs = inputs
    if inputs == 0:
        return
    if done + frames > request.input_frames:
        engine.input_late = frames
    heard = view2(request.input, request.input_frames, request.inputs, float32)
    first = done - engine.input_late
    for frame in range(frames):
        place = first + frame
        for channel in range(inputs):
            value = heard[place, channel] if place >= 0 else past[frames + place, channel]
            block[frame, channel] = value if abs(value) < HUGE else 0.0  # do not pass on another program's errors


@inline(double=True)
def keep_input(engine, request):
    """Keeps the latest block of input, which the next request may need."""
    if request.input == 0:
        return
    frames = engine.frames
    past = view2(engine.past, frames, MAX_INPUTS, float32)
    heard = view2(request.input, request.input_frames, request.inputs, float32)
    new = min(request.frames, frames)
    for frame in range(frames):
        late = frame - (frames - new)
        for channel in range(min(request.inputs, MAX_INPUTS)):
            if late < 0:
                past[frame, channel] = past[frame + new, channel]
            else:
                past[frame, channel] = heard[request.frames - new + late, channel]
