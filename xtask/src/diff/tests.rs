//! Small documents before and after, and what their differences are called; and the examples of
//! CONTRIBUTING.md, made on the bundle itself.

use serde_json::{Value, json};
use similar::TextDiff;

use super::*;
use crate::bundle::join;
use crate::bundle::sources::Sources;
use crate::files::Folder;
use crate::surface::surface;

const BEFORE: &str = r##"
openapi: 3.0.3
info: {title: Test, version: 0.1.0}
tags: [{name: gifts}]
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
      x-konaplate-outcome:
        completed-by: platform
        reference: number
        inquiry: {operation: ask, by: number, field: id, completed: [DONE], failed: [NOT], pending: [YET]}
        proves: {not-carried-out: {"001_001": {en: Always., ko: 항상.}}, declined: ["001_002"]}
        hint: {en: Do not send it again., ko: 다시 보내지 마십시오.}
      x-konaplate-encryption: {request: true, response: unknown}
      x-konaplate-codes-complete: true
      requestBody:
        required: true
        content: {application/json: {schema: {$ref: '#/components/schemas/GiftRequestBody'}}}
      responses:
        '200':
          description: Given.
          content: {application/json: {schema: {$ref: '#/components/schemas/GiftResponseBody'}}}
        '400':
          description: Not given.
          content:
            application/json:
              schema: {$ref: '#/components/schemas/GiftResponseBody'}
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
      x-konaplate-evidence: page
      x-konaplate-versions: {shown: v1, offered: [v1]}
      x-konaplate-effect: reads
      x-konaplate-encryption: {request: false, response: false}
      x-konaplate-codes-complete: true
      requestBody:
        content: {application/json: {schema: {$ref: '#/components/schemas/GiftRequestBody'}}}
      responses:
        '200':
          description: Known.
          content: {application/json: {schema: {$ref: '#/components/schemas/GiftResponseBody'}}}
components:
  parameters:
    AspIdHeader: {name: X-KM-User-AspId, in: header, required: true, description: d, schema: {type: string, maxLength: 15}}
  examples:
    Refused: {summary: It was refused., x-konaplate-ko: 뜻, value: {response: {code: "000_002", description: Refused.}}}
    Late: {summary: Too late., x-konaplate-ko: 뜻, value: {response: {code: "000_003", description: Late.}}}
  schemas:
    GiftRequestBody:
      type: object
      description: A gift.
      required: [userId]
      properties:
        userId: {$ref: '#/components/schemas/UserId'}
        pin: {$ref: '#/components/schemas/Pin'}
        locale: {$ref: '#/components/schemas/Locale'}
        number: {$ref: '#/components/schemas/GiftNumber'}
    GiftResponseBody:
      type: object
      description: d
      required: [id]
      properties:
        id: {$ref: '#/components/schemas/GiftId'}
        memo: {$ref: '#/components/schemas/GiftId'}
        isDone: {type: boolean}
        state: {$ref: '#/components/schemas/State'}
    UserId: {type: integer, format: uint64, x-konaplate-minimum: "1", x-konaplate-maximum: "9999999999999999999", description: d}
    Pin: {type: string, minLength: 4, maxLength: 6, pattern: '^[0-9]+$', x-konaplate-sensitive: dcvv, description: d}
    Locale: {type: string, enum: [EN, KO], x-konaplate-enum-meanings: {EN: e, KO: k, ZH: z}, x-konaplate-evidence: partial, description: d}
    State: {type: string, x-extensible-enum: [DONE, OPEN], x-konaplate-enum-meanings: {DONE: d, OPEN: o}, description: d}
    GiftNumber: {type: string, maxLength: 30, description: d}
    GiftId: {type: string, maxLength: 20, description: d}
"##;

/// The changes that this change of the document makes, one a line.
fn found(from: &str, to: &str) -> Vec<String> {
    assert_eq!(BEFORE.matches(from).count(), 1, "{from}");
    let old = Spec::from_yaml(BEFORE).unwrap();
    let new = Spec::from_yaml(&BEFORE.replace(from, to)).unwrap();
    lines(&changes(&old, &new))
}

fn lines(changes: &Changes) -> Vec<String> {
    changes.report().lines().map(str::to_owned).collect()
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

/// Each change is found, and nothing else is.
fn only(cases: &[(&str, &str, &str)]) {
    for (from, to, line) in cases {
        assert_eq!(found(from, to), [*line]);
    }
}

#[test]
fn what_is_the_same_has_no_changes() {
    assert_eq!(found("info: {", "info: {"), ["nothing changed"]);
}

#[test]
fn an_operation_that_is_gone_breaks_and_a_new_one_does_not() {
    let (from, to) = ("  /ask:", "  /enquire:");
    only(&[(
        from,
        to,
        "breaking (other languages, wire): ask: path was /ask and is /enquire",
    )]);
    let old = Spec::from_yaml(BEFORE).unwrap();
    let mut document: Value = serde_saphyr::from_str(BEFORE).unwrap();
    let mut other = document["paths"]["/ask"].clone();
    other["post"]["operationId"] = "other".into();
    document["paths"]["/other"] = other;
    let new = Spec::from_value(document).unwrap();
    assert_eq!(
        lines(&changes(&old, &new)),
        ["additive: other: the operation was added: POST /other"]
    );
    assert_eq!(
        lines(&changes(&new, &old)),
        ["breaking (Rust, other languages, wire): other: the operation was removed"]
    );
}

#[test]
fn the_marks_of_an_operation_break() {
    only(&[
        (
            "{request: true, response: unknown}",
            "{request: false, response: unknown}",
            "breaking (wire): gift: encryption of the request was true and is false",
        ),
        (
            "{request: true, response: unknown}",
            "{request: true, response: true}",
            "breaking (wire): gift: encryption of the response was unknown and is true",
        ),
        (
            "x-konaplate-effect: reads",
            "x-konaplate-effect: changes",
            "breaking (Rust): ask: effect was reads and is changes",
        ),
        (
            "        inquiry: {operation: ask, by: number, field: id, completed: [DONE], failed: [NOT], pending: [YET]}\n",
            "",
            "breaking (Rust): gift: outcome: ask was its inquiry, and there is none any more",
        ),
        (
            "completed: [DONE]",
            "completed: []",
            "breaking (Rust): gift: outcome: DONE does not say completed any more",
        ),
        (
            "by: number, field: id",
            "by: number, field: memo",
            "breaking (Rust): gift: outcome: read from was id and is memo",
        ),
        (
            "completed-by: platform",
            "completed-by: member\n        member-acts-with: memo",
            "breaking (Rust): gift: outcome: completed by was the platform and is the member with memo",
        ),
        (
            "en: Do not send it again.",
            "en: Do not send it twice.",
            "text: gift: outcome: the hint changed",
        ),
        (
            "declined: [\"001_002\"]",
            "failure: [\"001_002\"]",
            "breaking (Rust): gift: outcome: 001_002 proved declined and proves failure",
        ),
        (
            ", declined: [\"001_002\"]",
            "",
            "breaking (Rust): gift: outcome: 001_002 proved declined and proves nothing any more",
        ),
        (
            "en: Always.",
            "en: Each time.",
            "text: gift: outcome: the reason why 001_001 proves not-carried-out changed",
        ),
    ]);
    only(&[
        (
            "operationId: ask\n      tags: [gifts]\n      summary: Ask",
            "operationId: ask\n      tags: [cards]\n      summary: Ask",
            "breaking (Rust, other languages): ask: group was gifts and is cards",
        ),
        (
            "operationId: gift\n",
            "operationId: give\n",
            "breaking (Rust, other languages): give: operationId was gift and is give",
        ),
    ]);
}

#[test]
fn another_effect_is_one_change() {
    let outcome = &BEFORE[BEFORE.find("      x-konaplate-outcome:").unwrap()
        ..BEFORE
            .find("      x-konaplate-encryption: {request: true")
            .unwrap()];
    let from = format!("      x-konaplate-effect: moves-money\n{outcome}");
    assert_eq!(
        found(&from, "      x-konaplate-effect: changes\n"),
        ["breaking (Rust): gift: effect was moves-money and is changes"]
    );
}

#[test]
fn an_outcome_that_is_known_now_takes_nothing_away() {
    let inquiry = "        inquiry: {operation: ask, by: number, field: id, completed: [DONE], failed: [NOT], pending: [YET]}\n";
    let old = Spec::from_yaml(&BEFORE.replace(inquiry, "")).unwrap();
    let new = Spec::from_yaml(BEFORE).unwrap();
    assert_eq!(
        lines(&changes(&old, &new)),
        ["additive: gift: outcome: ask is its inquiry now"]
    );
    only(&[
        (
            "reference: number\n",
            "reference: number\n        cancel: {operation: ask}\n",
            "additive: gift: outcome: cancel was not given and is ask",
        ),
        (
            "completed: [DONE]",
            "completed: [DONE, MADE]",
            "additive: gift: outcome: MADE says completed",
        ),
        (
            "declined: [\"001_002\"]",
            "declined: [\"001_002\", \"001_003\"]",
            "additive: gift: outcome: 001_003 proves declined",
        ),
    ]);
}

#[test]
fn evidence_and_words_are_texts() {
    assert_eq!(
        found(
            "x-konaplate-evidence: partial\n      x-konaplate-source: [one]",
            "x-konaplate-evidence: page\n      x-konaplate-source: [one, two]"
        ),
        [
            "text: gift: changed: source",
            "text: gift: evidence was partial and is page",
        ]
    );
    only(&[
        (
            "description: A gift.",
            "description: A present.",
            "text: schema GiftRequestBody: changed: description",
        ),
        (
            "x-konaplate-evidence: partial, description: d}",
            "x-konaplate-evidence: page, description: d}",
            "text: schema Locale: changed: evidence",
        ),
        (
            "        memo: {$ref: '#/components/schemas/GiftId'}",
            "        memo: {allOf: [{$ref: '#/components/schemas/GiftId'}], description: A note.}",
            "text: schema GiftResponseBody: the description of memo changed",
        ),
        (
            "tags: [{name: gifts}]",
            "tags: [{name: gifts, description: Giving.}]",
            "text: group gifts: changed: description",
        ),
        (
            "description: Given.",
            "description: It was given.",
            "text: document paths /gift post responses 200 description: changed",
        ),
        (
            "info: {title: Test,",
            "info: {title: Another,",
            "text: document info title: changed",
        ),
    ]);
}

#[test]
fn a_mark_of_a_secret_that_is_taken_away_breaks() {
    only(&[
        (
            "x-konaplate-sensitive: dcvv, ",
            "",
            "breaking (Rust): schema Pin: the mark of a dcvv was taken away",
        ),
        (
            "x-konaplate-sensitive: dcvv",
            "x-konaplate-sensitive: par",
            "text: schema Pin: was marked as dcvv and is as par",
        ),
        (
            "{type: string, maxLength: 20,",
            "{type: string, maxLength: 20, x-konaplate-sensitive: par,",
            "breaking (Rust): schema GiftId: the mark of a par was added",
        ),
    ]);
}

#[test]
fn a_code_is_known_by_its_name() {
    only(&[
        (
            "    Late: {summary: Too late., x-konaplate-ko: 뜻, value: {response: {code: \"000_003\", description: Late.}}}\n",
            "",
            "breaking (Rust): code 000_003: Late was removed",
        ),
        (
            "    Late: {",
            "    TooLate: {",
            "breaking (Rust): code 000_003: its name was Late and is TooLate",
        ),
        (
            "    Late: {",
            "    Later: {summary: L, x-konaplate-ko: 뜻, value: {response: {code: \"000_004\", description: L}}}\n    Late: {",
            "additive: code 000_004: Later was added",
        ),
        (
            "description: Late.",
            "description: Too late.",
            "text: code 000_003: its messages or meanings changed",
        ),
        (
            "                Refused: {",
            "                Late: {$ref: '#/components/examples/Late'}\n                Refused: {",
            "additive: gift: 400 lists 000_003 \"Late.\"",
        ),
        (
            "              examples:\n                Refused: {$ref: '#/components/examples/Refused'}\n",
            "",
            "additive: gift: 400 does not list 000_002 \"Refused.\" any more",
        ),
    ]);
}

#[test]
fn requests_break_by_becoming_stricter() {
    only(&[
        (
            "minLength: 4",
            "minLength: 5",
            "breaking (wire): schema Pin: fewest characters was 4 and is 5",
        ),
        (
            "minLength: 4",
            "minLength: 3",
            "additive: schema Pin: fewest characters was 4 and is 3",
        ),
        (
            "maxLength: 6",
            "maxLength: 5",
            "breaking (wire): schema Pin: most characters was 6 and is 5",
        ),
        (
            "maxLength: 6, ",
            "",
            "additive: schema Pin: most characters was 6 and is not given",
        ),
        (
            "x-konaplate-minimum: \"1\"",
            "x-konaplate-minimum: \"2\"",
            "breaking (wire): schema UserId: minimum was 1 and is 2",
        ),
        (
            ", pattern: '^[0-9]+$'",
            "",
            "additive: schema Pin: pattern was ^[0-9]+$ and is not given",
        ),
        (
            "[0-9]+$",
            "[1-9]+$",
            "breaking (wire): schema Pin: pattern was ^[0-9]+$ and is ^[1-9]+$",
        ),
        (
            "[EN, KO]",
            "[EN]",
            "breaking (Rust, other languages, wire): schema Locale: the value KO was removed",
        ),
        (
            "[EN, KO]",
            "[EN, KO, ZH]",
            "additive: schema Locale: the value ZH was added",
        ),
        (
            "enum: [EN, KO], ",
            "",
            "breaking (Rust, other languages, wire): schema Locale: was a list of values and is text",
        ),
        (
            "enum: [EN, KO]",
            "x-extensible-enum: [EN, KO]",
            "breaking (other languages): schema Locale: the list of values was closed and is open",
        ),
        (
            "format: uint64, ",
            "format: int64, ",
            "breaking (other languages): schema UserId: format was uint64 and is int64",
        ),
        (
            "Pin: {type: string, ",
            "Pin: {type: string, x-konaplate-form: YYMM, ",
            "breaking (Rust, wire): schema Pin: form was not given and is YYMM",
        ),
        (
            "locale: {$ref: '#/components/schemas/Locale'}",
            "locale: {$ref: '#/components/schemas/GiftNumber'}",
            "breaking (Rust, other languages, wire): schema GiftRequestBody: locale was Locale and is GiftNumber",
        ),
        (
            "number: {$ref: '#/components/schemas/GiftNumber'}",
            "number: {$ref: '#/components/schemas/GiftId'}",
            "breaking (Rust, other languages, wire): schema GiftRequestBody: number was GiftNumber and is GiftId",
        ),
        (
            "      description: A gift.\n",
            "      description: A gift.\n      x-konaplate-complete: false\n",
            "additive: schema GiftRequestBody: other fields are allowed now",
        ),
        (
            "required: [userId]",
            "required: [userId, pin]",
            "breaking (Rust, other languages, wire): schema GiftRequestBody: pin was optional and is required",
        ),
        (
            "      required: [userId]\n",
            "",
            "additive: schema GiftRequestBody: userId was required and is optional",
        ),
        (
            "        pin: {",
            "        note: {$ref: '#/components/schemas/GiftId'}\n        pin: {",
            "additive: schema GiftRequestBody: note was added",
        ),
        (
            "        pin: {$ref: '#/components/schemas/Pin'}\n",
            "",
            "breaking (Rust, other languages, wire): schema GiftRequestBody: pin was removed",
        ),
        (
            "required: [userId]\n      properties:",
            "required: [userId, note]\n      properties:\n        note: {type: boolean}",
            "breaking (Rust, other languages, wire): schema GiftRequestBody: note was added, and is required",
        ),
    ]);
}

#[test]
fn responses_break_by_their_types_only() {
    only(&[
        (
            "maxLength: 20",
            "maxLength: 10",
            "additive: schema GiftId: most characters was 20 and is 10",
        ),
        (
            "required: [id]",
            "required: [id, memo]",
            "breaking (Rust, other languages): schema GiftResponseBody: memo was optional and is required",
        ),
        (
            "      required: [id]\n",
            "",
            "breaking (Rust, other languages): schema GiftResponseBody: id was required and is optional",
        ),
        (
            "        isDone: {type: boolean}\n",
            "",
            "breaking (Rust, other languages): schema GiftResponseBody: isDone was removed",
        ),
        (
            "        isDone: {type: boolean}\n",
            "        isDone: {type: boolean}\n        note: {type: boolean}\n",
            "additive: schema GiftResponseBody: note was added",
        ),
        (
            "x-extensible-enum: [DONE, OPEN]",
            "x-extensible-enum: [DONE]",
            "breaking (Rust): schema State: the value OPEN was removed",
        ),
    ]);
}

#[test]
fn another_type_breaks() {
    each_is(&[
        (
            "GiftId: {type: string, maxLength: 20,",
            "GiftId: {type: integer, format: int64, minimum: 0, maximum: 9,",
            "breaking (Rust, other languages): schema GiftId: was text and is a whole number",
        ),
        (
            "memo: {$ref: '#/components/schemas/GiftId'}",
            "memo: {$ref: '#/components/schemas/Pin'}",
            "breaking (Rust, other languages): schema GiftResponseBody: memo was GiftId and is Pin",
        ),
        (
            "    GiftId: {type: string, maxLength: 20,",
            "    New: {type: string, description: d}\n    GiftId: {type: string, maxLength: 20,",
            "additive: schema New: was added",
        ),
    ]);
}

#[test]
fn bounds_beyond_signed_numbers_are_compared_as_they_are() {
    only(&[
        (
            "9999999999999999999",
            "9999999999999999998",
            "breaking (wire): schema UserId: maximum was 9999999999999999999 and is 9999999999999999998",
        ),
        (
            "9999999999999999999",
            "9999",
            "breaking (wire): schema UserId: maximum was 9999999999999999999 and is 9999",
        ),
    ]);
}

#[test]
fn a_stricter_header_breaks_calls_and_a_wider_one_does_not() {
    let header = "X-KM-User-AspId, in: header, required: true,";
    only(&[
        (
            "maxLength: 15",
            "maxLength: 14",
            "breaking (wire): header X-KM-User-AspId: most characters was 15 and is 14",
        ),
        (
            "maxLength: 15",
            "maxLength: 16",
            "additive: header X-KM-User-AspId: most characters was 15 and is 16",
        ),
        (
            header,
            "X-KM-User-AspId, in: header, required: false,",
            "additive: header X-KM-User-AspId: was required and is optional",
        ),
    ]);
    assert_eq!(
        found(header, "X-KM-Asp-Id, in: header, required: true,"),
        [
            "breaking (Rust, other languages, wire): header X-KM-Asp-Id: was added",
            "breaking (Rust, other languages, wire): header X-KM-User-AspId: was removed",
        ]
    );
}

#[test]
fn a_closed_form_of_an_enum_has_the_same_type_in_rust() {
    let input = "    LocaleInput: {type: string, enum: [EN, KO], x-konaplate-open-form: Locale, x-konaplate-enum-meanings: {EN: e, KO: k}, description: d}\n    GiftNumber: {";
    let old = BEFORE.replace("    GiftNumber: {", input);
    let new = old.replace(
        "locale: {$ref: '#/components/schemas/Locale'}",
        "locale: {$ref: '#/components/schemas/LocaleInput'}",
    );
    let (old, new) = (
        Spec::from_yaml(&old).unwrap(),
        Spec::from_yaml(&new).unwrap(),
    );
    let found = lines(&changes(&old, &new));
    let line =
        "breaking (other languages): schema GiftRequestBody: locale was Locale and is LocaleInput";
    assert!(found.contains(&line.to_owned()), "{found:#?}");
}

#[test]
fn objects_that_hold_themselves_are_compared() {
    let gift = "        pin: {$ref: '#/components/schemas/Pin'}\n";
    let holds =
        |name: &str| format!("{gift}        again: {{$ref: '#/components/schemas/{name}'}}\n");
    let part = |name: &str| {
        format!(
            "    {name}:\n      type: object\n      description: d\n      properties:\n        \
             part: {{$ref: '#/components/schemas/{name}'}}\n    GiftNumber: {{"
        )
    };
    let with = |name: &str| {
        let text = BEFORE.replace(gift, &holds(name));
        Spec::from_yaml(&text.replace("    GiftNumber: {", &part(name))).unwrap()
    };
    let found = lines(&changes(&with("Part"), &with("Piece")));
    let line = "breaking (Rust, other languages, wire): schema GiftRequestBody: again was Part and is Piece";
    assert!(found.contains(&line.to_owned()), "{found:#?}");
}

#[test]
fn what_no_rule_judges_is_taken_as_breaking() {
    only(&[
        (
            "tags: [{name: gifts}]\n",
            "tags: [{name: gifts}]\nservers: [{url: http://localhost:8080}]\n",
            "breaking (other languages): document servers: was added; taken as breaking, since no rule of ours judges it",
        ),
        (
            "GiftNumber: {type: string, ",
            "GiftNumber: {type: string, format: uuid, ",
            "breaking (other languages): document components schemas GiftNumber format: was added; taken as breaking, since no rule of ours judges it",
        ),
    ]);
    assert_eq!(
        found("AspIdHeader: {", "AspIdParameter: {"),
        [
            "breaking (other languages): document components parameters AspIdHeader: was removed; taken as breaking, since no rule of ours judges it",
            "breaking (other languages): document components parameters AspIdParameter: was added; taken as breaking, since no rule of ours judges it",
        ]
    );
}

#[test]
fn another_media_type_breaks_and_stops_nothing() {
    only(&[(
        "          description: Given.\n          content: {application/json:",
        "          description: Given.\n          content: {text/html: {}, application/json:",
        "breaking (other languages): document paths /gift post responses 200 content text/html: was added; taken as breaking, since no rule of ours judges it",
    )]);
}

#[test]
fn a_raised_version_is_no_change() {
    assert_eq!(
        found("version: 0.1.0", "version: 0.2.0"),
        ["nothing changed"]
    );
}

#[test]
fn a_bundle_of_another_form_is_refused_with_the_reason() {
    let older = Older {
        name: "v0.0.1".to_owned(),
        text: BEFORE.replace("x-konaplate-evidence: page", "x-konaplate-evidence: seed"),
    };
    let error = format!("{:#}", older.spec().unwrap_err());
    assert!(
        error.starts_with("v0.0.1: this bundle has another form"),
        "{error}"
    );
    assert!(error.contains("name a file or a revision"), "{error}");
    assert!(error.ends_with("seed is not a known word"), "{error}");
}

/// A repository of a test.
struct Repository(Folder);

impl Repository {
    fn new(name: &str) -> Self {
        let folder = Folder::new(name);
        std::fs::create_dir_all(folder.path().join("openapi")).unwrap();
        Self(folder)
    }

    fn git(&self, arguments: &[&str]) {
        let author = ["-c", "user.name=test", "-c", "user.email=test@example.com"];
        let status = std::process::Command::new("git")
            .current_dir(self.0.path())
            .args(author)
            .args(arguments)
            .stdout(std::process::Stdio::null())
            .status();
        assert!(status.unwrap().success(), "{arguments:?}");
    }

    fn find(&self, named: Option<&str>) -> Result<Option<(String, String)>> {
        let older = Older::find(self.0.path(), named)?;
        Ok(older.map(|older| (older.name, older.text)))
    }
}

#[test]
fn the_older_bundle_is_that_of_the_newest_tag_or_of_what_is_named() {
    let folder = Repository::new("tags");
    folder.git(&["init", "--quiet"]);
    let commit = |text: &str, tag: &str| {
        std::fs::write(folder.0.path().join(BUNDLE), text).unwrap();
        folder.git(&["add", "."]);
        folder.git(&["commit", "--quiet", "--message", tag]);
        folder.git(&["tag", tag]);
    };
    commit("none", "other");
    assert_eq!(folder.find(None).unwrap(), None);

    let bundle = |name: &str, text: &str| Some((name.to_owned(), text.to_owned()));
    commit("ten", "v0.10.0");
    commit("candidate", "v0.10.0-rc.1");
    commit("nine", "v0.9.0");
    assert_eq!(folder.find(None).unwrap(), bundle("v0.10.0", "ten"));
    assert_eq!(
        folder.find(Some("v0.9.0")).unwrap(),
        bundle("v0.9.0", "nine")
    );
    assert_eq!(
        folder.find(Some("HEAD~1")).unwrap(),
        bundle("HEAD~1", "candidate")
    );
    let file = folder.0.with("file.yaml", b"a file").display().to_string();
    assert_eq!(folder.find(Some(&file)).unwrap(), bundle(&file, "a file\n"));
    let error = folder.find(Some("nowhere")).unwrap_err().to_string();
    assert_eq!(
        error,
        "nowhere is neither a file nor a revision with a bundle"
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
    let of = |text: &str| {
        let text = BEFORE.replace("version: 0.1.0", &format!("version: '{text}'"));
        version(&Spec::from_yaml(&text).unwrap())
    };
    assert_eq!(of("1.20.3").unwrap(), (1, 20, 3));
    for wrong in ["1.2", "1.2.3.4", "1.2.x", ""] {
        assert!(of(wrong).is_err(), "{wrong}");
    }
}

#[test]
fn the_report_has_the_worst_first() {
    let mut changes = Changes::default();
    changes.add(Class::Text, "schema A", "changed: description");
    changes.add(Class::TYPES, "schema B", "was removed");
    changes.add(Class::Additive, "gift", "400 lists it");
    assert_eq!(
        changes.report(),
        "breaking (Rust, other languages): schema B: was removed\nadditive: gift: 400 lists it\n\
         text: schema A: changed: description\n"
    );
    assert!(changes.is_breaking());
}

/// A change of the bundle, by its title in CONTRIBUTING.md.
type Example = (&'static str, fn(&mut Value));

const EXAMPLES: [Example; 3] = [
    ("A new code", |document| {
        document["components"]["examples"]["RechargeCardBlocked"] = json!({
            "summary": "The card to recharge is blocked.",
            "x-konaplate-ko": "충전할 카드가 차단되었습니다.",
            "x-konaplate-class": "user-fixable",
            "value": {"response": {"code": "007_050", "description": "Blocked card."}},
        });
        let charge = &mut document["paths"]["/api/v1/recharges/by-bank-accounts/no-hce"]["post"];
        charge["responses"]["400"]["content"]["application/json"]["examples"]["RechargeCardBlocked"] =
            json!({"$ref": "#/components/examples/RechargeCardBlocked"});
        let declined = &mut charge["x-konaplate-outcome"]["proves"]["declined"];
        declined.as_array_mut().unwrap().push("007_050".into());
    }),
    ("A longer field", |document| {
        document["components"]["schemas"]["NrNumber"]["maxLength"] = 60.into();
    }),
    ("A new operation", |document| {
        let mut copy =
            document["paths"]["/api/v1/recharges/by-bank-account/result/inquiry"].clone();
        copy["post"]["operationId"] = "get_gift_result".into();
        copy["post"]["tags"] = json!(["gifts"]);
        copy["post"]["summary"] = "Get the result of a gift".into();
        copy["post"]["x-konaplate-ko"] = "선물의 결과를 조회합니다".into();
        copy["post"]["x-konaplate-title"] = "선물 결과 조회".into();
        document["paths"]["/api/v1/gifts/result/inquiry"] = copy;
    }),
];

/// What a reviewer sees of a change: the differences of the snapshots, and what is printed.
fn reviewed((title, change): Example) -> String {
    let before = join(&Sources::load(&at_root("openapi/src")).unwrap()).unwrap();
    let mut after = before.clone();
    change(&mut after);
    let (old, new) = (
        Spec::from_value(before).unwrap(),
        Spec::from_value(after).unwrap(),
    );
    let mut text = format!("### {title}\n\n");
    let mut more = 0;
    let mut shown = false;
    for operation in new.operations() {
        let was = old.operation(&operation.id);
        let was = was.map(|was| surface(&old, was)).unwrap_or_default();
        let is = surface(&new, operation);
        if was == is {
            continue;
        }
        // Of what many operations share, the first file shows what it looks like.
        if std::mem::replace(&mut shown, true) {
            more += 1;
            continue;
        }
        let diff = TextDiff::from_lines(was.as_str(), is.as_str());
        let diff = diff.unified_diff().context_radius(0).to_string();
        text.push_str(&format!(
            "`tests/snapshots/operation__{}.snap`:\n\n```diff\n{diff}```\n\n",
            operation.id
        ));
    }
    if more > 0 {
        text.push_str(&format!(
            "{more} more files have a field of this type, and differ alike.\n\n"
        ));
    }
    let report = changes(&old, &new).report();
    text.push_str(&format!("`cargo xtask diff`:\n\n```text\n{report}```\n"));
    text
}

#[test]
fn contributing_shows_what_a_reviewer_sees() {
    let shown = files::read(&at_root("CONTRIBUTING.md")).unwrap();
    let expected = EXAMPLES.map(reviewed).join("\n");
    assert!(
        shown.contains(&expected),
        "CONTRIBUTING.md has to say:\n{expected}"
    );
}
