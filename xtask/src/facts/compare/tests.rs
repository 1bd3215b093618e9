//! A pair that agrees, and for each kind of difference a change to one side that is found.

use super::*;
use crate::facts::read::parse;

const FACTS: &str = r#"
group: gifts
operations:
- title: Gift
  path: /gift
  method: POST
  versions: [v2, v1]
  request_encrypted: true
  response_encrypted: unknown
  tran_time_length: 16
  request:
  - {name: userId, type: number, required: Required, min: 1, max: 19}
  - {name: amount, type: number, required: Optional, min: 1, max: 100, default: '1'}
  - {name: memo, type: string, required: Conditional, max: 20}
  - {name: pin, type: string, required: Required, length: 4}
  - {name: note, type: string, required: unknown, value: 20, format: yyyyMMdd}
  - {name: locale, type: string, required: Optional, length: 2, values: {EN: English, KO: Korean}}
  - name: bank
    type: string
    required: Optional
    values: {'004': one}
    values_truncated: true
  - {name: ids, type: array of strings, required: Optional}
  request_complete: false
  request_mentioned_only:
  - {name: card.oldNo, type: string, length: 16, required: unknown, why: a message}
  - {name: next id, type: unknown, required: unknown, why: a message}
  response:
  - {name: isDone, type: boolean, required: Optional, values: {'true': yes, 'false': no}}
  - name: list
    type: array of objects
    required: Required
    children:
    - {name: id, type: string, required: Required, length: 4}
    - {name: seenElsewhere, type: string, required: unknown, source: third-party}
  response_complete: false
  response_codes:
  - {http: 200, code: "000_000", message: Success., cause: done}
  - {http: 200, code: "000_000", message: Success., cause: done otherwise}
  - {http: 400, code: "000_002", message: Invalid., cause: c}
  - {http: 400, code: "000_003", message: unknown, cause: c}
  codes_complete: true
  third_party:
    request: [{name: channel, type: string, values: {OPENAPI: used}}]
    response: [{name: page, type: object, children: [{name: number, type: number}]}]
  pages: [one, two]
"#;

const DESCRIPTION: &str = r##"
paths:
  /gift:
    post:
      operationId: gift
      tags: [gifts]
      summary: Gift
      x-konaplate-ko: 선물
      description: Gives. There may be a next id.
      x-konaplate-title: Gift
      x-konaplate-evidence: partial
      x-konaplate-source: [two, one]
      x-konaplate-versions: {shown: v2, offered: [v2, v1]}
      x-konaplate-effect: reads
      x-konaplate-encryption: {request: true, response: unknown}
      x-konaplate-codes-complete: true
      x-konaplate-printed: {X-KM-Tran-Time: {length: 16}}
      requestBody:
        content: {application/json: {schema: {$ref: '#/components/schemas/GiftRequest'}}}
      responses:
        '200':
          content:
            application/json:
              schema: {$ref: '#/components/schemas/GiftResponse'}
              examples:
                One: {value: {response: {code: "000_000", description: Success.}}}
        4XX:
          content:
            application/json:
              examples:
                A: {$ref: '#/components/examples/A'}
                B: {$ref: '#/components/examples/B'}
components:
  examples:
    A: {summary: s, x-konaplate-ko: ㅅ, value: {response: {code: "000_002", description: Invalid.}}}
    B: {summary: s, x-konaplate-ko: ㅅ, value: {response: {code: "000_003", description: ''}}}
  schemas:
    GiftRequest:
      type: object
      additionalProperties: true
      required: [userId, pin]
      properties:
        userId:
          allOf: [{$ref: '#/components/schemas/UserId'}]
          x-konaplate-printed: {min: 1, max: 19}
        amount: {$ref: '#/components/schemas/Amount'}
        memo:
          allOf: [{$ref: '#/components/schemas/Memo'}]
          x-konaplate-printed: {required: Conditional}
        pin: {$ref: '#/components/schemas/Pin'}
        note:
          allOf: [{$ref: '#/components/schemas/Memo'}]
          x-konaplate-printed: {value: 20, form: yyyyMMdd}
        locale: {$ref: '#/components/schemas/Locale'}
        bank: {$ref: '#/components/schemas/Memo'}
        ids: {type: array, items: {$ref: '#/components/schemas/Memo'}}
        channel:
          allOf: [{$ref: '#/components/schemas/Memo'}]
          x-konaplate-evidence: third-party
        card:
          allOf: [{$ref: '#/components/schemas/Card'}]
          x-konaplate-evidence: partial
    GiftResponse:
      type: object
      additionalProperties: true
      required: [response, list]
      properties:
        response: {$ref: '#/components/schemas/Status'}
        isDone: {type: boolean}
        list: {type: array, items: {$ref: '#/components/schemas/Item'}}
        page:
          allOf: [{$ref: '#/components/schemas/Page'}]
          x-konaplate-evidence: third-party
    Card:
      type: object
      properties:
        oldNo: {allOf: [{$ref: '#/components/schemas/CardNumber'}], x-konaplate-evidence: partial}
    Item:
      type: object
      required: [id]
      properties:
        id: {$ref: '#/components/schemas/Pin'}
        seenElsewhere: {allOf: [{$ref: '#/components/schemas/Memo'}], x-konaplate-evidence: third-party}
    Page: {type: object, properties: {number: {$ref: '#/components/schemas/Amount'}}}
    Status: {type: object}
    UserId: {type: integer, minimum: 1, maximum: 9999999999999999999}
    Amount: {type: integer, minimum: 1, maximum: 100}
    Memo: {type: string, minLength: 1, maxLength: 20}
    Pin: {type: string, minLength: 4, maxLength: 4}
    CardNumber: {type: string, minLength: 16, maxLength: 16}
    Locale: {type: string, enum: [KO, EN]}
"##;

fn lines(facts: &str, description: &str) -> Vec<String> {
    let groups = [parse(facts).unwrap()];
    let description = Description::from_yaml(description).unwrap();
    compare(&groups, &description)
        .unwrap()
        .iter()
        .map(ToString::to_string)
        .collect()
}

/// Changes one place of a text that has it once.
fn change(text: &str, from: &str, to: &str) -> String {
    assert_eq!(text.matches(from).count(), 1, "{from}");
    text.replace(from, to)
}

fn facts_changed(from: &str, to: &str) -> Vec<String> {
    lines(&change(FACTS, from, to), DESCRIPTION)
}

fn description_changed(from: &str, to: &str) -> Vec<String> {
    lines(FACTS, &change(DESCRIPTION, from, to))
}

/// Each change of the facts is found as this line and no other.
fn each_is_found(cases: &[(&str, &str, &str)]) {
    for (from, to, line) in cases {
        assert_eq!(facts_changed(from, to), [format!("POST /gift  {line}")]);
    }
}

#[test]
fn what_agrees_has_no_differences() {
    assert_eq!(lines(FACTS, DESCRIPTION), Vec::<String>::new());
}

#[test]
fn what_stands_beside_the_bodies_is_compared() {
    each_is_found(&[
        (
            "title: Gift",
            "title: Present",
            "title is Present in the facts and Gift in the description",
        ),
        (
            "group: gifts",
            "group: cards",
            "group is cards in the facts and gifts in the description",
        ),
        (
            "request_encrypted: true",
            "request_encrypted: unknown",
            "request_encrypted is unknown in the facts and true in the description",
        ),
        (
            "response_encrypted: unknown",
            "response_encrypted: false",
            "response_encrypted is false in the facts and unknown in the description",
        ),
        (
            "tran_time_length: 16",
            "tran_time_length: 14",
            "the length of X-KM-Tran-Time is 14 in the facts and 16 in the description",
        ),
        (
            "tran_time_length: 16",
            "tran_time_length: unknown",
            "the length of X-KM-Tran-Time is unknown in the facts and 16 in the description",
        ),
        (
            "[v2, v1]",
            "[v2]",
            "versions is v2 in the facts and v2, v1 in the description",
        ),
        (
            "pages: [one, two]",
            "pages: [one, two, three]",
            "page three is in the facts and not in the description",
        ),
        (
            "pages: [one, two]",
            "pages: [one]",
            "page two is in the description and not in the facts",
        ),
        (
            "request_complete: false",
            "request_complete: true",
            "the request is whole in the facts and open in the description",
        ),
        (
            "response_complete: false",
            "response_complete: true",
            "the response is whole in the facts and open in the description",
        ),
        (
            "codes_complete: true",
            "codes_complete: false",
            "codes_complete is false in the facts and true in the description",
        ),
        (
            "pages: [",
            "source: seed page\n  pages: [",
            "evidence is seed in the facts and partial in the description",
        ),
    ]);
    assert_eq!(
        facts_changed("method: POST", "method: GET"),
        ["GET /gift  method is GET in the facts and POST in the description"]
    );
    assert_eq!(
        description_changed("shown: v2", "shown: v1"),
        ["POST /gift  the version that was read is v2 in the facts and v1 in the description"]
    );
}

#[test]
fn an_operation_that_one_side_lacks_is_found() {
    assert_eq!(
        facts_changed("path: /gift", "path: /present"),
        [
            "POST /present  is in the facts and not in the description",
            "POST /gift  is in the description and not in the facts",
        ]
    );
}

#[test]
fn a_path_without_its_first_slash_is_the_same_path() {
    assert_eq!(
        facts_changed("path: /gift", "path: gift"),
        Vec::<String>::new()
    );
    assert_eq!(
        description_changed("  /gift:", "  gift:"),
        ["POST /gift  path is /gift in the facts and gift in the description"]
    );
}

#[test]
fn evidence_follows_from_how_much_was_read() {
    let whole = change(FACTS, "request_complete: false", "request_complete: true");
    let whole = change(
        &whole,
        "response_complete: false",
        "response_complete: true",
    );
    let found = lines(&whole, DESCRIPTION);
    assert!(found.contains(
        &"POST /gift  evidence is page in the facts and partial in the description".to_owned()
    ));
}

#[test]
fn a_whole_answer_needs_no_word_and_an_open_one_does() {
    let open = "GiftResponse:\n      type: object\n      additionalProperties: true";
    assert_eq!(
        description_changed(open, "GiftResponse:\n      type: object"),
        [
            "POST /gift  the response is open in the facts and without additionalProperties in the description"
        ]
    );
    let whole = change(FACTS, "response_complete: false", "response_complete: true");
    let closed = change(DESCRIPTION, open, "GiftResponse:\n      type: object");
    assert_eq!(lines(&whole, &closed), Vec::<String>::new());
}

#[test]
fn each_rule_of_a_field_is_compared() {
    each_is_found(&[
        (
            "{name: amount, type: number",
            "{name: amount, type: string",
            "request.amount: type is string in the facts and number in the description",
        ),
        (
            "type: array of strings",
            "type: array of objects",
            "request.ids: type is array of objects in the facts and array of strings in the description",
        ),
        (
            "min: 1, max: 19",
            "min: 1, max: 18",
            "request.userId: max is 18 in the facts and 19 in the description",
        ),
        (
            "min: 1, max: 19",
            "min: 0, max: 19",
            "request.userId: min is 0 in the facts and 1 in the description",
        ),
        (
            "min: 1, max: 19",
            "length: 19",
            "request.userId: length is 19 in the facts and 1 to 19 in the description",
        ),
        (
            ", min: 1, max: 19",
            "",
            "request.userId: length is not given in the facts and 1 to 19 in the description",
        ),
        (
            "Required, length: 4}\n  - {name: note",
            "Required, length: 5}\n  - {name: note",
            "request.pin: length is 5 in the facts and 4 in the description",
        ),
        (
            "Required, length: 4}\n  - {name: note",
            "Required, max: 4}\n  - {name: note",
            "request.pin: min is not given in the facts and 4 in the description",
        ),
        (
            "value: 20, ",
            "",
            "request.note: value is not given in the facts and 20 in the description",
        ),
        (
            "value: 20, ",
            "printed_value: 21, ",
            "request.note: value is 21 in the facts and 20 in the description",
        ),
        (
            "format: yyyyMMdd",
            "format: yyMMdd",
            "request.note: format is yyMMdd in the facts and yyyyMMdd in the description",
        ),
        (
            "Optional, min: 1, max: 100",
            "Required, min: 1, max: 100",
            "request.amount: required is Required in the facts and Optional in the description",
        ),
        (
            "name: pin, type: string, required: Required",
            "name: pin, type: string, required: unknown",
            "request.pin: required is unknown in the facts and Required in the description",
        ),
        (
            "name: pin, type: string, required: Required",
            "name: pin, type: string, required: Conditional",
            "request.pin: required is Conditional in the facts and Required in the description",
        ),
        (
            "name: amount, type: number, required: Optional",
            "name: amount, type: number, required: Conditional",
            "request.amount: required is Conditional in the facts and Optional, and Conditional is not printed in the description",
        ),
        (
            "required: Conditional, max: 20",
            "required: Optional, max: 20",
            "request.memo: required is Optional in the facts and Conditional in the description",
        ),
        (
            "- {name: memo",
            "- {name: name, type: string}\n  - {name: memo",
            "request.name: is in the facts and not in the description",
        ),
        (
            "  - {name: ids, type: array of strings, required: Optional}\n",
            "",
            "request.ids: is in the description and not in the facts",
        ),
        (
            "- {name: memo",
            "- {name: null, name_seen: false, type: string}\n  - {name: memo",
            "request: a field without a name is in the facts, so the description cannot have it",
        ),
    ]);
    assert_eq!(
        description_changed("form: yyyyMMdd", "form: yyyyMMdd, default: '2'").len(),
        0
    );
    assert_eq!(
        description_changed(
            "amount: {$ref: '#/components/schemas/Amount'}\n        memo",
            "amount:\n          allOf: [{$ref: '#/components/schemas/Amount'}]\n          x-konaplate-printed: {default: '2'}\n        memo"
        ),
        ["POST /gift  request.amount: default is 1 in the facts and 2 in the description"]
    );
}

#[test]
fn what_is_printed_of_a_field_stands_for_what_its_schema_says() {
    assert_eq!(
        description_changed("x-konaplate-printed: {min: 1, max: 19}", "description: d"),
        [
            "POST /gift  request.userId: max is 19 in the facts and 9999999999999999999 in the description"
        ]
    );
    let text = change(FACTS, "userId, type: number", "userId, type: string");
    let printed = change(
        DESCRIPTION,
        "{min: 1, max: 19}",
        "{type: string, min: 1, max: 19}",
    );
    assert_eq!(lines(&text, &printed), Vec::<String>::new());
}

#[test]
fn a_type_that_was_not_seen_and_null_are_nothing_to_compare() {
    for kind in ["unknown", "string or null"] {
        assert_eq!(
            facts_changed(
                "name: memo, type: string",
                &format!("name: memo, type: {kind}")
            ),
            Vec::<String>::new()
        );
    }
}

#[test]
fn enums_have_the_words_of_the_page() {
    each_is_found(&[
        (
            "values: {EN: English, KO: Korean}",
            "values: {EN: English}",
            "request.locale: values is EN in the facts and EN, KO in the description",
        ),
        (
            ", values: {EN: English, KO: Korean}",
            "",
            "request.locale: values is not given in the facts and EN, KO in the description",
        ),
        (
            "    values_truncated: true\n",
            "",
            "request.bank: values is 004 in the facts and not given in the description",
        ),
        (
            "length: 2, values",
            "length: 3, values",
            "request.locale: length is 3 in the facts and not given in the description",
        ),
        (
            "values: {EN: English, KO: Korean}",
            "values: {EN: English, ZH: Chinese}, values_open: true",
            "request.locale: values is EN, ZH in the facts and EN, KO in the description",
        ),
        (
            "{'true': yes, 'false': no}",
            "{'true': yes}",
            "response.isDone: values is true in the facts and false, true in the description",
        ),
    ]);
    for open in [
        "values_open: true",
        "values_truncated: true",
        "values_complete: false",
    ] {
        let to = format!("values: {{EN: English}}, {open}");
        assert_eq!(
            facts_changed("values: {EN: English, KO: Korean}", &to),
            Vec::<String>::new()
        );
    }
}

#[test]
fn objects_and_items_are_compared_field_by_field() {
    each_is_found(&[
        (
            "id, type: string, required: Required, length: 4",
            "id, type: string, required: Required, length: 5",
            "response.list.id: length is 5 in the facts and 4 in the description",
        ),
        (
            "    - {name: id, type: string, required: Required, length: 4}\n",
            "",
            "response.list.id: is in the description and not in the facts",
        ),
    ]);
}

#[test]
fn the_fields_of_third_parties_are_there_optional_and_marked() {
    let facts = change(
        FACTS,
        "{OPENAPI: used}}]",
        "{OPENAPI: used}}, {name: sort, type: string}]",
    );
    assert_eq!(
        lines(&facts, DESCRIPTION),
        [
            "POST /gift  request.sort: is in the facts, from a third party, and not in the description"
        ]
    );
    assert_eq!(
        description_changed(
            "required: [userId, pin]",
            "required: [userId, pin, channel]"
        ),
        [
            "POST /gift  request.channel: required is Optional in the facts and Required in the description"
        ]
    );
    assert_eq!(
        description_changed(
            "x-konaplate-evidence: third-party\n        card",
            "description: d\n        card"
        ),
        [
            "POST /gift  request.channel: evidence is third-party in the facts and not given in the description"
        ]
    );
    assert_eq!(
        description_changed(
            "x-konaplate-evidence: third-party\n    Card",
            "description: d\n    Card"
        ),
        [
            "POST /gift  response.page: evidence is third-party in the facts and not given in the description",
            "POST /gift  response.page.number: evidence is third-party in the facts and not given in the description",
        ]
    );
}

#[test]
fn where_the_page_has_a_field_too_the_page_counts() {
    let facts = change(
        FACTS,
        "{OPENAPI: used}}]",
        "{OPENAPI: used}}, {name: pin, type: number}]",
    );
    assert_eq!(lines(&facts, DESCRIPTION), Vec::<String>::new());
    assert_eq!(
        description_changed(
            "{min: 1, max: 19}",
            "{min: 1, max: 19}\n          x-konaplate-evidence: third-party"
        ),
        [
            "POST /gift  request.userId: is on the page by the facts, and the evidence in the description is third-party"
        ]
    );
}

#[test]
fn what_is_mentioned_only_is_a_partial_field_or_a_word() {
    assert_eq!(
        description_changed("There may be a next id.", "So it does."),
        [
            "POST /gift  request.next id: is mentioned in the facts and neither a field nor a word of the description"
        ]
    );
    assert_eq!(
        description_changed(
            "{allOf: [{$ref: '#/components/schemas/CardNumber'}], x-konaplate-evidence: partial}",
            "{$ref: '#/components/schemas/CardNumber'}"
        ),
        [
            "POST /gift  request.card.oldNo: evidence is partial (mentioned only) in the facts and not given in the description"
        ]
    );
    let field = "        card:\n          allOf: [{$ref: '#/components/schemas/Card'}]\n          x-konaplate-evidence: partial\n";
    assert_eq!(
        description_changed(field, ""),
        [
            "POST /gift  request.card.oldNo: is mentioned in the facts and neither a field nor a word of the description"
        ]
    );
    let worded = change(DESCRIPTION, field, "");
    let worded = change(
        &worded,
        "{X-KM-Tran-Time: {length: 16}}",
        "{X-KM-Tran-Time: {length: 16}, note: A message names card.oldNo.}",
    );
    assert_eq!(lines(FACTS, &worded), Vec::<String>::new());
}

#[test]
fn codes_and_messages_are_those_of_the_page_in_its_order() {
    each_is_found(&[
        (
            "  - {http: 400, code: \"000_003\", message: unknown, cause: c}\n",
            "",
            "code 000_003 \"\" is in the description and not in the facts",
        ),
        (
            "codes_complete",
            "- {http: 400, code: \"000_004\", message: M, cause: c}\n  codes_complete",
            "code 000_004 \"M\" is in the facts and not in the description",
        ),
        (
            "http: 400, code: \"000_003\"",
            "http: 500, code: \"000_003\"",
            "code 000_003: http is 500 in the facts and 400 in the description",
        ),
    ]);
    assert_eq!(
        facts_changed("message: Invalid.", "message: Invalid"),
        [
            "POST /gift  code 000_002 \"Invalid\" is in the facts and not in the description",
            "POST /gift  code 000_002 \"Invalid.\" is in the description and not in the facts",
        ]
    );
    let a = "A: {$ref: '#/components/examples/A'}\n                B: {$ref: '#/components/examples/B'}";
    let b = "B: {$ref: '#/components/examples/B'}\n                A: {$ref: '#/components/examples/A'}";
    assert_eq!(
        description_changed(a, b),
        [
            "POST /gift  the order of code rows is 000_002, 000_003 in the facts and 000_003, 000_002 in the description"
        ]
    );
}

#[test]
fn success_messages_are_those_of_the_page() {
    assert_eq!(
        description_changed(
            "\"000_000\", description: Success.}",
            "\"000_000\", description: Success}"
        ),
        [
            "POST /gift  success 000_000 \"Success.\" is in the facts and not in the description",
            "POST /gift  success 000_000 \"Success\" is in the description and not in the facts",
        ]
    );
}

#[test]
fn of_a_shared_object_each_property_prints_what_its_own_page_has() {
    let description = change(
        &change(
            DESCRIPTION,
            "          allOf: [{$ref: '#/components/schemas/Page'}]\n",
            "          allOf: [{$ref: '#/components/schemas/Page'}]\n          x-konaplate-printed: {fields: {number: {max: 9}}}\n",
        ),
        "{number: {$ref: '#/components/schemas/Amount'}}",
        "{number: {$ref: '#/components/schemas/Amount'}, total: {$ref: '#/components/schemas/Amount'}}",
    );
    let facts = change(
        FACTS,
        "{name: number, type: number}",
        "{name: number, type: number, max: 9}",
    );
    assert_eq!(lines(&facts, &description), Vec::<String>::new());
    let facts = change(
        FACTS,
        "{name: number, type: number}",
        "{name: number, type: number, max: 8}",
    );
    assert_eq!(
        lines(&facts, &description),
        ["POST /gift  response.page.number: max is 8 in the facts and 9 in the description"]
    );
}

#[test]
fn known_values_hold_all_that_were_seen() {
    let description = change(
        DESCRIPTION,
        "    Memo: {type: string, minLength: 1, maxLength: 20}",
        "    Memo: {type: string, minLength: 1, maxLength: 20, x-konaplate-known-values: {'004': one, OPENAPI: used}}",
    );
    assert_eq!(lines(FACTS, &description), Vec::<String>::new());
    let facts = change(FACTS, "{'004': one}", "{'005': one}");
    assert_eq!(
        lines(&facts, &description),
        [
            "POST /gift  request.bank: values is 005 in the facts and 004, OPENAPI in the description"
        ]
    );
}
