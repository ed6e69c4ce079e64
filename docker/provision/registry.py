"""A private registry on the loopback interface, and the few HTTP calls that fill it."""

import hashlib
import http.client
import json
import socket
from contextlib import suppress
from dataclasses import dataclass

from provision.daemon import Daemon
from provision.errors import ProvisionError
from provision.packages import registry_program

_MANIFEST = "application/vnd.oci.image.manifest.v1+json"
_INDEX = "application/vnd.oci.image.index.v1+json"
_CONFIG = "application/vnd.oci.image.config.v1+json"
_LAYER = "application/vnd.oci.image.layer.v1.tar"
_ATTEMPTS = 5


class PrivateRegistry:
    """Debian's ``docker-registry`` on a free port, plain HTTP, deletions allowed.

    Raises:
        ProvisionError: The program is missing or does not start.
    """

    def __init__(self) -> None:
        program = registry_program()
        for attempt in range(_ATTEMPTS):
            self._daemon = Daemon("registry")
            self.host = f"127.0.0.1:{_free_port()}"
            try:
                self._start(str(program))
            except ProvisionError as error:
                self._daemon.stop()
                if "address already in use" not in error.message or attempt == _ATTEMPTS - 1:
                    raise
            except BaseException:  # raised again, when nothing is left running
                self._daemon.stop()
                raise
            else:
                return

    def _start(self, program: str) -> None:
        config = self._daemon.folder / "config.yml"
        config.write_text(
            "version: 0.1\n"
            "log: {level: error, accesslog: {disabled: true}}\n"
            "storage:\n"
            f"  filesystem: {{rootdirectory: {json.dumps(str(self._daemon.folder / 'data'))}}}\n"
            "  delete: {enabled: true}\n"
            f"http: {{addr: {json.dumps(self.host)}}}\n"
        )
        self._daemon.start([program, "serve", str(config)], lambda: _answers(self.host))

    def stop(self) -> None:
        """End it and remove what was pushed; safe to call twice."""
        self._daemon.stop()


@dataclass(frozen=True)
class RegistryClient:
    """Fills a registry over plain HTTP.

    Args:
        host: ``127.0.0.1:PORT``.
    """

    host: str

    def push_image(self, repo: str, *tags: str, content: str = "", platform: str = "linux/amd64") -> str:
        """Push an image of one tiny layer.

        Args:
            repo: E.g. ``owner/name``.
            tags: Names for it; with none it is only reachable by digest.
            content: Makes images differ: equal content, equal digest.
            platform: ``os/architecture``.

        Returns:
            Its digest, ``sha256:…``.
        """
        os_name, architecture = platform.split("/", 1)
        layer = self._push_blob(repo, f"layer of {repo} {content}".encode())
        config = {
            "os": os_name,
            "architecture": architecture,
            "rootfs": {"type": "layers", "diff_ids": [layer["digest"]]},
        }
        manifest = {
            "schemaVersion": 2,
            "mediaType": _MANIFEST,
            "config": {"mediaType": _CONFIG, **self._push_blob(repo, json.dumps(config).encode())},
            "layers": [{"mediaType": _LAYER, **layer}],
        }
        return self._push_manifest(repo, tags, _MANIFEST, manifest)

    def push_index(self, repo: str, *tags: str, children: dict[str, str]) -> str:
        """Push a multi-platform image.

        Args:
            repo: E.g. ``owner/name``.
            tags: Names for it.
            children: Platform (``linux/amd64``) to the digest of an image that is there already.

        Returns:
            Its digest.
        """
        manifests = []
        for platform, digest in children.items():
            os_name, architecture = platform.split("/", 1)
            size = len(self._call("GET", f"/v2/{repo}/manifests/{digest}", accept=_MANIFEST)[1])
            manifests.append(
                {
                    "mediaType": _MANIFEST,
                    "digest": digest,
                    "size": size,
                    "platform": {"os": os_name, "architecture": architecture},
                }
            )
        index = {"schemaVersion": 2, "mediaType": _INDEX, "manifests": manifests}
        return self._push_manifest(repo, tags, _INDEX, index)

    def tag(self, repo: str, digest: str, *tags: str) -> None:
        """Give an image that is there further names."""
        response, body = self._call("GET", f"/v2/{repo}/manifests/{digest}", accept=f"{_MANIFEST}, {_INDEX}")
        media_type = response.getheader("Content-Type") or _MANIFEST
        for name in tags:
            self._call("PUT", f"/v2/{repo}/manifests/{name}", body, content_type=media_type)

    def delete(self, repo: str, digest: str) -> None:
        """Delete an image; every tag that pointed at it goes too."""
        self._call("DELETE", f"/v2/{repo}/manifests/{digest}")

    def delete_blob(self, repo: str, digest: str) -> None:
        """Delete a layer or configuration from under the images that need it."""
        self._call("DELETE", f"/v2/{repo}/blobs/{digest}")

    def _push_blob(self, repo: str, data: bytes) -> dict[str, str | int]:
        """Upload bytes and return their descriptor without a media type."""
        digest = f"sha256:{hashlib.sha256(data).hexdigest()}"
        response, _ = self._call("POST", f"/v2/{repo}/blobs/uploads/")
        location = (response.getheader("Location") or "").removeprefix(f"http://{self.host}")
        joint = "&" if "?" in location else "?"
        self._call("PUT", f"{location}{joint}digest={digest}", data, content_type="application/octet-stream")
        return {"digest": digest, "size": len(data)}

    def _push_manifest(self, repo: str, tags: tuple[str, ...], media_type: str, manifest: object) -> str:
        body = json.dumps(manifest, sort_keys=True).encode()
        digest = f"sha256:{hashlib.sha256(body).hexdigest()}"
        for name in tags or (digest,):
            self._call("PUT", f"/v2/{repo}/manifests/{name}", body, content_type=media_type)
        return digest

    def _call(
        self, method: str, path: str, body: bytes = b"", *, content_type: str = "", accept: str = "*/*"
    ) -> tuple[http.client.HTTPResponse, bytes]:
        headers = {"Accept": accept, "Content-Length": str(len(body))}
        if content_type:
            headers["Content-Type"] = content_type
        connection = http.client.HTTPConnection(self.host, timeout=20)
        try:
            connection.request(method, path, body, headers)
            response = connection.getresponse()
            answer = response.read()
        except (OSError, http.client.HTTPException) as error:
            raise ProvisionError(f"{method} {path} at {self.host}: {error}", "look whether it runs") from error
        finally:
            connection.close()
        if response.status >= http.HTTPStatus.BAD_REQUEST:
            raise ProvisionError(f"{method} {path} at {self.host}: {response.status}", "see the registry's log")
        return response, answer


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _answers(host: str) -> bool:
    connection = http.client.HTTPConnection(host, timeout=5)
    with suppress(OSError, http.client.HTTPException):
        connection.request("GET", "/v2/")
        return connection.getresponse().status == http.HTTPStatus.OK
    connection.close()
    return False
