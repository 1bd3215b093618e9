//! Fields of a request as arguments: `name=value`, by the schema of the description.
//!
//! Whether a value is a number, a text or a flag is said by the schema, never by its look. What the
//! description does not know is raw JSON: `name:=json`.

use konaplate::protocol::shown_name;
use konaplate_sandbox::RequestFault;
use konaplate_spec::{Kind, Schema, Shape};
use serde_json::{Map, Value};

use super::input;
use crate::catalogue::{alike, spec};

/// A step on the way to a field.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Step {
    Name(String),
    Index(usize),
}

/// A value, and where it belongs. Not `Debug`: the value may be a secret.
struct Assignment {
    place: Vec<Step>,
    value: Value,
    /// Whether it is one more item of the list there.
    is_item: bool,
}

/// What is put to a place.
enum Leaf {
    Whole(Value),
    /// The first item of a list that takes the place of what is there.
    FirstItem(Value),
    NextItem(Value),
}

/// What an argument says.
enum Given<'a> {
    Text(&'a str),
    Json(&'a str),
}

/// Writes the fields of arguments into a body, over what is there. None of a path that the
/// description does not know has a schema.
pub(super) fn write(
    arguments: &[&str],
    schema: Option<&str>,
    body: &mut Map<String, Value>,
) -> Vec<RequestFault> {
    let mut faults = Vec::new();
    let mut assignments = Vec::new();
    for argument in arguments {
        match assignment(argument, schema) {
            Ok(assignment) => assignments.push(assignment),
            Err(fault) => faults.push(fault),
        }
    }
    // A list is filled from its first item on, in whatever order the items were given.
    assignments.sort_by_key(|assignment| indices(&assignment.place));
    let mut written: Vec<Vec<Step>> = Vec::new();
    let mut whole = Value::Object(std::mem::take(body));
    for Assignment {
        place,
        value,
        is_item,
    } in assignments
    {
        let before = written.iter().find(|other| overlap(other, &place));
        let leaf = match before {
            None if is_item => Leaf::FirstItem(value),
            None => Leaf::Whole(value),
            Some(other) if is_item && *other == place => Leaf::NextItem(value),
            Some(_) => {
                faults.push(fault(&place, "is given twice"));
                continue;
            }
        };
        if let Err(rule) = put(&mut whole, &place, leaf) {
            faults.push(fault(&place, rule));
        }
        written.push(place);
    }
    if let Value::Object(members) = whole {
        *body = members;
    }
    faults
}

/// Reads an argument.
fn assignment(argument: &str, schema: Option<&str>) -> Result<Assignment, RequestFault> {
    let Some((name, text)) = argument.split_once('=') else {
        let rule = "must be name=value, name:=json, @file or -";
        return Err(RequestFault {
            field: shown_name(argument).to_owned(),
            rule: rule.to_owned(),
        });
    };
    let (name, given) = match name.strip_suffix(':') {
        Some(name) => (name, Given::Json(text)),
        None => (name, Given::Text(text)),
    };
    let place = place(name)?;
    let wrong = |rule: String| fault(&place, rule);
    let (value, is_item) = match given {
        Given::Json(json) => (input::value(json).map_err(wrong)?, false),
        Given::Text(text) => {
            let schema = schema.ok_or_else(|| {
                wrong("is of a path that the description does not know: name:=json".to_owned())
            })?;
            typed(text, &place, spec().schema(schema)).map_err(wrong)?
        }
    };
    Ok(Assignment {
        place,
        value,
        is_item,
    })
}

/// Reads a path, such as `tcList[0].tcId`.
fn place(text: &str) -> Result<Vec<Step>, RequestFault> {
    let mut place = Vec::new();
    for part in text.split('.') {
        let (name, index) = match part.split_once('[') {
            None => (part, None),
            Some((name, rest)) => {
                let digits = rest.strip_suffix(']').filter(|digits| is_number(digits));
                let index = digits.and_then(|digits| digits.parse().ok());
                (name, Some(index.ok_or_else(|| no_path(text))?))
            }
        };
        if name.is_empty() {
            return Err(no_path(text));
        }
        place.push(Step::Name(name.to_owned()));
        place.extend(index.map(Step::Index));
    }
    Ok(place)
}

fn no_path(text: &str) -> RequestFault {
    RequestFault {
        field: shown_name(text).to_owned(),
        rule: "must be a name, as userId, userInfo.userId or tcList[0].tcId".to_owned(),
    }
}

/// The value that a text is at a place, and whether it is one more item of a list.
fn typed(text: &str, place: &[Step], schema: &'static Schema) -> Result<(Value, bool), String> {
    let mut schema = schema;
    let mut steps = place.iter().peekable();
    while let Some(step) = steps.next() {
        let Step::Name(name) = step else {
            return Err("is no list".to_owned());
        };
        let field = schema.field(name).ok_or_else(|| unknown(name, schema))?;
        let index = steps.next_if(|step| matches!(step, Step::Index(_)));
        let is_end = steps.peek().is_none();
        match (&field.shape, index) {
            (Shape::Flag, None) if is_end => return flag(text).map(|flag| (flag, false)),
            (Shape::Value(inner), None) if is_end => {
                return single(text, spec().schema(inner)).map(|value| (value, false));
            }
            (Shape::Values(inner), index) if is_end => {
                let value = single(text, spec().schema(inner))?;
                return Ok((value, index.is_none()));
            }
            (Shape::Object(inner), None) | (Shape::Objects(inner), Some(_)) if !is_end => {
                schema = spec().schema(inner);
            }
            (Shape::Object(_), None) | (Shape::Objects(_), Some(_)) => {
                return Err(format!("is an object: {name}.…=value, or {name}:=json"));
            }
            (Shape::Objects(_), None) => {
                return Err(format!("is a list of objects: {name}[0].…=value"));
            }
            (Shape::Flag | Shape::Value(_) | Shape::Object(_), Some(_)) => {
                return Err("is no list".to_owned());
            }
            (Shape::Flag | Shape::Value(_) | Shape::Values(_), _) => {
                return Err(format!("is in {name}, which is no object"));
            }
        }
    }
    Err("must have a name".to_owned())
}

fn unknown(name: &str, schema: &Schema) -> String {
    let names = schema.fields().iter().map(|field| field.name.as_str());
    let alike = alike(names, name);
    let first = "is not in the description";
    match alike.first() {
        Some(alike) => format!(
            "{first}: did you mean {alike}? {}:=json sends it all the same",
            shown_name(name)
        ),
        None => format!("{first}: {}:=json sends it all the same", shown_name(name)),
    }
}

fn single(text: &str, schema: &Schema) -> Result<Value, String> {
    match &schema.kind {
        Kind::Text(_) | Kind::Enum(_) => Ok(text.into()),
        Kind::Integer(rule) => {
            let number = Some(text).filter(|text| is_number(text));
            let number = number.and_then(|text| text.parse::<u64>().ok());
            number
                .map(Value::from)
                .ok_or_else(|| format!("must be a whole number from {} to {}", rule.min, rule.max))
        }
        // The description has none in this place.
        Kind::Object(_) => Err("is an object".to_owned()),
    }
}

fn flag(text: &str) -> Result<Value, String> {
    match text {
        "true" => Ok(true.into()),
        "false" => Ok(false.into()),
        _ => Err("must be true or false".to_owned()),
    }
}

/// Whether a text is a whole number as JSON writes it.
fn is_number(text: &str) -> bool {
    !text.is_empty()
        && text.bytes().all(|b| b.is_ascii_digit())
        && (text == "0" || !text.starts_with('0'))
}

/// Puts a value to a place, and makes what has to be on the way. What is there of another kind gives
/// way.
fn put(here: &mut Value, place: &[Step], leaf: Leaf) -> Result<(), String> {
    let Some((step, rest)) = place.split_first() else {
        match (leaf, &mut *here) {
            (Leaf::NextItem(value), Value::Array(items)) => items.push(value),
            (Leaf::NextItem(value) | Leaf::FirstItem(value), here) => {
                *here = Value::Array(vec![value]);
            }
            (Leaf::Whole(value), here) => *here = value,
        }
        return Ok(());
    };
    match step {
        Step::Name(name) => {
            if !here.is_object() {
                *here = Value::Object(Map::new());
            }
            put(&mut here[name.as_str()], rest, leaf)
        }
        Step::Index(index) => {
            let mut items = match here.take() {
                Value::Array(items) => items,
                _ => Vec::new(),
            };
            if *index == items.len() {
                items.push(Value::Null);
            }
            let missing = format!("comes without the item [{}]", items.len());
            let result = match items.get_mut(*index) {
                Some(item) => put(item, rest, leaf),
                None => Err(missing),
            };
            *here = Value::Array(items);
            result
        }
    }
}

fn indices(place: &[Step]) -> Vec<usize> {
    let index = |step: &Step| match step {
        Step::Index(index) => Some(*index),
        Step::Name(_) => None,
    };
    place.iter().filter_map(index).collect()
}

/// Whether one place is in the other, or is the other.
fn overlap(one: &[Step], other: &[Step]) -> bool {
    one.starts_with(other) || other.starts_with(one)
}

fn fault(place: &[Step], rule: impl Into<String>) -> RequestFault {
    let mut field = String::new();
    for step in place {
        field = match step {
            Step::Name(name) if field.is_empty() => shown_name(name).to_owned(),
            Step::Name(name) => format!("{field}.{}", shown_name(name)),
            Step::Index(index) => format!("{field}[{index}]"),
        };
    }
    RequestFault {
        field,
        rule: rule.into(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::catalogue::operation;

    /// The body of an operation with these fields, and the faults.
    fn written(id: &str, arguments: &[&str], body: Value) -> (Value, Vec<String>) {
        let Value::Object(mut body) = body else {
            panic!("an object");
        };
        let schema = &operation(id).unwrap().request.schema;
        let faults = write(arguments, Some(schema), &mut body);
        let faults = faults
            .iter()
            .map(|fault| format!("{}: {}", fault.field, fault.rule));
        (body.into(), faults.collect())
    }

    #[track_caller]
    fn is(id: &str, arguments: &[&str], expected: Value) {
        assert_eq!(written(id, arguments, json!({})), (expected, Vec::new()));
    }

    #[test]
    fn the_schema_says_what_a_value_is_and_never_its_look() {
        is(
            "get_member",
            &["userId=9999999999999999999"],
            json!({"userId": 9_999_999_999_999_999_999_u64}),
        );
        // Text of digits, with zeros in front, with an equals sign.
        is(
            "issue_one_time_token",
            &["cardNo=00012345678901234567890"],
            json!({"cardNo": "00012345678901234567890"}),
        );
        is("find_login_id", &["ci=YWJj=="], json!({"ci": "YWJj=="}));
        is(
            "list_card_transactions",
            &["includePreviousCard=true", "startDate=20260301"],
            json!({"includePreviousCard": true, "startDate": "20260301"}),
        );
    }

    #[test]
    fn what_is_no_number_is_refused_and_none_is_rounded() {
        for wrong in [
            "",
            "1.5",
            "1e3",
            "+1",
            "-1",
            "007",
            " 1",
            "99999999999999999999",
        ] {
            let (body, faults) = written("get_member", &[&format!("userId={wrong}")], json!({}));
            assert_eq!(body, json!({}), "{wrong}");
            assert_eq!(
                faults,
                ["userId: must be a whole number from 1 to 9999999999999999999"],
                "{wrong}"
            );
        }
    }

    #[test]
    fn lists_and_objects_are_filled() {
        is(
            "list_card_products",
            &["serviceIdList=a", "serviceIdList=b"],
            json!({"serviceIdList": ["a", "b"]}),
        );
        is(
            "apply_for_prepaid_card",
            &[
                "userInfo.userId=1",
                "addressInfo.zipCode=01234",
                "serviceId=x",
            ],
            json!({"userInfo": {"userId": 1}, "addressInfo": {"zipCode": "01234"}, "serviceId": "x"}),
        );
        // In any order.
        let (body, faults) = written(
            "update_terms_agreement",
            &["tcList[1].tcId=29185", "tcList[0].tcId=29184"],
            json!({"userId": 1}),
        );
        assert_eq!(faults, Vec::<String>::new());
        assert_eq!(body["tcList"], json!([{"tcId": 29184}, {"tcId": 29185}]));
    }

    #[test]
    fn fields_go_over_the_body_that_is_there() {
        let (body, faults) = written(
            "list_card_products",
            &["serviceIdList=b", "more:={\"a\":[1]}"],
            json!({"serviceIdList": ["a", "c"], "other": 1}),
        );
        assert_eq!(faults, Vec::<String>::new());
        assert_eq!(
            body,
            json!({"serviceIdList": ["b"], "other": 1, "more": {"a": [1]}})
        );
    }

    #[test]
    fn every_fault_is_told_and_no_value() {
        let (_, faults) = written(
            "apply_for_prepaid_card",
            &[
                "userinfo.userId=9491339401250765",
                "userInfo=9491339401250765",
                "serviceId.x=9491339401250765",
                "serviceId[0]=9491339401250765",
                "serviceId=a",
                "serviceId=b",
                "9491339401250765",
                "9491339401250765=1",
                "a..b=1",
                "x:={9491339401250765",
            ],
            json!({}),
        );
        assert_eq!(faults.len(), 9, "{faults:?}");
        assert!(!faults.concat().contains("9491"), "{faults:?}");
        assert!(faults[0].contains("did you mean userInfo?"), "{faults:?}");
        assert!(faults.contains(&"serviceId: is given twice".to_owned()));
    }

    #[test]
    fn an_item_needs_those_before_it() {
        let (_, faults) = written("update_terms_agreement", &["tcList[7].tcId=1"], json!({}));
        assert_eq!(faults, ["tcList[7].tcId: comes without the item [0]"]);
    }
}
