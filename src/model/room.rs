//! For which files does a directory make room? It is made together with those around it.

use super::folders::Folder;

impl Folder {
    /// Whether a directory, which is made together with those around it, is one that a file lies
    /// in, or stands around that. Of a file of which less is known than of the directory, it says
    /// nothing.
    pub(super) fn makes_room_for(&self, file: &Folder) -> bool {
        let known = !file.open || self.behind.len() <= file.behind.len();
        known && self.meets(file, true)
    }

    /// Whether a file lies in the root itself, which is made together with a directory beneath it.
    pub(super) fn makes_the_root_of(&self, file: &Folder) -> bool {
        self.root.is_some()
            && self.root == file.root
            && !file.open
            && file.behind.len() == 1
            && !self.behind.is_empty()
    }

    /// Whether it is the root alone.
    pub(super) fn is_root(&self) -> bool {
        self.root.is_some() && self.behind.is_empty() && !self.open
    }
}
