"""The command line of the set-up scripts: ``PYTHONPATH=docker python3 -m provision …``."""

import argparse
import sys

from provision.compose_binaries import VERSIONS, compose_binary
from provision.errors import ProvisionError
from provision.keeper import KINDS, keep
from provision.packages import (
    INSTALLABLE,
    busybox_program,
    cron_programs,
    faketime_library,
    install,
    registry_program,
    sendmail_program,
)
from provision.sanity import sanity_home
from provision.signatures import attestations, mock_folder
from provision.wheels import runtime_wheels


def main() -> int:
    """Do one thing; a problem is one line on standard error and exit code 1."""
    arguments = _parser().parse_args()
    try:
        return _do(arguments)
    except ProvisionError as error:
        print(f"cannot go on: {error.message}\n  -> {error.remedy}", file=sys.stderr)
        return 1


def _do(arguments: argparse.Namespace) -> int:
    match arguments.command:
        case "keep":
            return keep(arguments.kind)
        case "install":
            for package in install(arguments.names):
                print(f"installed {package}")
        case "compose":
            for version in arguments.versions or VERSIONS:
                print(compose_binary(version))
        case "signatures":
            print(attestations())
            print(mock_folder())
        case "sanity":
            print(sanity_home())
        case "wheels":
            print(runtime_wheels())
        case _:
            print(registry_program())
            print(busybox_program())
            print(*cron_programs())
            print(faketime_library())
            print(sendmail_program())
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="provision", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    install_command = commands.add_parser("install", help="install Debian packages that are missing")
    install_command.add_argument("names", nargs="+", choices=sorted(INSTALLABLE))
    compose = commands.add_parser("compose", help="fetch Compose binaries into the cache")
    compose.add_argument("versions", nargs="*", help=f"default: {' '.join(VERSIONS)}")
    commands.add_parser("programs", help="have the registry, busybox, sendmail, and a cron whose clock runs fast")
    commands.add_parser("signatures", help="have real signatures, and what signs like Sigstore")
    commands.add_parser("sanity", help="have what ansible-test installs for its sanity tests")
    commands.add_parser("wheels", help="have the packages that the tool needs, for this Python")
    keeper = commands.add_parser("keep", help="run something until standard input ends")
    keeper.add_argument("kind", choices=sorted(KINDS))
    return parser


if __name__ == "__main__":
    sys.exit(main())
