#!/usr/bin/env bash
# Builds the image as from a fresh clone, runs it with as few rights as can be,
# and checks what the documents promise. Tried as root. Its images are kept in
# target/container, apart from all others, and make the next run faster.
set -euo pipefail
cd "$(dirname "$0")/../.."

image=localhost/rfm-api
service=rfm-test
customer='{"recency": 15, "frequency": 2, "monetary": 350.75}'

step() { printf '[%3d s] %s\n' "$SECONDS" "$*"; }
fail() {
	printf 'error: %s\n' "$*" >&2
	exit 1
}
same() { # WHAT EXPECTED FOUND
	[ "$2" = "$3" ] || fail "$1: expected $2, found $3"
	step "  $1: $3"
}
# Tries a command again and again, for as long as a slow machine may take.
wait_for() { # WHAT COMMAND...
	local what=$1 deadline=$((SECONDS + 30))
	shift
	until "$@" >/dev/null 2>&1; do
		[ "$SECONDS" -lt "$deadline" ] || fail "$what: not within 30 s"
		sleep 0.1
	done
	step "  $what: yes"
}

missing=
for tool in buildah curl git iptables mmdebstrap podman runc; do
	command -v "$tool" >/dev/null || missing+=" $tool"
done
PATH=$PATH:/usr/lib/podman:/usr/libexec/podman command -v netavark >/dev/null || missing+=" netavark"
[ -z "$missing" ] || fail "missing:$missing; on Debian: apt-get install$missing"
command -v rustc >/dev/null || fail "missing: rustc; install it with rustup"
command -v podman-compose >/dev/null ||
	fail "missing: podman-compose; make test-container brings it along"

store=${CARGO_TARGET_DIR:-target}/container
mkdir -p "$store"
store=$(cd "$store" && pwd)
work=$(mktemp -d)

# crun and the default limits fail where the caller is confined itself. Nothing
# of this is shared with the user's own images, among which one that only stands
# in for another would be a trap.
cat >"$work/containers.conf" <<-END
	[containers]
	default_ulimits = ["nofile=16384:16384", "nproc=16384:16384"]
	[engine]
	events_logger = "file"
	runtime = "runc"
	[network]
	network_config_dir = "$store/networks"
END
cat >"$work/storage.conf" <<-END
	[storage]
	driver = "overlay"
	graphroot = "$store/graph"
	runroot = "$store/run"
END
export CONTAINERS_CONF=$work/containers.conf CONTAINERS_STORAGE_CONF=$work/storage.conf

# Where systemd does not run, no timer does the health checks, which they say at
# every turn; here they are done by hand.
podman() { command podman "$@" 2> >(grep -v 'systemd connection to .* healthchecks' >&2); }
# Without a pod, for which podman would need one more package.
compose() { podman-compose --in-pod false --project-name "$service" --file "$work/clone/compose.yaml" "$@"; }
# Buildah keeps what it failed on, mounted.
remove_containers() {
	podman rm --force --all --time 0 >/dev/null
	buildah rm --all >/dev/null
}
cleanup() {
	local status=$?
	[ "$status" = 0 ] || [ -z "$(podman ps --all --quiet)" ] || podman logs --latest >&2
	remove_containers
	podman network prune --force >/dev/null
	rm -rf "$work"
}
trap cleanup EXIT
# What a run left that was killed.
remove_containers

# What stands in for the builder is made again where it would come out otherwise.
builder=$(sed -n 's/^FROM \(.*\) AS builder$/\1/p' Dockerfile)
step "builder: $builder"
mounts=()
stand_in=$(cat tests/container/stand_in.sh <(rustc --version --verbose) | sha256sum | cut -c -16)
label=$(podman image inspect --format '{{index .Config.Labels "rfm.stand-in"}}' "$builder" 2>/dev/null) ||
	label=none
if [ "$label" = "" ]; then
	step "  pulled earlier"
elif [ "$label" = "$stand_in" ]; then
	step "  a stand-in made earlier"
elif podman pull --quiet "$builder"; then
	label=
	step "  pulled"
else
	step "  cannot be pulled; making a stand-in of Debian and the Rust of this machine"
	tests/container/stand_in.sh "$builder" "rfm.stand-in=$stand_in" "$work/stand_in.tar"
	rm "$work/stand_in.tar"
	label=$stand_in
fi
# The real one has Rust and certificates of its own; this machine's may be others.
if [ -n "$label" ]; then
	ca=${CARGO_HTTP_CAINFO:-${SSL_CERT_FILE:-/etc/ssl/certs/ca-certificates.crt}}
	mounts=(--volume "$(rustc --print sysroot):/usr/local/rust:ro"
		--volume "$ca:/usr/local/cargo/ca.crt:ro")
	config=${CARGO_HOME:-$HOME/.cargo}/config.toml
	[ ! -f "$config" ] || mounts+=(--volume "$config:/usr/local/cargo/config.toml:ro")
	step "  with $(rustc --version)"
fi

# A clone of what stands here, with changes that are not committed yet, but
# without the model and the data that this folder may have by now.
mkdir "$work/clone"
git ls-files -z --cached --others --exclude-standard |
	tar --create --null --files-from=- --ignore-failed-read --warning=no-failed-read |
	tar --extract --directory="$work/clone"

step "build context: nothing that is private"
for private in .git data/raw data/processed reports models/history bench/.venv target .; do
	mkdir -p "$work/clone/$private"
	echo private >"$work/clone/$private/private"
done
printf 'FROM scratch\nCOPY . /\n' >"$work/context"
buildah build --quiet --format docker --file "$work/context" --tag localhost/context \
	"$work/clone" >/dev/null
podman create --name context localhost/context none >/dev/null
podman export context | tar --list >"$work/context.list"
podman rm context >/dev/null
podman rmi localhost/context >/dev/null
grep -q '^src/lib.rs$' "$work/context.list" || fail "the build context lacks src/lib.rs"
! grep private "$work/context.list" || fail "these would be sent to the builder"

# The first stage has a name so that it outlives the pruning of what earlier
# sources left.
build() {
	step "build $image"
	for target in "--target builder --tag localhost/rfm-builder" "--tag $image"; do
		# shellcheck disable=SC2086 # several arguments
		buildah build --format docker --layers "${mounts[@]}" $target "$work/clone" \
			>"$work/build.log" 2>&1 || {
			cat "$work/build.log" >&2
			fail "$image cannot be built"
		}
	done
	podman image prune --force >/dev/null
}
build

inspect() { podman image inspect --format "$1" "$image"; }
step "image"
size=$(inspect '{{.Size}}')
[ "$size" -lt 25000000 ] || fail "size: $size bytes, expected under 25 MB"
step "  size: $((size / 1000)) kB"
same user 10001:10001 "$(inspect '{{.Config.User}}')"
same port 'map[8000/tcp:{}]' "$(inspect '{{.Config.ExposedPorts}}')"
same "health check" '[CMD /bin/rfm health]' "$(inspect '{{.HealthCheck.Test}}')"
for name in title description licenses; do
	value=$(inspect "{{index .Config.Labels \"org.opencontainers.image.$name\"}}")
	[ -n "$value" ] || fail "no label $name"
	step "  label $name: $value"
done
same "label version" "$(podman run --rm "$image" --version | cut -d ' ' -f 2)" \
	"$(inspect '{{index .Config.Labels "org.opencontainers.image.version"}}')"

# As few rights as can be. Podman's own read-only mode would still give folders
# in memory that can be written to.
start() { # PODMAN-OPTION...
	podman run --detach --name "$service" --publish 127.0.0.1::8000 \
		--read-only --read-only-tmpfs=false --cap-drop=all \
		--security-opt=no-new-privileges "$@" "$image" >/dev/null
	url=http://$(podman port "$service" 8000/tcp)
	wait_for healthy podman healthcheck run "$service"
}
stop() {
	local since=$SECONDS
	podman stop --time 10 "$service" >/dev/null
	same "exit code after SIGTERM" 0 "$(podman inspect --format '{{.State.ExitCode}}' "$service")"
	step "  stopped in $((SECONDS - since)) s"
	podman rm "$service" >/dev/null
}
rights() { # CONTAINER
	local status
	status=/proc/$(podman inspect --format '{{.State.Pid}}' "$1")/status
	same user 10001 "$(podman top "$1" user | tail -n 1)"
	same capabilities 0000000000000000 "$(sed -n 's/^CapEff:\t//p' "$status")"
	same "no new privileges" 1 "$(sed -n 's/^NoNewPrivs:\t//p' "$status")"
	same "read-only root" true "$(podman inspect --format '{{.HostConfig.ReadonlyRootfs}}' "$1")"
}
ask() { # CURL-OPTION...
	curl --silent --show-error --max-time 10 -X POST "$url/api/v1/segment" \
		-H 'Content-Type: application/json' -d "$customer" "$@"
}
# The checksum of the model that answers, as far as it is named in the header.
model() { ask --output /dev/null --dump-header - | tr -d '\r' | sed -n 's/^x-rfm-model: //p'; }
answers_by() { [ "$(model)" = "$1" ]; }
checksum() { sed -n 's/^  "checksum": "\(.\{16\}\).*/\1/p' "$1"; }

step "run without a model of one's own"
start
rights "$service"
same health healthy "$(podman inspect --format '{{.State.Health.Status}}' "$service")"
same answer '{"segment_name":"New Customers","cluster_label":2}' "$(ask)"
same /docs '200 text/html' "$(curl --silent --output /dev/null --max-time 10 \
	--write-out '%{http_code} %{content_type}' "$url/docs" | cut -d ';' -f 1)"
same model "$(checksum models/reference.json)" "$(model)"
stop

step "run with a folder for models"
mkdir "$work/shop" "$work/models"
for arguments in 'sample --output orders.csv' 'all orders.csv'; do
	# shellcheck disable=SC2086 # several arguments
	podman run --rm --user "$(id -u):$(id -g)" --volume "$work/shop:/shop" --workdir /shop \
		"$image" $arguments >"$work/shop.log" 2>&1 || {
		cat "$work/shop.log" >&2
		fail "rfm $arguments in the image"
	}
done
own=$work/shop/models/segmentation.json
start --volume "$work/models:/models:ro"
same "model while there is none" "$(checksum models/reference.json)" "$(model)"
cp "$own" "$work/models/.new"
mv "$work/models/.new" "$work/models/segmentation.json"
wait_for "the new model answers" answers_by "$(checksum "$own")"
stop

# For the eyes of its author only: the user of the image must read it all the same.
step "a model of one's own in the image"
install -m 600 "$own" "$work/clone/models/segmentation.json"
build
start
same model "$(checksum "$own")" "$(model)"
stop

# Another model in the folder than in the image, to see which one wins.
step "compose.yaml"
install -m 644 models/reference.json "$work/clone/models/segmentation.json"
RFM_PUBLISH=127.0.0.1: compose up --detach --no-build >"$work/compose.log" 2>&1 || {
	cat "$work/compose.log" >&2
	fail "compose.yaml does not start"
}
composed=$(podman ps --latest --quiet)
url=http://$(podman port "$composed" 8000/tcp)
wait_for healthy podman healthcheck run "$composed"
same model "$(checksum models/reference.json)" "$(model)"
rights "$composed"
compose down >/dev/null 2>&1
podman rmi "$image" >/dev/null

step "done: $image is as promised"
