"""Memory of large arrays, kept between the frames of a drive and the steps of a training."""

from __future__ import annotations

import ctypes
import platform

_TRIM_THRESHOLD, _TOP_PAD, _MMAP_MAX = -1, -2, -4  # malloc.h of glibc
_KEEP = 2**31 - 1


def keep_freed_memory(at_once: int = 2**26) -> bool:
    """Tells glibc to keep freed memory; False where the C library is another one and nothing changes.

    By default glibc hands large blocks back to the kernel, so that every frame pays page faults for all of its arrays
    again: 30 % of the judgement of a frame, a third of a training step on a CPU.

    at_once: bytes by which the heap grows
    """
    if platform.libc_ver()[0] != "glibc":
        return False
    mallopt = ctypes.CDLL(None).mallopt
    return bool(mallopt(_MMAP_MAX, 0) and mallopt(_TRIM_THRESHOLD, _KEEP) and mallopt(_TOP_PAD, at_once))
