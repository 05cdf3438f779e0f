"""The web process has one arena of memory for all its threads."""

import platform
import subprocess
import sys

import pytest

PROGRAM = """
import ctypes, threading
from ferproject.server.allocator import configure_allocator
configure_allocator()
everybody = threading.Barrier(4)
threads = [threading.Thread(target=lambda: (bytearray(100_000), everybody.wait())) for _ in range(4)]
for thread in threads: thread.start()
for thread in threads: thread.join()
libc = ctypes.CDLL(None)
libc.fopen.restype = ctypes.c_void_p
file = ctypes.c_void_p(libc.fopen(b"/dev/stdout", b"w"))
libc.malloc_info(0, file)
libc.fclose(file)
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="the allocator is set with glibc only")
def test_threads_share_an_arena():
    found = subprocess.run([sys.executable, "-c", PROGRAM], check=True, capture_output=True, text=True).stdout
    assert found.count("<heap nr=") == 1
