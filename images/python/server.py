"""Serves the application with waitress, set up for the tasks of a swarm.

One request for each connection: the routing mesh picks a task for each new connection.
Told to end (SIGTERM), it goes on serving until no new connection has come for a moment: nodes of a swarm learn one after the
other that a task is going, and until then they send requests to it.
waitress reads requests without a thread for each, so slow clients hold up nobody; how long one may take in all is limited here.
"""

from _signal import SIGINT, SIGTERM, signal
from _thread import start_new_thread
from posix import _exit, write
from socket import SHUT_RDWR, SHUT_WR, socket
from time import sleep, time

from waitress.adjustments import Adjustments
from waitress.channel import HTTPChannel
from waitress.server import TcpWSGIServer
from waitress.task import ErrorTask, WSGITask

# Seconds from a connection until its whole request has come, and until its answer has been taken.
REQUEST_DEADLINE = 15.0
DEADLINE = 60.0
# Connections at the same time; others wait in the listen queue.
CONNECTIONS = 1000
# Requests that are answered at the same time. Some wait for Redis or Docker.
THREADS = 16
# Seconds without a new connection after which a server that is to end does so, and after which it does in any case:
# less than the 10 after which Docker kills it.
QUIET = 2.0
LAST = 8.0


class Task(WSGITask):
    def build_response_header(self):
        # As if each client had asked for that.
        self.request.headers["CONNECTION"] = "close"
        return super().build_response_header()

    def finish(self):
        super().finish()
        log(self)


class RefusedTask(ErrorTask):
    def finish(self):
        super().finish()
        self.channel.refused = True
        log(self)


class Channel(HTTPChannel):
    task_class = Task
    error_task_class = RefusedTask
    # It was answered before all that it sends was read.
    refused = False
    lingering = False

    def handle_close(self):
        """Closes it. A refused client's remaining bytes are read and dropped first: else the kernel resets the connection,
        and the client loses the answer."""
        if self.refused and not self.lingering:
            self.lingering = True
            try:
                self.socket.shutdown(SHUT_WR)
                return
            except OSError:
                pass  # The client has gone.
        super().handle_close()

    def readable(self):
        return self.lingering or super().readable()

    def writable(self):
        return not self.lingering and super().writable()

    def handle_read(self):
        if self.lingering:
            self.recv(65536)  # At the client's end, this closes the channel.
        else:
            super().handle_read()

    def late(self, now):
        age = now - self.creation_time
        waiting = not self.requests and not self.total_outbufs_len
        return age > (REQUEST_DEADLINE if waiting else DEADLINE)


class Server(TcpWSGIServer):
    channel_class = Channel
    latest = 0.0

    def set_socket_options(self, conn):
        super().set_socket_options(conn)
        self.latest = time()

    def maintenance(self, now):
        for channel in self.active_channels.values():
            if channel.late(now):
                try:
                    # The loop then sees that it has ended, and closes it.
                    channel.socket.shutdown(SHUT_RDWR)
                except OSError:
                    pass  # It has gone already.

    def drain(self):
        told = time()
        while time() - told < LAST:
            if not self.active_channels and time() - max(told, self.latest) >= QUIET:
                break
            sleep(0.1)
        _exit(0)


def serve(listener, application):
    """Accepts connections until the process is told to end, and ends it when the last are answered."""
    # What boot.py opened before it had Python's own.
    own = socket(fileno=listener.detach())
    settings = Adjustments(
        sockets=[own],
        threads=THREADS,
        connection_limit=CONNECTIONS,
        backlog=128,
        cleanup_interval=1,
        max_request_header_size=16 * 1024,
        max_request_body_size=1024 * 1024,
        # select takes no more than 1024 descriptors.
        asyncore_use_poll=True,
        ident=None,
    )
    server = Server(application, _sock=own, adj=settings, bind_socket=False)

    def end(*_):
        # Told again, it ends at once.
        for number in (SIGTERM, SIGINT):
            signal(number, lambda *_: _exit(0))
        start_new_thread(server.drain, ())

    for number in (SIGTERM, SIGINT):
        signal(number, end)
    server.run()


def log(task):
    """One line on standard output for each request. Written at once, so that lines of threads don't mix."""
    asked = getattr(task.request, "first_line", b"-").decode("latin-1")
    took = (time() - task.start_time) * 1000
    write(1, f"{task.channel.addr[0]} {ascii(asked)[1:-1]} {task.status[:3]} {took:.0f}ms\n".encode())
