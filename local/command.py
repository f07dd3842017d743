"""How a command of this folder ends: in words and with an exit code, never with a traceback."""

import signal
import sys
from collections.abc import Callable

from local.errors import LocalError, WrongSettings


def exit_code(run: Callable[[], int], when_interrupted: str) -> int:
    """What `run` returns, or 2 for wrong settings, 1 for a step that failed, 130 for Ctrl-C."""
    # A terminal that closes ends the command as Ctrl-C does.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        return run()
    except WrongSettings as error:
        print("Nothing was done. Please mend:", *error.problems, sep="\n  ", file=sys.stderr)
        return 2
    except LocalError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print(when_interrupted, file=sys.stderr)
        return 130
