"""Run while an image is built: compiles every Python source in the folder TREE and leaves only the byte code.

Byte code beside where the source was (`x.pyc`, not in `__pycache__`) is found as fast as a source and never checked
against one.
"""

import pathlib
import py_compile
import sys

tree = pathlib.Path(sys.argv[1])
for source in sorted(tree.rglob("*.py")):
    py_compile.compile(
        str(source),
        cfile=f"{source}c",
        dfile=f"/{source.relative_to(tree)}",
        doraise=True,
        optimize=2,
        invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH,
    )
    source.unlink()
