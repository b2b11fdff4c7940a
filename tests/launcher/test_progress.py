"""What a person sees while the launcher works: each step has a name, on a terminal in
colours, and into a file as plain lines."""

import os
import pty
import select
import shutil
import signal
import stat
import subprocess
import threading

import pytest

from stand_in import PROGRAMS, ROOT

ESCAPE = "\x1b"
STEP = "\x1b[32m\x1b[1m==>\x1b[0m "
# Stand-ins for what the launcher calls: `bazel build` makes what it is asked for, and
# says whether it sees a terminal; a package is there once apt-get has installed it.
TOOLS = {
    "bazel": r"""#!/bin/bash
[ -t 2 ] && echo "bazel: a terminal" >&2
echo "bazel: $*" >&2
for word; do
  [[ $word == //* ]] || continue
  path=bazel-bin/${word#//}; path=${path/://}
  mkdir -p "${path%/*}"; echo "#!/bin/sh" > "$path"
done""",
    "dpkg-query": r"""#!/bin/bash
for word; do
  [[ $word == -* || $word == made-up && ! -e "$STATE/made-up" ]] || echo "installed $word"
done""",
    "apt-get": r"""#!/bin/bash
echo "apt-get: $*" >&2
if [ "$1" = install ]; then : > "$STATE/made-up"; fi""",
    "apt-cache": r"""#!/bin/bash
echo "  Candidate: (none)" """,
    "id": "#!/bin/sh\necho 0",
}


@pytest.fixture
def checkout(tmp_path):
    """A checkout with the launcher alone, and tools that only keep up appearances."""
    root = tmp_path / "checkout"
    shutil.copytree(ROOT / "deploy/launcher", root / "deploy/launcher")
    shutil.copy(ROOT / "howdah", root / "howdah")
    (root / "deploy/debian-packages.txt").write_text("made-up\nthere-already\n", encoding="ascii")
    tools = tmp_path / "tools"
    tools.mkdir()
    for name, text in TOOLS.items():
        (tools / name).write_text(text + "\n", encoding="ascii")
        (tools / name).chmod(0o755)
    return root


def environment(checkout, **more):
    kept = {key: value for key, value in os.environ.items()
            if not key.startswith(("HOWDAH_", "KUBE", "AIVEN")) and key not in ("NO_COLOR", "CI")}
    tools = checkout.parent / "tools"
    return {**kept, "PATH": f"{tools}:{kept['PATH']}", "STATE": str(checkout.parent),
            "TERM": "xterm", "CI": "true", "HOWDAH_CACHE_DIR": str(checkout.parent / "cache"),
            **more}


class Screen:
    """What a program writes to a terminal, as it comes."""

    def __init__(self, command, environment):
        self.mine, theirs = pty.openpty()
        self.process = subprocess.Popen(
            command, env=environment, stdin=theirs, stdout=theirs, stderr=theirs,
            start_new_session=True,
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL))
        os.close(theirs)
        self.text = ""

    def read(self, until=None):
        """Up to a text, or to the end of the program."""
        while until is None or until not in self.text:
            assert select.select([self.mine], [], [], 60)[0], f"nothing after: {self.text}"
            try:
                part = os.read(self.mine, 4096)
            except OSError:  # the other side has gone
                part = b""
            if not part:
                assert until is None, f"no {until!r} in: {self.text}"
                break
            self.text += part.decode("utf-8", "replace").replace("\r\n", "\n")
        return self.text

    def end(self):
        self.read()
        os.close(self.mine)
        return self.process.wait(30)


def on_a_terminal(checkout, *words, **more):
    screen = Screen([checkout / "howdah", *words], environment(checkout, **more))
    return screen.end(), screen.text


def into_a_file(checkout, *words, **more):
    done = subprocess.run([checkout / "howdah", *words], env=environment(checkout, **more),
                          capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=60,
                          check=False)
    return done.returncode, done.stdout, done.stderr


def test_setup_names_what_it_installs(checkout):
    code, out, err = into_a_file(checkout, "setup")
    assert (code, out) == (0, ""), err
    assert [line for line in err.splitlines() if not line.startswith("apt-get")] == [
        "==> Installing 1 missing Debian packages",
        "    made-up",
        "==> Updating the package lists",
        "    All Debian packages of deploy/debian-packages.txt are installed."]
    # What apt-get says is seen as it comes, not kept back.
    assert "apt-get: update" in err and "made-up" in err.split("apt-get: install")[1]
    # Nothing is missing now.
    assert into_a_file(checkout, "setup")[2].splitlines() == [
        "    All Debian packages of deploy/debian-packages.txt are installed."]


def test_setup_has_colours_on_a_terminal_only(checkout):
    code, text = on_a_terminal(checkout, "setup")
    assert code == 0, text
    assert STEP + "Installing 1 missing Debian packages\n" in text
    assert STEP + "Updating the package lists\n" in text


def test_build_names_the_programs_and_shows_lines_in_a_log(checkout):
    code, out, err = into_a_file(checkout, "build")
    assert (code, out) == (0, ""), err
    assert f"==> Building {' '.join(PROGRAMS)}\n" in err
    assert "bazel: build" in err and "--show_progress " in err
    assert "--curses=no --color=no" in err and "bazel: a terminal" not in err
    for program in PROGRAMS:
        assert f"    {checkout}/.howdah/bin/{program}\n" in err
        assert os.stat(checkout / ".howdah/bin" / program).st_mode & stat.S_IXUSR
    assert ESCAPE not in err


def test_build_leaves_the_terminal_to_bazel(checkout):
    code, text = on_a_terminal(checkout, "build")
    assert code == 0, text
    assert STEP + f"Building {' '.join(PROGRAMS)}\n" in text
    assert "bazel: a terminal\n" in text and "--curses=no" not in text


@pytest.mark.parametrize("plain", [{"NO_COLOR": "1"}, {"TERM": "dumb"}])
def test_who_wants_no_colours_gets_none(checkout, launcher, plain):
    assert ESCAPE not in on_a_terminal(checkout, "build", **plain)[1]
    screen = screen_of_up(launcher, **plain)
    screen.read("./howdah ctl")
    screen.process.terminate()
    assert screen.end() == 0
    assert ESCAPE not in screen.text


def screen_of_up(launcher, **more):
    return Screen(launcher.up_words(), {**launcher.environment, "TERM": "xterm", **more})


def test_up_names_each_part_as_it_is_there(launcher):
    up = launcher.up()
    # A pipe that nobody reads would fill.
    said = []
    reader = threading.Thread(target=lambda: said.extend(up.stderr))
    reader.start()
    told = []
    for line in up.stdout:
        told.append(line)
        if "./howdah ctl" in line:
            break
    up.terminate()
    told.extend(up.stdout)
    assert up.wait(30) == 0
    reader.join()
    err = "".join(said)
    places = [err.index(part) for part in (
        "==> Starting\n", "    local plane: ", "    backend: 127.0.0.1:", "    MCP: http://",
        "==> Stopping\n")]
    assert places == sorted(places), err
    assert "Howdah is ready." in "".join(told)
    assert ESCAPE not in err + "".join(told)


def test_up_on_a_terminal_shows_the_same_in_colours(launcher):
    screen = screen_of_up(launcher)
    screen.read("./howdah ctl")
    os.killpg(screen.process.pid, signal.SIGINT)
    assert screen.end() == 0
    for step in ("Starting", "Stopping"):
        assert STEP + step + "\n" in screen.text
    assert "\x1b[1mHowdah is ready.\x1b[0m" in screen.text
    # The programs' own logs are in files, where they do not bury what is said here.
    assert "    backend: 127.0.0.1:" in screen.text and '"level"' not in screen.text
    assert (launcher.data_dir / "howdah-backend.log").exists()
