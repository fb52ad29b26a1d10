# Two commands: `make demo` and `make test`. Each sets up .venv for itself.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
PIP    := $(BIN)/pip install --disable-pip-version-check --quiet --constraint constraints.txt
MODEL  ?=
BAG    ?=
OUT    ?=

.PHONY: demo test lint benchmark clean graphics
.DELETE_ON_ERROR:

demo: $(VENV)/.demo
	$(BIN)/python -m fm_ood_ros.ros.replay $(if $(BAG),--bag $(BAG)) $(if $(MODEL),--model $(MODEL)) $(if $(OUT),--out $(OUT))

test: $(VENV)/.test graphics
	$(BIN)/python -m pytest

lint: $(VENV)/.test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

benchmark: $(VENV)/.test
	$(BIN)/python -m benchmark

# The simulator draws with OpenGL, on a machine without a screen through EGL.
graphics:
	@ldconfig -p | grep -q libEGL.so.1 && ls /usr/lib/*/dri/swrast_dri.so >/dev/null 2>&1 || ./.ci/graphics

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/.demo: $(VENV)/bin/python setup.py constraints.txt
	@echo "Installing the runtime, ROS 2 and the bag reader into $(VENV) ..."
	$(PIP) --editable '.[ros,replay]'
	@touch $@

$(VENV)/.test: $(VENV)/bin/python setup.py constraints.txt
	@echo "Installing everything that the tests need into $(VENV) (torch is large) ..."
	$(PIP) setuptools wheel
	$(PIP) --editable '.[ros,replay,training,export,simulation,test]'
	@touch $@

clean:
	rm -rf $(VENV) build install log results
