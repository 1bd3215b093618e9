#!/usr/bin/env bash
# What the client costs to compile: `bash benches/compile-cost.sh [OLD REVISION]`.
#
# Times `cargo check` of the client crate alone, its dependencies and its build script being done,
# without incremental compilation. With an old revision the two are timed in turns on the same machine,
# and the median of the ratios of the pairs is printed. Last, the cold build of an empty program that
# depends on konaplate.
set -euo pipefail
cd "$(dirname "$0")/.."
export CARGO_INCREMENTAL=0 RUSTFLAGS=-Awarnings
work=$PWD/target/compile-cost
pairs=${KONAPLATE_PAIRS:-5}
mkdir -p "$work"

# All groups of a revision that has cargo features for them.
features() { if grep -q '^full = ' "$1/Cargo.toml"; then echo --features full; fi; }
check() { (cd "$1" && cargo check --quiet --package konaplate --lib $(features "$1") --target-dir "$work/$2"); }
seconds() {
    touch "$1/src/lib.rs"
    local start
    start=$(date +%s.%N)
    check "$1" "$2"
    echo "$(date +%s.%N) - $start" | bc
}
generated() { ls -td "$work/$1"/debug/build/konaplate-*/out | head -1; }
lines() {
    local out
    out=$(generated "$1")
    printf '| %s | %s | %s |\n' "$2" "$(cat "$out"/*.rs | wc -l)" "$(cat "$out"/*.rs | grep -vcE '^\s*(//|$)')"
}
median() { sort -n | awk '{a[NR] = $1} END {print a[int((NR + 1) / 2)]}'; }

check . new
printf '| | generated lines | without comments |\n|---|---|---|\n'
lines new new
if [ $# -gt 0 ]; then
    old=$work/old-revision
    [ -d "$old" ] || git worktree add --detach --quiet "$old" "$1"
    check "$old" old
    lines old "$1"
    : > "$work/ratios"
    printf '\n| pair | old, s | new, s | ratio |\n|---|---|---|---|\n'
    for pair in $(seq "$pairs"); do
        before=$(seconds "$old" old)
        after=$(seconds . new)
        ratio=$(echo "scale=3; $after / $before" | bc)
        echo "$ratio" >> "$work/ratios"
        printf '| %s | %.2f | %.2f | %.3f |\n' "$pair" "$before" "$after" "$ratio"
    done
    printf 'median ratio: %.3f\n' "$(median < "$work/ratios")"
    git worktree remove --force "$old"
fi

program=$work/empty-program
rm -rf "$program"
mkdir -p "$program/src"
echo 'fn main() {}' > "$program/src/main.rs"
cat > "$program/Cargo.toml" <<TOML
[package]
name = "empty-program"
edition = "2024"
[dependencies]
konaplate = { path = "$PWD" }
[workspace]
TOML
cp Cargo.lock "$program/"
start=$(date +%s.%N)
(cd "$program" && cargo build --quiet)
printf '\ncold build of an empty program that depends on konaplate: %.0f s\n' "$(echo "$(date +%s.%N) - $start" | bc)"
