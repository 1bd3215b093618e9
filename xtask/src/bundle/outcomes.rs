//! What a gateway with a journal says of itself: what became of the calls with a sequence id.

use serde_json::{Value, json};

/// Its path, the only one that is read with GET.
pub(super) const PATH: &str = "/outcomes/{sequenceId}";

/// The tag of that path.
pub(super) fn tag() -> Value {
    json!({
        "name": "outcomes",
        "x-konaplate-title": "처리 결과",
        "description": "What a gateway with a journal knows of calls that move money. Nothing is asked of the platform.",
        "x-displayName": "Outcomes",
    })
}

/// The path.
pub(super) fn path() -> Value {
    json!({"get": {
        "operationId": "get_outcome",
        "tags": ["outcomes"],
        "summary": "Find out what became of a call by its sequence id",
        "x-konaplate-ko": "sequenceId로 요청의 처리 결과를 조회합니다",
        "description": DESCRIPTION,
        "parameters": [{
            "name": "sequenceId",
            "in": "path",
            "required": true,
            "description": "The sequence id of the call.",
            "schema": {"$ref": "#/components/schemas/SequenceId"},
        }],
        "responses": {
            "200": {
                "description": "What the journal knows.",
                "content": {"application/json": {
                    "schema": {"$ref": "#/components/schemas/KnownOutcome"},
                    "examples": examples(),
                }},
            },
            "404": {
                "description": "The journal has no call with this sequence id. \
                    That proves nothing: another program may have sent one.",
                "headers": {"Konaplate-Delivery": {"$ref": "#/components/headers/DeliveryResponseHeader"}},
                "content": {"application/problem+json": {
                    "schema": {"$ref": "#/components/schemas/Problem"},
                    "examples": {"NoOutcome": {
                        "summary": "No call with this sequence id is known / 이 sequenceId의 요청이 기록에 없습니다",
                        "value": {
                            "type": "urn:konaplate:problem:no-outcome",
                            "title": "no outcome is known",
                            "status": 404,
                            "detail": "the journal has no call with this sequence id: that proves nothing about the money",
                            "delivery": "maybe-processed",
                        },
                    }},
                }},
            },
            "default": {"$ref": "#/components/responses/UnexpectedFailure"},
        },
    }})
}

const DESCRIPTION: &str = "Only of a gateway that was started with `--journal`; without one, and behind a \
    middleware, there is no such path. It says what the journal knows at this moment of the calls of the gateway's \
    project with this sequence id, and asks the platform nothing: an open outcome is settled by a recovery \
    (`konaplate journal recover`), or by a person.\n\n\
    `outcome` is the word to decide by:\n\n\
    - `completed`: it was carried out.\n\
    - `not-carried-out`: nothing was carried out.\n\
    - `declined`: the platform declined this request; no proof about an earlier one of the same bytes.\n\
    - `earlier-call`: an earlier delivery of the request may have been carried out: ask KONA.\n\
    - `cancelled`: whether it was made or not, it was taken back.\n\
    - `awaiting-member`: the member has to pay, in the payment window or with the barcode.\n\
    - `open`: not known yet; it may have been carried out.\n\
    - `needs-person`: it may have been carried out, and a person has to settle it with KONA.\n\n\
    Treat a word that is not here as `open`. Whose word it is stands in `source`: `none`, `call` (the response), \
    `inquiry`, `cancellation` or `person`.\n\n\
    `--journal`로 시작한 게이트웨이에서만 제공됩니다. 이 시점에 기록(journal)이 알고 있는 내용만 알려 주며 플랫폼에는 조회하지 않습니다. `outcome`으로 \
    판단하십시오. `completed`는 처리됨, `not-carried-out`은 처리되지 않음, `declined`는 이 요청이 거절됨(이전에 보낸 같은 요청에 대한 증거는 \
    아님), `earlier-call`은 이전에 보낸 같은 요청이 처리되었을 수 있음, `cancelled`는 취소됨, `awaiting-member`는 회원의 결제를 기다림, \
    `open`은 아직 알 수 없음, `needs-person`은 담당자가 KONA에 확인해야 함을 뜻합니다. 여기에 없는 값은 `open`으로 취급하십시오.";

fn examples() -> Value {
    let shown = |outcome: &str, state: &str, source: &str| {
        json!({
            "sequenceId": "BANK-20260315-000001",
            "outcome": outcome,
            "state": state,
            "source": source,
            "since": "2026-03-15T01:45:12.345Z",
            "contradicted": false,
            "operation": "recharge_from_bank_account",
            "correlationId": "260315104512-5b76c99",
            "correlationIds": ["260315104512-5b76c99"],
        })
    };
    json!({
        "Completed": {
            "summary": "The platform's response said so / 플랫폼이 처리되었다고 응답했습니다",
            "value": shown("completed", "completed", "call"),
        },
        "Open": {
            "summary": "The response was lost: it may have been carried out / 응답을 받지 못하여 처리되었을 수 있습니다",
            "value": shown("open", "open", "call"),
        },
    })
}

/// The schema of what is known.
pub(super) fn schemas() -> Value {
    let schema = |name: &str| json!({"$ref": format!("#/components/schemas/{name}")});
    json!({
        "OutcomeWord": {
            "type": "string",
            "description": "A word that names what is known, or whose word that is. More may come.",
            "example": "completed",
        },
        "KnownSince": {
            "type": "string",
            "format": "date-time",
            "description": "Since when that is known; while the outcome is open, when the call was about to be sent (RFC 3339).",
            "example": "2026-03-15T01:45:12.345Z",
        },
        "KnownOutcome": {
            "type": "object",
            "description": "What a journal knows of the calls with a sequence id. One of them was sent at most; the one \
                that says most about the money is shown.",
            "required": ["sequenceId", "outcome", "state", "source", "contradicted", "correlationId", "correlationIds"],
            "properties": {
                "sequenceId": schema("SequenceId"),
                "outcome": schema("OutcomeWord"),
                "state": schema("OutcomeWord"),
                "source": schema("OutcomeWord"),
                "since": schema("KnownSince"),
                "contradicted": {
                    "type": "boolean",
                    "description": "Whether two who should know contradict each other: a person has to settle it.",
                },
                "operation": {
                    "type": "string",
                    "description": "The operation, if the description knows it.",
                },
                "correlationId": schema("CallId"),
                "correlationIds": {
                    "type": "array",
                    "items": schema("CallId"),
                    "description": "Those of all calls with this sequence id, the newest first, 20 at most.",
                },
            },
            "example": examples()["Completed"]["value"],
        },
    })
}
