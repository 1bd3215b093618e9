"""What all the scripts here share: where a file of cases goes, and how it is written.

Each script writes beside this folder, or into the folder that it is given. What is written does not
depend on the version of Python: the versions with which the files were made are in ../README.md.
"""

import base64
import json
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def b64(body: bytes) -> str:
    return base64.b64encode(body).decode("ascii")


def write(name: str, made_by: str, cases: list, indent: int | None = 2) -> None:
    """Writes a file. Without an indent each case is one line, for files of many short cases."""
    names = [case["name"] for case in cases]
    assert len(set(names)) == len(names), [name for name in names if names.count(name) > 1]
    document = {"made_by": made_by, "cases": cases}
    if indent is None:
        lines = ",\n".join("    " + json.dumps(case, ensure_ascii=False) for case in cases)
        head = json.dumps(made_by, ensure_ascii=False)
        text = '{\n  "made_by": %s,\n  "cases": [\n%s\n  ]\n}' % (head, lines)
        assert json.loads(text) == document
    else:
        text = json.dumps(document, indent=indent, ensure_ascii=False)
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT
    (folder / name).write_text(text + "\n", encoding="utf-8", newline="\n")
    print(f"{name}: {len(cases)} cases")
