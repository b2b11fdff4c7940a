"""Waits for what no call of ours brings about."""

import os
import select
import threading
import time


def wait_for_end(pid, seconds=120):
    """Returns when the process has ended, also when nobody has taken its status yet."""
    try:
        handle = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    try:
        ended = select.select([handle], [], [], seconds)[0]
    finally:
        os.close(handle)
    assert ended, f"process {pid} still runs after {seconds} s"


def eventually(condition, what, seconds=120):
    """Asks until the condition holds; for what tells nobody that it does."""
    deadline = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        assert time.monotonic() < deadline, f"not within {seconds} s: {what}"
        threading.Event().wait(0.1)
