"""Imports modules from one file: a marshalled {module name: (is it a package, source file, marshalled code)}.

The file is for exactly the interpreter it was written by. Modules that are not in it are found on disk as usual.
"""

import sys
from _frozen_importlib import ModuleSpec
from marshal import loads


class ArchiveImporter:
    """Finder and loader in one, before all others on `sys.meta_path`."""

    def __init__(self, modules):
        self.modules = modules

    def find_spec(self, name, path=None, target=None):
        entry = self.modules.get(name)
        if entry is None:
            return None
        is_package, file, _ = entry
        spec = ModuleSpec(name, self, origin=file, is_package=is_package)
        if is_package:
            spec.submodule_search_locations.append(file.rpartition("/")[0])
        return spec

    def create_module(self, spec):
        return None

    def exec_module(self, module):
        _, module.__file__, code = self.modules[module.__name__]
        exec(loads(code), module.__dict__)


def install(file):
    with open(file, "rb", 0) as archive:
        sys.meta_path.insert(0, ArchiveImporter(loads(archive.read())))
