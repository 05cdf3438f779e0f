"""`python -m analysis.recognition photo.jpg`: what `manage.py analyze` prints, without the site."""

from __future__ import annotations

import argparse
import sys

from analysis.recognition import RecognitionError, Recognizer, command_line
from analysis.recognition.bundle import read_shipped
from analysis.recognition.detectors.store import PROGRAM_STORE


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m analysis.recognition", description=command_line.HELP)
    command_line.add_arguments(parser)
    options = vars(parser.parse_args())

    def load() -> Recognizer:
        version = options["version"] or read_shipped(PROGRAM_STORE).default
        return Recognizer.load(version, detector=options["detector"])

    try:
        return 0 if command_line.analyze(options, load, out=sys.stdout, err=sys.stderr) else 1
    except RecognitionError as error:
        print(error.message, file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
