#!/usr/bin/env bash
# What the client costs to compile, by features: `bash benches/compile-cost.sh`.
# Times `cargo check` of the client crate alone, its dependencies and its build script being done.
set -euo pipefail
cd "$(dirname "$0")/.."
target=target/compile-cost
export CARGO_INCREMENTAL=0 RUSTFLAGS=-Awarnings
check() { cargo check --quiet --package konaplate --lib --no-default-features --features "$1" --target-dir "$target"; }

printf '| features | operations | generated lines | cargo check, s |\n|---|---|---|---|\n'
for features in '' transfers gifts members cards payments,recharges,auto-recharges,gifts full; do
    check "$features"
    # The output of the build that was made last.
    out=$(ls -td "$target"/debug/build/konaplate-*/out | head -1)
    lines=$(cat "$out"/*.rs | wc -l)
    operations=$(grep -c 'call: Call::new' "$out/operations.rs" || true)
    best=
    for _ in 1 2 3; do
        touch src/lib.rs
        start=$(date +%s.%N)
        check "$features"
        best=$(printf '%s\n%s\n' "${best:-999}" "$(echo "$(date +%s.%N) - $start" | bc)" | sort -n | head -1)
    done
    printf '| %s | %s | %s | %.1f |\n' "${features:-none}" "$operations" "$lines" "$best"
done
