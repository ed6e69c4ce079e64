"""The configuration: ``preflight.yaml`` as frozen values, every mistake named with its line."""

from preflight.config.find import CONFIG_NAME, find_config, find_git_root
from preflight.config.read import Configuration, read_config
from preflight.config.settings import build_settings

__all__ = ["CONFIG_NAME", "Configuration", "build_settings", "find_config", "find_git_root", "read_config"]
