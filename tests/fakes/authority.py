"""A certificate authority of the tests' own, for servers that speak TLS."""

import ssl
import subprocess
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Authority:
    """A certificate authority of the tests' own, and a server's certificate that it vouches for.

    Args:
        ca_file: The authority's certificate.
        server: What a server on 127.0.0.1 needs to speak TLS.
    """

    ca_file: Path
    server: ssl.SSLContext


def make_authority(folder: Path) -> Authority:
    """Make both in ``folder``, with openssl."""
    ca, key, request, certificate = (folder / name for name in ("ca.pem", "key.pem", "server.csr", "server.pem"))
    names = folder / "names"
    names.write_text("subjectAltName=IP:127.0.0.1\n", encoding="utf-8")
    new = ("openssl", "req", "-newkey", "rsa:2048", "-nodes")
    signing = ("openssl", "x509", "-req", "-days", "2", "-in", str(request), "-CA", str(ca))
    for command in (
        (*new, "-x509", "-days", "2", "-subj", "/CN=Own Authority", "-keyout", f"{ca}.key", "-out", str(ca)),
        (*new, "-subj", "/CN=coolify", "-keyout", str(key), "-out", str(request)),
        (*signing, "-CAkey", f"{ca}.key", "-CAcreateserial", "-extfile", str(names), "-out", str(certificate)),
    ):
        subprocess.run(command, check=True, capture_output=True)
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(certificate, key)
    return Authority(ca, server)
