"""New locations of modules that a user's node imports from their old paths, when all of `graph` was in one folder.

They appear only in an error message. The old paths do not work.
"""

from __future__ import annotations

import ast
import traceback
from pathlib import Path

import graph
from graph import native

_ROOMS = {
    "graph.audio_thread": (
        "arrivals callbacks driver guard hearing host_clock jack_callback:jack null_loop:null parameters "
        "portaudio_callback:portaudio session:link swap"
    ),
    "graph.cli": (
        "cli:main cli_bench:bench cli_check:check cli_devices:devices cli_doctor:doctor cli_nodes:nodes "
        "cli_parser:parser cli_play:play cli_run:run cli_schema:schema cli_show:show progress"
    ),
    "graph.clocks": "beats host internal_clock link_clock link_session node_clock switching timeline",
    "graph.devices": "c_callback device devices:choose jack_device:jack null_device:null portaudio_device:portaudio",
    "graph.engine": "ending engine gauges shared",
    "graph.language": "expression units yaml_traps yaml_tree",
    "graph.machine": "inventory load_test realtime",
    "graph.media": "sound_file sound_reader",
    "graph.memory": "events memory:arena meters moment ring tables",
    "graph.midi": "messages midi_bytes:bytes midi_file:file midi_tracks:tracks",
    "graph.model": "model:net order widths",
    "graph.native": "cache compiler designs digest intrinsics native:functions worker",
    "graph.node": "arithmetic call kernel node ports reference:library values",
    "graph.osc": "osc:server osc_packet:packet osc_subscriptions:subscriptions",
    "graph.patch": "bundle connections entries files options patch presets reader scope subpatch",
    "graph.perform": "excerpt fresh learn performance",
    "graph.picture": "drawing layout picture show",
    "graph.plan": "fuse plan states steps succession testing:block",
    "graph.play": "activity instrument live midi_recorder outside recordings render song tape",
    "graph.ports": (
        "companion companion_memory:memory companion_process:process midi_ports:midi midi_sender:sender shared_memory"
    ),
    "graph.reference": "catalog review schema",
    "graph.testing": "contract",
    "graph.view": "key_codes terminal view:screen view_board:board view_keys:keys view_state:state",
    "graph.writer": "control_file lines preset_file save written:values yaml_edit",
    "nodes.dsp.clocks": "beats session:link_session tempo tick_loop:midi_clock_pll",
    "nodes.dsp.convolution": "partition rooms",
    "nodes.dsp.delays": "cloud:grains delay_line fractional reverb splice:pitch_splice tape:varispeed",
    "nodes.dsp.drive": "clip oversample sixfold:oversample_six",
    "nodes.dsp.drums": "grains:collisions kit kits:kit_presets metal:cymbal_modes skin trims",
    "nodes.dsp.envelopes": "breakpoints dynamics envelope stages",
    "nodes.dsp.filters": "cabinets matched svf weighting",
    "nodes.dsp.math": "fft functions hilbert phase random",
    "nodes.dsp.oscillators": "blep harmonics sync wavetables",
    "nodes.dsp.patterns": "drum_notation drum_patterns drum_table drum_walk drum_words",
    "nodes.dsp.physical": "bank bodies:modes friction intonation percussion pipe plucked string tine unison",
    "nodes.dsp.samples": "playback zones",
    "nodes.dsp.sequencing": (
        "arpeggio chain:markov euclid notation scales sequence song step_notation transforms "
        "tune:random_melody waiting:event_queue"
    ),
    "nodes.dsp.singing": "singers voice_tract",
    "nodes.dsp.voices": "allocation expression parameter_numbers voices",
}
"""The modules of each room that used to be in the parent folder; `old:new` if the name changed too."""

MOVED = {
    f"{room.rpartition('.')[0]}.{word.partition(':')[0]}": f"{room}.{word.rpartition(':')[2]}"
    for room, words in _ROOMS.items()
    for word in words.split()
}
"""Old module paths, and the new path of each."""

PUBLIC = {
    **dict.fromkeys(native.__all__, "graph.native"),
    **dict.fromkeys(("block_of", "node_contract"), "graph.testing"),
    **dict.fromkeys(graph.__all__, "graph"),
    **dict.fromkeys(("read_recording", "check_recording", "resampled"), "graph.media"),
    **dict.fromkeys(("MidiSong", "events_at"), "graph.midi"),
}
"""Public names, and where to import them from."""


def where_now(error: ImportError) -> str:
    """The replacement for an old import, as a sentence; empty if `error` has another cause."""
    statement = _statement(error)
    if isinstance(statement, ast.ImportFrom) and statement.module:
        lines = _from(statement.module, [each.name for each in statement.names])
    elif isinstance(statement, ast.Import):
        lines = [f"import {MOVED[each.name]}" for each in statement.names if each.name in MOVED]
    else:
        lines = []
    return f"`{ast.unparse(statement)}` is now `{'` and `'.join(lines)}`" if statement and lines else ""


def _from(module: str, names: list[str]) -> list[str]:
    """The current form of `from module import names`; empty if nothing has moved."""
    found: dict[str, list[str]] = {}
    for name in names:
        room, _, file = MOVED.get(f"{module}.{name}", "").rpartition(".")
        place, word = (room, file) if room else (PUBLIC.get(name) or MOVED.get(module, module), name)
        found.setdefault(place, []).append(word)
    if list(found) == [module]:
        return []
    return [f"from {place} import {', '.join(words)}" for place, words in found.items()]


def _statement(error: ImportError) -> ast.stmt | None:
    """The import statement that failed, read from its file."""
    frames = [each for each in traceback.extract_tb(error.__traceback__) if not each.filename.startswith("<frozen")]
    if not frames:
        return None
    try:
        tree = ast.parse(Path(frames[-1].filename).read_bytes())
    except (OSError, SyntaxError, ValueError):
        return None
    line = frames[-1].lineno or 0
    found = (each for each in ast.walk(tree) if isinstance(each, ast.Import | ast.ImportFrom))
    return next((each for each in found if each.lineno <= line <= (each.end_lineno or line)), None)
