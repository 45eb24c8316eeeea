"""Runs in a separate process: compiles the kernels it is given and answers each with a line of JSON."""

from __future__ import annotations

import json
import os
import sys
from dataclasses import astuple
from importlib import import_module
from importlib.util import module_from_spec, spec_from_file_location
from typing import Any

from graph.errors import KernelError
from graph.native.cache import CompileUnit, compile_here


def work() -> None:
    """Compiles one job per line of standard input into the cache; prints `{"name", "error" or null, "problems"}`."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # output of a node's file goes to the terminal, not among the answers
    for line in sys.stdin:
        job = json.loads(line)
        error, problems = None, []
        try:
            compile_here(CompileUnit(job["name"], find(job), job["module"], job["path"]))
        except KernelError as problem:
            error, problems = str(problem), [astuple(each) for each in problem.problems]
        except Exception as problem:  # the parent shows it; a traceback from a child would not help
            error = f"{job['name']} cannot be compiled: {type(problem).__name__}: {problem}"
        print(json.dumps({"name": job["name"], "error": error, "problems": problems}), file=answers, flush=True)


def find(job: dict[str, str]) -> Any:
    """The function named by a job."""
    return attribute(load_module(job["module"], job["file"]), job["path"])


def load_module(name: str, file: str) -> Any:
    """The module `name`: imported, or loaded from `file` if it is in no package (`--nodes`)."""
    if name in sys.modules:
        return sys.modules[name]
    try:
        module = import_module(name)
        if getattr(module, "__file__", None) == file:
            return module
    except ImportError:
        pass
    spec = spec_from_file_location(name, file)
    if spec is None or spec.loader is None:
        raise KernelError(f"{file} is not a Python file")
    module = module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


def attribute(module: Any, path: str) -> Any:
    """`module.a.b` for the path "a.b"; reads a class's own attributes without invoking descriptors."""
    for word in path.split("."):
        module = getattr(module, word)
    return module
