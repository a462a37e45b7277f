//! What can an editor do about a finding at the press of a key?

use std::path::Path;

use gen_lsp_types::{
    CodeAction, CodeActionKind, CodeActionResponse, Command, Diagnostic, Position, Range, TextEdit,
};
use serde_json::json;

use super::client::{Client, Target};
use super::places::Places;
use super::shown::{Shown, Told};

/// Opens the page of the rule that it is given.
pub(super) const OPEN_PAGE: &str = "twelve-lint.openPage";
/// Puts the cursor at a place of a file: its URI, line and column.
pub(super) const GO_TO: &str = "twelve-lint.goTo";

/// The kind of action that makes every safe edit of a file.
pub(super) const FIX_ALL: &str = "source.fixAll.twelve-lint";

/// What is asked for.
pub(super) struct Asked<'a> {
    pub(super) path: &'a Path,
    pub(super) range: Range,
    /// What the editor asks about, such as all of a line wherever the cursor is in it.
    pub(super) about: &'a [Diagnostic],
    /// Kinds of action that are wanted; none: all.
    pub(super) only: Option<&'a [CodeActionKind]>,
}

impl Asked<'_> {
    /// Whether a finding is meant.
    fn means(&self, shown: &Shown) -> bool {
        let Diagnostic { range, code, .. } = &shown.marked;
        touches(*range, self.range)
            || self.about.iter().any(|about| (&about.range, &about.code) == (range, code))
    }

    fn wants(&self, kind: &CodeActionKind) -> bool {
        let kind: String = kind.clone().into();
        self.only.is_none_or(|only| {
            only.iter().any(|wanted| {
                let wanted: String = wanted.clone().into();
                wanted.is_empty() || kind == wanted || kind.starts_with(&format!("{wanted}."))
            })
        })
    }
}

/// The actions for the findings at a place of a buffer.
pub(super) fn at(
    asked: &Asked<'_>,
    found: &[Shown],
    target: &Target,
    places: &Places<'_>,
    client: &Client,
) -> Vec<CodeActionResponse> {
    let mut actions = Vec::new();
    actions.extend(all(asked, found, target, client).map(Into::into));
    if !asked.wants(&CodeActionKind::QuickFix) {
        return actions;
    }
    for shown in found.iter().filter(|shown| asked.means(shown)) {
        let Some(told) = &shown.finding else { continue };
        actions.extend(put_right(shown, told, target, client).map(Into::into));
        actions.extend(allow(asked.path, shown, told, target, places, client).map(Into::into));
        actions.push(open(shown, told).into());
    }
    actions
}

/// Whether two ranges have a place in common; a cursor at either end counts.
pub(super) fn touches(one: Range, other: Range) -> bool {
    one.start <= other.end && other.start <= one.end
}

/// An action that mends one finding.
fn quick(title: String, shown: &Shown) -> CodeAction {
    CodeAction {
        title,
        kind: Some(CodeActionKind::QuickFix),
        diagnostics: Some(vec![shown.marked.clone()]),
        ..CodeAction::default()
    }
}

/// The edit that is safe.
fn put_right(shown: &Shown, told: &Told, target: &Target, client: &Client) -> Option<CodeAction> {
    let (message, edits) = told.fix.as_ref()?;
    let mut title = message.clone();
    title[..1].make_ascii_uppercase();
    Some(CodeAction {
        edit: Some(client.edit(target, edits.clone())),
        is_preferred: Some(true),
        ..quick(title, shown)
    })
}

/// All edits of a file that are safe, for who asks for that kind, as on saving.
fn all(asked: &Asked<'_>, found: &[Shown], target: &Target, client: &Client) -> Option<CodeAction> {
    let kind = CodeActionKind::new(FIX_ALL);
    if asked.only.is_none() || !asked.wants(&kind) {
        return None;
    }
    let mut edits: Vec<TextEdit> = Vec::new();
    for (_, of) in found.iter().filter_map(|shown| shown.finding.as_ref()?.fix.as_ref()) {
        let new: Vec<&TextEdit> = of.iter().filter(|edit| !edits.contains(edit)).collect();
        let meets = |edit: &&TextEdit| edits.iter().any(|other| touches(edit.range, other.range));
        if !new.iter().any(meets) {
            edits.extend(new.into_iter().cloned().collect::<Vec<_>>());
        }
    }
    (!edits.is_empty()).then(|| CodeAction {
        title: "Make all edits that are safe".into(),
        kind: Some(kind),
        edit: Some(client.edit(target, edits)),
        ..CodeAction::default()
    })
}

/// A comment above the line that allows the finding. The reason is left to be said: without one it
/// is not honoured.
fn allow(
    path: &Path,
    shown: &Shown,
    told: &Told,
    target: &Target,
    places: &Places<'_>,
    client: &Client,
) -> Option<CodeAction> {
    let sign = comment(path)?;
    let at = Position { line: shown.marked.range.start.line, character: 0 };
    let line = places.line(at.line);
    let indent = &line[..line.len() - line.trim_start().len()];
    let before = format!("{indent}{sign} twelve-lint: allow({}) reason = \"", told.rule);
    let edit = TextEdit { range: Range { start: at, end: at }, new_text: format!("{before}\"\n") };
    let title = format!("Allow `{}` here: say the reason", told.rule);
    Some(CodeAction {
        edit: Some(client.edit(target, vec![edit])),
        // All that is put in front of the cursor is ASCII, unless the indentation is not.
        command: client.shows_documents.then(|| Command {
            title: "Say the reason".into(),
            command: GO_TO.into(),
            arguments: Some(vec![
                json!(target.uri.0),
                json!(at.line),
                json!(before.chars().count()),
            ]),
            tooltip: None,
        }),
        ..quick(title, shown)
    })
}

/// How a line of a file becomes a comment; JSON has none.
fn comment(path: &Path) -> Option<&'static str> {
    let ending = path.extension().and_then(|ending| ending.to_str()).unwrap_or_default();
    match ending {
        "rs" | "bicep" => Some("//"),
        "json" => None,
        _ => Some("#"),
    }
}

fn open(shown: &Shown, told: &Told) -> CodeAction {
    let title = format!("Open the page of `{}`", told.rule);
    CodeAction {
        command: Some(Command {
            title: title.clone(),
            command: OPEN_PAGE.into(),
            arguments: Some(vec![json!(told.rule)]),
            tooltip: None,
        }),
        ..quick(title, shown)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_are_asked_for_by_their_beginning() {
        let asked =
            |only| Asked { path: Path::new("/a"), range: Range::default(), about: &[], only };
        let quick = [CodeActionKind::QuickFix];
        assert!(asked(None).wants(&CodeActionKind::QuickFix));
        assert!(asked(Some(&quick)).wants(&CodeActionKind::QuickFix));
        assert!(asked(Some(&[CodeActionKind::Empty])).wants(&CodeActionKind::QuickFix));
        assert!(!asked(Some(&[CodeActionKind::Refactor])).wants(&CodeActionKind::QuickFix));
        assert!(
            asked(Some(&[CodeActionKind::Source])).wants(&CodeActionKind::new("source.fixAll.x"))
        );
        assert!(!asked(Some(&quick)).wants(&CodeActionKind::new("quickfixes")));
    }

    #[test]
    fn comments_are_written_as_the_file_has_them() {
        let signs = ["src/a.rs", "a.yaml", "Dockerfile", "nginx.conf", "main.tf", "task.json"]
            .map(|path| comment(Path::new(path)));
        assert_eq!(signs, [Some("//"), Some("#"), Some("#"), Some("#"), Some("#"), None]);
    }
}
