//! Failure codes.

use crate::error::Error;
use crate::read::Node;
use crate::words::CodeClass;

/// A code with everything that is documented of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Code {
    /// `007_008`
    pub code: String,
    /// Name in clients, in Pascal case.
    pub name: String,
    /// What can be done about it.
    pub class: CodeClass,
    /// Its messages and causes: one, or more.
    pub examples: Vec<CodeExample>,
    /// Ids of the operations that list it.
    pub operations: Vec<String>,
}

/// One documented code with one message: an entry of `components.examples`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CodeExample {
    /// Name of the example.
    pub name: String,
    /// `007_008`
    pub code: String,
    /// The message on the wire, letter by letter.
    pub message: String,
    /// What it means, in our words.
    pub meaning: String,
    /// The same in Korean.
    pub meaning_ko: String,
    /// The name that clients have for the code, where it is not the example's.
    pub code_name: Option<String>,
    /// What can be done about the code: on its first example only.
    pub class: Option<CodeClass>,
}

impl CodeExample {
    pub(crate) fn read(name: &str, node: &Node<'_>) -> Result<Self, Error> {
        let response = node.need("value")?.need("response")?;
        let code = response.need_text("code")?;
        if !is_code(code) {
            return Err(response.error(format!("{code} is not of the form 007_008")));
        }
        Ok(Self {
            name: name.to_owned(),
            code: code.to_owned(),
            message: response.need_text("description")?.to_owned(),
            meaning: node.need_text("summary")?.to_owned(),
            meaning_ko: node.need_text("x-konaplate-ko")?.to_owned(),
            code_name: node.text("x-konaplate-code-name")?.map(str::to_owned),
            class: node.word("x-konaplate-class", CodeClass::from_word)?,
        })
    }
}

/// Whether a text has the form of a code: `007_008`.
#[must_use]
pub fn is_code(text: &str) -> bool {
    let digits = |part: &str| part.len() == 3 && part.bytes().all(|b| b.is_ascii_digit());
    text.split_once('_')
        .is_some_and(|(family, number)| digits(family) && digits(number))
}
