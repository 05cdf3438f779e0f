"""Print what the site does under each kind of attack and fault: `make test-faults`, in 15 minutes at most.

`--short` takes 3 minutes and fewer attempts; names such as `kills` or `storage` choose among the faults. Exits with 1
where something failed, was lost or left behind, or, but for `--short`, which runs on busy machines, too, where another
person waited too long.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
import time
import traceback
from collections.abc import Callable
from pathlib import Path

from tests.faults import clock, connections, hostile, kills, routes, shares, storage
from tests.faults.table import MAX_FRAME_SECONDS, MAX_PHOTO_SECONDS, Row, format_table

FAULTS: dict[str, Callable[..., list[Row]]] = {
    "hostile": hostile.run,
    "routes": routes.run,
    "shares": shares.run,
    "connections": connections.run,
    "storage": storage.run,
    "clock": clock.run,
    "kills": kills.run,
}


def main() -> int:
    """Run the faults one after the other; return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("--short", action="store_true", help="fewer attempts, in 3 minutes")
    parser.add_argument("names", nargs="*", choices=[[], *FAULTS], help="the faults, all by default")
    arguments = parser.parse_args()
    rows, failed = [], []
    for name in arguments.names or FAULTS:
        began = time.monotonic()
        folder = Path(tempfile.mkdtemp(prefix=f"faults-{name}-"))
        try:
            rows += FAULTS[name](folder / "site", short=arguments.short)
        except Exception:
            failed.append(name)
            traceback.print_exc()
        finally:
            shutil.rmtree(folder, ignore_errors=True)
        print(f"{name}: {time.monotonic() - began:.0f} s", file=sys.stderr, flush=True)
    print(format_table(rows))
    unsound = [row.name for row in rows if not row.is_sound] + [f"{name} (stopped)" for name in failed]
    late = [row.name for row in rows if not row.is_in_time]
    if unsound:
        print(f"Not as wanted (no errors, nothing lost or left behind): {', '.join(unsound)}")
    if late:
        print(f"Later than {MAX_PHOTO_SECONDS:g} s (photos) or {MAX_FRAME_SECONDS:g} s (frames): {', '.join(late)}")
    return int(bool(unsound or (late and not arguments.short)))


if __name__ == "__main__":
    sys.exit(main())
