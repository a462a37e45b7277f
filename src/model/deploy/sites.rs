//! Which keys of an object are set, and which of them are one setting?

use super::Setting;
use super::objects::Object;
use super::values::{Decided, Variables};
use crate::catalog::{SettingFact, SettingMeaning, Syntax, Through, star};
use crate::diagnostic::{Step, Verdict};
use crate::parse::conf::{self, Node};
use crate::parse::conf::ways::{self, Hit, Value};
use crate::source::Span;

/// A key of an object, and the fact that it is about.
struct Found<'a> {
    fact: &'a SettingFact,
    hit: Hit<'a>,
    state: State,
}

/// The format of facts about labels, which stand in files of many formats.
const LABEL: &str = "label";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Off,
    On(Verdict),
}

/// The settings of one object.
pub(super) fn of_object(
    object: &Object<'_>,
    facts: &[SettingFact],
    variables: &Variables,
) -> Vec<Setting> {
    let mut sites: Vec<(String, String, Vec<Found<'_>>)> = Vec::new();
    let about = |fact: &&SettingFact| {
        let kinds = &fact.kinds;
        match fact.format == LABEL {
            true => !object.labels.is_empty(),
            false => {
                fact.format == object.format
                    && (kinds.is_empty() || kinds.iter().any(|kind| kind == object.kind))
            }
        }
    };
    let mut missing = Vec::new();
    for fact in facts.iter().filter(about) {
        let alive = lives(fact, object.node, false)
            && fact.through.as_ref().is_none_or(|through| leads(object, through));
        if !alive {
            continue;
        }
        let hits = hits(object, fact, &fact.key);
        if fact.missing {
            if hits.is_empty() {
                missing.push(unsaid(object, fact));
            }
            continue;
        }
        for hit in hits {
            if object.without.iter().any(|span| holds(*span, hit.at))
                || !lives(fact, hit.beside, true)
            {
                continue;
            }
            let Some(state) = state(fact, &hit, object, variables) else { continue };
            let mut site = if fact.site.is_empty() { &fact.key } else { &fact.site }.to_string();
            // Each command is one of its own.
            if object.syntax == Syntax::Shell {
                site += &format!("@{}", hit.at.start);
            }
            let known = sites.iter().position(|(of, star, _)| *of == site && *star == hit.star);
            let index = known.unwrap_or(sites.len());
            if known.is_none() {
                sites.push((site, hit.star.clone(), Vec::new()));
            }
            sites[index].2.push(Found { fact, hit, state });
        }
    }
    let found = sites.into_iter().filter_map(|(_, _, found)| setting(object, &found));
    found.chain(missing).collect()
}

/// The keys of a fact; of a label, in every place where labels stand.
fn hits<'a>(object: &Object<'a>, fact: &SettingFact, key: &str) -> Vec<Hit<'a>> {
    if fact.format != LABEL {
        return ways::find(object.node, key);
    }
    let ways = object.labels.iter().map(|way| format!("{way}/{key}"));
    ways.flat_map(|way| ways::find(object.node, &way)).collect()
}

/// Whether no other key makes a fact dead: of those in the object, or of those beside its key.
fn lives(fact: &SettingFact, node: &Node, beside: bool) -> bool {
    let said = |(key, values): (&String, &String)| match (key.strip_prefix("./"), beside) {
        (Some(key), true) => Some(has(node, key, values)),
        (None, false) => Some(has(node, key, values)),
        _ => None,
    };
    fact.unless.iter().all(|one| said(one) != Some(true))
        && fact.needs.iter().all(|one| said(one) != Some(false))
}

/// What a thing is given because it does not say otherwise.
fn unsaid(object: &Object<'_>, fact: &SettingFact) -> Setting {
    Setting {
        meaning: fact.means,
        on: true,
        certain: false,
        verdict: Verdict::Violation,
        key: fact.key.rsplit('/').next().unwrap_or_default().replace("~1", "/"),
        value: String::new(),
        at: object.at,
        what: object.what(),
        why: fact.why.clone(),
        instead: fact.instead.clone(),
        so: fact.so.clone(),
        because: vec![Step::new(object.at, format!("this is {}", object.what()))],
    }
}

/// One site: the first key that is on speaks, unless another one switches the site off.
fn setting(object: &Object<'_>, found: &[Found<'_>]) -> Option<Setting> {
    let off = found.iter().find(|one| one.state == State::Off);
    let chosen = off.or(found.first())?;
    let (fact, hit) = (chosen.fact, &chosen.hit);
    let mut because = vec![Step::new(object.at, format!("this is {}", object.what()))];
    let others = found.iter().map(|one| &one.hit).filter(|other| other.at != hit.at);
    let mut belonging: Vec<(Span, &str)> = others.map(|other| (other.at, other.key)).collect();
    for pattern in &fact.companions {
        let hits = hits(object, fact, pattern);
        belonging.extend(hits.iter().map(|hit| (hit.at, hit.key)));
    }
    belonging.sort();
    belonging.dedup();
    because
        .extend(belonging.iter().map(|(at, key)| Step::new(*at, format!("`{key}` belongs to it"))));
    Some(Setting {
        meaning: fact.means,
        on: off.is_none(),
        certain: true,
        verdict: match chosen.state {
            State::On(verdict) => verdict,
            State::Off => Verdict::Violation,
        },
        key: hit.key.to_string(),
        value: match hit.value {
            Value::Collection if fact.means == SettingMeaning::Assets => {
                command(hit).unwrap_or_default()
            }
            value => value.text().to_string(),
        },
        at: hit.at,
        what: object.what(),
        why: fact.why.clone(),
        instead: fact.instead.clone(),
        so: fact.so.clone(),
        because,
    })
}

/// What a value does; `None` where there is none to judge, or only a template knows it.
fn state(
    fact: &SettingFact,
    hit: &Hit<'_>,
    object: &Object<'_>,
    variables: &Variables,
) -> Option<State> {
    let hazard = |text: &str| fact.hazard.iter().any(|pattern| star(pattern, text).is_some());
    let text = match &hit.value {
        Value::Text(text) if !fact.within.is_empty() => {
            let inner = conf::text(text)?;
            let said = ways::find(&inner, &fact.within);
            said.first()?.value.text().to_string().into()
        }
        Value::Text(text) => match variables.decide(object, text) {
            Decided::Text(text) => text,
            // Whoever runs it may switch it on.
            Decided::Unknown => return None,
        },
        Value::Null => "".into(),
        Value::Collection if fact.stands => "".into(),
        Value::Collection => match command(hit) {
            Some(command) => command.into(),
            None => return None,
        },
    };
    let any = |patterns: &[String]| patterns.iter().any(|p| star(p, &text).is_some());
    let usual = || USUALLY_OFF.iter().any(|off| text.eq_ignore_ascii_case(off));
    let off = if fact.off.is_empty() { usual() } else { any(&fact.off) };
    Some(if any(&fact.on) {
        State::On(Verdict::Violation)
    } else if hazard(&text) {
        State::On(Verdict::Hazard)
    } else if fact.on.is_empty() && fact.hazard.is_empty() && (fact.stands || !off) {
        State::On(Verdict::Violation)
    } else if off {
        State::Off
    } else {
        return None;
    })
}

const USUALLY_OFF: [&str; 7] = ["", "false", "none", "off", "no", "null", "disabled"];

/// The words of a list as one line.
fn command(hit: &Hit<'_>) -> Option<String> {
    let words: Vec<&str> = hit.node?.items().iter().filter_map(Node::text).collect();
    (!words.is_empty()).then(|| words.join(" "))
}

/// Whether what an object names says what is asked of it.
fn leads(object: &Object<'_>, through: &Through) -> bool {
    let on = |text: &str| through.on.iter().any(|pattern| star(pattern, text).is_some());
    let hits = through.name.split('|').flat_map(|way| ways::find(object.node, way));
    let names: Vec<&str> = hits.map(|hit| hit.value.text()).filter(|name| !name.is_empty()).collect();
    names.iter().any(|name| {
        let name = name.replace('~', "~0").replace('/', "~1");
        through.to.split('|').any(|to| {
            through.key.split('|').any(|key| {
                let hits = ways::find(object.root, &format!("{to}/name={name}/{key}"));
                hits.iter().any(|hit| on(hit.value.text()))
            })
        })
    })
}

fn has(node: &Node, key: &str, values: &str) -> bool {
    let is = |text: &str| values.split('|').any(|value| star(value, text).is_some());
    ways::find(node, key).iter().any(|hit| is(hit.value.text()))
}

fn holds(outer: Span, inner: Span) -> bool {
    outer.file == inner.file && outer.start <= inner.start && inner.end <= outer.end
}
