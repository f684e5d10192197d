#!/bin/sh
# Times `rfm` alone on made-up data of ten million lines: the generator, and
# the features step. Prints a Markdown table.
set -eu
rfm=${1:-target/release/rfm}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

# measure NAME COMMAND…: one row with CPU seconds, wall seconds and peak memory.
measure() {
	name=$1
	shift
	/usr/bin/time -f '%U %S %e %M' -o "$folder/time" "$@"
	awk -v name="$name" '{ printf "| %s | %.2f | %.2f | %.0f |\n", name, $1 + $2, $3, $4 / 1000 }' \
		"$folder/time"
}

echo '| step | CPU s | wall s | peak MB |'
echo '|---|---|---|---|'
measure 'sample, 10M lines' "$rfm" sample --lines 10000000 --output "$folder/orders.csv"
measure 'features, 10M lines of CSV' \
	"$rfm" features "$folder/orders.csv" --root "$folder" --quiet
