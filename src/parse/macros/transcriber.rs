//! What does an arm of a `macro_rules!` give, once its names stand for something?

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream, TokenTree};

use super::matcher::{Binding, Bindings};
use super::pattern::Template;

/// Writes what templates give.
pub(super) struct Transcriber<'t> {
    /// What `$crate` is called where the call stands.
    pub(super) krate: &'t str,
    /// The place of what comes from the definition, where it is not its own.
    pub(super) at: Option<Span>,
    /// How many tokens may still be written.
    pub(super) left: &'t mut usize,
}

type Scope<'b> = Vec<(&'b str, &'b Binding)>;

impl Transcriber<'_> {
    /// `None` where the names do not fit, or it would be too much.
    pub(super) fn all(
        &mut self,
        templates: &[Template],
        bindings: &Bindings,
    ) -> Option<TokenStream> {
        let scope = bindings.iter().map(|(name, binding)| (&**name, binding)).collect();
        let mut out = Vec::new();
        self.write(templates, &scope, &mut out)?;
        Some(out.into_iter().collect())
    }

    fn write(
        &mut self,
        templates: &[Template],
        scope: &Scope<'_>,
        out: &mut Vec<TokenTree>,
    ) -> Option<()> {
        for template in templates {
            match template {
                Template::Tree(tree) => self.push(tree.clone(), out)?,
                Template::Group(delimiter, span, body) => {
                    let mut inner = Vec::new();
                    self.write(body, scope, &mut inner)?;
                    self.push(group(*delimiter, *span, inner), out)?;
                }
                Template::Crate(span) => {
                    self.push(Ident::new(self.krate, *span).into(), out)?;
                }
                Template::Name(dollar, name) => {
                    let wanted = name.to_string();
                    match scope.iter().find(|(bound, _)| *bound == wanted) {
                        Some((_, Binding::Once(tokens, size))) => {
                            *self.left = self.left.checked_sub(*size)?;
                            out.extend(tokens.clone());
                        }
                        // Of a definition inside this one.
                        None => {
                            self.push(dollar.clone(), out)?;
                            self.push(name.clone().into(), out)?;
                        }
                        Some((_, Binding::Each(_))) => return None,
                    }
                }
                Template::Repeat { body, separator } => {
                    self.repeat(body, separator, scope, out)?;
                }
            }
        }
        Some(())
    }

    fn repeat(
        &mut self,
        body: &[Template],
        separator: &[TokenTree],
        scope: &Scope<'_>,
        out: &mut Vec<TokenTree>,
    ) -> Option<()> {
        let mut names = Vec::new();
        named(body, &mut names);
        let (mut count, mut inner) = (None, Scope::new());
        for (name, binding) in scope.iter().filter(|(name, _)| names.iter().any(|n| n == name)) {
            if let Binding::Each(list) = binding {
                if count.is_some_and(|count| count != list.len()) {
                    return None;
                }
                count = Some(list.len());
            }
            inner.push((*name, *binding));
        }
        for index in 0..count? {
            if index > 0 {
                for tree in separator {
                    self.push(tree.clone(), out)?;
                }
            }
            let this = inner.iter().map(|(name, binding)| match binding {
                Binding::Each(list) => (*name, &list[index]),
                Binding::Once(..) => (*name, *binding),
            });
            self.write(body, &this.collect(), out)?;
        }
        Some(())
    }

    fn push(&mut self, mut tree: TokenTree, out: &mut Vec<TokenTree>) -> Option<()> {
        *self.left = self.left.checked_sub(1)?;
        if let Some(at) = self.at {
            tree.set_span(at);
        }
        out.push(tree);
        Some(())
    }
}

fn group(delimiter: Delimiter, span: Span, inner: Vec<TokenTree>) -> TokenTree {
    let mut group = Group::new(delimiter, inner.into_iter().collect());
    group.set_span(span);
    group.into()
}

/// The names that templates mention.
fn named(templates: &[Template], names: &mut Vec<String>) {
    for template in templates {
        match template {
            Template::Tree(_) | Template::Crate(_) => {}
            Template::Name(_, name) => names.push(name.to_string()),
            Template::Group(_, _, body) | Template::Repeat { body, .. } => named(body, names),
        }
    }
}
