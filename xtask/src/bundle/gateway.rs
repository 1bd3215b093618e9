//! What a client sees behind a gateway: no protocol, and problem documents (RFC 9457) for what is no
//! response of the platform.

use konaplate_spec::Spec;
use serde_json::{Map, Value, json};

use super::outcomes;

/// Where a local gateway listens.
const GATEWAY: &str = "http://127.0.0.1:8788";

/// Makes of the description what a client of a gateway sees.
pub(super) fn gateway(document: &mut Value, spec: &Spec) {
    let info = &mut document["info"];
    info["title"] = "KONA PLATE Open API behind a gateway".into();
    info["description"] = "The KONA PLATE Open API as it is behind a local gateway that adds the protocol's \
        headers, signs and encrypts requests, and decrypts responses: bodies are plain JSON, and no \
        header has to be set. Made from the same description as `konaplate.yaml`, which has the protocol. \
        Failures of the platform have HTTP status 400 and `response.code`. Whatever else goes wrong is a \
        problem document (RFC 9457) with another status. In both, the header `Konaplate-Delivery` says \
        whether the call may have been carried out."
        .into();
    document["servers"] =
        json!([{"url": GATEWAY, "description": "A local gateway, on this machine."}]);
    // Said in so many words: nothing has to be proven to it.
    document["security"] = json!([]);
    let paths = document["paths"].as_object_mut();
    let items = paths.into_iter().flat_map(|paths| paths.values_mut());
    for operation in items.flat_map(members_mut) {
        for gone in ["parameters", "security", "x-konaplate-encryption"] {
            operation.remove(gone);
        }
        if let Some(printed) = operation
            .get_mut("x-konaplate-printed")
            .and_then(Value::as_object_mut)
        {
            printed.retain(|fact, _| spec.headers().iter().all(|header| header.name != *fact));
        }
        for (status, response) in operation
            .get_mut("responses")
            .and_then(Value::as_object_mut)
            .into_iter()
            .flatten()
        {
            // What is elsewhere in the document has its headers there.
            if let Some(response) = response.as_object_mut().filter(|r| !r.contains_key("$ref")) {
                response.insert("headers".to_owned(), headers_of(status != "200"));
            }
        }
    }
    if let Some(components) = document["components"].as_object_mut() {
        for gone in ["parameters", "securitySchemes"] {
            components.remove(gone);
        }
        components.insert("headers".to_owned(), headers());
        for response in components
            .get_mut("responses")
            .into_iter()
            .flat_map(members_mut)
        {
            response.insert("description".to_owned(), ANYTHING_ELSE.into());
            response.remove("x-konaplate-evidence");
            response.insert("headers".to_owned(), headers_of(true));
            let problem = json!({"schema": {"$ref": "#/components/schemas/Problem"}});
            let content = json!({"application/problem+json": problem});
            response.insert("content".to_owned(), content);
        }
        for schemas in [problem(), outcomes::schemas()] {
            for (name, schema) in schemas.as_object().into_iter().flatten() {
                components["schemas"][name] = schema.clone();
            }
        }
    }
    document["paths"][outcomes::PATH] = outcomes::path();
    if let Some(tags) = document["tags"].as_array_mut() {
        tags.push(outcomes::tag());
    }
}

const ANYTHING_ELSE: &str = "Anything else: the request was not sent, or what came back is no response of the \
    platform. `delivery` says whether the call may have been carried out.";

/// The headers of a response: a failure has the delivery, too.
fn headers_of(failure: bool) -> Value {
    let header = |name: &str| json!({"$ref": format!("#/components/headers/{name}")});
    let mut headers = json!({"X-KM-Correlation-Id": header("CorrelationIdResponseHeader")});
    if failure {
        headers["Konaplate-Delivery"] = header("DeliveryResponseHeader");
    }
    headers
}

fn headers() -> Value {
    json!({
        "CorrelationIdResponseHeader": {
            "description": "The id that the call went out with, 20 characters. KONA finds the call by it.",
            "schema": {"$ref": "#/components/schemas/CallId"},
        },
        "DeliveryResponseHeader": {
            "description": "Whether the call may have been carried out.",
            "schema": {"$ref": "#/components/schemas/Delivery"},
        },
    })
}

/// The schemas of problem documents.
fn problem() -> Value {
    let schema = |name: &str| json!({"$ref": format!("#/components/schemas/{name}")});
    json!({
        "CallId": {
            "type": "string",
            "description": "The correlation id of a call, 20 characters.",
            "example": "260315104512-5b76c99",
        },
        "Delivery": {
            "type": "string",
            "x-extensible-enum": [
                "not-sent", "not-carried-out", "declined", "earlier-call", "maybe-processed", "processed-unreadable",
            ],
            "description": "Whether the call may have been carried out. `not-sent`: nothing left the gateway. \
                `not-carried-out`: proof that it was not, by this request or an earlier one of the same bytes. \
                `declined`: true of this request; no proof about an earlier one of the same bytes. \
                `earlier-call`: the same request may have been carried out before. `maybe-processed`: unknown; ask \
                for the outcome before anything is sent again. `processed-unreadable`: it was carried out, and not \
                all that came can be read. A word that is not here means `maybe-processed`.",
            "example": "maybe-processed",
        },
        "ProblemKind": {
            "type": "string",
            "description": "Which problem it is, as a URN.",
            "example": "urn:konaplate:problem:no-response",
        },
        "ProblemStatus": {
            "type": "integer",
            "format": "int32",
            "minimum": 100,
            "maximum": 599,
            "description": "An HTTP status.",
            "example": 504,
        },
        "ProblemText": {
            "type": "string",
            "description": "A text for people, in English. It repeats nothing of a request.",
            "example": "no response in time",
        },
        "Problem": {
            "type": "object",
            "description": "Why there is no response of the platform (RFC 9457).",
            "required": ["type", "title", "status", "detail", "delivery"],
            "properties": {
                "type": schema("ProblemKind"),
                "title": schema("ProblemText"),
                "status": schema("ProblemStatus"),
                "detail": schema("ProblemText"),
                "delivery": schema("Delivery"),
                "correlationId": schema("CallId"),
                "upstreamStatus": schema("ProblemStatus"),
                "response": {
                    "type": "object",
                    "description": "What can be read of a response whose call was carried out.",
                },
            },
            "example": {
                "type": "urn:konaplate:problem:no-response",
                "title": "no response in time",
                "status": 504,
                "detail": "recharge_from_bank_account: no response in time",
                "delivery": "maybe-processed",
                "correlationId": "260315104512-5b76c99",
            },
        },
    })
}

fn members_mut(value: &mut Value) -> impl Iterator<Item = &mut Map<String, Value>> {
    value
        .as_object_mut()
        .into_iter()
        .flat_map(|map| map.values_mut().filter_map(Value::as_object_mut))
}
