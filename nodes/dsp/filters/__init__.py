"""Filters as sections: state-variable, matched to the analog curve, weighted for loudness, loudspeaker cabinets.

Imports `math`.
"""
