"""What the server offers beside tools, against the real API server: resources and their
changes, prompts, completion, confirmation by the user, tasks and narrowing."""

import pytest

from test_offers import *  # noqa: F401,F403


@pytest.fixture(scope="module")
def plane(stack):
    """The product that works on the real server, instead of one of its own."""
    return stack
