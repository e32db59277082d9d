# `make demo` shows it, `make test` proves it. `make help` lists the rest.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

# The newest Python 3.13 that pyenv keeps comes before pyenv's shims: a shim of another version is no Python to uv.
PYENV_313 := $(lastword $(sort $(wildcard $(or $(PYENV_ROOT),$(HOME)/.pyenv)/versions/3.13.*/bin)))
# Tests that run tools of their own find the project's uv last.
export PATH := $(if $(PYENV_313),$(PYENV_313):)$(PATH):$(CURDIR)/.tools/bin

# Nothing here is for a real account; a profile that is set for one must not be looked for.
unexport AWS_PROFILE AWS_DEFAULT_PROFILE

# Tests start many processes; each would compile all that it imports anew where Python may not keep its bytecode.
unexport PYTHONDONTWRITEBYTECODE

# uv as installed, else fetched by pip into the project's own folder (bare.py).
UV := $(or $(shell command -v uv 2>/dev/null),.tools/bin/uv)
RUN := $(UV) run --frozen --no-sync
SAM := SAM_CLI_TELEMETRY=0 AWS_DEFAULT_REGION=ap-northeast-1 $(UV) tool run --quiet --from aws-sam-cli==1.170.0 --with pip==25.3 sam
CODE := layers functions localcloud replay cli release tests bare.py

.PHONY: help
help: ## this list
	@grep -hE '^[a-z0-9-]+:.*## ' $(MAKEFILE_LIST) | sort | sed -E 's/:.*## /\t/' | expand -t 12

.PHONY: demo
demo: .venv/ready ## the walk-through on the local cloud, from nothing to a 200 and back
	@$(RUN) onramp replay walkthrough

.PHONY: test
test: .venv/ready ## everything that CI checks: two of the short ones at a time, then the tests
	@$(MAKE) --no-print-directory -j 2 $(if $(filter output-sync,$(.FEATURES)),--output-sync=target) \
		browser types templates reads lint arrow
	@$(MAKE) --no-print-directory parts
	$(RUN) pytest -n 4 --dist loadfile --no-loadscope-reorder -m "not parts or e2e"

.PHONY: lint
lint: .venv/ready ## ruff: rules and format
	$(RUN) ruff check $(CODE)
	$(RUN) ruff format --check $(CODE)

.PHONY: types
types: .venv/ready ## mypy, strict; each function's app.py is a module of that name, so one at a time
	$(RUN) mypy
	for app in functions/*/app.py; do $(RUN) mypy --no-error-summary "$$app"; done

.PHONY: arrow
arrow: .venv/ready ## who may import whom
	$(RUN) lint-imports --no-cache

.PHONY: templates
templates: .venv/ready ## cfn-lint, sam validate --lint, and checkov; exceptions stand beside their resource
	$(RUN) cfn-lint template.yaml member.yaml
	$(SAM) validate --lint --template template.yaml
	$(SAM) validate --lint --template member.yaml
	$(UV) tool run --quiet --from checkov==3.3.30 checkov -f template.yaml member.yaml --framework cloudformation \
		--compact --quiet --skip-download

.PHONY: browser
browser: ## a Chromium that looks at the page of `onramp topology`: by apt, where we may
	@command -v chromium chromium-browser >/dev/null || \
		{ [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null && \
		  apt-get update -qq && apt-get install -y -qq chromium >/dev/null; } || \
		echo "No Chromium, so the page is not looked at: apt-get install chromium, then again."

# What Python makes of the tests is kept: on a clean checkout each of the processes to come would make it anew.
.PHONY: reads
reads: .venv/ready
	$(RUN) pytest --collect-only -qq

.PHONY: parts
parts: .venv/ready ## the product's parts one by one, and which branches their tests cover: all of the core's
	$(RUN) pytest -n 3 --dist loadfile --no-loadscope-reorder -m parts --cov --cov-report=term:skip-covered
	$(RUN) coverage report --include='*/onramp/core/*' --fail-under=100 --show-missing --skip-covered

.PHONY: unit
unit: parts browser ## all tests but the end-to-end ones
	$(RUN) pytest -n 3 --dist loadfile --no-loadscope-reorder -m "not parts"

.PHONY: check
check: lint .venv/ready ## while working: rules, and the fast nine tenths of the tests; some three minutes
	$(RUN) pytest -n 2 --dist loadfile --no-loadscope-reorder -m "not long"

.PHONY: histories
histories: .venv/ready ## N random histories: what works goes on working, and what is told is so (N=20000)
	$(RUN) python tests/core/histories.py --count $(or $(N),20000) --first $(or $(FIRST),0)

.PHONY: storm
storm: .venv/ready ## N events of one account, at once and within SECONDS, beside a single tag of another: who waits, and what is lost (N=10000, SECONDS=300)
	$(RUN) python tests/stories/storm.py --events $(or $(N),10000) --seconds $(or $(SECONDS),300)

.PHONY: faults
faults: .venv/ready ## the walk-through with each single fault, where Lattice takes TIMES for a service and an association (60/60)
	LATTICE_SECONDS=$(or $(TIMES),60/60) $(RUN) pytest tests/stories/test_stories_with_faults.py

.PHONY: crowd
crowd: .venv/ready ## N accounts that tag within one minute on ten of Lambda's places: who waits how long (N=200)
	$(RUN) python tests/stories/storm.py --accounts $(or $(N),200)

.PHONY: e2e
e2e: .venv/ready ## the documentation's commands typed at MiniStack and the local cloud, and ways to break a deployment
	$(RUN) pytest tests/e2e -m e2e -n 3 --dist loadfile --no-loadscope-reorder --durations=8

.PHONY: mutants
mutants: .venv/ready ## small changes of the code that no test notices: SAMPLE a room (60; all: 0), drawn by SEED, CHILDREN at a time; it goes on where it was stopped
	$(UV) run --frozen --group mutants python -m tests.mutants --sample $(or $(SAMPLE),60) --seed $(or $(SEED),0) \
		$(if $(CHILDREN),--children $(CHILDREN))

.PHONY: release
release: .venv/ready ## one directory that is deployed by the AWS CLI alone, in dist/
	$(RUN) python -m release $(if $(HOME_PAGE),--home-page $(HOME_PAGE)) $(if $(SOURCE_CODE),--source-code $(SOURCE_CODE))

.PHONY: bench
bench: .venv/ready ## what a run costs in calls, transitions and invocations, and what a cold start costs; each call with CALLS=1, 1,000 services with HUGE=1
	@$(RUN) python -m tests.bench $(if $(CALLS),--calls) $(if $(HUGE),--huge)

.PHONY: pages
pages: .venv/ready ## write docs/cost.md and docs/performance.md anew, from what was counted
	@$(RUN) python -m tests.bench.pages

.PHONY: memory
memory: .venv/ready ## what each memory would make of the functions' time and price, from their CPU here; writes docs/memory.md
	@$(RUN) python -m tests.bench.memory

.PHONY: simulate
simulate: .venv/ready ## fleets of up to 1,000 accounts and 10,000 services on models: what breaks first; writes docs/scale.md
	@$(RUN) python -m tests.simulation

.PHONY: clean
clean: ## remove what the other targets made
	rm -rf .venv .tools .mutants .aws-sam .mypy_cache .ruff_cache .pytest_cache .coverage

.venv/ready: pyproject.toml uv.lock | $(UV)
	@if command -v python3 >/dev/null; then python3 bare.py python $(UV); fi
	$(UV) sync --frozen --quiet --compile-bytecode || { [ -n "$${UV_SYSTEM_CERTS:-}" ] || \
		echo "Is a peer's certificate invalid? A proxy's is not uv's: export UV_SYSTEM_CERTS=1, then make again." >&2; exit 1; }
	@touch $@

.tools/bin/uv:
	python3 bare.py uv .tools
