from __future__ import annotations

from graph import In, Out, State, within
from nodes.dsp.drive.shaper import Shaper, oversampled, shaped
from nodes.dsp.math.functions import sine


class Wavefold(Shaper):
    """Wavefolder: folds the signal back repeatedly beyond the ceiling; the west-coast timbre.

    The fold is a sine, as in Buchla's and Serge's circuits; rounded folds sound full where a triangle's buzz. It runs
    at four times the sample rate on the mean over each step, which the antiderivative of the sine gives in closed form:
    the sine at the midpoint times a sine quotient. Parker, Zavalishin, Le Bivic, "Reducing the aliasing of nonlinear
    waveshaping using continuous-time convolution", DAFx 2016.
    """

    audio = In(doc="Signal to fold; works best with a sine or triangle.")
    drive = In(3, "", 0, 20, ramp=0.03, doc="Gain: at 1 full scale reaches the ceiling; every 2 more add a fold.")
    symmetry = In(0, "", -1, 1, doc="Offset before the fold: adds even harmonics.")
    out = Out(doc="Folded signal, -1 .. 1 at symmetry 0; latency 3 frames.")
    last = State(doc="Previous sample, in cycles of the fold.")
    up, down, heard, planes = oversampled()

    @within(shaped, "x")
    def process(x, drive, symmetry, last):
        off, now = 0.25 * symmetry, 0.25 * drive * x
        way = now - last
        far = abs(way) > 1e-4
        mean = sine(off + last + 0.5 * way)
        mean *= 0.3183098861837907 * sine(0.5 * way) / (way if far else 1.0) if far else 1.0
        return mean - sine(off), now
