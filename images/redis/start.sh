#!/bin/sh
# Starts the redis container: gives the data folder to the user `redis`, then becomes what the arguments say as that user.
# A folder mounted from the node belongs to whoever made it there. Without arguments: Redis with the image's own configuration.
set -eu
cd /data
[ $# -gt 0 ] || set -- redis-server /etc/redis.conf
[ "$(id -u)" = 0 ] || exec "$@"
# Only when needed: the folder may be large.
[ "$(stat -c %u .)" = "$(id -u redis)" ] || chown -R redis:redis .
exec su -s /bin/sh -c 'exec "$@"' -- redis sh "$@"
