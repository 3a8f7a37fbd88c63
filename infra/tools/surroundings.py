"""Lets a command work on what the functions work on: the running local cloud, or the cloud of this environment."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from infra.local.cloud import STATE
from infra.local.invoke import launch_like_the_cloud, running_cloud

# It has all of it: the database, every queue with its dead letters, the master keys.
BEST_EQUIPPED = "timer_sweep"


def add_options(parser: argparse.ArgumentParser) -> None:
    """Let the caller choose the surroundings."""
    parser.add_argument(
        "--here",
        action="store_true",
        help="use this process's environment, with the variables that template.yaml gives timer_sweep, "
        "instead of the local cloud that runs",
    )
    parser.add_argument("--state", type=Path, default=STATE, help="state folder of the running local cloud")


def enter(chosen: argparse.Namespace, *, like: str = BEST_EQUIPPED) -> None:
    """Take on the surroundings that were chosen; variables that are set already win (a new master key, say).

    Args:
        chosen: what `add_options` asked for.
        like: the function whose variables are needed.

    Raises:
        LocalCloudError: no local cloud runs.
    """
    if chosen.here:
        return
    launch = launch_like_the_cloud(running_cloud(chosen.state), like, chosen.state)
    for name, value in launch.environment.items():
        os.environ.setdefault(name, value)
