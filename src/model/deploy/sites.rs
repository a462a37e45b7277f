//! Which keys of an object are set, and which of them are one setting?

use super::Setting;
use super::objects::Object;
use super::values::{Decided, Variables};
use crate::catalog::{SettingFact, SettingMeaning, Through, star};
use crate::diagnostic::{Step, Verdict};
use crate::parse::conf::Node;
use crate::parse::conf::ways::{self, Hit, Value};
use crate::source::Span;

/// A key of an object, and the fact that it is about.
struct Found<'a> {
    fact: &'a SettingFact,
    hit: Hit<'a>,
    state: State,
}

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
        fact.format == object.format
            && (kinds.is_empty() || kinds.iter().any(|kind| kind == object.kind))
    };
    for fact in facts.iter().filter(about) {
        if fact.unless.iter().any(|(key, value)| has(object, key, value)) {
            continue;
        }
        let lacks = |(key, values): (&String, &String)| {
            !values.split('|').any(|value| has(object, key, value))
        };
        if fact.needs.iter().any(lacks)
            || fact.through.as_ref().is_some_and(|to| !leads(object, to))
        {
            continue;
        }
        for hit in ways::find(object.node, &fact.key) {
            if object.without.iter().any(|span| holds(*span, hit.at)) {
                continue;
            }
            let Some(state) = state(fact, &hit, object, variables) else { continue };
            let site = if fact.site.is_empty() { &fact.key } else { &fact.site };
            let known = sites.iter().position(|(of, star, _)| of == site && *star == hit.star);
            let index = known.unwrap_or(sites.len());
            if known.is_none() {
                sites.push((site.clone(), hit.star.clone(), Vec::new()));
            }
            sites[index].2.push(Found { fact, hit, state });
        }
    }
    sites.into_iter().filter_map(|(_, _, found)| setting(object, &found)).collect()
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
        belonging.extend(ways::find(object.node, pattern).iter().map(|hit| (hit.at, hit.key)));
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
        targets: targets(object, fact),
        programs: Vec::new(),
        within: object.node.span,
    })
}

/// The folders that a process sees a volume at.
fn targets(object: &Object<'_>, fact: &SettingFact) -> Vec<String> {
    let own = fact.key.split('/').next().unwrap_or_default();
    let hits = fact.targets.iter().flat_map(|way| {
        let hits = ways::find(object.node, way);
        // What stands elsewhere may belong to another volume.
        let sure = hits.len() == 1 || way.split('/').any(|part| part == own);
        if sure { hits } else { Vec::new() }
    });
    let said = hits.flat_map(|hit| {
        let texts: Vec<&str> = match hit.node.map(Node::items) {
            Some(items) if !items.is_empty() => items.iter().filter_map(Node::text).collect(),
            _ => hit.value.text().split_whitespace().collect(),
        };
        texts
    });
    let folder = |text: &str| match fact.beneath.as_str() {
        // Of `source:target:mode`, the target.
        "" => {
            let parts: Vec<&str> = text.split(':').collect();
            let target = parts.get(1).or(parts.first()).copied()?;
            target.starts_with('/').then(|| target.to_string())
        }
        beneath => Some(format!("{beneath}/{}", text.trim_matches('/'))),
    };
    said.filter(|text| !text.contains('$')).filter_map(folder).collect()
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
    } else if fact.on.is_empty() && (fact.stands || !off) {
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
    let Some(name) = object.node.at(&[&*through.name]).and_then(Node::text) else { return false };
    let way = format!("{}/name={}/{}", through.to, name.replace('/', "~1"), through.key);
    let on = |text: &str| through.on.iter().any(|pattern| star(pattern, text).is_some());
    ways::find(object.root, &way).iter().any(|hit| on(hit.value.text()))
}

fn has(object: &Object<'_>, key: &str, value: &str) -> bool {
    let hits = ways::find(object.node, key);
    hits.last().is_some_and(|hit| star(value, hit.value.text()).is_some())
}

fn holds(outer: Span, inner: Span) -> bool {
    outer.file == inner.file && outer.start <= inner.start && inner.end <= outer.end
}
