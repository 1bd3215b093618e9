"""The programs of the README run as they are printed, against a sandbox and a gateway."""

import os
import re
import subprocess
import sys
from pathlib import Path

README = Path(__file__).parents[1] / "README.md"


def test_the_programs_of_the_readme_run(
    sandbox: dict[str, str], gateway: str, tmp_path: Path
) -> None:
    programs = re.findall(r"```python\n(.*?)```", README.read_text("utf-8"), re.DOTALL)
    assert len(programs) == 3
    for program in programs[:2]:
        lines = [line for line in program.splitlines() if line and not line.startswith("#")]
        assert len(lines) <= 10, "the first call is longer than it is said to be"
    env = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": os.environ["PYTHONPATH"],
        "KONAPLATE_GATEWAY": gateway,
        **sandbox,
    }
    for program in programs:
        *_, last = program.splitlines()
        command = [sys.executable, "-W", "error", "-c", program]
        ended = subprocess.run(command, env=env, cwd=tmp_path, capture_output=True, text=True)
        assert (ended.stdout.strip(), ended.stderr) == (last.removeprefix("# "), "")
