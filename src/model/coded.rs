//! What does code set of what deploy files set, and where does it choose a process by its client?

use super::deploy::Setting;
use super::roots::Root;
use super::states::Parts;
use super::{Model, Owner};
use crate::catalog::{CallFact, Doing, SettingMeaning, star};
use crate::diagnostic::Verdict;
use crate::flow::{Call, CallId, OriginKind};
use crate::resolve::{T, Type};
use crate::source::Span;

pub(super) fn collect(model: &mut Model, parts: &Parts<'_, '_, '_>) {
    let settings = &parts.names.catalog.files.settings;
    for said in &parts.flow.said {
        let body = parts.flow.node(said.node);
        let fact = &settings[said.coded.setting];
        if !parts.reach.selected(body.def) || fact.means != SettingMeaning::Sticky {
            continue;
        }
        let at = Span::new(body.file, said.at.start, said.at.end);
        let verdict = if said.coded.hazard { Verdict::Hazard } else { Verdict::Violation };
        let item = parts.names.path(body.def);
        let setting = setting(
            (&said.key, &said.value),
            verdict,
            at,
            format!("what `{item}` deploys"),
            (&fact.why, &fact.instead),
        );
        model.settings.push((setting, parts.reach.owner(body.def, Some(said.node))));
    }
    for (index, call) in parts.flow.calls.iter().enumerate() {
        let id = CallId(index as u32);
        let fact = parts.fact(call).filter(|fact| fact.does == Some(Doing::Balance));
        let Some(fact) = fact else { continue };
        let Some(verdict) = parts.chosen_by(call, fact).filter(|_| parts.selected(id)) else {
            continue;
        };
        model.settings.push(parts.balanced(id, call, fact, verdict));
    }
}

fn setting(
    (key, value): (&str, &str),
    verdict: Verdict,
    at: Span,
    what: String,
    (why, instead): (&str, &str),
) -> Setting {
    Setting {
        meaning: SettingMeaning::Sticky,
        on: true,
        certain: true,
        verdict,
        key: key.into(),
        value: value.into(),
        at,
        what,
        why: why.into(),
        instead: instead.into(),
        so: String::new(),
        because: Vec::new(),
        targets: Vec::new(),
        source: None,
        readers: Vec::new(),
        programs: Vec::new(),
        within: at,
    }
}

impl Parts<'_, '_, '_> {
    /// Whether a balancer hashes, and by the client (a violation) or by what is asked for.
    fn chosen_by(&self, call: &Call, fact: &CallFact) -> Option<Verdict> {
        let on = call.args.first()?;
        self.hashes(on.ty, fact, 0).then_some(())?;
        let key = self.argument(call, fact.at)?;
        let roots = self.places.path_roots(key.from).all;
        let tells = |root: &Root| match root {
            Root::Answer(id) => {
                let fact = self.fact(self.flow.call(*id));
                fact.and_then(|fact| fact.does) == Some(Doing::TellClient)
            }
            Root::Text(text) => {
                let text = self.names.text(*text);
                fact.clients.iter().any(|pattern| star(pattern, text).is_some())
            }
            _ => false,
        };
        if roots.iter().any(tells) {
            return Some(Verdict::Violation);
        }
        // One key for all chooses by nothing.
        let origins = self.flow.origins.list(key.from).iter();
        let mut kinds = origins.map(|origin| self.flow.origins.root(*origin));
        let varies = kinds.any(|kind| !matches!(kind, OriginKind::Text(_) | OriginKind::Static(_)));
        varies.then_some(Verdict::Hazard)
    }

    /// Whether a type is, or holds, a balancer that chooses by a hash.
    fn hashes(&self, ty: T, fact: &CallFact, depth: u8) -> bool {
        match &*self.names.types.get(self.places.peeled(ty)) {
            Type::External(path, args) => {
                let text = &*self.names.externals.get(*path).text;
                fact.hashing.iter().any(|known| known == text)
                    || depth < 4 && args.iter().any(|arg| self.hashes(*arg, fact, depth + 1))
            }
            _ => false,
        }
    }

    fn balanced(
        &self,
        id: CallId,
        call: &Call,
        fact: &CallFact,
        verdict: Verdict,
    ) -> (Setting, Owner) {
        let noted = self.describe(id, Some(fact));
        let key = noted.call.trim_matches('`').to_string();
        let what = format!("what `{}` balances", noted.item);
        let words = (&*fact.why, &*fact.instead);
        let at = self.flow.span(call.node, call.at);
        (setting((&key, ""), verdict, at, what, words), noted.owner)
    }
}
