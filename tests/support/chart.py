"""The chart of deploy/helm, rendered by Helm itself.

    text = chart.render("--set", "role=view")
"""

import pathlib
import subprocess

import peers

ROOT = pathlib.Path(__file__).resolve().parents[2]
CHART = ROOT / "deploy/helm/howdah"
_HELM = "helm.sh/helm/v3/cmd/helm@v3.22.0"

ROLES_ONLY = ["--set", "enabled=false"]
# What an installation gives: the Secrets that the chart names are made by others.
INSTALLED = ["--set", "oidc.existingSecret=howdah-oidc,stateKeySecret=howdah-state-key"]


def helm(*arguments, expect=0):
    """What Helm says; `expect`: whether it is to succeed (0) or not."""
    done = subprocess.run([peers.go_install(_HELM), *arguments], capture_output=True, text=True,
                          check=False)
    assert (done.returncode == 0) == (expect == 0), done.stdout + done.stderr
    return done.stdout + done.stderr


def render(*values, expect=0):
    """The release "howdah" in the namespace "howdah", as YAML."""
    return helm("template", "howdah", str(CHART), "--namespace", "howdah", "--kube-version",
                "1.32", *values, expect=expect)
