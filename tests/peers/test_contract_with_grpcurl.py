"""grpcurl, a client in Go, reads the contract as published in proto/."""

import os
import pathlib
import shutil
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
GRPCURL = "github.com/fullstorydev/grpcurl/cmd/grpcurl@v1.9.1"


@pytest.fixture(scope="session")
def grpcurl():
    """Path of grpcurl, built with Go into the cache."""
    if not shutil.which("go"):
        pytest.skip("Go is not installed")
    go_path = pathlib.Path(os.environ["HOWDAH_CACHE_DIR"]) / "go"
    binary = go_path / "bin" / "grpcurl"
    if not binary.exists():
        env = dict(os.environ, GOPATH=str(go_path), GOBIN=str(binary.parent), GOFLAGS="-modcacherw")
        subprocess.run(["go", "install", GRPCURL], env=env, check=True, timeout=600)
    return binary


def describe(grpcurl, symbol):
    return subprocess.run(
        [grpcurl, "-import-path", ROOT / "proto", "-proto",
         "howdah/postgres/v1/cluster_service.proto", "describe", symbol],
        capture_output=True, text=True, check=True).stdout


def test_services_are_readable(grpcurl):
    text = describe(grpcurl, "howdah.postgres.v1.ClusterService")
    assert "rpc CreateCluster ( .howdah.postgres.v1.CreateClusterRequest )" in text


def test_comments_come_with_the_fields(grpcurl):
    text = describe(grpcurl, "howdah.postgres.v1.Problem")
    assert "// What to do about it." in text
