//! Is what is known of two folders the same? Then they are one place, as far as can be told.

use std::cmp::Reverse;

use super::Folder;

impl Folder {
    /// Whether both are one and the same place, as far as the text says.
    pub(in crate::model) fn is_same(&self, other: &Folder) -> bool {
        let told = !self.open || self.filled.is_some();
        let both = self.root == other.root && self.behind == other.behind;
        told && both && self.open == other.open && self.filled == other.filled
    }

    /// Whether as much is known of both, and the same, be it the value with which they begin.
    pub(in crate::model) fn is_as_far(&self, other: &Folder) -> bool {
        let begun = self.open && other.open && self.behind == other.behind;
        self.is_same(other) || begun && self.after.is_some() && self.after == other.after
    }

    /// How well one of several that meet it fits it: the best has more in common with it than where
    /// both begin, and is the same as far as is known.
    pub(in crate::model) fn fit(
        &self,
        other: &Folder,
        is_folder: bool,
    ) -> (bool, bool, Reverse<usize>) {
        let apart = self.behind.len().abs_diff(other.behind.len());
        (self.is_near(other, is_folder), self.is_as_far(other), Reverse(apart))
    }

    /// Whether they have more in common than where they begin.
    pub(in crate::model) fn is_near(&self, other: &Folder, is_folder: bool) -> bool {
        let named = !self.behind.is_empty() && !other.behind.is_empty();
        (self.root.is_none() || named) && self.meets(other, is_folder)
    }
}
