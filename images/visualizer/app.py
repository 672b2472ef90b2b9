"""The visualizer: a page, and at /api/state what it draws, as JSON. GET and HEAD only.

/health says that this process answers, without asking Docker.
Environment: ALLOWED_HOSTS, names besides addresses and names without a dot by which browsers may ask for the page, with spaces between.
"""

from _socket import AF_INET, AF_INET6, inet_pton
from json import dumps
from os import environ as settings
from threading import Lock
from time import monotonic

from docker_api import DockerUnavailable, state

# Seconds for which an answer of Docker serves everyone who asks, so that many open pages cost no more than one.
FRESH = 1.0

TYPES = {
    "html": "text/html; charset=utf-8",
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "svg": "image/svg+xml",
}
FILES = {"/": "index.html", "/style.css": "style.css", "/page.js": "page.js", "/icon.svg": "icon.svg"}

SAFE = [
    ("Content-Security-Policy", "default-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"),
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "no-referrer"),
]


ALLOWED = frozenset(settings.get("ALLOWED_HOSTS", "").lower().split())


def allowed(host):
    """Whether a browser may have got the page from there.

    A page of another site can make its own name stand for this address (DNS rebinding) and would then read the answers. An
    address is no such name, nor is one without a dot, which nobody can register. Without a Host header it is no browser.
    """
    if host is None:
        return True
    name = host.rpartition("]")[0].lstrip("[") or host.partition(":")[0]
    known = "." not in name.rstrip(".") and ":" not in name and name != ""
    return known or name.lower() in ALLOWED or is_address(AF_INET, name) or is_address(AF_INET6, name)


def is_address(family, text):
    try:
        inet_pton(family, text)
    except (OSError, ValueError):
        return False
    return True


MISDIRECTED = (
    "421 Misdirected Request",
    "text/plain; charset=utf-8",
    b"This name is not allowed here. Use the node's address, or allow the name: `hosts` of VisualizerService, or the"
    b" environment variable ALLOWED_HOSTS.\n",
)


class Latest:
    """The last answer of Docker, asked anew when it is older than FRESH by the first who wants it."""

    def __init__(self):
        self.lock = Lock()
        self.until = 0.0
        self.answer = ("503 Service Unavailable", b"{}")

    def get(self):
        with self.lock:
            if monotonic() >= self.until:
                try:
                    self.answer = ("200 OK", dumps(state()).encode())
                except DockerUnavailable as error:
                    self.answer = ("502 Bad Gateway", dumps({"error": str(error)}).encode())
                self.until = monotonic() + FRESH
            return self.answer


latest = Latest()


def application(environ, start_response):
    if allowed(environ.get("HTTP_HOST")):
        status, kind, body = respond(environ["REQUEST_METHOD"], environ["PATH_INFO"])
    else:
        status, kind, body = MISDIRECTED
    headers = [("Content-Type", kind), ("Content-Length", str(len(body))), ("Cache-Control", "no-store"), *SAFE]
    if status.startswith("405"):
        headers.append(("Allow", "GET, HEAD"))
    start_response(status, headers)
    return [] if environ["REQUEST_METHOD"] == "HEAD" else [body]


def respond(method, path):
    plain = "text/plain; charset=utf-8"
    if method not in ("GET", "HEAD"):
        return "405 Method Not Allowed", plain, b"GET and HEAD only\n"
    if path == "/api/state":
        status, body = latest.get()
        return status, "application/json", body
    if path == "/health":
        return "200 OK", plain, b"ok\n"
    name = FILES.get(path)
    if name is None:
        return "404 Not Found", plain, b"not found\n"
    with open(f"/srv/page/{name}", "rb") as file:
        return "200 OK", TYPES[name.rpartition(".")[2]], file.read()


# What bundle.py asks for while the image is built. There is no Docker then: /api/state answers 502.
WARM_UP = [("GET", "/health"), ("GET", "/api/state")]
