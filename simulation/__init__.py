"""The built-in driving benchmark: streets, sensors and unknown objects; writes data sets and bags."""

import os
import sys
from pathlib import Path

VERSION = "2"

os.environ.setdefault("MUJOCO_GL", "egl")  # read when mujoco is imported: draws without a screen
os.environ.setdefault("LP_NUM_THREADS", "1")  # Mesa: one process per core draws faster than threads

# NumPy's AVX-512 sines and logarithms end in other bits than its AVX2 ones. Without them every x86-64 processor with
# AVX2 writes the same bytes. Read when NumPy is imported: where it is already, this process and its children keep them.
_CPU = Path("/proc/cpuinfo")
_AVX512 = _CPU.is_file() and "avx512f" in _CPU.read_text(encoding="utf-8")
os.environ.setdefault("NPY_DISABLE_CPU_FEATURES", "X86_V4" if _AVX512 and "numpy" not in sys.modules else "")
