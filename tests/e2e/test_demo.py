"""`./howdah demo` as a person runs it."""

import pathlib
import re
import subprocess

LAUNCHER = str(pathlib.Path(__file__).resolve().parents[2] / "howdah")


def test_the_demo_tells_the_whole_story_in_under_a_minute():
    """The best of two: what the machine does beside is not ours."""
    seconds = []
    while min(seconds, default=60) >= 60 and len(seconds) < 2:
        done = subprocess.run([LAUNCHER, "demo"], capture_output=True, text=True, timeout=300,
                              check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        assert "\x1b" not in done.stdout, "colours without a terminal"
        seconds.append(int(re.search(r"Done in (\d+) s", done.stdout).group(1)))
    assert min(seconds) < 60, seconds


def test_a_demo_that_fails_leaves_its_log(tmp_path):
    done = subprocess.run([LAUNCHER, "demo"], capture_output=True, text=True, timeout=60,
                          check=False, env={"HOWDAH_BIN_DIR": str(tmp_path), "PATH": "/usr/bin:/bin",
                                            "HOME": str(tmp_path), "TMPDIR": str(tmp_path)})
    assert done.returncode == 1
    log = re.search(r"Its log: (.*)", done.stderr).group(1)
    assert "howdah-mcp" in pathlib.Path(log).read_text(encoding="utf-8")
