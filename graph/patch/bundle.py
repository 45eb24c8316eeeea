"""Where patches are: the path that is written, or the name of a bundled patch or instrument."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

from graph.errors import PatchError, Problem, did_you_mean

INSTRUMENTS = "instruments"
"""The folder of the bundled patches that are made to be nodes of others."""

KITS = "kits"
"""The folder of the drum kits; they are called `kits/brushes`."""

_SOUND = (
    "this is an audio file, and a patch is a text (YAML) file: a node of a patch plays it, {{node: Sampler, file: {}}}"
)
_SONG = "this is a MIDI file, which a patch plays: graphrun PATCH --midi {}"
INSTEAD = dict.fromkeys((".mid", ".midi"), _SONG)
INSTEAD |= dict.fromkeys((".wav", ".flac", ".ogg", ".aif", ".aiff", ".mp3", ".opus"), _SOUND)
"""What to do with files that are no patches, by suffix."""


def find(path: str | Path) -> Path:
    """Where a patch is: the path itself if it exists, otherwise that bundled one; PatchError if there is none."""
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
    raise PatchError([Problem(str(path), 1, 1, f"there is no such patch.{_hint(str(path), near, bundled_names())}")])


def find_node(path: str, folder: Path) -> Path | None:
    """The file of `{patch: PATH}` in a patch of `folder`: beside it, or a bundled one; None if there is none."""
    return next((place for place in (folder / path, folder / f"{path}.yaml") if exists(place)), None) or bundled(path)


def no_such_node(path: str, folder: Path) -> str:
    """What to say of a `{patch: PATH}` that is not there."""
    inside = Path(path[:200]).parent
    places = dict.fromkeys([inside, Path(), Path(INSTRUMENTS)])
    near = [name for each in places for name in _beside(folder / each, "" if each == Path() else f"{each.as_posix()}/")]
    kits = [f"{KITS}/{name}" for name in bundled_names(KITS)]
    return f"there is no patch '{path}'.{_hint(path, [*near, *kits], bundled_names(INSTRUMENTS))}"


def exists(path: Path) -> bool:
    """Whether there is anything of that name."""
    try:
        return path.exists()
    except (OSError, ValueError):  # a name that no file can have
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
    """The names of the bundled patches, or with "instruments" of those that are made to be nodes."""
    return sorted({file.stem for folder in _bundle() for file in (folder / kind).glob("*.yaml")})


def bundled_files(kind: str) -> list[Path]:
    """The YAML files of one folder of the bundle, such as "patterns"."""
    return sorted(file for folder in _bundle() for file in (folder / kind).glob("*.yaml"))


def _bundle() -> list[Path]:
    """The folders of the package `patches`, which holds no Python; real paths, as patches name files beside them."""
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
    return hint or (f" Bundled ones: {', '.join(names)}" if names else "")
