//! What there is to know of an operation at a glance, in the languages of the description: for whoever
//! shows one to people, on a terminal or on a page.

use crate::code::CodeExample;
use crate::language::Language;
use crate::operation::{Operation, Paging};
use crate::outcome::{Inquiry, Outcome};
use crate::spec::Spec;

/// A fact: its name, and what is said of it.
pub type Fact = (&'static str, String);

impl Operation {
    /// Which bodies are encrypted, in a few words.
    #[must_use]
    pub fn encryption_text(&self, language: Language) -> String {
        let request = self.encryption.request.text(language);
        let response = self.encryption.response.text(language);
        match language {
            Language::English => format!("request {request}; response {response}"),
            Language::Korean => format!("요청 {request}, 응답 {response}"),
        }
    }

    /// What it does, and which operation tells how it went on.
    #[must_use]
    pub fn effect_text(&self, language: Language) -> String {
        let mut effect = self.effect.text(language).to_owned();
        if let Some(follow_up) = &self.follow_up {
            effect.push_str(&match language {
                Language::English => format!(" {follow_up} tells how it went on."),
                Language::Korean => format!(" 진행 결과는 {follow_up}로 조회합니다."),
            });
        }
        effect
    }

    /// How much was seen of it, and in which version.
    #[must_use]
    pub fn evidence_text(&self, language: Language) -> String {
        let seen = &self.version_shown;
        let offered = self.versions.join(", ");
        let evidence = self.evidence.text(language);
        match language {
            Language::English => format!("{evidence}; version {seen}, of {offered}"),
            Language::Korean => format!("{evidence}, 확인한 버전 {seen}, 제공되는 버전 {offered}"),
        }
    }

    /// Where it is, what it does, and how well it is known.
    #[must_use]
    pub fn facts(&self, spec: &Spec, language: Language) -> Vec<Fact> {
        let groups = spec.groups().iter();
        let group = groups
            .filter(|group| group.name == self.group)
            .map(|group| format!("{} ({})", group.name, group.title))
            .collect();
        let name = |english, korean| language.pick(english, korean);
        let mut facts = vec![
            (name("Path", "경로"), self.path.clone()),
            (name("Title", "제목"), self.title.clone()),
            (name("Group", "그룹"), group),
            (name("Effect", "효과"), self.effect_text(language)),
            (name("Encryption", "암호화"), self.encryption_text(language)),
            (name("Evidence", "근거"), self.evidence_text(language)),
        ];
        if self.deprecated {
            let text = language.pick(
                "a newer operation takes its place",
                "새 API로 대체되었습니다.",
            );
            facts.push((name("Deprecated", "사용 중단"), text.to_owned()));
        }
        facts
    }

    /// The failures that it can respond with, each with whether its own page lists it. Those that are known from
    /// elsewhere, because its outcome says what they prove, stand behind the others.
    pub fn known_failures<'s>(
        &'s self,
        spec: &'s Spec,
    ) -> impl Iterator<Item = (&'s CodeExample, bool)> {
        let is_listed = |code: &str| self.failures.iter().any(|failure| failure.code == code);
        let proofs = self.outcome.iter().flat_map(|outcome| &outcome.proofs);
        let others = proofs
            .filter(move |proof| !is_listed(&proof.code))
            .filter_map(|proof| spec.code(&proof.code)?.examples.first());
        let listed = self.failures.iter().map(|failure| (failure, true));
        listed.chain(others.map(|failure| (failure, false)))
    }

    /// Whether its list of codes is whole, and what any other code says of the money.
    #[must_use]
    pub fn codes_text(&self, language: Language) -> String {
        let mut notes = vec![if self.codes_complete {
            language.pick("The list is complete.", "코드 목록은 전체입니다.")
        } else {
            language.pick(
                "The list is not known to be complete.",
                "코드 목록은 일부이며, 다른 코드가 올 수 있습니다.",
            )
        }];
        if self.outcome.is_some() {
            notes.push(language.pick(
                "Any other code, and any HTTP status but 400: may have been carried out.",
                "그 밖의 코드, 또는 HTTP 상태가 400이 아닌 응답은 처리되었을 수 있습니다.",
            ));
        }
        notes.join(" ")
    }
}

impl Outcome {
    /// Who completes the call, what tells its outcome, and what to do when the response was lost.
    #[must_use]
    pub fn facts(&self, language: Language) -> Vec<Fact> {
        let name = |english, korean| language.pick(english, korean);
        let by = match (self.member_acts_with(), language) {
            (None, _) => language.pick("the platform", "플랫폼").to_owned(),
            (Some(field), Language::English) => format!("the member, with {field} of the response"),
            (Some(field), Language::Korean) => format!("회원 (응답의 {field} 이용)"),
        };
        let told = match &self.inquiry {
            None => language
                .pick(
                    "no operation is known that tells it",
                    "확인된 조회 API 없음",
                )
                .to_owned(),
            Some(inquiry) => inquiry.text(language),
        };
        let mut facts = vec![
            (name("Completed by", "완료 주체"), by),
            (name("Told by", "결과 조회"), told),
        ];
        if let Some(reference) = &self.reference {
            facts.push((
                name("KONA finds it by", "KONA 확인 항목"),
                match language {
                    Language::English => format!("{reference}, and the correlation id"),
                    Language::Korean => format!("{reference}, 상관관계 ID(correlation id)"),
                },
            ));
        }
        if let Some(pending) = &self.response.pending {
            facts.push((
                name("Own response", "응답의 결과"),
                match language {
                    Language::English => {
                        format!("{pending} is true while the outcome is not known")
                    }
                    Language::Korean => {
                        format!("결과를 아직 알 수 없으면 {pending}이(가) true입니다.")
                    }
                },
            ));
        }
        if let Some(result) = &self.response.result {
            facts.push((
                name("Own response", "응답의 결과"),
                match language {
                    Language::English => format!("{result} has the values of the inquiry"),
                    Language::Korean => format!("{result}의 값은 조회 결과의 값과 같습니다."),
                },
            ));
        }
        facts.push((
            name("Taken back by", "취소"),
            match &self.cancel {
                Some(cancel) => cancel.clone(),
                None => language
                    .pick("no operation is known", "확인된 취소 API 없음")
                    .to_owned(),
            },
        ));
        facts.push((
            name("After a lost response", "응답을 받지 못한 경우"),
            language.pick(&self.hint, &self.hint_ko).to_owned(),
        ));
        facts
    }
}

impl Inquiry {
    /// Which operation tells the outcome, by which field, and what its values say.
    #[must_use]
    pub fn text(&self, language: Language) -> String {
        let Inquiry {
            operation,
            by,
            field,
            ..
        } = self;
        let or = |words: &[String]| words.join(language.pick(" or ", " 또는 "));
        let completed = or(&self.completed);
        let failed = or(&self.failed);
        let pending = or(&self.pending);
        match language {
            Language::English => format!(
                "{operation}, by {by}: {field} is {completed} when the money has moved, {failed} when \
                 it has not, {pending} while that is not known"
            ),
            Language::Korean => format!(
                "{operation} ({by}로 조회). {field}이(가) {completed}이면 금액이 이동한 것이고, \
                 {failed}이면 이동하지 않은 것이며, {pending}이면 아직 알 수 없습니다."
            ),
        }
    }
}

impl Paging {
    /// How a page is asked for, and what says how many there are.
    #[must_use]
    pub fn text(&self, language: Language) -> String {
        let Paging { request, page, .. } = self;
        let mut text = match language {
            Language::English => {
                format!("{request}.{page} of the request asks for a page, from 0.")
            }
            Language::Korean => {
                format!("요청의 {request}.{page}로 페이지를 지정합니다. 첫 페이지는 0입니다.")
            }
        };
        if let (Some(response), Some(total)) = (&self.response, &self.total_pages) {
            text.push_str(&match language {
                Language::English => {
                    format!(" {response}.{total} of the response is the number of pages.")
                }
                Language::Korean => format!(" 응답의 {response}.{total}가 전체 페이지 수입니다."),
            });
        }
        if let Some(items) = &self.items {
            text.push_str(&match language {
                Language::English => format!(" {items} has the list."),
                Language::Korean => format!(" 목록은 {items}에 있습니다."),
            });
        }
        text
    }
}
