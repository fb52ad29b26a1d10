"""Says the same thing only now and then."""

from __future__ import annotations

from time import monotonic


class Throttle:
    """Lets one message per kind through in every period, and tells how many it held back."""

    def __init__(self, seconds: float = 5.0) -> None:
        self._seconds = seconds
        self._last: dict[str, float] = {}
        self._held: dict[str, int] = {}

    def __call__(self, kind: str, text: str) -> str:
        """The text to log now, or ""."""
        now = monotonic()
        if now - self._last.get(kind, -1e9) < self._seconds:
            self._held[kind] = self._held.get(kind, 0) + 1
            return ""
        self._last[kind] = now
        held = self._held.pop(kind, 0)
        return f"{text} ({held} more since the last report)" if held else text
