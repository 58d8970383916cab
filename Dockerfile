# Eventify in a small image: `docker build -t eventify .`, then
#   docker run -p 3000:3000 -e DATABASE_URL=postgres://… eventify
# Without DATABASE_URL it runs a PostgreSQL of its own on the volume /var/lib/eventify.

FROM rust:1-slim-bookworm AS build
RUN apt-get update && apt-get install -y --no-install-recommends gcc g++ cmake make pkg-config && \
    rm -rf /var/lib/apt/lists/*
WORKDIR /src
COPY . .
# The caches hold the registry and compiled dependencies from one build of the image to the next; what bin/release
# made is copied out of them before they are taken away.
RUN --mount=type=cache,target=/usr/local/cargo/registry --mount=type=cache,target=/src/target bin/release

FROM debian:bookworm-slim
RUN apt-get update && apt-get install -y --no-install-recommends ca-certificates postgresql && \
    rm -rf /var/lib/apt/lists/* && \
    useradd --system --home-dir /var/lib/eventify --create-home eventify
COPY --from=build /src/dist /opt/eventify
USER eventify
WORKDIR /var/lib/eventify
VOLUME /var/lib/eventify
ENV EVENTIFY_LISTEN=0.0.0.0:3000
EXPOSE 3000
# SIGTERM drains: requests and jobs finish first.
STOPSIGNAL SIGTERM
ENTRYPOINT ["/opt/eventify/eventify"]
CMD ["serve"]
