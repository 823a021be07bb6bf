"""``python -m local``: start the local engine with the whole stack on it and stay up until told to stop.

Settings come from the environment: ``PORT`` (default 4566; the stand-ins take the next one), ``KEEP=1`` keeps the
state for the next start, ``DEMO=0`` sends no sample orders. Ends with 0 after SIGINT or SIGTERM, else with 1 and one
sentence that says why.
"""

import sys

OLDEST = (3, 11)


def main() -> int:
    """Refuse an interpreter that is too old in one sentence (this file alone must parse there), else run."""
    if tuple(sys.version_info[:2]) < OLDEST:
        need, have = ".".join(map(str, OLDEST)), ".".join(map(str, sys.version_info[:2]))
        print("Orderhub needs Python %s or newer, and this is Python %s." % (need, have), file=sys.stderr)  # noqa: UP031
        return 1
    from local import demo
    from local.launcher import run_from_environment

    return run_from_environment(demo)


if __name__ == "__main__":
    sys.exit(main())
