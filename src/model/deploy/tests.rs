//! Which settings are found, and which look-alikes stay silent?

use super::*;
use crate::parse::conf;
use crate::source::{FileId, Sources};

mod runs;

/// Reads files, as path and text, and finds their settings.
fn read(files: &[(&str, &str)]) -> (Vec<Setting>, Sources) {
    let mut sources = Sources::default();
    let ids: Vec<FileId> =
        files.iter().map(|(path, text)| sources.add(path.into(), (*text).into())).collect();
    let catalog = Catalog::builtin().unwrap_or_else(|error| panic!("{error}"));
    let documents: Vec<_> = ids
        .iter()
        .zip(files)
        .map(|(id, (path, _))| {
            let formats = &catalog.formats;
            let (documents, problems) = conf::read(*id, sources.get(*id), path, formats);
            assert_eq!(problems, []);
            documents
        })
        .collect();
    let texts: Vec<DeployText<'_>> = files
        .iter()
        .zip(&documents)
        .map(|((path, text), documents)| DeployText { path, text, documents })
        .collect();
    let settings = settings(&texts, catalog, &["shop".to_string()]);
    (settings, sources)
}

fn service(name: &str, spec: &str) -> String {
    format!("apiVersion: v1\nkind: Service\nmetadata:\n  name: {name}\nspec:\n{spec}")
}

fn ingress(annotations: &str) -> String {
    format!(
        "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata:\n  name: web\n  \
         annotations:\n{annotations}\nspec:\n  rules: []\n"
    )
}

fn compose(service: &str) -> String {
    format!("services:\n  web:\n    build: .\n{service}\n")
}

/// Verdict, line, number of companions.
type Seen = (Verdict, u32, usize);

/// The settings that are on in one file.
fn on(path: &str, text: &str) -> Vec<Seen> {
    let (settings, sources) = read(&[(path, text)]);
    let on = settings.iter().filter(|setting| setting.on);
    on.map(|one| {
        let line = sources.get(one.at.file).place(one.at.start).line;
        (one.verdict, line, one.because.len() - 1)
    })
    .collect()
}

#[test]
fn what_has_no_name_is_introduced_by_its_kind() {
    let text = "[Container]\nImage=shop\nVolume=uploads.volume:/srv/uploads\n";
    let (found, _) = read(&[("shop.container", text)]);
    let told: Vec<&str> = found[0].because.iter().map(|step| &*step.message).collect();
    assert_eq!(told, ["this is the Quadlet"]);
}

#[test]
fn all_that_an_image_declares_is_named() {
    let text = "FROM debian\nVOLUME [\"/data\", \"/tmp\", \"/secret\"]\nCMD [\"shop\"]\n";
    let (found, _) = read(&[("Dockerfile", text)]);
    assert_eq!(found.iter().map(|one| &*one.value).collect::<Vec<_>>(), ["/data, /secret"]);
}

#[test]
fn settings_that_pin_clients_are_found_once() {
    use Verdict::{Hazard, Violation};
    let nginx = "    nginx.ingress.kubernetes.io";
    let sticky = "traefik.http.services.web.loadbalancer.sticky";
    let list = "apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: Service\n  spec: \
                {sessionAffinity: ClientIP, selector: {app: web}}\n";
    let json = "{\"apiVersion\": \"v1\", \"kind\": \"Service\",\n\"spec\": {\n\
                \"sessionAffinity\": \"ClientIP\"}}";
    let shared = format!(
        "x-labels: &labels\n  {sticky}.cookie: true\nservices:\n  a:\n    build: .\n    labels: \
         *labels\n  b:\n    build: .\n    labels:\n      <<: *labels\n"
    );
    let cases: Vec<(String, Vec<Seen>)> = vec![
        (service("web", "  sessionAffinity: ClientIP\n"), vec![(Violation, 6, 0)]),
        (
            service(
                "web",
                "  sessionAffinity: ClientIP\n  sessionAffinityConfig:\n    clientIP: \
                 {timeoutSeconds: 600}\n  ports: [{port: 80, targetPort: http}]\n",
            ),
            vec![(Violation, 6, 1)],
        ),
        (list.into(), vec![(Violation, 6, 0)]),
        (json.into(), vec![(Violation, 3, 0)]),
        (
            ingress(&format!(
                "{nginx}/affinity: \"cookie\"\n{nginx}/session-cookie-name: route\n\
                 {nginx}/session-cookie-max-age: \"3600\""
            )),
            vec![(Violation, 6, 2)],
        ),
        (ingress(&format!("{nginx}/upstream-hash-by: $remote_addr")), vec![(Violation, 6, 0)]),
        (
            ingress(&format!("{nginx}/upstream-hash-by: \"$host$cookie_sid\"")),
            vec![(Violation, 6, 0)],
        ),
        (ingress(&format!("{nginx}/upstream-hash-by: \"$request_uri\"")), vec![(Hazard, 6, 0)]),
        (ingress(&format!("{nginx}/load-balance: sticky_balanced")), vec![(Violation, 6, 0)]),
        (
            service("web", "  ports: []\n")
                .replace("spec:", "  annotations: {traefik.ingress.kubernetes.io/service.sticky.cookie: \"true\"}\nspec:"),
            vec![(Violation, 5, 0)],
        ),
        (compose(&format!("    labels:\n      - {sticky}=true")), vec![(Violation, 5, 0)]),
        (
            compose(&format!(
                "    labels:\n      - \"{sticky}=true\"\n      - '{sticky}.cookie=true'\n      - \
                 {sticky}.cookie.name=sid"
            )),
            vec![(Violation, 6, 2)],
        ),
        (
            compose(&format!(
                "    deploy:\n      labels:\n        traefik.HTTP.services.Web.loadBalancer.\
                 sticky.cookie.name: sid\n        {sticky}.cookie.secure: \"false\""
            )),
            vec![(Violation, 6, 1)],
        ),
        (compose(&format!("    labels: {{{sticky}: \"${{STICKY:-true}}\"}}")), vec![(Violation, 4, 0)]),
        (
            compose(&format!(
                "    labels:\n      - {sticky}=true\n      - {}=true",
                sticky.replace("web", "api")
            )),
            vec![(Violation, 5, 0), (Violation, 6, 0)],
        ),
        (shared, vec![(Violation, 2, 0)]),
    ];
    for (text, wanted) in cases {
        assert_eq!(on("deploy/compose.yaml", &text), wanted, "{text}");
    }
}

#[test]
fn what_is_off_dead_or_something_else_is_silent() {
    let nginx = "    nginx.ingress.kubernetes.io";
    let sticky = "traefik.http.services.web.loadbalancer.sticky";
    let affine = "  sessionAffinity: ClientIP\n";
    let mut cases = vec![
        service("web", "  externalTrafficPolicy: Local\n  internalTrafficPolicy: Local\n"),
        service("web", "  # sessionAffinity: ClientIP\n  ports: []\n"),
        service("web", "  sessionAffinity: \"{{ .Values.affinity }}\"\n"),
        service("web", &format!("{affine}  clusterIP: None\n")),
        service("web", "  sessionAffinity: ClientIP\n  sessionAffinity: None\n"),
        service("db", &format!("{affine}  ports: [{{port: 5432}}]\n")),
        service("db", &format!("{affine}  ports: [{{port: 80, targetPort: 6379}}]\n")),
        service("db", &format!("{affine}  selector: {{app: shop-postgres}}\n")),
        "apiVersion: v1\nkind: Pod\nspec:\n  affinity: {podAffinity: {}, nodeAffinity: {}}\n"
            .into(),
        "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nspec:\n  \
         sessionAffinity: ClientIP\n"
            .into(),
        "apiVersion: v1\nkind: ConfigMap\ndata:\n  x: |\n    kind: Service\n    spec:\n      \
         sessionAffinity: ClientIP\n"
            .into(),
        ingress(&format!("{nginx}/session-cookie-name: x\n{nginx}/affinity-mode: persistent")),
        ingress(&format!("{nginx}/load-balance: ewma")),
        ingress(&format!("{nginx}/upstream-hash-by: \"\"")),
        ingress(&format!("{nginx}/affinity: cookie"))
            .replace("rules: []", "defaultBackend: {service: {name: grafana}}"),
        compose(&format!("    labels: [{sticky}=false, {sticky}.cookie.name=sid]")),
        compose(&format!("    labels: [\"{sticky}=true\", traefik.enable=false]")),
        compose(&format!("    labels: [\"{sticky}=${{STICKY}}\"]")),
        compose(&format!("    environment: [\"{sticky}=true\"]")),
        format!("services:\n  x:\n    image: a.b/c/redis:7\n    labels: [{sticky}=true]\n"),
    ];
    for value in ["None", "none", "\"\"", "null", "~", "", "\"None\"", "{}", "false"] {
        cases.push(service("web", &format!("  sessionAffinity: {value}\n")));
        let value = if value.is_empty() { "''" } else { value };
        cases.push(compose(&format!("    labels:\n      {sticky}.cookie: {value}")));
        cases.push(ingress(&format!("{nginx}/affinity: {value}")));
    }
    for text in cases {
        assert_eq!(on("deploy/compose.yaml", &text), [], "{text}");
    }
    let text = service("web", affine);
    for path in [
        "k8s/overlays/dev/web.yaml",
        "compose.override.yml",
        "docker-compose.test.yml",
        "docker-compose.integration.yml",
        "devservices/config.yml",
        "docker/compose.devel.yml",
        "deploy/localnet/web.yaml",
        "ci/a.yml",
    ] {
        assert_eq!(on(path, &text), [], "{path}");
    }
    for path in [
        "k8s/web.yaml",
        "deploy/device/latest.yml",
        "k8s/production/web.yaml",
        "deploy/integrations/web.yaml",
    ] {
        assert_eq!(on(path, &text).len(), 1, "{path}");
    }
}

#[test]
fn the_image_behind_a_service_decides() {
    let pinned = |name: &str, selector: &str| {
        service(name, &format!("  sessionAffinity: ClientIP\n  selector: {selector}\n"))
    };
    let workload = |label: &str, image: &str| {
        format!(
            "apiVersion: apps/v1\nkind: StatefulSet\nspec:\n  template:\n    metadata:\n      \
             labels: {{app: {label}, tier: x}}\n    spec:\n      containers: [{{name: a, image: \
             {image}}}]\n"
        )
    };
    let image = "registry.example:5000/bitnami/postgresql:15@sha256:00";
    let cases = [
        (pinned("store", "{app: store}"), workload("store", image), 0),
        (pinned("store", "{app: store}"), workload("store", "ghcr.io/me/shop:1"), 1),
        (pinned("store", "{app: other}"), workload("store", image), 1),
        // The workload is there, so that its name says nothing.
        (pinned("a", "{app: shop-redis}"), workload("shop-redis", "me/shop"), 1),
    ];
    for (service, workload, wanted) in cases {
        let (settings, _) = read(&[("k8s/a.yaml", &*service), ("k8s/b.yaml", &*workload)]);
        assert_eq!(settings.iter().filter(|one| one.on).count(), wanted, "{service}{workload}");
    }
}

#[test]
fn a_setting_says_what_it_is_set_on() {
    let text = service("web", "  sessionAffinity: ClientIP\n");
    let (settings, sources) = read(&[("k8s/web.yaml", &*text)]);
    let [setting] = &settings[..] else { panic!("{settings:?}") };
    assert_eq!((&*setting.key, &*setting.value), ("sessionAffinity", "ClientIP"));
    assert_eq!(setting.what, "Service `web`");
    assert_eq!(sources.text(setting.because[0].at), "web");
    assert!(!setting.why.is_empty() && !setting.instead.is_empty());
    let off = service("web", "  sessionAffinity: None\n");
    let (settings, _) = read(&[("k8s/web.yaml", &*off)]);
    assert!(settings.len() == 1 && !settings[0].on);
}
