"""`python -m tests.bench.library_size`: what a fresh environment with the library, without extras, takes on the disk.

Installs the last commit in a temporary folder with this interpreter and pip; needs the package index.
"""

from __future__ import annotations

import json
import subprocess
import tempfile
import venv
from pathlib import Path

from rich.console import Console
from rich.table import Table

PROJECT = Path(__file__).resolve().parents[2]
LARGE = 1_000_000
"""Packages below it are summed up."""
SIZES = """
import importlib.metadata, json
def size(paths):
    return sum(path.stat().st_size for path in paths if path.is_file())
found = {}
for package in importlib.metadata.distributions():
    paths = [file.locate() for file in package.files or ()]
    compiled = [path for path in paths if path.suffix == ".pyc"]
    found[package.name] = [size(path for path in paths if path.suffix != ".pyc"), size(compiled)]
print(json.dumps(found))
"""


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        sizes, total = measure(Path(folder) / "fresh")
    table = Table("package", "files", "compiled by pip (.pyc)")
    for column in table.columns[1:]:
        column.justify = "right"
    small = [name for name, pair in sizes.items() if sum(pair) < LARGE]
    for name, (files, compiled) in sorted(sizes.items(), key=lambda row: -sum(row[1])):
        if name not in small:
            table.add_row(name, *map(megabytes, (files, compiled)))
    table.add_row(f"{len(small)} others", *(megabytes(sum(sizes[name][index] for name in small)) for index in (0, 1)))
    sums = [sum(pair[index] for pair in sizes.values()) for index in (0, 1)]
    table.add_row("all packages", *map(megabytes, sums), style="bold")
    Console().print(table, f"{megabytes(total)} in all, with the environment's own files.")


def measure(environment: Path) -> tuple[dict[str, list[int]], int]:
    """Install the library into a new environment; return each package's bytes, files and compiled, and all bytes."""
    venv.create(environment, with_pip=True, symlinks=True)
    python = environment / "bin" / "python"
    # A clone: what an earlier build left in the project's folder would be installed, too.
    source = environment.with_name("source")
    subprocess.run(["git", "clone", "--quiet", "--depth", "1", PROJECT.as_uri(), source], check=True)
    install = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", source]
    subprocess.run(install, check=True, cwd=environment)
    done = subprocess.run([python, "-c", SIZES], check=True, capture_output=True, text=True, cwd=environment)
    files = [path for path in environment.rglob("*") if path.is_file() and not path.is_symlink()]
    return json.loads(done.stdout), sum(path.stat().st_size for path in files)


def megabytes(size: int) -> str:
    return f"{size / 1e6:.1f} MB"


if __name__ == "__main__":
    main()
