"""The simulator holds NumPy and OpenBLAS to AVX2, whose bits every x86-64 processor shares."""

import os
import subprocess
import sys
from pathlib import Path

SHOW = "from numpy._core._multiarray_umath import __cpu_features__ as has; print(has['X86_V4'])"
SETTINGS = ("NPY_DISABLE_CPU_FEATURES", "OPENBLAS_CORETYPE")


def said(code):
    fresh = {name: value for name, value in os.environ.items() if name not in SETTINGS}
    done = subprocess.run([sys.executable, "-c", code], env=fresh, capture_output=True, text=True, check=True)
    return done.stdout.split("\n")


def test_numpy_does_without_avx512():
    assert said(f"import simulation; {SHOW}")[0] == "False"


def test_children_of_a_process_that_had_numpy_before_go_on_as_it_does():
    here, _ = said(f"import numpy, simulation; {SHOW}")[:2]
    child = "subprocess.run([sys.executable, '-c', 'import simulation; ' + code], check=True)"
    there = said(f"import numpy, simulation, subprocess, sys; code = {SHOW!r}; {child}")[0]
    assert there == here == said(SHOW)[0]


def test_openblas_computes_as_on_any_processor_with_avx2():
    cpu = Path("/proc/cpuinfo")
    expected = "Haswell" if cpu.is_file() and "avx2" in cpu.read_text(encoding="utf-8") else ""
    code = "import simulation, numpy, threadpoolctl as t; print(*(i.get('architecture') for i in t.threadpool_info()))"
    assert not expected or expected in said(code)[0].split()


def test_what_the_user_sets_stays():
    settings = {**os.environ, "NPY_DISABLE_CPU_FEATURES": "X86_V3 X86_V4", "OPENBLAS_CORETYPE": "Zen"}
    code = "import simulation, os; print(*(os.environ[n] for n in ('NPY_DISABLE_CPU_FEATURES', 'OPENBLAS_CORETYPE')))"
    done = subprocess.run([sys.executable, "-c", code], env=settings, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "X86_V3 X86_V4 Zen"
