"""The archive of //deploy/docker:tree, started where there is nothing else: a root of its
own with the libraries of deploy/docker/runtime-packages.txt, no network, no rights."""

import contextlib
import json
import os
import pathlib
import re
import shutil
import subprocess
import tarfile

import pytest

from fake_kubernetes import FakeKubernetes
from mcp_client import StdioClient

ROOT = pathlib.Path(__file__).resolve().parents[2]
BIN = pathlib.Path(os.environ.get("HOWDAH_BIN_DIR", ROOT / ".howdah" / "bin"))
ARCHIVE = BIN / "howdah.tar.gz"
NOBODY = 65532
LIBRARY = re.compile(r"\.so(\.[0-9.]+)?$")


def packages():
    """Those of the list and what they depend on."""
    text = (ROOT / "deploy/docker/runtime-packages.txt").read_text(encoding="utf-8")
    wanted = [line for line in text.splitlines() if line and not line.startswith("#")]
    found = set()
    while wanted:
        name = wanted.pop()
        if name in found:
            continue
        found.add(name)
        done = subprocess.run(["dpkg-query", "-W", "-f", "${Depends}", name],
                              capture_output=True, text=True, check=False)
        for choice in done.stdout.split(","):
            wanted += re.findall(r"^\s*([a-z0-9.+-]+)", choice)
    return found


def copy_libraries(root):
    for place, target in (("lib", "usr/lib"), ("lib64", "usr/lib64"), ("bin", "usr/bin")):
        (root / target).mkdir(parents=True, exist_ok=True)
        (root / place).symlink_to(target)
    listed = subprocess.run(["dpkg", "-L", *sorted(packages())], capture_output=True, text=True,
                            check=False).stdout
    for line in listed.splitlines():
        source = pathlib.Path(line)
        # Of glibc's own, and no programs: the programs bring none.
        if not LIBRARY.search(line) or not source.is_file() or "/gconv/" in line:
            continue
        target = root / line.lstrip("/")
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(source, target)


@pytest.fixture(scope="module")
def tree(tmp_path_factory):
    tried = subprocess.run(confined("/", "/bin/true"), capture_output=True, check=False)
    if tried.returncode:
        pytest.skip("a root and a network of its own need CAP_SYS_ADMIN or user namespaces")
    assert ARCHIVE.exists(), "./howdah test makes it, as does: bazel build //deploy/docker:tree"
    root = tmp_path_factory.mktemp("tree")
    os.chmod(root, 0o755)
    with tarfile.open(ARCHIVE) as archive:
        archive.extractall(root)
    copy_libraries(root)
    for folder in ("run/howdah", "tmp", "etc/howdah"):
        (root / folder).mkdir(parents=True)
        if os.geteuid() == 0:
            os.chown(root / folder, NOBODY, NOBODY)
    return root


def confined(root, *command):
    """The command line that runs it there as nobody, without a network."""
    as_nobody = [f"--setgid={NOBODY}", f"--setuid={NOBODY}"]
    return ["unshare", *([] if os.geteuid() == 0 else ["--map-root-user"]), "--net", "--ipc",
            "--uts", f"--root={root}",
            *(as_nobody if os.geteuid() == 0 else []), *command]


@contextlib.contextmanager
def backend(root, log):
    with open(log, "ab") as errors:
        running = subprocess.Popen(
            confined(root, "/usr/bin/howdah-backend", "--listen", "unix:/run/howdah/backend.sock",
                     "--announce", "--kubeconfig", "/etc/howdah/kubeconfig"),
            stdout=subprocess.PIPE, stderr=errors, env={"PATH": "/usr/bin"})
    try:
        line = running.stdout.readline()
        assert line, pathlib.Path(log).read_text(encoding="utf-8")
        yield json.loads(line)["listening"]
    finally:
        running.terminate()
        assert running.wait(30) == 0


def test_it_holds_the_programs_and_their_units():
    with tarfile.open(ARCHIVE) as archive:
        members = {member.name: member for member in archive if member.isfile()}
    programs = {"howdah-backend", "howdah-mcp", "howdah-local", "howdahctl"}
    assert {name for name in members if "/bin/" in name} == {f"usr/bin/{p}" for p in programs}
    assert {f"usr/lib/systemd/system/{name}.service"
            for name in ("howdah-backend", "howdah-mcp")} <= set(members)
    for member in members.values():
        assert member.uid == member.gid == member.mtime == 0


@pytest.mark.parametrize("program", ["howdah-backend", "howdah-mcp", "howdahctl"])
def test_each_program_finds_its_libraries(tree, program):
    done = subprocess.run(confined(tree, f"/usr/bin/{program}", "--version"),
                          capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, f"{program} 0.1.0\n"), done.stderr


def test_adapter_and_backend_work_together_in_it(tree, tmp_path):
    with FakeKubernetes() as api:
        # Without a network nothing is there; what matters is that it is asked for.
        shutil.copy(api.kubeconfig, tree / "etc/howdah/kubeconfig")
        os.chmod(tree / "etc/howdah/kubeconfig", 0o644)
        with backend(tree, tmp_path / "log") as listening:
            assert listening == ["unix:/run/howdah/backend.sock"]
            command = confined(tree, "/usr/bin/howdah-mcp", "--backend",
                               "unix:/run/howdah/backend.sock")
            with StdioClient(command, stderr=subprocess.DEVNULL) as client:
                client.initialize()
                tools = client.request("tools/list")["tools"]
                assert len(tools) >= 12
                # libcurl was found: it is the network that is missing.
                said = client.call_raw("list_postgres_clusters")
                assert said["isError"] and "cannot be reached" in said["content"][0]["text"]


def test_units_are_what_systemd_understands(tmp_path):
    if not shutil.which("systemd-analyze"):
        pytest.skip("systemd-analyze is not installed")
    for unit in (ROOT / "deploy/systemd").glob("*.service"):
        text = unit.read_text(encoding="utf-8")
        started = re.search(r"^ExecStart=/usr/bin/(\S+) (.*)$", text, re.MULTILINE)
        shown = subprocess.run([BIN / started.group(1), *started.group(2).split(),
                                "--print-config"], capture_output=True, text=True, check=False)
        assert shown.returncode == 0, shown.stderr
        (tmp_path / unit.name).write_text(text.replace("/usr/bin/howdah", str(BIN / "howdah")),
                                          encoding="utf-8")
    done = subprocess.run(["systemd-analyze", "verify", *map(str, tmp_path.glob("*.service"))],
                          capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
