"""What the lock files in ``requirements/`` say should be installed, beside what is."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Mapping
from importlib.metadata import distributions
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

_PROBE = """
import json, sys
from importlib.metadata import distributions
found = {d.metadata["Name"]: d.version for d in distributions() if d.metadata["Name"]}
print(json.dumps({"python": "%d.%d.%d" % sys.version_info[:3], "packages": found}))
"""
_PROBE_TIMEOUT_S = 60.0


def locked_versions(path: Path, environment: Mapping[str, str] | None = None) -> dict[str, str]:
    """Canonical name → version of each line that holds here.

    Args:
        path: a lock file of uv or pip-tools, "name==version ; marker" with hashes below.
        environment: values of markers other than this interpreter's ("python_full_version", …).

    Raises:
        OSError: the file cannot be read; an installation without the repository has none.
    """
    found = {}
    for line in re.findall(r"^[A-Za-z0-9].*$", path.read_text(encoding="utf-8"), re.MULTILINE):
        requirement = Requirement(line.rstrip("\\").strip())
        (pin,) = requirement.specifier
        if requirement.marker is None or requirement.marker.evaluate(dict(environment or {})):
            found[canonicalize_name(requirement.name)] = pin.version
    return found


def installed_versions() -> dict[str, str]:
    """Canonical name → version, of this interpreter."""
    return _canonical({each.metadata["Name"]: each.version for each in distributions() if each.metadata["Name"]})


def installed_beside(python: Path) -> tuple[str, dict[str, str]]:
    """The version of another interpreter ("3.10.13") and its packages.

    Raises:
        OSError, subprocess.SubprocessError: it does not run.
    """
    done = subprocess.run([str(python), "-c", _PROBE], capture_output=True, text=True, timeout=_PROBE_TIMEOUT_S, check=True)
    answer = json.loads(done.stdout)
    return answer["python"], _canonical(answer["packages"])


def differences(locked: Mapping[str, str], installed: Mapping[str, str]) -> list[str]:
    """One text a package that is missing or of another version; nothing for packages beyond the lock file."""
    return [
        f"{name}: cần / expected {version}, có / found {installed.get(name, 'không / none')}"
        for name, version in sorted(locked.items())
        if installed.get(name) != version
    ]


def _canonical(versions: Mapping[str, str]) -> dict[str, str]:
    return {canonicalize_name(name): version for name, version in versions.items()}
