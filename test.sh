#!/bin/sh
# Builds Troupe and runs all its tests; the last line is the count. Arguments are passed to ctest: ./test.sh -L unit
set -eu
cd "$(dirname "$0")"
. tests/lib/packages.sh
install_missing $build_packages $run_packages $test_packages

preset=${TROUPE_PRESET:-release}
cmake --preset "$preset" -Wno-dev >/dev/null
cmake --build --preset "$preset" -j "$(nproc)"

results=$PWD/build/$preset/results.xml
rm -f "$results"
ctest --preset "$preset" -j "$(nproc)" --test-output-truncation head --test-output-size-passed 65536 \
  --output-junit "$results" "$@" || true
tests/lib/count.py "$results"
