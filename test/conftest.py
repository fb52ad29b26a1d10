"""Tests leave nothing in the user's cache, and none is left out unseen."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

import simulation  # noqa: F401  before NumPy, whose AVX-512 it turns off

ALLOWED = ("launch is not on PyPI", "GPU", "counts the memory of the CPU")  # what not every machine has
SKIPPED: list[str] = []


@pytest.fixture(autouse=True, scope="session")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("cache")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(folder))
        yield folder


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    _note(report)


def pytest_collectreport(report: pytest.CollectReport) -> None:
    _note(report)


def _note(report: pytest.TestReport | pytest.CollectReport) -> None:
    if report.skipped and isinstance(report.longrepr, tuple):
        SKIPPED.append(f"{report.nodeid}: {report.longrepr[2]}")


def pytest_sessionfinish(session: pytest.Session) -> None:
    """With NO_UNEXPECTED_SKIP set, as in .ci/run, a skip for any other reason fails the session."""
    unexpected = [s for s in SKIPPED if not any(reason in s for reason in ALLOWED)]
    if os.environ.get("NO_UNEXPECTED_SKIP") and unexpected:
        print("\nunexpected skips:", *unexpected, sep="\n  ")
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
