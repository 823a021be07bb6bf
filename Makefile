# Orderhub. `make run` shows the whole hub on this machine; `make test` proves it. Both set themselves up on first use.
#
#   make PYTHON=/path/to/python3.13 setup     choose the interpreter yourself
#   make run PORT=4566 KEEP=1 DEMO=0          keep state over restarts, send no samples
#   make deploy STAGE=prod                    to the AWS account of your current credentials, settings in samconfig.toml

SHELL := /bin/bash
.DEFAULT_GOAL := help

PORT ?= 4566
KEEP ?=
DEMO ?= 1
STAGE ?= dev
# Layer and functions must agree: the architecture is the one samconfig.toml names for the stage, else the template's default.
ARCH ?= $(or $(shell sed -n '/^\[$(STAGE)\./,/^\[/s/.*Architecture=\([a-z0-9_]*\).*/\1/p' samconfig.toml 2>/dev/null | head -n 1),arm64)
SLUG ?=
PYTHON ?=
WORKERS ?= 2

VENV := .venv
SAM_VENV := .venv-sam
BIN := $(VENV)/bin
READY := $(VENV)/.ready
SAM_READY := $(SAM_VENV)/.ready
CLIENT_VENV := .venv-client
CLIENT_READY := $(CLIENT_VENV)/.ready
LAYER := layers/common
CODE := layers functions local benchmarks tests
FAST_TESTS := tests/unit tests/platforms
TESTS := $(FAST_TESTS) tests/functional tests/template

# The lists are complete, so pip need not resolve anything; `pip check` proves it.
PIP_INSTALL := -m pip install --quiet --quiet --disable-pip-version-check --no-input --require-hashes --no-deps
PIP_CHECK := -m pip --disable-pip-version-check check
# Hashes are the registry's own, whatever this machine's pip configuration prefers.
PIP_COMPILE := env -u PIP_FIND_LINKS -u PIP_EXTRA_INDEX_URL PIP_CONFIG_FILE=/dev/null CUSTOM_COMPILE_COMMAND="make lock" \
	$(BIN)/pip-compile --quiet --generate-hashes --strip-extras --allow-unsafe \
	--no-emit-index-url --no-emit-find-links --no-emit-trusted-host
SAM := SAM_CLI_TELEMETRY=0 PATH="$(CURDIR)/$(SAM_VENV)/bin:$$PATH" ARCHITECTURE=$(ARCH) sam

# A name on PATH proves little (version-manager shims, a Debian python3 without venv): each candidate is tried out.
define FIND_PYTHON
found=; \
for name in $(or $(PYTHON),python3.13 python3.12 python3.11 python3); do \
	for candidate in $$(type -ap "$$name"); do \
		if "$$candidate" -c 'import sys, ssl, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then \
			found=$$candidate; break 2; \
		fi; \
	done; \
done; \
if [ -z "$$found" ]; then \
	echo "Orderhub needs Python 3.11 or newer with the venv module, and found none on PATH. Install one (Debian: apt install python3 python3-venv; macOS: brew install python@3.13), or name it: make PYTHON=/path/to/python setup" >&2; \
	exit 1; \
fi
endef

.PHONY: help setup run test check lint bench client new-platform build validate deploy lock clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-14s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

setup: $(READY) ## make the virtualenv with pinned dependencies (the other targets do it when needed)

$(READY): requirements/dev.txt
	@$(FIND_PYTHON); \
	echo "Setting up $(VENV) with $$("$$found" --version) (about a minute, once)"; \
	rm -f "$@"; "$$found" -m venv --clear $(VENV)
	@$(BIN)/python $(PIP_INSTALL) -r requirements/dev.txt && $(BIN)/python $(PIP_CHECK)
	@site=$$($(BIN)/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))') && printf '%s\n' "$(CURDIR)/$(LAYER)" >"$$site/orderhub.pth"
	@printf '%s\n' '#!/bin/sh' "'''exec' \"$(CURDIR)/$(BIN)/python\" \"\$$0\" \"\$$@\"" "' '''" 'import sys' 'from orderhub.cli import main' 'sys.exit(main())' >$(BIN)/orderhub
	@chmod +x $(BIN)/orderhub
	@$(BIN)/python -m local.aws_descriptions
	@touch $@

$(SAM_READY): requirements/sam.txt
	@$(FIND_PYTHON); \
	echo "Setting up $(SAM_VENV) for the AWS SAM command with $$("$$found" --version) (once)"; \
	rm -f "$@"; "$$found" -m venv --clear $(SAM_VENV)
	@$(SAM_VENV)/bin/python $(PIP_INSTALL) -r requirements/sam.txt && $(SAM_VENV)/bin/python $(PIP_CHECK)
	@touch $@

$(CLIENT_READY): requirements/client.txt
	@$(FIND_PYTHON); \
	echo "Setting up $(CLIENT_VENV) for the generator of the client with $$("$$found" --version) (once)"; \
	rm -f "$@"; "$$found" -m venv --clear $(CLIENT_VENV)
	@$(CLIENT_VENV)/bin/python $(PIP_INSTALL) -r requirements/client.txt && $(CLIENT_VENV)/bin/python $(PIP_CHECK)
	@touch $@

run: $(READY) ## start the local engine with the whole stack on it and stay up (PORT, KEEP, DEMO)
	@PORT=$(PORT) KEEP=$(KEEP) DEMO=$(DEMO) exec $(BIN)/python -m local

lint: $(READY) ## ruff, mypy and the import layers
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo

check: lint ## the fast part of test: lint, types, unit and platform tests
	$(BIN)/pytest -n $(WORKERS) $(FAST_TESTS)

test: lint $(CLIENT_READY) ## lint, types and every test, the local stack included
	$(BIN)/pytest -n $(WORKERS) $(TESTS)
	$(BIN)/pytest tests/local

bench: $(READY) ## measure against the budgets; writes benchmarks/latest.json
	@$(BIN)/python -m benchmarks

client: $(READY) $(CLIENT_READY) ## generate the typed Python client of the API into build/orderhub-client
	@$(BIN)/python -m local.client

new-platform: $(READY) ## make folder, function, template block, test and fixture of a new platform (SLUG=name)
	@$(if $(SLUG),,echo "Say which one: make new-platform SLUG=name" >&2; exit 2)
	@$(BIN)/python -m local.new_platform "$(SLUG)"

build: $(READY) $(SAM_READY) ## build functions and layer for AWS into .aws-sam (STAGE, ARCH)
	@$(SAM) build --config-env $(STAGE)

validate: $(SAM_READY) ## check template.yaml with sam and cfn-lint
	@$(SAM) validate --lint

deploy: build ## deploy to the AWS account of your credentials (STAGE)
	@$(SAM) deploy --config-env $(STAGE)

lock: $(READY) ## renew the pinned requirements from the .in files
	$(PIP_COMPILE) --upgrade --output-file $(LAYER)/requirements.txt requirements/layer.in
	$(PIP_COMPILE) --upgrade --output-file requirements/dev.txt requirements/dev.in
	$(PIP_COMPILE) --upgrade --output-file requirements/sam.txt requirements/sam.in
	$(PIP_COMPILE) --upgrade --output-file requirements/client.txt requirements/client.in

clean: ## remove the virtualenvs, builds, caches and the local engine's state
	rm -rf $(VENV) $(SAM_VENV) $(CLIENT_VENV) .aws-sam build .local .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find $(CODE) -name __pycache__ -type d -prune -exec rm -rf {} +
