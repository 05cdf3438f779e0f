"""Check the locks against the ranges, without a network: `python -m ferproject.locked_requirements`."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

PIN = re.compile(r"^(?P<name>[A-Za-z0-9._-]+)==(?P<version>[^ ;\\]+)")
INCLUDED = re.compile(r"^-r\s+(?P<path>\S+)")
LOCKS = {"requirements.txt": "requirements.lock", "requirements-web.txt": "requirements-web.lock"}
"""The lock of each file of ranges; every pin of the web's is among those of the whole."""
HINT = "Run `make lock`."


def find_problems(ranges: Path, lock: Path) -> list[str]:
    """Return what is wrong with the lock, in words: a range that it does not meet, a pin without hash, a location."""
    text = lock.read_text()
    pins = list(_pins(text))
    versions: dict[str, list[str]] = {}
    for name, version, _ in pins:
        versions.setdefault(name, []).append(version)
    problems = [f"{name}=={version} has no hash." for name, version, is_hashed in pins if not is_hashed]
    for requirement in _requirements(ranges):
        found = versions.get(canonicalize_name(requirement.name), [])
        if not found:
            problems.append(f"{requirement} is not locked.")
        problems += [
            f"{requirement} is not met by {requirement.name}=={version}."
            for version in found
            if not requirement.specifier.contains(version, prereleases=True)
        ]
    for number, line in enumerate(text.splitlines(), 1):
        if re.search(r"://|^\s*-(?!-hash)|(^|[\s=@])/\w", line):
            problems.append(f"Line {number} names a location: {line.strip()}")
    return problems


def find_differences(part: Path, whole: Path) -> list[str]:
    """Return the pins of one lock that another, which should hold all of them, lacks or has in another version."""
    others = {(name, version) for name, version, _ in _pins(whole.read_text())}
    pins = [(name, version) for name, version, _ in _pins(part.read_text())]
    return [f"{name}=={version} is not in {whole.name}." for name, version in pins if (name, version) not in others]


def _pins(text: str) -> Iterator[tuple[str, str, bool]]:
    """Yield each pin's canonical name, its version, and whether it has a hash."""
    # A pin's hashes follow it on continued lines.
    for line in text.replace("\\\n", " ").splitlines():
        if match := PIN.match(line):
            yield canonicalize_name(match["name"]), match["version"], "--hash=sha256:" in line


def _requirements(path: Path) -> Iterator[Requirement]:
    for line in path.read_text().splitlines():
        if included := INCLUDED.match(line):
            yield from _requirements(path.parent / included["path"])
        elif (text := line.split(" #")[0].strip()) and not text.startswith("#"):
            yield Requirement(text)


def main() -> int:
    problems = [
        f"{lock}: {problem}" for ranges, lock in LOCKS.items() for problem in find_problems(Path(ranges), Path(lock))
    ]
    web, whole = Path(LOCKS["requirements-web.txt"]), Path(LOCKS["requirements.txt"])
    problems += [f"{web}: {problem}" for problem in find_differences(web, whole)]
    for problem in problems:
        print(problem, file=sys.stderr)
    if problems:
        print(HINT, file=sys.stderr)
    return int(bool(problems))


if __name__ == "__main__":
    sys.exit(main())
