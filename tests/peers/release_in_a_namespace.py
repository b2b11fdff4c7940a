"""Plays kubelet for one pod of a rendered Deployment, in a network of its own, and a story
through it. Started by test_release.py, as root, under `unshare --net`:

    unshare --net --ipc --uts --fork --kill-child release_in_a_namespace.py POD.json ROOT BIN

Containers get their command, arguments, environment, user and probes as the pod says
them; its volumes are folders of ROOT, in which both run.
"""

import base64
import fcntl
import json
import os
import pathlib
import re
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))

from fake_issuer import FakeIssuer  # noqa: E402
from kube_client import KubeClient  # noqa: E402
from waiting import eventually  # noqa: E402

CREDENTIALS = "var/run/secrets/kubernetes.io/serviceaccount"


def bring_loopback_up():
    """As `ip link set lo up` does."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        fcntl.ioctl(control, 0x8914, struct.pack("16sH14x", b"lo", 1))  # SIOCSIFFLAGS, IFF_UP


def secret(root, path, text):
    target = root / path.lstrip("/")
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(text, encoding="utf-8")
    os.chmod(target, 0o444)


def start_plane(binaries, directory):
    """The local plane is the Kubernetes of this network."""
    os.chmod(directory, 0o711)
    plane = subprocess.Popen([binaries / "howdah-local", "serve", "--data-dir", directory, "--port",
                              "6443", "--announce"], stdout=subprocess.PIPE)
    facts = json.loads(plane.stdout.readline())
    return plane, facts["kubeconfig"]


def give_token(root, kubeconfig):
    """As the projected volume of the pod has it."""
    client = KubeClient(kubeconfig)
    text = pathlib.Path(kubeconfig).read_text(encoding="utf-8")
    secret(root, CREDENTIALS + "/token", re.search(r'token"?:\s*"?([^"\s,}]+)', text).group(1))
    secret(root, CREDENTIALS + "/ca.crt", client.authority)
    secret(root, CREDENTIALS + "/namespace", "howdah")
    return client


def start(container, pod, root, environment):
    security = pod["securityContext"]
    variables = {entry["name"]: entry["value"] for entry in container.get("env", [])}
    if container.get("envFrom"):
        variables.update(environment)
    if any(mount["mountPath"] == "/" + CREDENTIALS for mount in container["volumeMounts"]):
        variables.update(KUBERNETES_SERVICE_HOST="127.0.0.1", KUBERNETES_SERVICE_PORT="6443")
    # Who leaves root for another user leaves its capabilities too.
    confine = ["setpriv", "--no-new-privs", "unshare", f"--root={root}", "--wd=/",
               f"--setgid={security['runAsGroup']}", f"--setuid={security['runAsUser']}"]
    return subprocess.Popen([*confine, *container["command"], *container["args"]], env=variables)


def is_good(container, probe):
    ports = {port["name"]: port["containerPort"] for port in container["ports"]}
    asked = container[probe]["httpGet"]
    try:
        with urllib.request.urlopen(
                f"http://127.0.0.1:{ports[asked['port']]}{asked['path']}", timeout=5) as answer:
            return answer.status == 200
    except OSError:
        return False


def call(token, tool, **arguments):
    request = urllib.request.Request(
        "http://127.0.0.1:3000/mcp",
        data=json.dumps({"jsonrpc": "2.0", "id": 1, "method": "tools/call",
                         "params": {"name": tool, "arguments": arguments}}).encode(),
        headers={"Content-Type": "application/json", "Accept": "application/json",
                 "MCP-Protocol-Version": "2025-11-25", "Authorization": "Bearer " + token})
    with urllib.request.urlopen(request, timeout=120) as answer:
        result = json.load(answer)["result"]
    assert not result.get("isError"), result
    return result["structuredContent"]


def story(token, kube, version):
    made = call(token, "create_postgres_cluster", name="released", instances=1,
                storage_size="1Gi", postgres_version=version, namespace="default", wait=True)
    assert made["cluster"]["ready"] == "1/1"
    call(token, "create_postgres_role", cluster_name="released", role_name="worker",
         namespace="default")
    assert kube.names("clusters") == ["released"]
    listed = call(token, "list_postgres_clusters", namespace="default")
    assert [cluster["name"] for cluster in listed["clusters"]] == ["released"]
    call(token, "delete_postgres_cluster", name="released", namespace="default",
         confirm_deletion=True)
    kube.wait_for_names("clusters", lambda names: not names)


def main(pod_path, root, binaries):
    root, binaries = pathlib.Path(root), pathlib.Path(binaries)
    bring_loopback_up()
    pod = json.loads(pathlib.Path(pod_path).read_text(encoding="utf-8"))
    versions = sorted(path.name for path in pathlib.Path("/usr/lib/postgresql").iterdir())
    secret(root, "/etc/howdah/state-key/state-key", base64.b64encode(os.urandom(32)).decode())
    with FakeIssuer() as issuer, tempfile.TemporaryDirectory() as directory:
        plane, kubeconfig = start_plane(binaries, directory)
        kube = give_token(root, kubeconfig)
        environment = {"OIDC_ISSUER": issuer.url, "OIDC_AUDIENCE": "howdah"}
        running = [start(container, pod, root, environment) for container in pod["containers"]]
        for container in pod["containers"]:
            for probe in ("startupProbe", "livenessProbe", "readinessProbe"):
                eventually(lambda c=container, p=probe: is_good(c, p),
                           f"{container['name']}: {probe}")
        try:
            urllib.request.urlopen("http://127.0.0.1:3000/mcp", timeout=5)
            raise AssertionError("let in without a token")
        except urllib.error.HTTPError as refusal:
            assert refusal.code == 401, refusal.code
        story(issuer.token(aud="howdah"), kube, versions[-1])
        for process in running:
            process.send_signal(signal.SIGTERM)
            assert process.wait(30) == 0
        plane.terminate()
        plane.wait(60)
    print("served a story")


if __name__ == "__main__":
    main(*sys.argv[1:])
