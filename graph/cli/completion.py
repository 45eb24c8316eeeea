"""`graphrun completion SHELL`: a script with which a shell completes commands, options, patches, nodes and inputs.

The script asks `graphrun complete WORDS...` for every candidate, so it never goes out of date.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Sequence
from importlib import import_module

from graph.cli.parser import Parser
from graph.errors import GraphrunError
from graph.node.node import Cable
from graph.patch.bundle import bundled_names

BASH = """\
_graphrun() {
    local IFS=$'\\n' line=${COMP_LINE:0:$COMP_POINT} cur
    local -a words
    IFS=$' \\t\\n' read -ra words <<< "$line"
    [[ $line == *' ' ]] && words+=("")
    cur=${words[-1]}
    COMPREPLY=($(graphrun complete -- "${words[@]:1}" 2>/dev/null))
    [[ $cur == *=* ]] && COMPREPLY=("${COMPREPLY[@]#"${cur%"${cur##*[=:]}"}"}")
    [[ ${COMPREPLY[0]} == *= ]] && compopt -o nospace
}
complete -o default -F _graphrun graphrun"""

ZSH = """\
#compdef graphrun
_graphrun() {
    local -a found
    found=("${(@f)$(graphrun complete -- "${(@)words[2,CURRENT]}" 2>/dev/null)}")
    compadd -S '' -a -- found
    _files
}
compdef _graphrun graphrun"""

FISH = """\
function __graphrun
    set -l words (commandline -opc) (commandline -ct)
    graphrun complete -- $words[2..-1] 2>/dev/null
end
complete -c graphrun -a '(__graphrun)'"""

POWERSHELL = """\
Register-ArgumentCompleter -Native -CommandName graphrun -ScriptBlock {
    param($word, $ast, $at)
    $words = @($ast.CommandElements | Select-Object -Skip 1 | ForEach-Object { "$_" })
    if ($word -eq '') { $words += '""' }
    graphrun complete -- @words 2>$null | ForEach-Object {
        [System.Management.Automation.CompletionResult]::new($_, $_, 'ParameterValue', $_)
    }
}"""

STARTUP = {
    "bash": "~/.bashrc",
    "zsh": "~/.zshrc",
    "fish": "~/.config/fish/config.fish",
    "powershell": "$PROFILE",
}
"""The file in which each shell keeps such a script."""

SHELLS = {"bash": BASH, "zsh": ZSH, "fish": FISH, "powershell": POWERSHELL}


def parser() -> argparse.ArgumentParser:
    """The arguments of the command."""
    made = Parser(
        prog="graphrun completion",
        description='Print a script for your shell. In bash: eval "$(graphrun completion bash)"',
    )
    made.add_argument("shell", metavar="SHELL", choices=SHELLS, help="bash, zsh, fish or powershell")
    made.add_argument("--json", action="store_true", help="print an object with the shell, its startup file and script")
    return made


def main(words: Sequence[str]) -> int:
    """[control] Runs `graphrun completion` with its arguments."""
    options = parser().parse_args(words)
    script = SHELLS[options.shell]
    if options.json:
        print(json.dumps({"shell": options.shell, "startup_file": STARTUP[options.shell], "script": script}))
    else:
        print(script)
    return 0


def complete(words: Sequence[str], commands: dict[str, str], run: str) -> list[str]:
    """Candidates for the last word of a command line without its `graphrun`; none where a patch cannot be read.

    commands   the module of each command; run: that of `graphrun PATCH`
    """
    try:
        return _candidates(words, commands, run)
    except GraphrunError:  # a shell has no place for a patch's mistakes
        return []


def _candidates(words: Sequence[str], commands: dict[str, str], run: str) -> list[str]:
    before, last = [*words[:-1]], words[-1] if words else ""
    if not before and not last.startswith("-"):
        return _matching(last, [*commands, "help", *bundled_names()])
    command = commands.get(before[0]) if before else None
    made = import_module(command or run).parser()
    if last.startswith("-"):
        return _matching(last, [word for action in made._actions for word in action.option_strings])
    option = next((a for a in made._actions if before and before[-1] in a.option_strings and a.nargs != 0), None)
    patch = "" if command else before[0]
    if option is not None and option.choices:
        return _matching(last, [str(choice) for choice in option.choices])
    if option is not None:
        return _matching(last, VALUES.get(option.dest, _none)(patch))
    if before == ["help"]:
        return _matching(last, list(commands))
    if before[0] == "completion":
        return _matching(last, list(SHELLS))
    if before[0] == "nodes":
        from graph.node.library import Library

        return _matching(last, Library().names())
    return _matching(last, bundled_names()) if before[0] in ("bench", "check", "show") else []


def _presets(patch: str) -> list[str]:
    from graph.patch.patch import read

    return list(read(patch).presets)


def _inputs(patch: str) -> list[str]:
    from graph.patch.patch import read

    found = []
    for name, node in read(patch).graph.nodes.items():
        signals = [key for key, port in node.ins().items() if port.kind == "signal"]
        free = [key for key in signals if not isinstance(node.inputs.get(key), Cable)]  # a cable cannot be set
        found += [f"{name}.{key}=" for key in (*free, *node.options)]
    return found


def _devices(_: str) -> list[str]:
    from graph.machine.inventory import outputs

    return [info.word for info in outputs()[0] if info.channels]


def _midi_inputs(_: str) -> list[str]:
    from graph.machine.inventory import midi_ports

    return midi_ports()[0]


def _midi_outputs(_: str) -> list[str]:
    from graph.machine.inventory import midi_ports

    return midi_ports()[1]


def _none(_: str) -> list[str]:
    return []


VALUES: dict[str, Callable[[str], list[str]]] = {
    "preset": _presets,
    "set": _inputs,
    "device": _devices,
    "midi_in": _midi_inputs,
    "midi_out": _midi_outputs,
}
"""Values of an option, for the patch that the command line names."""


def _matching(last: str, known: Sequence[str]) -> list[str]:
    return sorted({word for word in known if word.startswith(last)})
