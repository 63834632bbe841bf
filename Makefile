# Hỏi Một Cửa. `make help` lists what there is.
SHELL := /bin/bash
.DEFAULT_GOAL := help
BIN := .venv/bin

.PHONY: help run setup setup-dev setup-rasa setup-system train-env index train test test-unit test-encoder \
	lint widget widget-dialogues bench bench-widget bench-scale soak eval lock doctor clean

help:  ## This list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):[^#]*## /  make \1|/' | column -t -s '|'

run: setup setup-rasa  ## Set up, index, train and start everything; prints the address
	@$(BIN)/motcua serve

setup:  ## The product's environment (.venv)
	@scripts/setup.sh product

setup-dev:  ## The same with what tests need
	@scripts/setup.sh dev

setup-rasa:  ## Rasa's own environment (.venv-rasa, Python 3.10); without one the product answers directly
	@scripts/setup.sh rasa

setup-system:  ## Chromium, PostgreSQL and tesseract for the tests (apt-get; needs root)
	@scripts/setup.sh system

train-env:  ## Environment with torch and sentence-transformers (.venv-train), for rebuilding the encoder
	@scripts/setup.sh train

index: setup  ## Build the search index
	@$(BIN)/motcua index

train: setup setup-rasa  ## Train the intent classifier and Rasa
	@$(BIN)/motcua train

test: setup-dev setup-rasa setup-system lint  ## All tests that need no second machine
	@$(BIN)/python -m pytest tests

test-unit: setup-dev  ## Fast tests only
	@$(BIN)/python -m pytest tests/unit

test-encoder: train-env  ## The encoder's contract on the converted model with sentence-transformers and torch
	@.venv-train/bin/python -m pytest tests/integration/test_encoder_contract.py -m torch

lint: setup-dev
	@$(BIN)/ruff check .

bench: setup-dev setup-rasa  ## Index build, latencies, start-up and memory beside a plain Rasa project
	@$(BIN)/python -m bench.run

soak: setup-dev setup-rasa  ## 10,000 messages over Telegram, Zalo OA and Zalo Bot with everything going wrong (SOAK="--home var --database postgresql")
	@$(BIN)/python -m tests.soak $(SOAK)

widget:  ## Check and build the chat widget (needs Node 18+; the built files are in the repository)
	@cd connectors/widget && npm install --silent && npx tsc --noEmit && node build.mjs

widget-dialogues: setup-dev setup-rasa  ## Dialogues through the widget in Chromium with Rasa (DIALOGUES=file.jsonl)
	@MOTCUA_WIDGET_DIALOGUES=$(DIALOGUES) $(BIN)/python -m pytest tests/browser/test_widget_dialogues.py -s

bench-widget: setup-dev  ## Sizes of the widget, what it costs a page, from click to field
	@$(BIN)/python -m bench.widget

bench-scale: setup-dev  ## Index kinds and search at 10 thousand, 100 thousand and 1 million passages
	@$(BIN)/python -m bench.scale.run

eval: setup-dev  ## Evaluate on the development questions (EVAL=folder)
	@$(BIN)/motcua eval $(EVAL)

doctor: setup  ## Check versions, ports, models, index, Rasa, database and disk
	@$(BIN)/motcua doctor

lock:  ## Lock the requirement files anew
	@scripts/lock.sh

clean:  ## Remove environments and everything built; content and code stay
	rm -rf .venv .venv-rasa .venv-train .tools var
