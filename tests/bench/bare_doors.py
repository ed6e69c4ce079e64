"""The libraries and the calls of a run, without any judgement: what the benchmark compares the tool with.

    python bare_doors.py COMPOSE_FILE SERVICE PIN_FILE VARIABLE      (in the checkout, the stack deployed)

A script that somebody would write in an afternoon: it imports what the tool is built on, and asks Compose, the engine,
the registry and git what the tool asks them, side by side where they do not need each other. It looks at no answer
beyond what the next question needs. A check that asks something new outside adds its question here.
"""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from pathlib import Path

import ruamel.yaml
import urllib3

import docker

for each in ("click", "semver", "tabulate", "yaml"):
    import_module(each)  # a tool would

ACCEPT = "application/vnd.oci.image.index.v1+json, application/vnd.oci.image.manifest.v1+json"


def main(compose_file: str, service: str, pin_file: str, variable: str) -> None:
    """Ask everything; an exception ends it with 1."""
    questions = [
        ("docker", "compose", "version"),
        ("docker", "compose", "--file", compose_file, "config", "--format", "json"),
    ]
    with ThreadPoolExecutor() as pool:
        asked = [pool.submit(ask, *question) for question in questions]
        asked += [pool.submit(ask_engine, service), pool.submit(ask_registry, pin_file, variable)]
        ruamel.yaml.YAML(typ="safe").load(Path(compose_file))
        ask("git", "status", "--porcelain", "--", pin_file)
        ask("git", "log", "--patch", "--", pin_file)
        for answer in asked:
            answer.result()


def ask(*command: str) -> str:
    """Run a program; return what it says."""
    return subprocess.run(command, capture_output=True, check=True, text=True, timeout=60).stdout


def ask_engine(service: str) -> str:
    """List the service's containers, and run ``env`` in the first."""
    client = docker.from_env()
    [first, *_] = client.containers.list(filters={"label": f"com.docker.compose.service={service}"})
    return str(first.exec_run(["env"]).output)


def ask_registry(pin_file: str, variable: str) -> str:
    """List the tags, and ask for the pinned manifest."""
    lines = Path(pin_file).read_text(encoding="utf-8").splitlines()
    [pin] = [line.partition("=")[2] for line in lines if line.startswith(f"{variable}=")]
    host, _, name = pin.partition("/")
    repository, _, digest = name.partition("@")
    pool = urllib3.PoolManager()
    for method, path in (("GET", "tags/list"), ("HEAD", f"manifests/{digest}")):
        answer = pool.request(method, f"http://{host}/v2/{repository}/{path}", headers={"Accept": ACCEPT})
        if answer.status != 200:
            raise RuntimeError(f"{method} {path}: {answer.status}")
    return digest


if __name__ == "__main__":
    main(*sys.argv[1:])
