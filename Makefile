# Two commands: `make demo` and `make test`. Each sets up .venv for itself.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
PIP    := $(BIN)/pip install --disable-pip-version-check --quiet --constraint constraints.txt
MODEL  ?=
BAG    ?=
OUT    ?=

DATA   ?= datasets/street_ood_v1
RIGS   ?= datasets/street_rigs
RUNS   ?= runs
RECIPE ?= feature_mixing_trimodal
STEPS  ?= 1000
MORE   ?= 2000
PRECISION ?= bf16

.PHONY: demo test lint benchmark model clean graphics
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

# The shipped model from nothing: data, training in two cycles, judgement, evaluation, export. RECIPE=late_fusion makes its
# control. The first cycle sees the rigs alone, the second begins with its weights and sees the benchmark's streets too.
# Processors without bfloat16 of their own train five times as fast with PRECISION=fp32.
FIT = $(BIN)/python -m training fit --config training/configs/$(RECIPE).yaml --set optimiser.threads=1 \
    --set optimiser.precision=$(PRECISION)

model: $(VENV)/.test graphics
	$(BIN)/python -m simulation benchmark --out $(DATA) --workers 2
	$(BIN)/python -m simulation benchmark --spec simulation/benchmark/street_rigs.yaml --out $(RIGS) --workers 2
	@mkdir -p $(RUNS)/both/sequences; \
	for s in $(DATA)/train/sequences/*; do ln -sfn "$$(realpath $$s)" $(RUNS)/both/sequences/v$$(basename $$s); done; \
	for s in $(RIGS)/train/sequences/*; do ln -sfn "$$(realpath $$s)" $(RUNS)/both/sequences/r$$(basename $$s); done
	@set -e; run=$(RUNS)/$(STEPS)_$(MORE)_steps/$(RECIPE); first=$$run/first; \
	resume() { test -e $$1/checkpoint.safetensors && echo --resume || true; }; \
	test -e $$first/weights.safetensors || $(FIT) --set optimiser.iterations=$(STEPS) \
	    --data $(RIGS)/train --out $$first $$(resume $$first); \
	test -e $$run/weights.safetensors || $(FIT) --set optimiser.iterations=$(MORE) --start $$first \
	    --data $(RUNS)/both --out $$run $$(resume $$run); \
	$(BIN)/python -m training judge --run $$run --val $(DATA)/val --dev $(DATA)/dev; \
	for split in test test_nuscenes; do \
	    $(BIN)/python -m training evaluate --run $$run --data $(DATA) --split $$split; done; \
	$(BIN)/python -m export bundle --run $$run --val $(DATA)/val --out $(RUNS)/bundle/street_fm \
	    --metrics $$run/metrics_*.json

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
