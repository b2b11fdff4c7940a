"""The programs under test, each running once."""

import pathlib
import sys

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "support"))
sys.path.insert(0, str(ROOT / "tests" / "conformance"))

from stack import Stack  # noqa: E402


@pytest.fixture(scope="session")
def product():
    """`./howdah up` on a directory of its own."""
    with Stack() as running:
        yield running
