"""How long a patch plays by itself, from what is written in it, without rendering."""

from __future__ import annotations

from graph.engine.ending import has_end, is_clock
from graph.model.net import Net
from graph.model.order import order
from graph.perform.excerpt import excerpt


def length_of(graph: Net) -> float | None:
    """[control] Seconds until the last written note has ended, without what rings on; None where it has no end.

    A Transport with a section `end` decides; else the written parts do, if none of them repeats.
    """
    nodes = order(graph)
    if any(has_end(node) for node in nodes):
        return excerpt(graph, last="end")
    beats = [node.lasts() for node in nodes]
    if not beats or any(node.options.get("loop") is True for node in nodes):
        return None
    longest = max((each for each in beats if each is not None), default=None)
    clock = next((node for node in nodes if is_clock(node)), None)
    if longest is None or clock is None:
        return None
    bars = longest / float(clock.options["quantum"])
    return excerpt(graph, last=f"{float(clock.options['start']) + bars:.9g}")
