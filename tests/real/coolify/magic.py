"""The values that Coolify makes up for ``SERVICE_PASSWORD_X`` and its kin (SH:1686-1860).

Addresses (``SERVICE_FQDN_X``, ``SERVICE_URL_X``) are left out: they come with the proxy.
"""

import base64
import secrets
import string

_LETTERS = string.ascii_letters + string.digits
_RANDOM = {
    "PASSWORD": 32,
    "PASSWORD_64": 64,
    "PASSWORDWITHSYMBOLS": 32,
    "PASSWORDWITHSYMBOLS_64": 64,
    "BASE64": 32,
    "BASE64_32": 32,
    "BASE64_64": 64,
    "BASE64_128": 128,
    "USER": 16,
}
_HEXADECIMAL = {"HEX_32": 16, "HEX_64": 32, "HEX_128": 64}
_REAL_BASE64 = {"REALBASE64": 32, "REALBASE64_32": 32, "REALBASE64_64": 64, "REALBASE64_128": 128}


def generated(name: str) -> str | None:
    """Return a new value for a variable; null where its name asks for nothing known.

    The name is read as ``SERVICE_COMMAND_ANYTHING`` or ``SERVICE_COMMAND_LENGTH_ANYTHING``; another number of parts
    asks for nothing.
    """
    if name.count("_") not in (2, 3):
        return None
    command = name.removeprefix("SERVICE_").rpartition("_")[0]
    if command in _RANDOM:
        return "".join(secrets.choice(_LETTERS) for _ in range(_RANDOM[command]))
    if command == "LOWERCASEUSER":
        return "".join(secrets.choice(_LETTERS) for _ in range(16)).lower()
    if command in _HEXADECIMAL:
        return secrets.token_hex(_HEXADECIMAL[command])
    if command in _REAL_BASE64:
        return base64.b64encode(secrets.token_bytes(_REAL_BASE64[command])).decode()
    return None
