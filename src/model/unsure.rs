//! Of what on the disk is it not certain that it keeps anything, or takes away what is kept?

use super::begun::Begun;
use super::left::Written;
use super::roots::Root;
use super::scratch::Scratch;
use super::sites::Site;
use crate::catalog::DiskEffect;
use crate::flow::{Flow, Used};

const UNPUT: &str = "nothing is known to be put where this removes something";

/// Whether a call puts something where no folder is known, or where a request says. What is only made,
/// and not filled, is a place for somebody else.
pub(super) fn puts_anywhere(scratch: &Scratch<'_, '_, '_>, site: &Site<'_>) -> bool {
    let known = !site.folders.is_empty() && !is_told(site);
    site.puts() && !known && !site.roots.is_scratch() && !is_left_empty(scratch, site)
}

/// Why it is not certain that what a request or job does to the disk has to do with anything that
/// lasts, where it is not: nothing is known to be put there by what is known to run.
pub(super) fn of(
    written: &Written,
    flow: &Flow,
    scratch: &Scratch<'_, '_, '_>,
    site: &Site<'_>,
) -> Option<&'static str> {
    if written.unplaced {
        return None;
    }
    let removes = site.kind == DiskEffect::Remove;
    let makes = || site.kind == DiskEffect::MakeDirectory || is_left_empty(scratch, site);
    if is_told(site) {
        return match removes {
            true => Some(UNPUT),
            false => makes().then_some("nothing is known to be put there: a request says where"),
        };
    }
    let unheld = is_within(site) && !written.holds(site) && !written.is_looked_at(flow, site);
    (removes && !is_named(site) && unheld).then_some(UNPUT)
}

/// The same of what is put down before serving begins.
pub(super) fn at_start(begun: &Begun<'_, '_, '_, '_>, site: &Site<'_>) -> Option<&'static str> {
    let said = || begun.says_for_nobody(site);
    said().then_some("nobody is known to ask here for this, which the program says by itself")
}

/// Why it is not certain that what is read was there before.
pub(super) fn as_read(
    scratch: &Scratch<'_, '_, '_>,
    site: &Site<'_>,
    sites: &[Site<'_>],
) -> Option<&'static str> {
    let named = scratch.is_named_by_maker(site, sites);
    named.then_some("what says the name puts something there first: it may be that")
}

/// Whether a file is made, and nobody has it to put anything into it.
fn is_left_empty(scratch: &Scratch<'_, '_, '_>, site: &Site<'_>) -> bool {
    site.kind == DiskEffect::Write
        && site.content.is_none()
        && site.call.used == Used::No
        && scratch.all_contents(site).is_empty()
}

/// Whether a request says the whole path.
fn is_told(site: &Site<'_>) -> bool {
    !site.roots.all.is_empty() && site.roots.all.iter().all(is_of_request)
}

/// Whether a request says what is meant: then it means something that it knows to be there.
fn is_named(site: &Site<'_>) -> bool {
    site.roots.all.iter().any(is_of_request)
}

fn is_of_request(root: &Root) -> bool {
    matches!(root, Root::Given | Root::Asked(..))
}

/// Whether it lies within what is known of its place. A field alone may be what a record says, which
/// was put somewhere under another name.
fn is_within(site: &Site<'_>) -> bool {
    let named = |root: Option<Root>| matches!(root, Some(Root::Field(..) | Root::Asked(..)));
    let mut all = site.folders.iter();
    all.all(|own| !named(own.root) || own.open || !own.behind.is_empty())
}
