"""Brings and runs the real things that the demo and the tests need: engine, Compose, registry, an image.

Only the standard library: it must run before anything is installed. Import it with ``docker/`` on the path
(``PYTHONPATH=docker python3 -m provision --help``); the folder ``docker/`` itself is no package, because
``import docker`` is the SDK.
"""
