"""Types of the built-in nodes, generated from their declarations by `tools/docs`."""

from typing import Literal, overload

from graph import Cable, Node
from graph.node.signals import Value
from graph.node.ports import In, Out

class Input:
    """Input: reads as a cable; takes a number or a cable when assigned."""

    @overload
    def __get__(self, node: None, owner: type) -> In: ...
    @overload
    def __get__(self, node: Node, owner: type) -> Cable: ...
    def __set__(self, node: Node, value: Value) -> None: ...

class CableInput:
    """Input for events or a clock: takes only a cable."""

    @overload
    def __get__(self, node: None, owner: type) -> In: ...
    @overload
    def __get__(self, node: Node, owner: type) -> Cable: ...
    def __set__(self, node: Node, value: Cable | Node) -> None: ...

class Adsr(Node):
    """ADSR envelope whose attack, decay and release last exactly their set times, to the frame."""

    gate: Input
    trigger: Input
    attack: Input
    decay: Input
    sustain: Input
    release: Input
    out: Out
    def __init__(
        self,
        gate: Value = ...,
        trigger: Value = 0.0,
        attack: Value = 0.01,
        decay: Value = 0.2,
        sustain: Value = 0.7,
        release: Value = 0.3,
        *,
        name: str | None = None,
    ) -> None: ...

class AllPass(Node):
    """Two-pole all-pass filter: flat magnitude, 360 degrees of phase shift across the cutoff."""

    audio: Input
    cutoff: Input
    q: Input
    out: Out
    def __init__(
        self,
        audio: Value = ...,
        cutoff: Value = 1000.0,
        q: Value = 0.707,
        *,
        name: str | None = None,
    ) -> None: ...

class Arpeggio(Node):
    """Arpeggiator: plays held keys one after another."""

    events: CableInput
    clock: CableInput
    mode: Literal["up", "down", "up_down", "down_up", "inclusive", "random", "walk", "played", "chord", "outside_in", "inside_out"]
    step: float
    octaves: Input
    gate: Input
    latch: Input
    swing: Input
    tempo: Input
    reset: Input
    pedal: Literal["latch", "pass"]
    channel: int
    seed: int
    out: Out
    def __init__(
        self,
        events: Cable | Node = ...,
        clock: Cable | Node = ...,
        mode: Literal["up", "down", "up_down", "down_up", "inclusive", "random", "walk", "played", "chord", "outside_in", "inside_out"] = "up",
        step: float = 0.25,
        octaves: Value = 1.0,
        gate: Value = 0.5,
        latch: Value = 0.0,
        swing: Value = 0.5,
        tempo: Value = 120.0,
        reset: Value = 0.0,
        pedal: Literal["latch", "pass"] = "latch",
        channel: int = 1,
        seed: int = 0,
        *,
        name: str | None = None,
    ) -> None: ...

class AudioIn(Node):
    """Audio input of the sound card: a microphone, a guitar, another program."""

    first: int
    width: int
    out: Out
    def __init__(self, first: int = 1, width: int = 1, *, name: str | None = None) -> None: ...

class AutoPan(Node):
    """Auto-pan: sweeps the signal between left and right at constant power, for electric pianos and slow pads."""

    audio: Input
    rate: Input
    depth: Input
    out: Out
    def __init__(
        self,
        audio: Value = ...,
        rate: Value = 1.0,
        depth: Value = 0.7,
        *,
        name: str | None = None,
    ) -> None: ...

class Automation(Node):
    """Automation curve for any input, written as breakpoints: `0: 200 Hz, 4: 2 kHz log, 8: 400 Hz hold`."""

    points: str
    unit: Literal["beats", "bars", "seconds"]
    clock: CableInput
    tempo: Input
    reset: Input
    loop: bool
    out: Out
    def __init__(
        self,
        points: str = "0: 0, 4: 1",
        unit: Literal["beats", "bars", "seconds"] = "beats",
        clock: Cable | Node = ...,
        tempo: Value = 120.0,
        reset: Value = 0.0,
        loop: bool = False,
        *,
        name: str | None = None,
    ) -> None: ...

class Balance(Node):
    """Stereo balance: attenuates the far channel and leaves the near one unchanged."""

    audio: Input
    position: Input
    out: Out
    def __init__(self, audio: Value = ..., position: Value = 0.0, *, name: str | None = None) -> None: ...

class BandPass(Node):
    """Two-pole band-pass filter, 6 dB/octave on each side: formants, wah, tuned resonance."""

    audio: Input
    cutoff: Input
    q: Input
    out: Out
    def __init__(
        self,
        audio: Value = ...,
        cutoff: Value = 1000.0,
        q: Value = 1.0,
        *,
        name: str | None = None,
    ) -> None: ...

class Bend(Node):
    """Pitch wheel as a frequency ratio: multiply a frequency by it to bend it by up to `range` semitones."""

    events: CableInput
    range: Input
    channel: int
    out: Out
    def __init__(
        self,
        events: Cable | Node = ...,
        range: Value = 2.0,
        channel: int = 0,
        *,
        name: str | None = None,
    ) -> None: ...

class BitCrush(Node):
    """Bit crusher: reduces sample rate and bit depth for the grit and imaging of an early sampler."""

    audio: Input
    rate: Input
    bits: Input
    out: Out
    def __init__(
        self,
        audio: Value = ...,
        rate: Value = 8000.0,
        bits: Value = 8.0,
        *,
        name: str | None = None,
    ) -> None: ...

class Bow(Node):
    """Bowed string: violin to bass, from a whisper over the fingerboard to a bite at the bridge; without a body."""

    gate: Input
    velocity: Input
    freq: Input
    pressure: Input
    force: Input
    position: Input
    attack: Input
    release: Input
    decay: Input
    brightness: Input
    noise: Input
    out: Out
    def __init__(
        self,
        gate: Value = 0.0,
        velocity: Value = 0.7,
        freq: Value = 220.0,
        pressure: Value = 0.0,
        force: Value = 0.5,
        position: Value = 0.12,
        attack: Value = 0.04,
        release: Value = 0.05,
        decay: Value = 0.7,
        brightness: Value = 5000.0,
        noise: Value = 0.1,
        *,
        name: str | None = None,
    ) -> None: ...

class Brass(Node):
    """Brass: trumpet, horn, trombone; mellow when soft, brassy when blown hard."""

    gate: Input
    velocity: Input
    freq: Input
    pressure: Input
    attack: Input
    release: Input
    tension: Input
    blare: Input
    brightness: Input
    noise: Input
    out: Out
    def __init__(
        self,
        gate: Value = 0.0,
        velocity: Value = 0.7,
        freq: Value = 220.0,
        pressure: Value = 0.0,
        attack: Value = 0.02,
        release: Value = 0.04,
        tension: Value = 0.0,
        blare: Value = 0.5,
        brightness: Value = 1800.0,
        noise: Value = 0.05,
        *,
        name: str | None = None,
    ) -> None: ...

class Cabinet(Node):
    """Guitar cabinet and microphone: seven second-order sections that tame a distorted signal."""

    audio: Input
    mic: Input
    cabinet: Literal["combo", "stack", "bass", "radio"]
    out: Out
    def __init__(
        self,
        audio: Value = ...,
        mic: Value = 0.7,
        cabinet: Literal["combo", "stack", "bass", "radio"] = "combo",
        *,
        name: str | None = None,
    ) -> None: ...

class Chance(Node):
    """Random note gate: passes each note with a given probability, for patterns that vary."""

    events: CableInput
    probability: Input
    together: bool
    clock: CableInput
    seed: int
    out: Out
    rest: Out
    def __init__(
        self,
        events: Cable | Node = ...,
        probability: Value = 0.5,
        together: bool = False,
        clock: Cable | Node = ...,
        seed: int = 0,
        *,
        name: str | None = None,
    ) -> None: ...

class Channels(Node):
    """Channel selector: splits a stereo signal into two mono cables for separate processing."""

    audio: Input
    first: int
    left: Out
    right: Out
    def __init__(self, audio: Value = ..., first: int = 1, *, name: str | None = None) -> None: ...

class Chorus(Node):
    """Stereo chorus: three copies per side, each detuned by a modulated delay, turn one sound into an ensemble."""

    audio: Input
    rate: Input
    depth: Input
    delay: Input
    feedback: Input
    mix: Input
    out: Out
    def __init__(
        self,
        audio: Value = ...,
        rate: Value = 0.8,
        depth: Value = 0.002,
        delay: Value = 0.009,
        feedback: Value = 0.0,
        mix: Value = 0.5,
        *,
        name: str | None = None,
    ) -> None: ...

class Clap(Node):
    """Hand clap: three short overlapping noise bursts, then the room."""

    trigger: Input
    velocity: Input
    freq: Input
    spread: Input
    decay: Input
    q: Input
    out: Out
    def __init__(
        self,
        trigger: Value = 0.0,
        velocity: Value = 1.0,
        freq: Value = 1100.0,
        spread: Value = 0.0105,
        decay: Value = 0.35,
        q: Value = 1.6,
        *,
        name: str | None = None,
    ) -> None: ...

class Clave(Node):
    """Clave: a struck rod of hard wood with a short, clear tone."""

    trigger: Input
    velocity: Input
    freq: Input
    decay: Input
    damping: Input
    position: Input
    stick: Input
    click: Input
    out: Out
    def __init__(
        self,
        trigger: Value = 0.0,
        velocity: Value = 1.0,
        freq: Value = 2450.0,
        decay: Value = 0.11,
        damping: Value = 1.5,
        position: Value = 0.2,
        stick: Value = 6000.0,
        click: Value = 0.08,
        *,
        name: str | None = None,
    ) -> None: ...

class ClockOut(Node):
    """MIDI timing clock: 24 ticks per beat, each on the first frame at or after its beat."""

    clock: CableInput
    out: Out
    def __init__(self, clock: Cable | Node = ..., *, name: str | None = None) -> None: ...

class Comb(Node):
    """Comb filter: resonates at a pitch and its harmonics, or notches them."""

    audio: Input
    freq: Input
    feedback: Input
    damping: Input
    forward: bool
    out: Out
    def __init__(
        self,
        audio: Value = ...,
        freq: Value = 220.0,
        feedback: Value = 0.8,
        damping: Value = 8000.0,
        forward: bool = False,
        *,
        name: str | None = None,
    ) -> None: ...

class Compressor(Node):
    """Feed-forward compressor: reduces the level of a signal above the threshold."""

    audio: Input
    sidechain: Input
    threshold: Input
    ratio: Input
    knee: Input
    attack: Input
    release: Input
    makeup: Input
    lookahead: float
    out: Out
    reduction: Out
    def __init__(
        self,
        audio: Value = ...,
        sidechain: Value = ...,
        threshold: Value = -18.0,
        ratio: Value = 4.0,
        knee: Value = 6.0,
        attack: Value = 0.005,
        release: Value = 0.15,
        makeup: Value = 0.0,
        lookahead: float = 0.0,
        *,
        name: str | None = None,
    ) -> None: ...

class Constant(Node):
    """Named constant: one control that feeds many inputs and can be changed while playing."""

    value: Input
    out: Out
    def __init__(self, value: Value = 0.0, *, name: str | None = None) -> None: ...

class Control(Node):
    """MIDI knob or fader as a value between `min` and `max`, in the unit of its destination."""

    events: CableInput
    controller: int
    channel: int
    min: Input
    max: Input
    initial: Input
    curve: Literal["linear", "log"]
    pickup: bool
    out: Out
    def __init__(
        self,
        events: Cable | Node = ...,
        controller: int = 1,
        channel: int = 0,
        min: Value = 0.0,
        max: Value = 1.0,
        initial: Value = ...,
        curve: Literal["linear", "log"] = "linear",
        pickup: bool = False,
        *,
        name: str | None = None,
    ) -> None: ...

class Convolution(Node):
    """Convolution with an impulse response: a real room or cabinet from `file`, or a synthesized `room`."""

    audio: Input
    file: str
    room: Literal["hall", "cathedral", "plate", "spring", "cave", "parking_garage", "canyon"]
    decay: float
    out: Out
    def __init__(
        self,
        audio: Value = ...,
        file: str = "",
        room: Literal["hall", "cathedral", "plate", "spring", "cave", "parking_garage", "canyon"] = "hall",
        decay: float = 0.0,
        *,
        name: str | None = None,
    ) -> None: ...

class Cowbell(Node):
    """Cowbell: two strong modes a little more than a fifth apart, with a dull clank."""

    trigger: Input
    velocity: Input
    freq: Input
    decay: Input
    damping: Input
    position: Input
    stick: Input
    click: Input
    out: Out
    def __init__(
        self,
        trigger: Value = 0.0,
        velocity: Value = 1.0,
        freq: Value = 545.0,
        decay: Value = 0.5,
        damping: Value = 0.35,
        position: Value = 0.2,
        stick: Value = 7000.0,
        click: Value = 0.1,
        *,
        name: str | None = None,
    ) -> None: ...

class Crossfade(Node):
    """Crossfade between two signals: dry and wet, two oscillators, two scenes."""

    a: Input
    b: Input
    position: Input
    law: Literal["constant_power", "linear"]
    out: Out
    def __init__(
        self,
        a: Value = ...,
        b: Value = ...,
        position: Value = 0.5,
        law: Literal["constant_power", "linear"] = "constant_power",
        *,
        name: str | None = None,
    ) -> None: ...

class Curve(Node):
    """Response curve: bends a knob, velocity or envelope between two end values."""

    audio: Input
    bend: Input
    low: Input
    high: Input
    out: Out
    def __init__(
        self,
        audio: Value = 0.0,
        bend: Value = 0.0,
        low: Value = 0.0,
        high: Value = 1.0,
        *,
        name: str | None = None,
    ) -> None: ...

class Cymbal(Node):
    """Cymbal: crash, ride, splash or gong, set by lowest mode, decay and bloom."""

    trigger: Input
    velocity: Input
    choke: Input
    freq: Input
    decay: Input
    damping: Input
    bloom: Input
    tone: Input
    out: Out
    def __init__(
        self,
        trigger: Value = 0.0,
        velocity: Value = 1.0,
        choke: Value = 0.0,
        freq: Value = 240.0,
        decay: Value = 5.0,
        damping: Value = 0.05,
        bloom: Value = 0.06,
        tone: Value = 4500.0,
        *,
        name: str | None = None,
    ) -> None: ...

class DcBlock(Node):
    """One-pole DC blocker: removes a constant offset without an audible change."""

    audio: Input
    cutoff: Input
    out: Out
    def __init__(self, audio: Value = ..., cutoff: Value = 10.0, *, name: str | None = None) -> None: ...

class Decay(Node):
    """Percussive envelope: rises at a trigger, then falls by 60 dB in `time`; it has no gate."""

    trigger: Input
    time: Input
    attack: Input
    out: Out
    def __init__(
        self,
        trigger: Value = 0.0,
        time: Value = 0.5,
        attack: Value = 0.001,
        *,
        name: str | None = None,
    ) -> None: ...

class Delay(Node):
    """Stereo echo; the output is wet only, so the patch sets the mix."""

    audio: Input
    time: Input
    feedback: Input
    tone: Input
    depth: Input
    rate: Input
    freeze: Input
    clock: CableInput
    max_time: float
    ping_pong: bool
    glide: Literal["crossfade", "tape"]
    out: Out
    def __init__(
        self,
        audio: Value = ...,
        time: Value = 0.375,
        feedback: Value = 0.35,
        tone: Value = 8000.0,
        depth: Value = 0.0,
        rate: Value = 0.6,
        freeze: Value = 0.0,
        clock: Cable | Node = ...,
        max_time: float = 5.0,
        ping_pong: bool = False,
        glide: Literal["crossfade", "tape"] = "crossfade",
        *,
        name: str | None = None,
    ) -> None: ...

class Distortion(Node):
    """Fuzz: hard clipping at full scale, followed by a low-pass that removes the fizz."""

    audio: Input
    drive: Input
    tone: Input
    out: Out
    def __init__(
        self,
        audio: Value = ...,
        drive: Value = 20.0,
        tone: Value = 6000.0,
        *,
        name: str | None = None,
    ) -> None: ...

class Drift(Node):
    """Slow random pitch drift, like the detuning between analog oscillators."""

    freq: Input
    depth: Input
    rate: Input
    out: Out
    seed: int
    def __init__(
        self,
        freq: Value = 440.0,
        depth: Value = 8.0,
        rate: Value = 0.5,
        seed: int = 0,
        *,
        name: str | None = None,
    ) -> None: ...

class DrumKit(Node):
    """Drum kit: plays notes by the General MIDI percussion map, keys 35 to 81."""

    events: CableInput
    channel: int
    kit: Literal["standard", "electronic", "club", "brushes", "india", "africa", "doumbek", "cajon", "marching", "metal", "effects"]
    trim: str
    kick_level: Input
    kick_tune: Input
    kick_pan: Input
    snare_level: Input
    snare_tune: Input
    snare_pan: Input
    hats_level: Input
    hats_tune: Input
    hats_pan: Input
    toms_level: Input
    toms_tune: Input
    toms_pan: Input
    cymbals_level: Input
    cymbals_tune: Input
    cymbals_pan: Input
    percussion_level: Input
    percussion_tune: Input
    percussion_pan: Input
    out: Out
    kick: Out
    snare: Out
    hats: Out
    toms: Out
    cymbals: Out
    percussion: Out
    def __init__(
        self,
        events: Cable | Node = ...,
        channel: int = 0,
        kit: Literal["standard", "electronic", "club", "brushes", "india", "africa", "doumbek", "cajon", "marching", "metal", "effects"] = "standard",
        trim: str = "",
        kick_level: Value = 1.0,
        kick_tune: Value = 0.0,
        kick_pan: Value = 0.0,
        snare_level: Value = 1.0,
        snare_tune: Value = 0.0,
        snare_pan: Value = 0.0,
        hats_level: Value = 1.0,
        hats_tune: Value = 0.0,
        hats_pan: Value = 0.0,
        toms_level: Value = 1.0,
        toms_tune: Value = 0.0,
        toms_pan: Value = 0.0,
        cymbals_level: Value = 1.0,
        cymbals_tune: Value = 0.0,
        cymbals_pan: Value = 0.0,
        percussion_level: Value = 1.0,
        percussion_tune: Value = 0.0,
        percussion_pan: Value = 0.0,
        *,
        name: str | None = None,
    ) -> None: ...

class Ducker(Node):
    """Ducker: lowers a signal by `depth` while another sounds, such as music under a voice."""

    audio: Input
    sidechain: Input
    threshold: Input
    depth: Input
    attack: Input
    hold: Input
    release: Input
    out: Out
    reduction: Out
    def __init__(
        self,
        audio: Value = ...,
        sidechain: Value = ...,
        threshold: Value = -40.0,
        depth: Value = 12.0,
        attack: Value = 0.01,
        hold: Value = 0.1,
        release: Value = 0.25,
        *,
        name: str | None = None,
    ) -> None: ...

class ElectricPiano(Node):
    """Tine electric piano: bell-like when soft, growling when hard."""

    trigger: Input
    velocity: Input
    freq: Input
    gate: Input
    decay: Input
    release: Input
    offset: Input
    bark: Input
    bell: Input
    out: Out
    def __init__(
        self,
        trigger: Value = 0.0,
        velocity: Value = 0.7,
        freq: Value = 220.0,
        gate: Value = 1.0,
        decay: Value = 9.0,
        release: Value = 0.25,
        offset: Value = 0.35,
        bark: Value = 0.5,
        bell: Value = 0.4,
        *,
        name: str | None = None,
    ) -> None: ...

class Envelope(Node):
    """Multi-stage envelope, written as text: `10 ms 1, 0.2 s 0.5 curve 4, hold, 400 ms 0`."""

    gate: Input
    trigger: Input
    speed: Input
    stages: str
    loop: bool
    out: Out
    def __init__(
        self,
        gate: Value = 0.0,
        trigger: Value = 0.0,
        speed: Value = 1.0,
        stages: str = "10 ms 1, 300 ms 0.4 curve 4, hold, 500 ms 0 curve 4",
        loop: bool = False,
        *,
        name: str | None = None,
    ) -> None: ...

class Eq(Node):
    """Parametric equalizer of a mixing console: a low shelf, two bells and a high shelf."""

    audio: Input
    low_freq: Input
    low_gain: Input
    freq1: Input
    gain1: Input
    q1: Input
    freq2: Input
    gain2: Input
    q2: Input
    high_freq: Input
    high_gain: Input
    out: Out
    def __init__(
        self,
        audio: Value = ...,
        low_freq: Value = 120.0,
        low_gain: Value = 0.0,
        freq1: Value = 400.0,
        gain1: Value = 0.0,
        q1: Value = 1.0,
        freq2: Value = 2500.0,
        gain2: Value = 0.0,
        q2: Value = 1.0,
        high_freq: Value = 8000.0,
        high_gain: Value = 0.0,
        *,
        name: str | None = None,
    ) -> None: ...

class Euclid(Node):
    """Euclidean rhythm: spreads pulses over steps as evenly as possible; 3 in 8 is the tresillo, 5 in 8 the cinquillo."""

    clock: CableInput
    pulses: Input
    steps: Input
    rotation: Input
    accents: Input
    probability: Input
    gate: Input
    swing: Input
    tempo: Input
    reset: Input
    note: str
    direction: Literal["forward", "backward", "ping_pong", "random"]
    step: float
    velocity: float
    accent: float
    channel: int
    seed: int
    out: Out
    def __init__(
        self,
        clock: Cable | Node = ...,
        pulses: Value = 5.0,
        steps: Value = 8.0,
        rotation: Value = 0.0,
        accents: Value = 0.0,
        probability: Value = 1.0,
        gate: Value = 0.5,
        swing: Value = 0.5,
        tempo: Value = 120.0,
        reset: Value = 0.0,
        note: str = "C3",
        direction: Literal["forward", "backward", "ping_pong", "random"] = "forward",
        step: float = 0.25,
        velocity: float = 0.7,
        accent: float = 1.0,
        channel: int = 1,
        seed: int = 0,
        *,
        name: str | None = None,
    ) -> None: ...

class Feedback(Node):
    """Feedback connection: outputs `audio` one block later, so that cables may form a loop."""

    audio: Input
    out: Out
    def __init__(self, audio: Value = ..., *, name: str | None = None) -> None: ...

class Flanger(Node):
    """Flanger: a sweeping comb of evenly spaced notches; jets, metal, swirls."""

    audio: Input
    rate: Input
    depth: Input
    delay: Input
    feedback: Input
    mix: Input
    spread: Input
    out: Out
    def __init__(
        self,
        audio: Value = ...,
        rate: Value = 0.25,
        depth: Value = 0.7,
        delay: Value = 0.002,
        feedback: Value = 0.5,
        mix: Value = 0.5,
        spread: Value = 0.25,
        *,
        name: str | None = None,
    ) -> None: ...

class Flute(Node):
    """Flute: a pure tone surrounded by air, breathy when soft, brighter and firmer when blown hard."""

    gate: Input
    velocity: Input
    freq: Input
    pressure: Input
    attack: Input
    release: Input
    brightness: Input
    noise: Input
    jet: Input
    out: Out
    def __init__(
        self,
        gate: Value = 0.0,
        velocity: Value = 0.7,
        freq: Value = 440.0,
        pressure: Value = 0.0,
        attack: Value = 0.03,
        release: Value = 0.05,
        brightness: Value = 4000.0,
        noise: Value = 0.2,
        jet: Value = 0.5,
        *,
        name: str | None = None,
    ) -> None: ...

class Fm(Node):
    """Four-operator FM oscillator: bells, electric pianos, basses, metal."""

    freq: Input
    ratio1: Input
    ratio2: Input
    ratio3: Input
    ratio4: Input
    level1: Input
    level2: Input
    level3: Input
    level4: Input
    feedback: Input
    trigger: Input
    start_phase: Input
    sync: Input
    out: Out
    algorithm: int
    def __init__(
        self,
        freq: Value = 220.0,
        ratio1: Value = 1.0,
        ratio2: Value = 1.0,
        ratio3: Value = 2.0,
        ratio4: Value = 14.0,
        level1: Value = 1.0,
        level2: Value = 1.5,
        level3: Value = 0.3,
        level4: Value = 0.2,
        feedback: Value = 0.0,
        trigger: Value = 0.0,
        start_phase: Value = 0.0,
        sync: Value = 0.0,
        algorithm: int = 1,
        *,
        name: str | None = None,
    ) -> None: ...

class Follower(Node):
    """Envelope follower: tracks the level of a signal, for auto-wah, ducking and envelopes that follow a sound."""

    audio: Input
    attack: Input
    release: Input
    measure: Literal["peak", "rms"]
    out: Out
    def __init__(
        self,
        audio: Value = ...,
        attack: Value = 0.005,
        release: Value = 0.1,
        measure: Literal["peak", "rms"] = "peak",
        *,
        name: str | None = None,
    ) -> None: ...

class Formant(Node):
    """Formant oscillator for sung vowels: five formants that stay fixed while the pitch moves."""

    freq: Input
    vowel: Input
    shift: Input
    trigger: Input
    start_phase: Input
    sync: Input
    out: Out
    singer: Literal["bass", "tenor", "countertenor", "alto", "soprano"]
    def __init__(
        self,
        freq: Value = 110.0,
        vowel: Value = 0.0,
        shift: Value = 1.0,
        trigger: Value = 0.0,
        start_phase: Value = 0.0,
        sync: Value = 0.0,
        singer: Literal["bass", "tenor", "countertenor", "alto", "soprano"] = "tenor",
        *,
        name: str | None = None,
    ) -> None: ...

class FormantFilter(Node):
    """Vowel filter: five parallel resonances of a vocal tract, from a to u with interpolation."""

    audio: Input
    vowel: Input
    shift: Input
    focus: Input
    singer: Literal["bass", "tenor", "countertenor", "alto", "soprano"]
    out: Out
    def __init__(
        self,
        audio: Value = ...,
        vowel: Value = 0.0,
        shift: Value = 1.0,
        focus: Value = 1.0,
        singer: Literal["bass", "tenor", "countertenor", "alto", "soprano"] = "tenor",
        *,
        name: str | None = None,
    ) -> None: ...

class FrequencyShifter(Node):
    """Frequency shifter: moves every partial by the same number of hertz; a few hertz make a slow phaser."""

    audio: Input
    shift: Input
    feedback: Input
    mix: Input
    out: Out
    mirror: Out
    def __init__(
        self,
        audio: Value = ...,
        shift: Value = 50.0,
        feedback: Value = 0.0,
        mix: Value = 1.0,
        *,
        name: str | None = None,
    ) -> None: ...

class Gain(Node):
    """Gain stage: `gain` may be a factor, a level such as -6 dB, or a cable."""

    audio: Input
    gain: Input
    out: Out
    def __init__(self, audio: Value = ..., gain: Value = 1.0, *, name: str | None = None) -> None: ...

class Gate(Node):
    """Noise gate: passes loud signals and mutes soft ones, such as hum between words or bleed between drum hits."""

    audio: Input
    sidechain: Input
    threshold: Input
    floor: Input
    attack: Input
    hold: Input
    release: Input
    lookahead: float
    out: Out
    reduction: Out
    def __init__(
        self,
        audio: Value = ...,
        sidechain: Value = ...,
        threshold: Value = -40.0,
        floor: Value = -80.0,
        attack: Value = 0.001,
        hold: Value = 0.05,
        release: Value = 0.1,
        lookahead: float = 0.0,
        *,
        name: str | None = None,
    ) -> None: ...

class Granular(Node):
    """Granular synthesis: a cloud of short grains from a recording or from live input."""

    audio: Input
    place: Input
    scan: Input
    pitch: Input
    size: Input
    density: Input
    spray: Input
    detune: Input
    spread: Input
    freeze: Input
    out: Out
    file: str
    memory: float
    seed: int
    def __init__(
        self,
        audio: Value = ...,
        place: Value = 0.0,
        scan: Value = 0.25,
        pitch: Value = 0.0,
        size: Value = 0.1,
        density: Value = 30.0,
        spray: Value = 0.03,
        detune: Value = 5.0,
        spread: Value = 0.7,
        freeze: Value = 0.0,
        file: str = "",
        memory: float = 4.0,
        seed: int = 0,
        *,
        name: str | None = None,
    ) -> None: ...

class HandDrum(Node):
    """Hand drum: conga, bongo, djembe, tabla or cajon, from bass to open tone to slap."""

    trigger: Input
    velocity: Input
    freq: Input
    decay: Input
    damping: Input
    sweep: Input
    sweep_time: Input
    position: Input
    stick: Input
    click: Input
    drum: Literal["conga", "bongo", "djembe", "tabla", "cajon"]
    out: Out
    def __init__(
        self,
        trigger: Value = 0.0,
        velocity: Value = 1.0,
        freq: Value = 220.0,
        decay: Value = 0.6,
        damping: Value = 0.7,
        sweep: Value = 1.0,
        sweep_time: Value = 0.12,
        position: Value = 0.5,
        stick: Value = 2500.0,
        click: Value = 0.3,
        drum: Literal["conga", "bongo", "djembe", "tabla", "cajon"] = "conga",
        *,
        name: str | None = None,
    ) -> None: ...

class HardSync(Node):
    """Hard-synced sawtooth oscillator: a saw restarted by an internal oscillator; sweep `ratio` for the screaming lead."""

    freq: Input
    ratio: Input
    trigger: Input
    start_phase: Input
    sync: Input
    out: Out
    def __init__(
        self,
        freq: Value = 220.0,
        ratio: Value = 1.5,
        trigger: Value = 0.0,
        start_phase: Value = 0.0,
        sync: Value = 0.0,
        *,
        name: str | None = None,
    ) -> None: ...

class Harmonize(Node):
    """Harmonizer: adds notes at fixed intervals, as parallel chords or as diatonic chords of a scale."""

    events: CableInput
    intervals: str
    scale: Literal["chromatic", "major", "minor", "harmonic_minor", "melodic_minor", "dorian", "phrygian", "lydian", "mixolydian", "locrian", "major_pentatonic", "minor_pentatonic", "blues", "whole_tone", "octaves"]
    root: Literal["C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B"]
    level: Input
    out: Out
    def __init__(
        self,
        events: Cable | Node = ...,
        intervals: str = "major",
        scale: Literal["chromatic", "major", "minor", "harmonic_minor", "melodic_minor", "dorian", "phrygian", "lydian", "mixolydian", "locrian", "major_pentatonic", "minor_pentatonic", "blues", "whole_tone", "octaves"] = "chromatic",
        root: Literal["C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B"] = "C",
        level: Value = 0.8,
        *,
        name: str | None = None,
    ) -> None: ...

class HiHat(Node):
    """Hi-hat: closed, open or anything between, by pedal position."""

    trigger: Input
    velocity: Input
    open: Input
    choke: Input
    freq: Input
    decay: Input
    open_decay: Input
    tone: Input
    out: Out
    def __init__(
        self,
        trigger: Value = 0.0,
        velocity: Value = 1.0,
        open: Value = 0.0,
        choke: Value = 0.0,
        freq: Value = 420.0,
        decay: Value = 0.14,
        open_decay: Value = 1.6,
        tone: Value = 7500.0,
        *,
        name: str | None = None,
    ) -> None: ...

class HighPass(Node):
    """Two-pole high-pass filter, 12 dB/octave: removes rumble and body, resonates at the cutoff at high q."""

    audio: Input
    cutoff: Input
    q: Input
    out: Out
    def __init__(
        self,
        audio: Value = ...,
        cutoff: Value = 200.0,
        q: Value = 0.707,
        *,
        name: str | None = None,
    ) -> None: ...

class HighShelf(Node):
    """High-shelf equalizer: boosts or cuts everything above a frequency."""

    audio: Input
    freq: Input
    gain: Input
    out: Out
    def __init__(
        self,
        audio: Value = ...,
        freq: Value = 4000.0,
        gain: Value = 6.0,
        *,
        name: str | None = None,
    ) -> None: ...

class Humanize(Node):
    """Humanizer: random timing and velocity deviations, like a human player."""

    events: CableInput
    time: Input
    velocity: Input
    clock: CableInput
    seed: int
    out: Out
    def __init__(
        self,
        events: Cable | Node = ...,
        time: Value = 0.008,
        velocity: Value = 0.1,
        clock: Cable | Node = ...,
        seed: int = 0,
        *,
        name: str | None = None,
    ) -> None: ...

class Impulse(Node):
    """Band-limited impulse train: every harmonic at one level; a buzz, a glottis, an exciter for resonators."""

    freq: Input
    trigger: Input
    start_phase: Input
    sync: Input
    out: Out
    def __init__(
        self,
        freq: Value = 110.0,
        trigger: Value = 0.0,
        start_phase: Value = 0.0,
        sync: Value = 0.0,
        *,
        name: str | None = None,
    ) -> None: ...

class Interval(Node):
    """Musical interval as a frequency ratio: 12 semitones double a frequency, -12 halve it, 0 leave it unchanged."""

    semitones: Input
    ratio: Out
    def __init__(self, semitones: Value = 0.0, *, name: str | None = None) -> None: ...

class JackTransport(Node):
    """JACK transport as a clock: starts, stops and jumps with it, at the tempo of its timebase master."""

    tempo: Input
    quantum: float
    out: Out
    def __init__(self, tempo: Value = 120.0, quantum: float = 4.0, *, name: str | None = None) -> None: ...

class Join(Node):
    """Joins two mono signals as the left and right channels of one, voice by voice, without mixing."""

    left: Input
    right: Input
    out: Out
    def __init__(self, left: Value = ..., right: Value = ..., *, name: str | None = None) -> None: ...

class Kick(Node):
    """Bass drum: from the round boom of the TR-808 to the hard thud of the TR-909."""

    trigger: Input
    velocity: Input
    freq: Input
    decay: Input
    sweep: Input
    sweep_time: Input
    click: Input
    drive: Input
    out: Out
    def __init__(
        self,
        trigger: Value = 0.0,
        velocity: Value = 1.0,
        freq: Value = 50.0,
        decay: Value = 0.6,
        sweep: Value = 30.0,
        sweep_time: Value = 0.16,
        click: Value = 0.25,
        drive: Value = 1.4,
        *,
        name: str | None = None,
    ) -> None: ...

class Ladder(Node):
    """Moog-style ladder low-pass: four poles with feedback, 24 dB/octave, self-oscillating."""

    audio: Input
    cutoff: Input
    resonance: Input
    drive: Input
    out: Out
    def __init__(
        self,
        audio: Value = ...,
        cutoff: Value = 1000.0,
        resonance: Value = 0.3,
        drive: Value = 1.0,
        *,
        name: str | None = None,
    ) -> None: ...

class Lfo(Node):
    """Low-frequency oscillator: vibrato, tremolo, sweeps, panning, sample-and-hold."""

    rate: Input
    phase: Input
    trigger: Input
    fade: Input
    beats: Input
    clock: CableInput
    out: Out
    shape: Literal["sine", "triangle", "saw", "ramp_down", "square", "random"]
    seed: int
    def __init__(
        self,
        rate: Value = 1.0,
        phase: Value = 0.0,
        trigger: Value = 0.0,
        fade: Value = 0.0,
        beats: Value = 0.0,
        clock: Cable | Node = ...,
        shape: Literal["sine", "triangle", "saw", "ramp_down", "square", "random"] = "sine",
        seed: int = 0,
        *,
        name: str | None = None,
    ) -> None: ...

class Limiter(Node):
    """True-peak look-ahead limiter: the output never exceeds the ceiling, even between samples."""

    audio: Input
    ceiling: Input
    release: Input
    lookahead: float
    out: Out
    reduction: Out
    def __init__(
        self,
        audio: Value = ...,
        ceiling: Value = -1.0,
        release: Value = 0.1,
        lookahead: float = 0.003,
        *,
        name: str | None = None,
    ) -> None: ...

class Link(Node):
    """Clock of an Ableton Link session: the beat at the time each frame reaches the output."""

    tempo: Input
    playing: Input
    offset: Input
    quantum: float
    start_stop_sync: bool
    out: Out
    def __init__(
        self,
        tempo: Value = 120.0,
        playing: Value = 1.0,
        offset: Value = 0.0,
        quantum: float = 4.0,
        start_stop_sync: bool = False,
        *,
        name: str | None = None,
    ) -> None: ...

class Loudness(Node):
    """Loudness meter in LUFS, the unit that broadcasters and streaming services specify."""

    audio: Input
    reset: Input
    out: Out
    momentary: Out
    short_term: Out
    integrated: Out
    def __init__(self, audio: Value = ..., reset: Value = 0.0, *, name: str | None = None) -> None: ...

class LowPass(Node):
    """Two-pole low-pass filter, 12 dB/octave: removes brightness, resonates at the cutoff at high q."""

    audio: Input
    cutoff: Input
    q: Input
    out: Out
    def __init__(
        self,
        audio: Value = ...,
        cutoff: Value = 1000.0,
        q: Value = 0.707,
        *,
        name: str | None = None,
    ) -> None: ...

class LowShelf(Node):
    """Low-shelf equalizer: boosts or cuts everything below a frequency."""

    audio: Input
    freq: Input
    gain: Input
    out: Out
    def __init__(
        self,
        audio: Value = ...,
        freq: Value = 200.0,
        gain: Value = 6.0,
        *,
        name: str | None = None,
    ) -> None: ...

class Macro(Node):
    """Macro control: one knob that sets four outputs, each over its own range."""

    knob: Input
    low1: Input
    high1: Input
    low2: Input
    high2: Input
    low3: Input
    high3: Input
    low4: Input
    high4: Input
    curve1: Literal["linear", "log"]
    curve2: Literal["linear", "log"]
    curve3: Literal["linear", "log"]
    curve4: Literal["linear", "log"]
    out1: Out
    out2: Out
    out3: Out
    out4: Out
    def __init__(
        self,
        knob: Value = 0.0,
        low1: Value = 0.0,
        high1: Value = 1.0,
        low2: Value = 0.0,
        high2: Value = 1.0,
        low3: Value = 0.0,
        high3: Value = 1.0,
        low4: Value = 0.0,
        high4: Value = 1.0,
        curve1: Literal["linear", "log"] = "linear",
        curve2: Literal["linear", "log"] = "linear",
        curve3: Literal["linear", "log"] = "linear",
        curve4: Literal["linear", "log"] = "linear",
        *,
        name: str | None = None,
    ) -> None: ...

class Markov(Node):
    """Markov-chain melody generator: variations on the tune in `learn`."""

    learn: str
    clock: CableInput
    order: int
    step: float
    gate: Input
    tempo: Input
    reset: Input
    velocity: float
    channel: int
    seed: int
    out: Out
    def __init__(
        self,
        learn: str = "C4 D4 E4 C4 | C4 D4 E4 C4 | E4 F4 G4*2 | E4 F4 G4*2",
        clock: Cable | Node = ...,
        order: int = 1,
        step: float = 0.5,
        gate: Value = 0.9,
        tempo: Value = 120.0,
        reset: Value = 0.0,
        velocity: float = 0.8,
        channel: int = 1,
        seed: int = 0,
        *,
        name: str | None = None,
    ) -> None: ...

class Melody(Node):
    """Random melody generator: a seeded walk through a scale, in phrases that repeat with variations."""

    clock: CableInput
    root: str
    scale: Literal["chromatic", "major", "minor", "harmonic_minor", "melodic_minor", "dorian", "phrygian", "lydian", "mixolydian", "locrian", "major_pentatonic", "minor_pentatonic", "blues", "whole_tone", "octaves"]
    range: int
    phrase: int
    step: float
    leap: Input
    rest: Input
    variation: Input
    gate: Input
    swing: Input
    tempo: Input
    reset: Input
    velocity: float
    channel: int
    seed: int
    out: Out
    def __init__(
        self,
        clock: Cable | Node = ...,
        root: str = "C4",
        scale: Literal["chromatic", "major", "minor", "harmonic_minor", "melodic_minor", "dorian", "phrygian", "lydian", "mixolydian", "locrian", "major_pentatonic", "minor_pentatonic", "blues", "whole_tone", "octaves"] = "minor_pentatonic",
        range: int = 8,
        phrase: int = 16,
        step: float = 0.5,
        leap: Value = 3.0,
        rest: Value = 0.2,
        variation: Value = 0.2,
        gate: Value = 0.8,
        swing: Value = 0.5,
        tempo: Value = 120.0,
        reset: Value = 0.0,
        velocity: float = 0.7,
        channel: int = 1,
        seed: int = 0,
        *,
        name: str | None = None,
    ) -> None: ...

class Merge(Node):
    """Merges two events cables in frame order; a list `[keys, line]` creates it."""

    a: CableInput
    b: CableInput
    out: Out
    def __init__(self, a: Cable | Node = ..., b: Cable | Node = ..., *, name: str | None = None) -> None: ...

class Meter(Node):
    """Level meter with peak and RMS outputs; passes the signal through."""

    audio: Input
    time: Input
    out: Out
    peak: Out
    rms: Out
    def __init__(self, audio: Value = ..., time: Value = 0.3, *, name: str | None = None) -> None: ...

class MidiClock(Node):
    """Clock that follows incoming MIDI timing clock: 24 ticks per beat, start, stop, continue and song position."""

    events: CableInput
    tempo: Input
    offset: Input
    quantum: float
    out: Out
    def __init__(
        self,
        events: Cable | Node = ...,
        tempo: Value = 120.0,
        offset: Value = 0.0,
        quantum: float = 4.0,
        *,
        name: str | None = None,
    ) -> None: ...

class MidiFile(Node):
    """Standard MIDI File player: every event at its exact frame, by the file's tempos or as a clip on a clock."""

    file: str
    clock: CableInput
    reset: Input
    loop: bool
    length: float
    transpose: int
    channel: int
    chase: bool
    out: Out
    beat: Out
    def __init__(
        self,
        file: str = "",
        clock: Cable | Node = ...,
        reset: Value = 0.0,
        loop: bool = False,
        length: float = 0.0,
        transpose: int = 0,
        channel: int = 0,
        chase: bool = True,
        *,
        name: str | None = None,
    ) -> None: ...

class MidiIn(Node):
    """MIDI input: events from the MIDI ports, or from the file given with `--midi`, each at its exact frame."""

    music: CableInput
    rest: Input
    channel: int
    presets: Literal["lowest", "all", "none"]
    out: Out
    def __init__(
        self,
        music: Cable | Node = ...,
        rest: Value = 8.0,
        channel: int = 0,
        presets: Literal["lowest", "all", "none"] = "lowest",
        *,
        name: str | None = None,
    ) -> None: ...

class MidiOut(Node):
    """MIDI output: sends events to the open MIDI output ports, each at the time its frame is played."""

    events: CableInput
    channel: int
    out: Out
    def __init__(self, events: Cable | Node = ..., channel: int = 0, *, name: str | None = None) -> None: ...

class Mix(Node):
    """Sums all voices of a signal to one; channels stay separate."""

    audio: Input
    out: Out
    def __init__(self, audio: Value = ..., *, name: str | None = None) -> None: ...

class Modal(Node):
    """Modal resonator: bars, bells, bowls, glasses, plates and membranes, struck or driven by audio."""

    trigger: Input
    velocity: Input
    freq: Input
    gate: Input
    audio: Input
    decay: Input
    release: Input
    damping: Input
    position: Input
    mallet: Input
    body: Literal["bar", "marimba", "xylophone", "tine", "bell", "bowl", "glass", "plate", "membrane", "kettle"]
    out: Out
    def __init__(
        self,
        trigger: Value = 0.0,
        velocity: Value = 1.0,
        freq: Value = 440.0,
        gate: Value = 1.0,
        audio: Value = ...,
        decay: Value = 4.0,
        release: Value = 2.0,
        damping: Value = 0.25,
        position: Value = 0.25,
        mallet: Value = 4000.0,
        body: Literal["bar", "marimba", "xylophone", "tine", "bell", "bowl", "glass", "plate", "membrane", "kettle"] = "bar",
        *,
        name: str | None = None,
    ) -> None: ...

class Noise(Node):
    """Noise generator: white (equal power per hertz), pink (equal power per octave) or brown (-6 dB/octave)."""

    level: Input
    out: Out
    color: Literal["white", "pink", "brown"]
    seed: int
    def __init__(
        self,
        level: Value = 1.0,
        color: Literal["white", "pink", "brown"] = "white",
        seed: int = 0,
        *,
        name: str | None = None,
    ) -> None: ...

class Notch(Node):
    """Two-pole notch filter: removes one frequency, such as hum or a whistle."""

    audio: Input
    cutoff: Input
    q: Input
    out: Out
    def __init__(
        self,
        audio: Value = ...,
        cutoff: Value = 1000.0,
        q: Value = 1.0,
        *,
        name: str | None = None,
    ) -> None: ...

class NoteEcho(Node):
    """Note echo: repeats each note, softer each time and optionally transposed."""

    events: CableInput
    clock: CableInput
    beats: float
    repeats: int
    decay: Input
    transpose: int
    dry: bool
    tempo: Input
    out: Out
    def __init__(
        self,
        events: Cable | Node = ...,
        clock: Cable | Node = ...,
        beats: float = 0.75,
        repeats: int = 4,
        decay: Value = 0.7,
        transpose: int = 0,
        dry: bool = True,
        tempo: Value = 120.0,
        *,
        name: str | None = None,
    ) -> None: ...

class Notes(Node):
    """Note sequence written as text and played by a clock: `Notes("C4 E4 [G4 C5]:0.6*2 . | A3*3 -")`."""

    notes: str
    clock: CableInput
    tempo: Input
    reset: Input
    step: float
    direction: Literal["forward", "backward", "ping_pong", "random"]
    gate: float
    velocity: float
    loop: bool
    transpose: int
    channel: int
    seed: int
    out: Out
    def __init__(
        self,
        notes: str = "C4 E4 G4 E4",
        clock: Cable | Node = ...,
        tempo: Value = 120.0,
        reset: Value = 0.0,
        step: float = 0.5,
        direction: Literal["forward", "backward", "ping_pong", "random"] = "forward",
        gate: float = 0.9,
        velocity: float = 0.8,
        loop: bool = True,
        transpose: int = 0,
        channel: int = 1,
        seed: int = 0,
        *,
        name: str | None = None,
    ) -> None: ...

class Organ(Node):
    """Drawbar organ: nine sine partials per key, as from the tonewheels of a Hammond."""

    freq: Input
    sub: Input
    quint: Input
    unison: Input
    octave: Input
    twelfth: Input
    fifteenth: Input
    tierce: Input
    larigot: Input
    whistle: Input
    trigger: Input
    start_phase: Input
    sync: Input
    out: Out
    def __init__(
        self,
        freq: Value = 220.0,
        sub: Value = 8.0,
        quint: Value = 8.0,
        unison: Value = 8.0,
        octave: Value = 0.0,
        twelfth: Value = 0.0,
        fifteenth: Value = 0.0,
        tierce: Value = 0.0,
        larigot: Value = 0.0,
        whistle: Value = 0.0,
        trigger: Value = 0.0,
        start_phase: Value = 0.0,
        sync: Value = 0.0,
        *,
        name: str | None = None,
    ) -> None: ...

class Pan(Node):
    """Stereo panner: places each voice between left and right and sums the voices."""

    audio: Input
    position: Input
    spread: Input
    law: Literal["constant_power", "linear", "compromise"]
    out: Out
    def __init__(
        self,
        audio: Value = ...,
        position: Value = 0.0,
        spread: Value = 0.0,
        law: Literal["constant_power", "linear", "compromise"] = "constant_power",
        *,
        name: str | None = None,
    ) -> None: ...

class Pattern(Node):
    """Drum pattern player: a line of drum notation per drum, `kick: x...x... snare: ....X..o`, or a bundled pattern."""

    pattern: str
    drums: str
    clock: CableInput
    tempo: Input
    reset: Input
    fill: str
    fill_every: int
    file: str
    beats: float
    direction: Literal["forward", "backward", "ping_pong", "random"]
    swing: Input
    swing_step: float
    humanize: Input
    select: Input
    velocity: float
    accent: float
    ghost: float
    gate: float
    loop: bool
    seed: int
    channel: int
    out: Out
    def __init__(
        self,
        pattern: str = "rock",
        drums: str = "",
        clock: Cable | Node = ...,
        tempo: Value = 120.0,
        reset: Value = 0.0,
        fill: str = "",
        fill_every: int = 0,
        file: str = "",
        beats: float = 4.0,
        direction: Literal["forward", "backward", "ping_pong", "random"] = "forward",
        swing: Value = 0.5,
        swing_step: float = 0.5,
        humanize: Value = 0.0,
        select: Value = 0.0,
        velocity: float = 0.7,
        accent: float = 1.0,
        ghost: float = 0.3,
        gate: float = 0.125,
        loop: bool = True,
        seed: int = 0,
        channel: int = 10,
        *,
        name: str | None = None,
    ) -> None: ...

class Peak(Node):
    """Bell equalizer: boosts or cuts a band around one frequency."""

    audio: Input
    freq: Input
    gain: Input
    q: Input
    out: Out
    def __init__(
        self,
        audio: Value = ...,
        freq: Value = 1000.0,
        gain: Value = 6.0,
        q: Value = 1.0,
        *,
        name: str | None = None,
    ) -> None: ...

class Phaser(Node):
    """Phaser: a chain of modulated all-passes mixed with the input; sweeping notches, vowel-like swirls."""

    audio: Input
    rate: Input
    depth: Input
    center: Input
    feedback: Input
    mix: Input
    phase: Input
    spread: Input
    stages: int
    out: Out
    def __init__(
        self,
        audio: Value = ...,
        rate: Value = 0.4,
        depth: Value = 1.5,
        center: Value = 800.0,
        feedback: Value = 0.4,
        mix: Value = 0.5,
        phase: Value = 0.0,
        spread: Value = 0.0,
        stages: int = 6,
        *,
        name: str | None = None,
    ) -> None: ...

class Piano(Node):
    """Piano: a felt hammer, two strings per note, and the knock of the case."""

    trigger: Input
    velocity: Input
    freq: Input
    gate: Input
    decay: Input
    release: Input
    hardness: Input
    detune: Input
    stiffness: Input
    damping: Input
    knock: Input
    out: Out
    def __init__(
        self,
        trigger: Value = 0.0,
        velocity: Value = 0.7,
        freq: Value = 220.0,
        gate: Value = 1.0,
        decay: Value = 12.0,
        release: Value = 0.3,
        hardness: Value = 0.5,
        detune: Value = 0.8,
        stiffness: Value = 1.0,
        damping: Value = 5000.0,
        knock: Value = 0.3,
        *,
        name: str | None = None,
    ) -> None: ...

class PitchShift(Node):
    """Pitch shifter: transposes audio without changing its speed, for harmonies, octaves and tuning."""

    audio: Input
    shift: Input
    mix: Input
    grain: float
    out: Out
    def __init__(
        self,
        audio: Value = ...,
        shift: Value = 12.0,
        mix: Value = 1.0,
        grain: float = 0.025,
        *,
        name: str | None = None,
    ) -> None: ...

class Player(Node):
    """Recording player: plays a backing track, a stem or a field recording at any speed, forwards or backwards."""

    gate: Input
    trigger: Input
    speed: Input
    start: Input
    file: str
    loop: bool
    width: int
    out: Out
    def __init__(
        self,
        gate: Value = 1.0,
        trigger: Value = 0.0,
        speed: Value = 1.0,
        start: Value = 0.0,
        file: str = "",
        loop: bool = False,
        width: int = 2,
        *,
        name: str | None = None,
    ) -> None: ...

class Pluck(Node):
    """Plucked string: guitar, harp, harpsichord or koto, depending on where and how it is plucked."""

    trigger: Input
    velocity: Input
    freq: Input
    gate: Input
    decay: Input
    release: Input
    damping: Input
    position: Input
    brightness: Input
    stiffness: Input
    out: Out
    def __init__(
        self,
        trigger: Value = 0.0,
        velocity: Value = 1.0,
        freq: Value = 220.0,
        gate: Value = 1.0,
        decay: Value = 4.0,
        release: Value = 0.15,
        damping: Value = 6000.0,
        position: Value = 0.13,
        brightness: Value = 0.6,
        stiffness: Value = 8e-05,
        *,
        name: str | None = None,
    ) -> None: ...

class Pressure(Node):
    """Aftertouch as a control signal between `min` and `max`."""

    events: CableInput
    min: Input
    max: Input
    channel: int
    keys: bool
    out: Out
    def __init__(
        self,
        events: Cable | Node = ...,
        min: Value = 0.0,
        max: Value = 1.0,
        channel: int = 0,
        keys: bool = False,
        *,
        name: str | None = None,
    ) -> None: ...

class Pulse(Node):
    """Band-limited pulse oscillator: hollow at half width (odd harmonics only), nasal when narrow."""

    freq: Input
    width: Input
    trigger: Input
    start_phase: Input
    sync: Input
    out: Out
    def __init__(
        self,
        freq: Value = 440.0,
        width: Value = 0.5,
        trigger: Value = 0.0,
        start_phase: Value = 0.0,
        sync: Value = 0.0,
        *,
        name: str | None = None,
    ) -> None: ...

class Quantize(Node):
    """Note quantizer: delays notes to the next grid line to tighten loose playing."""

    events: CableInput
    clock: CableInput
    grid: float
    strength: Input
    swing: Input
    forgive: Input
    tempo: Input
    out: Out
    def __init__(
        self,
        events: Cable | Node = ...,
        clock: Cable | Node = ...,
        grid: float = 0.25,
        strength: Value = 1.0,
        swing: Value = 0.5,
        forgive: Value = 0.0,
        tempo: Value = 120.0,
        *,
        name: str | None = None,
    ) -> None: ...

class Random(Node):
    """Random modulation source: stepped or smooth random values at a given rate."""

    rate: Input
    low: Input
    high: Input
    glide: Input
    trigger: Input
    beats: Input
    clock: CableInput
    seed: int
    out: Out
    def __init__(
        self,
        rate: Value = 2.0,
        low: Value = -1.0,
        high: Value = 1.0,
        glide: Value = 0.0,
        trigger: Value = 0.0,
        beats: Value = 0.0,
        clock: Cable | Node = ...,
        seed: int = 0,
        *,
        name: str | None = None,
    ) -> None: ...

class Reed(Node):
    """Reed woodwind, clarinet-like: nearly a sine when blown softly, buzzing when blown hard, with a tongued attack."""

    gate: Input
    velocity: Input
    freq: Input
    pressure: Input
    attack: Input
    release: Input
    brightness: Input
    noise: Input
    out: Out
    def __init__(
        self,
        gate: Value = 0.0,
        velocity: Value = 0.7,
        freq: Value = 220.0,
        pressure: Value = 0.0,
        attack: Value = 0.03,
        release: Value = 0.04,
        brightness: Value = 2600.0,
        noise: Value = 0.12,
        *,
        name: str | None = None,
    ) -> None: ...

class Reverb(Node):
    """Feedback-delay-network reverb: smooth, dense rooms from booth to cathedral; the output is wet only."""

    audio: Input
    decay: Input
    size: Input
    damping: Input
    predelay: Input
    freeze: Input
    out: Out
    def __init__(
        self,
        audio: Value = ...,
        decay: Value = 2.4,
        size: Value = 0.8,
        damping: Value = 6000.0,
        predelay: Value = 0.0,
        freeze: Value = 0.0,
        *,
        name: str | None = None,
    ) -> None: ...

class RimShot(Node):
    """Side stick: the stick lies on the drumhead and strikes the rim. A dry, woody crack."""

    trigger: Input
    velocity: Input
    freq: Input
    decay: Input
    damping: Input
    position: Input
    stick: Input
    click: Input
    out: Out
    def __init__(
        self,
        trigger: Value = 0.0,
        velocity: Value = 1.0,
        freq: Value = 490.0,
        decay: Value = 0.075,
        damping: Value = 0.3,
        position: Value = 0.15,
        stick: Value = 6500.0,
        click: Value = 0.35,
        *,
        name: str | None = None,
    ) -> None: ...

class RingMod(Node):
    """Ring modulator: bell, robot and radio sounds from any input."""

    audio: Input
    modulator: Input
    freq: Input
    mix: Input
    out: Out
    carrier: Literal["sine", "input"]
    def __init__(
        self,
        audio: Value = ...,
        modulator: Value = ...,
        freq: Value = 440.0,
        mix: Value = 1.0,
        carrier: Literal["sine", "input"] = "sine",
        *,
        name: str | None = None,
    ) -> None: ...

class Rotary(Node):
    """Rotary speaker: an organ's Leslie cabinet with horn and drum, recorded by two microphones."""

    audio: Input
    speed: Input
    weight: Input
    angle: Input
    drum: Input
    out: Out
    def __init__(
        self,
        audio: Value = ...,
        speed: Value = 1.0,
        weight: Value = 1.0,
        angle: Value = 90.0,
        drum: Value = 1.0,
        *,
        name: str | None = None,
    ) -> None: ...

class SampleHold(Node):
    """Sample and hold: samples the signal on each trigger and holds the value until the next."""

    audio: Input
    trigger: Input
    out: Out
    def __init__(self, audio: Value = ..., trigger: Value = 0.0, *, name: str | None = None) -> None: ...

class Sampler(Node):
    """Sampler: plays recordings as an instrument, with key and velocity zones, loops, and release samples."""

    freq: Input
    gate: Input
    trigger: Input
    velocity: Input
    release: Input
    file: str
    zones: str
    root: float
    width: int
    out: Out
    def __init__(
        self,
        freq: Value = 261.6256,
        gate: Value = ...,
        trigger: Value = 0.0,
        velocity: Value = 1.0,
        release: Value = 0.2,
        file: str = "",
        zones: str = "",
        root: float = 60.0,
        width: int = 2,
        *,
        name: str | None = None,
    ) -> None: ...

class Saturation(Node):
    """Tape and tube saturation: out = tanh(drive * audio + bias), band-limited."""

    audio: Input
    drive: Input
    bias: Input
    out: Out
    def __init__(
        self,
        audio: Value = ...,
        drive: Value = 2.0,
        bias: Value = 0.2,
        *,
        name: str | None = None,
    ) -> None: ...

class Saw(Node):
    """Band-limited sawtooth oscillator: every harmonic at 1/n; brass, strings, subtractive synthesis."""

    freq: Input
    trigger: Input
    start_phase: Input
    sync: Input
    out: Out
    def __init__(
        self,
        freq: Value = 440.0,
        trigger: Value = 0.0,
        start_phase: Value = 0.0,
        sync: Value = 0.0,
        *,
        name: str | None = None,
    ) -> None: ...

class Scale(Node):
    """Pitch quantizer: snaps a frequency to the nearest note of a scale."""

    freq: Input
    scale: Literal["chromatic", "major", "minor", "harmonic_minor", "melodic_minor", "dorian", "phrygian", "lydian", "mixolydian", "locrian", "major_pentatonic", "minor_pentatonic", "blues", "whole_tone", "octaves"]
    root: Literal["C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B"]
    tuning: float
    out: Out
    def __init__(
        self,
        freq: Value = 440.0,
        scale: Literal["chromatic", "major", "minor", "harmonic_minor", "melodic_minor", "dorian", "phrygian", "lydian", "mixolydian", "locrian", "major_pentatonic", "minor_pentatonic", "blues", "whole_tone", "octaves"] = "major",
        root: Literal["C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B"] = "C",
        tuning: float = 440.0,
        *,
        name: str | None = None,
    ) -> None: ...

class Schroeder(Node):
    """Schroeder reverb: parallel combs and series all-passes; the metallic rooms of the 1980s."""

    audio: Input
    decay: Input
    damping: Input
    freeze: Input
    out: Out
    def __init__(
        self,
        audio: Value = ...,
        decay: Value = 1.5,
        damping: Value = 6000.0,
        freeze: Value = 0.0,
        *,
        name: str | None = None,
    ) -> None: ...

class Scope(Node):
    """Oscilloscope buffer: keeps the last seconds of a signal for a display and passes it through."""

    audio: Input
    seconds: float
    out: Out
    def __init__(self, audio: Value = ..., seconds: float = 1.0, *, name: str | None = None) -> None: ...

class Shaker(Node):
    """Shaker: maraca, egg, cabasa or rainstick, depending on the number of beans and the size of the gourd."""

    trigger: Input
    velocity: Input
    freq: Input
    q: Input
    beans: Input
    attack: Input
    decay: Input
    out: Out
    def __init__(
        self,
        trigger: Value = 0.0,
        velocity: Value = 1.0,
        freq: Value = 5200.0,
        q: Value = 2.0,
        beans: Value = 1500.0,
        attack: Value = 0.012,
        decay: Value = 0.16,
        *,
        name: str | None = None,
    ) -> None: ...

class ShiftRegister(Node):
    """Shift-register sequencer: a loop of random notes that mutates at a set rate, after the Turing Machine module."""

    clock: CableInput
    length: int
    change: Input
    root: str
    scale: Literal["chromatic", "major", "minor", "harmonic_minor", "melodic_minor", "dorian", "phrygian", "lydian", "mixolydian", "locrian", "major_pentatonic", "minor_pentatonic", "blues", "whole_tone", "octaves"]
    range: int
    rhythm: bool
    step: float
    gate: Input
    swing: Input
    tempo: Input
    reset: Input
    velocity: float
    channel: int
    seed: int
    out: Out
    def __init__(
        self,
        clock: Cable | Node = ...,
        length: int = 8,
        change: Value = 0.1,
        root: str = "C3",
        scale: Literal["chromatic", "major", "minor", "harmonic_minor", "melodic_minor", "dorian", "phrygian", "lydian", "mixolydian", "locrian", "major_pentatonic", "minor_pentatonic", "blues", "whole_tone", "octaves"] = "minor_pentatonic",
        range: int = 12,
        rhythm: bool = True,
        step: float = 0.25,
        gate: Value = 0.5,
        swing: Value = 0.5,
        tempo: Value = 120.0,
        reset: Value = 0.0,
        velocity: float = 0.8,
        channel: int = 1,
        seed: int = 0,
        *,
        name: str | None = None,
    ) -> None: ...

class Sine(Node):
    """Sine oscillator: one partial, the carrier or the modulator of through-zero FM."""

    freq: Input
    phase: Input
    trigger: Input
    start_phase: Input
    sync: Input
    out: Out
    def __init__(
        self,
        freq: Value = 440.0,
        phase: Value = 0.0,
        trigger: Value = 0.0,
        start_phase: Value = 0.0,
        sync: Value = 0.0,
        *,
        name: str | None = None,
    ) -> None: ...

class Slew(Node):
    """Slew limiter: portamento, lag, smoothed steps."""

    audio: Input
    rise: Input
    fall: Input
    shape: Literal["exponential", "linear"]
    out: Out
    def __init__(
        self,
        audio: Value = ...,
        rise: Value = 0.1,
        fall: Value = 0.1,
        shape: Literal["exponential", "linear"] = "exponential",
        *,
        name: str | None = None,
    ) -> None: ...

class Snare(Node):
    """Snare drum: two coupled heads and the rattle of the wires, from dry electronic to wooden."""

    trigger: Input
    velocity: Input
    freq: Input
    decay: Input
    wires: Input
    wires_decay: Input
    tone: Input
    sweep: Input
    out: Out
    def __init__(
        self,
        trigger: Value = 0.0,
        velocity: Value = 1.0,
        freq: Value = 185.0,
        decay: Value = 0.25,
        wires: Value = 0.6,
        wires_decay: Value = 0.28,
        tone: Value = 2200.0,
        sweep: Value = 4.0,
        *,
        name: str | None = None,
    ) -> None: ...

class SoftClip(Node):
    """Soft clipper: out = tanh(drive * audio), band-limited by sixfold oversampling."""

    audio: Input
    drive: Input
    out: Out
    def __init__(self, audio: Value = ..., drive: Value = 1.0, *, name: str | None = None) -> None: ...

class Split(Node):
    """Keyboard split by key, velocity or channel: bass for the left hand, brass for hard strikes."""

    events: CableInput
    by: Literal["key", "velocity", "channel"]
    points: str
    out1: Out
    out2: Out
    out3: Out
    out4: Out
    def __init__(
        self,
        events: Cable | Node = ...,
        by: Literal["key", "velocity", "channel"] = "key",
        points: str = "C4",
        *,
        name: str | None = None,
    ) -> None: ...

class Steps(Node):
    """Step sequencer with ties, slides, ratchets, probability and swing."""

    steps: str
    clock: CableInput
    gate: Input
    swing: Input
    tempo: Input
    reset: Input
    probability: Input
    ratchet: Input
    step: float
    direction: Literal["forward", "backward", "ping_pong", "random"]
    velocity: float
    root: str
    scale: Literal["chromatic", "major", "minor", "harmonic_minor", "melodic_minor", "dorian", "phrygian", "lydian", "mixolydian", "locrian", "major_pentatonic", "minor_pentatonic", "blues", "whole_tone", "octaves"]
    channel: int
    seed: int
    out: Out
    def __init__(
        self,
        steps: str = "0 . 0:0.5 12?0.5 0 3~ 5 0x2",
        clock: Cable | Node = ...,
        gate: Value = 0.5,
        swing: Value = 0.5,
        tempo: Value = 120.0,
        reset: Value = 0.0,
        probability: Value = 1.0,
        ratchet: Value = 1.0,
        step: float = 0.25,
        direction: Literal["forward", "backward", "ping_pong", "random"] = "forward",
        velocity: float = 0.8,
        root: str = "C3",
        scale: Literal["chromatic", "major", "minor", "harmonic_minor", "melodic_minor", "dorian", "phrygian", "lydian", "mixolydian", "locrian", "major_pentatonic", "minor_pentatonic", "blues", "whole_tone", "octaves"] = "minor",
        channel: int = 1,
        seed: int = 0,
        *,
        name: str | None = None,
    ) -> None: ...

class SuperSaw(Node):
    """Supersaw oscillator: seven detuned saws spread in stereo, the wide lead and pad of trance."""

    freq: Input
    detune: Input
    mix: Input
    spread: Input
    trigger: Input
    start_phase: Input
    sync: Input
    out: Out
    seed: int
    def __init__(
        self,
        freq: Value = 220.0,
        detune: Value = 20.0,
        mix: Value = 0.5,
        spread: Value = 0.7,
        trigger: Value = 0.0,
        start_phase: Value = 0.0,
        sync: Value = 0.0,
        seed: int = 0,
        *,
        name: str | None = None,
    ) -> None: ...

class Tambourine(Node):
    """Tambourine: jingles on a frame, shaken or struck, with or without a head."""

    trigger: Input
    velocity: Input
    freq: Input
    jingles: Input
    attack: Input
    decay: Input
    skin: Input
    pitch: Input
    out: Out
    def __init__(
        self,
        trigger: Value = 0.0,
        velocity: Value = 1.0,
        freq: Value = 2300.0,
        jingles: Value = 1100.0,
        attack: Value = 0.004,
        decay: Value = 0.3,
        skin: Value = 0.15,
        pitch: Value = 230.0,
        *,
        name: str | None = None,
    ) -> None: ...

class Tilt(Node):
    """Tilt equalizer: a one-knob tone control that boosts highs and cuts lows, or the reverse, around a pivot."""

    audio: Input
    gain: Input
    freq: Input
    out: Out
    def __init__(
        self,
        audio: Value = ...,
        gain: Value = 3.0,
        freq: Value = 700.0,
        *,
        name: str | None = None,
    ) -> None: ...

class Tom(Node):
    """Tom-tom: a round head on a shell; low and long for a floor tom, high and dry for a rototom."""

    trigger: Input
    velocity: Input
    freq: Input
    decay: Input
    damping: Input
    sweep: Input
    sweep_time: Input
    position: Input
    stick: Input
    click: Input
    out: Out
    def __init__(
        self,
        trigger: Value = 0.0,
        velocity: Value = 1.0,
        freq: Value = 110.0,
        decay: Value = 1.1,
        damping: Value = 0.7,
        sweep: Value = 3.5,
        sweep_time: Value = 0.22,
        position: Value = 0.3,
        stick: Value = 2500.0,
        click: Value = 0.3,
        *,
        name: str | None = None,
    ) -> None: ...

class Transport(Node):
    """Internal clock with its own tempo: beats, bars and sections without an external clock."""

    tempo: Input
    quantum: float
    meter: str
    playing: Input
    tempos: str
    ramp: Input
    tap: Input
    tap_phase: bool
    reset: Input
    swing: Input
    swing_step: float
    loop_from: Input
    loop_to: Input
    sections: str
    loop: str
    start: float
    file: str
    out: Out
    section: Out
    def __init__(
        self,
        tempo: Value = 120.0,
        quantum: float = 4.0,
        meter: str = "",
        playing: Value = 1.0,
        tempos: str = "",
        ramp: Value = 0.0,
        tap: Value = 0.0,
        tap_phase: bool = False,
        reset: Value = 0.0,
        swing: Value = 0.5,
        swing_step: float = 0.5,
        loop_from: Value = 0.0,
        loop_to: Value = 0.0,
        sections: str = "",
        loop: str = "",
        start: float = 1.0,
        file: str = "",
        *,
        name: str | None = None,
    ) -> None: ...

class Transpose(Node):
    """Transposer: moves notes by semitones and, if a scale is chosen, to the nearest note of that scale."""

    events: CableInput
    semitones: Input
    scale: Literal["chromatic", "major", "minor", "harmonic_minor", "melodic_minor", "dorian", "phrygian", "lydian", "mixolydian", "locrian", "major_pentatonic", "minor_pentatonic", "blues", "whole_tone", "octaves"]
    root: Literal["C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B"]
    out: Out
    def __init__(
        self,
        events: Cable | Node = ...,
        semitones: Value = 0.0,
        scale: Literal["chromatic", "major", "minor", "harmonic_minor", "melodic_minor", "dorian", "phrygian", "lydian", "mixolydian", "locrian", "major_pentatonic", "minor_pentatonic", "blues", "whole_tone", "octaves"] = "chromatic",
        root: Literal["C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B"] = "C",
        *,
        name: str | None = None,
    ) -> None: ...

class Tremolo(Node):
    """Tremolo: periodic amplitude modulation, from guitar-amp shimmer to chopper."""

    audio: Input
    rate: Input
    depth: Input
    hardness: Input
    out: Out
    def __init__(
        self,
        audio: Value = ...,
        rate: Value = 5.0,
        depth: Value = 0.6,
        hardness: Value = 0.0,
        *,
        name: str | None = None,
    ) -> None: ...

class Triangle(Node):
    """Band-limited triangle oscillator: odd harmonics at 1/n**2; mellow, between a flute and a sine with some edge."""

    freq: Input
    trigger: Input
    start_phase: Input
    sync: Input
    out: Out
    def __init__(
        self,
        freq: Value = 440.0,
        trigger: Value = 0.0,
        start_phase: Value = 0.0,
        sync: Value = 0.0,
        *,
        name: str | None = None,
    ) -> None: ...

class Vibrato(Node):
    """Vibrato: periodic pitch modulation by exactly `depth` at any `rate`."""

    audio: Input
    rate: Input
    depth: Input
    out: Out
    def __init__(
        self,
        audio: Value = ...,
        rate: Value = 5.5,
        depth: Value = 30.0,
        *,
        name: str | None = None,
    ) -> None: ...

class Vocal(Node):
    """Singing voice: vowels with smooth morphing, from soft and breathy to full, and a vibrato that fades in."""

    gate: Input
    velocity: Input
    freq: Input
    vowel: Input
    tract: Input
    breath: Input
    vibrato: Input
    rate: Input
    attack: Input
    release: Input
    out: Out
    def __init__(
        self,
        gate: Value = 0.0,
        velocity: Value = 0.7,
        freq: Value = 220.0,
        vowel: Value = 0.0,
        tract: Value = 1.0,
        breath: Value = 0.08,
        vibrato: Value = 25.0,
        rate: Value = 5.6,
        attack: Value = 0.04,
        release: Value = 0.08,
        *,
        name: str | None = None,
    ) -> None: ...

class Vocoder(Node):
    """Channel vocoder: makes an instrument talk by applying the band levels of a voice to it."""

    audio: Input
    voice: Input
    attack: Input
    release: Input
    sibilance: Input
    gain: Input
    bands: int
    lowest: float
    highest: float
    out: Out
    def __init__(
        self,
        audio: Value = ...,
        voice: Value = ...,
        attack: Value = 0.003,
        release: Value = 0.02,
        sibilance: Value = 0.2,
        gain: Value = 12.0,
        bands: int = 20,
        lowest: float = 100.0,
        highest: float = 10000.0,
        *,
        name: str | None = None,
    ) -> None: ...

class VoiceAllocator(Node):
    """Polyphonic voice allocator: gives each note a voice with a frequency, a gate and its expression."""

    events: CableInput
    polyphony: int
    mode: Literal["poly", "mono", "legato", "unison"]
    mpe: Literal["auto", "lower", "upper", "off"]
    priority: Literal["last", "high", "low"]
    glide: Input
    glide_by: Literal["time", "rate"]
    glide_from: Literal["last", "voice"]
    same_key: Literal["once", "count"]
    keep_lowest: bool
    bend_range: Input
    detune: Input
    freq: Out
    gate: Out
    trigger: Out
    velocity: Out
    strike: Out
    bend: Out
    pressure: Out
    timbre: Out
    release: Out
    def __init__(
        self,
        events: Cable | Node = ...,
        polyphony: int = 16,
        mode: Literal["poly", "mono", "legato", "unison"] = "poly",
        mpe: Literal["auto", "lower", "upper", "off"] = "auto",
        priority: Literal["last", "high", "low"] = "last",
        glide: Value = 0.0,
        glide_by: Literal["time", "rate"] = "time",
        glide_from: Literal["last", "voice"] = "last",
        same_key: Literal["once", "count"] = "once",
        keep_lowest: bool = False,
        bend_range: Value = 2.0,
        detune: Value = 15.0,
        *,
        name: str | None = None,
    ) -> None: ...

class Wavefold(Node):
    """Wavefolder: folds the signal back repeatedly beyond the ceiling; the west-coast timbre."""

    audio: Input
    drive: Input
    symmetry: Input
    out: Out
    def __init__(
        self,
        audio: Value = ...,
        drive: Value = 3.0,
        symmetry: Value = 0.0,
        *,
        name: str | None = None,
    ) -> None: ...

class Wavetable(Node):
    """Wavetable oscillator: `position` morphs through single-cycle waveforms, as in PPG, Waldorf and Serum."""

    freq: Input
    position: Input
    trigger: Input
    start_phase: Input
    sync: Input
    out: Out
    table: Literal["basic", "pulse", "harmonics", "vowels"]
    file: str
    size: int
    def __init__(
        self,
        freq: Value = 220.0,
        position: Value = 0.0,
        trigger: Value = 0.0,
        start_phase: Value = 0.0,
        sync: Value = 0.0,
        table: Literal["basic", "pulse", "harmonics", "vowels"] = "basic",
        file: str = "",
        size: int = 2048,
        *,
        name: str | None = None,
    ) -> None: ...

class Width(Node):
    """Stereo width control: 0 mono, 1 unchanged, 2 twice the side signal."""

    audio: Input
    width: Input
    mono_below: Input
    out: Out
    def __init__(
        self,
        audio: Value = ...,
        width: Value = 1.0,
        mono_below: Value = 0.0,
        *,
        name: str | None = None,
    ) -> None: ...
