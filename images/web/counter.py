"""The visits, counted in Redis: the few lines of its protocol (RESP) that AUTH and INCR take.

Connections are kept and each is used by one request at a time, so a request that waits for Redis holds up no other.
"""

from _socket import AF_INET, SOCK_STREAM, getaddrinfo, socket

# Seconds to connect, and to wait for an answer.
TIMEOUT = 1.5
# Idle connections that are kept.
KEPT = 4


class CounterUnavailable(Exception):
    """Redis cannot be reached or does not count; the argument says why."""


class Counter:
    def __init__(self, host, port, password=None, key=b"counter"):
        self.host = host
        self.port = port
        self.command = command(b"INCR", key)
        self.login = None if password is None else command(b"AUTH", password)
        self.idle = []

    def increment(self):
        """Counts one visit and returns the number of visits so far."""
        try:
            return self._increment_kept()
        except OSError as error:
            raise CounterUnavailable(str(error)) from None

    def _increment_kept(self):
        while self.idle:
            connection = self.idle.pop()
            # Redis says nothing unasked: something to read is the end of a connection that Redis closed.
            if not readable(connection):
                return self._ask(connection)
            connection.close()
        return self._ask(self._connect())

    def _connect(self):
        *_, address = getaddrinfo(self.host, self.port, AF_INET, SOCK_STREAM)[0]
        connection = socket(AF_INET, SOCK_STREAM)
        connection.settimeout(TIMEOUT)
        try:
            connection.connect(address)
            reply = self.login and exchange(connection, self.login)
        except OSError:
            connection.close()
            raise
        if reply and reply[:1] != b"+":
            connection.close()
            raise CounterUnavailable(said(reply))
        return connection

    def _ask(self, connection):
        try:
            reply = exchange(connection, self.command)
        except OSError:
            connection.close()
            raise
        if len(self.idle) < KEPT:
            self.idle.append(connection)
        else:
            connection.close()
        if reply[:1] != b":":
            raise CounterUnavailable(said(reply))
        return int(reply[1:])


def command(*words):
    """Those as Redis reads a command."""
    return b"*%d\r\n" % len(words) + b"".join(b"$%d\r\n%s\r\n" % (len(word), word) for word in words)


def exchange(connection, request):
    """Sends a command and returns its answer, which must be of one line."""
    connection.sendall(request)
    reply = b""
    while not reply.endswith(b"\r\n"):
        part = connection.recv(256)
        if not part:
            raise ConnectionError("Redis closed the connection")
        reply += part
    return reply


def said(reply):
    return reply[1:].decode(errors="replace").strip()


def readable(connection):
    from select import POLLIN, poll

    waiting = poll()
    waiting.register(connection.fileno(), POLLIN)
    return bool(waiting.poll(0))
