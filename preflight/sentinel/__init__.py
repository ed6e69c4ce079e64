"""The sentinel: a random value in the pin file, by which a container shows that it reads that file."""

from preflight.sentinel.file import SentinelState, arm, disarm, status

__all__ = ["SentinelState", "arm", "disarm", "status"]
