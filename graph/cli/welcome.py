"""The screen of a bare `graphrun`: the first commands of a newcomer."""

from __future__ import annotations

from textwrap import fill

from graph.patch.bundle import bundled_names

SCREEN = """\
graphrun plays patches: instruments, effects and music written in YAML.

  graphrun first_light                        listen (q or Ctrl-C stops)
  graphrun neon                               play it with a MIDI keyboard
  graphrun neon --midi song.mid               let it play a MIDI file
  graphrun house --out house.wav              render to a file
  graphrun house --set beat.tempo=100bpm      change a value
  graphrun check my_patch.yaml                find the mistakes in a patch
  graphrun show neon -o neon.svg              draw a patch
  graphrun patches                            list the bundled patches
  graphrun nodes                              list the nodes that patches use
  graphrun nodes LowPass                      explain one
  graphrun doctor                             test audio and MIDI
  graphrun --help                             list all options
"""


def welcome() -> str:
    """Text of at most 24 lines of 80 columns."""
    names = fill(", ".join(bundled_names()), 78, initial_indent="  ", subsequent_indent="  ")
    return f"{SCREEN}\nBundled patches:\n{names}"
