"""The cases that tests/integration has for the local plane, against the real API server,
with the definitions of each release."""

from real_kubernetes import RELEASES  # noqa: F401
from test_bad_input import *  # noqa: F401,F403
from test_cut_connection import *  # noqa: F401,F403
from test_howdahctl import *  # noqa: F401,F403
from test_story import *  # noqa: F401,F403

# How fast the local plane is says nothing here.
del test_three_instances_are_ready_in_time  # noqa: F821
