# SPDX-License-Identifier: Apache-2.0
#
# The front door. Everything is built in build/ and written to out/; both can be deleted at any time.

SHELL    := /bin/bash
SCENARIO ?= hang
SEED     ?= 1
MODELS   ?= 4
JOBS     ?= $(shell nproc)
# Nightly: seeds a scenario, and any CTest option (for shards: NIGHTLY_ARGS="-I 1,,4").
SEEDS        ?= 10
NIGHTLY_ARGS ?=

export CC  := clang
export CXX := clang++

.DEFAULT_GOAL := help
.PHONY: help setup configure build run test bench bless docs cov nightly cosim waves systemc formal synth lint regs clean

help: ## what can be done, one line each
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-28s %s\n", $$1, $$2}' $(firstword $(MAKEFILE_LIST))

setup: ## install the Debian packages that are missing (prints the list first)
	@sim/tools/setup.sh

configure: setup
	@sim/tools/venv.sh sim/tools/requirements.txt
	@mkdir -p build
	@cmake -S sim -B build -G Ninja -DATC_MODELS="$(MODELS)" $(CMAKE_ARGS) > build/configure.log 2>&1 \
	  || { cat build/configure.log; exit 1; }

build: configure ## build the models, the driver, the harness and the benches
	@cmake --build build -j $(JOBS)

build/atcbench: configure
	@cmake --build build -j $(JOBS) --target atcbench
.PHONY: build/atcbench

run: build/atcbench ## run the hang scenario and print the latency waterfall (SCENARIO=, SEED=, ARGS=)
	@build/atcbench run $(SCENARIO) --seed $(SEED) $(ARGS)

test: build ## lint, unit benches, system smoke, C tests; last line "N passed, N failed"
	@sim/tools/venv.sh rtl/regs/requirements.txt
	@mkdir -p out/test
	@ctest --test-dir build -j $(JOBS) -LE 'nightly' --output-on-failure --output-junit ../out/test/junit.xml; true
	@python3 sim/tools/test_summary.py out/test/junit.xml

bless: build/atcbench ## show how the expected cycle figures differ from the measured ones, and rewrite them
	@python3 sim/tools/expected.py --tool build/atcbench --bless tb/regress/expected/*.toml

bench: configure ## measure the figures with a bound; out/bench/bench.json (BENCH= only these)
	@cmake --build build -j $(JOBS) --target benches atcbench
	@python3 sim/tools/bench.py build out/bench $(BENCH)

docs: build/atcbench ## regenerate doc/config.md
	@build/atcbench list --keys > doc/config.md.new && mv doc/config.md.new doc/config.md

nightly: MODELS = 4 4s 1v2 2p256 2q2 16
nightly: build ## scenarios x seeds, other builds, co-simulation, coverage, proofs, synthesis; JUnit, trend, page in out/nightly (SEEDS=, NIGHTLY_ARGS=)
	@status=0; \
	  cmake --build build -j $(JOBS) --target atcbench-cov atcbench-debug atcbench-sc || status=1; \
	  python3 sim/tools/nightly.py --build build --out out/nightly --seeds $(SEEDS) --jobs $(JOBS) -- $(NIGHTLY_ARGS) || status=1; \
	  for target in cov formal synth; do $(MAKE) --no-print-directory $$target || status=1; done; \
	  exit $$status

cosim: configure ## SMMU against its reference model, random streams; every output compared (SEEDS=)
	@cmake --build build -j $(JOBS) --target smmu_cosim smmu_cosim_global
	@sim/tools/cosim.sh build $(SEEDS) $(JOBS)

cov: configure ## line, toggle and functional coverage of the design, lines and branches of the driver; out/cov/index.html
	@cmake --build build -j $(JOBS) --target coverage
	@python3 tb/cov/cov.py --build build --out out/cov --jobs $(JOBS)

waves: build/atcbench ## run with a wave window and open GTKWave with the scenario's layout (SCENARIO=, GTKWAVE=)
	@sim/tools/waves.sh $(SCENARIO) $(SEED)

systemc: configure ## build the RTL as an sc_module; healthy and hang must give the plain harness's event log
	@cmake --build build -j $(JOBS) --target atcbench atcbench-sc
	@sim/tools/systemc_compare.sh

formal: setup ## prove the ITag tracker and the FIFO, and kill their mutants
	@sim/tools/venv.sh tb/formal/requirements.txt
	@.venv/bin/python tb/formal/run.py

synth: setup ## Yosys reads all of rtl/ and prints cells and flip-flops per block
	@sim/tools/venv.sh tb/formal/requirements.txt
	@.venv/bin/python sim/tools/synth.py

lint: setup ## Verilator -Wall over every block and the top
	@sim/tools/lint.sh

regs: setup ## regenerate packages, headers and pages from rtl/regs
	@sim/tools/venv.sh rtl/regs/requirements.txt
	@.venv/bin/python rtl/regs/generate.py

clean: ## remove build/ and out/
	@rm -rf build out
