//! What does a Dockerfile say? Its stages, and the instructions of each.

use super::{Kind, Node, Pairs};
use crate::source::{FileId, Span};

/// Reads a Dockerfile: a block of `FROM`s, each with a block of `image`, `as` and the instructions
/// of its stage. `VOLUME` and what stands in brackets is a list of words, all else a text.
pub(super) fn tree(file: FileId, text: &str) -> Node {
    let mut stages: Pairs = Vec::new();
    // What `ARG` says before the first stage holds in the lines `FROM`.
    let mut arguments: Vec<(String, String)> = Vec::new();
    for line in lines(text) {
        let span = Span::new(file, line.at as u32, (line.at + line.keyword.len()) as u32);
        let keyword = line.keyword.to_ascii_uppercase();
        if keyword == "FROM" {
            let words: Vec<&str> =
                line.rest.split_whitespace().filter(|word| !word.starts_with("--")).collect();
            let image = expand(words.first().unwrap_or(&""), &arguments);
            let mut inner = vec![(Node::scalar(span, "image"), Node::scalar(span, &image))];
            if let [_, by, name, ..] = words[..]
                && by.eq_ignore_ascii_case("as")
            {
                inner.push((Node::scalar(span, "as"), Node::scalar(span, name)));
            }
            let stage = Node { span, kind: Kind::Block(inner) };
            stages.push((Node::scalar(span, "FROM"), stage));
            continue;
        }
        let Some((_, Node { kind: Kind::Block(inner), .. })) = stages.last_mut() else {
            if keyword == "ARG" {
                arguments.extend(line.rest.split_whitespace().filter_map(|word| {
                    let (name, value) = word.split_once('=')?;
                    Some((name.to_string(), value.trim_matches(['"', '\'']).to_string()))
                }));
            }
            continue;
        };
        let value = match (words(&line.rest), &*keyword) {
            // What was said before the first stage holds in one that asks for it.
            (_, "ARG") if !line.rest.contains('=') => {
                let said = arguments.iter().rev().find(|(name, _)| *name == line.rest);
                match said {
                    Some((name, value)) => Node::scalar(span, &format!("{name}=\"{value}\"")),
                    None => Node::scalar(span, &line.rest),
                }
            }
            (Some(words), _) => list(span, words.iter().map(String::as_str)),
            // Docker would take the comment for more folders; nobody means it.
            (None, "VOLUME") => {
                list(span, line.rest.split_whitespace().take_while(|word| !word.starts_with('#')))
            }
            _ => Node::scalar(span, &line.rest),
        };
        inner.push((Node::scalar(span, &keyword), value));
    }
    let span = Span::new(file, 0, text.len() as u32);
    Node { span, kind: Kind::Block(stages) }
}

fn list<'a>(span: Span, words: impl Iterator<Item = &'a str>) -> Node {
    Node { span, kind: Kind::List(words.map(|word| Node::scalar(span, word)).collect()) }
}

/// The words of `["a", "b"]`, if that is what it is.
fn words(text: &str) -> Option<Vec<String>> {
    let end = text.starts_with('[').then(|| text.find(']'))??;
    serde_json::from_str(&text[..=end]).ok()
}

/// Puts the values of arguments in: `$X`, `${X}`, `${X:-y}`.
fn expand(text: &str, arguments: &[(String, String)]) -> String {
    let value = |name: &str| arguments.iter().rev().find(|(known, _)| known == name);
    let Some((before, rest)) = text.split_once('$') else { return text.into() };
    let (name, default, after) = match rest.strip_prefix('{') {
        Some(rest) => {
            let Some((inner, after)) = rest.split_once('}') else { return text.into() };
            let (name, default) =
                inner.split_once(":-").map_or((inner, None), |(n, d)| (n, Some(d)));
            (name, default, after)
        }
        None => {
            let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
            (&rest[..end], None, &rest[end..])
        }
    };
    let put = value(name).map(|(_, value)| &**value).or(default);
    let raw = &text[before.len()..text.len() - after.len()];
    format!("{before}{}{}", put.unwrap_or(raw), expand(after, arguments))
}

/// An instruction, joined over the lines that continue it.
struct Line<'a> {
    keyword: &'a str,
    rest: String,
    at: usize,
}

fn lines(text: &str) -> Vec<Line<'_>> {
    let mut found: Vec<Line<'_>> = Vec::new();
    let escape = escape(text);
    let (mut at, mut goes_on) = (0, false);
    let mut ends: Vec<(String, bool)> = Vec::new();
    for raw in text.split_inclusive('\n') {
        let begin = at;
        at += raw.len();
        if let Some((mark, tabs)) = ends.first() {
            let line = raw.trim_end_matches(['\n', '\r']);
            let line = if *tabs { line.trim_start_matches('\t') } else { line };
            if line == mark {
                ends.remove(0);
            }
            continue;
        }
        let line = raw.trim_start_matches('\u{feff}').trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let (line, more) = match line.strip_suffix(escape) {
            Some(line) => (line.trim_end(), true),
            None => (line, false),
        };
        match found.last_mut().filter(|_| goes_on) {
            Some(open) => {
                open.rest.push(' ');
                open.rest.push_str(line);
            }
            None => {
                let (keyword, rest) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
                let at = begin + raw.find(keyword).unwrap_or(0);
                found.push(Line { keyword, rest: rest.trim().into(), at });
            }
        }
        goes_on = more;
        if let Some(done) = found.last_mut().filter(|_| !more) {
            done.rest = done.rest.trim().to_string();
            ends = heredocs(done);
        }
    }
    found
}

/// `# escape=` says it before anything else is said.
fn escape(text: &str) -> char {
    for line in text.trim_start_matches('\u{feff}').lines() {
        let Some(comment) = line.trim().strip_prefix('#') else { break };
        let Some((name, value)) = comment.split_once('=') else { break };
        if name.trim().eq_ignore_ascii_case("escape") {
            return value.trim().chars().next().unwrap_or('\\');
        }
    }
    '\\'
}

/// The marks that end the texts which begin behind this line, and whether tabs before them count.
fn heredocs(line: &Line<'_>) -> Vec<(String, bool)> {
    let may = ["RUN", "COPY", "ADD"].iter().any(|word| line.keyword.eq_ignore_ascii_case(word));
    if !may {
        return Vec::new();
    }
    let marks = line.rest.split("<<").skip(1).filter_map(|rest| {
        let tabs = rest.starts_with('-');
        let rest = rest.trim_start_matches('-').trim_start_matches(['"', '\'']);
        let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
        // `<<<` and shifts are none.
        let name = rest[..end].starts_with(|c: char| c.is_alphabetic() || c == '_');
        name.then(|| (rest[..end].to_string(), tabs))
    });
    marks.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The instructions of the last stage, each with its line.
    fn last(text: &str) -> Vec<String> {
        let root = tree(FileId(0), text);
        let pairs = root.pairs();
        let Some((_, stage)) = pairs.last() else { return Vec::new() };
        let shown = |(key, value): &(&Node, &Node)| {
            let line = text[..key.span.start as usize].matches('\n').count() + 1;
            let items: Vec<&str> = value.items().iter().filter_map(Node::text).collect();
            let value = value.text().map_or(items.join("|"), String::from);
            format!("{line} {} {value}", key.text().unwrap_or_default())
        };
        stage.pairs().iter().map(shown).collect()
    }

    #[test]
    fn instructions_stand_in_their_stages() {
        let text = "# syntax=docker/dockerfile:1\n# escape=`\nARG V=12\nARG B=debian\nFROM rust AS \
                    build\nVOLUME /a\nFROM --platform=x ${B}:$V-slim as run\nrun echo \\\nVolume [\"/b\", \
                    \"/c d\"]\nVOLUME `\n# no\n\n  /d `\n  /e # VOLUME /f\nRUN <<EOF cat <<-'B'\nVOLUME \
                    /g\nEOF\n\tVOLUME /h\n\tB\nCMD [\"x\", \"y\"]\n";
        let expected = [
            "7 image debian:12-slim",
            "7 as run",
            "8 RUN echo \\",
            "9 VOLUME /b|/c d",
            "10 VOLUME /d|/e",
            "15 RUN <<EOF cat <<-'B'",
            "20 CMD x|y",
        ];
        assert_eq!(last(text), expected);
        assert_eq!(last("ARG X\n# FROM a\nVOLUME /a\n"), [""; 0]);
        assert_eq!(last("FROM a\r\nVOLUME /a \\\r\n  /b\r\n"), ["1 image a", "2 VOLUME /a|/b"]);
        assert_eq!(last("FROM ${X:-a}$Y\n"), ["1 image a$Y"]);
    }
}
