"""Open Sound Control packets: this module parses bundles, python-osc parses messages.

python-osc's own bundle parser loops forever on a negative size and logs unknown types,
so it only receives single messages of the types below.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from graph.errors import GraphrunError

BUNDLE = b"#bundle\x00"
TYPES = frozenset(b"ifsdhTFNb")
DEEPEST = 16
IMMEDIATELY = 1
SINCE_1900 = 2_208_988_800
"""Seconds between the epochs of OSC time tags (1900) and Unix time (1970)."""


class OscError(GraphrunError):
    """A packet is not valid OSC, or its request cannot be met."""


class Message(NamedTuple):
    """One OSC message; `time` is in seconds since 1970, or 0 for immediately."""

    address: str
    values: list[Any]
    time: float = 0.0


def messages(data: bytes, time: float = 0.0, depth: int = 0) -> Iterator[Message]:
    """The messages in a packet; OscError if it is not valid OSC."""
    if not data.startswith(BUNDLE):
        yield _message(data, time)
        return
    if len(data) < 16 or depth > DEEPEST:
        raise OscError("this bundle is truncated" if depth <= DEEPEST else "bundles are nested too deeply")
    (tag,) = struct.unpack_from(">Q", data, 8)
    time = tag / 2**32 - SINCE_1900 if tag > IMMEDIATELY else 0.0
    at = 16
    while at < len(data):
        if at + 4 > len(data):
            raise OscError("this bundle is truncated")
        (size,) = struct.unpack_from(">i", data, at)
        if size < 4 or at + 4 + size > len(data):
            raise OscError("this bundle is truncated")
        yield from messages(data[at + 4 : at + 4 + size], time, depth + 1)
        at += 4 + size


def _message(data: bytes, time: float) -> Message:
    from pythonosc.osc_message import OscMessage, ParseError

    end = data.find(b"\0")
    if not data.startswith(b"/") or end < 0:
        raise OscError("not an OSC message: an address begins with /")
    start = (end // 4 + 1) * 4
    tags = data[start : max(start, data.find(b"\0", start))]
    if data[start:] and not (tags.startswith(b",") and set(tags[1:]) <= TYPES):
        raise OscError(f"unsupported OSC type tag; supported types: {', '.join(map(chr, sorted(TYPES)))}")
    try:
        found = OscMessage(data)
    except (ParseError, ValueError, IndexError, struct.error):
        raise OscError("this OSC message is truncated") from None
    return Message(str(found.address), list(found), time)


def packet(address: str, values: Sequence[float | int | str]) -> bytes:
    """Encodes one message: 32-bit ints, 32-bit floats, strings."""
    from pythonosc.osc_message_builder import OscMessageBuilder

    builder = OscMessageBuilder(address)
    for value in values:
        builder.add_arg(value, "s" if isinstance(value, str) else "f" if isinstance(value, float) else "i")
    data: bytes = builder.build().dgram
    return data
