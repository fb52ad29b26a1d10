"""What libjpeg says of a damaged picture, which OpenCV shows as if it were whole.

OpenCV has no way to ask for these warnings: libjpeg writes them to the standard error of the process and nowhere else.
"""

from __future__ import annotations

import contextlib
import os
import re
import threading
from collections.abc import Callable
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

Result = TypeVar("Result")

_ONE_AT_A_TIME = threading.Lock()
_STANDARD_ERROR = 2
_DAMAGE = re.compile(rb"^(?:Corrupt JPEG data|Premature end of JPEG|Inconsistent progression)[^\n]*\n?", re.MULTILINE)
_LEFT_OVER = re.compile(r"Corrupt JPEG data: (\d+) extraneous bytes before marker 0xd9")


def decode_and_listen(decode: Callable[[NDArray[np.uint8]], Result], jpeg: NDArray[np.uint8]) -> tuple[Result, str]:
    """What decode makes of a JPEG [N] that ends with its end marker, and libjpeg's first warning of damage, or "".

    Zeros in front of the end marker are no damage: cameras fill up to a round length. Whatever other threads write to
    standard error meanwhile follows right after. A process without standard error gets no warnings.
    """
    with _ONE_AT_A_TIME:
        try:
            terminal = os.dup(_STANDARD_ERROR)
        except OSError:
            return decode(jpeg), ""
        with os.fdopen(terminal, "wb", 0) as shown, os.fdopen(os.memfd_create("libjpeg"), "r+b", 0) as said:
            os.dup2(said.fileno(), _STANDARD_ERROR)
            try:
                result = decode(jpeg)
            finally:
                os.dup2(shown.fileno(), _STANDARD_ERROR)
                said.seek(0)
                written = said.read()
                _pass_on(_DAMAGE.sub(b"", written))
    return result, _damage(written, jpeg)


def _pass_on(text: bytes) -> None:
    with contextlib.suppress(OSError):  # nobody reads any more
        while text:
            text = text[os.write(_STANDARD_ERROR, text) :]


def _damage(written: bytes, jpeg: NDArray[np.uint8]) -> str:
    found = _DAMAGE.search(written)
    warning = found[0].decode(errors="replace").strip() if found else ""
    left_over = _LEFT_OVER.fullmatch(warning)
    return "" if left_over and not jpeg[-2 - int(left_over[1]) : -2].any() else warning
