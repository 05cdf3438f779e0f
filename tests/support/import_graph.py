"""The imports between the project's own modules, read with `ast` and without importing anything."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
PACKAGES = ("accounts", "analysis", "ferproject", "training")


@dataclass(frozen=True)
class Import:
    """`module` imports `target`, both dotted names of the project's files; `function` is "" for one at the top."""

    module: str
    target: str
    function: str


def project_modules(*packages: str) -> dict[str, Path]:
    """Return the path of each module by its dotted name; migrations are left out."""
    paths = (path for package in packages or PACKAGES for path in sorted((PROJECT / package).rglob("*.py")))
    return {_dotted(path): path for path in paths if "migrations" not in path.parts}


def imported_names(path: Path) -> Iterator[tuple[str, str]]:
    """Yield the dotted name of each import of a file, of the project or not, and the function it stands in."""
    yield from _walk(ast.parse(path.read_text(encoding="utf-8")), "")


def project_imports() -> list[Import]:
    """Return every import of a project module by another."""
    modules = project_modules()
    found = []
    for module, path in modules.items():
        for name, function in imported_names(path):
            target = name if name in modules else name.rpartition(".")[0]
            if target in modules and target != module:
                found.append(Import(module, target, function))
    return found


def cycles(graph: Mapping[str, set[str]]) -> list[list[str]]:
    """Return the strongly connected components of two nodes or more, each sorted (Tarjan, 1972)."""
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    found = []

    def visit(node: str) -> None:
        index[node] = low[node] = len(index)
        stack.append(node)
        for other in graph.get(node, ()):
            if other not in index:
                visit(other)
                low[node] = min(low[node], low[other])
            elif other in stack:
                low[node] = min(low[node], index[other])
        if low[node] == index[node]:
            component = stack[stack.index(node) :]
            del stack[stack.index(node) :]
            if len(component) > 1:
                found.append(sorted(component))

    for node in graph:
        if node not in index:
            visit(node)
    return found


def _dotted(path: Path) -> str:
    return ".".join(path.relative_to(PROJECT).with_suffix("").parts).removesuffix(".__init__")


def _walk(node: ast.AST, function: str) -> Iterator[tuple[str, str]]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Import):
            yield from ((alias.name, function) for alias in child.names)
        elif isinstance(child, ast.ImportFrom):
            assert child.level == 0, "expected absolute imports"
            yield from ((f"{child.module}.{alias.name}", function) for alias in child.names)
        elif isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
            yield from _walk(child, child.name)
        else:
            yield from _walk(child, function)
