"""The operator's own admission webhooks: its program, with nothing to reconcile.

    with OperatorWebhooks(kubernetes): ...

It watches a namespace that nobody uses, so that PlayedOperator has the clusters for itself.
Its webhook server takes no address: of all that runs here it alone listens beyond loopback.
"""

import base64
import os
import re
import shutil
import socket
import subprocess

import peers
from real_kubernetes import CNPG, HERE, release_manifest
from waiting import eventually

ADMISSION = "/apis/admissionregistration.k8s.io/v1/"
KINDS = {"MutatingWebhookConfiguration": "mutatingwebhookconfigurations",
         "ValidatingWebhookConfiguration": "validatingwebhookconfigurations"}


class OperatorWebhooks:
    """Owns its process and the webhook configurations."""

    def __init__(self, kubernetes):
        self.kubernetes = kubernetes
        self._made = []

    def __enter__(self):
        program = peers.go_build(HERE / "operator", CNPG + "/cmd/manager")
        directory = self.kubernetes.directory
        cert, key = self.kubernetes.servers.issue("webhooks")
        folder = os.path.join(directory, "webhooks")
        os.mkdir(folder, 0o700)
        shutil.copy(cert, os.path.join(folder, "apiserver.crt"))
        shutil.copy(key, os.path.join(folder, "apiserver.key"))
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        with open(os.path.join(directory, "webhooks.log"), "ab") as log:
            self.process = subprocess.Popen(
                [str(program), "controller", "--webhook-port", str(port),
                 "--metrics-bind-address", "0"], stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                env={"KUBECONFIG": self.kubernetes.admin.kubeconfig, "HOME": directory,
                     "PATH": os.environ["PATH"], "WEBHOOK_CERT_DIR": folder,
                     "OPERATOR_NAMESPACE": "cnpg-system", "WATCH_NAMESPACE": "nobody-s"})
        try:
            eventually(lambda: self._listens(port), "the operator's webhooks listen", 120)
            self._install("https://127.0.0.1:%d" % port)
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *unused):
        for path in self._made:
            self.kubernetes.admin.request("DELETE", path)
        if self.process.poll() is None:
            self.process.terminate()
        self.process.wait(120)

    def _listens(self, port):
        assert self.process.poll() is None, "the operator ended; see webhooks.log"
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", port)) == 0

    def _install(self, address):
        with open(self.kubernetes.servers.certificate, "rb") as file:
            authority = base64.b64encode(file.read()).decode()
        for text in release_manifest(self.kubernetes.operator):
            kind = re.search(r"^kind: (\w+)$", text, re.MULTILINE)
            if kind is None or kind.group(1) not in KINDS:
                continue
            collection = ADMISSION + KINDS[kind.group(1)]
            # The API server reads the YAML for us.
            status, config = self.kubernetes.admin.request(
                "POST", collection + "?dryRun=All", text, "application/yaml")
            assert status == 201, config
            config["metadata"] = {"name": config["metadata"]["name"]}
            for webhook in config["webhooks"]:
                path = webhook["clientConfig"].pop("service")["path"]
                webhook["clientConfig"].update(url=address + path, caBundle=authority)
            status, answer = self.kubernetes.admin.request("POST", collection, config)
            assert status == 201, answer
            self._made.append(collection + "/" + config["metadata"]["name"])
        assert len(self._made) == 2
