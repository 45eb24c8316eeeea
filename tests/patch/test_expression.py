"""Expressions compared with Python's arithmetic, and their meaning at a port."""

import random

import pytest

from graph import In, Node, Out, kernel
from graph.language.expression import ExpressionError, evaluate
from graph.node.arithmetic import Add, Divide, Gain, Multiply, SecondsPerBar, SecondsPerBeat, Subtract
from graph.node.node import Cable
from graph.node.values import Calculator, fit
from graph.patch.scope import Names

BEAT, BAR = 0.5, 2.0
VALUES = {"lfo": 0.25, "env": 0.8, "osc": -0.6, "voices": 220.0, "knob": 3.0, "wait": 0.04}


class Plain(Node):
    out = Out()

    @kernel
    def process(block):
        block.out[0, 0] = 0.0


class Pitch(Node):
    freq = Out("Hz")
    gate = Out()

    @kernel
    def process(block):
        block.freq[0, 0] = 0.0


class Knob(Node):
    out = Out("any")

    @kernel
    def process(block):
        block.out[0, 0] = 0.0


class Wait(Node):
    out = Out("s")

    @kernel
    def process(block):
        block.out[0, 0] = 0.0


class Keys(Node):
    out = Out(kind="events")

    @kernel
    def process(block):
        block.out.count[0] = 0


class Beat(Node):
    out = Out(kind="clock")

    @kernel
    def process(block):
        block.out.quantum[0] = 4.0


@pytest.fixture
def names():
    scope = Names()
    nodes = {"lfo": Plain, "env": Plain, "osc": Plain, "voices": Pitch, "knob": Knob, "wait": Wait, "keys": Keys}
    scope.named = {name: cls(name=name) for name, cls in nodes.items()}
    return scope


def calculator(scope, text):
    clock = Beat(name="beat")
    units = {"beats": SecondsPerBeat, "bars": SecondsPerBar}
    return Calculator(scope, lambda unit: units[unit](clock=clock).cable(), text)


def at_port(scope, text, unit="", **port):
    one = calculator(scope, text)
    amount = one.evaluate()
    if one.unknown:
        raise one.unknown[0]
    return fit(amount, In(unit=unit, **port), "tone.x", one)


def worth(value):
    """The value of a cable when the nodes output VALUES."""
    if not isinstance(value, Cable):
        return value
    node = value.node
    if node.name:
        return VALUES[node.name]
    if isinstance(node, SecondsPerBeat | SecondsPerBar):
        return BEAT if isinstance(node, SecondsPerBeat) else BAR
    a, b = (worth(node.inputs[word]) for word in node.ins())
    signs = {Add: a + b, Subtract: a - b, Multiply: a * b, Gain: a * b, Divide: a / b if b else 0.0}
    return signs[type(node)]


@pytest.mark.parametrize("seed", range(40))
def test_arithmetic_binds_as_in_python(names, seed):
    rng = random.Random(seed)

    def term(depth):
        kind = rng.randrange(6 if depth else 2)
        if kind == 0:
            return rng.choice(["lfo", "env", "osc", "voices.gate"])
        if kind == 1:
            return rng.choice(["1", ".5", "2.", "1e1", "0.25", "3"])
        if kind == 2:
            return f"({term(depth - 1)})"
        if kind == 3:
            return f"-{term(depth - 1)}"
        return f"{term(depth - 1)} {rng.choice('+-*/')} {term(depth - 1)}"

    text = term(5)
    python = text.replace("voices.gate", "voices")
    try:
        expected = eval(python, {}, VALUES)
    except ZeroDivisionError:
        return
    assert worth(at_port(names, text)) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("text", "unit", "value"),
    [
        ("1.2 kHz", "Hz", 1200.0),
        ("1.2kHz", "Hz", 1200.0),
        ("440", "Hz", 440.0),
        ("C4", "Hz", 261.6255653),
        ("Bb3", "Hz", 233.0818808),
        ("C-1", "Hz", 8.1757989),
        ("C4 * 7 semitones", "Hz", 391.9954360),
        ("A4 + 10", "Hz", 450.0),
        ("1 / (10 ms)", "Hz", 100.0),
        ("10 ms", "s", 0.01),
        ("2 * 10 ms + 1 s", "s", 1.02),
        ("3/8 s", "s", 0.375),
        ("-6 dB", "", 0.5011872),
        ("- 6 dB", "", 0.5011872),
        ("-6 dB * -6 dB", "", 0.2511886),
        ("70%", "", 0.7),
        ("-50 %", "", -0.5),
        ("50% * 3", "", 1.5),
        ("-(3)", "", -3.0),
        ("--3", "", 3.0),
        ("1/2", "", 0.5),
        ("010", "", 10.0),
        ("3/8", "", 0.375),
        ("5 Hz * 2 s", "", 10.0),
        ("7 semitones", "semitones", 7.0),
        ("700 cents", "semitones", 7.0),
        ("7 semitones", "cents", 700.0),
        ("-12", "semitones", -12.0),
        ("90 degrees", "degrees", 90.0),
        ("120 bpm", "bpm", 120.0),
        ("2 * 60 bpm", "bpm", 120.0),
        ("-6 dB", "dB", -6.0),
        ("3 kHz", "any", 3000.0),
        ("20 ms", "any", 0.02),
        ("7 semitones", "", 1.4983071),
    ],
)
def test_a_port_decides_what_a_number_means(names, text, unit, value):
    assert at_port(names, text, unit) == pytest.approx(value)


@pytest.mark.parametrize(
    ("text", "unit", "value"),
    [
        ("3/8 beats", "s", 0.375 * BEAT),
        ("2 bars", "s", 2 * BAR),
        ("1 bars + 1 beats", "s", BAR + BEAT),
        ("1 beats + 10 ms", "s", BEAT + 0.01),
        ("1/4 beats", "Hz", 1 / (0.25 * BEAT)),
        ("lfo * 4 beats", "s", 0.25 * 4 * BEAT),
        ("4 beats * lfo", "Hz", 1 / (0.25 * 4 * BEAT)),
        ("knob * 1 beats", "s", 3.0 * BEAT),
        ("2 beats * 50%", "s", BEAT),
        ("3 beats / 2 beats", "", 1.5),
        ("1 beats + 2", "s", 3 * BEAT),
        ("-1 beats", "s", -BEAT),
        ("wait + 1 beats", "s", 0.04 + BEAT),
    ],
)
def test_beats_and_bars_follow_the_clock(names, text, unit, value):
    assert worth(at_port(names, text, unit)) == pytest.approx(value)


def test_a_fraction_belongs_to_the_unit_after_it(names):
    assert at_port(names, "1 / 10 ms", "s") == pytest.approx(0.0001)
    assert worth(at_port(names, "lfo * 1/2 kHz", "Hz")) == pytest.approx(0.25 * 500)
    assert worth(at_port(names, "lfo / 1/2 s", "Hz")) == pytest.approx(0.5)
    with pytest.raises(ExpressionError):
        at_port(names, "1 / 2 Hz", "s")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("knob + lfo * 2 kHz", 3.0 + 0.25 * 2000),
        ("voices * 7 semitones", 220 * 2 ** (7 / 12)),
        ("voices.freq + lfo * 5 Hz", 220 + 1.25),
        ("voices + 10", 230),
        ("1 kHz - voices", 780),
        ("1 / wait", 25),
        ("voices * -50%", -110),
        ("lfo", 0.25),
        ("-voices", -220),
    ],
)
def test_cables_compute_at_a_frequency_input(names, text, value):
    assert worth(at_port(names, text, "Hz")) == pytest.approx(value)


def test_constants_fold_without_nodes(names):
    node = at_port(names, "osc * (2 * 3 - 1) * 1 + 0").node
    assert isinstance(node, Multiply)
    assert node.inputs["b"] == 5.0
    assert at_port(names, "osc * 0 dB").node.name == "osc"


def test_a_long_sum_needs_no_deep_tree(names):
    text = "+".join(["lfo"] * 2000)
    count, cable = 0, at_port(names, text)
    while not cable.node.name:
        count, cable = count + 1, cable.node.inputs["a"]
    assert count == 1999


@pytest.mark.parametrize(
    ("text", "unit", "message"),
    [
        ("10 ms + 2 Hz", "s", "`10 ms + 2 Hz`: a time (s) and a frequency (Hz) cannot be added"),
        ("wait - voices", "s", "`wait - voices`: a time (s) and a frequency (Hz) cannot be subtracted"),
        ("lfo + 10 ms", "s", "give the signal a unit, such as `lfo * 1 s`"),
        ("env -6 dB", "", "dB multiplies and cannot be subtracted: write `env * -6 dB`"),
        ("env - -6 dB", "", "write `env * 6 dB`"),
        ("(env + lfo) - 30%", "", "write `(env + lfo) * 70%`"),
        ("env + lfo + 3 dB", "", "write `(env + lfo) * 3 dB`"),
        ("voices + 50 cents", "Hz", "cents multiply and cannot be added: write `voices * 50 cents`"),
        ("env 6 dB", "", "an operator is missing between `env` and `6 dB`: write `env * 6 dB`"),
        ("2 lfo", "", "an operator is missing between `2` and `lfo`: write `2 * lfo`"),
        ("voices", "s", "tone.x takes a time (s), but `voices` gives a frequency (Hz)"),
        ("wait * 2", "Hz", "tone.x takes a frequency (Hz), but `wait * 2` gives a time (s)"),
        ("voices * voices", "Hz", "but `voices * voices` gives a value in s^-2"),
        ("C4", "semitones", "tone.x takes an interval (semitones), but `C4` is a frequency (Hz)"),
        ("3 semitones * 2", "semitones", "tone.x takes an interval (semitones), but `3 semitones * 2` is a ratio"),
        ("-6 dB", "semitones", "but `-6 dB` is a ratio"),
        ("120 bpm", "Hz", "tone.x takes a frequency (Hz), but `120 bpm` is a tempo (bpm)"),
        ("3 bpm * 2 Hz", "", "a tempo (bpm) and a frequency (Hz) cannot be multiplied"),
        ("1 beats", "bpm", "tone.x takes a tempo (bpm), not a number of beats"),
        ("keys", "", "tone.x takes a signal, but keys.out gives events"),
        ("keys * 2", "", "keys.out gives events; arithmetic works only on signals"),
        ("-keys", "", "keys.out gives events; arithmetic works only on signals"),
        ("lof", "", "there is no node 'lof'. Did you mean 'lfo'?"),
        ("voices.frek", "", "voices (Pitch) has no output 'frek'. Did you mean 'freq'?"),
        ("voices.x.y", "", "voices (Pitch) has no output 'x.y'."),
        ("1e30 * 1e30", "", "this number is too large"),
        ("2 / (1 - 1)", "", "division by zero"),
        ("2 Khz", "Hz", "there is no unit 'Khz'. Did you mean 'kHz'?"),
        ("2 parsecs", "Hz", "there is no unit 'parsecs'. The units are Hz, kHz, s, ms, us, beats, bars"),
        ("1_000", "", "there is no unit '_000'."),
        ("", "", "a value is missing"),
        ("()", "", "a value is missing after `(`"),
        ("env ? 2", "", "unexpected `?`"),
        ("90°", "degrees", "for an angle, write `degrees`"),
    ],
)
def test_errors_say_what_to_write(names, text, unit, message):
    with pytest.raises(ExpressionError) as error:
        at_port(names, text, unit)
    assert message in error.value.message


def test_the_range_is_shown_in_the_ports_unit(names):
    with pytest.raises(ExpressionError) as error:
        at_port(names, "30 kHz", "Hz", min=20, max=20_000)
    assert error.value.message == "tone.x: 30000 Hz is outside 20 .. 20000 Hz"
    with pytest.raises(ExpressionError, match=r"tone.x: 30 semitones is outside -24 .. 24 semitones"):
        at_port(names, "3000 cents", "semitones", min=-24, max=24)


def test_an_error_points_at_its_word(names):
    with pytest.raises(ExpressionError) as error:
        at_port(names, "env * (2 + khz)")
    assert error.value.offset == 11


def test_every_unknown_name_is_reported(names):
    one = calculator(names, "a + b * lfo - c")
    assert one.evaluate().value is None
    assert [error.offset for error in one.unknown] == [0, 4, 14]


def test_the_parser_serves_any_algebra():
    class Prefix:
        def quantity(self, number, unit, _start, _end):
            return f"{number:g}{unit}"

        def note(self, name, _start, _end):
            return name

        def reference(self, path, _start, _end):
            return path

        def binary(self, operator, a, b):
            return f"({operator} {a} {b})"

        def negative(self, a, _start):
            return f"(- {a})"

        def parenthesized(self, a, _start, _end):
            return a

        def known(self, _path):
            return False

    assert evaluate("a - b - c * -d / 3/8 beats", Prefix()) == "(- (- a b) (/ (* c (- d)) 0.375beats))"
    assert evaluate("-3/4 bars + C#4 * 1/2", Prefix()) == "(+ -0.75bars (/ (* C#4 1) 2))"
