"""Certificates for tests of TLS."""

import os
import subprocess

NEW_KEY = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
LOOPBACK = "subjectAltName=IP:127.0.0.1,DNS:localhost"


def certificate(directory, name):
    """A self-signed certificate for 127.0.0.1; returns the paths of it and its key."""
    paths = [os.path.join(directory, name + end) for end in (".pem", ".key")]
    _openssl("req", "-x509", *NEW_KEY, "-days", "1", "-subj", "/CN=" + name, "-addext",
             "subjectAltName=IP:127.0.0.1", "-out", paths[0], "-keyout", paths[1])
    return paths


class Authority:
    """A certificate authority in a directory of its own.

        cert, key = Authority(directory, "ca").issue("ada", organizations=["dba"])
    """

    def __init__(self, directory, name):
        self.directory = directory
        self.certificate, self._key = (os.path.join(directory, name + end)
                                       for end in (".pem", ".key"))
        _openssl("req", "-x509", *NEW_KEY, "-days", "2", "-subj", "/CN=" + name, "-addext",
                 "keyUsage=critical,keyCertSign,cRLSign", "-out", self.certificate, "-keyout",
                 self._key)

    def issue(self, name, organizations=(), days=1):
        """A certificate for a client of that name and, on loopback, for a server;
        returns the paths of it and its key."""
        cert, key, request = (os.path.join(self.directory, name + end)
                              for end in (".pem", ".key", ".csr"))
        subject = "".join("/O=" + one for one in organizations) + "/CN=" + name
        _openssl("req", *NEW_KEY, "-subj", subject, "-addext", LOOPBACK, "-out", request,
                 "-keyout", key)
        _openssl("x509", "-req", "-in", request, "-CA", self.certificate, "-CAkey", self._key,
                 "-CAcreateserial", "-days", str(days), "-copy_extensions", "copyall", "-out",
                 cert)
        return cert, key


def _openssl(*arguments):
    subprocess.run(["openssl", *arguments], check=True, capture_output=True)
