"""Run the site on PostgreSQL, Redis and S3, with two web processes behind HAProxy, and break it: `make test-cluster`.

`--short` takes fewer rounds; names choose among the parts `story`, `kills` and `races`. Needs PostgreSQL, redis-server
and haproxy installed, uses Swift where that is (else moto), and as root gives each web process ids of its own, as
containers have. Exits with 1 where something failed, was lost or left behind.
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

from tests.cluster import kills, races, story
from tests.cluster.cluster import running_cluster
from tests.faults.table import Row, format_table

PARTS: dict[str, Callable[..., list[Row]]] = {"story": story.run, "kills": kills.run, "races": races.run}


def main() -> int:
    """Run the parts one after the other on one cluster; return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tests.cluster", description=__doc__)
    parser.add_argument("--short", action="store_true", help="fewer rounds of each race")
    parser.add_argument("names", nargs="*", choices=[[], *PARTS], help="the parts, all by default")
    arguments = parser.parse_args()
    rows, failed = [], []
    folder = Path(tempfile.mkdtemp(prefix="cluster-"))
    try:
        with running_cluster(folder) as cluster:
            rows.append(story.set_up(cluster))
            for name in arguments.names or PARTS:
                began = time.monotonic()
                try:
                    rows += PARTS[name](cluster, short=arguments.short)
                except Exception:
                    failed.append(name)
                    traceback.print_exc()
                print(f"{name}: {time.monotonic() - began:.0f} s", file=sys.stderr, flush=True)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    print(format_table(rows))
    unsound = [row.name for row in rows if not row.is_sound] + [f"{name} (stopped)" for name in failed]
    if unsound:
        print(f"Not as wanted (no errors, nothing lost or left behind): {', '.join(unsound)}")
    return int(bool(unsound))


if __name__ == "__main__":
    sys.exit(main())
