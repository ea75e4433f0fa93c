# One image for all programs of the mainnet. Where no registry is reachable, `make image` makes the same of this machine's Node instead.
#   docker build --build-arg BASE=… --build-arg SOURCE_DATE_EPOCH=0 --output type=docker,rewrite-timestamp=true -t mainnet:1 .
# The base has to have Node 20; give it by digest to get the same image again.
ARG BASE=node:20-bookworm-slim

FROM ${BASE} AS build
WORKDIR /src
COPY package.json package-lock.json ./
RUN npm ci --no-audit --no-fund
COPY . .
RUN npx tsc -p . && npm sbom --sbom-format cyclonedx --omit dev --package-lock-only > sbom.json && node dist/scripts/image-sbom.js sbom.json > sbom.cdx.json \
 && npm prune --omit=dev --no-audit --no-fund \
 && find node_modules -name '*.map' -delete -o -name '*.d.ts' -delete -o -name '*.musl.node' -delete

FROM ${BASE}
# The chart names this path.
RUN [ -e /usr/bin/node ] || ln -s "$(command -v node)" /usr/bin/node
COPY --from=build /src/node_modules /app/node_modules
COPY --from=build /src/package.json /src/sbom.cdx.json /app/
COPY --from=build /src/dist /app/dist
# What helm test tells.
COPY --from=build /src/examples /app/examples
USER 65532:65532
ENTRYPOINT ["/usr/bin/node", "/app/dist/cli/bpci.js"]
