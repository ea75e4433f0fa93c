# Daily commands. `make help` lists them; each installs what it needs and can be run again.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.PHONY: help up down story test test-unit test-integration test-e2e lint verify generate sim model bench bench-consensus bench-consensus-growth bench-ledger bench-admission bench-policy bench-scan bench-scheduling bench-receipts bench-faults soak clean build
.PHONY: image e2e lint-chart audit fuzz

INSTALLED := node_modules/.package-lock.json
VALIDATORS ?= 4
SEEDS ?= 5000
OUT ?= mainnet-image.tar

help: ## list the commands
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 20

$(INSTALLED): package.json package-lock.json
	@echo "==> installing npm packages"
	npm ci --no-audit --no-fund --loglevel=error
	@touch $@

build: $(INSTALLED) ## compile TypeScript into dist/
	@npx tsc -p . && chmod +x dist/cli/*.js

up: build ## bring the whole thing up on this machine and tell its story
	@node dist/e2e/stack/main.js up --validators $(VALIDATORS)

story: build ## tell the story again on the running stack
	@node dist/e2e/stack/main.js story

down: build ## stop everything that `make up` started
	@node dist/e2e/stack/main.js down

test: test-unit test-integration test-e2e ## unit, property, integration and end-to-end tests

test-unit: build ## unit and property tests
	npx vitest run --project 'unit*'

test-integration: build ## tests against a real API server and real processes
	node dist/e2e/cluster/main.js build --only control-plane
	npx vitest run --project integration

test-e2e: build ## the story and its faults, asserted on a whole cluster
	npx vitest run --project e2e

image: build ## make the image of the mainnet programs as an archive: make image OUT=mainnet.tar
	@node dist/e2e/cluster/main.js image --out $(OUT)

e2e: build ## the mainnet on real nodes: kind, the chart, and its cases (CLUSTER=existing uses your cluster)
	CLUSTER=$${CLUSTER:-kind} npx vitest run --project mainnet

lint-chart: build ## helm lint, the rendered chart against three Kubernetes versions, checkov
	@node dist/scripts/lint-chart.js

audit: $(INSTALLED) ## no dependency of production has a known high finding
	npm audit --omit=dev --audit-level=high

lint: $(INSTALLED) ## lint, import directions, unused files and exports
	npx eslint .
	npx depcruise --config .dependency-cruiser.cjs api crypto receipts policy chain operator webhooks services cli model

generate: build ## regenerate the types from crds/
	node dist/scripts/generate-types.js

verify: build lint ## fail when generated files differ from their source, or lint does
	node dist/scripts/generate-types.js --check

bench-scheduling: build ## 2,000 pods on 500 simulated nodes: kube-scheduler with and without its limits, then ours
	node dist/e2e/cluster/main.js build --only control-plane
	node dist/bench/scheduling/main.js

bench-receipts: build ## our receipt log beside Tessera's POSIX log: 10^6 receipts each
	node --expose-gc dist/bench/receipts/main.js

fuzz: $(INSTALLED) ## feed every decoder damaged input for SECONDS each
	FUZZ_SECONDS=$(or $(SECONDS),60) npx vitest run --project unit chain/consensus/fuzz.test.ts chain/node/decoders.test.ts

sim: build ## simulate consensus: make sim SEEDS=100000
	node dist/chain/sim/main.js --seeds $(SEEDS)

model: build ## check the model of consensus, its mutations, and the core against its traces
	node dist/model/main.js

bench: build ## measure the running path into bench/results/
	node dist/bench/main.js

bench-consensus: build ## the chain alone beside CometBFT: make bench-consensus RUNS=3 SIZES=4,7 RATES=100,1000
	node dist/bench/consensus/main.js

bench-consensus-growth: build ## how the cost of a decision grows: 4 to 100 validators in the simulator, real cryptography
	node dist/bench/consensus/growth.js

bench-admission: build ## compare admission with no webhook, ValidatingAdmissionPolicy and Kyverno (builds Kyverno the first time)
	node dist/bench/admission/main.js

bench-policy: build ## measure policy and traffic-light decisions in one process
	node dist/bench/policy/main.js

bench-scan: build ## judge 5,000 running pods again under 1, 50 and 500 policies
	node dist/bench/scan.js

soak: build ## four validators under load and random kill -9, then their own data checked: make soak SECONDS=180
	node dist/e2e/soak/main.js $(or $(SECONDS),180)

bench-faults: build ## the whole product under load and faults, then checked independently: make bench-faults SECONDS=240 SEED=1
	node dist/e2e/faults/main.js $(or $(SECONDS),240) $(SEED)

clean: ## remove build output (not the cache, not .enc)
	rm -rf dist coverage

bench-ledger: build ## measure the ledger alone: blocks, a large state, a year of rewards
	node --max-old-space-size=6144 --expose-gc dist/bench/ledger.js $(PART)
