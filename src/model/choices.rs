//! Is a store chosen by a setting, and would it be chosen if nobody set it?

use super::places::Places;
use super::roots::{Preset, PresetAt};
use crate::flow::{Const, Fork, Froms, Known, KnownId, NodeId, Origin, OriginKind, Way};
use crate::parse::tree::{ExprId, ExprKind, ItemKind};
use crate::resolve::{DefId, DefKind, Res, Space, T, Type};
use crate::symbol::Symbol;

/// A setting that decides whether a call is made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// "`Settings::store`".
    pub setting: String,
    /// Another way is taken unless somebody sets it.
    pub unusual: bool,
}

/// Callers of callers are asked this far.
const FARTHEST: u8 = 4;

impl Places<'_, '_> {
    /// What decides whether a place of a body is reached: in it, or in those that call it.
    pub(super) fn choice(&self, node: NodeId, way: Way) -> Option<Choice> {
        self.choice_at(node, way, 0)
    }

    fn choice_at(&self, node: NodeId, way: Way, far: u8) -> Option<Choice> {
        // What a text chooses far away may be a role of the whole process.
        let mut forks = self.flow.forks(way).filter(|fork| far == 0 || fork.text.is_none());
        let found = forks.find_map(|fork| self.decides(fork));
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
            Some(Choice { setting, unusual: self.is_unusual(variant) })
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

    /// The setting at a fork: a field, a value of an enum of the tree, or a text that is told.
    fn decides(&self, fork: Fork) -> Option<Choice> {
        let mut origins = self.flow.origins.list(fork.on).iter();
        if let Some(text) = fork.text {
            let setting = origins.find_map(|origin| self.told_text(*origin, 0))?;
            // Unless it is known what is taken otherwise, this may be what is.
            let unusual = !self.is_same(self.usual_text(fork.on, 0)?, text);
            return unusual.then_some(Choice { setting, unusual });
        }
        let variant = fork.variant;
        let (setting, field) = origins.find_map(|origin| self.setting(*origin, variant))?;
        let unusual = variant.is_some_and(|variant| match field {
            Some((of, name)) => self.is_set_apart(of, name, variant),
            None => self.is_unusual(variant),
        });
        Some(Choice { setting, unusual })
    }

    /// The setting of a text: a field, or a variable of the environment.
    fn told_text(&self, origin: Origin, far: u8) -> Option<String> {
        match self.flow.origins.kind(origin) {
            OriginKind::Derived(inner) | OriginKind::Content(inner) => self.told_text(inner, far),
            OriginKind::Field { of, name, .. } => {
                let mut given = self.stores.get(&(of, name)).into_iter().flatten();
                let from = given.find_map(|froms| {
                    let mut list = self.flow.origins.list(*froms).iter().filter(|_| far < 3);
                    list.find_map(|origin| self.told_text(*origin, far + 1))
                });
                let told = || {
                    let of = self.names.text(self.names.def(of).name);
                    format!("`{of}::{}`", self.names.text(name))
                };
                from.or_else(|| self.told_by(of, name).preset.is_some().then(told))
            }
            OriginKind::Variable(name) => Some(format!("`{}`", self.names.text(name))),
            _ => None,
        }
    }

    /// The one text that a setting is, unless somebody sets it.
    fn usual_text(&self, from: Froms, far: u8) -> Option<Symbol> {
        let mut found = None;
        for origin in self.flow.origins.list(from) {
            let mut origin = *origin;
            while let OriginKind::Derived(inner) | OriginKind::Content(inner) =
                self.flow.origins.kind(origin)
            {
                origin = inner;
            }
            let text = match self.flow.origins.kind(origin) {
                OriginKind::Text(text) => Some(text),
                OriginKind::Field { of, name, .. } => {
                    let preset = match self.told_by(of, name).preset {
                        Some(Preset::Text(text)) => Some(text),
                        Some(Preset::Function(made)) => self.usual_text(made, far),
                        None => None,
                    };
                    let stored = self.stores.get(&(of, name)).map_or(&[][..], Vec::as_slice);
                    match (preset, stored) {
                        (None, [one]) if far < 3 => self.usual_text(*one, far + 1),
                        (preset, _) => preset,
                    }
                }
                _ => continue,
            };
            match (text, found) {
                (None, _) => {}
                (Some(text), Some(known)) if text != known => return None,
                (Some(text), _) => found = Some(text),
            }
        }
        found
    }

    /// `S3` and `s3`.
    fn is_same(&self, one: Symbol, other: Symbol) -> bool {
        self.names.text(one).eq_ignore_ascii_case(self.names.text(other))
    }

    fn setting(
        &self,
        origin: Origin,
        variant: Option<DefId>,
    ) -> Option<(String, Option<(DefId, Symbol)>)> {
        match self.flow.origins.kind(origin) {
            OriginKind::Derived(inner) | OriginKind::Content(inner) => self.setting(inner, variant),
            OriginKind::Field { of, name, .. } if variant.is_some() || self.is_flag(of, name) => {
                let said = self.names.text(self.names.def(of).name);
                Some((format!("`{said}::{}`", self.names.text(name)), Some((of, name))))
            }
            OriginKind::Param(..) | OriginKind::Result(_) => {
                let around = self.names.def(variant?).parent;
                Some((format!("`{}`", self.names.text(self.names.def(around).name)), None))
            }
            _ => None,
        }
    }

    /// Whether a field is another variant unless somebody sets it: by what is said at it, by the
    /// default of what it is in, or by that of its enum.
    fn is_set_apart(&self, of: DefId, name: Symbol, variant: DefId) -> bool {
        let said = match self.preset_at(of, name) {
            Some(PresetAt::Text(text)) => self.variant_called(variant, text),
            Some(PresetAt::Function(made)) => self.variant_given(made),
            None => None,
        };
        let by_its_struct = || {
            let known = self.flow.known.answers.get(&self.default_of_type(of)?)?;
            let Known::Struct(fields) = self.flow.known.get(*known) else { return None };
            let (_, known) = fields.iter().find(|(field, _)| *field == name)?;
            self.constant_variant(*known)
        };
        match said.or_else(by_its_struct) {
            Some(usual) => usual != variant,
            None => self.is_unusual(variant),
        }
    }

    /// The variant that a function gives which does nothing else.
    fn variant_given(&self, function: DefId) -> Option<DefId> {
        if let Some(known) = self.flow.known.answers.get(&function) {
            return self.constant_variant(*known);
        }
        let expr =
            |id: ExprId| &self.names.facts(self.names.def(function).file).exprs[id.0 as usize];
        let body = expr(self.names.function(function)?.body?);
        let value = match &body.kind {
            ExprKind::Block(block) if block.statements.is_empty() => expr(block.value?),
            _ => return None,
        };
        let ExprKind::Path { path, qself: None } = &value.kind else { return None };
        let scope = self.names.scope_of(function);
        match self.names.resolve(scope, &path.segments, path.absolute, Space::Values) {
            Res::Def(of) if self.names.def(of).kind == DefKind::Variant => Some(of),
            _ => None,
        }
    }

    fn constant_variant(&self, known: KnownId) -> Option<DefId> {
        match self.flow.known.get(known) {
            Known::Const(Const::Variant(variant)) => Some(*variant),
            _ => None,
        }
    }

    /// The `default` that is written for a type.
    fn default_of_type(&self, of: DefId) -> Option<DefId> {
        let name = self.names.symbols.find("default")?;
        match self.names.functions_of(of, name)[..] {
            [only] => Some(only),
            _ => None,
        }
    }

    /// The sibling of a variant that a command line calls so: `--store on-disk` is `OnDisk`.
    fn variant_called(&self, variant: DefId, text: Symbol) -> Option<DefId> {
        let plain = |text: &str| text.replace(['-', '_'], "").to_ascii_lowercase();
        let wanted = plain(self.names.text(text));
        let around = self.names.def(variant).parent;
        let Some(ItemKind::Enum { variants, .. }) = self.names.def(around).item.map(|i| &i.kind)
        else {
            return None;
        };
        let named = variants.iter().find(|one| plain(self.names.text(one.name)) == wanted)?;
        self.names.variant_of(around, named.name)
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
            || self
                .default_of_type(def.parent)
                .and_then(|made| self.variant_given(made))
                .is_some_and(|usual| usual != variant)
    }
}
