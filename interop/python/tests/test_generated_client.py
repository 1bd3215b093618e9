"""What was changed of the generator's output, and what the description keeps open."""

import json
from typing import Any

import httpx
import pytest
from konaplate_api.api.recharges import recharge_from_bank_account
from konaplate_api.client import Client
from konaplate_api.models import (
    Failure,
    Problem,
    RechargeFromBankAccountRequestBody,
    RechargeFromBankAccountResponseBody,
)
from konaplate_api.types import Response

BODY = RechargeFromBankAccountRequestBody(
    sequence_id="A-1",
    user_id=9999999999999999999,
    amount=1,
    one_time_token="5297000000000013",
    dcvv="471",
    merchant_id="410195430033901",
)
SUCCESS = {"response": {"code": "000_000"}, "nrNumber": "KMN1", "isPending": False}
FAILURE = {"response": {"code": "007_008", "description": "Why."}}
PROBLEM = {
    "type": "urn:konaplate:problem:json",
    "title": "Bad Request",
    "status": 400,
    "detail": "why",
    "delivery": "not-sent",
}


def call(status: int, body: object, content_type: str = "application/json") -> Response[Any]:
    """The response of the generated client to that one."""

    def respond(request: httpx.Request) -> httpx.Response:
        assert json.loads(request.content)["userId"] == 9999999999999999999
        headers = {"Content-Type": content_type, "Konaplate-Delivery": "maybe-processed"}
        return httpx.Response(status, content=json.dumps(body), headers=headers)

    transport = httpx.MockTransport(respond)
    with Client(base_url="http://127.0.0.1", httpx_args={"transport": transport}) as client:
        return recharge_from_bank_account.sync_detailed(client=client, body=BODY)


def test_a_success_keeps_fields_that_nobody_described() -> None:
    parsed = call(200, {**SUCCESS, "result": "NEW", "extra": [1]}).parsed
    assert isinstance(parsed, RechargeFromBankAccountResponseBody)
    assert parsed.result == "NEW"
    assert parsed.additional_properties == {"extra": [1]}


@pytest.mark.parametrize("status", [400, 401, 404, 500, 599])
def test_a_failure_of_the_platform_is_one_with_every_status(status: int) -> None:
    response = call(status, FAILURE)
    assert response.status_code == status
    assert isinstance(response.parsed, Failure)
    assert response.parsed.response.code == "007_008"


@pytest.mark.parametrize("status", [400, 404, 502])
def test_a_problem_is_one_with_every_status(status: int) -> None:
    response = call(status, PROBLEM, "application/problem+json")
    assert isinstance(response.parsed, Problem)


@pytest.mark.parametrize("status", [200, 400, 502])
@pytest.mark.parametrize("body", [{}, [], None, {"response": None}, {"response": {"code": "x"}}])
def test_a_body_that_is_not_as_described_is_no_exception(status: int, body: object) -> None:
    response = call(status, body)
    if response.parsed is None:
        assert json.loads(response.content) == body
    assert response.status_code == status
    assert response.headers["Konaplate-Delivery"] == "maybe-processed"


def test_nothing_is_shown_of_a_body() -> None:
    response = call(200, SUCCESS)
    assert "KMN1" not in f"{response!r} {response.parsed!r}"
    assert "5297000000000013" not in repr(BODY)
