"""Runs the launcher beside stand-in programs."""

import json
import os
import pathlib
import signal
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROGRAMS = ("howdah-backend", "howdah-mcp", "howdah-local", "howdahctl")


class Launcher:
    """Runs ./howdah with programs that only keep the contract."""

    def __init__(self, folder):
        self.log = folder / "log"
        self.log.touch()
        self.data_dir = folder / "data"
        bin_dir = folder / "bin"
        bin_dir.mkdir()
        fake = pathlib.Path(__file__).parent / "fake_programs/program.py"
        for name in PROGRAMS:
            program = bin_dir / name
            program.write_text(f"#!{sys.executable}\n{fake.read_text()}")
            program.chmod(0o755)
            os.mkfifo(f"{self.log}.{name}")
        os.mkfifo(f"{self.log}.aiven-sandbox")  # what `howdah-local aiven` is there
        self.environment = {
            key: value for key, value in os.environ.items() if not key.startswith(("KUBE", "AIVEN"))}
        self.environment.update(HOWDAH_BIN_DIR=str(bin_dir), HOWDAH_FAKE_LOG=str(self.log),
                                TMPDIR=str(folder), CI="true")

    def start(self, *arguments, **more):
        environment = dict(self.environment, **more)
        return subprocess.Popen(
            [ROOT / "howdah", *arguments], env=environment, text=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            start_new_session=True,
            # Ignored where the tests run in the background of a shell.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL))

    def up(self, *arguments, **more):
        return self.start(*self.up_words()[1:], *arguments, **more)

    def up_words(self):
        return [ROOT / "howdah", "up", "--data-dir", str(self.data_dir), "--mcp-port", "0",
                "--grpc-port", "0", "--kube-port", "0"]

    def run(self, *arguments, **more):
        process = self.start(*arguments, **more)
        out, err = process.communicate(timeout=30)
        return process.returncode, out, err

    def end(self, program):
        """Makes one that runs end by itself."""
        with open(f"{self.log}.{program}", "w", encoding="ascii"):
            pass

    def events(self, what):
        lines = self.log.read_text(encoding="utf-8").splitlines()
        return [e for e in map(json.loads, lines) if e["what"] == what]

    def living(self):
        """Programs that were started and still run."""
        return [e["program"] for e in self.events("started") if lives(e["pid"])]


def lives(pid):
    try:
        state = pathlib.Path(f"/proc/{pid}/stat").read_text(encoding="ascii")
    except OSError:
        return False
    return state.rpartition(")")[2].split()[0] != "Z"
