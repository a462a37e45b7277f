//! Which commands does a script run, each with its words?

use std::ops::Range;

use super::{Kind, Node, Pairs};
use crate::source::{FileId, Span};

/// Words that stand before a command without being one.
const BEFORE: [&str; 16] = [
    "if", "then", "else", "elif", "do", "while", "until", "!", "{", "(", "sudo", "exec", "time",
    "nohup", "env", "command",
];
/// Programs that run what they are given as a text.
const SHELLS: [&str; 5] = ["sh", "bash", "ash", "dash", "zsh"];
/// How deep commands may lie in each other's texts.
const MOST_DEPTH: usize = 8;

/// Reads commands: the program is a key, its words are the text.
pub(super) fn tree(file: FileId, text: &str) -> Node {
    let mut pairs = Pairs::new();
    commands(file, text, 0..text.len(), None, MOST_DEPTH, &mut pairs);
    Node { span: Span::new(file, 0, text.len() as u32), kind: Kind::Block(pairs) }
}

/// A word, without its quotes, and where it begins.
struct Word {
    text: String,
    at: usize,
}

/// The commands of a part of a text; `place` is where they stand if the part has no places.
fn commands(
    file: FileId,
    text: &str,
    part: Range<usize>,
    place: Option<Span>,
    depth: usize,
    pairs: &mut Pairs,
) {
    let mut scanner =
        Scanner { text: &text[..part.end], at: part.start, ends: Vec::new(), inner: Vec::new() };
    while scanner.at < part.end {
        let words = scanner.command();
        for inner in std::mem::take(&mut scanner.inner) {
            if depth > 0 {
                commands(file, text, inner, place, depth - 1, pairs);
            }
        }
        let said = words.iter().skip_while(|word| is_before(&word.text));
        let words: Vec<&Word> = said.collect();
        let Some((first, rest)) = words.split_first() else { continue };
        let program = first.text.trim_start_matches(['@', '-', '+']);
        let name = program.rsplit('/').next().unwrap_or(program);
        let at = first.at + (first.text.len() - program.len());
        let span = place.unwrap_or_else(|| {
            Span::new(file, at as u32, (at + program.len()).min(part.end).max(at) as u32)
        });
        if depth > 0 && SHELLS.contains(&name) {
            // A shell runs what stands behind `-c`; some builds take a text alone.
            let mut texts = rest.iter().filter(|word| !word.text.starts_with('-'));
            if let Some(inner) = texts.next().filter(|word| word.text.contains(' ')) {
                commands(file, &inner.text, 0..inner.text.len(), Some(span), depth - 1, pairs);
            }
        }
        let rest: Vec<&str> = rest.iter().map(|word| &*word.text).collect();
        pairs.push((Node::scalar(span, name), Node::scalar(span, &rest.join(" "))));
    }
}

/// Whether a word stands before a command: `sudo`, `A=b`.
fn is_before(word: &str) -> bool {
    let name = word.split_once('=').map(|(name, _)| name);
    BEFORE.contains(&word)
        || name.is_some_and(|name| {
            !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
        })
}

struct Scanner<'a> {
    text: &'a str,
    at: usize,
    /// Marks that end the texts which begin on the next line, and whether tabs before them count.
    ends: Vec<(String, bool)>,
    /// What stands in `$( )` and backticks.
    inner: Vec<Range<usize>>,
}

impl Scanner<'_> {
    /// The words up to the end of a command.
    fn command(&mut self) -> Vec<Word> {
        let mut words: Vec<Word> = Vec::new();
        let mut open: Option<Word> = None;
        while let Some(c) = self.text[self.at..].chars().next() {
            let begin = self.at;
            self.at += c.len_utf8();
            let rest = &self.text[self.at..];
            let put = |open: &mut Option<Word>, text: &str| {
                open.get_or_insert_with(|| Word { text: String::new(), at: begin })
                    .text
                    .push_str(text);
            };
            match c {
                '\\' => {
                    let broken = rest.strip_prefix("\r\n").or_else(|| rest.strip_prefix('\n'));
                    match (broken, rest.chars().next()) {
                        (Some(after), _) => {
                            self.at += rest.len() - after.len();
                            words.extend(open.take());
                        }
                        (None, Some(next)) => {
                            self.at += next.len_utf8();
                            put(&mut open, next.encode_utf8(&mut [0; 4]));
                        }
                        (None, None) => {}
                    }
                }
                '\'' => {
                    let end = rest.find('\'').unwrap_or(rest.len());
                    put(&mut open, &rest[..end]);
                    self.at += (end + 1).min(rest.len());
                }
                '"' => {
                    let quoted = self.quoted();
                    put(&mut open, &quoted);
                }
                '#' if open.is_none() => {
                    self.at += rest.find('\n').unwrap_or(rest.len());
                }
                '$' if rest.starts_with('(') && !rest.starts_with("((") => {
                    self.at += 1;
                    let inner = self.past_bracket();
                    self.inner.push(inner);
                    put(&mut open, "$()");
                }
                '`' => {
                    let end = rest.find('`').unwrap_or(rest.len());
                    self.inner.push(self.at..self.at + end);
                    self.at += (end + 1).min(rest.len());
                    put(&mut open, "$()");
                }
                '<' if rest.starts_with('<') && !rest.starts_with("<<") => {
                    let tabs = rest.starts_with("<-");
                    self.at += 1 + usize::from(tabs);
                    let mark = self.text[self.at..].trim_start_matches([' ', '\'', '"', '\\']);
                    let end =
                        mark.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(mark.len());
                    if end > 0 {
                        self.ends.push((mark[..end].to_string(), tabs));
                        self.at = self.text.len() - mark.len() + end;
                        self.at += usize::from(self.text[self.at..].starts_with(['\'', '"']));
                    }
                }
                '\n' => {
                    words.extend(open.take());
                    self.heredocs();
                    if !words.is_empty() {
                        return words;
                    }
                }
                ';' | '|' | '&' => {
                    // `2>&1` is no end.
                    if c == '&' && self.text[..begin].ends_with('>') {
                        put(&mut open, "&");
                        continue;
                    }
                    words.extend(open.take());
                    if !words.is_empty() {
                        return words;
                    }
                }
                '(' | ')' if open.is_none() => {
                    if !words.is_empty() {
                        return words;
                    }
                }
                c if c.is_whitespace() || c == '\u{feff}' => words.extend(open.take()),
                c => put(&mut open, c.encode_utf8(&mut [0; 4])),
            }
        }
        words.extend(open);
        words
    }

    /// A text in double quotes; what it runs is noted.
    fn quoted(&mut self) -> String {
        let mut text = String::new();
        while let Some(c) = self.text[self.at..].chars().next() {
            self.at += c.len_utf8();
            match c {
                '"' => break,
                '\\' => {
                    let next = self.text[self.at..].chars().next();
                    self.at += next.map_or(0, char::len_utf8);
                    text.extend(next.filter(|next| *next != '\n'));
                }
                '$' if self.text[self.at..].starts_with('(') => {
                    self.at += 1;
                    let inner = self.past_bracket();
                    self.inner.push(inner);
                    text.push_str("$()");
                }
                c => text.push(c),
            }
        }
        text
    }

    /// Behind the bracket that closes the one that was just opened; what stood in it.
    fn past_bracket(&mut self) -> Range<usize> {
        let from = self.at;
        let (mut depth, mut quote) = (1usize, None);
        for (at, c) in self.text[self.at..].char_indices() {
            match (quote, c) {
                (None, '\'' | '"') => quote = Some(c),
                (Some(open), c) if open == c => quote = None,
                (None, '(') => depth += 1,
                (None, ')') => depth -= 1,
                _ => {}
            }
            if depth == 0 {
                self.at += at + 1;
                return from..from + at;
            }
        }
        self.at = self.text.len();
        from..self.at
    }

    /// Behind the texts that begin here.
    fn heredocs(&mut self) {
        for (mark, tabs) in std::mem::take(&mut self.ends) {
            let from = self.at;
            let mut at = from;
            for line in self.text[from..].split_inclusive('\n') {
                at += line.len();
                let line = line.trim_end_matches(['\n', '\r']);
                if mark == if tabs { line.trim_start_matches('\t') } else { line } {
                    break;
                }
            }
            self.at = at;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The commands of a script, each with its line.
    fn read(text: &str) -> Vec<String> {
        let root = tree(FileId(0), text);
        let shown = |(key, value): (&Node, &Node)| {
            let line = text[..key.span.start as usize].matches('\n').count() + 1;
            format!("{line} {} {}", key.text().unwrap_or(""), value.text().unwrap_or(""))
        };
        root.pairs().into_iter().map(shown).collect()
    }

    #[test]
    fn commands_stand_in_their_lines() {
        let text = "#!/bin/sh\n# a b\nsudo A=1 /bin/a 'b c' \"d \\\" e\" # f\nif x; then y \\\n  --z; fi\n\
                    cat <<-'E' | w\na b\n\tE\nq=$(r \"s\") t 2>&1 && \\\n  u v\nsh -c \"m n && o\"\n";
        let expected = [
            "3 a b c d \" e",
            "4 x ",
            "4 y --z",
            "5 fi ",
            "6 cat ",
            "6 w ",
            "9 r s",
            "9 t 2>&1",
            "10 u v",
            "11 m n",
            "11 o ",
            "11 sh -c m n && o",
        ];
        assert_eq!(read(text), expected);
    }

    #[test]
    fn any_text_is_read_in_bounds() {
        let text = "a \"ä $(b 'c\" `d` <<É\n é \\\nÉ\n sh -c 'x y' $(sh -c \"$(ö)\") \\";
        for at in (0..text.len()).filter(|at| text.is_char_boundary(*at)) {
            drop(tree(FileId(0), &text[..at]));
            drop(tree(FileId(0), &text[at..]));
        }
        drop(tree(FileId(0), &"$(".repeat(10_000)));
    }
}
