"""Makes the calls of `interop/scenario.md` with the generated client, and prints what came."""

import argparse
import json
import os
import sys
from collections.abc import Callable
from typing import Any, TypeVar

import httpx
from konaplate_api.api.auto_recharges import update_lower_limit_auto_recharge
from konaplate_api.api.gifts import gift_prepaid_card
from konaplate_api.api.members import get_member
from konaplate_api.api.payments import issue_one_time_token, list_card_transactions, pay_with_token
from konaplate_api.api.recharges import (
    create_credit_card_recharge,
    get_bank_recharge_result,
    recharge_from_bank_account,
)
from konaplate_api.client import Client
from konaplate_api.models import (
    CardTransaction,
    CreateCreditCardRechargeRequestBody,
    CreateCreditCardRechargeResponseBody,
    Failure,
    GetBankRechargeResultRequestBody,
    GetBankRechargeResultResponseBody,
    GetMemberRequestBody,
    GetMemberResponseBody,
    GiftPrepaidCardRequestBody,
    GiftPrepaidCardResponseBody,
    IssueOneTimeTokenRequestBody,
    IssueOneTimeTokenResponseBody,
    ListCardTransactionsRequestBody,
    ListCardTransactionsResponseBody,
    MessageLanguage,
    OneTimeTokenType,
    OrderByDirection,
    PageRequest,
    PageResponse,
    PayWithTokenRequestBody,
    PayWithTokenResponseBody,
    RechargeFromBankAccountRequestBody,
    RechargeFromBankAccountResponseBody,
    UpdateLowerLimitAutoRechargeRequestBody,
    UpdateLowerLimitAutoRechargeResponseBody,
)
from konaplate_api.types import UNSET, Response, Unset

import konaplate

MERCHANT = "410195430033901"
LARGEST_MEMBER = 9999999999999999999

Printed = dict[str, Any]
Body = TypeVar("Body")


class Failed(Exception):
    """A call did not succeed. Its argument is what is printed of it."""


def success(kind: type[Body], response: Response[Any]) -> Body:
    """The body of a success."""
    body = response.parsed
    if isinstance(body, kind):
        return body
    raise Failed(
        {
            "code": body.response.code if isinstance(body, Failure) else None,
            "status": response.status_code,
            "delivery": response.headers.get("Konaplate-Delivery"),
        }
    )


def present(**fields: object) -> Printed:
    """The fields that are not absent, by their names on the wire."""
    return {name: value for name, value in fields.items() if not isinstance(value, Unset)}


def gateway_client(headers: dict[str, str]) -> Client:
    """A client of a gateway. It waits longer than the gateway does, which knows more then."""
    url = os.environ["KONAPLATE_GATEWAY"]
    return Client(base_url=url, headers=headers, timeout=httpx.Timeout(60))


def middleware_client(headers: dict[str, str]) -> Client:
    """A client whose transport signs and encrypts."""
    settings = konaplate.Settings.from_env()
    transport = konaplate.Transport(settings)
    return Client(base_url=settings.base_url, headers=headers, httpx_args={"transport": transport})


class Scenario:
    """The steps. A token is used by the steps behind it."""

    def __init__(self, connect: Callable[[dict[str, str]], Client]) -> None:
        self.connect = connect
        self.client = connect({})

    def issue_token(
        self, card_no: str, kind: OneTimeTokenType | Unset = UNSET
    ) -> IssueOneTimeTokenResponseBody:
        body = IssueOneTimeTokenRequestBody(card_no=card_no, type_=kind)
        response = issue_one_time_token.sync_detailed(client=self.client, body=body)
        return success(IssueOneTimeTokenResponseBody, response)

    def token(self) -> Printed:
        issued = self.issue_token("9491339401250765")
        self.bank_recharge_body = RechargeFromBankAccountRequestBody(
            sequence_id="BANK-1",
            user_id=10000000001,
            amount=20000,
            one_time_token=issued.one_time_token,
            dcvv=issued.dcvv,
            merchant_id=MERCHANT,
        )
        return present(
            oneTimeToken=issued.one_time_token,
            dcvv=issued.dcvv,
            expiryTime=str(issued.expiry_time),
        )

    def recharge(
        self, body: RechargeFromBankAccountRequestBody
    ) -> RechargeFromBankAccountResponseBody:
        response = recharge_from_bank_account.sync_detailed(client=self.client, body=body)
        return success(RechargeFromBankAccountResponseBody, response)

    def bank_recharge(self) -> Printed:
        made = self.recharge(self.bank_recharge_body)
        return present(nrNumber=made.nr_number, isPending=made.is_pending, result=made.result)

    def bank_recharge_result(self, fault: str | None = None) -> Printed:
        # A client of its own for a header of one call: `with_headers` would leave the header in
        # the client that it was called on, too.
        client = self.connect({"X-Sandbox-Fault": fault}) if fault else self.client
        body = GetBankRechargeResultRequestBody(sequence_id="BANK-1")
        response = get_bank_recharge_result.sync_detailed(client=client, body=body)
        return present(result=success(GetBankRechargeResultResponseBody, response).result)

    def credit_card_recharge(self) -> Printed:
        issued = self.issue_token("9491330000000032", OneTimeTokenType.CREDIT)
        body = CreateCreditCardRechargeRequestBody(
            sequence_id="CREDIT-1",
            user_id=10000000003,
            amount=10000,
            one_time_token=issued.one_time_token,
            dcvv=issued.dcvv,
            affiliate_id="000170000001000",
        )
        response = create_credit_card_recharge.sync_detailed(client=self.client, body=body)
        made = success(CreateCreditCardRechargeResponseBody, response)
        return present(transactionId=made.transaction_id, redirectUrl=made.redirect_url)

    def auto_recharge_update(self) -> Printed:
        body = UpdateLowerLimitAutoRechargeRequestBody(
            user_id=10000000001,
            par="Q1000000000000000000000105A",
            amount=30000,
            threshold_balance=10000,
        )
        response = update_lower_limit_auto_recharge.sync_detailed(client=self.client, body=body)
        made = success(UpdateLowerLimitAutoRechargeResponseBody, response)
        return present(code=made.response.code)

    def gift(self) -> Printed:
        issued = self.issue_token("9491330000001014")
        body = GiftPrepaidCardRequestBody(
            sender_user_id="10000000001",
            receiver_name="김코코",
            receiver_phone="01000000002",
            service_id="000170000003000",
            amount=30000,
            one_time_token=issued.one_time_token,
            dcvv=issued.dcvv,
            locale=MessageLanguage.KO,
        )
        response = gift_prepaid_card.sync_detailed(client=self.client, body=body)
        return present(transferId=success(GiftPrepaidCardResponseBody, response).transfer_id)

    def payment(self) -> Printed:
        issued = self.issue_token("9491339401250765")
        body = PayWithTokenRequestBody(
            amount=12000,
            channel="OPENAPI",
            merchant_id=MERCHANT,
            one_time_token=issued.one_time_token,
            dcvv=issued.dcvv,
            transaction_id="20260315104512000001",
        )
        response = pay_with_token.sync_detailed(client=self.client, body=body)
        made = success(PayWithTokenResponseBody, response)
        return present(
            approvalCode=made.approval_code,
            approvalTime=made.approval_time,
            balance=made.balance,
            cardNo=made.card_no,
            nrNumber=made.nr_number,
        )

    def history(self) -> Printed:
        items: list[CardTransaction] = []
        page, total = 0, 1
        while page < total:
            body = ListCardTransactionsRequestBody(
                user_id=10000000001,
                par="Q180BEA3B2F1BBD8410336D66A4",
                start_date="20200101",
                end_date="20991231",
                page_request=PageRequest(
                    page=page, page_size=1, order_by_direction=OrderByDirection.ASC
                ),
            )
            response = list_card_transactions.sync_detailed(client=self.client, body=body)
            listed = success(ListCardTransactionsResponseBody, response)
            items += listed.transaction_info or []
            if isinstance(listed.page_response, PageResponse):
                total = listed.page_response.total_pages or 0
            page += 1
        return {
            "pages": page,
            "items": [
                present(
                    trType=item.tr_type, trAmount=item.tr_amount, balanceAfter=item.balance_after
                )
                for item in items
            ],
        }

    def largest_member(self) -> Printed:
        issued = self.issue_token("9491330000000123")
        made = self.recharge(
            RechargeFromBankAccountRequestBody(
                sequence_id="BANK-2",
                user_id=LARGEST_MEMBER,
                amount=1000,
                one_time_token=issued.one_time_token,
                dcvv=issued.dcvv,
                merchant_id=MERCHANT,
            )
        )
        body = GetMemberRequestBody(user_id=LARGEST_MEMBER)
        response = get_member.sync_detailed(client=self.client, body=body)
        member = success(GetMemberResponseBody, response).user_info
        return present(isPending=made.is_pending, userId=str(member.user_id))

    def steps(self) -> dict[str, Callable[[], Printed]]:
        """All steps, in their order."""
        return {
            "token": self.token,
            "bank-recharge": self.bank_recharge,
            "bank-recharge-result": self.bank_recharge_result,
            "refusal": self.bank_recharge,
            "credit-card-recharge": self.credit_card_recharge,
            "auto-recharge-update": self.auto_recharge_update,
            "gift": self.gift,
            "payment": self.payment,
            "history": self.history,
            "largest-member": self.largest_member,
            "unknown-enum": lambda: self.bank_recharge_result("unknown-enum-value"),
            "unknown-field": lambda: self.bank_recharge_result("extra-fields"),
            "unknown-code": lambda: self.bank_recharge_result("unknown-code"),
            "html": lambda: self.bank_recharge_result("html-after:502"),
        }


def outcome(step: Callable[[], Printed]) -> Printed:
    """What is printed of a step."""
    try:
        return step()
    except Failed as failed:
        return {"failure": failed.args[0]}
    except httpx.TransportError as error:
        delivery = getattr(error, "delivery", None)
        return {"failure": {"code": None, "status": None, "delivery": delivery}}


def main() -> None:
    """Prints the results of all steps."""
    clients = {"gateway": gateway_client, "middleware": middleware_client}
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("mode", choices=clients)
    scenario = Scenario(clients[parser.parse_args().mode])
    results = {name: outcome(step) for name, step in scenario.steps().items()}
    json.dump(results, sys.stdout, ensure_ascii=False, indent=2)
    print()


if __name__ == "__main__":
    main()
