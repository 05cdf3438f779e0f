"""`make client`: writes the parts of analysis/client that follow from others.

`types.py` follows from the API's schema, by datamodel-code-generator; `synchronous*.py` from `asynchronous*.py`.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from pathlib import Path

CLIENT = Path(__file__).resolve().parent.parent / "analysis" / "client"
_REPLACED = [
    (r"\basyncio\.wait_for\((.+?)\(\), (\w+)\)", r"\1(\2)"),
    (r"\bwebsockets\.asyncio\b", "websockets.sync"),
    (r"\basynccontextmanager\b", "contextmanager"),
    (r"\bAsyncExitStack\b", "ExitStack"),
    (r"\benter_async_context\b", "enter_context"),
    (r"\bAbstractAsync(ContextManager)\b", r"Abstract\1"),
    (r"\basync (def|with|for)\b", r"\1"),
    (r"\bawait ", ""),
    (r"\basyncio\.sleep\b", "time.sleep"),
    (r"\bimport asyncio\b", "import time"),
    (r"\b__aenter__\b", "__enter__"),
    (r"\b__aexit__\b", "__exit__"),
    (r"\baclose\b", "close"),
    (r"\baread\b", "read"),
    (r"\baiter_bytes\b", "iter_bytes"),
    (r"\bAsync(Client|Iterator|BaseTransport|Live|Requests|Staff)\b", r"\1"),
    (r"\basynchronous_(live|requests|staff)\b", r"synchronous_\1"),
    (r" an async context manager", " a context manager"),
    (r" for asyncio\b", ""),
    (r"`(synchronous\w*\.py)` is generated of this file by", r"Generated of `a\1` by"),
]
ASYNCHRONOUS = ("asynchronous.py", "asynchronous_live.py", "asynchronous_requests.py", "asynchronous_staff.py")
_HEAD = '"""The shapes of the API\'s bodies and answers. Generated of its schema by `make client`."""\n'


def synchronous(file: str) -> str:
    """Return the content of the synchronous file for an asynchronous one."""
    text = (CLIENT / file).read_text(encoding="utf-8")
    for pattern, replacement in _REPLACED:
        text = re.sub(pattern, replacement, text)
    return _formatted(text)


def types(schema: Path) -> str:
    """Return the content of `types.py` for a schema in YAML."""
    with tempfile.TemporaryDirectory() as folder:
        written = Path(folder) / "types.py"
        options = ["--input-file-type", "openapi", "--output-model-type", "typing.TypedDict", "--disable-timestamp"]
        style = ["--target-python-version", "3.11", "--use-standard-collections", "--use-union-operator"]
        formatters = ["--formatters", "ruff-format"]
        _run("datamodel_code_generator", "--input", schema, "--output", written, *options, *style, *formatters)
        text = written.read_text(encoding="utf-8")
    return _formatted(_HEAD + text[text.index("\nfrom __future__") :])


def _formatted(text: str) -> str:
    for step in (["check", "--select", "I,UP", "--fix-only", "--unsafe-fixes"], ["format"]):
        command = [sys.executable, "-m", "ruff", *step, "--quiet", "--stdin-filename", CLIENT / "generated.py", "-"]
        done = subprocess.run(command, input=text, capture_output=True, text=True, check=True)  # noqa: S603
        text = done.stdout
    return text


def _run(module: str, *arguments: object) -> None:
    subprocess.run(  # noqa: S603
        [sys.executable, "-W", "ignore", "-m", module, *map(str, arguments)], capture_output=True, text=True, check=True
    )


def main() -> None:
    for file in ASYNCHRONOUS:
        (CLIENT / file.removeprefix("a")).write_text(synchronous(file), encoding="utf-8")
    (CLIENT / "types.py").write_text(types(Path(sys.argv[1])), encoding="utf-8")


if __name__ == "__main__":
    main()
