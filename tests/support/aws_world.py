"""The AWS CLI, an emulator of AWS, and a backend that uses both.

    with Moto() as moto, AwsBackend(moto) as backend:
        backend.tool("execute_aws_read_command", command="s3api list-buckets")
        moto.aws("s3api", "list-buckets")      # the CLI itself, past Howdah
"""

import http.server
import json
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import threading
import urllib.request

import peers
from mcp_client import StdioClient

ROOT = pathlib.Path(__file__).resolve().parents[2]
BIN = ROOT / ".howdah" / "bin"
AWS_CLI = "awscli==1.45.11"
EMULATOR = "moto[server]==5.2.1"
ACCOUNT = "123456789012"
CONFIG = """[default]
region = eu-west-1
[profile other]
region = us-east-1
role_arn = arn:aws:iam::%s:role/other
source_profile = default
[profile forbidden]
region = eu-west-1
[plugins]
evil = not_there
""" % ACCOUNT
CREDENTIALS = """[default]
aws_access_key_id = AKIAIOSFODNN7EXAMPLE
aws_secret_access_key = wJalrXUtnFEMIK7MDENGbPxRfiCYEXAMPLEKEY
[forbidden]
aws_access_key_id = AKIAIOSFODNN7EXAMPLE
aws_secret_access_key = wJalrXUtnFEMIK7MDENGbPxRfiCYEXAMPLEKEY
"""


def script(folder, name, packages, python, start):
    """A program that needs no environment to find its packages."""
    path = pathlib.Path(folder) / name
    real = subprocess.run([python, "-c", "import sys; print(sys.executable)"],
                          capture_output=True, text=True, check=True).stdout.strip()
    path.write_text("#!%s\nimport sys\nsys.path.insert(0, %r)\n%s\n" % (real, packages, start),
                    encoding="utf-8")
    path.chmod(0o755)
    return str(path)


def aws_cli(folder):
    """The path of the AWS CLI."""
    python, environment = peers.python_with(AWS_CLI)
    return script(folder, "aws", environment["PYTHONPATH"], python,
                  "from awscli.clidriver import main\nsys.exit(main())")


class Moto:
    """The emulator, on a port of its own. Owns its process and a folder."""

    def __enter__(self):
        self.folder = tempfile.mkdtemp(prefix="howdah-moto-")
        self.cli = aws_cli(self.folder)
        python, environment = peers.python_with(EMULATOR)
        self.process = subprocess.Popen(
            [python, "-m", "moto.server", "-H", "127.0.0.1", "-p", "0"],
            env=dict(environment, MOTO_ACCOUNT_ID=ACCOUNT), stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        for line in self.process.stderr:
            found = re.search(r"http://127\.0\.0\.1:\d+", line)
            if found:
                self.url = found.group(0)
                break
        else:
            raise RuntimeError("moto does not start")
        self._drain = subprocess.Popen(["cat"], stdin=self.process.stderr,
                                       stdout=subprocess.DEVNULL)
        home = pathlib.Path(self.folder) / "home" / ".aws"
        home.mkdir(parents=True)
        (home / "config").write_text(CONFIG, encoding="utf-8")
        (home / "credentials").write_text(CREDENTIALS, encoding="utf-8")
        return self

    def __exit__(self, *unused):
        self.process.terminate()
        self.process.wait(30)
        self._drain.wait(30)
        shutil.rmtree(self.folder, ignore_errors=True)

    def environment(self):
        return {"HOME": os.path.join(self.folder, "home"), "PATH": os.environ["PATH"],
                "LC_ALL": "C.UTF-8", "AWS_EC2_METADATA_DISABLED": "true"}

    def reset(self):
        request = urllib.request.Request(self.url + "/moto-api/reset", method="POST")
        urllib.request.urlopen(request).close()  # noqa: S310

    def aws(self, *arguments, check=True):
        """What the CLI itself says, parsed."""
        environment = self.environment()
        clean = os.path.join(self.folder, "plain-config")
        pathlib.Path(clean).write_text("[default]\nregion = eu-west-1\n", encoding="utf-8")
        environment["AWS_CONFIG_FILE"] = clean
        done = subprocess.run([self.cli, "--endpoint-url", self.url, *arguments],
                              env=environment, capture_output=True, text=True, check=False)
        assert not check or done.returncode == 0, done.stderr
        return json.loads(done.stdout) if done.stdout.strip() else None


class Overheard:
    """Stands before the emulator and keeps the user agents of what passes."""

    def __init__(self, moto):
        self.moto = moto
        self.agents = []
        overheard = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def handle_any(self):
                overheard.agents.append(self.headers["User-Agent"])
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                request = urllib.request.Request(  # noqa: S310
                    moto.url + self.path, data=body or None, method=self.command,
                    headers=dict(self.headers))
                with urllib.request.urlopen(request) as answer:  # noqa: S310
                    data = answer.read()
                    self.send_response(answer.status)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            do_GET = do_POST = do_PUT = handle_any

            def log_message(self, *unused):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    def __getattr__(self, name):
        return getattr(self.moto, name)

    def __enter__(self):
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *unused):
        self.server.shutdown()
        self.server.server_close()


class AwsBackend:
    """A backend with the AWS tools, and clients of it. Owns its processes."""

    def __init__(self, moto, *flags, cli=None, policy=None, temporary=None):
        self.moto = moto
        self.folder = tempfile.mkdtemp(prefix="howdah-backend-of-a-test-")
        self.temporary = temporary or self.folder
        self.socket = os.path.join(self.folder, "backend.sock")
        self.log_path = os.path.join(self.folder, "log")
        self.flags = ["--aws-cli", cli or moto.cli, "--aws-endpoint-url", moto.url,
                      "--aws-cache", os.path.join(moto.folder, "index"), *flags]
        if policy:
            path = os.path.join(self.folder, "policy.yaml")
            pathlib.Path(path).write_text(policy, encoding="utf-8")
            self.flags += ["--aws-policy", path]

    def __enter__(self):
        environment = dict(self.moto.environment(), TMPDIR=self.temporary,
                           AWS_ENDPOINT_URL="http://127.0.0.1:9",
                           AWS_DATA_PATH="/nowhere")
        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen(
                [BIN / "howdah-backend", "--listen", "unix:" + self.socket,
                 "--listen", "127.0.0.1:0", "--toolsets", "aws", "--announce", *self.flags],
                env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=log)
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError(self.log())
        self.address = [a for a in json.loads(line)["listening"] if "unix" not in a][0]
        self.client = StdioClient([BIN / "howdah-mcp", "--backend", "unix:" + self.socket,
                                   "--toolsets", "aws"], stderr=subprocess.DEVNULL)
        self.client.initialize()
        return self

    def __exit__(self, *unused):
        self.client.close()
        if self.process.poll() is None:
            self.process.terminate()
        self.process.wait(60)
        self.process.stdout.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def log(self):
        return pathlib.Path(self.log_path).read_text(encoding="utf-8", errors="replace")

    def audit(self):
        lines = [json.loads(line) for line in self.log().splitlines() if line.startswith("{")]
        return [line for line in lines if line.get("msg") == "audit"]

    def tool(self, name, **arguments):
        return self.client.call(name, arguments)["structuredContent"]

    def read(self, command, **arguments):
        return self.tool("execute_aws_read_command", command=command, **arguments)

    def write(self, command, **arguments):
        return self.tool("execute_aws_write_command", command=command, **arguments)

    def ctl(self, *arguments, expect=0):
        done = subprocess.run([BIN / "howdahctl", "--address", "unix:" + self.socket,
                               *arguments], capture_output=True, text=True, check=False,
                              stdin=subprocess.DEVNULL)
        assert (done.returncode == 0) == (expect == 0), done.stdout + done.stderr
        return done.stdout + done.stderr

    def children(self):
        """Pids below the backend."""
        found = []
        for entry in os.listdir("/proc"):
            try:
                with open("/proc/%s/stat" % entry, encoding="utf-8") as stat:
                    fields = stat.read().rpartition(")")[2].split()
            except OSError:
                continue
            if fields[1] == str(self.process.pid):
                found.append(int(entry))
        return found
