#!/usr/bin/env bash
# A second opinion on ../signing.json: makes every token again with `openssl dgst`.
# Prints one line per case and exits 1 if any token differs.
#
# Python only splits the JSON file into lines here; the base64 and the HMAC are OpenSSL's.
set -euo pipefail

file="$(dirname "$0")/../signing.json"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

split='
import json, sys
for c in json.load(open(sys.argv[1], encoding="utf-8"))["cases"]:
    if "body_text" in c:
        import base64
        assert c["body_text"].encode() == base64.b64decode(c["body_base64"]), c["name"]
    # The body comes last: it may be empty.
    print(c["name"], c["secret"].encode().hex(), c["timestamp"], c["form"], c["token"], c["body_base64"])
'

python3 -c "$split" "$file" > "$work/cases"

count=0
bad=0
while IFS=' ' read -r name key_hex timestamp form expected body_base64; do
  printf '%s' "$body_base64" | openssl base64 -d -A > "$work/body"
  case "$form" in
    raw_body) cp "$work/body" "$work/message" ;;
    base64_body) openssl base64 -A -in "$work/body" -out "$work/message" ;;
    *) echo "$name: unknown form $form"; exit 1 ;;
  esac
  mac=$(openssl dgst -sha256 -mac HMAC -macopt "hexkey:$key_hex" -binary "$work/message" | openssl base64 -A)
  count=$((count + 1))
  if [ "KMV1:$timestamp:$mac" = "$expected" ]; then
    echo "OK      $name"
  else
    echo "DIFFERS $name: OpenSSL says KMV1:$timestamp:$mac"
    bad=$((bad + 1))
  fi
done < "$work/cases"

echo "$count cases, $bad differ ($(openssl version))"
[ "$count" -gt 0 ] && [ "$bad" -eq 0 ]
