#!/bin/sh
# redis-cli, logged in with the service's own password where it has one.
set -eu
password=/run/secrets/redis_password
if [ -z "${REDISCLI_AUTH:-}" ] && [ -r "$password" ]; then
  REDISCLI_AUTH=$(cat "$password")
  export REDISCLI_AUTH
fi
exec /usr/bin/redis-cli "$@"
