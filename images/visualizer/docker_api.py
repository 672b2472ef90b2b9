"""Asks the Docker engine what the page shows, over its Unix socket, and keeps of the answers only that.

Read-only: GET requests for nodes, services and tasks, nothing else, and nothing a client sends gets into them.
A service's environment, secrets, labels and mounts stay here. Paths carry no API version: the engine then answers in
its own.
"""

from _socket import AF_UNIX, SOCK_STREAM, socket
from json import loads

SOCKET = "/var/run/docker.sock"
# Seconds to wait for each part of an answer. An emulated manager that is busy takes some.
TIMEOUT = 20.0

# Desired states of tasks that swarm is done with; they stay listed as history.
PAST = ("shutdown", "remove")
# States in which a task no longer changes.
ENDED = ("complete", "shutdown", "failed", "rejected", "remove", "orphaned")


class DockerUnavailable(Exception):
    """The engine does not answer or refuses; the argument says why, for people."""


def get(path):
    connection = socket(AF_UNIX, SOCK_STREAM)
    connection.settimeout(TIMEOUT)
    try:
        connection.connect(SOCKET)
        # HTTP/1.0: the answer is neither chunked nor compressed and ends where the connection does.
        connection.sendall(f"GET {path} HTTP/1.0\r\nHost: docker\r\n\r\n".encode())
        parts = []
        while part := connection.recv(65536):
            parts.append(part)
    except OSError as error:
        raise DockerUnavailable(f"no answer from the Docker engine ({SOCKET}): {error}") from None
    finally:
        connection.close()
    head, _, body = b"".join(parts).partition(b"\r\n\r\n")
    status = head.split(b" ", 2)[1:2]
    try:
        answer = loads(body)
    except ValueError:
        raise DockerUnavailable(f"the Docker engine answered {path} with something else than JSON") from None
    if status != [b"200"]:
        raise DockerUnavailable(f"the Docker engine says: {answer.get('message', head.decode('latin-1'))}")
    return answer


def state():
    """Nodes with the tasks on each, tasks that have no node yet, and services."""
    nodes = [node(item) for item in get("/nodes")]
    services = {item["ID"]: service(item, nodes) for item in get("/services")}
    tasks = get("/tasks")
    failures = last_failures(tasks)
    by_node = {item["id"]: item["tasks"] for item in nodes}
    unassigned = []
    for item in tasks:
        owner = services.get(item.get("ServiceID"))
        current = item["DesiredState"] not in PAST
        if owner is None or not (current or item["Status"]["State"] not in ENDED):
            continue
        if current and item["Status"]["State"] == "running":
            owner["running"] += 1
        card = task(item, owner, failures)
        by_node.get(item.get("NodeID"), unassigned).append(card)
    nodes.sort(key=lambda item: (item["role"] != "manager", numbered(item["name"]), item["id"]))
    for cards in (unassigned, *by_node.values()):
        cards.sort(key=lambda card: (card["service"], card["slot"] or 0, card["id"]))
    return {
        "nodes": nodes,
        "unassigned": unassigned,
        "services": sorted(services.values(), key=lambda item: item["name"]),
    }


def numbered(name):
    """A key to sort names by, so that node10 comes after node9: the name, its number at the end as one."""
    stem = name.rstrip("0123456789")
    return stem, int(name[len(stem) :] or "0"), name


def node(item):
    described = item.get("Description", {})
    resources = described.get("Resources", {})
    manager = item.get("ManagerStatus", {})
    return {
        "id": item["ID"],
        "name": described.get("Hostname", item["ID"][:12]),
        "role": item["Spec"].get("Role", "worker"),
        "leader": manager.get("Leader", False),
        "state": item["Status"]["State"],
        "message": item["Status"].get("Message", ""),
        "availability": item["Spec"].get("Availability", "active"),
        # A manager that was made on one address and advertises another is known by the latter.
        "address": manager.get("Addr", "").rpartition(":")[0] or item["Status"].get("Addr", ""),
        "cpus": resources.get("NanoCPUs", 0) / 1e9,
        "memoryBytes": resources.get("MemoryBytes", 0),
        "engine": described.get("Engine", {}).get("EngineVersion", ""),
        "tasks": [],
    }


def service(item, nodes):
    mode = item["Spec"].get("Mode", {})
    replicated = mode.get("Replicated")
    ports = item.get("Endpoint", {}).get("Ports", [])
    active = [node for node in nodes if node["state"] == "ready" and node["availability"] == "active"]
    return {
        "id": item["ID"],
        "name": item["Spec"]["Name"],
        "mode": "replicated" if replicated is not None else "global",
        "image": short_image(item["Spec"]["TaskTemplate"].get("ContainerSpec", {}).get("Image", "")),
        "ports": [f"{port['PublishedPort']}→{port['TargetPort']}" for port in ports if "PublishedPort" in port],
        "running": 0,
        "desired": replicated.get("Replicas", 1) if replicated is not None else len(active),
    }


def task(item, owner, failures):
    status = item["Status"]
    return {
        "id": item["ID"],
        "service": owner["name"],
        "slot": item.get("Slot"),
        "state": status["State"],
        "desiredState": item["DesiredState"],
        "image": short_image(item["Spec"].get("ContainerSpec", {}).get("Image", "")),
        "message": status.get("Err") or status.get("Message", ""),
        "containerId": status.get("ContainerStatus", {}).get("ContainerID", "")[:12],
        "updated": status.get("Timestamp", ""),
        "lastFailure": earlier(failures.get(place(item)), item),
    }


def earlier(failed, item):
    """How the last task in a task's place failed; None if that is the task itself."""
    if failed is None or failed["ID"] == item["ID"]:
        return None
    status = failed["Status"]
    return {"message": status.get("Err") or status["State"], "at": status.get("Timestamp", "")}


def place(item):
    """What a restarted task has in common with the one before it."""
    return item.get("ServiceID"), item.get("Slot") or item.get("NodeID")


def last_failures(tasks):
    """For each place: the newest task that failed there."""
    failures = {}
    for item in sorted(tasks, key=lambda item: item["Status"].get("Timestamp", "")):
        if item["Status"]["State"] in ("failed", "rejected"):
            failures[place(item)] = item
    return failures


def short_image(image):
    return image.partition("@")[0]
