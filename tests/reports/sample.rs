//! A report with everything that reports can hold: odd characters, notes, what is suppressed, problems.

use std::path::Path;

use twelve_lint::diagnostic::{
    BuildLine, Certainty, Coverage, Diagnostic, Edit, Elsewhere, Fix, Held, Level, LintedPackage,
    LintedTarget, PackageCoverage, Problem, ProblemKind, Process, Report, Severity, Step, Verdict,
};
use twelve_lint::report::{Format, render};
use twelve_lint::source::{FileId, Sources, Span};

const MAIN: &str = r#"use axum::{Router, routing::post};

/// Wer angemeldet ist – für größere Läden.
#[derive(Clone, Default)]
struct AppState {
    /* größe */ sessions: Arc<Mutex<HashMap<String, Session>>>,
}

#[tokio::main]
async fn main() {
    let state = AppState::default();
    let app = Router::new().route("/login", post(login)).route("/cart", post(login)).route("/checkout/{order}/payment", post(pay)).with_state(state);
	let	tabs = "\t"; serve(app).await;
}
"#;

const LOGIN: &str = "\
pub(crate) async fn login(State(app): State<AppState>, name: String) -> String {
    let token = Uuid::new_v4().to_string();
    app.sessions
        .lock()
        .await
        .insert(token.clone(), Session::new(name));
    fs::write(format!(\"uploads/日本語/{token}\"), \"\u{1b}[31mred\").await;
    token
}
";

const MANIFEST: &str = "\
# A shop, \u{1d11e}.
cargo-features = []

[package]
name = \"shop\"
version = \"0.3.0\"
";

const SERVICE: &str = "\
kind: Service
metadata: { name: shop }
spec:
  sessionAffinity: ClientIP
";

/// The first place that `text` stands at.
fn at(sources: &Sources, file: FileId, text: &str) -> Span {
    let start = sources.get(file).text.find(text).expect("the text stands there") as u32;
    Span::new(file, start, start + text.len() as u32)
}

pub(crate) fn finding(at: Span, rule: &'static str, state: &str, message: &str) -> Diagnostic {
    Diagnostic {
        rule,
        verdict: Verdict::Violation,
        certainty: Certainty::High,
        level: Level::Error,
        message: message.into(),
        consequence: "each replica has its own copy: whoever logs in on one is a stranger to the \
                      next, and a restart logs everybody out"
            .into(),
        help: "keep sessions in a backing service that expires entries, such as Redis \
               (`tower-sessions-redis-store`)"
            .into(),
        at,
        item: "shop::AppState::sessions".into(),
        state: state.into(),
        package: "shop".into(),
        target: "bin:shop".into(),
        process: Process::Web,
        feature: None,
        fix: None,
        because: Vec::new(),
        fingerprint: format!("{rule}-{}-{}", at.file.0, at.start),
        suppressed: None,
        baselined: false,
        fails: true,
        hidden: false,
    }
}

/// A report with everything that reports can hold.
pub(crate) fn report() -> Report {
    let mut sources = Sources::default();
    let main = sources.add("/srv/shop/src/main.rs".into(), MAIN.into());
    let login = sources.add("/srv/shop/src/routes/login.rs".into(), LOGIN.into());
    let manifest = sources.add("/srv/shop/Cargo.toml".into(), MANIFEST.into());
    let service = sources.add("/srv/shop/deploy/web.yaml".into(), SERVICE.into());
    let broken = sources.add("/srv/shop/src/broken.rs".into(), "fn broken( {\n".into());

    let sessions = at(&sources, main, "sessions");
    let state = "shop::AppState::sessions";
    let mut session = finding(
        sessions,
        "in_process_session",
        state,
        "`AppState::sessions` keeps who is logged in, in the memory of one process",
    );
    session.because = vec![
        Step::new(at(&sources, main, "with_state(state)"), "handed to every handler here"),
        Step::new(at(&sources, main, "post(login)"), "`POST /login` runs `login`"),
        Step::new(at(&sources, main, "route(\"/login\", post(login))"), "with this route"),
        Step::new(
            at(&sources, login, ".insert(token.clone(), Session::new(name))"),
            "a session is put in",
        ),
        Step::new(
            at(&sources, login, "app.sessions\n        .lock()\n        .await"),
            "under this lock",
        ),
    ];
    let mut cache = finding(
        at(&sources, login, "token = Uuid"),
        "in_process_cache",
        state,
        "`login` answers from `AppState::sessions` and never looks whether it is still so",
    );
    (cache.verdict, cache.level, cache.fails) = (Verdict::Hazard, Level::Warning, false);
    let mut upload = finding(
        at(&sources, login, "fs::write"),
        "local_disk_write",
        "shop:disk:uploads",
        "`POST /login` writes a file on the local disk, beneath \"uploads/\u{1b}[31m日本語\"",
    );
    upload.because = vec![Step::new(upload.at, "writes here (`fs::write`)")];
    let mut note =
        finding(at(&sources, main, "tabs"), "global_mutable_state", "", "`tabs` may be shared");
    (note.certainty, note.level, note.feature) =
        (Certainty::Low, Level::Note, Some("metrics".into()));
    (note.fails, note.hidden) = (false, true);
    let mut quiet =
        finding(at(&sources, main, "app ="), "in_process_counter", "", "a count of requests");
    quiet.suppressed = Some("only a gauge".into());

    let mut sticky = finding(
        at(&sources, service, "sessionAffinity"),
        "sticky_session",
        "Service `shop` sessionAffinity",
        "`sessionAffinity: ClientIP` sends each client to one process of Service `shop`",
    );
    (sticky.process, sticky.target) = (Process::Deploy, String::new());
    sticky.fix = Some(Fix {
        message: "set `sessionAffinity` to `None`".into(),
        edits: vec![Edit { at: at(&sources, service, "ClientIP"), text: "None".into() }],
    });
    sticky.because = vec![Step::new(at(&sources, service, "shop"), "this is Service `shop`")];

    let problem = |kind, severity, message: &str, path: &str, at| Problem {
        kind,
        severity,
        message: message.into(),
        help: "mend it, or leave the file out".into(),
        path: Path::new("/srv/shop").join(path),
        at,
    };
    use {ProblemKind as Kind, Severity as How};
    Report {
        root: "/srv/shop".into(),
        findings: vec![quiet, session, note, upload, cache, sticky],
        problems: vec![
            problem(
                Kind::Parse,
                How::Error,
                "expected `)`",
                "src/broken.rs",
                Some(at(&sources, broken, "{")),
            ),
            problem(
                Kind::Read,
                How::Error,
                "not UTF-8: byte 7 starts no character",
                "src/latin.rs",
                None,
            ),
            problem(Kind::Module, How::Note, "no file for `mod generated`", "src/main.rs", None),
        ],
        coverage: Coverage {
            files: 12,
            unread: 2,
            unresolved: 3,
            test_files: 1,
            not_selected: vec!["examples/demo".into(), "fuzz".into()],
            elsewhere: vec![Elsewhere { package: "shop-store".into(), findings: 2 }],
            packages: vec![
                PackageCoverage {
                    name: "jobs".into(),
                    entry_points: 0,
                    bins_without_entry_points: vec!["jobs".into()],
                    built: Some(BuildLine {
                        said: "--features smtp".into(),
                        at: at(&sources, main, "fn main"),
                    }),
                },
                PackageCoverage { name: "shop".into(), entry_points: 14, ..Default::default() },
            ],
        },
        packages: vec![LintedPackage {
            name: "shop".into(),
            version: "0.3.0".into(),
            dir: "/srv/shop".into(),
            manifest,
            features: vec!["default".into()],
            targets: vec![LintedTarget {
                kind: vec!["bin".into()],
                crate_types: vec!["bin".into()],
                name: "shop".into(),
                root: "/srv/shop/src/main.rs".into(),
                edition: 2024,
            }],
        }],
        since: None,
        sources,
        held: Held::default(),
    }
}

/// The same with its notes, as somebody asked for them.
pub(crate) fn pedantic() -> Report {
    let mut report = report();
    report.findings.iter_mut().for_each(|finding| finding.hidden = false);
    report
}

/// A report as it would be printed.
pub(crate) fn text(report: &Report, format: &Format) -> String {
    let mut out = Vec::new();
    render(report, format, &mut out).expect("a buffer takes everything");
    String::from_utf8(out).expect("reports are UTF-8")
}
