import os
import urllib.error
import urllib.request

import kona
import pydantic
from say import STEPS, attempt, say


def post(path: str, body: pydantic.BaseModel) -> tuple[int, bytes]:
    request = urllib.request.Request(os.environ["SERVER"] + path, body.model_dump_json(exclude_unset=True).encode())
    try:
        with urllib.request.urlopen(request) as response:
            return response.status, response.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()


with attempt("id"):
    _, text = post("/api/v1/user/info", kona.GetMemberRequestBody(userId=9999999999999999999))
    say("id", str(kona.GetMemberResponseBody.model_validate_json(text).userInfo.userId.root))
for step in STEPS:
    with attempt(step):
        body = kona.GetBankRechargeResultRequestBody(sequenceId=step.upper())
        status, text = post("/api/v1/recharges/by-bank-account/result/inquiry", body)
        if status == 200:
            result = kona.GetBankRechargeResultResponseBody.model_validate_json(text)
            say(step, result.result.root, "kept" if result.model_extra else "")
        elif status == 400:
            say(step, kona.Failure.model_validate_json(text).response.code.root, "typed")
        elif text.startswith(b"{"):
            say(step, kona.Problem.model_validate_json(text).delivery.root, "typed")
        else:
            say(step, status, "the caller's own HTTP")
