"""Waits for the end of processes that are not one's own children."""

import os
import select


def wait_for_end(pid, seconds=30):
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
