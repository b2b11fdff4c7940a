"""The image of deploy/docker/Dockerfile: built by buildah on a base made by debootstrap,
its programs started by nobody on a root that cannot be written to."""

import contextlib
import json
import os
import pathlib
import shutil
import subprocess
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))

from fake_kubernetes import FakeKubernetes, healthy  # noqa: E402
from mcp_client import StdioClient  # noqa: E402

ROOT = pathlib.Path(__file__).resolve().parents[2]
CACHE = pathlib.Path(os.environ.get("HOWDAH_CACHE_DIR", pathlib.Path.home() / ".cache/howdah"))
PROGRAMS = ("howdah-backend", "howdah-mcp", "howdah-local", "howdahctl")
NOBODY = 65532
# What a runtime does for `--read-only --tmpfs /tmp --user`, with $2 at /run/howdah and $3 at
# /etc/howdah. It ends as the program itself, so that a signal reaches it.
CONFINE = """
set -e
mount --bind "$1" "$1"
mount --bind "$2" "$1/run/howdah"
mount --bind "$3" "$1/etc/howdah"
mount -t tmpfs -o mode=1777 tmpfs "$1/tmp"
mount -t proc proc "$1/proc"
mount -o remount,bind,ro "$1"
root=$1
shift 3
exec setpriv --no-new-privs unshare --root="$root" --wd=/ --setgid=%d --setuid=%d "$@"
""" % (NOBODY, NOBODY)


class Buildah:
    """Images in a folder of their own."""

    def __init__(self, folder):
        self.folder = folder
        (folder / "registries.conf").write_text("unqualified-search-registries = []\n",
                                                encoding="ascii")
        (folder / "policy.json").write_text('{"default": [{"type": "insecureAcceptAnything"}]}',
                                            encoding="ascii")
        self.policy = f"--signature-policy={folder}/policy.json"

    def __call__(self, *arguments):
        """The last line that it prints."""
        done = subprocess.run(
            ["buildah", "--root", self.folder / "storage", "--runroot", self.folder / "run",
             "--storage-driver", "vfs", "--registries-conf", self.folder / "registries.conf",
             *map(str, arguments)], stdout=subprocess.PIPE, text=True, check=True)
        return (done.stdout.splitlines() or [""])[-1]


def make_base(buildah):
    """What the Dockerfile calls debian:12, by the names under which it finds it."""
    tree = buildah.folder / "base"
    subprocess.run(["debootstrap", "--variant=minbase", "bookworm", tree], check=True,
                   stdout=subprocess.DEVNULL)
    shutil.rmtree(tree / "var/cache/apt/archives")
    (tree / "var/cache/apt/archives/partial").mkdir(parents=True)
    base = buildah("from", buildah.policy, "scratch")
    buildah("add", "--quiet", base, tree, "/")
    buildah("commit", buildah.policy, "--quiet", base, "localhost/debian:12")
    buildah("tag", "localhost/debian:12", "localhost/debian:12-slim")
    buildah("rm", base)
    shutil.rmtree(tree)


@pytest.fixture(scope="module")
def image(tmp_path_factory):
    """Its settings, and the folder where its files are."""
    missing = [tool for tool in ("buildah", "debootstrap") if not shutil.which(tool)]
    if missing or os.geteuid() != 0:
        pytest.skip(f"building an image needs root, buildah and debootstrap; missing: {missing}")
    folder = tmp_path_factory.mktemp("image")
    for part in (folder, *folder.parents[:1]):
        part.chmod(0o711)
    buildah = Buildah(folder)
    make_base(buildah)
    # What was compiled before is taken from the cache, as on a machine that builds it often.
    (CACHE / "bazel-disk").mkdir(parents=True, exist_ok=True)
    rc = folder / "bazel.bazelrc"
    rc.write_text("build --disk_cache=/bazel-disk\n", encoding="ascii")
    buildah("bud", buildah.policy, "--isolation", "chroot", "--pull-never",
            "--volume", f"{CACHE}/bazel-disk:/bazel-disk", "--volume",
            f"{rc}:/etc/bazel.bazelrc:ro", "--file", ROOT / "deploy/docker/Dockerfile",
            "--tag", "howdah:test", ROOT)
    settings = json.loads(subprocess.run(
        ["buildah", "--root", folder / "storage", "--runroot", folder / "run",
         "--storage-driver", "vfs", "inspect", "--type", "image", "howdah:test"],
        stdout=subprocess.PIPE, check=True).stdout)["OCIv1"]["config"]
    container = buildah("from", buildah.policy, "--pull-never", "howdah:test")
    root = pathlib.Path(buildah("mount", container))
    # As a runtime makes the places where it mounts something.
    for place in ("run/howdah", "etc/howdah"):
        (root / place).mkdir(parents=True)
    yield settings, root
    buildah("umount", container)
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def confined(image, tmp_path):
    """The command line that runs another as nobody in the image."""
    for name, owner in (("run", NOBODY), ("etc", 0)):
        (tmp_path / name).mkdir()
        os.chown(tmp_path / name, owner, owner)

    def command(*words):
        return ["unshare", "--mount", "--ipc", "--uts", "sh", "-c", CONFINE, "sh", image[1],
                tmp_path / "run", tmp_path / "etc", *words]

    return command


def run(command):
    return subprocess.run(command, capture_output=True, text=True, check=False,
                          env={"PATH": "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin"})


def test_image_has_the_programs_and_nobody_runs_them(image):
    settings, root = image
    assert settings["User"] == f"{NOBODY}:{NOBODY}"
    for program in PROGRAMS:
        assert os.access(root / "usr/bin" / program, os.X_OK)
    # What built them stayed behind.
    for tool in ("gcc", "bazel", "java"):
        assert not (root / "usr/bin" / tool).exists()
    assert not (root / "src").exists()


def test_image_says_what_to_do_with_it(image, confined):
    done = run(confined(*image[0]["Cmd"]))
    assert done.returncode == 0 and done.stdout.startswith("howdah-backend serves"), done.stderr


def test_image_needs_no_writable_root_and_no_rights(confined):
    done = run(confined("/bin/sh", "-c", "cat /proc/self/status; : > /tmp/good; : > /usr/bad"))
    status = dict(line.split(":", 1) for line in done.stdout.splitlines())
    assert status["Uid"].split() == [str(NOBODY)] * 4
    assert int(status["CapEff"], 16) == int(status["CapPrm"], 16) == 0
    assert "/usr/bad: Read-only file system" in done.stderr and "/tmp" not in done.stderr


@pytest.mark.parametrize("program", PROGRAMS)
def test_image_starts_each_program(confined, program):
    done = run(confined(f"/usr/bin/{program}", "--version"))
    assert (done.returncode, done.stdout) == (0, f"{program} 0.1.0\n"), done.stderr


@contextlib.contextmanager
def serving(command, log):
    with open(log, "ab") as errors:
        running = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors)
    try:
        line = running.stdout.readline()
        assert line, pathlib.Path(log).read_text(encoding="utf-8")
        yield json.loads(line)
    finally:
        running.terminate()
        assert running.wait(60) == 0
        running.stdout.close()


def test_image_serves_a_call(confined, tmp_path):
    with FakeKubernetes() as api:
        api.answer = healthy("demo")
        shutil.copy(api.kubeconfig, tmp_path / "etc/kubeconfig")
        os.chmod(tmp_path / "etc/kubeconfig", 0o644)
        backend = confined("/usr/bin/howdah-backend", "--listen",
                           "unix:/run/howdah/backend.sock", "--announce", "--kubeconfig",
                           "/etc/howdah/kubeconfig")
        with serving(backend, tmp_path / "log") as told:
            assert told["listening"] == ["unix:/run/howdah/backend.sock"]
            adapter = confined("/usr/bin/howdah-mcp", "--backend", "unix:/run/howdah/backend.sock")
            with StdioClient(adapter, stderr=subprocess.DEVNULL) as client:
                client.initialize()
                listed = client.call("list_postgres_clusters")["structuredContent"]["clusters"]
                assert [one["name"] for one in listed] == ["demo"]
