"""The visualizer: a page, and at /api/state what it draws, as JSON. GET and HEAD only.

/health says that this process answers, without asking Docker.
"""

from json import dumps
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
    status, kind, body = respond(environ["REQUEST_METHOD"], environ["PATH_INFO"])
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
