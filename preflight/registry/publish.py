"""Put a manifest under a tag (OCI distribution 1.1, "Pushing Manifests"): all that is ever written to a registry.

The login goes where it goes for a pull: to the registry itself, or to a token realm of its own.
"""

from dataclasses import replace
from urllib.parse import quote

from preflight.http import errors as http_errors
from preflight.http.client import Answer, Http, Request
from preflight.lib.deadline import Deadline
from preflight.lib.records import frozen
from preflight.lib.text import printable
from preflight.registry import answers, errors
from preflight.registry.tokens import Authenticator, RegistryRepository
from preflight.registry.values import Manifest

_ANSWER_LIMIT = 65536
_UNAUTHORIZED, _FORBIDDEN, _NOT_ALLOWED = 401, 403, 405
_DONE = frozenset({200, 201, 202})
_KEPT = frozenset({400, 409, 412})
"""What registries say of a tag that may not change (ECR, Artifactory, Harbor), or of a manifest they do not take."""


@frozen
class ManifestWriter:
    """Part of the registry client.

    Args:
        http: Asks.
        auth: Asks for tokens that allow to push.
    """

    http: Http
    auth: Authenticator

    def put(self, place: RegistryRepository, tag: str, manifest: Manifest, deadline: Deadline) -> None:
        """Put a manifest under a tag, with the same bytes and the same media type; see ``Registry.put_manifest``."""
        url = f"{place.base}/v2/{quote(place.repository)}/manifests/{quote(tag)}"
        request = Request("PUT", url, {"Content-Type": manifest.media_type}, _ANSWER_LIMIT, manifest.body)
        answer = self.http.fetch(request, deadline)
        if answer.status == _UNAUTHORIZED:
            answer = self._with_login(place, request, answer, deadline)
        if answer.status not in _DONE:
            raise _refusal(answer, self.auth, place, tag)

    def _with_login(self, place: RegistryRepository, request: Request, answer: Answer, deadline: Deadline) -> Answer:
        """Ask again with a token that allows to push; return the first answer where there is none."""
        try:
            header = self.auth.answer(place, answer.headers.get("www-authenticate", ""), "", deadline)
        except http_errors.NotReadable as error:  # the token service refuses
            raise _not_writable(self.auth, place, _FORBIDDEN) from error
        if not header:
            return answer
        return self.http.fetch(replace(request, headers={**request.headers, "Authorization": header}), deadline)


def _refusal(answer: Answer, auth: Authenticator, place: RegistryRepository, tag: str) -> http_errors.HttpError:
    host = printable(place.registry, 120)
    if answer.status in {_UNAUTHORIZED, _FORBIDDEN}:
        return _not_writable(auth, place, answer.status)
    if answer.status == _NOT_ALLOWED:
        return errors.NotWritable(f"{host} takes no images (405): it is read-only", "Push where it mirrors from.")
    if answer.status in _KEPT:
        code = f"{answer.status} {answers.error_code(answer)}".strip()
        return http_errors.BadAnswer(
            f"{host} refuses to put the image under the tag {tag} of {place.name} ({code})",
            "Look whether its tags may change (immutable tags), and whether it takes this kind of manifest.",
        )
    return answers.refusal(answer, host, place.name, auth.identity(place.registry))


def _not_writable(auth: Authenticator, place: RegistryRepository, status: int) -> errors.NotWritable:
    host = printable(place.registry, 120)
    return errors.NotWritable(
        f"{place.name}: these credentials may not push ({auth.identity(place.registry)}, {status})",
        f"docker login {host} as a user who may push; in GitHub Actions also: permissions: {{packages: write}}.",
    )
