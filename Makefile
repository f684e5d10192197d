# RFM customer segmentation. `make` alone lists the targets.

CARGO ?= cargo
RFM := $(or $(CARGO_TARGET_DIR),target)/release/rfm
# The export to read; the only file in data/raw unless given.
RAW ?=
# Where data/ is kept for sync_data_up and sync_data_down: s3://bucket/prefix
BUCKET ?=
SAMPLE := data/external/sample.csv
# What is fuzzed, and for how long each.
FUZZ_TARGETS := csv xlsx parquet dates money model
FUZZ_SECONDS := 600

.DEFAULT_GOAL := help
.PHONY: help all download data train evaluate predict figures report clean lint format test test-api \
	test-container test-docs docs docs-serve bench bench-growth bench-instructions bench-kmeans \
	bench-scale bench-service bench-workbook stress-service compare fuzz requirements \
	create_environment sync_data_up sync_data_down build sample

help: ## List the targets
	@grep -hE '^[a-z_-]+:.*## ' $(MAKEFILE_LIST) \
	  | sed -E 's/^([a-z_-]+):.*## (.*)/  \1|\2/' | awk -F'|' '{printf "  %-22s%s\n", $$1, $$2}'

all: build sample ## Data, training and prediction: make all RAW=orders.xlsx
	$(RFM) all $(if $(RAW),"$(RAW)")

download: build ## Fetch the UCI Online Retail data: data/raw/online_retail.xlsx
	$(RFM) download

data: build sample ## Lines to customers: data/processed/rfm_features.csv
	$(RFM) features $(if $(RAW),"$(RAW)")

train: build ## Features to model: models/segmentation.json
	$(RFM) train

evaluate: build ## Compare 2 to 10 clusters: models/evaluation.json
	$(RFM) evaluate

predict: build ## Model to segments: data/processed/customer_segments.csv
	$(RFM) predict

figures: build ## Draw the customers and their segments: reports/figures/
	$(RFM) figures

report: build ## Write a report to send on: reports/report.html and report.md
	$(RFM) report

clean: ## Remove what was made; never raw data, never models
	rm -f $(SAMPLE)
	find data/interim data/processed reports -type f -not -name .gitkeep -delete

lint: ## Check formatting and lints
	$(CARGO) fmt --all --check
	$(CARGO) clippy --workspace --all-targets --locked -- -D warnings
	cd bench && $(CARGO) fmt --check && $(CARGO) clippy --all-targets --locked -- -D warnings
	cd fuzz && $(CARGO) fmt --check && $(CARGO) clippy --all-targets --no-default-features --locked -- -D warnings
	RUSTDOCFLAGS="-D warnings" $(CARGO) doc --workspace --no-deps --locked --quiet

format: ## Format the code
	$(CARGO) fmt --all
	cd bench && $(CARGO) fmt
	cd fuzz && $(CARGO) fmt

test: ## Run every test that needs only Rust, make and cc
	$(CARGO) test --workspace --locked

test-api: tests/api/.venv/installed ## Try the running service with schemathesis
	$(CARGO) build --locked
	RFM="$(or $(CARGO_TARGET_DIR),target)/debug/rfm" tests/api/run.sh

test-container: tests/container/.venv/installed ## Build the image and try it with podman, as root
	tests/container/.venv/bin/hadolint Dockerfile
	PATH="$(CURDIR)/tests/container/.venv/bin:$$PATH" tests/container/run.sh

# Without its word on its successor, which docs/requirements.txt has.
docs docs-serve: export NO_MKDOCS_2_WARNING := 1

docs: docs/.venv/installed ## Build the documentation site in site/
	docs/.venv/bin/mkdocs build --strict

docs-serve: docs/.venv/installed ## Show the documentation site on 127.0.0.1:8001
	docs/.venv/bin/mkdocs serve

test-docs: ## Run every command of the documents, and build the site
	@command -v curl >/dev/null || { echo "error: the tool curl is missing; on Debian: apt-get install curl" >&2; exit 1; }
	$(CARGO) test --package rfm-cli --locked --test it docs:: -- --include-ignored
	@$(MAKE) --no-print-directory docs
	@! grep -rnoE --include='*.html' --include='*.css' $(ELSEWHERE) site \
	  || { echo "error: the site loads what is not its own" >&2; exit 1; }

# What a page loads by itself from another place; links that are followed are fine.
ELSEWHERE := '(<(script|img|iframe)[^>]* src="?|<link[^>]* href="?|url\(["'"'"']?|@import ["'"'"']?)(https?:)?//[^ >]*'

bench: ## Time the stages of the library
	cd bench && $(CARGO) bench --locked

compare: build bench/.venv/installed ## Time rfm beside pandas and scikit-learn: make compare RAW=orders.xlsx
	@test -n "$(RAW)" || { echo "error: name a file: make compare RAW=orders.xlsx" >&2; exit 2; }
	bench/.venv/bin/python bench/compare.py "$(RAW)"

bench-instructions: build ## Count the instructions of some stages, and compare them with those of before
	cd bench && $(CARGO) build --release --locked --bin stages
	python3 bench/instructions/instructions.py --rfm $(RFM) \
	  --stages $(or $(CARGO_TARGET_DIR),bench/target)/release/stages $(if $(UPDATE),--update)

bench-kmeans: bench/kmeans/.venv/installed ## Time K-Means on millions of points beside scikit-learn, its Intel extension and faiss
	cd bench && $(CARGO) build --release --locked --bin kmeans-points
	bench/kmeans/.venv/bin/python bench/kmeans/kmeans.py \
	  --binary $(or $(CARGO_TARGET_DIR),bench/target)/release/kmeans-points

bench-scale: build bench/scale/.venv/installed ## Time ten million lines beside DuckDB, Polars, pandas and DataFusion
	bench/scale/.venv/bin/python bench/scale/scale.py --rfm $(RFM)

bench-growth: build bench/scale/.venv/installed ## Measure how time and memory grow with lines, customers and invoices
	bench/scale/.venv/bin/python bench/scale/growth.py --rfm $(RFM)

bench-service: build bench/service/.venv/installed ## Measure rfm serve beside bare hyper and FastAPI
	cd bench && $(CARGO) build --release --locked --bin bare-hyper
	bench/service/.venv/bin/python bench/service/run.py --rfm $(RFM) \
	  --hyper $(or $(CARGO_TARGET_DIR),bench/target)/release/bare-hyper

bench-workbook: build ## Time a workbook beside calamine's cells alone: make bench-workbook RAW=orders.xlsx
	@test -n "$(RAW)" || { echo "error: name a file: make bench-workbook RAW=orders.xlsx" >&2; exit 2; }
	cd bench && $(CARGO) build --release --locked --bin workbook-cells
	python3 bench/workbook/workbook.py --rfm $(RFM) \
	  --cells $(or $(CARGO_TARGET_DIR),bench/target)/release/workbook-cells "$(RAW)"

stress-service: build ## Put rfm serve under overload, slow clients, reloads and restarts
	python3 bench/service/stress.py --rfm $(RFM)

fuzz: ## Look for inputs that break the readers: make fuzz FUZZ_SECONDS=60
	@$(CARGO) +nightly fuzz --version >/dev/null \
	  || { echo "error: cargo-fuzz or nightly Rust is missing; rustup toolchain install nightly, cargo install cargo-fuzz --locked" >&2; exit 1; }
	for target in $(FUZZ_TARGETS); do \
	  $(CARGO) +nightly fuzz run -O $$target -- -dict=fuzz/dictionaries/$$target.dict \
	    -max_total_time=$(FUZZ_SECONDS) -timeout=10 -rss_limit_mb=2048 \
	    -malloc_limit_mb=1024 -max_len=16384 || exit 1; \
	done

requirements: ## Check that the tools are there
	@missing=0; \
	need() { command -v "$$1" >/dev/null || { echo "missing: $$1 ($$2)" >&2; missing=1; }; }; \
	need $(CARGO) "Rust 1.89 or later; install it with rustup"; \
	need cc "a C compiler; on Debian: apt-get install gcc"; \
	[ $$missing = 0 ] && echo "everything needed is there: $$($(CARGO) --version)" || exit 1

create_environment: requirements ## Check the tools and fetch the dependencies
	$(CARGO) fetch --locked

sync_data_down: ## Copy data/ from BUCKET=s3://…
	@$(call need_aws)
	aws s3 sync "$(BUCKET)/data" data

sync_data_up: ## Copy data/ to BUCKET=s3://…
	@$(call need_aws)
	aws s3 sync data "$(BUCKET)/data"

# Python tools, each set in an environment of its own.
%/.venv/installed: %/requirements.txt
	@python3 -m venv $*/.venv \
	  || { echo "error: Python lacks venv; on Debian: apt-get install python3-venv" >&2; exit 1; }
	$*/.venv/bin/pip install --quiet --requirement $<
	@touch $@

build:
	@$(CARGO) build --release --locked

# Made-up data, unless there is something to read.
sample: build
	@if [ -z "$(RAW)" ] && [ ! -f $(SAMPLE) ] \
	  && [ -z "$$(find data/raw -maxdepth 1 -type f -not -name '.*' 2>/dev/null)" ]; \
	then $(RFM) sample --output $(SAMPLE); fi

define need_aws
command -v aws >/dev/null || { echo "error: the tool aws is missing; on Debian: apt-get install awscli" >&2; exit 1; }; \
test -n "$(BUCKET)" || { echo "error: name the bucket: make $@ BUCKET=s3://my-bucket" >&2; exit 2; }
endef
