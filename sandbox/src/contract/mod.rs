//! What the description demands of a request and lists as responses.
//!
//! Read from the same description that the client was generated from, through its typed model. A
//! rule that the description does not hold is not here: see [`crate::operations`] for those of each
//! operation.

mod schema;

use std::collections::{HashMap, HashSet};
use std::fmt;
use std::sync::OnceLock;

use anyhow::{Context, Result, anyhow};
use jsonschema::error::{TypeKind, ValidationErrorKind};
use jsonschema::{Draft, Validator};
use konaplate::protocol::shown_name;
use konaplate::{ErrorCode, Operation};
use konaplate_spec::Spec;
use serde_json::Value;
#[cfg(test)]
use serde_json::json;

use self::schema::{fields_of_a_list, json_schema};
use crate::problem::Problem;

/// All operations, ready to check requests.
pub(crate) struct Contract {
    operations: HashMap<&'static str, OperationContract>,
}

/// One operation.
pub(crate) struct OperationContract {
    pub(crate) operation: &'static Operation,
    /// The request's schema with all that it refers to.
    schema: Value,
    /// Made of the schema when the first request comes: most runs need a few of them.
    request: OnceLock<Validator>,
    #[cfg(test)]
    response_schema: Value,
    #[cfg(test)]
    response: OnceLock<Validator>,
    /// Names of the request's fields, in the order of the page.
    fields: Vec<String>,
    successes: Vec<Success>,
    failures: Vec<Failure>,
    /// Names of the fields of its success whose values are one of a list.
    pub(crate) closed_fields: HashSet<String>,
}

/// A success example.
#[derive(Debug, Clone)]
struct Success {
    name: String,
    body: Value,
}

/// A documented failure.
#[derive(Debug, Clone)]
pub(crate) struct Failure {
    name: String,
    pub(crate) code: String,
    pub(crate) message: String,
}

/// What is wrong with a request's plaintext.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SchemaFault {
    /// Name of the field; empty where it is the whole body.
    pub(crate) field: String,
    /// The rule. Never the value.
    pub(crate) expected: String,
    pub(crate) kind: FaultKind,
}

/// Kinds of faults that the vendor's codes tell apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FaultKind {
    Missing,
    TooSmall,
    /// A field that nobody described.
    Unknown,
    Other,
}

/// Why a request is not as the description says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestFault {
    /// The field, as a path such as `addressInfo.zipCode`; empty where it is the whole body.
    pub field: String,
    /// The rule, such as `at least 5 characters`. Never the value.
    pub rule: String,
}

/// The first rule of the description that the plaintext of a request breaks, missing fields before
/// others. Fields that the description does not know break none.
///
/// ```
/// use konaplate::Operation;
/// use konaplate_sandbox::fault_of_request;
/// use serde_json::json;
///
/// let operation = Operation::find("issue_one_time_token").unwrap();
/// assert_eq!(fault_of_request(operation, &json!({"cardNo": "9491339401250765", "new": 1})), None);
/// let fault = fault_of_request(operation, &json!({"cardNo": 1})).unwrap();
/// assert_eq!((fault.field.as_str(), fault.rule.as_str()), ("cardNo", "type string"));
/// ```
#[must_use]
pub fn fault_of_request(operation: &Operation, plaintext: &Value) -> Option<RequestFault> {
    let contract = Contract::shared().ok()?.at(operation.path())?;
    let SchemaFault {
        field,
        expected: rule,
        ..
    } = contract.fault_of_known_fields(plaintext)?;
    Some(RequestFault { field, rule })
}

/// Every rule of the description that the plaintext of a request breaks, in the order of the page.
/// Fields that the description does not know break none.
///
/// ```
/// use konaplate::Operation;
/// use konaplate_sandbox::faults_of_request;
/// use serde_json::json;
///
/// let operation = Operation::find("transfer_balance").unwrap();
/// let body = json!({"userId": 0, "fromCardNo": "9491339401250765", "toCardNo": 1, "new": 1});
/// let faults = faults_of_request(operation, &body);
/// let fields: Vec<_> = faults.iter().map(|fault| fault.field.as_str()).collect();
/// assert_eq!(fields, ["userId", "toCardNo", "amount"]);
/// ```
#[must_use]
pub fn faults_of_request(operation: &Operation, plaintext: &Value) -> Vec<RequestFault> {
    let contracts = Contract::shared().ok();
    let Some(contract) = contracts.and_then(|contracts| contracts.at(operation.path())) else {
        return Vec::new();
    };
    let known = |fault: &SchemaFault| fault.kind != FaultKind::Unknown;
    let mut faults: Vec<_> = contract.faults(plaintext).filter(known).collect();
    faults.sort_by_key(|fault| contract.position(fault));
    let mut faults: Vec<_> = faults
        .into_iter()
        .map(|fault| RequestFault {
            field: fault.field,
            rule: fault.expected,
        })
        .collect();
    faults.dedup();
    faults
}

/// Nothing of it: it is as long as the description, whose examples have card numbers.
impl fmt::Debug for Contract {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Contract").finish_non_exhaustive()
    }
}

impl Contract {
    /// The contract of the description. It is read once a process.
    pub(crate) fn shared() -> Result<&'static Self> {
        static CONTRACT: OnceLock<std::result::Result<Contract, String>> = OnceLock::new();
        CONTRACT
            .get_or_init(|| Self::from_description().map_err(|error| format!("{error:#}")))
            .as_ref()
            .map_err(|error| anyhow!("{error}"))
    }

    fn from_description() -> Result<Self> {
        let spec = Spec::from_yaml(konaplate::DESCRIPTION)?;
        let operations = Operation::all()
            .iter()
            .map(|operation| {
                OperationContract::read(&spec, operation)
                    .map(|contract| (operation.path(), contract))
                    .with_context(|| operation.id())
            })
            .collect::<Result<_>>()?;
        Ok(Self { operations })
    }

    pub(crate) fn at(&self, path: &str) -> Option<&OperationContract> {
        self.operations.get(path)
    }
}

impl OperationContract {
    fn read(spec: &Spec, operation: &'static Operation) -> Result<Self> {
        let described = spec.operation(operation.id()).context("not described")?;
        let (request, response) = (&described.request, &described.response);
        let fields = spec.schema(&request.schema).fields();
        let successes: Vec<_> = response
            .examples
            .iter()
            .map(|example| Success {
                name: example.name.clone(),
                body: example.value.clone(),
            })
            .collect();
        anyhow::ensure!(!successes.is_empty(), "no success example");
        let failures = described
            .failures
            .iter()
            .map(|failure| Failure {
                name: failure.name.clone(),
                code: failure.code.clone(),
                message: failure.message.clone(),
            })
            .collect();
        Ok(Self {
            operation,
            schema: json_schema(spec, &request.schema),
            request: OnceLock::new(),
            #[cfg(test)]
            response_schema: json_schema(spec, &response.schema),
            #[cfg(test)]
            response: OnceLock::new(),
            fields: fields.iter().map(|field| field.name.clone()).collect(),
            successes,
            failures,
            closed_fields: fields_of_a_list(spec, &response.schema),
        })
    }

    /// Names of the request's fields.
    pub(crate) fn fields(&self) -> &[String] {
        &self.fields
    }

    fn validator(&self) -> &Validator {
        self.request.get_or_init(|| {
            jsonschema::options()
                .with_draft(Draft::Draft4)
                .build(&self.schema)
                .expect("a test builds the validators of all operations")
        })
    }

    /// The first fault of a request, missing fields before others, in the order of the page.
    pub(crate) fn fault(&self, plaintext: &Value) -> Option<SchemaFault> {
        self.first(self.faults(plaintext))
    }

    /// The same of the fields that the description knows: others may be there.
    fn fault_of_known_fields(&self, plaintext: &Value) -> Option<SchemaFault> {
        let known = |fault: &SchemaFault| fault.kind != FaultKind::Unknown;
        self.first(self.faults(plaintext).filter(known))
    }

    fn first(&self, faults: impl Iterator<Item = SchemaFault>) -> Option<SchemaFault> {
        let rank = |fault: &SchemaFault| (fault.kind != FaultKind::Missing, self.position(fault));
        faults.min_by_key(rank)
    }

    /// Where on the page the field stands that a fault is in.
    fn position(&self, fault: &SchemaFault) -> usize {
        let outer = fault.field.split(['.', '[']).next();
        let mut fields = self.fields.iter();
        fields
            .position(|field| Some(field.as_str()) == outer)
            .unwrap_or(usize::MAX)
    }

    fn faults<'a>(&'a self, plaintext: &'a Value) -> impl Iterator<Item = SchemaFault> + 'a {
        self.validator()
            .iter_errors(plaintext)
            .map(|error| fault_of(error.kind(), &path_of(error.instance_path().as_str())))
    }

    /// The documented failure with that code, or with that name of an example.
    pub(crate) fn failure(&self, code_or_name: &str) -> Option<&Failure> {
        self.failures
            .iter()
            .find(|failure| failure.code == code_or_name || failure.name == code_or_name)
    }

    /// The message of a code as this operation's page prints it, with a field's name in the place
    /// of the one that the page has there.
    pub(crate) fn message(&self, code: &ErrorCode, field: Option<&str>) -> String {
        let message = self
            .failure(code.code())
            .map(|failure| failure.message.as_str())
            .or_else(|| code.messages().first().copied())
            .unwrap_or_default();
        match (message.rsplit_once(". "), field) {
            (Some((stem, _)), Some(field)) if !field.is_empty() => format!("{stem}. {field}"),
            _ => message.to_owned(),
        }
    }

    /// The message of success as this operation's page prints it.
    pub(crate) fn success_message(&self) -> &str {
        self.success(None)
            .and_then(|body| body["response"]["description"].as_str())
            .unwrap_or("Success")
    }

    /// What is wrong with the fields of a success, by the description.
    #[cfg(test)]
    pub(crate) fn response_faults(&self, fields: &Value) -> Vec<String> {
        let mut body = fields.clone();
        body["response"] = json!({"code": "000_000", "description": "Success"});
        let validator = self.response.get_or_init(|| {
            jsonschema::options()
                .with_draft(Draft::Draft4)
                .build(&self.response_schema)
                .expect("responses have a schema")
        });
        validator
            .iter_errors(&body)
            .map(|error| format!("{}: {error}", error.instance_path()))
            .collect()
    }

    /// The success example of that name, or the first one.
    pub(crate) fn success(&self, name: Option<&str>) -> Option<&Value> {
        self.successes
            .iter()
            .find(|success| name.is_none_or(|name| success.name == name))
            .map(|success| &success.body)
    }
}

/// A JSON pointer as people write a path: `tcList[1].tcId`.
fn path_of(pointer: &str) -> String {
    let mut path = String::new();
    for part in pointer.split('/').skip(1) {
        if part.bytes().all(|b| b.is_ascii_digit()) {
            path = format!("{path}[{part}]");
        } else {
            let dot = if path.is_empty() { "" } else { "." };
            path = format!("{path}{dot}{part}");
        }
    }
    path
}

fn fault_of(kind: &ValidationErrorKind, path: &str) -> SchemaFault {
    let mut field = path.to_owned();
    let mut fault_kind = FaultKind::Other;
    let expected = match kind {
        ValidationErrorKind::Required { property } => {
            let property = property.as_str().unwrap_or_default();
            let dot = if field.is_empty() { "" } else { "." };
            field = format!("{field}{dot}{property}");
            fault_kind = FaultKind::Missing;
            "is required".to_owned()
        }
        ValidationErrorKind::AdditionalProperties { unexpected } => {
            let dot = if field.is_empty() { "" } else { "." };
            fault_kind = FaultKind::Unknown;
            let unknown = unexpected.first().map_or("", String::as_str);
            field = format!("{field}{dot}{}", shown_name(unknown));
            "no fields but the documented ones".to_owned()
        }
        ValidationErrorKind::Type { kind } => {
            let types: Vec<_> = match kind {
                TypeKind::Single(one) => vec![one.to_string()],
                TypeKind::Multiple(several) => several.iter().map(|one| one.to_string()).collect(),
            };
            format!("type {}", types.join(" or "))
        }
        ValidationErrorKind::Enum { options } => format!("one of {options}"),
        ValidationErrorKind::MinLength { limit } => format!("at least {limit} characters"),
        ValidationErrorKind::MaxLength { limit } => format!("at most {limit} characters"),
        ValidationErrorKind::Minimum { limit } => {
            fault_kind = FaultKind::TooSmall;
            format!("at least {limit}")
        }
        ValidationErrorKind::Maximum { limit } => format!("at most {limit}"),
        ValidationErrorKind::Pattern { pattern } => format!("the pattern {pattern}"),
        other => other.keyword().to_owned(),
    };
    SchemaFault {
        field,
        expected,
        kind: fault_kind,
    }
}

/// The id of an operation as the description has it.
pub(crate) fn operation_id(id: &str) -> Result<&'static str, Problem> {
    Operation::find(id)
        .filter(|operation| operation.id() == id)
        .map(Operation::id)
        .ok_or_else(|| Problem::new("operation", "must be the id of one of the operations"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(operation: &str, plaintext: &Value) -> Option<(String, String)> {
        let contract = Contract::shared().unwrap();
        let path = Operation::find(operation).unwrap().path();
        let fault = contract.at(path).unwrap().fault(plaintext)?;
        Some((fault.field, fault.expected))
    }

    #[test]
    fn requests_are_checked_against_the_description() {
        let gift = |change: fn(&mut Value)| {
            let mut body = json!({
                "senderUserId": "9999999999999999999", "receiverName": "김코코",
                "receiverPhone": "01000000002", "serviceId": "000170000002000", "amount": 9_999_999_999_u64,
                "oneTimeToken": "5297000000000013", "dcvv": "471", "locale": "KO",
            });
            change(&mut body);
            fault("gift_prepaid_card", &body)
                .map(|(field, expected)| format!("{field}: {expected}"))
        };
        assert_eq!(gift(|_| ()), None);
        for (change, expected) in [
            (
                (|b| b["amount"] = json!(0)) as fn(&mut Value),
                "amount: at least 1",
            ),
            (
                |b| b["amount"] = json!(10_000_000_000_u64),
                "amount: at most 9999999999",
            ),
            (
                |b| b["serviceId"] = json!("1"),
                "serviceId: at least 15 characters",
            ),
            (
                |b| b["locale"] = json!("JP"),
                "locale: one of [\"KO\",\"EN\"]",
            ),
            (
                |b| b["senderUserId"] = json!("0"),
                "senderUserId: the pattern ^[1-9][0-9]{0,18}$",
            ),
            (
                |b| drop(b.as_object_mut().unwrap().remove("dcvv")),
                "dcvv: is required",
            ),
            (
                |b| b["more"] = json!(1),
                "more: no fields but the documented ones",
            ),
            // What does not look like a name could be a value.
            (
                |b| b["9491339401250765"] = json!(1),
                "…: no fields but the documented ones",
            ),
            (|b| b["amount"] = json!("1"), "amount: type integer"),
            (|b| b["amount"] = json!(1.5), "amount: type integer"),
            (|b| b["serviceId"] = json!(null), "serviceId: type string"),
        ] {
            assert_eq!(gift(change).as_deref(), Some(expected));
        }
    }

    #[test]
    fn every_operation_has_a_validator() {
        for contract in Contract::shared().unwrap().operations.values() {
            contract.validator();
        }
    }

    #[test]
    fn every_example_follows_the_rules_that_the_schemas_cannot_hold() {
        let spec = Spec::from_yaml(konaplate::DESCRIPTION).unwrap();
        let contracts = Contract::shared().unwrap();
        let mut count = 0;
        for operation in spec.operations() {
            let contract = contracts.at(&operation.path).unwrap();
            for example in &operation.request.examples {
                assert_eq!(contract.fault(&example.value), None, "{}", operation.id);
                count += 1;
            }
            for example in &operation.response.examples {
                let faults = contract.response_faults(&example.value);
                assert_eq!(faults, Vec::<String>::new(), "{}", operation.id);
                count += 1;
            }
        }
        assert!(count > 180, "{count}");
    }

    #[test]
    fn a_field_more_is_refused_where_the_whole_request_was_seen() {
        let spec = Spec::from_yaml(konaplate::DESCRIPTION).unwrap();
        let (mut refused, mut accepted) = (0, 0);
        for operation in spec.operations() {
            let mut body = operation.request.examples[0].value.clone();
            body["more"] = json!(1);
            let fault = Contract::shared()
                .unwrap()
                .at(&operation.path)
                .unwrap()
                .fault(&body);
            if spec.schema(&operation.request.schema).is_incomplete() {
                assert_eq!(fault, None, "{}", operation.id);
                accepted += 1;
            } else {
                let expected = fault.map(|fault| fault.expected);
                assert_eq!(
                    expected.as_deref(),
                    Some("no fields but the documented ones"),
                    "{}",
                    operation.id
                );
                refused += 1;
            }
        }
        assert!(refused > 15 && accepted > 15, "{refused} {accepted}");
    }

    #[test]
    fn the_values_of_a_list_in_a_response_are_known() {
        let contract = Contract::shared().unwrap();
        let closed = |operation: &str| {
            let path = Operation::find(operation).unwrap().path();
            &contract.at(path).unwrap().closed_fields
        };
        assert!(closed("get_bank_recharge_result").contains("result"));
        assert!(closed("issue_one_time_token").is_empty());
        // In an object, and in the objects of a list.
        assert!(closed("get_member").contains("gender"));
        assert!(closed("list_auto_recharge_plans").contains("state"));
    }

    #[test]
    fn a_field_inside_an_object_is_named_by_its_path() {
        let mut body = json!({
            "userInfo": {"userId": 10_000_000_001_u64},
            "addressInfo": {"address": "a", "addressDetail": "b", "zipCode": "1"},
            "serviceId": "000170000002000",
        });
        let fault = |body: &Value| {
            fault("apply_for_prepaid_card", body)
                .map(|(field, expected)| format!("{field}: {expected}"))
        };
        assert_eq!(
            fault(&body).as_deref(),
            Some("addressInfo.zipCode: at least 5 characters")
        );
        body["userInfo"] = json!({});
        assert_eq!(
            fault(&body).as_deref(),
            Some("userInfo.userId: is required")
        );
    }

    #[test]
    fn an_item_of_a_list_is_named_by_its_place() {
        let body = json!({"userId": 1, "tcList": [{"tcId": "x"}, {}]});
        let operation = Operation::find("update_terms_agreement").unwrap();
        let fault = RequestFault {
            field: "tcList[0].tcId".to_owned(),
            rule: "type integer".to_owned(),
        };
        assert_eq!(faults_of_request(operation, &body), [fault]);
    }

    #[test]
    fn the_largest_user_id_passes_and_one_more_digit_does_not() {
        let body = |user: &str| {
            let text = format!(
                r#"{{"userId": {user}, "par": "Q180BEA3B2F1BBD8410336D66A4", "amount": 1, "thresholdBalance": 1}}"#
            );
            fault(
                "update_lower_limit_auto_recharge",
                &serde_json::from_str(&text).unwrap(),
            )
        };
        assert_eq!(body("9999999999999999999"), None);
        assert_eq!(body("10000000000000000000").unwrap().0, "userId");
    }
}
