//! What the client's own sources call by name: a schema or an operation that they need cannot go without
//! them.

use std::collections::BTreeSet;
use std::path::Path;

use konaplate_codegen::names::snake;
use konaplate_codegen::scopes::{self, names};
use konaplate_spec::Spec;
use syn::visit::Visit;

use super::Findings;
use crate::{at_root, files};

/// Checks the sources of the client.
pub(super) fn check(findings: &mut Findings, spec: &Spec) {
    let mut sources = Vec::new();
    collect(&at_root("src"), &mut sources);
    for (file, text) in sources {
        // One that does not parse is the compiler's to report.
        if let Ok(parsed) = syn::parse_file(&text) {
            one_file(findings, spec, &file, &parsed);
        }
    }
}

/// The Rust files below a folder.
fn collect(folder: &Path, sources: &mut Vec<(String, String)>) {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    for path in entries.map(|entry| entry.path()) {
        if path.is_dir() {
            collect(&path, sources);
        } else if path.extension().is_some_and(|extension| extension == "rs")
            && let Ok(text) = files::read(&path)
        {
            let file = path.strip_prefix(at_root(".")).unwrap_or(&path);
            sources.push((file.display().to_string(), text));
        }
    }
}

fn one_file(findings: &mut Findings, spec: &Spec, file: &str, parsed: &syn::File) {
    let modules: BTreeSet<String> = spec
        .groups()
        .iter()
        .map(|group| snake(&group.name))
        .collect();
    let mut uses = Uses {
        modules: &modules,
        found: BTreeSet::new(),
    };
    uses.visit_file(parsed);
    let known: BTreeSet<(String, String)> = names(spec)
        .into_iter()
        .map(|name| (name.scope, name.rust))
        .collect();
    for (module, name) in uses.found {
        let by_hand = module == "types" && scopes::TYPES.contains(&name.as_str());
        let scope = format!("konaplate::{module}");
        findings.require(
            by_hand || known.contains(&(scope, name.clone())),
            file,
            format!("it uses {module}::{name}, which the description does not make"),
            "keep the schema or the operation in the description, or take its use out of the client first",
        );
    }
}

/// The types that a source takes from generated modules: module, name.
struct Uses<'m> {
    modules: &'m BTreeSet<String>,
    found: BTreeSet<(String, String)>,
}

impl Uses<'_> {
    fn pair(&mut self, module: &syn::Ident, name: &syn::Ident) {
        let (module, name) = (module.to_string(), name.to_string());
        let is_type = name.starts_with(|c: char| c.is_ascii_uppercase());
        if is_type && (module == "types" || self.modules.contains(&module)) {
            self.found.insert((module, name));
        }
    }

    fn below(&mut self, module: &syn::Ident, tree: &syn::UseTree) {
        match tree {
            syn::UseTree::Name(name) => self.pair(module, &name.ident),
            syn::UseTree::Rename(name) => self.pair(module, &name.ident),
            syn::UseTree::Path(path) => self.pair(module, &path.ident),
            syn::UseTree::Group(group) => {
                group.items.iter().for_each(|tree| self.below(module, tree));
            }
            syn::UseTree::Glob(_) => {}
        }
    }
}

impl<'ast> Visit<'ast> for Uses<'_> {
    fn visit_path(&mut self, path: &'ast syn::Path) {
        let segments: Vec<_> = path.segments.iter().collect();
        for pair in segments.windows(2) {
            self.pair(&pair[0].ident, &pair[1].ident);
        }
        syn::visit::visit_path(self, path);
    }

    fn visit_use_path(&mut self, path: &'ast syn::UsePath) {
        self.below(&path.ident, &path.tree);
        syn::visit::visit_use_path(self, path);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bundle::join;
    use crate::bundle::sources::Sources;

    /// The problems of a source beside the description.
    fn problems(code: &str) -> Vec<String> {
        let document = join(&Sources::load(&at_root("openapi/src")).unwrap()).unwrap();
        let spec = Spec::from_value(document).unwrap();
        let mut findings = Findings::default();
        one_file(
            &mut findings,
            &spec,
            "src/a.rs",
            &syn::parse_file(code).unwrap(),
        );
        findings
            .list
            .into_iter()
            .map(|finding| finding.problem)
            .collect()
    }

    #[test]
    fn what_the_sources_use_has_to_be_made() {
        for (code, name) in [
            ("fn a(id: types::Gone) {}", "types::Gone"),
            ("use crate::types::{SequenceId, Gone};", "types::Gone"),
            ("use crate::payments::Gone as Other;", "payments::Gone"),
            ("fn a() { crate::types::Gone::new(); }", "types::Gone"),
        ] {
            let problem = format!("it uses {name}, which the description does not make");
            assert_eq!(problems(code), [problem], "{code}");
        }
        let sound =
            "use crate::types::{MaskedJson, SequenceId}; fn a(b: crate::payments::PayWithToken) {}";
        assert_eq!(problems(sound), Vec::<String>::new());
    }
}
