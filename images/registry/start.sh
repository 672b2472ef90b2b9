#!/bin/sh
# Starts the registry container: gives the data folder to the user `registry`, then becomes docker-registry as that user.
# A folder mounted from the node belongs to whoever made it there.
set -eu
cd /data
[ "$(id -u)" = 0 ] || exec docker-registry serve /etc/registry.yml
# Only when needed: the folder may be large.
[ "$(stat -c %u .)" = "$(id -u registry)" ] || chown -R registry:registry .
exec su registry -s /bin/sh -c 'exec docker-registry serve /etc/registry.yml'
