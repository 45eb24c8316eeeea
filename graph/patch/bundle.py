"""Locates patches: by path, or by the name of a bundled patch or instrument."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

from graph.errors import PatchError, Problem, did_you_mean, hidden_by

INSTRUMENTS = "instruments"
"""The folder of the bundled patches designed as nodes for other patches."""

KITS = "kits"
"""The folder of the drum kits, which are named `kits/brushes` and so on."""

_SOUND = "this is an audio file, not a patch (YAML): play it from a node of a patch, {{node: Sampler, file: {}}}"
_SONG = "this is a MIDI file, not a patch: play it through a patch with graphrun PATCH --midi {}"
INSTEAD = dict.fromkeys((".mid", ".midi"), _SONG)
INSTEAD |= dict.fromkeys((".wav", ".flac", ".ogg", ".aif", ".aiff", ".mp3", ".opus"), _SOUND)
"""Advice for files that are not patches, by suffix."""


def find(path: str | Path) -> Path:
    """The file of a patch: the path itself if it exists, otherwise the bundled patch; PatchError if neither exists."""
    instead = INSTEAD.get(Path(path).suffix.lower())
    if instead:
        raise PatchError([Problem(str(path), 1, 1, instead.format(path))])
    if exists(Path(path)):
        return Path(path)
    inside = bundled(str(path))
    if inside is not None:
        return inside
    folder = Path(path).parent
    near = _beside(folder, f"{folder}/" if str(folder) != "." else "")
    raise PatchError([Problem(str(path), 1, 1, _nothing(str(path), near))])


def _nothing(path: str, near: list[str]) -> str:
    return f"no such patch.{hidden_by('patches') or _hint(path, near, bundled_names())}"


def find_node(path: str, folder: Path) -> Path | None:
    """The file of `{patch: PATH}` in a patch of `folder`: relative to it, or bundled; None if there is none."""
    return next((place for place in (folder / path, folder / f"{path}.yaml") if exists(place)), None) or bundled(path)


def no_such_node(path: str, folder: Path) -> str:
    """The message for a `{patch: PATH}` that does not exist."""
    inside = Path(path[:200]).parent
    places = dict.fromkeys([inside, Path(), Path(INSTRUMENTS)])
    near = [name for each in places for name in _beside(folder / each, "" if each == Path() else f"{each.as_posix()}/")]
    kits = [f"{KITS}/{name}" for name in bundled_names(KITS)]
    return f"there is no patch '{path}'.{_hint(path, [*near, *kits], bundled_names(INSTRUMENTS))}"


def exists(path: Path) -> bool:
    """Whether a file or folder of that name exists."""
    try:
        return path.exists()
    except (OSError, ValueError):  # not a valid file name
        return False


def bundled(name: str) -> Path | None:
    """The file of a bundled patch or instrument: `first_light`, `first_light.yaml`, `patches/first_light.yaml`."""
    inside = Path(name.replace("\\", "/").removeprefix("patches/"))
    if inside.is_absolute() or ".." in inside.parts:
        return None
    for folder in _bundle():
        for place in (folder, folder / INSTRUMENTS):
            for candidate in (place / inside, place / f"{inside}.yaml"):
                if candidate.suffix == ".yaml" and exists(candidate):
                    return candidate
    return None


def bundled_names(kind: str = "") -> list[str]:
    """The names of the bundled patches, or with "instruments" of those designed as nodes."""
    return sorted({file.stem for folder in _bundle() for file in (folder / kind).glob("*.yaml")})


def bundled_files(kind: str) -> list[Path]:
    """The YAML files of one bundled folder, such as "patterns"."""
    return sorted(file for folder in _bundle() for file in (folder / kind).glob("*.yaml"))


def _bundle() -> list[Path]:
    """The folders of the data package `patches`; real paths, because patches name files relative to their own."""
    spec = find_spec("patches")
    return [Path(folder) for folder in (spec and spec.submodule_search_locations) or ()]


def _beside(folder: Path, prefix: str) -> list[str]:
    try:
        return sorted(prefix + file.name for file in folder.glob("*.y*ml"))[:500]
    except (OSError, ValueError):
        return []


def _hint(path: str, near: list[str], names: list[str]) -> str:
    shown = path[:100]
    hint = did_you_mean(shown, [*near, *names]) or did_you_mean(Path(shown).stem, names)
    return hint or (f" Bundled: {', '.join(names)}" if names else "")
