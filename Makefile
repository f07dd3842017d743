# `make` alone says what there is. Needs Python >= 3.11, git and make, and installs the rest under .venv/.
.DEFAULT_GOAL := help
SHELL := /bin/sh

# Name another Python with `make PYTHON=/path/to/python3 ...`.
PYTHON ?=
export PYTHON
# The size of the order that `make demo` sends: make demo CARDS=25000
CARDS ?=
export CARDS
# What `make review` does about a lot; without them it lists.
export ORDER LOT ACT WHY WHO
# What `make webhooks` does; without them it lists.
export EVENT FROM TO ROTATE
# So that `make up GIFTLINE_PORT=4600` works as well as `GIFTLINE_PORT=4600 make up`.
export GIFTLINE_PORT STATE_DIR WAIT_SCALE WPAY_BASE_URL WALLEO_BASE_URL
export WPAY_API_KEY WALLEO_API_KEY WALLEO_ID WALLEO_SHARED_KEY WALLEO_REQUESTS_PER_SECOND WALLEO_DOOR_URL SANDBOX_FAULTS SANDBOX_SEED
# Where `make deploy` deploys to: an environment of samconfig.toml.
ENV ?= dev

BIN := .venv/dev/bin
SAM := SAM_CLI_TELEMETRY=0 .venv/sam/bin/sam
built = $(patsubst %,.venv/%/.built,$(1))
SOURCES := functions layers local sandbox tests

.PHONY: help demo test storm simulate bench up down status review webhooks check deploy layers lock clean environments \
        local-environments layer-dependencies layer-giftline \
        check-style check-types check-template check-security check-files

help: ## What can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: local-environments ## A whole order on this machine, from CSV to cards; CARDS=25000 for the largest
	@$(BIN)/python -m local.demo

# Three parts side by side, since two of them wait for stacks of their own at times. The restart of a stack with 35,000
# cards under way is left to `make storm`; a smaller one is part of the storm that runs here.
COUNTING := tests/unit tests/simulation
WHOLE := tests/e2e tests/contract
WAITING := tests/files tests/integration
PYTEST := $(BIN)/python -m pytest

test: local-environments ## All tests
	@mkdir -p .build; echo "$(WHOLE) $(COUNTING) run beside the others; what they say comes after theirs."; \
	$(PYTEST) -q -p no:cacheprovider $(COUNTING) > .build/counting.log 2>&1 & counting=$$!; \
	$(PYTEST) -q -p no:cacheprovider $(WHOLE) --ignore=tests/e2e/test_restart.py > .build/whole.log 2>&1 & whole=$$!; \
	trap 'kill $$counting $$whole 2>/dev/null' INT TERM; \
	$(PYTEST) $(WAITING); status=$$?; \
	wait $$whole || status=1; echo "$(WHOLE):"; cat .build/whole.log; \
	wait $$counting || status=1; echo "$(COUNTING):"; cat .build/counting.log; exit $$status

# The slow, wide runs: the same code as in `make test`, with larger numbers, or with its figures shown.
SEEDS ?= 1000000
export STORM_ORDERS STORM_RESTARTS STORM_KILLS STORM_CARDS STORM_SEED
export FOREIGN_ORDERS FOREIGN_CARDS FOREIGN_SHARE FOREIGN_SEED

simulate: $(call built,dev) ## Whole orders in virtual time, with everything going wrong: SEEDS=1000000 a supplier
	@$(BIN)/python -m tests.simulation --supplier all --seeds $(SEEDS)

storm: local-environments ## Orders while workers and the stack are stopped, and with suppliers that fail: STORM_ORDERS=60
	@STORM_ORDERS=$(or $(STORM_ORDERS),60) STORM_RESTARTS=$(or $(STORM_RESTARTS),6) STORM_KILLS=$(or $(STORM_KILLS),20) \
	    STORM_CARDS=$(or $(STORM_CARDS),200) FOREIGN_ORDERS=$(or $(FOREIGN_ORDERS),50) FOREIGN_CARDS=$(or $(FOREIGN_CARDS),300) \
	    $(BIN)/python -m pytest -q -s tests/e2e

bench: local-environments ## What 25,000 rows in one call take, and how long each door takes to answer
	@BULK_ROWS=25000 LATENCY_CALLS=$(or $(LATENCY_CALLS),100) $(BIN)/python -m pytest -q -s \
	    tests/e2e/test_bulk_at_full_size.py tests/integration/test_door_latency.py

up: local-environments ## Start the stack on this machine and leave it running
	@$(BIN)/python -m local up

down: $(call built,uv dev) ## Stop the stack; its data stays
	@$(BIN)/python -m local down

status: $(call built,uv dev) ## What is running
	@$(BIN)/python -m local status

review: $(call built,uv dev) ## What needs a person; ORDER=… LOT=1 ACT=adopt, give_up or try_again WHY='…' to act
	@$(BIN)/python -m local.review

webhooks: $(call built,uv dev) ## What was sent to backends; EVENT=… ACT=resend, FROM=… TO=… ACT=resend_failed, ROTATE=1
	@$(BIN)/python -m local.webhooks

check: ## Linters, types, the template, and the files' own checks
	@$(MAKE) --no-print-directory --silent -j4 $(call built,dev sam checkov)
	@$(MAKE) --no-print-directory -j2 check-style check-types check-template check-security check-files

deploy: $(call built,uv sam) ## Build and deploy to AWS: ENV=dev or prod
	@find functions -name __pycache__ -prune -exec rm -rf {} +
	$(SAM) build --config-env $(ENV)
	$(SAM) deploy --config-env $(ENV)

layers: layer-dependencies layer-giftline ## Build the layers for Lambda

lock: .venv/uv/.built ## Compile requirements/*.in anew; UPGRADE=--upgrade for newer versions
	@set -e; for name in layers/dependencies/requirements $(patsubst %,requirements/%,uv emulator sam checkov dev); do \
	    .venv/uv/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes $(UPGRADE) \
	        --no-emit-index-url --custom-compile-command 'make lock' --output-file $$name.txt $$name.in; \
	    echo "$$name.txt"; \
	done

clean: ## Remove what was built and installed; the stack's data in .local/ stays
	rm -rf .venv .build .mypy_cache .ruff_cache .pytest_cache .hypothesis
	find . -name __pycache__ -prune -exec rm -rf {} +

# --- parts of `make check`

check-style:
	@$(BIN)/ruff check --quiet .
	@$(BIN)/ruff format --check --quiet . || { echo "not formatted; mend with: $(BIN)/ruff format ."; exit 1; }

check-types:
	@$(BIN)/mypy

check-template:
	@$(SAM) validate --lint --template template.yaml >/dev/null || $(SAM) validate --lint --template template.yaml
	@.venv/sam/bin/cfn-lint template.yaml

check-security:
	@.venv/checkov/bin/checkov --quiet --compact --framework cloudformation --file template.yaml \
	    --skip-download --skip-results-upload

check-files:
	@$(BIN)/python -m pytest --quiet tests/files

# --- what they need

# Each environment is built again only when its lock has changed.
.venv/uv/.built: requirements/uv.txt requirements/build_environment.sh
	@echo "Installing uv"
	@sh requirements/build_environment.sh uv

.venv/%/.built: requirements/%.txt requirements/build_environment.sh .venv/uv/.built
	@echo "Installing $*"
	@sh requirements/build_environment.sh $*

environments: local-environments
	@$(MAKE) --no-print-directory $(call built,checkov)

# At once, as each spends most of its time on waiting.
local-environments:
	@$(MAKE) --no-print-directory --silent -j4 $(call built,dev sam) local-layers

.PHONY: local-layers
local-layers: .venv/emulator/.built
	@GIFTLINE_TARGET=local .venv/uv/bin/python layers/build.py dependencies

# `sam build` comes here through layers/*/Makefile and hands over ARTIFACTS_DIR.
layer-dependencies layer-giftline: .venv/uv/.built
	@.venv/uv/bin/python layers/build.py $(@:layer-%=%) $(ARTIFACTS_DIR)
