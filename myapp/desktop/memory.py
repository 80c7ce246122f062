"""What the C library does with memory that several threads give back."""

import sys

ARENA_MAX = -8
"""M_ARENA_MAX of glibc's malloc.h."""

ARENAS = 2


def share_between_threads() -> None:
    """Let all threads take from few places. glibc gives each thread one of its own, and what one
    has given back stays there unused by the others: after work on five million records a quarter
    more. Other C libraries do not know it. Source: https://man7.org/linux/man-pages/man3/mallopt.3
    """
    if sys.platform != "linux":
        return
    import ctypes

    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(ARENA_MAX, ARENAS)
