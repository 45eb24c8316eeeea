"""Ragas and maqamat: an ascent, a descent, and the pitches that tradition gives their notes.

Ragas are written in swaras: S r R g G m M P d D n N from the tonic to the major seventh, `'` an octave higher, `.` an
octave lower. A raga's `cents` are those of 5-limit just intonation. The steps of a maqam are in semitones, where 1.5
is a neutral second: quarter tones, as Arab theory since Mashaqa (1840) writes them; tuning varies by region.
"""

from __future__ import annotations

from fractions import Fraction as F  # noqa: N817
from math import log2

SWARAS = "SrRgGmMPdDnN"
RATIOS = (
    *(F(1), F(16, 15), F(9, 8), F(6, 5), F(5, 4), F(4, 3)),
    *(F(45, 32), F(3, 2), F(8, 5), F(5, 3), F(16, 9), F(15, 8)),
)
"""Just ratio of each swara."""
SWARA_CENTS = tuple(1200 * log2(ratio) for ratio in RATIOS)

_TEXT = """\
Abhogi: S R g m D S' / S' D m g R S
Ahir Bhairav: S r G m P D n S' / S' n D P m G r S
Asavari: S R m P d S' / S' n d P m g R S
Bageshri: S g m D n S' / S' n D m g R S
Bhairav: S r G m P d N S' / S' N d P m G r S
Bhairavi: S r g m P d n S' / S' n d P m g r S
Bhimpalasi: n. S g m P n S' / S' n D P m g R S
Bhupali: S R G P D S' / S' D P G R S
Bilahari: S R G P D S' / S' N D P m G R S
Bilawal: S R G m P D N S' / S' N D P m G R S
Brindabani Sarang: S R m P N S' / S' n P m R S
Charukesi: S R G m P d n S' / S' n d P m G R S
Darbari Kanada: S R g m P d n S' / S' d n P m P g m R S
Desh: S R m P N S' / S' n D P m G R S
Deshkar: S R G P D S' / S' D P G R S
Durga: S R m P D S' / S' D P m R S
Hamsadhwani: S R G P N S' / S' N P G R S
Hanumatodi: S r g m P d n S' / S' n d P m g r S
Hindol: S G M D N S' / S' N D M G S
Hindolam: S g m d n S' / S' n d m g S
Jaunpuri: S R m P d n S' / S' n d P m g R S
Jhinjhoti: S R m P D S' / S' n D P m G R S
Jogiya: S r m P d S' / S' n d P m r S
Kafi: S R g m P D n S' / S' n D P m g R S
Kalavati: S G P D n S' / S' n D P G S
Kalyani: S R G M P D N S' / S' N D P M G R S
Kambhoji: S R G m P D S' / S' n D P m G R S
Keeravani: S R g m P d N S' / S' N d P m g R S
Khamaj: S G m P D N S' / S' n D P m G R S
Kharaharapriya: S R g m P D n S' / S' n D P m g R S
Madhyamavati: S R m P n S' / S' n P m R S
Malkauns: S g m d n S' / S' n d m g S
Marwa: S r G M D N S' / S' N D M G r S
Mayamalavagowla: S r G m P d N S' / S' N d P m G r S
Megh: S R m P n S' / S' n P m R S
Mohanam: S R G P D S' / S' D P G R S
Multani: S g M P N S' / S' N d P M g r S
Natabhairavi: S R g m P d n S' / S' n d P m g R S
Puriya: N. r G M D N S' / S' N D M G r S
Puriya Dhanashri: S r G M P d N S' / S' N d P M G r S
Purvi: S r G M P d N S' / S' N d P M G r S
Rageshri: S G m D n S' / S' n D m G R S
Saveri: S r m P d S' / S' N d P m G r S
Shankara: S G P D N S' / S' N D P G R S
Shankarabharanam: S R G m P D N S' / S' N D P m G R S
Shanmukhapriya: S R g M P d n S' / S' n d P M g R S
Shivaranjani: S R g P D S' / S' D P g R S
Shree: S r M P N S' / S' N d P M G r S
Shuddha Saveri: S R m P D S' / S' D P m R S
Simhendramadhyamam: S R g M P d N S' / S' N d P M g R S
Sohni: S G M D N S' / S' N D M G r S
Tilang: S G m P N S' / S' n P m G S
Todi: S r g M P d N S' / S' N d P M g r S
Yaman: N. R G M D N S' / S' N D P M G R S"""

MAQAMAT = {
    "ajam": ((0, 2, 4, 5, 7, 9, 11, 12), (12, 11, 9, 7, 5, 4, 2, 0)),
    "bayati": ((0, 1.5, 3, 5, 7, 8, 10, 12), (12, 10, 8, 7, 5, 3, 1.5, 0)),
    "hijaz": ((0, 1, 4, 5, 7, 8.5, 10, 12), (12, 10, 8, 7, 5, 4, 1, 0)),
    "hijazkar": ((0, 1, 4, 5, 7, 8, 11, 12), (12, 11, 8, 7, 5, 4, 1, 0)),
    "kurd": ((0, 1, 3, 5, 7, 8, 10, 12), (12, 10, 8, 7, 5, 3, 1, 0)),
    "nahawand": ((0, 2, 3, 5, 7, 8, 11, 12), (12, 10, 8, 7, 5, 3, 2, 0)),
    "nakriz": ((0, 2, 3, 6, 7, 9, 10, 12), (12, 10, 9, 7, 6, 3, 2, 0)),
    "rast": ((0, 2, 3.5, 5, 7, 9, 10.5, 12), (12, 10, 9, 7, 5, 3.5, 2, 0)),
    "saba": ((0, 1.5, 3, 4, 7, 8, 10, 12), (12, 10, 8, 7, 4, 3, 1.5, 0)),
    "suznak": ((0, 2, 3.5, 5, 7, 8, 11, 12), (12, 11, 8, 7, 5, 3.5, 2, 0)),
}
"""Ascent and descent in semitones. Reference: J. Farraj and S. Abu Shumays, Inside Arabic Music, 2019."""


def _swaras(text: str) -> tuple[int, ...]:
    return tuple(SWARAS.index(word[0]) + 12 * (word.count("'") - word.count(".")) for word in text.split())


RAGAS = {
    name.lower().replace(" ", "_"): (_swaras(ways.split("/")[0]), _swaras(ways.split("/")[1]))
    for name, ways in (line.split(":") for line in _TEXT.splitlines())
}
"""Ascent and descent in semitones."""
