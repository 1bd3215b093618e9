"""Writes verdicts.json: what a code proves about the money, read from ../../konaplate.yaml.

The rule, as `info` of the description has it: every documented failure has HTTP status 400, and what
comes with another status proves nothing. Of an operation that moves money a code proves what
`x-konaplate-outcome.proves` says, and nothing where it is not listed. Of another operation a code that
the description knows says that the call was declined. Of a path that the description does not know
nothing is known.

Wants PyYAML. Nothing here is random: the file is the same on every run.
"""

from pathlib import Path

import yaml

from cases import write

DESCRIPTION = Path(__file__).resolve().parents[2] / "konaplate.yaml"
# With libyaml it takes a second, without it ten.
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

SUCCESS = "000_000"
NOTHING = "maybe-processed"
PROOFS = ("not-carried-out", "earlier-call", "declined")

# Codes that no operation has.
UNKNOWN = ["999_999", ""]
# Statuses that a platform, or what stands in front of it, sends beside 400.
OTHERS = [200, 202, 401, 403, 404, 409, 422, 429, 500, 502, 503, 504]
NO_OPERATION = "/api/v1/unknown/operation"


class Description:
    def __init__(self) -> None:
        with DESCRIPTION.open(encoding="utf-8") as file:
            self.document = yaml.load(file, LOADER)
        self.operations = {path: item["post"] for path, item in self.document["paths"].items()}
        examples = self.document["components"]["examples"]
        self.code_of = {name: self.code_in(example) for name, example in examples.items()}
        self.codes = {code for code in self.code_of.values() if code not in (None, SUCCESS)}

    @staticmethod
    def code_in(example: dict):
        response = example.get("value", {}).get("response", {})
        return response.get("code")

    def listed(self, operation: dict) -> list:
        """The codes that an operation documents."""
        failure = operation["responses"].get("400")
        if failure is None:
            return []
        if "$ref" in failure:
            failure = self.document["components"]["responses"][failure["$ref"].rsplit("/", 1)[1]]
        examples = failure["content"]["application/json"].get("examples", {})
        return sorted(
            {self.code_of[example["$ref"].rsplit("/", 1)[1]] for example in examples.values()}
        )

    def proves(self, operation: dict) -> dict:
        """What the description says that each code of an operation proves."""
        marks = operation.get("x-konaplate-outcome", {}).get("proves", {})
        return {code: proof for proof in PROOFS for code in marks.get(proof, ())}

    def verdict(self, path: str, status: int, code: str) -> str:
        operation = self.operations.get(path)
        if operation is None or status != 400:
            return NOTHING
        if operation["x-konaplate-effect"] == "moves-money":
            return self.proves(operation).get(code, NOTHING)
        return "declined" if code in self.codes else NOTHING


def pairs(description: Description):
    """Yields path, operation, status and code of every case."""
    # Codes that prove something somewhere prove it there alone.
    proofs = sorted(
        {code for it in description.operations.values() for code in description.proves(it)}
    )
    for path, operation in description.operations.items():
        name = operation["operationId"]
        proven = description.proves(operation)
        listed = set(description.listed(operation)) | set(proven)
        moves_money = operation["x-konaplate-effect"] == "moves-money"
        foreign = proofs if moves_money else ["007_008"]
        for code in [*sorted(listed | set(foreign)), *UNKNOWN]:
            yield path, name, 400, code
        # One code of each kind, which proves nothing with any other status.
        if moves_money:
            first = {proof: code for code, proof in sorted(proven.items(), reverse=True)}
            codes, statuses = sorted(first.values()) or ["007_008"], OTHERS
        else:
            codes, statuses = [min(listed) if listed else "007_008"], [200, 404, 500]
        for status in statuses:
            for code in codes:
                yield path, name, status, code
    for code in ["007_008", "000_003", *UNKNOWN]:
        for status in [400, 500]:
            yield NO_OPERATION, None, status, code


def main() -> None:
    description = Description()
    cases = []
    for path, operation, status, code in pairs(description):
        cases.append(
            {
                "name": f"{operation or 'no_operation'} {status} {code or 'empty'}",
                "path": path,
                "operation": operation,
                "status": status,
                "code": code,
                "delivery": description.verdict(path, status, code),
            }
        )
    write("verdicts.json", "make/verdicts.py, PyYAML", cases, indent=None)


if __name__ == "__main__":
    main()
