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

Result = TypeVar("Result")

_ONE_AT_A_TIME = threading.Lock()
_STANDARD_ERROR = 2
_DAMAGE = re.compile(rb"^(?:Corrupt JPEG data|Premature end of JPEG|Inconsistent progression)[^\n]*\n?", re.MULTILINE)
_PADDING = re.compile(r"Corrupt JPEG data: (\d+) extraneous bytes before marker 0xd9")
_MOST_PADDING = 64  # bytes that a whole picture may have before its end: cameras fill up to a round length


def damage_found_while(decode: Callable[[], Result]) -> tuple[Result, str]:
    """What decode returns and libjpeg's first warning meanwhile, "" without one.

    Whatever other threads write to standard error meanwhile follows right after. A process without standard error
    gets no warnings.
    """
    with _ONE_AT_A_TIME:
        try:
            terminal = os.dup(_STANDARD_ERROR)
        except OSError:
            return decode(), ""
        with os.fdopen(terminal, "wb", 0) as shown, os.fdopen(os.memfd_create("libjpeg"), "r+b", 0) as said:
            os.dup2(said.fileno(), _STANDARD_ERROR)
            try:
                result = decode()
            finally:
                os.dup2(shown.fileno(), _STANDARD_ERROR)
                said.seek(0)
                written = said.read()
                _pass_on(_DAMAGE.sub(b"", written))
    return result, _damage(written)


def _pass_on(text: bytes) -> None:
    with contextlib.suppress(OSError):  # nobody reads any more
        while text:
            text = text[os.write(_STANDARD_ERROR, text) :]


def _damage(written: bytes) -> str:
    found = _DAMAGE.search(written)
    warning = found[0].decode(errors="replace").strip() if found else ""
    padding = _PADDING.fullmatch(warning)
    return "" if padding and int(padding[1]) <= _MOST_PADDING else warning
