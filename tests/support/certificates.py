"""Certificates for tests of TLS."""

import os
import subprocess


def certificate(directory, name):
    """A self-signed certificate for 127.0.0.1; returns the paths of it and its key."""
    paths = [os.path.join(directory, name + end) for end in (".pem", ".key")]
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                    "ec_paramgen_curve:prime256v1", "-nodes", "-days", "1", "-subj", "/CN=" + name,
                    "-addext", "subjectAltName=IP:127.0.0.1", "-out", paths[0], "-keyout",
                    paths[1]], check=True, capture_output=True)
    return paths
