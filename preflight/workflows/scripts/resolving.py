"""The variables in a script, in whichever language it is written."""

from collections.abc import Callable, Mapping

from preflight.lib.regex import regex
from preflight.workflows.language import Language
from preflight.workflows.model import Script
from preflight.workflows.scripts.javascript import JavaScriptNames
from preflight.workflows.scripts.shell import ShellVariables
from preflight.workflows.value import HOLE, Value

_POWERSHELL = regex(
    r"\$\{?env:(?P<env>\w{1,80})\}?|\$\((?:[^()\n]|\([^()\n]{0,200}\)){0,200}\)|\$\{[^}\n]{0,200}\}|\$[\w:]{1,80}|\{\d\}"
)
_OTHER = regex(r"[#$]?\{[^{}/\n]{0,80}\}|\$\w{1,80}|%\(\w{1,80}\)s|%s")


def resolver(script: Script, names: JavaScriptNames) -> Callable[[str], str]:
    """Return what resolves the variables in a text of a script; what only shows when it runs becomes a hole."""
    match script.language:
        case Language.SHELL:
            return ShellVariables(script.value.text, script.env).resolve
        case Language.JAVASCRIPT:
            return names.resolve
        case Language.POWERSHELL:
            return lambda text: _POWERSHELL.sub(lambda match: _from_environment(match["env"], script.env), text)
        case _:
            return lambda text: _OTHER.sub(HOLE, text)


def _from_environment(name: str | None, env: Mapping[str, Value]) -> str:
    value = env.get(name.lower()) if name else None
    return value.text.replace("/", "%2F") if value else HOLE
