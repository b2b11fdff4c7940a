"""Plays kubelet for one pod in a network of its own. Started by test_release.py, as root:

    unshare --net --ipc --uts --pid --fork --kill-child --mount-proc pod_in_a_namespace.py FACTS

FACTS is a file of JSON: the `pod` as the API server has it, the `root` in which its
containers run, the `environment` of its Secrets, and the networks' bridges, Unix sockets:
`inward` {port: socket to go to}, `outward` {socket to listen at: port}.

Containers get their command, arguments, environment, user and probes as the pod says
them. Says "ready" when all probes are good, and when standard input ends, ends them.
"""

import fcntl
import json
import pathlib
import signal
import socket
import struct
import subprocess
import sys
import urllib.request

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "support"))

from relay import connect_unix, listen_unix, relay  # noqa: E402
from waiting import eventually  # noqa: E402


def bring_loopback_up():
    """As `ip link set lo up` does."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        fcntl.ioctl(control, 0x8914, struct.pack("16sH14x", b"lo", 1))  # SIOCSIFFLAGS, IFF_UP


def bridge(facts):
    for port, path in facts["inward"].items():
        relay(socket.create_server(("127.0.0.1", int(port))), lambda path=path: connect_unix(path))
    for path, port in facts["outward"].items():
        relay(listen_unix(path), lambda port=port: socket.create_connection(("127.0.0.1", port)))


def start(container, facts):
    security = facts["pod"]["securityContext"]
    variables = {entry["name"]: entry["value"] for entry in container.get("env", [])}
    variables.update(KUBERNETES_SERVICE_HOST="127.0.0.1", KUBERNETES_SERVICE_PORT="6443")
    for source in container.get("envFrom", []):
        variables.update(facts["environment"][source["secretRef"]["name"]])
    # Who leaves root for another user leaves its capabilities too.
    confine = ["setpriv", "--no-new-privs", "unshare", f"--root={facts['root']}", "--wd=/",
               f"--setgid={security['runAsGroup']}", f"--setuid={security['runAsUser']}"]
    return subprocess.Popen([*confine, *container["command"], *container["args"]], env=variables,
                            stdin=subprocess.DEVNULL, stdout=sys.stderr)


def is_good(container, probe):
    ports = {port["name"]: port["containerPort"] for port in container["ports"]}
    asked = container[probe]["httpGet"]
    try:
        with urllib.request.urlopen(
                f"http://127.0.0.1:{ports[asked['port']]}{asked['path']}", timeout=30) as answer:
            return answer.status == 200
    except OSError:
        return False


def main(path):
    facts = json.loads(pathlib.Path(path).read_text(encoding="utf-8"))
    containers = facts["pod"]["containers"]
    bring_loopback_up()
    bridge(facts)
    running = [start(container, facts) for container in containers]
    for container in containers:
        for probe in ("startupProbe", "livenessProbe", "readinessProbe"):
            eventually(lambda c=container, p=probe: is_good(c, p),
                       f"{container['name']}: {probe}")
    print("ready", flush=True)
    sys.stdin.read()
    for process in running:
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0


if __name__ == "__main__":
    main(sys.argv[1])
