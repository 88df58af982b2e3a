# SPDX-License-Identifier: ISC
"""Waiting, which all tests do for an event and never for a time: until a line,
a state or a file is there. One bound for all of them, so generous that only a
defect comes to it, however slow and busy the machine is."""

import time

BOUND_S = 120


def until(found, complaint, pause=0.02):
    """What found() returns, as soon as that is true. complaint is what is said
    where it never is: a text, or what returns one."""
    end = time.monotonic() + BOUND_S
    while True:
        got = found()
        if got:
            return got
        if time.monotonic() > end:
            raise AssertionError(complaint() if callable(complaint) else complaint)
        time.sleep(pause)
