"""The visitor counter of Docker's get-started guide, in Flask.

Environment: NAME, who is greeted (default "World"); REDIS_HOST (default "redis"); REDIS_PORT (default 6379);
REDIS_PASSWORD_FILE, a file that holds the password (default "/run/secrets/redis_password"; without such a file: none).
"""

from os import environ, uname

from counter import Counter, CounterUnavailable
from flask import Flask
from markupsafe import escape

application = Flask("web", root_path="/srv", static_folder=None)


def password():
    try:
        with open(environ.get("REDIS_PASSWORD_FILE", "/run/secrets/redis_password"), "rb") as file:
            return file.read()
    except FileNotFoundError:
        return None


visits = Counter(environ.get("REDIS_HOST", "redis"), int(environ.get("REDIS_PORT", "6379")), password())

# Every answer is another number: a browser or proxy must not keep it.
NOT_KEPT = {"Cache-Control": "no-store"}


@application.get("/")
def hello():
    try:
        count = str(visits.increment())
    except CounterUnavailable as error:
        application.logger.warning("no count: %s", error)
        count = "<i>cannot connect to Redis, counter disabled</i>"
    name = escape(environ.get("NAME", "World"))
    page = f"<h3>Hello {name}!</h3>\n<b>Hostname:</b> {escape(uname().nodename)}<br/>\n<b>Visits:</b> {count}\n"
    return page, NOT_KEPT


@application.get("/health")
def health():
    """Says that this process answers. It neither counts nor asks Redis."""
    return "ok\n", {"Content-Type": "text/plain; charset=utf-8", **NOT_KEPT}


# What bundle.py asks for while the image is built, so that what answering takes is loaded fast later.
WARM_UP = [("GET", "/"), ("HEAD", "/"), ("GET", "/health"), ("GET", "/favicon.ico"), ("POST", "/")]
