"""``python -m preflight`` and the console script."""

import sys


def main() -> None:
    """Run the command line and end the process with its exit code."""
    from preflight.cli import entry

    sys.exit(entry())


if __name__ == "__main__":
    main()
