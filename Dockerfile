# The service as an image that holds one static binary and the model.
#
#   docker build -t rfm-api .
#   docker run -p 8000:8000 --name rfm-service rfm-api

FROM docker.io/library/rust:1.95-slim-bookworm AS builder
WORKDIR /src
# Only what the binary is made of, so that a new model does not compile it again;
# tests/it/main.rs because Cargo.toml names it.
COPY Cargo.toml Cargo.lock ./
COPY crates/ crates/
COPY src/ src/
COPY models/reference.json models/
COPY tests/it/main.rs tests/it/
# With glibc linked in, the image needs no operating system. --target, although
# it is the host: without it the flags would reach macros, which cannot be static.
RUN RUSTFLAGS="-C target-feature=+crt-static" CARGO_TARGET_DIR=/tmp/target \
    cargo build --release --locked --package rfm-cli \
      --target "$(rustc --print host-tuple)" \
 && cp /tmp/target/*/release/rfm /rfm \
 && rm -r /tmp/target

FROM scratch
LABEL org.opencontainers.image.title="rfm-api" \
      org.opencontainers.image.description="RFM customer segmentation as a real-time service" \
      org.opencontainers.image.version="0.1.0" \
      org.opencontainers.image.licenses="MIT"
COPY LICENSE /
# The user's own: a model that only its author may read would be lost otherwise.
COPY --chown=10001:10001 models/ /models/
COPY --from=builder /rfm /bin/rfm
USER 10001:10001
WORKDIR /
ENV RFM_HOST=0.0.0.0 \
    RFM_WATCH=true
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=3s --start-period=2s CMD ["/bin/rfm", "health"]
ENTRYPOINT ["/bin/rfm"]
CMD ["serve"]
