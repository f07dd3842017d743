"""python -m local up | down | status: what `make` calls."""

import argparse
import os
import sys

from local import stack
from local.command import exit_code
from local.settings import Settings, read_settings
from local.steps import console


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m local", description=__doc__)
    parser.add_argument("command", choices=("up", "down", "status"))
    command = parser.parse_args(arguments).command
    return exit_code(lambda: show(command), "Stopped before it was done.")


def show(command: str) -> int:
    settings = read_settings(os.environ)
    {"up": show_up, "down": show_down, "status": show_status}[command](settings)
    return 0


def show_up(settings: Settings) -> None:
    outputs = stack.up(settings)
    console.print()
    console.print(f"Giftline is up: {outputs.get('ApiUrl', settings.endpoint)}")
    if token := outputs.get("Token"):
        console.print(f"Token:          {token}")
    if brand := outputs.get("BrandId"):
        console.print(f"Sample brand:   {brand}, with members to send a bulk call for (README, Passes in bulk)")
    console.print(f"Everything else: {settings.outputs_file}")


def show_down(settings: Settings) -> None:
    stopped = stack.down(settings)
    console.print(f"Stopped {' and '.join(stopped)}; the data stays." if stopped else "Nothing was running.")


def show_status(settings: Settings) -> None:
    for part, state in stack.status(settings).items():
        console.print(f"{part:<17}{state}")


if __name__ == "__main__":
    sys.exit(main())
