"""The symbols that an object file refers to and does not define: ELF, COFF and Mach-O, 64-bit."""

from __future__ import annotations

import struct


def undefined(image: bytes) -> set[str]:
    """Names that the linker must find elsewhere."""
    if image[:4] == b"\x7fELF":
        return _elf(image)
    if image[:4] == b"\xcf\xfa\xed\xfe":
        return _macho(image)
    return _coff(image)


def _text(image: bytes, start: int) -> str:
    return image[start : image.index(b"\0", start)].decode()


def _elf(image: bytes) -> set[str]:
    (sections,) = struct.unpack_from("<Q", image, 0x28)
    size, count = struct.unpack_from("<HH", image, 0x3A)
    heads = [struct.unpack_from("<IIQQQQIIQQ", image, sections + i * size) for i in range(count)]
    found = set()
    for head in heads:
        if head[1] != 2:  # SHT_SYMTAB
            continue
        names = heads[head[6]][4]
        for at in range(head[4], head[4] + head[5], head[9]):
            name, _, _, section = struct.unpack_from("<IBBH", image, at)
            if name and section == 0:
                found.add(_text(image, names + name))
    return found


def _coff(image: bytes) -> set[str]:
    table, count = struct.unpack_from("<II", image, 8)
    strings = table + 18 * count
    found, index = set(), 0
    while index < count:
        at = table + 18 * index
        zeros, offset, value, section, _, kind, extra = struct.unpack_from("<IIIhHBB", image, at)
        if kind == 2 and section == 0 and value == 0:  # IMAGE_SYM_CLASS_EXTERNAL, undefined
            found.add(image[at : at + 8].rstrip(b"\0").decode() if zeros else _text(image, strings + offset))
        index += 1 + extra
    return found


def _macho(image: bytes) -> set[str]:
    (commands,) = struct.unpack_from("<I", image, 16)
    at = 32
    for _ in range(commands):
        command, size = struct.unpack_from("<II", image, at)
        if command == 2:  # LC_SYMTAB
            symbols, count, strings, _ = struct.unpack_from("<IIII", image, at + 8)
            break
        at += size
    found = set()
    for i in range(count):
        name, kind, section, _, _ = struct.unpack_from("<IBBHQ", image, symbols + 16 * i)
        if kind & 0x0E == 0 and section == 0:
            found.add(_text(image, strings + name).removeprefix("_"))
    return found
