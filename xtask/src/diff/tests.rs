//! Small documents before and after, and what their differences are called.

use super::*;

const BEFORE: &str = r##"
openapi: 3.0.3
info: {title: Test, version: 0.1.0}
paths:
  /gift:
    post:
      operationId: gift
      tags: [gifts]
      summary: Gift
      x-konaplate-ko: 것
      description: Gives.
      x-konaplate-title: Gift
      x-konaplate-evidence: partial
      x-konaplate-source: [one]
      x-konaplate-versions: {shown: v1, offered: [v1]}
      x-konaplate-effect: moves-money
      x-konaplate-reconcile: ask
      x-konaplate-encryption: {request: true, response: unknown}
      x-konaplate-codes-complete: true
      parameters:
        - {$ref: '#/components/parameters/AspId'}
      requestBody:
        required: true
        content: {application/json: {schema: {$ref: '#/components/schemas/GiftRequest'}}}
      responses:
        '200':
          description: Given.
          content: {application/json: {schema: {$ref: '#/components/schemas/GiftResponse'}}}
        4XX:
          description: Not given.
          content:
            application/json:
              schema: {$ref: '#/components/schemas/GiftResponse'}
              examples:
                Refused: {$ref: '#/components/examples/Refused'}
  /ask:
    post:
      operationId: ask
      tags: [gifts]
      summary: Ask
      x-konaplate-ko: 것
      description: Asks.
      x-konaplate-title: Ask
      x-konaplate-evidence: seed
      x-konaplate-versions: {shown: v1, offered: [v1]}
      x-konaplate-effect: reads
      x-konaplate-encryption: {request: false, response: false}
      x-konaplate-codes-complete: true
      requestBody:
        content: {application/json: {schema: {$ref: '#/components/schemas/GiftRequest'}}}
      responses:
        '200':
          description: Known.
          content: {application/json: {schema: {$ref: '#/components/schemas/GiftResponse'}}}
components:
  parameters:
    AspId: {name: X-KM-User-AspId, in: header, required: true, schema: {type: string, maxLength: 15}}
  examples:
    Refused: {summary: It was refused., x-konaplate-ko: 뜻, value: {response: {code: "000_002", description: Refused.}}}
    Late: {summary: Too late., x-konaplate-ko: 뜻, value: {response: {code: "000_003", description: Late.}}}
  schemas:
    GiftRequest:
      type: object
      description: A gift.
      additionalProperties: false
      required: [userId]
      properties:
        userId: {$ref: '#/components/schemas/UserId'}
        pin: {$ref: '#/components/schemas/Pin'}
        locale: {$ref: '#/components/schemas/Locale'}
    GiftResponse:
      type: object
      required: [id]
      properties:
        id: {$ref: '#/components/schemas/GiftId'}
        memo: {$ref: '#/components/schemas/GiftId'}
        isDone: {type: boolean}
    UserId: {type: integer, format: uint64, minimum: 1, maximum: 9999999999999999999}
    Pin: {type: string, minLength: 4, maxLength: 6, pattern: '^[0-9]+$', x-konaplate-sensitive: dcvv}
    Locale: {type: string, enum: [EN, KO], x-konaplate-evidence: partial}
    GiftId: {type: string, maxLength: 20}
"##;

/// The changes that this change of the document makes, one a line.
fn found(from: &str, to: &str) -> Vec<String> {
    assert_eq!(BEFORE.matches(from).count(), 1, "{from}");
    let old = Description::from_yaml(BEFORE).unwrap();
    let new = Description::from_yaml(&BEFORE.replace(from, to)).unwrap();
    changes(&old, &new)
        .unwrap()
        .iter()
        .map(|change| format!("{} {}: {}", change.class, change.place, change.text))
        .collect()
}

fn each_is(cases: &[(&str, &str, &str)]) {
    for (from, to, line) in cases {
        let found = found(from, to);
        assert!(
            found.contains(&(*line).to_owned()),
            "{line} is not in {found:#?}"
        );
    }
}

#[test]
fn what_is_the_same_has_no_changes() {
    assert_eq!(found("info: {", "info: {"), Vec::<String>::new());
    assert_eq!(report(&BTreeSet::new()), "nothing changed\n");
}

#[test]
fn an_operation_that_is_gone_breaks_and_a_new_one_does_not() {
    each_is(&[
        (
            "  /ask:",
            "  /enquire:",
            "breaking POST /ask: The operation ask was removed",
        ),
        (
            "  /ask:",
            "  /enquire:",
            "compatible POST /enquire: The operation ask was added",
        ),
    ]);
}

#[test]
fn the_marks_of_an_operation_break() {
    each_is(&[
        (
            "operationId: ask",
            "operationId: enquire",
            "breaking POST /ask: operationId was ask and is enquire",
        ),
        (
            "{request: true, response: unknown}",
            "{request: false, response: unknown}",
            "breaking POST /gift: request encryption was true and is false",
        ),
        (
            "{request: true, response: unknown}",
            "{request: true, response: true}",
            "breaking POST /gift: answer encryption was unknown and is true",
        ),
        (
            "x-konaplate-effect: moves-money",
            "x-konaplate-effect: changes",
            "breaking POST /gift: effect was moves-money and is changes",
        ),
        (
            "      x-konaplate-reconcile: ask\n",
            "",
            "breaking POST /gift: the operation that tells the outcome was ask and is not known any more",
        ),
    ]);
    assert_eq!(
        found(
            "x-konaplate-effect: moves-money",
            "x-konaplate-effect: changes"
        )
        .len(),
        1
    );
}

#[test]
fn evidence_and_words_are_trivial() {
    assert_eq!(
        found(
            "x-konaplate-evidence: partial\n      x-konaplate-source: [one]",
            "x-konaplate-evidence: page\n      x-konaplate-source: [one, two]"
        ),
        [
            "trivial POST /gift: documentation changed: x-konaplate-source",
            "trivial POST /gift: evidence was partial and is page",
        ]
    );
    assert_eq!(
        found("description: A gift.", "description: A present."),
        ["trivial schema GiftRequest: schema metadata changed"]
    );
    assert_eq!(
        found(
            "[EN, KO], x-konaplate-evidence: partial",
            "[EN, KO], x-konaplate-evidence: page"
        ),
        ["trivial schema Locale: schema metadata changed"]
    );
}

#[test]
fn a_mark_of_a_secret_that_is_taken_away_breaks() {
    each_is(&[
        (
            ", x-konaplate-sensitive: dcvv",
            "",
            "breaking schema Pin: the mark x-konaplate-sensitive: dcvv was taken away",
        ),
        (
            "x-konaplate-sensitive: dcvv",
            "x-konaplate-sensitive: par",
            "compatible schema Pin: x-konaplate-sensitive was dcvv and is par",
        ),
        (
            "{type: string, maxLength: 20}",
            "{type: string, maxLength: 20, x-konaplate-sensitive: par}",
            "breaking schema GiftId: the mark x-konaplate-sensitive: par was added",
        ),
    ]);
}

#[test]
fn a_code_is_known_by_its_name() {
    each_is(&[
        (
            "    Late: {summary: Too late., x-konaplate-ko: 뜻, value: {response: {code: \"000_003\", description: Late.}}}\n",
            "",
            "breaking code 000_003: Late was removed",
        ),
        (
            "    Late: {",
            "    TooLate: {",
            "breaking code 000_003: its name was Late and is TooLate",
        ),
        (
            "    Late: {",
            "    Later: {summary: L, x-konaplate-ko: 뜻, value: {response: {code: \"000_004\", description: L}}}\n    Late: {",
            "compatible code 000_004: Later was added",
        ),
        (
            "description: Late.",
            "description: Too late.",
            "trivial code 000_003: its messages or meanings changed",
        ),
        (
            "                Refused: {",
            "                Late: {$ref: '#/components/examples/Late'}\n                Refused: {",
            "compatible POST /gift: 4XX lists 000_003 \"Late.\"",
        ),
        (
            "                Refused: {$ref: '#/components/examples/Refused'}",
            "                {}",
            "compatible POST /gift: 4XX does not list 000_002 \"Refused.\" any more",
        ),
    ]);
}

#[test]
fn requests_break_by_becoming_stricter() {
    for (from, to, line) in [
        (
            "minLength: 4",
            "minLength: 5",
            "breaking schema Pin: minLength was 4 and is 5",
        ),
        (
            "minLength: 4",
            "minLength: 3",
            "compatible schema Pin: minLength was 4 and is 3",
        ),
        (
            "maxLength: 6",
            "maxLength: 5",
            "breaking schema Pin: maxLength was 6 and is 5",
        ),
        (
            "maxLength: 6, ",
            "",
            "compatible schema Pin: maxLength was 6 and is not given",
        ),
        (
            "minimum: 1,",
            "minimum: 2,",
            "breaking schema UserId: minimum was 1 and is 2",
        ),
        (
            ", pattern: '^[0-9]+$'",
            "",
            "compatible schema Pin: pattern was ^[0-9]+$ and is not given",
        ),
        (
            "[0-9]+$",
            "[1-9]+$",
            "breaking schema Pin: pattern was ^[0-9]+$ and is ^[1-9]+$",
        ),
        (
            "[EN, KO]",
            "[EN]",
            "breaking schema Locale: the value KO was removed",
        ),
        (
            "[EN, KO]",
            "[EN, KO, ZH]",
            "compatible schema Locale: the value ZH was added",
        ),
        (
            ", enum: [EN, KO]",
            "",
            "breaking schema Locale: is no enum any more",
        ),
        (
            "format: uint64, ",
            "",
            "breaking schema UserId: format was uint64 and is not given",
        ),
        (
            "additionalProperties: false",
            "additionalProperties: true",
            "compatible schema GiftRequest: other fields are allowed now",
        ),
        (
            "required: [userId]",
            "required: [userId, pin]",
            "breaking schema GiftRequest: pin was optional and is required",
        ),
        (
            "      required: [userId]\n",
            "",
            "compatible schema GiftRequest: userId was required and is optional",
        ),
        (
            "        pin: {",
            "        note: {$ref: '#/components/schemas/GiftId'}\n        pin: {",
            "compatible schema GiftRequest: note was added",
        ),
        (
            "        pin: {$ref: '#/components/schemas/Pin'}\n",
            "",
            "breaking schema GiftRequest: pin was removed",
        ),
    ] {
        assert_eq!(found(from, to), [line]);
    }
    assert_eq!(
        found(
            "required: [userId]\n      properties:",
            "required: [userId, note]\n      properties:\n        note: {type: boolean}"
        ),
        ["breaking schema GiftRequest: note was added, and is required"]
    );
}

#[test]
fn answers_break_by_their_types_only() {
    for (from, to, line) in [
        (
            "maxLength: 20",
            "maxLength: 10",
            "compatible schema GiftId: maxLength was 20 and is 10",
        ),
        (
            "required: [id]",
            "required: [id, memo]",
            "breaking schema GiftResponse: memo was optional and is required",
        ),
        (
            "      required: [id]\n",
            "",
            "breaking schema GiftResponse: id was required and is optional",
        ),
        (
            "        isDone: {type: boolean}\n",
            "",
            "breaking schema GiftResponse: isDone was removed",
        ),
        (
            "        memo: {$ref: '#/components/schemas/GiftId'}\n",
            "        memo: {$ref: '#/components/schemas/GiftId'}\n        note: {$ref: '#/components/schemas/GiftId'}\n",
            "compatible schema GiftResponse: note was added",
        ),
    ] {
        assert_eq!(found(from, to), [line]);
    }
}

#[test]
fn another_type_breaks() {
    each_is(&[
        (
            "GiftId: {type: string, maxLength: 20}",
            "GiftId: {type: integer, format: uint64, minimum: 0, maximum: 9}",
            "breaking schema GiftId: type was string and is integer",
        ),
        (
            "memo: {$ref: '#/components/schemas/GiftId'}",
            "memo: {$ref: '#/components/schemas/Pin'}",
            "breaking schema GiftResponse: memo was GiftId and is Pin",
        ),
        (
            "    GiftId: {type: string, maxLength: 20}",
            "    GiftId: {type: string, maxLength: 20}\n    New: {type: string}",
            "compatible schema New: was added",
        ),
    ]);
}

#[test]
fn bounds_beyond_signed_numbers_are_compared_as_they_are() {
    assert_eq!(
        found("9999999999999999999", "9999999999999999998"),
        ["breaking schema UserId: maximum was 9999999999999999999 and is 9999999999999999998"]
    );
    assert_eq!(
        found("9999999999999999999", "9999"),
        ["breaking schema UserId: maximum was 9999999999999999999 and is 9999"]
    );
}

#[test]
fn what_drift_cannot_tell_is_taken_as_breaking() {
    let found = found("maxLength: 15", "maxLength: 16");
    assert_eq!(
        found,
        [
            "breaking components/parameters/AspId schema: string schema changed; taken as breaking, since drift cannot tell"
        ]
    );
}

#[test]
fn another_media_type_breaks_and_stops_nothing() {
    let from = "          content:\n            application/json:\n              schema";
    let to = "          content:\n            text/html: {}\n            application/json:\n              schema";
    assert_eq!(
        found(from, to),
        ["breaking POST /gift: a body has other media types, or a schema where there was none"]
    );
}

#[test]
fn before_one_a_breaking_change_raises_the_minor_version() {
    assert!(!raised((0, 1, 0), (0, 1, 0)));
    assert!(!raised((0, 1, 0), (0, 1, 9)));
    assert!(raised((0, 1, 3), (0, 2, 0)));
    assert!(raised((0, 1, 3), (1, 0, 0)));
    assert!(!raised((1, 1, 0), (1, 2, 0)));
    assert!(raised((1, 1, 0), (2, 0, 0)));
    assert_eq!(dotted(next((0, 1, 3))), "0.2.0");
}

#[test]
fn the_version_is_three_numbers() {
    let of = |version: &str| {
        version_of(&BEFORE.replace("version: 0.1.0", &format!("version: '{version}'")))
    };
    fn version_of(text: &str) -> Result<Version> {
        version(&Description::from_yaml(text)?)
    }
    assert_eq!(of("1.20.3").unwrap(), (1, 20, 3));
    for wrong in ["1.2", "1.2.3.4", "1.2.x", ""] {
        assert!(of(wrong).is_err(), "{wrong}");
    }
}

#[test]
fn the_report_has_the_worst_first() {
    let mut changes = Changes::default();
    changes.add(Class::Trivial, "schema A", "metadata");
    changes.add(Class::Breaking, "schema B", "was removed");
    changes.add(Class::Breaking, "POST /a", "effect");
    assert_eq!(
        report(&changes.0),
        "breaking: 2\n  POST /a: effect\n  schema B: was removed\ntrivial: 1\n  schema A: metadata\n"
    );
    assert!(is_breaking(&changes.0));
}

#[test]
fn what_was_released_is_the_bundle_under_another_header() {
    let text = released("# Edit there.\nopenapi: 3.0.3\n# a comment\npaths: {}\n");
    let (header, document) = text.split_once('\n').unwrap();
    assert!(header.starts_with("# openapi/konaplate.yaml as it was last released."));
    assert_eq!(document, "openapi: 3.0.3\n# a comment\npaths: {}\n");
}
