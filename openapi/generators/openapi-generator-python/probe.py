import os

import kona
from say import STEPS, attempt, say

client = kona.ApiClient(kona.Configuration(host=os.environ["SERVER"]))

with attempt("id"):
    member = kona.MembersApi(client).get_member(kona.GetMemberRequestBody(userId=9999999999999999999))
    say("id", str(member.user_info.user_id))
for step in STEPS:
    with attempt(step):
        body = kona.GetBankRechargeResultRequestBody(sequenceId=step.upper())
        try:
            result = kona.RechargesApi(client).get_bank_recharge_result(body)
            extra = {} if not hasattr(result, "additional_properties") else result.additional_properties
            say(step, result.result, "kept" if "newField" in extra else "")
        except kona.ApiException as error:
            match error.data:
                case kona.Failure() as failure:
                    say(step, failure.response.code, "typed error")
                case kona.Problem() as problem:
                    say(step, problem.delivery, "typed error")
                case _:
                    say(step, error.status, "error with status")
