"""The launcher on trial; its tests import the rest from stand_in.py."""

import os
import signal

import pytest

from stand_in import Launcher, lives


@pytest.fixture
def launcher(tmp_path):
    one = Launcher(tmp_path)
    yield one
    for event in one.events("started"):
        if lives(event["pid"]):
            os.kill(event["pid"], signal.SIGKILL)
