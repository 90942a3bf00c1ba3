# The incident pipeline, one process with all roles or one of them: docker run … --role topology

FROM node:24.21.0-bookworm-slim AS dependencies
WORKDIR /app
COPY package.json package-lock.json ./
COPY streams/package.json streams/
# Optional packages cannot be left out as a whole: the native parts of others are among them. What is removed here is
# the embedded ClickHouse, for which a server stands in, and copies of Node, which the image has.
RUN npm ci --omit=dev --ignore-scripts --no-audit --no-fund \
  && rm -rf node_modules/chdb node_modules/@chdb node_modules/node-linux-* node_modules/.bin/node

FROM node:24.21.0-bookworm-slim
ENV NODE_ENV=production \
    INCIDENTS_HTTP_HOST=0.0.0.0 \
    INCIDENTS_MONITORING_HOST=0.0.0.0 \
    INCIDENTS_STATE_DIRECTORY=/var/lib/incidents/state
WORKDIR /app
RUN mkdir -p /var/lib/incidents && chown node:node /var/lib/incidents
COPY --from=dependencies /app/node_modules ./node_modules
COPY . .
USER node
VOLUME /var/lib/incidents
EXPOSE 8080 9464
HEALTHCHECK --interval=10s --timeout=3s --start-period=60s --start-interval=1s --retries=3 \
  CMD ["node", "-e", "fetch('http://127.0.0.1:' + (process.env.INCIDENTS_MONITORING_PORT || 9464) + '/healthz').then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
STOPSIGNAL SIGTERM
ENTRYPOINT ["node", "cli/main.ts", "run"]
