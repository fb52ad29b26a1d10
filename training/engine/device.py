"""What this process computes on."""

from __future__ import annotations

import platform
from pathlib import Path

import torch


def device_type() -> str:
    """As torch calls it, such as cuda or cpu; where accelerate trains."""
    found = torch.accelerator.current_accelerator() if torch.accelerator.is_available() else None
    return found.type if found else "cpu"


def device_name() -> str:
    """Model of the CUDA GPU, or of the processor where there is none."""
    if torch.cuda.is_available():
        return str(torch.cuda.get_device_name())
    return cpu_name()


def cpu_name() -> str:
    """Model of the processor."""
    cpuinfo = Path("/proc/cpuinfo")
    lines = cpuinfo.read_text(encoding="utf-8").splitlines() if cpuinfo.is_file() else []
    models = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return models[0] if models else platform.processor() or platform.machine()
