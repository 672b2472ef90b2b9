#!/bin/sh
# Starts the redis container: gives the data folder to the user `redis`, then becomes redis-server as that user.
# A folder mounted from the node belongs to whoever made it there.
set -eu
cd /data
[ "$(id -u)" = 0 ] || exec redis-server /etc/redis.conf
# Only when needed: the folder may be large.
[ "$(stat -c %u .)" = "$(id -u redis)" ] || chown -R redis:redis .
exec su redis -s /bin/sh -c 'exec redis-server /etc/redis.conf'
