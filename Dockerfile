# dimc and the compiled volume in a small image: `docker build -t localhost/dimc .`
#
# BASE               another Debian 12 root, where debian:bookworm-slim cannot be pulled
# SOURCE_DATE_EPOCH  the times in index.json, as `make dimensions` sets them beside git: `git log -1 --format=%ct -- sources`

ARG BASE=debian:bookworm-slim

FROM ${BASE} AS builder
WORKDIR /src
COPY scripts/deps.sh scripts/
RUN scripts/deps.sh build
COPY . .
ARG SOURCE_DATE_EPOCH
# /image is what the next stage takes over: the volume as the bundle has it, laid out as everybody would lay it out.
RUN make -j"$(nproc)" dimensions \
	&& install -D -s out/bin/dimc /image/usr/local/bin/dimc \
	&& install -D -m 644 out/bundles/dimensions.tar.gz /image/app/dimensions.tar.gz \
	&& tar -xzf out/bundles/dimensions.tar.gz -C /image/app \
	&& out/bin/dimc init /image/app/data/mmap

FROM ${BASE} AS runtime
LABEL org.opencontainers.image.title="dimc" \
	org.opencontainers.image.description="dimc and the dimensions D01 to D14 under /app/data/mmap" \
	org.opencontainers.image.licenses="MIT"
COPY scripts/deps.sh /tmp/
RUN /tmp/deps.sh runtime && apt-get clean && rm -rf /tmp/deps.sh /var/lib/apt/lists/* /var/cache/apt/*.bin /var/log/apt /var/log/dpkg.log
COPY --from=builder /image/usr/local/bin/dimc /usr/local/bin/
COPY --from=builder /image/app /app
WORKDIR /app
ENV MMAP_BASE_PATH=/app/data/mmap
# Root, because the volume is the host's, and only its owner publishes there; docker-compose.yml says who runs what.
HEALTHCHECK --interval=30s --timeout=10s --start-period=10s CMD ["dimc", "verify", "--quick", "--quiet"]
CMD ["dimc", "info"]
