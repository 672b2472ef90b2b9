"""Process 1 of the web and visualizer containers: listens, then loads the application, then serves.

A container may have a tenth of a slow core, so every import costs. The port is open before the application is
loaded: connections made meanwhile wait in the queue instead of being refused. Modules come from one file
(modules.bin, written by bundle.py when the image is built) instead of hundreds of look-ups on disk.

Arguments: the port to listen on. The application is the module `app` with a WSGI callable `application`.
"""

import _signal
import _socket
import gc
import sys
from posix import _exit

# Nothing made while starting is ever freed: collecting would only look at it again and again.
gc.disable()

# Process 1 has no default signal handling. Python runs handlers between two instructions, so also while importing.
for number in (_signal.SIGTERM, _signal.SIGINT):
    _signal.signal(number, lambda *_: _exit(0))

listener = _socket.socket(_socket.AF_INET, _socket.SOCK_STREAM)
listener.setsockopt(_socket.SOL_SOCKET, _socket.SO_REUSEADDR, 1)
listener.bind(("0.0.0.0", int(sys.argv[1])))
listener.listen(128)

sys.path[:0] = ["/srv", "/usr/lib/python3/dist-packages"]
sys.dont_write_bytecode = True

import archive  # noqa: E402

archive.install("/srv/modules.bin")

from app import application  # noqa: E402
from server import serve  # noqa: E402

gc.freeze()
gc.enable()
serve(listener, application)
