# What the recipes for TypeScript share. Node 20 is enough for them.

# project <package@version>...: a project with these packages, the compiler and the probe.
project() {
    cd "$OUT"
    npm init -y >&2
    npm pkg set type=module
    npm install --no-audit --no-fund --loglevel=error --save-exact typescript@5.9.3 tsx@4.23.15 @types/node@20.19.43 "$@"
    cp "$GENERATORS/typescript/say.ts" "$GENERATORS/typescript/tsconfig.json" .
    cp "${PROBE:-$HERE/probe.ts}" probe.ts
}

compile() { "$OUT/node_modules/.bin/tsc" -p "$OUT"; }

# Without a check of types: what compiles is another question.
probe() { "$OUT/node_modules/.bin/tsx" "$OUT/probe.ts"; }
