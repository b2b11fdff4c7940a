"""One running product for the peer tests."""

import pathlib
import sys

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "support"))
sys.path.insert(0, str(ROOT / "tests" / "peers"))

from stack import Stack, processes_of  # noqa: E402


@pytest.fixture(scope="session")
def stack():
    with Stack() as running:
        yield running
        assert running.stop() == 0
        assert processes_of(running.data_dir) == []
