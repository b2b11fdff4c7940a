"""Runs `howdah-local aiven` and talks to it as a program does.

    with AivenSandbox(directory) as sandbox:
        sandbox.get("/v1/project")["projects"]
        sandbox.fault(kind="status", status=503, body="")
"""

import http.client
import json
import os
import pathlib
import subprocess
import urllib.parse

ROOT = pathlib.Path(__file__).resolve().parents[2]


def local_program():
    directory = os.environ.get("HOWDAH_BIN_DIR") or ROOT / ".howdah" / "bin"
    return str(pathlib.Path(directory) / "howdah-local")


class SandboxClient:
    """A sandbox that runs already, as `./howdah up --json` tells of it."""

    def __init__(self, facts):
        self.facts = facts
        self.base_url = facts["base_url"]
        self._address = urllib.parse.urlsplit(self.base_url).netloc
        with open(facts["token_file"], encoding="ascii") as file:
            self.token = file.read().strip()
        with open(facts["admin_token_file"], encoding="ascii") as file:
            self._admin_token = file.read().strip()

    def send(self, method, target, body=None, authorization=None, timeout=60):
        """Status, headers and bytes of the answer."""
        connection = http.client.HTTPConnection(self._address, timeout=timeout)
        try:
            headers = {"Authorization": f"aivenv1 {self.token}" if authorization is None
                       else authorization, "Content-Type": "application/json"}
            connection.request(method, target, None if body is None else json.dumps(body), headers)
            response = connection.getresponse()
            return response.status, response.headers, response.read()
        finally:
            connection.close()

    def call(self, method, target, body=None, **options):
        """Status and JSON of the answer."""
        status, _, text = self.send(method, target, body, **options)
        return status, json.loads(text)

    def get(self, target):
        status, body = self.call("GET", target)
        assert status == 200, (target, status, body)
        return body

    def steer(self, method, what, body=None):
        status, answer = self.call(method, f"/_sandbox/{what}", body,
                                   authorization=f"Bearer {self._admin_token}")
        assert status == 200, answer
        return answer

    def fault(self, **fault):
        self.steer("POST", "faults", fault)

    def journal(self):
        return self.steer("GET", "journal")["entries"]


class AivenSandbox:
    """Owns the process; the directory is the caller's."""

    def __init__(self, directory, *flags):
        self._directory = directory
        self._flags = flags

    def __enter__(self):
        with open(os.path.join(self._directory, "sandbox.log"), "ab") as log:
            self.process = subprocess.Popen(
                [local_program(), "aiven", "--data-dir", self._directory, "--announce",
                 "--exit-with-parent", *self._flags],
                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=log)
        line = self.process.stdout.readline()
        if not line:
            self.process.wait(30)
            with open(os.path.join(self._directory, "sandbox.log"), encoding="utf-8") as file:
                raise RuntimeError(file.read()[-2000:])
        return SandboxClient(json.loads(line))

    def __exit__(self, *unused):
        self.process.terminate()
        assert self.process.wait(60) == 0
        self.process.stdout.close()
