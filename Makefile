# Everything a user or a developer needs: 'make help' lists it.

CHAINRULE := .build/release/chainrule
RECIPE := --hidden 256,128 --shift 1 --schedule cosine --learning-rate 0.003 --epochs 60
# Warnings in this package's own targets are errors: see the end of Package.swift.
TEST := swift test -c release --disable-xctest

.PHONY: help run build test test-long picture clean dependencies

help:
	@echo "make run        train a recogniser of handwritten digits, and see how good it is"
	@echo "make build      build $(CHAINRULE)"
	@echo "make test       run the tests"
	@echo "make test-long  run the tests and the published runs on MNIST, which take minutes"
	@echo "make picture    train as 'make run' does, and draw docs/digits.svg from it"
	@echo "make clean      remove what was built"

run: build
	@$(CHAINRULE) train digits $(RECIPE) --out digits.safetensors
	@echo
	@$(CHAINRULE) evaluate digits.safetensors digits

build: dependencies
	@swift build -c release --product chainrule

test: dependencies
	$(TEST)

test-long: dependencies
	CHAINRULE_LONG_TESTS=1 $(TEST)

picture: build
	@$(CHAINRULE) train digits $(RECIPE) --json --out digits.safetensors >.build/digits.jsonl
	@swift build -c release --product DigitsPicture
	@.build/release/DigitsPicture .build/digits.jsonl >docs/digits.svg

clean:
	swift package clean

dependencies:
	@scripts/install-dependencies
