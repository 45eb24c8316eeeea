"""Singing voice: formants of five vowels for five voice types, and the vocal tract they define.

Imports nothing of `nodes`.
"""
