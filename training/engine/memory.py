"""Memory of large tensors, kept between the steps of a run."""

from __future__ import annotations

import ctypes
import platform

_TRIM_THRESHOLD, _TOP_PAD, _MMAP_MAX = -1, -2, -4  # malloc.h of glibc
_KEEP = 2**31 - 1


def keep_freed_memory() -> bool:
    """Tells glibc to keep freed memory; False where the C library is another one and nothing changes.

    By default glibc hands large blocks back to the kernel, so that every step pays page faults for all of its
    activations again: a third of the time of a training step on a CPU.
    """
    if platform.libc_ver()[0] != "glibc":
        return False
    mallopt = ctypes.CDLL(None).mallopt
    return bool(mallopt(_MMAP_MAX, 0) and mallopt(_TRIM_THRESHOLD, _KEEP) and mallopt(_TOP_PAD, 2**28))
