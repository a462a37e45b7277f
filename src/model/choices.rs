//! Is a store chosen by a setting, and would it be chosen if nobody set it?

use super::deploy::Run;
use super::places::Places;
use crate::flow::{Fork, NodeId, Origin, OriginKind, Way};
use crate::parse::tree::ItemKind;
use crate::resolve::{DefId, DefKind, T, Type};
use crate::source::Span;
use crate::symbol::Symbol;

/// A setting that decides whether a call is made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// "`Settings::store`".
    pub setting: String,
    /// Another way is taken unless somebody sets it.
    pub unusual: bool,
    /// The field that decides, and the variant that it has then.
    pub asked: Option<(String, String)>,
}

impl Choice {
    /// Whether the deployment of a process makes it: by a variable that ends with the name of the
    /// field, or by a flag of that name.
    pub fn is_made_by(&self, run: &Run) -> bool {
        self.is_said(&run.arguments, &run.environment)
    }

    fn is_said(&self, arguments: &[String], environment: &[(String, String, Span)]) -> bool {
        let Some((field, variant)) = &self.asked else { return false };
        let (field, variant) = (plain(field), plain(variant));
        let is = |name: &str, value: &str| plain(name).ends_with(&field) && plain(value) == variant;
        let mut pairs = arguments.iter().zip(arguments.iter().skip(1));
        environment.iter().any(|(name, value, _)| is(name, value))
            || pairs.any(|(name, value)| name.starts_with("--") && is(name, value))
            || arguments.iter().any(|word| word.split_once('=').is_some_and(|(n, v)| is(n, v)))
    }
}

/// `--store on-disk`, `STORE=ON_DISK` and `OnDisk` are one.
fn plain(text: &str) -> String {
    text.replace(['-', '_'], "").to_ascii_lowercase()
}

/// Callers of callers are asked this far.
const FARTHEST: u8 = 4;

impl Places<'_, '_> {
    /// What decides whether a place of a body is reached: in it, or in those that call it.
    pub(super) fn choice(&self, node: NodeId, way: Way) -> Option<Choice> {
        self.choice_at(node, way, 0)
    }

    fn choice_at(&self, node: NodeId, way: Way, far: u8) -> Option<Choice> {
        let found = self.flow.forks(way).find_map(|fork| self.decides(fork));
        if found.is_some() || far > FARTHEST {
            return found;
        }
        let outer = self.flow.node(node).parent;
        if let Some(outer) = outer.filter(|_| self.callers.get(&node).is_none_or(Vec::is_empty)) {
            return self.choice_at(outer, Way::WHOLE, far + 1);
        }
        // Only where there is one way to it does a setting decide.
        let [caller] = *self.callers.get(&node)?.as_slice() else { return None };
        let call = self.flow.call(caller);
        self.choice_at(call.node, call.way, far + 1)
    }

    /// What decides whether a value of the type is made that a method belongs to: the same
    /// wherever one is.
    pub(super) fn choice_of_self(&self, method: DefId) -> Option<Choice> {
        let block = self.names.impls.of(self.names.owner(method)?)?;
        let Type::Local(of, _) = &*self.names.types.get(block.self_type) else { return None };
        let mut choices =
            self.flow.makes.get(of)?.iter().map(|node| self.choice(*node, Way::WHOLE));
        let first = choices.next()??;
        choices.all(|other| other.as_ref() == Some(&first)).then_some(first)
    }

    /// The value of a static at which the body of a place forks: each way is for one kind of it.
    pub(super) fn choice_of_static(&self, way: Way) -> Option<Choice> {
        self.flow.forks(way).find_map(|fork| {
            let variant = fork.variant?;
            let mut origins = self.flow.origins.list(fork.on).iter();
            let setting = origins.find_map(|origin| self.setting_static(*origin))?;
            Some(Choice { setting, unusual: self.is_unusual(variant), asked: None })
        })
    }

    fn setting_static(&self, origin: Origin) -> Option<String> {
        match self.flow.origins.kind(origin) {
            OriginKind::Derived(inner) | OriginKind::Content(inner) => self.setting_static(inner),
            OriginKind::Field { base: Some(base), of, name } => {
                self.setting_static(base)?;
                let of = self.names.text(self.names.def(of).name);
                Some(format!("`{of}::{}`", self.names.text(name)))
            }
            OriginKind::Static(id) => {
                Some(format!("`{}`", self.names.text(self.names.def(id).name)))
            }
            _ => None,
        }
    }

    /// The setting at a fork: a field, or a value of an enum of the tree.
    fn decides(&self, fork: Fork) -> Option<Choice> {
        let variant = fork.variant;
        let unusual = variant.is_some_and(|variant| self.is_unusual(variant));
        let mut origins = self.flow.origins.list(fork.on).iter();
        let (setting, field) = origins.find_map(|origin| self.setting(*origin, variant))?;
        let text = |name: Symbol| self.names.text(name).to_string();
        let variant = variant.map(|variant| text(self.names.def(variant).name));
        Some(Choice { setting, unusual, asked: field.map(text).zip(variant) })
    }

    /// In words, and the field that it is.
    fn setting(&self, origin: Origin, variant: Option<DefId>) -> Option<(String, Option<Symbol>)> {
        match self.flow.origins.kind(origin) {
            OriginKind::Derived(inner) | OriginKind::Content(inner) => self.setting(inner, variant),
            OriginKind::Field { of, name, .. } if variant.is_some() || self.is_flag(of, name) => {
                let of = self.names.text(self.names.def(of).name);
                Some((format!("`{of}::{}`", self.names.text(name)), Some(name)))
            }
            OriginKind::Param(..) | OriginKind::Result(_) => {
                let around = self.names.def(variant?).parent;
                Some((format!("`{}`", self.names.text(self.names.def(around).name)), None))
            }
            _ => None,
        }
    }

    /// Whether a field is a switch, which a condition reads as a whole.
    fn is_flag(&self, of: DefId, name: Symbol) -> bool {
        let field = self.names.field(of, name);
        let ty = field.map_or(T::UNKNOWN, |field| self.names.field_type(of, field, &[]));
        match &*self.names.types.get(ty) {
            Type::External(path, _) => &*self.names.externals.get(*path).text == "bool",
            _ => false,
        }
    }

    /// Whether an enum says that it is another variant by default.
    fn is_unusual(&self, variant: DefId) -> bool {
        let def = self.names.def(variant);
        let around = self.names.def(def.parent);
        let Some(ItemKind::Enum { variants, .. }) = around.item.map(|item| &item.kind) else {
            return false;
        };
        around.kind == DefKind::Enum
            && variants.iter().any(|other| other.is_default && other.name != def.name)
            && variants.iter().any(|other| other.name == def.name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::FileId;

    #[test]
    fn deploy_files_say_what_is_chosen() {
        let asked = Some(("store".to_string(), "OnDisk".to_string()));
        let choice = Choice { setting: "`Settings::store`".into(), unusual: true, asked };
        let cases = [
            ("STORE=on-disk", "", true),
            ("SHOP_STORE=ondisk", "", true),
            ("STORE=s3", "", false),
            ("SHELF=on-disk", "", false),
            ("", "serve --store on-disk", true),
            ("", "serve --store=on_disk", true),
            ("", "serve --store s3 on-disk", false),
        ];
        for (variable, arguments, expected) in cases {
            let at = Span::new(FileId(0), 0, 0);
            let pair = |(name, value): (&str, &str)| (name.to_string(), value.to_string(), at);
            let environment: Vec<_> = variable.split_once('=').map(pair).into_iter().collect();
            let arguments: Vec<String> = arguments.split(' ').map(String::from).collect();
            let said = choice.is_said(&arguments, &environment);
            assert_eq!(said, expected, "{variable} {arguments:?}");
        }
    }
}
