"""Fuses multiply and add into one step, for the common case `200 Hz + env * 4 kHz`.

The graph keeps both nodes with their names and values; only the plan runs them as one.
"""

from __future__ import annotations

from graph.node.arithmetic import Add, Multiply, MultiplyAdd
from graph.plan.steps import Buffer, Step


def fuse(steps: list[Step], output: Buffer) -> list[Step]:
    """The steps, with every Multiply that only one Add reads merged into that Add."""
    readers = {output: 1}
    for step in steps:
        for buffer in step.ins.values():
            readers[buffer] = readers.get(buffer, 0) + 1
    products = {step.outs["out"]: step for step in steps if type(step.node) is Multiply}
    gone = set()
    fused = []
    for step in steps:
        if type(step.node) is Add:
            for key, other in (("a", "b"), ("b", "a")):
                product = products.get(step.ins[key])
                if product and product not in gone and product.width == step.width and readers[step.ins[key]] == 1:
                    gone.add(product)
                    ins = {"a": product.ins["a"], "b": product.ins["b"], "c": step.ins[other]}
                    step = Step(step.name, MultiplyAdd(), step.width, ins, step.outs)
                    break
        fused.append(step)
    return [step for step in fused if step not in gone]
