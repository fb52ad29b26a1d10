"""The built-in driving benchmark: streets, sensors and unknown objects; writes data sets and bags."""

import os
import sys
from pathlib import Path

VERSION = "2"

os.environ.setdefault("MUJOCO_GL", "egl")  # read when mujoco is imported: draws without a screen
os.environ.setdefault("LP_NUM_THREADS", "1")  # Mesa: one process per core draws faster than threads

# NumPy's AVX-512 sines and OpenBLAS's AVX-512 products end in other bits than their AVX2 ones, which processors of
# either kind have: with those they are to write the same bytes. Both are read when NumPy is imported; where it is
# already, this process and its children go on as they are.
_CPU = Path("/proc/cpuinfo")
_FLAGS = set(_CPU.read_text(encoding="utf-8").split()) if _CPU.is_file() and "numpy" not in sys.modules else set()
os.environ.setdefault("NPY_DISABLE_CPU_FEATURES", "X86_V4" if "avx512f" in _FLAGS else "")
os.environ.setdefault("OPENBLAS_CORETYPE", "Haswell" if "avx2" in _FLAGS else "")
