#!/usr/bin/env bash
# That the sandbox's file of variables is read alike by a shell and by the dotenv libraries of Node,
# Python and Java. Wants Node, Python 3 with venv, Java 17 and Maven; works below target/.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
work=$root/target/languages/env
mkdir -p "$work"
file=$work/sandbox.env
rm -f "$file"

program=${KONAPLATE_PROGRAM:-}
if [ -z "$program" ]; then
    cargo build --quiet --manifest-path "$root/Cargo.toml" -p konaplate-cli
    program=${CARGO_TARGET_DIR:-$root/target}/debug/konaplate
fi
"$program" sandbox --listen 127.0.0.1:0 --env-file "$file" >"$work/log" 2>&1 &
sandbox=$!
trap 'kill "$sandbox"' EXIT
# It has all seven lines once it listens.
until [ "$(wc -l 2>/dev/null <"$file" || echo 0)" -ge 7 ]; do
    kill -0 "$sandbox"
    sleep 0.1
done

same() {
    grep '^KONAPLATE_' | sort >"$work/read"
    if ! cmp -s "$work/read" "$work/expected"; then
        printf '%s reads the file otherwise\n' "$1"
        exit 1
    fi
    printf '%s reads what is written\n' "$1"
}

sort "$file" >"$work/expected"
# With nothing else in its environment that begins so.
env -i PATH="$PATH" sh -c 'set -a; . "$1"; env' sh "$file" | same "a shell"

cd "$work"
cp "$here"/package*.json .
npm ci --no-audit --no-fund --loglevel=error >/dev/null
node -e "
const read = require('dotenv').parse(require('fs').readFileSync(process.argv[1]));
for (const [name, value] of Object.entries(read)) console.log(name + '=' + value);
" "$file" | same "dotenv of Node"

python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --requirement "$here/requirements.txt"
venv/bin/python -c "
import sys
from dotenv import dotenv_values
for name, value in dotenv_values(sys.argv[1]).items():
    print(name + '=' + value)
" "$file" | same "python-dotenv"

cp -r "$here/java" .
# Without Maven's own colours.
mvn --quiet --batch-mode -f java/pom.xml compile exec:java -Dexec.args="$file" |
    sed 's/\x1b\[[0-9;]*m//g' | same "dotenv-java"
