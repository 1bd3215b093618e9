import os

from kona import Client
from kona.api.members import get_member
from kona.api.recharges import get_bank_recharge_result
from kona.models import Failure, GetBankRechargeResultRequestBody, GetBankRechargeResultResponseBody
from kona.models import GetMemberRequestBody, GetMemberResponseBody, Problem
from say import STEPS, attempt, say

client = Client(os.environ["SERVER"])

with attempt("id"):
    member = get_member.sync(client=client, body=GetMemberRequestBody(user_id=9999999999999999999))
    assert isinstance(member, GetMemberResponseBody)
    say("id", str(member.user_info.user_id))
for step in STEPS:
    with attempt(step):
        body = GetBankRechargeResultRequestBody(sequence_id=step.upper())
        response = get_bank_recharge_result.sync_detailed(client=client, body=body)
        match response.parsed:
            case GetBankRechargeResultResponseBody() as result:
                say(step, result.result, "kept" if "newField" in result.additional_properties else "")
            case Failure() as failure:
                say(step, failure.response.code, "typed")
            case Problem() as problem:
                say(step, problem.delivery, "typed")
            case None:
                say(step, int(response.status_code), "status and bytes")
