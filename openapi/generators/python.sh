# What the recipes for Python share.

# environment <requirement>...: a virtual environment with these packages.
environment() {
    python3 -m venv "$OUT/venv"
    "$OUT/venv/bin/pip" install --quiet --disable-pip-version-check "$@"
}
