use kona::apis::{configuration::Configuration, members_api, recharges_api, Error};
use kona::apis::recharges_api::GetBankRechargeResultError;
use kona::models::{GetBankRechargeResultRequestBody, GetMemberRequestBody};

fn say(step: &str, value: impl ToString, how: &str) {
    println!("{}", serde_json::json!({"step": step, "value": value.to_string(), "how": how}));
}

fn broke(step: &str, error: impl ToString) {
    println!("{}", serde_json::json!({"step": step, "error": error.to_string()}));
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let mut configuration = Configuration::new();
    configuration.base_path = std::env::var("SERVER").unwrap();
    match members_api::get_member(&configuration, GetMemberRequestBody::new(9999999999999999999)).await {
        Ok(member) => say("id", member.user_info.user_id, ""),
        Err(error) => broke("id", error),
    }
    for step in ["enum", "field", "failure", "problem", "html"] {
        let body = GetBankRechargeResultRequestBody::new(step.to_uppercase());
        match recharges_api::get_bank_recharge_result(&configuration, body).await {
            Ok(response) => say(step, response.result, ""),
            Err(Error::ResponseError(came)) => match came.entity {
                Some(GetBankRechargeResultError::Status400(failure)) => say(step, failure.response.code, "typed error"),
                Some(GetBankRechargeResultError::DefaultResponse(problem)) => say(step, problem.delivery, "typed error"),
                Some(GetBankRechargeResultError::UnknownValue(value)) => {
                    let code = value.pointer("/response/code").or(value.pointer("/delivery"));
                    say(step, code.and_then(|code| code.as_str()).unwrap_or("?"), "error, body as JSON");
                }
                None => say(step, came.status.as_u16(), "error with status"),
            },
            Err(error) => broke(step, error),
        }
    }
}
