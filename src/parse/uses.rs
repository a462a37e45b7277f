//! The leaves of `use` trees.

use syn::UseTree;

use super::lower::Lower;
use super::tree::Range;
use crate::symbol::Symbol;

impl Lower<'_> {
    pub(super) fn use_tree(
        &mut self,
        tree: &UseTree,
        prefix: &mut Vec<Symbol>,
        out: &mut Vec<(Symbol, Range, Vec<Symbol>, bool)>,
    ) {
        match tree {
            UseTree::Path(path) => {
                let name = self.name(&path.ident);
                prefix.push(name);
                self.use_tree(&path.tree, prefix, out);
                prefix.pop();
            }
            UseTree::Name(leaf) => {
                let at = self.ident_range(&leaf.ident);
                let mut path = prefix.clone();
                if leaf.ident != "self" {
                    path.push(self.name(&leaf.ident));
                }
                if let Some(name) = path.last().copied() {
                    out.push((name, at, path, false));
                }
            }
            UseTree::Rename(leaf) => {
                let at = self.ident_range(&leaf.rename);
                let mut path = prefix.clone();
                if leaf.ident != "self" {
                    path.push(self.name(&leaf.ident));
                }
                let name = self.name(&leaf.rename);
                out.push((name, at, path, false));
            }
            UseTree::Glob(glob) => {
                let at = self.range(glob.star_token.span);
                let name = self.intern("_");
                out.push((name, at, prefix.clone(), true));
            }
            UseTree::Group(group) => {
                for tree in &group.items {
                    self.use_tree(tree, prefix, out);
                }
            }
        }
    }
}
