//! How does the parser's stream of events become a tree? Aliases and merges are put in, bounded.

use std::ops::Range;

use rustc_hash::FxHashMap;
use saphyr_parser::{Event, Marker, Parser, ScalarStyle};

use super::{Failure, Kind, Node, Pairs};
use crate::source::{FileId, Span};

/// How deep values may lie in each other; people stay below twenty.
const MOST_DEPTH: usize = 128;
/// How many values aliases may add to a document: a few bytes can ask for billions.
const MOST_COPIED: usize = 100_000;

/// Reads the documents of one part of a text, up to the first error.
pub(super) fn trees(file: FileId, text: &str, part: Range<usize>) -> (Vec<Node>, Option<Failure>) {
    let places = Places::new(file, &text[part.clone()], part.start);
    let mut builder = Builder {
        places,
        open: Vec::new(),
        loose: Vec::new(),
        anchors: FxHashMap::default(),
        copied: 0,
        trees: Vec::new(),
    };
    for event in Parser::new_from_str(&text[part]) {
        let (event, span) = match event {
            Ok(read) => read,
            Err(error) => {
                let at = builder.places.point(error.marker());
                return (builder.trees, Some((error.info().to_string(), at)));
            }
        };
        let at = builder.places.span(&span.start, &span.end);
        if let Err(message) = builder.take(event, at) {
            return (builder.trees, Some((message, at)));
        }
    }
    (builder.trees, None)
}

/// Where the characters of a part are in the whole text, in bytes.
struct Places<'a> {
    file: FileId,
    text: &'a str,
    base: usize,
    /// The characters that are more than a byte, by their numbers, and how many bytes all until
    /// there are more than characters. Most texts have few: what a template hides, and some names.
    wide: Vec<(u32, u32)>,
}

impl<'a> Places<'a> {
    fn new(file: FileId, text: &'a str, base: usize) -> Places<'a> {
        let (mut wide, mut more) = (Vec::new(), 0);
        if !text.is_ascii() {
            for (at, byte) in text.bytes().enumerate().filter(|(_, byte)| *byte >= 0xc0) {
                let character = at as u32 - more;
                more += byte.leading_ones() - 1;
                wide.push((character, more));
            }
        }
        Places { file, text, base, wide }
    }

    fn byte(&self, character: usize) -> usize {
        let before = self.wide.partition_point(|(wide, _)| (*wide as usize) < character);
        let more = before.checked_sub(1).map_or(0, |last| self.wide[last].1);
        self.base + (character + more as usize).min(self.text.len())
    }

    fn span(&self, start: &Marker, end: &Marker) -> Span {
        let (start, end) = (self.byte(start.index()), self.byte(end.index()));
        Span::new(self.file, start as u32, end.max(start) as u32)
    }

    /// The character at a place, or the end of the text.
    fn point(&self, at: &Marker) -> Span {
        let (start, end) = (self.byte(at.index()), self.byte(at.index() + 1));
        Span::new(self.file, start as u32, end as u32)
    }
}

/// A collection whose end is still to come.
struct Open {
    anchor: usize,
    span: Span,
    map: bool,
    /// Where its values begin among those that are not put in a collection yet.
    from: usize,
}

/// A value with its number of values and its depth, so that copies can be refused before they
/// are made.
#[derive(Clone)]
struct Measured {
    node: Node,
    size: usize,
    depth: usize,
}

struct Builder<'a> {
    places: Places<'a>,
    open: Vec<Open>,
    /// The values of all that is open, one after the other.
    loose: Vec<Measured>,
    anchors: FxHashMap<usize, Measured>,
    copied: usize,
    trees: Vec<Node>,
}

impl Builder<'_> {
    fn take(&mut self, event: Event<'_>, at: Span) -> Result<(), String> {
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                let quoted = style != ScalarStyle::Plain;
                // CloudFormation's way to say the same as `!Sub ${X}`.
                let text = match tag.is_some_and(|tag| tag.handle == "!" && tag.suffix == "Ref") {
                    true => format!("${{{text}}}"),
                    false => text.into_owned(),
                };
                let kind = Kind::Scalar { text, quoted };
                let node = Node { span: at, kind };
                self.done(anchor, Measured { node, size: 1, depth: 1 })
            }
            Event::SequenceStart(anchor, _) => self.begin(anchor, at, false),
            Event::MappingStart(anchor, _) => self.begin(anchor, at, true),
            Event::SequenceEnd | Event::MappingEnd => self.end(at),
            Event::Alias(anchor) => {
                let size = self.anchors.get(&anchor).map_or(0, |known| known.size);
                self.copied += size;
                if self.copied > MOST_COPIED {
                    return Err("its aliases stand for too many values".into());
                }
                match self.anchors.get(&anchor).cloned() {
                    Some(known) => self.done(0, known),
                    // An alias inside of what it stands for.
                    None => Err("an alias stands for a value around itself".into()),
                }
            }
            Event::DocumentStart(_) => {
                self.anchors.clear();
                self.copied = 0;
                Ok(())
            }
            Event::Nothing | Event::StreamStart | Event::StreamEnd | Event::DocumentEnd => Ok(()),
        }
    }

    fn begin(&mut self, anchor: usize, span: Span, map: bool) -> Result<(), String> {
        self.open.push(Open { anchor, span, map, from: self.loose.len() });
        match self.open.len() > MOST_DEPTH {
            true => Err("its values are nested too deeply".into()),
            false => Ok(()),
        }
    }

    fn end(&mut self, at: Span) -> Result<(), String> {
        let Some(open) = self.open.pop() else { return Ok(()) };
        let children = &self.loose[open.from..];
        let size = 1 + children.iter().map(|child| child.size).sum::<usize>();
        let depth = 1 + children.iter().map(|child| child.depth).max().unwrap_or(0);
        let nodes = self.loose.drain(open.from..).map(|child| child.node);
        let kind = if open.map { Kind::Map(merged(nodes)) } else { Kind::List(nodes.collect()) };
        let span = Span::new(at.file, open.span.start, at.end.max(open.span.end));
        self.done(open.anchor, Measured { node: Node { span, kind }, size, depth })
    }

    fn done(&mut self, anchor: usize, value: Measured) -> Result<(), String> {
        if self.open.len() + value.depth > MOST_DEPTH {
            return Err("its values are nested too deeply".into());
        }
        if anchor > 0 {
            self.anchors.insert(anchor, value.clone());
        }
        match self.open.is_empty() {
            false => self.loose.push(value),
            true => self.trees.push(value.node),
        }
        Ok(())
    }
}

/// Keys and values in turn become pairs; what `<<` brings goes in front, where own keys beat it.
fn merged(mut nodes: impl ExactSizeIterator<Item = Node>) -> Pairs {
    let (mut own, mut brought) = (Vec::with_capacity(nodes.len() / 2), Vec::new());
    while let (Some(key), Some(value)) = (nodes.next(), nodes.next()) {
        let merge = matches!(&key.kind, Kind::Scalar { text, quoted: false } if text == "<<");
        match (merge, value.kind) {
            (true, Kind::Map(pairs)) => brought.push(pairs),
            (true, Kind::List(maps)) => brought.extend(maps.into_iter().filter_map(|map| {
                if let Kind::Map(pairs) = map.kind { Some(pairs) } else { None }
            })),
            (_, kind) => own.push((key, Node { span: value.span, kind })),
        }
    }
    if brought.is_empty() {
        return own;
    }
    // Of several maps the first one wins, so it comes last.
    brought.into_iter().rev().flatten().chain(own).collect()
}
