"""The chart's release, started here: what Helm renders is run as a kubelet would, with the
same command, arguments, environment, user and probes, and serves a story."""

import json
import os
import pathlib
import subprocess
import sys

import pytest
import yaml

from test_helm import PLAIN, render, helm  # noqa: F401, fixtures

ROOT = pathlib.Path(__file__).resolve().parents[2]
BIN = pathlib.Path(os.environ.get("HOWDAH_BIN_DIR", ROOT / ".howdah" / "bin"))
sys.path.insert(0, str(ROOT / "tests" / "integration"))

from test_tree import tree  # noqa: E402, F401, a fixture


@pytest.mark.skipif(os.geteuid() != 0, reason="a network of its own and other users need root")
def test_the_release_serves_a_story(render, tree, tmp_path):  # noqa: F811
    deployment = next(one for one in yaml.safe_load_all(render(*PLAIN["howdah.yaml"]))
                      if one and one["kind"] == "Deployment")
    pod = tmp_path / "pod.json"
    pod.write_text(json.dumps(deployment["spec"]["template"]["spec"]), encoding="utf-8")
    done = subprocess.run(
        ["unshare", "--net", "--ipc", "--uts", "--pid", "--fork", "--kill-child", "--mount-proc",
         "/usr/bin/python3", str(ROOT / "tests/peers/release_in_a_namespace.py"), str(pod),
         str(tree), str(BIN)], capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "served a story" in done.stdout
