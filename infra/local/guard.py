"""Starts one program that must not outlive the process that asked for it.

Run as a script by `infra.local.processes.spawn` and by the process executor; replaces itself with the program, so
that the process id stays. Three things are done here, in a fresh process, that are unsafe in a `preexec_fn` of a
threaded parent: dropping root, arming the parent-death signal (after that drop: the kernel clears it when the user
changes), and noticing a parent that died in between.

The kernel sends the signal when the *thread* that started us ends, so starters use a thread that lives as long as
their process. Only Linux has parent-death signals: elsewhere a clean stop is the only one that reaches children.

    guard.py PARENT_PID SIGNAL_NUMBER USER_ID:GROUP_ID|- PROGRAM ARGUMENT...
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1
CANNOT_START = 126


def main(arguments: list[str]) -> int:
    """Become the program named in the arguments; returns only when that fails."""
    parent, death_signal, owner, *command = arguments
    if owner != "-":
        user_id, group_id = (int(part) for part in owner.split(":"))
        os.setgroups([])
        os.setgid(group_id)
        os.setuid(user_id)
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, int(death_signal), 0, 0, 0)
    if os.getppid() != int(parent):
        return 0
    # Python ignores these two at start, and an ignored signal stays ignored in the program that replaces us.
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
    try:
        os.execvpe(command[0], command, os.environ)  # noqa: S606 - the program is ours and no shell is wanted
    except OSError as error:
        print(f"cannot run {command[0]}: {error}", file=sys.stderr)
    return CANNOT_START


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
