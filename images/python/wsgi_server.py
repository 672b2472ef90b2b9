"""A small WSGI server (PEP 3333): a thread for each connection, one request for each connection.

`wsgiref`, `http.server` and `socketserver` are not used: what they import takes longer to load than the application.
Closing after each request is meant: the swarm's routing mesh picks a task for each new connection.
Told to end (SIGTERM), it goes on serving until no new connection has come for a moment: nodes of a swarm learn one after the
other that a task is going, and until then they send requests to it.
A request body is read up to 1 MiB; chunked ones are refused (411).
"""

import sys
from _signal import SIGINT, SIGTERM, signal
from _socket import socket
from _thread import start_new_thread
from io import BytesIO
from posix import _exit, write
from threading import Lock, Semaphore
from time import sleep, time

HEAD_LIMIT = 16 * 1024
BODY_LIMIT = 1024 * 1024
# Seconds a client may take to send its request, and to take each part of the answer.
CLIENT_TIMEOUT = 30.0
# Connections served at the same time; others wait in the listen queue.
THREADS = 32
# Seconds without a new connection after which a server that is to end does so, and after which it does in any case:
# less than the 10 after which Docker kills it.
QUIET = 2.0
LAST = 8.0


class Refused(Exception):
    """A request that the application never sees; the argument is the status to answer with."""


def serve(listener, application):
    """Accepts connections until the process is told to end, and ends it when the last are answered."""
    free = Semaphore(THREADS)
    port = str(listener.getsockname()[1])
    accepted = answered = 0
    counting = Lock()
    latest = 0.0

    def drain():
        told = time()
        while time() - told < LAST:
            if answered == accepted and time() - max(told, latest) >= QUIET:
                break
            sleep(0.1)
        _exit(0)

    def end(*_):
        # Told again, it ends at once.
        for number in (SIGTERM, SIGINT):
            signal(number, lambda *_: _exit(0))
        start_new_thread(drain, ())

    for number in (SIGTERM, SIGINT):
        signal(number, end)

    def converse(fd, address):
        nonlocal answered
        connection = socket(fileno=fd)
        try:
            connection.settimeout(CLIENT_TIMEOUT)
            answer(connection, address[0], port, application)
        except OSError:
            pass  # The client went away.
        except Exception:
            import traceback

            traceback.print_exc()
        finally:
            connection.close()
            with counting:
                answered += 1
            free.release()

    while True:
        free.acquire()
        try:
            arrived = listener._accept()
            latest = time()
            accepted += 1
            start_new_thread(converse, arrived)
        except OSError as error:
            print(f"accept: {error}", file=sys.stderr, flush=True)
            free.release()


def answer(connection, client, port, application):
    """Reads one request, runs the application and writes what it answers."""
    started = time()
    request_line = "-"
    sent = []
    try:
        head, body = read_head(connection)
        request_line, _, header_lines = head.partition("\r\n")
        environ = environment(request_line, header_lines, client, port)
        environ["wsgi.input"] = BytesIO(read_body(connection, environ, body))
    except Refused as refusal:
        send_all(connection, f"HTTP/1.1 {refusal}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n".encode())
        log(client, request_line, str(refusal), started)
        return

    def start_response(status, headers, exc_info=None):
        if exc_info and sent[1:]:
            raise exc_info[1].with_traceback(exc_info[2])
        lines = [f"HTTP/1.1 {status}", *(f"{name}: {value}" for name, value in headers), "Connection: close"]
        sent[:] = [status, "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n"]
        return lambda data: send_all(connection, data)

    parts = application(environ, start_response)
    try:
        head = sent[1]
        for part in parts:
            send_all(connection, head + part)
            head = b""
        if head:
            send_all(connection, head)
    finally:
        close = getattr(parts, "close", None)
        if close is not None:
            close()
    log(client, request_line, sent[0], started)


def read_head(connection):
    """The request line and headers without the empty line, and what was read beyond it."""
    data = b""
    while b"\r\n\r\n" not in data:
        if len(data) > HEAD_LIMIT:
            raise Refused("431 Request Header Fields Too Large")
        part = connection.recv(HEAD_LIMIT)
        if not part:
            raise ConnectionError("closed before a whole request came")
        data += part
    head, _, body = data.partition(b"\r\n\r\n")
    return head.decode("latin-1"), body


def read_body(connection, environ, body):
    if "HTTP_TRANSFER_ENCODING" in environ:
        raise Refused("411 Length Required")
    length = environ.get("CONTENT_LENGTH") or "0"
    if not length.isdecimal():
        raise Refused("400 Bad Request")
    if int(length) > BODY_LIMIT:
        raise Refused("413 Content Too Large")
    while len(body) < int(length):
        part = connection.recv(65536)
        if not part:
            raise ConnectionError("closed before the whole body came")
        body += part
    return body[: int(length)]


def environment(request_line, header_lines, client, port):
    words = request_line.split(" ")
    if len(words) != 3 or not words[1].startswith(("/", "http://")) or not words[2].startswith("HTTP/1."):
        raise Refused("400 Bad Request")
    method, target, protocol = words
    if target.startswith("http://"):
        target = "/" + target[7:].partition("/")[2]
    path, _, query = target.partition("?")
    environ = {
        "REQUEST_METHOD": method,
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote(path),
        "QUERY_STRING": query,
        "SERVER_NAME": "0.0.0.0",
        "SERVER_PORT": port,
        "SERVER_PROTOCOL": protocol,
        "REMOTE_ADDR": client,
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    for line in header_lines.split("\r\n") if header_lines else ():
        name, colon, value = line.partition(":")
        if not colon or not name or name != name.strip():
            raise Refused("400 Bad Request")
        if "_" in name:
            continue  # Would be taken for the same name with a hyphen.
        key = name.upper().replace("-", "_")
        if key not in ("CONTENT_TYPE", "CONTENT_LENGTH"):
            key = "HTTP_" + key
        value = value.strip()
        environ[key] = f"{environ[key]},{value}" if key in environ else value
    return environ


def unquote(path):
    """Percent-decodes a path into WSGI's form: each byte as the character of the same number."""
    if "%" not in path:
        return path
    first, *others = path.split("%")
    try:
        return first + "".join(chr(int(part[:2], 16)) + part[2:] for part in others)
    except ValueError:
        raise Refused("400 Bad Request") from None


def send_all(connection, data):
    connection.sendall(data)


def log(client, request_line, status, started):
    """One line on standard output for each request. Written at once, so that lines of threads don't mix."""
    line = f"{client} {ascii(request_line)[1:-1]} {status[:3]} {(time() - started) * 1000:.0f}ms\n"
    write(1, line.encode())
