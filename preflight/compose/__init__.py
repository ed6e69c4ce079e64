"""The door to Compose: what it answers, and where in which compose file something stands."""

from preflight.compose.answer import ComposeAnswer, EnvFileItem, ServiceAnswer
from preflight.compose.ask import Compose
from preflight.compose.refusal import Refusal

__all__ = ["Compose", "ComposeAnswer", "EnvFileItem", "Refusal", "ServiceAnswer"]
