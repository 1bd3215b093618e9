//! The modules of a crate, read from its sources: what each holds and which paths it names.
//!
//! Code under `cfg(test)` is left out, and so is what `include!` brings in from a build script.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use proc_macro2::{TokenStream, TokenTree};
use syn::visit::Visit;

/// The modules of one crate. The first is its root.
#[derive(Debug)]
pub(super) struct Crate {
    pub(super) modules: Vec<Module>,
}

/// A module.
#[derive(Debug)]
pub(super) struct Module {
    /// Path from the root, which has an empty one: `["outcome", "payment"]`.
    pub(super) path: Vec<String>,
    /// The module that declares it.
    pub(super) parent: Option<usize>,
    /// The file that it stands in.
    pub(super) file: PathBuf,
    /// Its child modules.
    pub(super) children: Vec<usize>,
    /// Names of what it defines itself, child modules aside.
    pub(super) items: BTreeSet<String>,
    /// Its `use` declarations, whatever their visibility: a child sees the private ones too.
    pub(super) uses: Vec<Use>,
    /// The other paths that its code names.
    pub(super) paths: Vec<Named>,
}

/// One leaf of a `use` declaration.
#[derive(Debug)]
pub(super) struct Use {
    /// The name that it brings in. None of a glob.
    pub(super) name: Option<String>,
    /// What it names.
    pub(super) target: Named,
}

/// A path in the source.
#[derive(Debug, Clone)]
pub(super) struct Named {
    /// As it is written.
    pub(super) segments: Vec<String>,
    /// Its line, from 1.
    pub(super) line: usize,
}

impl Crate {
    /// Reads the crate whose root is this file.
    ///
    /// # Errors
    /// A module's file is missing, or is not Rust.
    pub(super) fn read(root: &Path, read: &dyn Fn(&Path) -> Option<String>) -> Result<Self> {
        let mut found = Self {
            modules: Vec::new(),
        };
        let folder = root.parent().unwrap_or(Path::new(""));
        found.add_file(root, folder, Vec::new(), None, read)?;
        Ok(found)
    }

    /// The module's path as text: `outcome::payment`; `crate` for the root.
    pub(super) fn name(&self, module: usize) -> String {
        match self.modules[module].path.as_slice() {
            [] => "crate".to_owned(),
            path => path.join("::"),
        }
    }

    /// The child of that name.
    pub(super) fn child(&self, module: usize, name: &str) -> Option<usize> {
        self.modules[module].children.iter().copied().find(|child| {
            self.modules[*child]
                .path
                .last()
                .is_some_and(|last| last == name)
        })
    }

    /// Adds a module that has a file. `folder` is where its child modules lie.
    fn add_file(
        &mut self,
        file: &Path,
        folder: &Path,
        path: Vec<String>,
        parent: Option<usize>,
        read: &dyn Fn(&Path) -> Option<String>,
    ) -> Result<usize> {
        let text = read(file).with_context(|| format!("{} is missing", file.display()))?;
        let syntax = syn::parse_file(&text).with_context(|| file.display().to_string())?;
        self.add(file, folder, path, parent, &syntax.items, read)
    }

    fn add(
        &mut self,
        file: &Path,
        folder: &Path,
        path: Vec<String>,
        parent: Option<usize>,
        items: &[syn::Item],
        read: &dyn Fn(&Path) -> Option<String>,
    ) -> Result<usize> {
        let mut collector = Collector::default();
        for item in items {
            collector.visit_item(item);
        }
        let index = self.modules.len();
        self.modules.push(Module {
            path: path.clone(),
            parent,
            file: file.to_owned(),
            children: Vec::new(),
            items: collector.items,
            uses: collector.uses,
            paths: collector.paths,
        });
        for item in items {
            let syn::Item::Mod(declared) = item else {
                continue;
            };
            if is_test(&declared.attrs) {
                continue;
            }
            let name = declared.ident.to_string();
            let below = folder.join(&name);
            let mut inner = path.clone();
            inner.push(name.clone());
            let child = match &declared.content {
                Some((_, items)) => self.add(file, &below, inner, Some(index), items, read)?,
                None => {
                    if declared.attrs.iter().any(|a| a.path().is_ident("path")) {
                        bail!("{}: #[path] is not read here", file.display());
                    }
                    let flat = folder.join(format!("{name}.rs"));
                    let file = if read(&flat).is_some() {
                        flat
                    } else {
                        below.join("mod.rs")
                    };
                    self.add_file(&file, &below, inner, Some(index), read)?
                }
            };
            self.modules[index].children.push(child);
        }
        Ok(index)
    }
}

/// Collects what one module holds, its child modules left out.
#[derive(Default)]
struct Collector {
    items: BTreeSet<String>,
    uses: Vec<Use>,
    paths: Vec<Named>,
    /// How many blocks of code it is in: what they define is not the module's.
    depth: usize,
}

impl Collector {
    fn item(&mut self, name: &syn::Ident) {
        if self.depth == 0 {
            self.items.insert(name.to_string());
        }
    }

    fn add_use(&mut self, tree: &syn::UseTree, before: &[(String, usize)]) {
        let with = |ident: &syn::Ident| {
            let mut path = before.to_vec();
            path.push((ident.to_string(), ident.span().start().line));
            path
        };
        let mut leaf = |path: Vec<(String, usize)>, name: Option<String>| {
            let line = path.last().map_or(0, |(_, line)| *line);
            self.uses.push(Use {
                name,
                target: Named {
                    segments: path.into_iter().map(|(name, _)| name).collect(),
                    line,
                },
            });
        };
        match tree {
            syn::UseTree::Path(path) => self.add_use(&path.tree, &with(&path.ident)),
            syn::UseTree::Group(group) => {
                for tree in &group.items {
                    self.add_use(tree, before);
                }
            }
            syn::UseTree::Glob(_) => leaf(before.to_vec(), None),
            syn::UseTree::Name(name) if name.ident == "self" => {
                let last = before.last().map(|(name, _)| name.clone());
                leaf(before.to_vec(), last);
            }
            syn::UseTree::Name(name) => leaf(with(&name.ident), Some(name.ident.to_string())),
            syn::UseTree::Rename(rename) => {
                let path = if rename.ident == "self" {
                    before.to_vec()
                } else {
                    with(&rename.ident)
                };
                leaf(path, Some(rename.rename.to_string()));
            }
        }
    }

    /// Paths in the tokens of a macro or of an attribute.
    fn tokens(&mut self, tokens: TokenStream) {
        let mut path: Option<Named> = None;
        let mut colons = 0;
        let mut after_dot = false;
        for token in tokens {
            match token {
                TokenTree::Punct(punct) if punct.as_char() == ':' => {
                    colons += 1;
                    continue;
                }
                TokenTree::Ident(ident) => {
                    let name = ident.to_string();
                    match &mut path {
                        Some(path) if colons == 2 => path.segments.push(name),
                        _ => {
                            self.paths.extend(path.take());
                            if !after_dot && colons != 2 {
                                path = Some(Named {
                                    segments: vec![name],
                                    line: ident.span().start().line,
                                });
                            }
                        }
                    }
                    after_dot = false;
                }
                TokenTree::Group(group) => {
                    self.paths.extend(path.take());
                    after_dot = false;
                    self.tokens(group.stream());
                }
                TokenTree::Punct(punct) => {
                    self.paths.extend(path.take());
                    after_dot = punct.as_char() == '.';
                }
                TokenTree::Literal(literal) => {
                    self.paths.extend(path.take());
                    after_dot = false;
                    // `#[serde(with = "crate::value::lenient")]`
                    let text = literal.to_string();
                    let text = text.trim_matches('"');
                    if ["crate::", "super::", "self::"]
                        .iter()
                        .any(|p| text.starts_with(p))
                    {
                        self.paths.push(Named {
                            segments: text.split("::").map(str::to_owned).collect(),
                            line: literal.span().start().line,
                        });
                    }
                }
            }
            colons = 0;
        }
        self.paths.extend(path);
    }
}

impl<'ast> Visit<'ast> for Collector {
    fn visit_item(&mut self, item: &'ast syn::Item) {
        let (attributes, name) = attributes_and_name(item);
        if is_test(attributes) {
            return;
        }
        if let Some(name) = name {
            self.item(name);
        }
        syn::visit::visit_item(self, item);
    }

    fn visit_item_mod(&mut self, item: &'ast syn::ItemMod) {
        // A module of its own: of it, only the attributes are this one's.
        for attribute in &item.attrs {
            self.visit_attribute(attribute);
        }
    }

    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        // `use ::name` is another crate.
        if item.leading_colon.is_none() {
            self.add_use(&item.tree, &[]);
        }
    }

    fn visit_block(&mut self, block: &'ast syn::Block) {
        self.depth += 1;
        syn::visit::visit_block(self, block);
        self.depth -= 1;
    }

    fn visit_impl_item(&mut self, item: &'ast syn::ImplItem) {
        let attributes = match item {
            syn::ImplItem::Const(item) => &item.attrs,
            syn::ImplItem::Fn(item) => &item.attrs,
            syn::ImplItem::Type(item) => &item.attrs,
            _ => return syn::visit::visit_impl_item(self, item),
        };
        if !is_test(attributes) {
            syn::visit::visit_impl_item(self, item);
        }
    }

    fn visit_field(&mut self, field: &'ast syn::Field) {
        if !is_test(&field.attrs) {
            syn::visit::visit_field(self, field);
        }
    }

    fn visit_local(&mut self, local: &'ast syn::Local) {
        if !is_test(&local.attrs) {
            syn::visit::visit_local(self, local);
        }
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        if path.leading_colon.is_none()
            && let Some(first) = path.segments.first()
        {
            self.paths.push(Named {
                segments: path.segments.iter().map(|s| s.ident.to_string()).collect(),
                line: first.ident.span().start().line,
            });
        }
        syn::visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, invocation: &'ast syn::Macro) {
        self.visit_path(&invocation.path);
        self.tokens(invocation.tokens.clone());
    }

    fn visit_attribute(&mut self, attribute: &'ast syn::Attribute) {
        if let syn::Meta::List(list) = &attribute.meta {
            self.tokens(list.tokens.clone());
        }
    }
}

fn attributes_and_name(item: &syn::Item) -> (&[syn::Attribute], Option<&syn::Ident>) {
    match item {
        syn::Item::Const(item) => (&item.attrs, Some(&item.ident)),
        syn::Item::Enum(item) => (&item.attrs, Some(&item.ident)),
        syn::Item::ExternCrate(item) => (&item.attrs, None),
        syn::Item::Fn(item) => (&item.attrs, Some(&item.sig.ident)),
        syn::Item::Impl(item) => (&item.attrs, None),
        syn::Item::Macro(item) => (&item.attrs, item.ident.as_ref()),
        syn::Item::Mod(item) => (&item.attrs, None),
        syn::Item::Static(item) => (&item.attrs, Some(&item.ident)),
        syn::Item::Struct(item) => (&item.attrs, Some(&item.ident)),
        syn::Item::Trait(item) => (&item.attrs, Some(&item.ident)),
        syn::Item::Type(item) => (&item.attrs, Some(&item.ident)),
        syn::Item::Union(item) => (&item.attrs, Some(&item.ident)),
        syn::Item::Use(item) => (&item.attrs, None),
        _ => (&[], None),
    }
}

/// Whether code with these attributes is compiled for tests only: `cfg(test)`, or `cfg(all(test,
/// …))`.
fn is_test(attributes: &[syn::Attribute]) -> bool {
    attributes.iter().any(|attribute| match &attribute.meta {
        syn::Meta::Path(path) => path.is_ident("test"),
        syn::Meta::List(list) if list.path.is_ident("cfg") => {
            syn::parse2::<syn::Meta>(list.tokens.clone()).is_ok_and(|meta| wants_test(&meta))
        }
        _ => false,
    })
}

fn wants_test(condition: &syn::Meta) -> bool {
    match condition {
        syn::Meta::Path(path) => path.is_ident("test"),
        syn::Meta::List(list) if list.path.is_ident("all") => list
            .parse_args_with(
                syn::punctuated::Punctuated::<syn::Meta, syn::Token![,]>::parse_terminated,
            )
            .is_ok_and(|conditions| conditions.iter().any(wants_test)),
        _ => false,
    }
}
