# make demo      generated data in, trained model, comparison and report out
# make test      every test; ends with the counts
# make sanitize  every test under the address and undefined-behaviour sanitizers
# make tsan      the tests of what computes, judges and serves on several threads, under the thread sanitizer
# make fuzz SECONDS=60 [TARGET="png jpeg"]: every reader on mutated bytes, or these, under the sanitizers of make
#                sanitize: by libFuzzer where clang is installed, with what earlier calls found worth trying
# make soak      every file operation fails, every one is the last before a kill, kills at 200 random times, 200 mutated
#                copies of every file, a day on the line with 1000 files: hours
# make bench     what the parts cost here; make bench-peers: beside PyTorch and ONNX Runtime
# make bench-missing DATA=folder: what every method says of pictures without a part
# make bench-false-alarms DATA=folder: whether thresholds keep what they promise, over random splits
# make bench-unknown DATA=folder: what becomes of a product that was never learned
# make bench-small DATA_DIR=folder: defects of a few pixels in large photographs, generated there
# make install   the program, libiuf and all that belongs to them, below PREFIX
# make bundle    a tarball for a machine without a network
# make roots     the README's commands for such a machine in minimal roots of Debian 11, 12 and 13, which are made once
#                (debootstrap, root, a network) and stay in BUILD/roots, and in an empty one
BUILD ?= build
PREFIX ?= /usr/local
SEED ?= 0
JOBS := $(shell nproc)
THREADS ?= $(shell nproc)
ROUNDS ?= 7
WERROR := $(if $(filter true,$(CI)),ON,OFF)
MAKEFLAGS += --no-print-directory
FORMATTED = $(shell git ls-files -co --exclude-standard '*.h' '*.hpp' '*.c' '*.cpp')

.PHONY: all deps configure demo test sanitize tsan fuzz soak gradcheck bench bench-peers bench-missing bench-small bench-false-alarms bench-unknown install bundle roots clean format dist

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

# Builds of their own, with options for the sanitizers' runtimes: what cannot be allocated is an exception.
SECONDS ?= 60
SANITIZED = $(BUILD)/sanitize
export ASAN_OPTIONS ?= allocator_may_return_null=1:detect_leaks=0
sanitize: deps
	@cmake -S . -B $(SANITIZED) -DIUF_SANITIZE=address,undefined -DCMAKE_BUILD_TYPE=Debug -DCMAKE_CXX_FLAGS="-O1 -g1"
	cmake --build $(SANITIZED) -j $(JOBS)
	tests/run.sh $(SANITIZED)

# The loops of src/tensor/parallel.h run on threads of its own, which the sanitizer sees; those of OpenMP would not be.
tsan: deps
	@cmake -S . -B $(BUILD)/tsan -DIUF_SANITIZE=thread -DCMAKE_BUILD_TYPE=Debug -DCMAKE_CXX_FLAGS="-O1 -g1"
	cmake --build $(BUILD)/tsan -j $(JOBS) --target iuf_thread_tests
	OMP_NUM_THREADS=4 TSAN_OPTIONS=halt_on_error=1 $(BUILD)/tsan/tests/iuf_thread_tests

FUZZED = $(BUILD)/fuzz
FUZZ_CLANG = $(if $(shell command -v clang++),-DCMAKE_CXX_COMPILER=clang++ -DCMAKE_C_COMPILER=clang)
fuzz: deps
	@cmake -S . -B $(FUZZED) $(FUZZ_CLANG) -DIUF_SANITIZE=address,undefined -DCMAKE_BUILD_TYPE=Debug -DCMAKE_CXX_FLAGS="-O1 -g1"
	cmake --build $(FUZZED) -j $(JOBS) --target fuzzers
	tests/fuzz/run.sh $(FUZZED) $(SECONDS) $(TARGET)

soak: all
	tests/faults/faults.sh $(BUILD)/iuf $(BUILD)/tests/libiuf_faults.so long
	tests/faults/faults.sh $(BUILD)/iuf $(BUILD)/tests/libiuf_faults.so random 200
	tests/faults/mutated.sh $(BUILD)/iuf $(BUILD)/tests/iuf_fuzz 200
	tests/day_on_the_line.py $(BUILD)/iuf long

gradcheck: configure
	cmake --build $(BUILD) -j $(JOBS) --target iuf_gradcheck
	$(BUILD)/tests/iuf_gradcheck

bench: configure
	cmake --build $(BUILD) -j $(JOBS) --target iuf_bench
	$(BUILD)/bench/iuf_bench --json $(BUILD)/bench.json $(BENCH_FLAGS)

# The peers live in an environment of their own: PEERS=folder uses one that is there already.
PEERS ?= $(BUILD)/peers
bench-peers: configure $(PEERS)/bin/python
	cmake --build $(BUILD) -j $(JOBS) --target iuf_bench
	IUF_PEERS_JSON=$(BUILD)/peers.json OMP_NUM_THREADS=$(THREADS) $(PEERS)/bin/python bench/peers/compare.py $(BUILD)/bench/iuf_bench $(THREADS) $(ROUNDS)

$(PEERS)/bin/python:
	python3 -m venv $(PEERS)
	$(PEERS)/bin/python -m pip install -q -r bench/peers/requirements.txt || { rm -rf $(PEERS); exit 1; }

bench-missing: configure
	@test -n "$(DATA)" || { echo "make bench-missing DATA=folder: a data set with test images is needed"; exit 2; }
	cmake --build $(BUILD) -j $(JOBS) --target iuf_bench
	$(BUILD)/bench/iuf_bench missing "$(DATA)" --out $(BUILD)/missing $(BENCH_FLAGS)

bench-false-alarms: configure
	@test -n "$(DATA)" || { echo "make bench-false-alarms DATA=folder: a data set with normal images is needed"; exit 2; }
	cmake --build $(BUILD) -j $(JOBS) --target iuf_bench
	OMP_NUM_THREADS=$(THREADS) $(BUILD)/bench/iuf_bench false-alarms "$(DATA)" --out $(BUILD)/false-alarms $(BENCH_FLAGS)

bench-unknown: configure
	@test -n "$(DATA)" || { echo "make bench-unknown DATA=folder: a data set of several objects is needed"; exit 2; }
	cmake --build $(BUILD) -j $(JOBS) --target iuf_bench
	OMP_NUM_THREADS=$(THREADS) $(BUILD)/bench/iuf_bench unknown "$(DATA)" --out $(BUILD)/unknown $(BENCH_FLAGS)

DATA_DIR ?= $(BUILD)/plates
bench-small: configure
	cmake --build $(BUILD) -j $(JOBS) --target iuf_bench
	OMP_NUM_THREADS=$(THREADS) $(BUILD)/bench/iuf_bench small "$(DATA_DIR)" --out $(BUILD)/small $(BENCH_FLAGS)

install: all
	cmake --install $(BUILD) --prefix $(PREFIX)

bundle: configure
	@.ci/deps cmark-gfm
	cmake --build $(BUILD) -j $(JOBS) --target iuf_static iuf_portable
	bundle/make.sh $(BUILD)

roots: bundle
	tests/roots.sh $(BUILD)

clean:
	rm -rf $(BUILD)

format:
	clang-format -i $(FORMATTED)

dist:
	git archive --prefix=iuf/ -o iuf.tar.gz HEAD
