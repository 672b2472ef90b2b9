/**
 * What runs on the nodes, as POSIX sh. Values come on standard input, never in the text: nothing has to be quoted and no
 * token is seen in a process list. The Docker API is spoken through `docker system dial-stdio`, which every
 * node with a Docker client has (https://docs.docker.com/reference/api/engine/, `/swarm`, `/swarm/join`).
 */

/** Standard input: arguments, one a line. They become those of the script. */
const readArguments = `set -eu
set --
while IFS= read -r word || [ -n "$word" ]; do set -- "$@" "$word"; done
`;

/**
 * Standard input: arguments of `docker swarm init`. Makes a swarm unless this node manages one; prints the answer of `GET /swarm`
 * (its ID and join tokens: a secret).
 */
export const initScript = `${readArguments}
if [ "$(docker info --format '{{.Swarm.LocalNodeState}}')" = inactive ]; then
  docker swarm init "$@" >/dev/null
fi
printf 'GET /swarm HTTP/1.0\\r\\n\\r\\n' | docker system dial-stdio | sed '1,/^\\r*$/d'
`;

/** Standard input: arguments of `docker swarm update`, which may print the unlock key. */
export const updateScript = `${readArguments}
docker swarm update "$@" >/dev/null
`;

/** Prints the key that unlocks the swarm's managers: a secret. */
export const unlockKeyScript = "docker swarm unlock-key -q";

/** Makes the swarm's join tokens anew; prints those of workers and of managers, a line each: a secret. */
export const rotateScript = `set -eu
worker=$(docker swarm join-token --rotate -q worker)
manager=$(docker swarm join-token --rotate -q manager)
printf '%s\\n' "$worker" "$manager"
`;

/** Prints what Docker was told of this node's addresses when it joined: `DataPathAddr` is empty if it is the one that it advertises. */
export const stateScript = `set -eu
state=$(docker info --format '{{.DockerRootDir}}')/swarm/docker-state.json
if [ -r "$state" ]; then cat "$state"; else sudo -n cat "$state"; fi
`;

/**
 * Standard input: a node's ID. Demotes the node, waits until it is a manager no more, a minute at most, and prints why it still is one; nothing if it is not.
 * `docker node demote` itself is but the wish: the managers then take the node out of their number, a leader after it has given that up (moby/swarmkit:
 * manager/role_manager.go). If it left before, it would still be counted, and those that are left might be no majority.
 */
const demoted = (isWorker: string): string => `read -r id
end=$(($(date +%s) + 60))
until ${isWorker}; do
  if [ "$(date +%s)" -ge "$end" ]; then
    printf '%s\n' "\${said:-the others have not taken it out of their number}"
    exit 0
  fi
  said=$(docker node demote "$id" 2>&1) && said=
  sleep 1
done
`;

/** On another manager of its swarm. */
export const demoteScript = demoted(
  `[ "$(docker node inspect --format '{{if .ManagerStatus}}manager{{else}}{{.Spec.Role}}{{end}}' "$id")" = worker ]`,
);

/** On the node itself, which knows of the others' number what they last told it. */
export const demoteItselfScript = demoted(
  `state=$(docker info --format '{{.Swarm.LocalNodeState}} {{.Swarm.ControlAvailable}} {{range .Swarm.RemoteManagers}} {{.NodeID}}{{end}}')
  case $state in "active true"* | *" $id"*) false ;; "active false"*) true ;; *) false ;; esac`,
);

/** A command that prints the root certificate of the swarm that this node is in. */
const readRoot = `own=$(docker info --format '{{.DockerRootDir}}')/swarm/certificates/swarm-root-ca.crt
  if [ -r "$own" ]; then cat "$own"; else sudo -n cat "$own"; fi`;

export const rootScript = `set -eu
${readRoot}
`;

/**
 * Standard input: the body of `POST /swarm/join` on one line, then the swarm's root certificate. Joins unless this node is
 * in that swarm already, waits until it is active and prints its node ID. A node that is in another swarm leaves it: it was
 * one of this cluster's before its manager was made anew. So does one that has not got into any, as with another address.
 */
export const joinScript = `set -eu
IFS= read -r body
root=$(cat)
manager=$(printf '%s' "$body" | sed 's/.*"RemoteAddrs":\\["\\([^"]*\\)".*/\\1/')
state() { docker info --format '{{.Swarm.LocalNodeState}}'; }
if [ "$(state)" != inactive ]; then
  owns=$(${readRoot}) || owns=
  if [ -z "$owns" ] || [ "$owns" != "$root" ]; then
    echo 'leaving another swarm' >&2
    docker swarm leave --force >/dev/null
  fi
fi
if [ "$(state)" = inactive ]; then
  answer=$(printf 'POST /swarm/join HTTP/1.0\\r\\nContent-Type: application/json\\r\\nContent-Length: %s\\r\\n\\r\\n%s' "\${#body}" "$body" |
    docker system dial-stdio)
  case $answer in
  *' 200 '* | *'attempt to join the swarm will continue'*) ;;
  *)
    printf 'the node could not join the swarm at %s: %s\\n' "$manager" "$(printf '%s' "$answer" | sed '1,/^.*$/{/^HTTP/d;};/^[A-Z][A-Za-z-]*:/d')" >&2
    exit 1
    ;;
  esac
fi
left=120
until [ "$(state)" = active ]; do
  left=$((left - 1))
  if [ "$left" -le 0 ]; then
    printf 'the node is not active in the swarm at %s after two minutes: %s\\n' "$manager" "$(docker info --format '{{.Swarm.Error}}')" >&2
    exit 1
  fi
  sleep 1
done
docker info --format '{{.Swarm.NodeID}}'
`;
