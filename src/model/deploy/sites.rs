//! Which keys of an object are set, and which of them are one setting?

use std::collections::BTreeMap;

use super::facts::Facts;
use super::objects::{Object, introduced};
use super::values::{Decided, Variables};
use super::{Setting, branches, chosen, mounted};
use crate::catalog::{ANNOTATION, LABEL, SettingFact, SettingMeaning, Syntax, Through, star};
use crate::diagnostic::{Step, Verdict};
use crate::parse::conf::ways::{self, Hit, Value};
use crate::parse::conf::{self, Node};
use crate::source::Span;

/// A key of an object, and the fact that it is about.
struct Found<'a> {
    fact: &'a SettingFact,
    hit: Hit<'a>,
    state: State,
    /// Where the value is said, if that is elsewhere.
    said: Option<Span>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Off,
    On(Verdict),
}

/// The settings of one object.
pub(super) fn of_object(
    object: &Object<'_>,
    facts: &Facts<'_>,
    variables: &Variables<'_>,
) -> Vec<Setting> {
    let mut sites: Vec<(String, String, Vec<Found<'_>>)> = Vec::new();
    let asked = Asked { object, variables };
    let mut missing = Vec::new();
    let mut there = None;
    for fact in facts.about(object) {
        let ways = ways_of(object, fact, &fact.key);
        if ways.is_empty() {
            continue;
        }
        let hits: Vec<Hit<'_>> = ways.iter().flat_map(|way| found(object, way)).collect();
        if hits.is_empty() && !fact.missing {
            continue;
        }
        let alive = *there.get_or_insert_with(|| !asked.says_any(object.none))
            && asked.lives(fact, object.node, false)
            && fact.through.as_ref().is_none_or(|through| leads(object, through));
        if !alive {
            continue;
        }
        if fact.missing {
            if hits.is_empty() {
                missing.push(unsaid(object, fact));
            }
            continue;
        }
        for hit in hits {
            if object.without.iter().any(|span| holds(*span, hit.at))
                || !asked.lives(fact, hit.beside, true)
            {
                continue;
            }
            let Some((state, said)) = state(fact, &hit, object, variables) else { continue };
            let mut site = if fact.site.is_empty() { &fact.key } else { &fact.site }.to_string();
            // Each command, and each line of a unit, is one of its own.
            if matches!(object.syntax, Syntax::Shell | Syntax::Unit) {
                site += &format!("@{}", hit.at.start);
            }
            let known = sites.iter().position(|(of, star, _)| *of == site && *star == hit.star);
            let index = known.unwrap_or(sites.len());
            if known.is_none() {
                sites.push((site, hit.star.clone(), Vec::new()));
            }
            sites[index].2.push(Found { fact, hit, state, said });
        }
    }
    let found = sites.into_iter().filter_map(|(_, _, found)| setting(object, &found));
    found.chain(missing).collect()
}

/// Where the keys of a fact may stand in an object; nowhere, if it is about others.
fn ways_of(object: &Object<'_>, fact: &SettingFact, key: &str) -> Vec<String> {
    if fact.format == LABEL {
        return object.labels.iter().map(|way| format!("{way}/{key}")).collect();
    }
    if fact.format == object.format {
        let about = fact.kinds.is_empty() || fact.kinds.iter().any(|kind| kind == object.kind);
        return if about { vec![key.to_string()] } else { Vec::new() };
    }
    if fact.format != "kubernetes" || fact.missing {
        return Vec::new();
    }
    // An operation of a patch names the key as JSON pointers do.
    if object.format == "patch" && !key.contains('*') {
        return vec![format!("path=~1{}/value", key.replace('~', "~0").replace('/', "~1"))];
    }
    match key.strip_prefix(ANNOTATION) {
        Some(rest) => object.annotations.iter().map(|way| format!("{way}/{rest}")).collect(),
        None => Vec::new(),
    }
}

/// The keys at a way.
fn found<'a>(object: &Object<'a>, way: &str) -> Vec<Hit<'a>> {
    if way != "." {
        return ways::find(object.node, way);
    }
    let key = if object.kind.is_empty() { object.name } else { object.kind };
    let (value, node) = (Value::Collection, Some(object.node));
    vec![Hit { key, at: object.at, value, node, beside: object.node, star: String::new() }]
}

/// An object, and what decides its values.
struct Asked<'a, 'o> {
    object: &'o Object<'a>,
    variables: &'o Variables<'o>,
}

impl Asked<'_, '_> {
    /// Whether no other key makes a fact dead: of those in the object, or of those beside its key.
    fn lives(&self, fact: &SettingFact, node: &Node, beside: bool) -> bool {
        let said = |(key, values): (&String, &String)| match (key.strip_prefix("./"), beside) {
            (Some(key), true) => Some(self.says(node, key, values)),
            (None, false) => Some(self.says(node, key, values)),
            _ => None,
        };
        fact.unless.iter().all(|one| said(one) != Some(true))
            && fact.needs.iter().all(|one| said(one) != Some(false))
    }

    fn says_any(&self, keys: &BTreeMap<String, String>) -> bool {
        keys.iter().any(|(key, values)| self.says(self.object.node, key, values))
    }

    /// Whether a key has one of the values; `[]` is a collection with nothing in it.
    fn says(&self, node: &Node, key: &str, values: &str) -> bool {
        let is = |text: &str| values.split('|').any(|value| star(value, text).is_some());
        ways::find(node, key).iter().any(|hit| match (hit.value, hit.node) {
            (Value::Text(text), _) => match self.variables.decide(self.object, text, hit.node) {
                Decided::Text(text, _) => is(&text),
                Decided::Unknown => is(text),
            },
            (Value::Collection, Some(node))
                if node.items().is_empty() && node.pairs().is_empty() =>
            {
                is("[]")
            }
            (Value::Collection, Some(node)) if !node.items().is_empty() => {
                is("") || node.items().iter().filter_map(Node::text).any(is)
            }
            _ => is(""),
        })
    }
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
        because: vec![introduced(object)],
        targets: Vec::new(),
        source: None,
        readers: Vec::new(),
        programs: Vec::new(),
        within: object.node.span,
    }
}

/// One site: the first key that is on speaks, unless another one switches the site off.
fn setting(object: &Object<'_>, found: &[Found<'_>]) -> Option<Setting> {
    let off = found.iter().find(|one| one.state == State::Off);
    let chosen = off.or(found.first())?;
    let (fact, hit) = (chosen.fact, &chosen.hit);
    let mut because = vec![introduced(object)];
    let others = found.iter().map(|one| &one.hit).filter(|other| other.at != hit.at);
    let mut belonging: Vec<(Span, &str)> = others.map(|other| (other.at, other.key)).collect();
    for way in fact.companions.iter().flat_map(|key| ways_of(object, fact, key)) {
        belonging.extend(ways::find(object.node, &way).iter().map(|hit| (hit.at, hit.key)));
    }
    if chosen.said.is_some() {
        because.push(Step::new(hit.at, format!("`{}` takes it here", hit.key)));
    }
    belonging.sort();
    belonging.dedup();
    because
        .extend(belonging.iter().map(|(at, key)| Step::new(*at, format!("`{key}` belongs to it"))));
    let of_group = !fact.used.is_empty() && chosen.state == State::On(Verdict::Hazard);
    let seen = fact.mounted.as_ref().and_then(|fact| mounted::of(object, fact, hit.at));
    if seen.as_ref().is_some_and(|seen| seen.read_only) {
        return None;
    }
    Some(Setting {
        meaning: fact.means,
        on: off.is_none(),
        certain: !of_group
            && !branches::are_open(object, hit.node.map_or(hit.at, |node| node.span)),
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
        at: chosen.said.unwrap_or(hit.at),
        what: object.what(),
        why: fact.why.clone(),
        instead: fact.instead.clone(),
        so: if fact.used.is_empty() || of_group { fact.so.clone() } else { String::new() },
        because,
        source: None,
        readers: Vec::new(),
        targets: seen.map_or_else(|| targets(object, fact), |seen| seen.targets),
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

/// What a value does, and where it is said if not here; `None` where there is none to judge, or only
/// a template knows it.
fn state(
    fact: &SettingFact,
    hit: &Hit<'_>,
    object: &Object<'_>,
    variables: &Variables<'_>,
) -> Option<(State, Option<Span>)> {
    if !fact.used.is_empty() {
        let chosen = chosen::by(object, &fact.used)?;
        return match judged(fact, chosen.of)? {
            State::On(_) if chosen.processes => Some((State::On(Verdict::Violation), None)),
            state => Some((state, None)),
        };
    }
    let mut said = None;
    let mut decided = |text: &str| match variables.decide(object, text, hit.node) {
        Decided::Text(text, at) => {
            said = at;
            Some(text.into_owned())
        }
        // Whoever runs it may switch it on.
        Decided::Unknown => None,
    };
    let text: String = match &hit.value {
        Value::Collection
            if !fact.stands
                && let Some(both) = two(object, hit) =>
        {
            let states = both.map(|node| {
                let text = node.text().map(|text| variables.decide(object, text, Some(node)));
                let Some(Decided::Text(text, _)) = text else { return None };
                judged(fact, &text)
            });
            let on = states.iter().flatten().find(|state| **state != State::Off);
            let state = on.copied().or_else(|| states[0].and(states[1]))?;
            return Some((state, None));
        }
        Value::Text(text) if !fact.within.is_empty() => {
            let inner = conf::text(text)?;
            ways::find(&inner, &fact.within).first()?.value.text().to_string()
        }
        Value::Text(text) => decided(text)?,
        Value::Null if fact.stands => return None,
        Value::Null => String::new(),
        Value::Collection if fact.stands => String::new(),
        Value::Collection => match (command(hit), reference(hit)) {
            (Some(command), _) => command,
            (None, Some(name)) => decided(&format!("${{{name}}}"))?,
            (None, None) => return None,
        },
    };
    judged(fact, &text).map(|state| (state, said))
}

/// Both values where a condition chooses one.
fn two<'a>(object: &Object<'_>, hit: &Hit<'a>) -> Option<[&'a Node; 2]> {
    branches::of(object, hit.node?)
}

/// What a value switches on or off; nothing if no list of the fact has it.
fn judged(fact: &SettingFact, text: &str) -> Option<State> {
    let any = |patterns: &[String]| patterns.iter().any(|p| star(p, text).is_some());
    let usual = || USUALLY_OFF.iter().any(|off| text.eq_ignore_ascii_case(off));
    let off = if fact.off.is_empty() { usual() } else { any(&fact.off) };
    if any(&fact.on) {
        Some(State::On(Verdict::Violation))
    } else if any(&fact.hazard) {
        Some(State::On(Verdict::Hazard))
    } else if fact.on.is_empty() && fact.hazard.is_empty() && (fact.stands || !off) {
        Some(State::On(Verdict::Violation))
    } else {
        off.then_some(State::Off)
    }
}

/// The parameter that a template of CloudFormation names: `{"Ref": "X"}`.
fn reference<'a>(hit: &Hit<'a>) -> Option<&'a str> {
    hit.node?.at(&["Ref"])?.text()
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
    let names: Vec<&str> =
        hits.map(|hit| hit.value.text()).filter(|name| !name.is_empty()).collect();
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

fn holds(outer: Span, inner: Span) -> bool {
    outer.file == inner.file && outer.start <= inner.start && inner.end <= outer.end
}
