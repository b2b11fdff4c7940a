"""An OpenID issuer on loopback that signs whatever a test wants.

    with FakeIssuer() as issuer:
        token = issuer.token(aud="howdah", scope="howdah:read")
        issuer.rotate()                      # another key; the old one is gone

Keys and signatures are openssl's; nothing but the standard library is needed.
"""

import base64
import hashlib
import hmac
import http.server
import json
import os
import subprocess
import tempfile
import threading
import time


def b64(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def part(value):
    return b64(json.dumps(value).encode())


class FakeIssuer:
    """Owns a server and keys. `down` makes it answer 503; `asked` lists the paths."""

    def __init__(self):
        self.asked = []
        self.down = False
        self._keys = 0
        self._directory = tempfile.TemporaryDirectory()
        self.rotate()
        issuer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):  # noqa: N802, the name is http.server's
                issuer.asked.append(self.path)
                documents = {"/.well-known/openid-configuration": issuer.metadata(),
                             "/jwks": {"keys": [issuer.jwk]}}
                known = self.path in documents and not issuer.down
                body = json.dumps(documents[self.path] if known else {}).encode()
                self.send_response(200 if known else 503)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *unused):
                pass

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = "http://127.0.0.1:%d" % self._server.server_address[1]

    def __enter__(self):
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *unused):
        self._server.shutdown()
        self._server.server_close()
        self._directory.cleanup()

    def metadata(self):
        return {"issuer": self.url, "jwks_uri": self.url + "/jwks",
                "authorization_endpoint": self.url + "/authorize",
                "token_endpoint": self.url + "/token",
                "code_challenge_methods_supported": ["S256"],
                "response_types_supported": ["code"]}

    def rotate(self):
        """Makes a new key and publishes that one alone."""
        self._keys += 1
        self.key = os.path.join(self._directory.name, "key%d.pem" % self._keys)
        subprocess.run(["openssl", "genpkey", "-algorithm", "RSA", "-pkeyopt",
                        "rsa_keygen_bits:2048", "-out", self.key], check=True,
                       capture_output=True)
        modulus = subprocess.run(["openssl", "rsa", "-in", self.key, "-noout", "-modulus"],
                                 check=True, capture_output=True, text=True).stdout
        self.jwk = {"kty": "RSA", "use": "sig", "kid": "k%d" % self._keys, "e": "AQAB",
                    "n": b64(bytes.fromhex(modulus.strip().split("=")[1]))}

    def public_pem(self):
        return subprocess.run(["openssl", "rsa", "-in", self.key, "-pubout"], check=True,
                              capture_output=True).stdout

    def claims(self, **changes):
        now = int(time.time())
        claims = {"iss": self.url, "sub": "ada", "aud": "howdah", "iat": now, "exp": now + 300,
                  "scope": "openid"}
        claims.update(changes)
        return {name: value for name, value in claims.items() if value is not None}

    def token(self, header=None, **changes):
        """A token signed with the present key; None leaves a claim out."""
        text = "%s.%s" % (part({"alg": "RS256", "kid": self.jwk["kid"], "typ": "at+jwt",
                                **(header or {})}), part(self.claims(**changes)))
        signature = subprocess.run(["openssl", "dgst", "-sha256", "-sign", self.key],
                                   input=text.encode(), check=True, capture_output=True).stdout
        return "%s.%s" % (text, b64(signature))

    def unsigned(self, **changes):
        return "%s.%s." % (part({"alg": "none"}), part(self.claims(**changes)))

    def confused(self, algorithm="HS256", **changes):
        """Signed by HMAC with the public key for a secret."""
        text = "%s.%s" % (part({"alg": algorithm, "kid": self.jwk["kid"]}),
                          part(self.claims(**changes)))
        return "%s.%s" % (text, b64(hmac.new(self.public_pem(), text.encode(),
                                             hashlib.sha256).digest()))
