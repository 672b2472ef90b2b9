"""Run while an image is built, by the image's own interpreter: `bundle.py TREE`, TREE being the image's files.

Loads the application in TREE/srv as the container will, sends it the requests it will get (`app.WARM_UP`), and writes
the modules that took to TREE/srv/modules.bin, which archive.py reads. The same files give the same bytes.
"""

import importlib
import io
import marshal
import pathlib
import sys

tree = pathlib.Path(sys.argv[1])


def load_application():
    app = importlib.import_module("app")
    importlib.import_module("server")
    for method, path in app.WARM_UP:
        environ = {
            "REQUEST_METHOD": method,
            "PATH_INFO": path,
            "SERVER_NAME": "0.0.0.0",
            "SERVER_PORT": "80",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "HTTP_HOST": "warm-up",
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": "http",
            "wsgi.input": io.BytesIO(),
            "wsgi.errors": io.StringIO(),
        }
        b"".join(app.application(environ, lambda status, headers, exc_info=None: None))


def main():
    sys.path[:] = [str(tree / "srv"), str(tree / "usr/lib/python3/dist-packages"), *sys.path[1:]]
    load_application()
    entries = {}
    for name, module in sorted(sys.modules.items()):
        spec = getattr(module, "__spec__", None)
        source = pathlib.Path(getattr(spec, "origin", None) or "")
        if source.suffix != ".py" or not source.is_relative_to(tree):
            continue
        file = f"/{source.relative_to(tree)}"
        code = compile(source.read_bytes(), file, "exec", dont_inherit=True, optimize=2)
        entries[name] = (spec.submodule_search_locations is not None, file, marshal.dumps(code))
    (tree / "srv/modules.bin").write_bytes(marshal.dumps(entries))


main()
