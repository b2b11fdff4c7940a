"""The fixtures of tests/integration, over a real Kubernetes API server.

The cases there run here unchanged: what they ask for by name (stack, mcp, kubectl) is, in
this folder, a product that works on the real server.
"""

import pathlib
import shutil
import subprocess
import sys

import pytest

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[2]
for folder in (HERE, ROOT / "tests" / "support", ROOT / "tests" / "integration"):
    sys.path.insert(0, str(folder))
for module in ("test_story", "test_howdahctl", "test_bad_input", "test_cut_connection",
               "test_offers"):
    pytest.register_assert_rewrite(module)

from both_planes import local, made, planes  # noqa: E402,F401
from mcp_client import StdioClient  # noqa: E402
from operator_webhooks import OperatorWebhooks  # noqa: E402
from played_operator import PlayedOperator  # noqa: E402
from real_kubernetes import RELEASES, RealKubernetes  # noqa: E402
from stack import Stack, new_data_dir, processes_of  # noqa: E402


def pytest_generate_tests(metafunc):
    """Tests of a module that names RELEASES run with the definitions of each, others with
    the newest."""
    if "release" in metafunc.fixturenames:
        releases = getattr(metafunc.module, "RELEASES", RELEASES[:1])
        metafunc.parametrize("release", releases, indirect=True, scope="session")


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item):
    """What fails is reported with the last words of the servers."""
    report = (yield).get_result()
    if report.failed and "kubernetes" in getattr(item, "funcargs", {}):
        report.sections += item.funcargs["kubernetes"].last_words()


@pytest.fixture(scope="session")
def release(request):
    """The release of CloudNativePG whose definitions are installed."""
    return request.param


@pytest.fixture(scope="session")
def kubernetes(release):
    with RealKubernetes(release) as running:
        yield running


@pytest.fixture(scope="session")
def webhooks(kubernetes):
    """The operator's own admission webhooks, from here to the end of the session."""
    with OperatorWebhooks(kubernetes) as running:
        yield running


@pytest.fixture(scope="session")
def operator(kubernetes):
    directory = new_data_dir()
    with PlayedOperator(kubernetes.admin, directory) as playing:
        yield playing
        assert playing.failures == []
    shutil.rmtree(directory, ignore_errors=True)


@pytest.fixture
def kill_server(operator):
    return lambda pod: operator.kill("default", pod)


@pytest.fixture(scope="session")
def stack(kubernetes, operator):
    """`./howdah up` with the permissions of deploy/kubernetes and nothing more."""
    token = kubernetes.deployed("rbac-edit.yaml")
    with Stack(arguments=["--kubeconfig", kubernetes.kubeconfig("howdah", token=token)]) as running:
        running.kube = kubernetes.admin
        yield running
        assert running.stop() == 0
        assert processes_of(running.data_dir) == []
    asked = kubernetes.audited("system:serviceaccount:howdah:cnpg-mcp-server")
    assert asked and [event for event in asked if event["responseStatus"]["code"] == 403] == []


@pytest.fixture(scope="session")
def mcp(stack):
    with open(stack.log.name, "ab") as log:
        with StdioClient(stack.mcp_command, stderr=log) as client:
            client.initialize()
            yield client


@pytest.fixture(scope="session")
def kubectl(kubernetes):
    if not shutil.which("kubectl"):
        pytest.skip("kubectl is not on PATH")

    def run(*arguments):
        done = subprocess.run(["kubectl", "--kubeconfig", kubernetes.admin.kubeconfig, *arguments],
                              capture_output=True, text=True, timeout=120, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    return run


@pytest.fixture(scope="session")
def apply(kubernetes):
    """kubectl apply as the administrator; returns what it says."""
    def run(text, *flags, expect=0):
        done = subprocess.run(["kubectl", "--kubeconfig", kubernetes.admin.kubeconfig, "apply",
                               "--validate=strict", "--filename=-", *flags], input=text,
                              capture_output=True, text=True, timeout=120, check=False)
        assert (done.returncode == 0) == (expect == 0), done.stdout + done.stderr
        return done.stdout + done.stderr
    return run
