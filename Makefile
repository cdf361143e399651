# Everything a user or a developer needs: 'make help' lists it.

CHAINRULE := .build/release/chainrule
RECIPE := --hidden 256,128 --shift 1 --schedule cosine --learning-rate 0.003 --epochs 60
# Warnings in this package's own targets are errors: see the end of Package.swift.
TEST := swift test -c release --disable-xctest

# What Chainrule is compared with: made by 'make bench' unless a Python that has it all is given.
PEERS_PYTHON := .peers/bin/python
MNIST := ../shared/data/mnist
ROUNDS := 3
SECONDS := 3
BENCH := .build/release/chainrule-bench

.PHONY: help run build test test-long picture bench growth loops budgets bench-program clean \
  dependencies test-dependencies

help:
	@echo "make run        train a recogniser of handwritten digits, and see how good it is"
	@echo "make build      build $(CHAINRULE)"
	@echo "make test       run the tests"
	@echo "make test-long  run the tests and the published runs on MNIST, which take minutes"
	@echo "make picture    train as 'make run' does, and draw docs/digits.svg from it"
	@echo "make bench      time every workload beside other frameworks (2 GB to install), and write BENCHMARKS.md's tables"
	@echo "make growth     draw how time grows with the size of networks, batches and programs: Benchmarks/growth"
	@echo "make loops      write down the elementwise loops that are compiled ahead: Sources/CKernels/compiled_loops.h"
	@echo "make budgets    write down what steps count, which the tests then hold them to: Benchmarks/budgets.jsonl"
	@echo "make clean      remove what was built"

run: build
	@$(CHAINRULE) train digits $(RECIPE) --out digits.safetensors
	@echo
	@$(CHAINRULE) evaluate digits.safetensors digits

build: dependencies
	@swift build -c release --product chainrule

test: test-dependencies
	$(TEST)

test-long: test-dependencies
	CHAINRULE_LONG_TESTS=1 $(TEST)

picture: build
	@$(CHAINRULE) train digits $(RECIPE) --json --out digits.safetensors >.build/digits.jsonl
	@swift build -c release --product DigitsPicture
	@.build/release/DigitsPicture .build/digits.jsonl >docs/digits.svg

bench: build bench-program $(if $(filter .peers/%,$(PEERS_PYTHON)),.peers/complete)
	$(PEERS_PYTHON) Benchmarks/compare.py --python $(PEERS_PYTHON) --bench $(BENCH) --chainrule $(CHAINRULE) \
	  --rounds $(ROUNDS) --seconds $(SECONDS) --mnist $(MNIST) --write BENCHMARKS.md

.peers/complete: Benchmarks/install-peers
	Benchmarks/install-peers .peers

growth: bench-program
	$(BENCH) growth --out Benchmarks/growth

loops: bench-program
	$(BENCH) loops >.build/compiled_loops.h
	mv .build/compiled_loops.h Sources/CKernels/compiled_loops.h

budgets: bench-program
	Benchmarks/count $(BENCH) kernels >.build/budgets.jsonl
	Benchmarks/count $(BENCH) instructions >>.build/budgets.jsonl
	mv .build/budgets.jsonl Benchmarks/budgets.jsonl

bench-program: dependencies
	@swift build -c release --product chainrule-bench

clean:
	swift package clean

dependencies:
	@scripts/install-dependencies

test-dependencies:
	@scripts/install-dependencies valgrind
