"""The configuration: ``preflight.yaml`` as frozen values, every mistake named with its line."""

from preflight.run.config.find import CONFIG_NAME, find_config
from preflight.run.config.read import Configuration, read_config
from preflight.run.config.settings import build_settings

__all__ = ["CONFIG_NAME", "Configuration", "build_settings", "find_config", "read_config"]
