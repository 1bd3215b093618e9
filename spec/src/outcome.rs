//! What becomes of a call that moves money (`x-konaplate-outcome`).

use crate::code::is_code;
use crate::error::Error;
use crate::read::Node;
use crate::words::Proves;

/// How the outcome of an operation that moves money is found, and what a person can do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// Who moves the money.
    pub completed_by: CompletedBy,
    /// The request's field that KONA finds the call by, beside its correlation id.
    pub reference: Option<String>,
    /// What the operation's own success says.
    pub response: OwnResponse,
    /// The operation that tells the outcome.
    pub inquiry: Option<Inquiry>,
    /// The operation that takes it back.
    pub cancel: Option<String>,
    /// What each code proves, in the order of the classes.
    pub proofs: Vec<Proof>,
    /// What a person can do when the response was lost.
    pub hint: String,
    /// The same in Korean.
    pub hint_ko: String,
}

/// Who moves the money.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CompletedBy {
    /// The platform, before it responds or soon after.
    Platform,
    /// The member, later or never, with the payment window or the barcode in this field of the
    /// response. Where the field is optional, only if it is there.
    Member {
        /// The response's field.
        acts_with: String,
    },
}

/// The fields of an operation's own success that tell its outcome.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OwnResponse {
    /// A flag: the outcome is not known yet.
    pub pending: Option<String>,
    /// The result, with the values of the [inquiry](Inquiry).
    pub result: Option<String>,
}

/// How the outcome is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inquiry {
    /// Id of the operation.
    pub operation: String,
    /// The field of its request which takes the [reference](Outcome::reference).
    pub by: String,
    /// The field of its response that tells.
    pub field: String,
    /// Values that say that the money has moved.
    pub completed: Vec<String>,
    /// Values that say that it has not and will not.
    pub failed: Vec<String>,
    /// Values that say that it is not known yet.
    pub pending: Vec<String>,
}

/// What a code of an operation proves about the money.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proof {
    /// `007_008`
    pub code: String,
    /// What it proves.
    pub proves: Proves,
    /// Why it can only come when nothing was carried out: of [`Proves::NotCarriedOut`] alone.
    pub reason: Option<Reason>,
}

/// A reason in both languages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reason {
    /// In English.
    pub en: String,
    /// In Korean.
    pub ko: String,
}

impl Outcome {
    /// What a code proves. A code that is not listed is a failure.
    #[must_use]
    pub fn proves(&self, code: &str) -> Proves {
        self.proof(code)
            .map_or(Proves::Failure, |proof| proof.proves)
    }

    /// What the description says of a code, if it lists it.
    #[must_use]
    pub fn proof(&self, code: &str) -> Option<&Proof> {
        self.proofs.iter().find(|proof| proof.code == code)
    }

    pub(crate) fn read(node: &Node<'_>) -> Result<Self, Error> {
        let owned = |text: &str| text.to_owned();
        let acts_with = node.text("member-acts-with")?;
        let completed_by = match (node.need_text("completed-by")?, acts_with) {
            ("platform", None) => CompletedBy::Platform,
            ("member", Some(field)) => CompletedBy::Member {
                acts_with: field.to_owned(),
            },
            _ => {
                return Err(
                    node.error("completed-by has to be platform, or member with member-acts-with")
                );
            }
        };
        let response = match node.get("response") {
            None => OwnResponse::default(),
            Some(response) => OwnResponse {
                pending: response.text("pending")?.map(owned),
                result: response.text("result")?.map(owned),
            },
        };
        let inquiry = node
            .get("inquiry")
            .map(|node| Inquiry::read(&node))
            .transpose()?;
        let hint = node.need("hint")?;
        Ok(Self {
            completed_by,
            reference: node.text("reference")?.map(owned),
            response,
            inquiry,
            cancel: node
                .get("cancel")
                .map(|cancel| cancel.need_text("operation").map(owned))
                .transpose()?,
            proofs: node
                .get("proves")
                .map_or(Ok(Vec::new()), |node| proofs(&node))?,
            hint: hint.need_text("en")?.to_owned(),
            hint_ko: hint.need_text("ko")?.to_owned(),
        })
    }

    /// The response's field with which the member moves the money.
    #[must_use]
    pub fn member_acts_with(&self) -> Option<&str> {
        match &self.completed_by {
            CompletedBy::Platform => None,
            CompletedBy::Member { acts_with } => Some(acts_with),
        }
    }
}

fn proofs(node: &Node<'_>) -> Result<Vec<Proof>, Error> {
    let mut proofs = Vec::<Proof>::new();
    let mut add = |proof: Proof| {
        if !is_code(&proof.code) {
            return Err(node.error(format!("{} is not of the form 007_008", proof.code)));
        }
        if proofs.iter().any(|other| other.code == proof.code) {
            return Err(node.error(format!("{} is there twice", proof.code)));
        }
        proofs.push(proof);
        Ok(())
    };
    for (code, reason) in node.entries(Proves::NotCarriedOut.word())? {
        add(Proof {
            code: code.to_owned(),
            proves: Proves::NotCarriedOut,
            reason: Some(Reason {
                en: reason.need_text("en")?.to_owned(),
                ko: reason.need_text("ko")?.to_owned(),
            }),
        })?;
    }
    for proves in [Proves::EarlierCall, Proves::Declined, Proves::Failure] {
        for code in node.texts(proves.word())? {
            add(Proof {
                code,
                proves,
                reason: None,
            })?;
        }
    }
    Ok(proofs)
}

impl Inquiry {
    fn read(node: &Node<'_>) -> Result<Self, Error> {
        Ok(Self {
            operation: node.need_text("operation")?.to_owned(),
            by: node.need_text("by")?.to_owned(),
            field: node.need_text("field")?.to_owned(),
            completed: node.texts("completed")?,
            failed: node.texts("failed")?,
            pending: node.texts("pending")?,
        })
    }
}
