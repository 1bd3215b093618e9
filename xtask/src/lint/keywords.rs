//! The keywords that the description uses: each kind of object has those that `konaplate-spec`,
//! codegen or the sandbox carry out, and no other.
//!
//! What OpenAPI allows and nobody here carries out would be a promise that no program keeps: a
//! constraint that is not checked, a variant that is not read. What OpenAPI does not know is a typing
//! error.

use serde_json::Value;

use super::{EXTENSIONS, Findings, MADE, outcomes};
use crate::document::{self, entries, items, members, text};

/// Keywords of OpenAPI 3.0 that have meaning somewhere, and that are carried out nowhere here.
const OF_OPENAPI: [&str; 35] = [
    "allOf",
    "allowEmptyValue",
    "allowReserved",
    "anyOf",
    "callbacks",
    "content",
    "default",
    "deprecated",
    "discriminator",
    "encoding",
    "enum",
    "example",
    "examples",
    "exclusiveMaximum",
    "exclusiveMinimum",
    "explode",
    "externalDocs",
    "externalValue",
    "format",
    "links",
    "maxItems",
    "maxProperties",
    "minItems",
    "minProperties",
    "multipleOf",
    "not",
    "nullable",
    "oneOf",
    "pattern",
    "readOnly",
    "security",
    "servers",
    "style",
    "uniqueItems",
    "writeOnly",
];

/// A kind of object, and what it may hold.
#[derive(Debug, Clone, Copy)]
struct Known {
    /// What it is called in findings.
    kind: &'static str,
    keywords: &'static [&'static str],
    extensions: &'static [&'static str],
}

const ROOT: Known = Known {
    kind: "a document",
    keywords: &[
        "openapi",
        "info",
        "servers",
        "security",
        "tags",
        "paths",
        "components",
    ],
    extensions: &["x-konaplate-not-found"],
};
const INFO: Known = Known {
    kind: "info",
    keywords: &[
        "title",
        "version",
        "description",
        "contact",
        "license",
        "termsOfService",
    ],
    extensions: &[],
};
const COMPONENTS: Known = Known {
    kind: "components",
    keywords: &[
        "schemas",
        "parameters",
        "headers",
        "responses",
        "examples",
        "securitySchemes",
    ],
    extensions: &[],
};
const TAG: Known = Known {
    kind: "a tag",
    keywords: &["name", "description"],
    extensions: &["x-konaplate-title"],
};
const SERVER: Known = Known {
    kind: "a server",
    keywords: &["url", "description"],
    extensions: &[],
};
const OPERATION: Known = Known {
    kind: "an operation",
    keywords: &[
        "operationId",
        "tags",
        "summary",
        "description",
        "deprecated",
        "parameters",
        "requestBody",
        "responses",
    ],
    extensions: &[
        "x-konaplate-ko",
        "x-konaplate-title",
        "x-konaplate-evidence",
        "x-konaplate-source",
        "x-konaplate-versions",
        "x-konaplate-effect",
        "x-konaplate-outcome",
        "x-konaplate-paging",
        "x-konaplate-encryption",
        "x-konaplate-codes-complete",
        "x-konaplate-unlisted-failures",
        "x-konaplate-printed",
        "x-konaplate-follow-up",
    ],
};
const BODY: Known = Known {
    kind: "a request body",
    keywords: &["description", "required", "content"],
    extensions: &[],
};
const RESPONSE: Known = Known {
    kind: "a response",
    keywords: &["description", "headers", "content"],
    extensions: &["x-konaplate-evidence"],
};
const MEDIA: Known = Known {
    kind: "a media type",
    keywords: &["schema", "examples"],
    extensions: &[],
};
const EXAMPLE: Known = Known {
    kind: "an example",
    keywords: &["summary", "description", "value"],
    extensions: &[
        "x-konaplate-ko",
        "x-konaplate-class",
        "x-konaplate-code-name",
        "x-konaplate-printed",
    ],
};
const PARAMETER: Known = Known {
    kind: "a parameter",
    keywords: &["name", "in", "required", "description", "schema", "example"],
    extensions: &["x-konaplate-printed"],
};
const HEADER: Known = Known {
    kind: "a header",
    keywords: &["required", "description", "schema", "example"],
    extensions: &["x-konaplate-printed"],
};
const HEADER_RULE: Known = Known {
    kind: "the schema of a header",
    keywords: &["type", "minLength", "maxLength", "pattern"],
    extensions: &[],
};
const SCHEME: Known = Known {
    kind: "a security scheme",
    keywords: &["type", "in", "name", "description"],
    extensions: &[
        "x-konaplate-schema",
        "x-konaplate-example",
        "x-konaplate-printed",
    ],
};
const OBJECT: Known = Known {
    kind: "an object",
    keywords: &[
        "type",
        "description",
        "required",
        "properties",
        "additionalProperties",
        "nullable",
    ],
    extensions: &[
        "x-konaplate-complete",
        "x-konaplate-envelope",
        "x-konaplate-evidence",
        "x-konaplate-printed",
    ],
};
const STRING: Known = Known {
    kind: "a string",
    keywords: &[
        "type",
        "description",
        "example",
        "minLength",
        "maxLength",
        "pattern",
    ],
    extensions: &[
        "x-konaplate-form",
        "x-konaplate-known-values",
        "x-konaplate-sensitive",
        "x-konaplate-text",
        "x-konaplate-evidence",
        "x-konaplate-printed",
    ],
};
const ENUM: Known = Known {
    kind: "an enum",
    keywords: &[
        "type",
        "description",
        "example",
        "enum",
        "minLength",
        "maxLength",
    ],
    extensions: &[
        "x-extensible-enum",
        "x-enum-varnames",
        "x-konaplate-enum-meanings",
        "x-konaplate-open-form",
        "x-konaplate-evidence",
        "x-konaplate-printed",
    ],
};
const INTEGER: Known = Known {
    kind: "an integer",
    keywords: &[
        "type",
        "description",
        "example",
        "format",
        "minimum",
        "maximum",
    ],
    extensions: &[
        "x-konaplate-form",
        "x-konaplate-minimum",
        "x-konaplate-maximum",
        "x-konaplate-evidence",
        "x-konaplate-printed",
    ],
};
/// What may stand on a field beside what it holds.
const ON_FIELD: [&str; 4] = [
    "x-konaplate-evidence",
    "x-konaplate-printed",
    "x-konaplate-sensitive",
    "x-konaplate-text",
];
const REFERENCE: Known = Known {
    kind: "a reference, beside which readers of OpenAPI 3.0 ignore all",
    keywords: &["$ref"],
    extensions: &ON_FIELD,
};
const DESCRIBED_REFERENCE: Known = Known {
    kind: "a field that refers to a schema",
    keywords: &["allOf", "description"],
    extensions: &ON_FIELD,
};
const LIST: Known = Known {
    kind: "a list",
    keywords: &["type", "description", "items"],
    extensions: &ON_FIELD,
};
const FLAG: Known = Known {
    kind: "a flag",
    keywords: &["type", "description"],
    extensions: &ON_FIELD,
};
const INLINE: Known = Known {
    kind: "an inline string",
    keywords: &["type", "description", "nullable"],
    extensions: &ON_FIELD,
};

/// What extensions of an operation hold, as pointers from the operation.
const WITHIN_EXTENSIONS: [(&str, Known); 9] = [
    (
        "/x-konaplate-encryption",
        of_extension("x-konaplate-encryption", &["request", "response"]),
    ),
    (
        "/x-konaplate-versions",
        of_extension("x-konaplate-versions", &["shown", "offered"]),
    ),
    (
        "/x-konaplate-paging",
        of_extension(
            "x-konaplate-paging",
            &[
                "request",
                "page",
                "response",
                "response-page",
                "total-pages",
                "items",
            ],
        ),
    ),
    (
        "/x-konaplate-outcome",
        of_extension("x-konaplate-outcome", &outcomes::KEYS),
    ),
    (
        "/x-konaplate-outcome/response",
        of_extension("response of an outcome", &["pending", "result"]),
    ),
    (
        "/x-konaplate-outcome/inquiry",
        of_extension(
            "inquiry of an outcome",
            &["operation", "by", "field", "completed", "failed", "pending"],
        ),
    ),
    (
        "/x-konaplate-outcome/cancel",
        of_extension("cancel of an outcome", &["operation"]),
    ),
    (
        "/x-konaplate-outcome/proves",
        of_extension(
            "proves of an outcome",
            &["not-carried-out", "earlier-call", "declined", "failure"],
        ),
    ),
    (
        "/x-konaplate-outcome/hint",
        of_extension("hint of an outcome", &["en", "ko"]),
    ),
];

const fn of_extension(kind: &'static str, keywords: &'static [&'static str]) -> Known {
    Known {
        kind,
        keywords,
        extensions: &[],
    }
}

/// Checks the keywords of one document.
pub(super) fn check(findings: &mut Findings, document: &Value) {
    one(findings, "", document, ROOT);
    within(findings, "info", document.get("info"), INFO);
    within(
        findings,
        "components",
        document.get("components"),
        COMPONENTS,
    );
    for tag in items(document, "tags") {
        let place = format!("tags/{}", text(tag, "name").unwrap_or_default());
        one(findings, &place, tag, TAG);
    }
    for (index, server) in items(document, "servers").enumerate() {
        one(findings, &format!("servers/{index}"), server, SERVER);
    }
    for (path, method, operation) in document::operations(document) {
        if operation.is_object() && method == "post" {
            let place = text(operation, "operationId").unwrap_or(path);
            self::operation(findings, place, operation);
        }
    }
    for (name, parameter) in document::components(document, "parameters") {
        let place = format!("parameters/{name}");
        one(findings, &place, parameter, PARAMETER);
        within(
            findings,
            &format!("{place}/schema"),
            parameter.get("schema"),
            HEADER_RULE,
        );
    }
    for (name, header) in document::components(document, "headers") {
        let place = format!("headers/{name}");
        one(findings, &place, header, HEADER);
        within(
            findings,
            &format!("{place}/schema"),
            header.get("schema"),
            HEADER_RULE,
        );
    }
    for (name, scheme) in document::components(document, "securitySchemes") {
        let place = format!("securitySchemes/{name}");
        one(findings, &place, scheme, SCHEME);
        let rule = scheme.get("x-konaplate-schema");
        within(
            findings,
            &format!("{place}/x-konaplate-schema"),
            rule,
            HEADER_RULE,
        );
    }
    for (name, example) in document::components(document, "examples") {
        one(findings, &format!("examples/{name}"), example, EXAMPLE);
    }
    for (name, response) in document::components(document, "responses") {
        one(findings, &format!("responses/{name}"), response, RESPONSE);
    }
    for (name, schema) in document::components(document, "schemas") {
        self::schema(findings, &format!("schemas/{name}"), schema);
    }
}

fn operation(findings: &mut Findings, place: &str, operation: &Value) {
    one(findings, place, operation, OPERATION);
    for (pointer, known) in WITHIN_EXTENSIONS {
        within(findings, place, operation.pointer(pointer), known);
    }
    for parameter in items(operation, "parameters") {
        one(
            findings,
            &format!("{place}/parameters"),
            parameter,
            REFERENCE,
        );
    }
    if let Some(body) = operation.get("requestBody") {
        let place = format!("{place}/requestBody");
        one(findings, &place, body, BODY);
        media(findings, &place, body);
    }
    for (status, response) in entries(operation, "responses") {
        let place = format!("{place}/responses/{status}");
        one(findings, &place, response, RESPONSE);
        media(findings, &place, response);
    }
}

fn media(findings: &mut Findings, place: &str, body: &Value) {
    for (kind, media) in entries(body, "content") {
        let place = format!("{place}/{kind}");
        one(findings, &place, media, MEDIA);
        for (name, example) in entries(media, "examples") {
            one(
                findings,
                &format!("{place}/examples/{name}"),
                example,
                EXAMPLE,
            );
        }
    }
}

fn schema(findings: &mut Findings, place: &str, schema: &Value) {
    let known = match text(schema, "type") {
        Some("object") => OBJECT,
        Some("integer") => INTEGER,
        Some("string") if schema.get("enum").is_some() => ENUM,
        Some("string") if schema.get("x-extensible-enum").is_some() => ENUM,
        Some("string") => STRING,
        // The lint of schemas says that it is none of ours.
        _ => return,
    };
    one(findings, place, schema, known);
    for (name, field) in entries(schema, "properties") {
        let place = format!("{place}.{name}");
        let known = match text(field, "type") {
            _ if field.get("$ref").is_some() => REFERENCE,
            _ if field.get("allOf").is_some() => DESCRIBED_REFERENCE,
            Some("array") => LIST,
            Some("boolean") => FLAG,
            Some("string") => INLINE,
            // As above.
            _ => continue,
        };
        one(findings, &place, field, known);
        within(
            findings,
            &format!("{place}/items"),
            field.get("items"),
            REFERENCE,
        );
    }
}

fn within(findings: &mut Findings, place: &str, value: Option<&Value>, known: Known) {
    if let Some(value) = value {
        one(findings, place, value, known);
    }
}

/// Compares what an object holds with what it may.
fn one(findings: &mut Findings, place: &str, value: &Value, known: Known) {
    let known = if known.kind != REFERENCE.kind && value.get("$ref").is_some() {
        REFERENCE
    } else {
        known
    };
    for (key, _) in members(value) {
        if known.keywords.contains(&key) || known.extensions.contains(&key) {
            continue;
        }
        let place = if place.is_empty() { key } else { place };
        if key.starts_with("x-") {
            // One that nobody knows is found elsewhere.
            if EXTENSIONS.contains(&key) && !MADE.contains(&key) {
                findings.add(
                    place,
                    format!("{key} on {}", known.kind),
                    "nothing reads it there: openapi/README.md says where it stands",
                );
            }
        } else if OF_OPENAPI.contains(&key) || all().any(|other| other == key) {
            findings.add(
                place,
                format!("{key} on {}: nothing carries it out", known.kind),
                "leave it out, or let spec, codegen and the sandbox carry it out first",
            );
        } else {
            let meant = nearest(key, known)
                .map(|meant| format!(": is {meant} meant?"))
                .unwrap_or_default();
            findings.add(
                place,
                format!("{key} is no keyword of {}{meant}", known.kind),
                "correct the spelling; what is our own begins with x-konaplate-",
            );
        }
    }
}

/// Every keyword that is used somewhere.
fn all() -> impl Iterator<Item = &'static str> {
    [
        ROOT,
        INFO,
        COMPONENTS,
        TAG,
        SERVER,
        OPERATION,
        BODY,
        RESPONSE,
        MEDIA,
        EXAMPLE,
        PARAMETER,
        HEADER,
        HEADER_RULE,
        SCHEME,
        OBJECT,
        STRING,
        ENUM,
        INTEGER,
        LIST,
    ]
    .into_iter()
    .flat_map(|known| known.keywords.iter().copied())
}

/// The keyword that differs in two letters at most.
fn nearest(key: &str, known: Known) -> Option<&'static str> {
    let plain = |word: &str| word.replace(['_', '-'], "").to_lowercase();
    let of_kind = known.keywords.iter().chain(known.extensions).copied();
    let (distance, word) = of_kind
        .chain(OF_OPENAPI)
        .map(|word| (distance(&plain(key), &plain(word)), word))
        .min_by_key(|(distance, _)| *distance)?;
    (distance <= 2).then_some(word)
}

/// How many letters have to be added, taken away or replaced.
fn distance(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (index, letter) in one.chars().enumerate() {
        let mut above_left = index;
        let mut left = index + 1;
        for (above, theirs) in row.iter_mut().skip(1).zip(&other) {
            let replaced = above_left + usize::from(letter != *theirs);
            above_left = *above;
            left = replaced.min(above_left + 1).min(left + 1);
            *above = left;
        }
        row[0] = index + 1;
    }
    row.last().copied().unwrap_or_default()
}
