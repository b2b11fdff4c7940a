"""The newest AWS CLI of version 1, from PyPI: all that it can do, walked through the
parser, the classifier and the policy, as Debian's version 2 is by default."""

import os
import pathlib
import shutil
import subprocess

import pytest

import peers

AWS_CLI = "awscli==1.45.11"
PLUGIN = peers.ROOT / "backend" / "aws" / "index_plugin.py"
WALK = pathlib.Path(os.environ.get("HOWDAH_BIN_DIR") or peers.ROOT / ".howdah" / "bin",
                    "every_command_test")


@pytest.fixture(scope="module")
def index(tmp_path_factory):
    folder = tmp_path_factory.mktemp("aws-index")
    shutil.copy(PLUGIN, folder / "howdah_aws_index.py")
    (folder / "config").write_text("[plugins]\nhowdah = howdah_aws_index\n", encoding="utf-8")
    python, environment = peers.python_with(AWS_CLI)
    out = folder / "index.jsonl"
    environment = dict(
        environment, HOME=str(folder), AWS_CONFIG_FILE=str(folder / "config"),
        PYTHONPATH="%s:%s" % (environment["PYTHONPATH"], folder),
        HOWDAH_AWS_INDEX_OUT=str(out), HOWDAH_AWS_INDEX_SERVICE="*")
    subprocess.run([python, "-m", "awscli", "s3"], env=environment, check=True, timeout=900)
    return out


def test_every_command_is_walked(index):
    lines = index.read_text(encoding="utf-8").count("\n")
    assert lines > 18000
    walked = subprocess.run([WALK, "--gtest_filter=EveryCommand.*"], cwd=peers.ROOT,
                            env=dict(os.environ, HOWDAH_TEST_AWS_INDEX=str(index)),
                            capture_output=True, text=True, timeout=900, check=False)
    assert walked.returncode == 0, walked.stdout[-4000:]
    assert "[  PASSED  ]" in walked.stdout
