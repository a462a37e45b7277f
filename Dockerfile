# docker build -t cargo-twelve-lint . && docker run --rm -v "$PWD:/work" cargo-twelve-lint
FROM rust:1-slim AS build
WORKDIR /src
COPY . .
# Linked for good: it needs nothing of the image that it runs in. With a target named, the flags are
# not those of build scripts and procedural macros.
RUN host=$(rustc --print host-tuple) \
    && RUSTFLAGS="-C target-feature=+crt-static" \
       cargo build --release --locked --bin cargo-twelve-lint --target "$host" \
    && cp "target/$host/release/cargo-twelve-lint" /cargo-twelve-lint

# A shell is here because CI servers start one in the image of a job.
FROM busybox:1
COPY --from=build /src/LICENSE-APACHE /src/LICENSE-MIT /usr/share/doc/cargo-twelve-lint/
COPY --from=build /cargo-twelve-lint /usr/local/bin/cargo-twelve-lint
WORKDIR /work
ENTRYPOINT ["cargo-twelve-lint"]
