#!/usr/bin/env bash
# Runs schemathesis with all its checks against a running service, by the
# service's own OpenAPI document. RFM names the binary.
set -euo pipefail
RFM=$(realpath "${RFM:?names the binary rfm}")
cd "$(dirname "$0")"

work=$(mktemp -d)
trap 'kill %1 2>/dev/null || true; wait; rm -rf "$work"' EXIT

key=admin-key-of-this-test
echo "$key" >"$work/admin"

"$RFM" serve --root "$work" --port 0 --admin-keys "$work/admin" 2>"$work/log" &
for _ in $(seq 100); do
	url=$(sed -n 's/.*listening on \(http:[^ ]*\)$/\1/p' "$work/log")
	[ -z "$url" ] || break
	sleep 0.1
done
[ -n "$url" ] || { cat "$work/log" >&2; exit 1; }

SCHEMATHESIS_HOOKS=hooks PYTHONPATH=. .venv/bin/schemathesis run "$url/openapi.json" \
	--checks all --max-examples "${EXAMPLES:-200}" --seed 42 --no-color \
	--header "X-API-Key: $key"
# A panic is caught by no check of what came back.
! grep -i panick "$work/log"
