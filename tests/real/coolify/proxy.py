"""Addresses of a service, and the labels by which the proxies find it (D:531-870, P:1238-1423).

Left out: images of Ghost, redirects between ``www.`` and the bare name, passwords, and pages kept from search engines.
"""

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

_OWN_MIDDLEWARE = re.compile(r"traefik\.http\.middlewares\.(.*?)(?:\.|$)")
_LISTED_MIDDLEWARES = re.compile(r"coolify\.traefik\.middlewares=(.*)")


@dataclass(frozen=True)
class Address:
    """One address of a service."""

    scheme: str
    host: str
    port: int | None
    path: str

    @classmethod
    def read(cls, text: str) -> "Address":
        """Return the parts of an address."""
        parts = urlsplit(text)
        return cls(parts.scheme, parts.hostname or "", parts.port, parts.path or "/")

    @property
    def below(self) -> str:
        """The path, empty for the root."""
        return "" if self.path == "/" else self.path

    @property
    def origin(self) -> str:
        """Scheme and host."""
        return f"{self.scheme}://{self.host}"


def addresses(text: str) -> list[Address]:
    """Return the addresses of a setting, which names them with commas between."""
    return [Address.read(each) for each in text.split(",")] if text else []


def proxy_labels(uuid: str, found: Sequence[Address], service: str, labels: Iterable[object]) -> list[str]:
    """Return the labels for both proxies, each proxy's in their order.

    Args:
        uuid: Of the resource.
        found: The service's addresses.
        service: Its name.
        labels: Those it has already; middlewares named there are used.
    """
    texts = [label for label in labels if isinstance(label, str)]
    middlewares = list(_middlewares(texts))
    traefik = ["traefik.enable=true", "traefik.http.middlewares.gzip.compress=true"]
    traefik.append("traefik.http.middlewares.redirect-to-https.redirectscheme.scheme=https")
    caddy = [f"caddy_ingress_network={uuid}"]
    for number, address in enumerate(found):
        traefik += _traefik(address, f"{number}-{uuid}-{_segment(service)}", middlewares)
        caddy += _caddy(address, number)
    return [*sorted(traefik), *sorted(caddy)]


def network_labels(network: str, labels: Iterable[object]) -> list[str]:
    """Return the label that tells Traefik the network, where the user has none (P:361-372)."""
    names = {label.partition("=")[0] for label in labels if isinstance(label, str)}
    return [] if "traefik.docker.network" in names else [f"traefik.docker.network={network}"]


def _middlewares(labels: Iterable[str]) -> dict[str, None]:
    found: dict[str, None] = {}
    for label in labels:
        if one := _OWN_MIDDLEWARE.search(label):
            found[one[1]] = None
        elif several := _LISTED_MIDDLEWARES.search(label):
            found |= dict.fromkeys(several[1].split(","))
    return {name: None for name in found if name}


def _segment(service: str) -> str:
    name = re.sub("-+", "-", re.sub(r"[^a-zA-Z0-9-]+", "-", re.sub(r"[._]", "-", service))).strip("-") or "service"
    return f"{name}-{hashlib.md5(service.encode(), usedforsecurity=False).hexdigest()[:4]}"


def _traefik(address: Address, name: str, own_middlewares: list[str]) -> list[str]:
    secure = address.scheme == "https"
    router = f"{'https' if secure else 'http'}-{name}"
    stripped = [f"{router}-stripprefix"] if address.below else []
    found = [f"traefik.http.middlewares.{each}.stripprefix.prefixes={address.path}" for each in stripped]
    found += _router(address, router, [*stripped, "gzip", *own_middlewares])
    if secure:
        found += [
            f"traefik.http.routers.{router}.tls=true",
            f"traefik.http.routers.{router}.tls.certresolver=letsencrypt",
        ]
        found += _router(address, f"http-{name}", ["redirect-to-https"])
    return found


def _router(address: Address, router: str, middlewares: list[str]) -> list[str]:
    found = [
        f"traefik.http.routers.{router}.rule=Host(`{address.host}`) && PathPrefix(`{address.path}`)",
        f"traefik.http.routers.{router}.entryPoints={router.partition('-')[0]}",
        f"traefik.http.routers.{router}.middlewares={','.join(middlewares)}",
    ]
    if address.port:
        found.append(f"traefik.http.services.{router}.loadbalancer.server.port={address.port}")
        found.append(f"traefik.http.routers.{router}.service={router}")
    return found


def _caddy(address: Address, number: int) -> list[str]:
    upstream = f"{{{{upstreams {address.port}}}}}" if address.port else "{{upstreams}}"
    return [
        f"caddy_{number}={address.origin}",
        f"caddy_{number}.header=-Server",
        f"caddy_{number}.try_files={{path}} /index.html /index.php",
        f"caddy_{number}.handle_path.{number}_reverse_proxy={upstream}",
        f"caddy_{number}.handle_path={address.path}*",
        f"caddy_{number}.encode=zstd gzip",
    ]
