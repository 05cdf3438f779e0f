"""Check requirements.lock against requirements.txt, without a network: `python -m ferproject.locked_requirements`."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

PIN = re.compile(r"^(?P<name>[A-Za-z0-9._-]+)==(?P<version>[^ ;\\]+)")
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


def _pins(text: str) -> Iterator[tuple[str, str, bool]]:
    """Yield each pin's canonical name, its version, and whether it has a hash."""
    # A pin's hashes follow it on continued lines.
    for line in text.replace("\\\n", " ").splitlines():
        if match := PIN.match(line):
            yield canonicalize_name(match["name"]), match["version"], "--hash=sha256:" in line


def _requirements(path: Path) -> Iterator[Requirement]:
    for line in path.read_text().splitlines():
        if text := line.split(" #")[0].strip():
            yield Requirement(text)


def main() -> int:
    problems = find_problems(Path("requirements.txt"), Path("requirements.lock"))
    for problem in problems:
        print(f"requirements.lock: {problem}", file=sys.stderr)
    if problems:
        print(HINT, file=sys.stderr)
    return int(bool(problems))


if __name__ == "__main__":
    sys.exit(main())
