//! Which calls touch what the machine makes anew when it starts: devices, what the kernel shows as
//! files, sockets and locks of programs that run?

use super::folders::Folder;
use super::places::Places;
use super::roots::Root;
use super::sites::Site;
use crate::catalog::{BootFact, DiskEffect};

/// Leaves out what lies there, unless it is a file that somebody brought.
pub(super) fn leave_out(places: &Places<'_, '_>, sites: &mut Vec<Site<'_>>) {
    let brings = |site: &&Site<'_>| {
        let puts = site.puts() || site.kind == DiskEffect::Pour;
        puts && site.content.is_some_and(|content| places.is_given(content))
    };
    let boots: Vec<Option<&BootFact>> = sites.iter().map(|site| boot(places, site)).collect();
    let brought: Vec<Folder> = sites
        .iter()
        .zip(&boots)
        .filter(|(site, boot)| boot.is_some_and(|boot| !boot.kernel) && brings(site))
        .flat_map(|(site, _)| site.folders.clone())
        .collect();
    let mut boots = boots.into_iter();
    sites.retain(|site| {
        let Some(boot) = boots.next().flatten() else { return true };
        let met = |own: &Folder| brought.iter().any(|other| own.meets(other, true));
        !boot.kernel && site.folders.iter().any(met)
    });
}

/// What is known of the folder that a call touches, where the code itself says which that is, be it
/// as what stands in for a setting that nobody made.
fn boot<'a>(places: &Places<'_, 'a>, site: &Site<'_>) -> Option<&'a BootFact> {
    let unsaid = |root: &Root| matches!(root, Root::Given | Root::Asked(..) | Root::Scratch(_));
    if site.opens() || site.roots.leading.iter().any(unsaid) {
        return None;
    }
    let texts = site.folders.iter().filter(|folder| folder.root.is_none());
    // A word is the text of an error, or what is taken away from a path.
    let paths = texts.map(Folder::rest).filter(|text| text.contains('/'));
    let mut boots = paths.map(|path| places.names.catalog.boot(&path));
    let first = boots.next()??;
    boots.all(|boot| boot.is_some_and(|boot| boot.kernel == first.kernel)).then_some(first)
}
