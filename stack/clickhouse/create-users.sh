#!/bin/sh
# Makes the users of users.sql.template with passwords from the environment. The arguments go to clickhouse-client:
#   CLICKHOUSE_WRITER_PASSWORD=… CLICKHOUSE_READER_PASSWORD=… ./create-users.sh --host … --user … --password …
# In ClickHouse's container image, which runs it without arguments at its first start, those are the image's own.
set -eu
: "${CLICKHOUSE_WRITER_PASSWORD:?the password that incidents_writer gets}"
: "${CLICKHOUSE_READER_PASSWORD:?the password that incidents_reader gets}"
if [ $# -eq 0 ]; then
  set -- --host 127.0.0.1 --user "${CLICKHOUSE_USER:-default}" --password "${CLICKHOUSE_PASSWORD:-}"
fi
sha256() { printf %s "$1" | sha256sum | cut -d ' ' -f 1; }
sed -e "s/{writer_password_sha256}/$(sha256 "$CLICKHOUSE_WRITER_PASSWORD")/" \
    -e "s/{reader_password_sha256}/$(sha256 "$CLICKHOUSE_READER_PASSWORD")/" \
    "$(dirname "$0")/users.sql.template" | "${CLICKHOUSE_CLIENT:-clickhouse-client}" --multiquery "$@"
