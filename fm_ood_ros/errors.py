"""Every error that the package raises on purpose; each says what was found, what was expected and the remedy."""

from __future__ import annotations


class FmOodError(ValueError):
    """Base of all errors raised on purpose."""


class InputError(FmOodError):
    """A frame, cloud, image or label that cannot be judged."""


class FieldError(FmOodError):
    """A value of a file that is missing or not what it must be; whoever reads the file adds its name and the remedy."""


class CalibrationError(FmOodError):
    """A calibration that is missing, impossible or does not fit its image."""


class BundleError(FmOodError):
    """A model bundle that is incomplete, altered or does not fit this version."""


class SiteError(FmOodError):
    """A site file that is broken or was measured with another model."""


class EngineError(FmOodError):
    """An inference engine that is missing or does not fit the model."""
