//! Which macros does each crate of the tree have from its other files, and from other crates?

use std::sync::Arc;

use rustc_hash::FxHashMap;

use crate::discover::{Project, TargetKind};
use crate::parse::tree::{Cfg, Range};
use crate::parse::{Facts, Foreign, ForeignMacro, MacroDef};
use crate::resolve::Unit;
use crate::source::{FileId, Sources};

/// For each unit, the macros that its files may call without defining them.
pub(super) fn of<'s>(
    units: &[Unit],
    facts: &FxHashMap<FileId, Arc<Facts>>,
    sources: &'s Sources,
    project: &Project,
) -> Vec<Foreign<'s>> {
    if facts.values().all(|facts| facts.macros.is_empty()) {
        return units.iter().map(|_| Foreign::default()).collect();
    }
    let exported: Vec<(&Unit, Found<'s>)> = units
        .iter()
        .filter(|unit| unit.kind == TargetKind::Lib)
        .map(|unit| (unit, defined(unit, facts, sources, project, |def| def.exported)))
        .collect();
    let mut all = Vec::with_capacity(units.len());
    for unit in units {
        let mut macros = FxHashMap::default();
        for (lib, found) in exported.iter().filter(|(lib, _)| lib.root != unit.root) {
            for (name, arms) in found {
                let Some(arms) = arms else { continue };
                let foreign = ForeignMacro { arms, krate: lib.name.as_str().into() };
                // A binary has its own library's by their bare names too, as `use` brings them.
                if lib.package == unit.package {
                    macros.insert((*name).into(), foreign.clone());
                }
                macros.insert(format!("{}::{name}", lib.name).into(), foreign);
            }
        }
        for (name, arms) in defined(unit, facts, sources, project, |_| true) {
            match arms {
                Some(arms) => {
                    let foreign = ForeignMacro { arms, krate: "crate".into() };
                    macros.insert(name.into(), foreign);
                }
                None => drop(macros.remove(name)),
            }
        }
        all.push(Foreign { macros });
    }
    all
}

/// The text of each macro's arms; of two that differ nobody knows which is meant.
type Found<'s> = FxHashMap<&'s str, Option<&'s str>>;

fn defined<'s>(
    unit: &Unit,
    facts: &FxHashMap<FileId, Arc<Facts>>,
    sources: &'s Sources,
    project: &Project,
    wanted: impl Fn(&MacroDef) -> bool,
) -> Found<'s> {
    let enabled = &project.packages[unit.package].enabled;
    let is_on = |def: &MacroDef| match &def.cfg {
        Cfg::On => true,
        Cfg::Off => false,
        Cfg::Features(condition) => condition.holds(enabled),
    };
    let (mut found, mut off) = (Found::default(), Found::default());
    for file in unit.children.values().chain([&unit.root]) {
        let Some(facts) = facts.get(file) else { continue };
        for def in facts.macros.iter().filter(|def| wanted(def)) {
            let text = &sources.get(*file).text;
            let cut = |at: Range| text.get(at.start as usize..at.end as usize);
            let (Some(name), Some(arms)) = (cut(def.name), cut(def.arms)) else { continue };
            let known = if is_on(def) { &mut found } else { &mut off };
            let known = known.entry(name).or_insert(Some(arms));
            if *known != Some(arms) {
                *known = None;
            }
        }
    }
    // Of twins the one that is on in this run is meant; one alone is meant though it is off.
    for (name, arms) in off {
        found.entry(name).or_insert(arms);
    }
    found
}
