//! Is the page what GitHub and GitLab show as it is meant? A parser of Markdown reads it.

use pulldown_cmark::{Event, Options, Parser, Tag};
use twelve_lint::report::{Format, markdown};

use crate::{live, plain, sample, services};

fn page(
    report: &twelve_lint::diagnostic::Report,
    link: Option<&str>,
    most: Option<usize>,
) -> String {
    let link = link.map(str::to_owned);
    let options = markdown::Options { plain: plain(report), link, most };
    sample::text(report, &Format::Markdown(options))
}

#[test]
fn the_table_has_a_row_for_each_finding() {
    for report in services() {
        let text = page(report, Some("https://example.org/blob/main/"), None);
        let events: Vec<Event> = Parser::new_ext(&text, Options::ENABLE_TABLES).collect();
        let rows = events.iter().filter(|event| matches!(event, Event::Start(Tag::TableRow)));
        assert_eq!(rows.count(), live(report), "{text}");
        let cells = events.iter().filter(|event| matches!(event, Event::Start(Tag::TableCell)));
        let heads = if live(report) == 0 { 0 } else { 4 };
        assert_eq!(cells.count(), live(report) * 4 + heads);
        // No other markup than ours, whatever a message holds.
        for event in &events {
            if let Event::Html(html) | Event::InlineHtml(html) = event {
                let ours = ["<details>", "</details>", "<summary>", "<code>"];
                assert!(ours.iter().any(|tag| html.starts_with(tag)), "{html}");
            }
        }
        let links = events.iter().filter_map(|event| match event {
            Event::Start(Tag::Link { dest_url, .. }) => Some(dest_url.to_string()),
            _ => None,
        });
        let to_files: Vec<String> = links.filter(|url| url.contains("example.org")).collect();
        assert!(to_files.len() >= live(report));
        assert!(to_files.iter().all(|url| url.contains("#L")), "{to_files:?}");
    }
}

#[test]
fn texts_stay_texts() {
    let mut report = sample::pedantic();
    report.findings[1].message = "<script> a|b *c* [d](e) `f|g` @h ~~i~~ \n## j".into();
    report.findings[3].message = "an odd ` one | _x_".into();
    let text = page(&report, None, None);
    let events: Vec<Event> = Parser::new_ext(&text, Options::all()).collect();
    let rows = events.iter().filter(|event| matches!(event, Event::Start(Tag::TableRow))).count();
    assert_eq!(rows, live(&report));
    let odd = |event: &&Event| {
        matches!(event, Event::Start(Tag::Emphasis | Tag::Strikethrough))
            || matches!(event, Event::Html(html) | Event::InlineHtml(html) if html.contains("script"))
    };
    assert!(!events.iter().any(|event| odd(&event)), "{text}");
    let codes =
        events.iter().filter(|event| matches!(event, Event::Code(code) if &**code == "f|g"));
    assert_eq!(codes.count(), 2, "in the table and in the details: {text}");
}

#[test]
fn a_page_that_is_too_long_says_so() {
    let report = sample::pedantic();
    let whole = page(&report, None, None);
    assert_eq!(page(&report, None, Some(whole.len())), whole);
    let short = page(&report, None, Some(whole.len() - 1));
    assert!(short.len() < whole.len() / 2);
    assert!(
        short.contains("do not fit on this page") && short.contains("| `in_process_cache` | 1 |")
    );
}
