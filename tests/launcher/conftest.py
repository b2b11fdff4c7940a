"""The launcher on trial; its tests import the rest from stand_in.py."""

import os
import pathlib
import signal
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))

from stand_in import Launcher, lives  # noqa: E402


@pytest.fixture
def launcher(tmp_path):
    one = Launcher(tmp_path)
    yield one
    for event in one.events("started"):
        if lives(event["pid"]):
            os.kill(event["pid"], signal.SIGKILL)
