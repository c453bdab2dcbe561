# make demo      generated data in, trained model, comparison and report out
# make test      every test; ends with the counts
BUILD ?= build
SEED ?= 0
JOBS := $(shell nproc)
WERROR := $(if $(filter true,$(CI)),ON,OFF)
MAKEFLAGS += --no-print-directory
FORMATTED = $(shell git ls-files '*.h' '*.cpp')

.PHONY: all deps configure demo test gradcheck clean format dist

all: configure
	cmake --build $(BUILD) -j $(JOBS)

configure: deps
	@cmake -S . -B $(BUILD) -DIUF_WERROR=$(WERROR)

deps:
	@.ci/deps

demo: configure
	cmake --build $(BUILD) -j $(JOBS) --target iuf
	$(BUILD)/iuf demo demo --seed $(SEED)

test: all
	tests/run.sh $(BUILD)

gradcheck: configure
	cmake --build $(BUILD) -j $(JOBS) --target iuf_gradcheck
	$(BUILD)/tests/iuf_gradcheck

clean:
	rm -rf $(BUILD)

format:
	clang-format -i $(FORMATTED)

dist:
	git archive --prefix=iuf/ -o iuf.tar.gz HEAD
