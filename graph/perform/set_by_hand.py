"""What was set by hand while a patch plays: stored as a preset, or as the command line that brings it back."""

from __future__ import annotations

import shlex
import subprocess
import sys
from pathlib import Path

from graph.engine.gauges import changed, control_value, moved
from graph.errors import GraphrunError, several
from graph.language.yaml_tree import Scalar
from graph.media.raw_file import free_name
from graph.node.ports import In
from graph.patch.bundle import find
from graph.patch.presets import Setting, setting
from graph.patch.reader import OWN
from graph.perform.performance import Performance
from graph.play.live import Live
from graph.writer.preset_file import save_preset


def set_by_hand(performance: Performance, live: Live) -> dict[str, str]:
    """[control] Inputs that knobs, OSC or Python have set, as `--set` takes them: paths, and values with units."""
    held = {f"{name}.playing" for name in performance.held}
    graph = live.graph
    found = {path: value for path, value in changed(live.engine).items() if path not in held}
    for name, node in graph.nodes.items():  # Controls that a controller has moved
        there = type(node).__name__ == "Control" and f"{name}.initial" in live.engine.plan.params
        if there and moved(live.engine, name):
            found[f"{name}.initial"] = control_value(live.engine, name)
    return {
        path.removeprefix(f"{OWN}."): _text(value, graph.find(path)[1])
        for path, value in found.items()
        if not graph.find(path)[0].made_by_expression
    }


def _text(value: float, port: In) -> str:
    """A value that reads back to the same: to six digits, with its unit where that cannot be read as a ratio."""
    unit = port.unit if port.unit in ("Hz", "s", "bpm", "degrees") else ""
    return f"{value:.6g}{unit}"


def command(performance: Performance, live: Live) -> str:
    """[control] The command line that plays the patch with what was set by hand; nothing where nothing was."""
    found = set_by_hand(performance, live)
    if not found:
        return ""
    words = ["graphrun", str(performance.path)]
    words += [word for file in performance.nodes_files for word in ("--nodes", str(file))]
    words += [word for name in performance.presets for word in ("--preset", name)]
    words += [word for path, text in {**performance.values, **found}.items() for word in ("--set", f"{path}={text}")]
    return subprocess.list2cmdline(words) if sys.platform == "win32" else shlex.join(words)


def chosen(performance: Performance) -> list[str]:
    """[control] Inputs that `--set`, or any preset of the patch, sets: those that a player is likely to turn."""
    graph = performance.graph
    paths = [*performance.values, *(each.path for found in performance.patch.presets.values() for each in found)]
    return [path for path in dict.fromkeys(paths) if path.rpartition(".")[0] in graph.nodes or "." not in path]


class Store:
    """[control] Stores what sounds as a preset, in the patch's file; of a bundled patch, in a copy in this directory.

    One thread calls it. The copy is made once, and is played by its own name; what plays stays the bundled patch.
    """

    def __init__(self, performance: Performance, live: Live) -> None:
        self._performance, self._live = performance, live
        self._copy: Path | None = None

    def __call__(self, name: str) -> str:
        """Writes the preset `name`; what was done, in words. GraphrunError if it cannot be written."""
        performance = self._performance
        path = Path(performance.path)
        own = path.is_file()
        target = path if own else self._copy or free_name(Path(find(path).name))
        settings = [*performance.settings, *self._settings()]
        if not settings:
            raise GraphrunError("nothing to store: every knob stands where the patch has it; turn one first")
        count = save_preset(str(path), name, target, settings, performance.nodes_files)
        self._copy = None if own else target
        if own:
            performance.choose(name)
            return f"{target}: preset '{name}' with {several(count, 'value')}"
        return (
            f"{target}, a copy of the bundled patch: preset '{name}' with {several(count, 'value')}\n"
            f"play it: graphrun {target} --preset {name}"
        )

    def _settings(self) -> list[Setting]:
        graph = self._performance.graph
        own = graph.nodes.get(OWN)
        return [
            setting(graph.nodes, own, path, Scalar(text, None, 1, 1), Path(), graph.where)
            for path, text in set_by_hand(self._performance, self._live).items()
        ]
