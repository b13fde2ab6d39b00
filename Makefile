# The one entry point, for people and for the gate: see `make help`.
SHELL := /bin/bash
PY := .venv/bin/python
STAMPS := .stamps
TEST_DAY ?= 2027-12-31T23:30+00:00
UV ?=

# What Debian brings. Tests need a browser, what drives it (libatomic1), tools to look at PDFs, and what stands in
# front of the application and around it (deploy/) besides.
RUN_PACKAGES := python3-venv postgresql fonts-morisawa-bizud-gothic fonts-morisawa-bizud-mincho fonts-ipamj-mincho fonts-dejavu-core
TEST_PACKAGES := $(RUN_PACKAGES) chromium-headless-shell fonts-noto-cjk libatomic1 poppler-utils git nginx systemd

# Install the packages named that are not there yet; quiet and quick when all are. No service of theirs is started.
define need
missing=$$(for p in $(1); do dpkg-query -W -f='$${db:Status-Status}' $$p 2>/dev/null | grep -qx installed || echo $$p; done); \
command -v node >/dev/null && command -v npm >/dev/null || missing="$$missing nodejs npm"; \
if [ -n "$$missing" ]; then \
  as_root=; [ "$$(id -u)" = 0 ] || as_root=sudo; \
  echo "Installing:" $$missing; \
  $$as_root mkdir -p /etc/postgresql-common; \
  [ -e /etc/postgresql-common/createcluster.conf ] || echo 'create_main_cluster = false' | $$as_root tee /etc/postgresql-common/createcluster.conf >/dev/null; \
  $$as_root apt-get -o DPkg::Lock::Timeout=300 -qq update && \
  $$as_root env DEBIAN_FRONTEND=noninteractive SYSTEMD_OFFLINE=1 apt-get -o DPkg::Lock::Timeout=300 -o Dpkg::Options::=--force-confold -qq install -y --no-install-recommends $$missing >/dev/null; \
fi
endef

help:  ## What can be made
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

run: run-packages $(STAMPS)/run $(STAMPS)/npm $(STAMPS)/catalogues  ## Everything on this machine, for training (PORT=, VAR=, DATABASE_URL=)
	@$(PY) scripts/run.py serve

manage: run-packages $(STAMPS)/run $(STAMPS)/npm $(STAMPS)/catalogues  ## A management command on the same database: make manage ARGS="..."
	@$(PY) scripts/run.py manage $(ARGS)

# On another day and at the other end of the world: nothing may lean on here and now. What `check` says beside the
# tests, where these leave a core idle, is told when they are done.
test: test-packages $(STAMPS)/test $(STAMPS)/npm $(STAMPS)/catalogues  ## All tests, with everything they need
	@rm -rf var/coverage && mkdir -p var/coverage
	@$(MAKE) -s check >var/check.log 2>&1 & check=$$!; \
	TEST_DAY=$(TEST_DAY) TZ=Pacific/Kiritimati scripts/with_postgres.sh .venv/bin/coverage run -m pytest -n 2 --dist loadgroup tests; tests=$$?; \
	wait $$check; checked=$$?; cat var/check.log; exit $$((tests | checked))
	@.venv/bin/coverage combine -q && .venv/bin/coverage report

check: test-packages $(STAMPS)/test $(STAMPS)/npm $(STAMPS)/catalogues  ## Format, lint, types, layers, scripts of pages
	@.venv/bin/ruff format --check -q .
	@.venv/bin/ruff check -q .
	@.venv/bin/lint-imports --no-logo
	@SECRET_KEY=check KEY_RING={} TRAINING=1 DATABASE_URL=postgresql:///check .venv/bin/mypy
	@git ls-files 'madoguchi/**/*.html' | xargs -r .venv/bin/djhtml --check >/dev/null
	@node_modules/.bin/biome lint --colors=off
	@node --test --test-reporter=spec tests/javascript/*.test.mjs

soak: test-packages $(STAMPS)/test $(STAMPS)/npm $(STAMPS)/catalogues  ## Large counts with fixed seeds: a month, races, other days (an hour at most)
	@scripts/soak.sh

accessibility: test-packages $(STAMPS)/test $(STAMPS)/npm $(STAMPS)/catalogues  ## Every citizen page in every language; writes the facts of the accessibility statement
	@ACCESSIBILITY_RESULTS=madoguchi/sites/citizen/guide/accessibility.json scripts/with_postgres.sh .venv/bin/pytest -n 0 -m soak tests/browser/test_citizen_barriers.py

bench: test-packages $(STAMPS)/test $(STAMPS)/npm $(STAMPS)/catalogues  ## Throughput and latency beside the machine's own limit
	@$(PY) bench/run.py

screenshots: test-packages $(STAMPS)/test $(STAMPS)/npm $(STAMPS)/catalogues  ## Every screen and paper as a picture, in var/screenshots
	@scripts/with_postgres.sh $(PY) scripts/screenshots.py

messages: $(STAMPS)/test  ## New sentences into the catalogues of translations; says what is missing
	@$(PY) scripts/catalogues.py collect

map: $(STAMPS)/test  ## docs/data-map.md from the models
	@$(PY) scripts/data_map.py

simulate: test-packages $(STAMPS)/test $(STAMPS)/npm  ## A whole term on a throw-away database, into var/simulation (ARGS="--seed 2")
	@DJANGO_SETTINGS_MODULE=madoguchi.config.settings_test AUDIT_KEYS="$$(SECRET_KEY=- KEY_RING={} DATABASE_URL=postgresql:/// $(PY) manage.py make_audit_keys)" \
	  scripts/with_postgres.sh bash -c '$(PY) manage.py migrate -v 0 && $(PY) manage.py simulate_term $(ARGS)'

# A version is taken when it is a week old (.npmrc says the same): by then a stolen one has mostly been found out.
# One that mends a hole is not waited for: make lock COOLDOWN="0 days", NPM_CONFIG_MIN_RELEASE_AGE=0.
COOLDOWN ?= 7 days
UV_COMPILE := .venv/bin/uv pip compile pyproject.toml -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --no-annotate --custom-compile-command "make lock"
lock: $(STAMPS)/test  ## Versions a week old and more into the lock files; they name no host (ARGS="--upgrade")
	@$(UV_COMPILE) --exclude-newer "$(COOLDOWN)" $(ARGS) -o requirements.txt
	@$(UV_COMPILE) --exclude-newer "$(COOLDOWN)" $(ARGS) --group dev -c requirements.txt -o requirements-dev.txt
	@npm install --ignore-scripts --package-lock-only --silent

audit: $(STAMPS)/test  ## Known holes in what the lock files name; without a network it says so and passes, a breakdown fails
	@$(PY) scripts/audit.py

run-packages:
	@$(call need,$(RUN_PACKAGES))

test-packages:
	@$(call need,$(TEST_PACKAGES))

.venv/bin/python:
	@python3 -m venv .venv

# The stamps hold what was installed from; a changed lock file installs again.
$(STAMPS)/run: requirements.txt | .venv/bin/python
	@[ -e $(STAMPS)/test ] && [ requirements.txt -ot $(STAMPS)/test ] || { echo "Installing Python packages"; .venv/bin/pip install -q --disable-pip-version-check --require-hashes -r requirements.txt; }
	@mkdir -p $(STAMPS) && touch $@

$(STAMPS)/test: requirements-dev.txt | .venv/bin/python
	@echo "Installing Python packages" && .venv/bin/pip install -q --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@mkdir -p $(STAMPS) && touch $@

# The published files are copied as they are; a source map comment would only point to nothing.
$(STAMPS)/npm: package-lock.json
	@npm ci --ignore-scripts --silent
	@mkdir -p madoguchi/web/static/vendor $(STAMPS)
	@sed '/sourceMappingURL/d' node_modules/@digital-go-jp/design-tokens/dist/tokens.css > madoguchi/web/static/vendor/tokens.css
	@touch $@

# What citizens read in other languages; what has no translation is named, and shown in Japanese.
$(STAMPS)/catalogues: $(wildcard madoguchi/locale/*/LC_MESSAGES/*.po programs/*/locale/*/LC_MESSAGES/*.po) | $(STAMPS)/run
	@$(PY) scripts/catalogues.py compile
	@touch $@

.PHONY: help run manage test check soak accessibility bench screenshots messages map lock audit run-packages test-packages
