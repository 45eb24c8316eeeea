"""Presets: named sets of values in a patch, applied by name and saved without changing the rest."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from graph.errors import GraphrunError, PatchError
from graph.graph import load
from graph.patch.patch import apply, read
from graph.writer.preset_file import save_preset, with_preset

PATCH = """\
# A tone.
name: Tone   # its title
nodes:
  osc:  {node: Saw, freq: 110 Hz}      # the source
  soft: {node: LowPass, audio: osc, cutoff: 1 kHz}
  clip: {node: SoftClip, audio: soft, drive: osc * 2}
  tune: {node: Notes, notes: C4}
out: clip
presets:
  # As it was on the record.
  dark: {soft.cutoff: 300 Hz, osc.freq: A1}
  bright:
    soft: {cutoff: 5 kHz, q: 2}  # open
    # and an octave up
    osc.freq: 220 Hz
"""


@pytest.fixture
def patch(tmp_path: Path) -> Path:
    path = tmp_path / "tone.yaml"
    path.write_text(PATCH)
    return path


def numbers(path: Path, *presets: str, **values: str) -> tuple[object, ...]:
    graph = load(path, presets=presets, set_values={key.replace("__", "."): value for key, value in values.items()})
    osc, soft = graph.nodes["osc"], graph.nodes["soft"]
    return osc.inputs["freq"], soft.inputs["cutoff"], soft.inputs["q"]


def test_a_preset_gives_its_values_and_leaves_the_others(patch: Path) -> None:
    assert numbers(patch) == (110, 1000, 0.707)
    assert numbers(patch, "dark") == (55, 300, 0.707)
    assert numbers(patch, "bright") == (220, 5000, 2)


def test_presets_apply_in_order_and_set_overrides_them(patch: Path) -> None:
    assert numbers(patch, "bright", "dark") == (55, 300, 2)
    assert numbers(patch, "dark", osc__freq="1 kHz") == (1000, 300, 0.707)


def test_an_unknown_preset_gets_the_closest_match(patch: Path) -> None:
    with pytest.raises(PatchError, match=r"there is no preset 'drak'\. Did you mean 'dark'"):
        load(patch, presets=["drak"])
    with pytest.raises(PatchError, match="this patch contains no patch 'osc'"):
        load(patch, presets=["osc.dark"])


def save(path: Path, name: str, target: Path, presets: tuple[str, ...] = (), **values: str) -> str:
    given = {key.replace("__", "."): value for key, value in values.items()}
    save_preset(str(path), name, target, apply(read(path), presets, given))
    return target.read_text()


def test_a_new_preset_is_put_below_the_others_and_nothing_else_changes(patch: Path) -> None:
    text = save(patch, "mine", patch, osc__freq="C#4", soft__cutoff="1.5 kHz")
    assert text == PATCH + "  mine:\n    osc.freq: C#4\n    soft.cutoff: 1.5 kHz\n"
    assert numbers(patch, "mine") == pytest.approx((277.1826, 1500, 0.707))


def test_a_preset_in_braces_is_replaced(patch: Path) -> None:
    text = save(patch, "dark", patch, soft__q="3")
    assert text == PATCH.replace("{soft.cutoff: 300 Hz, osc.freq: A1}", "{soft.q: 3}")


def test_a_preset_in_lines_keeps_its_comments(patch: Path) -> None:
    text = save(patch, "bright", patch, ("bright",), osc__freq="230 Hz", tune__notes="C4 E4, G4: 'x' # y")
    assert "# and an octave up\n    osc.freq: 230 Hz\n    tune.notes: 'C4 E4, G4: ''x'' # y'\n" in text
    assert "soft: {cutoff: 5 kHz, q: 2}  # open" in text
    assert load(patch, presets=["bright"]).nodes["tune"].options["notes"] == "C4 E4, G4: 'x' # y"


def test_values_removed_from_a_preset_are_deleted(patch: Path) -> None:
    text = save(patch, "bright", patch, osc__freq="230 Hz")
    assert text == PATCH.replace("    soft: {cutoff: 5 kHz, q: 2}  # open\n", "").replace("220 Hz\n", "230 Hz\n")


def test_a_missing_target_becomes_a_copy(patch: Path, tmp_path: Path) -> None:
    text = save(patch, "mine", tmp_path / "copy.yaml", ("dark",))
    assert text.startswith(PATCH)
    assert patch.read_text() == PATCH
    assert numbers(tmp_path / "copy.yaml", "mine") == numbers(patch, "dark")


def test_the_first_preset_of_a_patch(tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    path.write_bytes(b"\xef\xbb\xbfnodes:\r\n  a: {node: Gain}\r\nout: a")
    save(path, "half", path, a__gain="-6 dB")
    assert path.read_bytes() == (
        b"\xef\xbb\xbfnodes:\r\n  a: {node: Gain}\r\nout: a\r\npresets:\r\n  half:\r\n    a.gain: -6 dB\r\n"
    )


def test_presets_in_braces_are_added_to(tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    path.write_text("nodes: {a: {node: Gain}}\npresets: {one: {a.gain: 1}} # all\nout: a\n")
    assert save(path, "two", path, a__gain="2") == (
        "nodes: {a: {node: Gain}}\npresets: {one: {a.gain: 1}, two: {a.gain: 2}} # all\nout: a\n"
    )


@pytest.mark.parametrize(
    ("name", "target", "values", "message"),
    [
        ("my preset", "tone.yaml", {"osc.freq": "1 kHz"}, "is not a valid preset name"),
        ("mine", "tone.yaml", {}, "no value differs from the patch"),
        ("mine", "nowhere/tone.yaml", {"osc.freq": "1 kHz"}, "directory .* does not exist"),
        ("mine", "other.yaml", {"osc.freq": "1 kHz"}, "would no longer be a valid patch"),
    ],
)
def test_a_failed_save_says_why_and_changes_nothing(
    patch: Path, tmp_path: Path, name: str, target: str, values: dict[str, str], message: str
) -> None:
    (tmp_path / "other.yaml").write_text("nodes: {a: {node: Gain}}\nout: a\n")
    with pytest.raises(GraphrunError, match=message):
        save_preset(str(patch), name, tmp_path / target, apply(read(patch), [], values))
    assert patch.read_text() == PATCH
    assert (tmp_path / "other.yaml").read_text() == "nodes: {a: {node: Gain}}\nout: a\n"
    assert sorted(file.name for file in tmp_path.iterdir()) == ["other.yaml", "tone.yaml"]


TEXT = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), min_size=1, max_size=20)


@settings(deadline=None)
@given(st.lists(st.dictionaries(st.sampled_from(["tune.notes", "osc.freq", "soft.q"]), TEXT, min_size=1), max_size=4))
def test_any_saved_text_can_be_read_back(presets: list[dict[str, str]]) -> None:
    text = PATCH
    for values in presets:
        for name in ("dark", "bright", "mine"):
            text = with_preset(text, name, values)
            found = yaml.load(text, Loader=yaml.BaseLoader)["presets"][name]
            flat = {}
            for key, value in found.items():
                flat |= {f"{key}.{k}": v for k, v in value.items()} if isinstance(value, dict) else {key: value}
            assert flat == values


def test_a_preset_is_saved_into_a_yaml_file_where_the_name_has_no_suffix(graphrun, patch: Path) -> None:  # type: ignore[no-untyped-def]
    done = graphrun("tone.yaml", "--set", "soft.q=5", "--set", "osc.freq=55", "--save-preset", "p", "neon")
    assert (done.returncode, done.stdout) == (0, "neon.yaml: preset 'p' with 2 values\n")
    assert numbers(patch.with_name("neon.yaml"), "p")[0] == 55
    assert not patch.with_name("neon").exists()


def test_the_command_line_applies_and_saves(graphrun, patch: Path) -> None:  # type: ignore[no-untyped-def]
    done = graphrun("tone.yaml", "--preset", "dark", "--set", "soft.q=5", "--save-preset", "deep", "tone.yaml")
    assert (done.returncode, done.stdout, done.stderr) == (0, "tone.yaml: preset 'deep' with 3 values\n", "")
    assert numbers(patch, "deep") == (55, 300, 5)
    assert graphrun("tone.yaml", "--preset", "deep", "--seconds", "0.1", "--out", "a.wav").returncode == 0
    done = graphrun("tone.yaml", "--preset", "deeq")
    assert (done.returncode, "Did you mean 'deep'" in done.stderr) == (1, True)
