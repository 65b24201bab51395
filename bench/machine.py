"""What the figures were measured on."""

from __future__ import annotations

import os
import platform
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

from tests.integration.kafka_broker import POM


def chromium_path() -> str:
    """The browser to measure with. Raises RuntimeError."""
    path = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    if not path:
        raise RuntimeError("no Chromium on the PATH; install it or name it in CHROMIUM")
    return path


def describe() -> dict[str, Any]:
    """Cores, processor, memory, versions and how busy the machine is already."""
    return {
        "cores": os.cpu_count(), "model": _field("/proc/cpuinfo", "model name") or platform.processor(),
        "memory_gb": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30),
        "system": f"{platform.system()} {platform.release()}", "python": platform.python_version(),
        "chromium": _chromium(), "kafka": _kafka(), "load": round(os.getloadavg()[0], 2),
    }  # fmt: skip


def _field(path: str, name: str) -> str:
    try:
        lines = Path(path).read_text().splitlines()
    except OSError:
        return ""
    return next((line.partition(":")[2].strip() for line in lines if line.startswith(name)), "")


def _chromium() -> str:
    try:
        said = subprocess.run([chromium_path(), "--version"], capture_output=True, text=True, timeout=20).stdout
    except (OSError, RuntimeError, subprocess.TimeoutExpired):
        return "no Chromium"
    return " ".join(said.split()[:2]) or "Chromium"


def _kafka() -> str:
    if os.environ.get("KAFKA_BOOTSTRAP_SERVERS"):
        return "(given by KAFKA_BOOTSTRAP_SERVERS)"
    found = re.search(r"<artifactId>kafka_[\d.]+</artifactId>\s*<version>([\d.]+)<", POM.read_text())
    return found[1] if found else "unknown"
