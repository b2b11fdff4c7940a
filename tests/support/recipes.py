"""Runs the recipes of clients/grpcurl with the real grpcurl.

    recipe = Recipes("127.0.0.1:50051")
    recipe("list-clusters")["clusters"]
"""

import json
import os
import pathlib
import subprocess

import peers

RECIPES = pathlib.Path(__file__).resolve().parents[2] / "clients/grpcurl"
GRPCURL = "github.com/fullstorydev/grpcurl/cmd/grpcurl@v1.9.1"


class Recipes:
    """Runs clients/grpcurl/<name>.sh against a backend. Owns nothing."""

    def __init__(self, address):
        self.environment = dict(os.environ, HOWDAH_ADDRESS=address,
                                GRPCURL=str(peers.go_install(GRPCURL)))

    def text(self, name, *arguments, expect=0):
        done = subprocess.run([RECIPES / f"{name}.sh", *arguments], env=self.environment,
                              capture_output=True, text=True, timeout=180, check=False)
        assert (done.returncode == 0) == (expect == 0), done.stdout + done.stderr
        return done.stdout + done.stderr

    def __call__(self, name, *arguments):
        return json.loads(self.text(name, *arguments))
