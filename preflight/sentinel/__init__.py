"""The sentinel: a random value in the pin file, by which a container shows that it reads that file."""

from preflight.sentinel.file import SENTINEL, SentinelState, arm, disarm, status

__all__ = ["SENTINEL", "SentinelState", "arm", "disarm", "status"]
