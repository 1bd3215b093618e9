//! What sets faults, in the one form that requests of the control API and the entries of a plan have.

use serde_json::Value;

use super::{Fault, Faults};
use crate::contract::operation_id;
use crate::fields::Fields;
use crate::problem::Problem;

/// The faults that a sandbox starts with.
///
/// As text it is a list in YAML or JSON. Each entry is what the control API takes: a fault for the
/// next call, several of which wait in a line; a fault for every call of an operation; or faults at a
/// rate, drawn with a seed.
///
/// ```
/// use konaplate_sandbox::FaultPlan;
///
/// let plan = "
///     - fault: close-after
///     - operation: get_member
///       fault: delay:500
///     - rate: 0.01
///       seed: 7
///       faults: [html-after:502, wrong-tag]
/// ";
/// FaultPlan::from_yaml(plan)?;
///
/// let why = FaultPlan::from_yaml("[{fault: close-after}, {fault: html:200}]").unwrap_err();
/// assert_eq!(why.to_string(), "entry 2: fault must be of status 500, 502, 503 or 504");
/// # Ok::<(), konaplate_sandbox::Problem>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct FaultPlan(Faults);

impl FaultPlan {
    /// Reads a plan; JSON is YAML, too.
    ///
    /// # Errors
    /// Which entry is wrong, and the rule that it breaks.
    pub fn from_yaml(text: &str) -> Result<Self, Problem> {
        let entries: Value = serde_saphyr::from_str(text).map_err(|error| {
            let place = error.location().map_or_else(String::new, |place| {
                format!(
                    ": none from line {} column {} on",
                    place.line(),
                    place.column()
                )
            });
            Problem::new("the plan", format!("must be a list in YAML or JSON{place}"))
        })?;
        let Value::Array(entries) = entries else {
            return Err(Problem::new("the plan", "must be a list in YAML or JSON"));
        };
        let mut faults = Faults::default();
        for (place, entry) in entries.into_iter().enumerate() {
            let name = format!("entry {}", place + 1);
            let Value::Object(fields) = entry else {
                return Err(Problem::new(name, "must be an object"));
            };
            Setting::read(Fields::of_object(fields))
                .and_then(|setting| {
                    setting.is_new_to(&faults)?;
                    setting.set(&mut faults)
                })
                .map_err(|Problem { field, rule }| {
                    Problem::new(format!("{name}: {field}"), rule)
                })?;
        }
        Ok(Self(faults))
    }

    pub(crate) fn faults(&self) -> Faults {
        self.0.clone()
    }
}

/// One thing to be set.
#[derive(Debug)]
pub(crate) enum Setting {
    /// A fault for the next call.
    Next(Fault),
    /// A fault for every call of an operation.
    Operation(&'static str, Fault),
    /// Faults at random.
    Rate {
        rate: f64,
        seed: u64,
        kinds: Vec<Fault>,
    },
}

impl Setting {
    pub(crate) fn next(mut fields: Fields) -> Result<Self, Problem> {
        let fault = fields.text("fault")?.parse()?;
        fields.finish()?;
        Ok(Self::Next(fault))
    }

    pub(crate) fn operation(mut fields: Fields) -> Result<Self, Problem> {
        let operation = operation_id(&fields.text("operation")?)?;
        let fault = fields.text("fault")?.parse()?;
        fields.finish()?;
        Ok(Self::Operation(operation, fault))
    }

    pub(crate) fn rate(mut fields: Fields) -> Result<Self, Problem> {
        let rate = fields
            .take("rate")?
            .as_f64()
            .ok_or_else(|| Problem::new("rate", "must be a number"))?;
        let seed = fields.whole("seed")?;
        let Value::Array(names) = fields.take("faults")? else {
            return Err(Problem::new("faults", "must be a list"));
        };
        fields.finish()?;
        let kinds = names
            .iter()
            .map(|name| name.as_str().unwrap_or_default().parse())
            .collect::<Result<_, Problem>>()?;
        Ok(Self::Rate { rate, seed, kinds })
    }

    /// Sets it.
    pub(crate) fn set(self, faults: &mut Faults) -> Result<(), Problem> {
        match self {
            Self::Next(fault) => faults.add_next(fault),
            Self::Operation(operation, fault) => faults.set_operation(operation, fault),
            Self::Rate { rate, seed, kinds } => faults.set_rate(rate, seed, kinds),
        }
    }

    /// That nothing is lost if it is set.
    fn is_new_to(&self, faults: &Faults) -> Result<(), Problem> {
        match self {
            Self::Operation(operation, _) if faults.has_operation(operation) => {
                let rule = "must not have a fault by an entry before";
                Err(Problem::new("operation", rule))
            }
            Self::Rate { .. } if faults.has_rate() => {
                Err(Problem::new("rate", "must not be set by an entry before"))
            }
            _ => Ok(()),
        }
    }

    /// An entry of a plan: its fields say which of them it is.
    fn read(fields: Fields) -> Result<Self, Problem> {
        if ["rate", "seed", "faults"]
            .iter()
            .any(|name| fields.has(name))
        {
            Self::rate(fields)
        } else if fields.has("operation") {
            Self::operation(fields)
        } else {
            Self::next(fields)
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_plan_is_what_the_control_api_would_have_set() {
        let plan = json!([
            {"fault": "close-after"},
            {"operation": "get_member", "fault": "delay:5"},
            {"rate": 1, "seed": 7, "faults": ["wrong-tag"]},
            {"fault": "close-before"},
        ]);
        let FaultPlan(mut faults) = FaultPlan::from_yaml(&plan.to_string()).unwrap();
        assert_eq!(
            faults.to_json(),
            json!({
                "next": ["close-after", "close-before"],
                "operations": {"get_member": "delay:5"},
                "rate": {"rate": 1.0, "seed": 7, "faults": ["wrong-tag"]},
            })
        );
        let taken = [0; 4].map(|_| faults.take(Some("get_member")).unwrap());
        let delay = Fault::Delay { millis: 5 };
        assert_eq!(taken, [Fault::CloseAfter, Fault::CloseBefore, delay, delay]);
        assert_eq!(faults.take(None), Some(Fault::WrongTag));
        assert!(FaultPlan::from_yaml("[]").is_ok());
    }

    #[test]
    fn a_wrong_plan_names_the_entry_and_the_rule() {
        let twice = "- {operation: get_member, fault: close-after}\n".repeat(2);
        let rates = "- {rate: 0.1, seed: 1, faults: [wrong-tag]}\n".repeat(2);
        for (plan, expected) in [
            ("", "the plan must be a list"),
            ("fault: close-after", "the plan must be a list"),
            (
                "- fault: [",
                "the plan must be a list in YAML or JSON: none from line",
            ),
            ("- close-after", "entry 1 must be an object"),
            ("- {}", "entry 1: fault is required"),
            ("- {fault: 7}", "entry 1: fault must be text"),
            ("- {fault: close}", "entry 1: fault must be one of"),
            (
                "- {fault: delay:60001}",
                "entry 1: fault must not delay more",
            ),
            (
                "- {fault: close-after, times: 2}",
                "entry 1: times is not a field",
            ),
            (
                "- {fault: close-after, fault: close-before}",
                "the plan must be",
            ),
            (
                "- {fault: close-after}\n- {operation: getMember, fault: close-after}",
                "entry 2: operation must be the id of one of the operations",
            ),
            (
                "- {rate: 2, seed: 1, faults: [wrong-tag]}",
                "entry 1: rate must be from 0 to 1",
            ),
            (
                "- {rate: 0.5, seed: 1, faults: []}",
                "entry 1: faults must name",
            ),
            (
                "- {rate: 0.5, faults: [wrong-tag]}",
                "entry 1: seed is required",
            ),
            ("- {seed: 1}", "entry 1: rate is required"),
            (
                &twice,
                "entry 2: operation must not have a fault by an entry before",
            ),
            (&rates, "entry 2: rate must not be set by an entry before"),
        ] {
            let why = FaultPlan::from_yaml(plan).unwrap_err().to_string();
            assert!(why.starts_with(expected), "{plan}: {why}");
        }
    }
}
