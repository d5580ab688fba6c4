"""``make fuzz``: fuzz the readers of untrusted text with atheris, guided by coverage, for some time each.

Not part of ``make test``: atheris has no wheel for every Python that is supported, so ``make fuzz`` makes an
environment of its own. An input that breaks a target is left in ``build/fuzz``.
"""

from __future__ import annotations

import argparse
import importlib
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CORPUS = ROOT / "build" / "fuzz"


def main() -> int:
    """Fuzz one target in this process, or all in turn."""
    sys.path.insert(0, str(ROOT))
    options = _options()
    if options.target:
        _fuzz(options.target, options.seconds)
        return 0
    from tests.hostile.targets import TARGETS

    failed = [name for name in TARGETS if not _passes(name, options.seconds)]
    print(f"failed: {', '.join(failed)}" if failed else "nothing found")
    return 1 if failed else 0


def _passes(name: str, seconds: int) -> bool:
    print(f"--- {name}", flush=True)
    command = [sys.executable, __file__, "--target", name, "--seconds", str(seconds)]
    return subprocess.run(command, check=False).returncode == 0


def _fuzz(name: str, seconds: int) -> None:
    """Fuzz until the time is over; atheris ends the process itself."""
    atheris = importlib.import_module("atheris")
    with atheris.instrument_imports(include=["reviewer"]):
        from tests.hostile.targets import TARGETS
    folder = CORPUS / name
    folder.mkdir(parents=True, exist_ok=True)
    _write_seeds(name, folder)
    limits = [f"-max_total_time={seconds}", "-timeout=20", "-rss_limit_mb=2048", "-max_len=20000"]
    atheris.Setup([sys.argv[0], *limits, f"-artifact_prefix={folder}/crash-", str(folder)], TARGETS[name])
    atheris.Fuzz()


def _write_seeds(name: str, folder: Path) -> None:
    from tests.hostile.seeds import SEEDS

    for number, seed in enumerate(SEEDS[name]):
        (folder / f"seed-{number}").write_text(seed, encoding="utf-8")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--target", help="only this one")
    parser.add_argument("--seconds", type=int, default=60, help="how long each is fuzzed")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
