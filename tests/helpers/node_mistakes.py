"""Mistakes that authors of nodes make, each a file; `tests/golden/node_mistakes.txt` has the answer to each.

A case is what differs from a right node.
"""

from __future__ import annotations

from dataclasses import dataclass
from textwrap import dedent, indent

IMPORTS = """import math
import numpy as np
from graph import In, Node, Option, Out, State, inline, kernel, per_sample
"""
FIELDS = """
audio = In(doc="Signal.")
amount = In(0.5, "", 0, 1, doc="How much.")
out = Out(doc="Result.")
level = State(doc="Last.")
"""


@dataclass
class Case:
    """A mistake: lines at the top of the file, the class's docstring, declarations and functions."""

    name: str
    body: str = ""
    head: str = "@per_sample\ndef process(audio, amount, level):"
    fields: str = FIELDS
    more: str = ""
    top: str = ""
    doc: str = '"""A node."""'
    text: str = ""

    @property
    def source(self) -> str:
        """The file."""
        if self.text:
            return dedent(self.text).lstrip()
        body = indent(dedent(self.body).strip() or "return audio, level", "    ")
        inside = "\n".join([self.doc, self.fields.strip(), "", self.head, body, dedent(self.more)])
        return f"{IMPORTS}{dedent(self.top)}\nclass Mine(Node):\n{indent(inside, '    ')}\n"


BLOCK = "@kernel\ndef process(block):"
LOOPS = "for frame in range(block.frames):\n    for lane in range(block.lanes):\n        "

CASES = [
    Case("return_one_of_two", "level = level + (audio - level) * amount\nreturn level"),
    Case("return_three", "return audio, level, amount"),
    Case("return_nothing", "level = audio * amount"),
    Case("return_on_one_path", "if audio > 0.0:\n    return audio, level"),
    Case("list", "x = [audio, level]\nreturn x[0], x[1]"),
    Case("list_comprehension", "return sum([audio * i for i in range(4)]), level"),
    Case("dict", "d = {'a': audio}\nreturn d['a'], level"),
    Case("np_zeros", "x = np.zeros(4)\nx[0] = audio\nreturn x[0], level"),
    Case("scipy", "return scipy.signal.lfilter([1.0], [1.0], audio), level", top="import scipy.signal\n"),
    Case("no_class_doc", doc="rate = 1"),
    Case("no_port_doc", fields="audio = In()\namount = In(0.5, '', 0, 1)\nout = Out()\nlevel = State()"),
    Case("self", "self.level = audio\nreturn self.level", "@per_sample\ndef process(self, audio, amount):"),
    Case("self_in_body", "return audio, self.level"),
    Case("misspelt_parameter", "return audoi * amount, level", "@per_sample\ndef process(audoi, amount, level):"),
    Case("forgotten_state", "level = level + audio\nreturn level, level", "@per_sample\ndef process(audio, amount):"),
    Case("division_by_zero", "return audio / amount, level"),
    Case("modulo_by_zero", "return audio % amount, level"),
    Case("infinite_loop", "while True:\n    level += 1.0\nreturn level, level"),
    Case("np_random", "return audio + np.random.uniform(-1.0, 1.0), level"),
    Case("random", "return audio + random.random(), level", top="import random\n"),
    Case("string", "s = 'a' + str(audio)\nreturn audio, level"),
    Case("try", "try:\n    y = audio / amount\nexcept ZeroDivisionError:\n    y = 0.0\nreturn y, level"),
    Case("assert", "assert audio < 1.0\nreturn audio, level"),
    Case("raise", "if audio > 1.0:\n    raise ValueError('loud')\nreturn audio, level"),
    Case("import", "import math\nreturn math.sin(audio), level"),
    Case("global_list", "return audio * TABLE[0], level", top="TABLE = [1.0, 2.0]\n"),
    Case("plain_function", "return twice(audio), level", top="def twice(x):\n    return 2 * x\n"),
    Case("one_index", "for i in range(block.out.shape[0]):\n    block.out[i] = block.audio[i]", BLOCK),
    Case("whole_array", "block.out[:] = block.audio * block.amount", BLOCK),
    Case("ufunc_of_array", "y = np.sin(block.audio)\nblock.out[0, 0] = y[0, 0]", BLOCK),
    Case("output_replaced", "block.out = block.audio", BLOCK),
    Case("misspelt_field", LOOPS + "block.out[frame, lane] = block.audoi[frame, lane]", BLOCK),
    Case("surplus_index", LOOPS + "block.level[0, lane] = block.audio[frame, lane]", BLOCK),
    Case("index_of_a_number", LOOPS + "block.out[frame, lane] = block.sample_rate[0]", BLOCK),
    Case("input_written", LOOPS + "block.audio[frame, lane] = 0.0", BLOCK),
    Case("index_out_of_range", LOOPS + "block.out[frame, lane] = block.audio[frame + 1, lane]", BLOCK),
    Case("index_not_whole", LOOPS + "block.out[frame, lane] = block.audio[frame / 2, lane]", BLOCK),
    Case("field_without_block", LOOPS + "block.out[frame, lane] = audio[frame, lane]", BLOCK),
    Case("no_decorator", head="def process(audio, amount, level):"),
    Case("kernel_with_ports", head="@kernel\ndef process(audio, amount, level):"),
    Case("per_sample_with_block", LOOPS + "block.out[frame, lane] = 0.0", "@per_sample\ndef process(block):"),
    Case("unit_ms", fields=FIELDS.replace('""', '"ms"')),
    Case("unit_unknown", fields=FIELDS.replace('""', '"hz"')),
    Case("misspelt_keyword", fields=FIELDS.replace('"", 0, 1', "minimum=0")),
    Case("default_out_of_range", fields=FIELDS.replace("0.5", "5")),
    Case("no_output", "return level", fields=FIELDS.replace('out = Out(doc="Result.")\n', "")),
    Case("reserved_name", fields=FIELDS + 'name = In(doc="A name.")'),
    Case("prepare_misspelt", more="def prepare(self, setup):\n    return {'lvl': np.zeros(3)}"),
    Case("prepare_raises", more="def prepare(self, setup):\n    return {'level': 1 / 0}"),
    Case("prepare_without_setup", more="def prepare(self):\n    return {}"),
    Case("prepare_returns_array", more="def prepare(self, setup):\n    return np.zeros(3)"),
    Case("prepare_missing", "pass", BLOCK, FIELDS + 'line = State(ndim=1, doc="Line.")'),
    Case("state_not_taken", fields=FIELDS + 'line = State(ndim=1, doc="Line.")'),
    Case("one_branch", "if audio > 0.0:\n    y = audio\nreturn y, level"),
    Case("two_kinds", "y = None\nif audio > 0.0:\n    y = audio\nreturn y, level"),
    Case("f_string", "s = f'{audio}'\nreturn audio, level"),
    Case("print", "print(audio)\nreturn audio, level"),
    Case(
        "samplerate", "return audio * samplerate, level", "@per_sample\ndef process(audio, amount, level, samplerate):"
    ),
    Case("syntax", "return audio * , level"),
    Case("logarithm", "return math.log(audio - 10.0), level"),
    Case("open", "f = open('x')\nreturn audio, level"),
    Case("math_gamma", "return math.gamma(audio), level"),
    Case("np_fft", "y = np.fft.fft(block.audio[:, 0])\nblock.out[:, 0] = y.real", BLOCK),
    Case("np_clip", "return np.clip(audio, -1.0, 1.0), level"),
    Case("no_numpy", "return num.tanh(audio), level"),
    Case("class_constant", "return audio * GAIN, level", fields=FIELDS + "GAIN = 0.5"),
    Case("class_attribute", "return audio * Mine.GAIN, level", fields=FIELDS + "GAIN = 0.5"),
    Case(
        "choice_as_text",
        "return audio if mode == 'hard' else 0.0, level",
        "@per_sample\ndef process(audio, amount, level, mode):",
        FIELDS + "mode = Option('soft', choices=('soft', 'hard'), doc='Kind.')",
    ),
    Case(
        "text_option",
        "return audio, level",
        "@per_sample\ndef process(audio, amount, level, file):",
        FIELDS + "file = Option('', doc='File.')",
    ),
    Case("global_statement", "global LAST\nLAST = audio\nreturn audio, level", top="LAST = 0.0\n"),
    Case("helper_in_module", "return colors.rgb(audio), level", top="import colorsys as colors\n"),
    Case("wrong_arguments", "return twice(audio, level), level", top="@inline\ndef twice(x):\n    return 2 * x\n"),
    Case("unpacking", "a, b = twice(audio)\nreturn a, b", top="@inline\ndef twice(x):\n    return 2 * x\n"),
    Case(
        "recursion",
        "return fall(audio), level",
        top="@inline\ndef fall(x):\n    return fall(x - 1.0) if x > 0.0 else x\n",
    ),
    Case("misspelt_process", head="@per_sample\ndef proces(audio, amount, level):"),
    Case("no_node", text="from graph import In\n\n\nclass Mine:\n    audio = In(doc='Signal.')\n"),
]
