"""A small project with a pin, as its repository has it."""

from pathlib import Path

from tests.real.git import GitRepository

GOOD = "APP_IMAGE=ghcr.io/acme/app@sha256:" + "a" * 64 + "\n"
TAG = "APP_IMAGE=ghcr.io/acme/app:1.4.2\n"
COMPOSE = """\
services:
  app:
    image: ${APP_IMAGE:-none}
    env_file:
      - path: app-image-pin.env
        required: false
      - path: app-image-pin.local.env
        required: false
"""


def project(folder: Path, pin: str = GOOD) -> GitRepository:
    """Make a repository with the project in a folder ``deploy``, committed."""
    repository = GitRepository.create(folder)
    repository.write(
        {
            "deploy/compose.yaml": COMPOSE,
            "deploy/app-image-pin.env": f"# The pin\n{pin}",
            ".gitignore": "*.local.env\n",
            "preflight.yaml": (
                "compose: {files: [deploy/compose.yaml]}\n"
                "pins: [{variable: APP_IMAGE, service: app, file: deploy/app-image-pin.env}]\n"
            ),
        }
    )
    repository.git("add", "--all")
    repository.git("commit", "--quiet", "--message", "Deploy the app")
    return repository
