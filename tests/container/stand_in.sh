#!/usr/bin/env bash
# Makes an image that stands in for the builder of the Dockerfile where that
# cannot be pulled: Debian with a C compiler, and a place for the Rust of this
# machine, which is mounted there while it builds.
#
#   stand_in.sh IMAGE LABEL ARCHIVE    makes ARCHIVE and imports it as IMAGE
set -euo pipefail

image=$1
label=$2
archive=$3

# What the image that it stands in for has besides Rust: gcc and libc6-dev.
# Without documents, translations and syncing, which only take time.
mmdebstrap --quiet --variant=essential --include=gcc,libc6-dev \
	--aptopt='APT::Install-Recommends "false"' \
	--dpkgopt=force-unsafe-io \
	--dpkgopt='path-exclude=/usr/share/doc/*' \
	--dpkgopt='path-exclude=/usr/share/locale/*' \
	--dpkgopt='path-exclude=/usr/share/man/*' \
	bookworm "$archive"
podman import --quiet --change "LABEL $label" \
	--change 'ENV PATH=/usr/local/rust/bin:/usr/bin:/bin' \
	--change 'ENV CARGO_HOME=/usr/local/cargo' \
	--change 'ENV CARGO_HTTP_CAINFO=/usr/local/cargo/ca.crt' \
	"$archive" "$image" >/dev/null
