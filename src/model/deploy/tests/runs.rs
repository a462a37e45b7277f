//! Which program does a thing run, with which words, as what, how often? Where it cannot be told,
//! none.

use super::*;

/// A program as package, binary and folder.
const PROGRAMS: [(&str, &str, &str); 4] =
    [("shop", "shop", ""), ("jobs", "jobs", "crates/jobs"), ("a", "api", "a"), ("b", "api", "b")];

/// Each run: what, program, words, process, replicas.
fn runs(files: &[(&str, &str)]) -> Vec<String> {
    let mut sources = Sources::default();
    let catalog = Catalog::builtin().unwrap_or_else(|error| panic!("{error}"));
    let mut documents = Vec::new();
    for (path, text) in files {
        let id = sources.add((*path).into(), (*text).into());
        let (read, problems) = conf::read(id, sources.get(id), path, &catalog.formats);
        assert_eq!(problems, []);
        documents.push(read);
    }
    let texts = files.iter().zip(&documents);
    let texts: Vec<DeployText<'_>> =
        texts.map(|((path, text), documents)| DeployText { path, text, documents }).collect();
    let programs: Vec<Program> = PROGRAMS
        .iter()
        .enumerate()
        .map(|(index, (of, bin, folder))| Program {
            packages: vec![index],
            of: (*of).into(),
            bin: (*bin).into(),
            folder: (*folder).into(),
        })
        .collect();
    let names = ["shop", "jobs", "api"].map(String::from);
    let found = Deployment::of(&texts, catalog, &names).runs(&programs);
    let told = found.iter().map(|run| {
        let mut told = format!("{}: {}", run.what, programs[run.program].of);
        if programs[run.program].bin != programs[run.program].of {
            told += &format!("/{}", programs[run.program].bin);
        }
        run.arguments.iter().for_each(|word| told += &format!(" {word}"));
        if let Some(process) = run.process {
            told += &format!(" {process:?}");
        }
        if let Some(replicas) = &run.replicas {
            told += &format!(" x{}{}", if replicas.most { "<=" } else { "" }, replicas.number);
        }
        told
    });
    told.collect()
}

const SHOP: (&str, &str) = (
    "Dockerfile",
    "ARG APP=shop\nFROM rust AS build\nARG APP\nRUN cargo build --release --bin $APP\nFROM debian \
     AS base\nENTRYPOINT [\"tini\", \"--\", \"/srv/server\"]\nFROM base\nARG APP\nCOPY --from=build \
     /x/target/release/$APP /srv/server\nCMD [\"serve\"]\n",
);

fn deployment(name: &str, container: &str) -> String {
    format!(
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: {name}}}\nspec:\n  replicas: 3\n  \
         template:\n    spec:\n      containers:\n      - {container}\n"
    )
}

#[test]
fn an_image_runs_what_its_last_stage_says() {
    let one = |text: &str| runs(&[("Dockerfile", text)]);
    let image = |said: &str| vec![format!("image of `Dockerfile`: {said}")];
    assert_eq!(runs(&[SHOP]), image("shop serve"));
    for (text, expected) in [
        ("FROM a\nCMD shop serve --port 80\n", "shop serve --port 80"),
        ("FROM a\nCMD [\"/bin/sh\", \"-c\", \"exec shop\"]\n", "shop"),
        ("FROM a\nENV BIN=jobs\nCMD [\"$BIN\", \"x\"]\n", "jobs x"),
        ("FROM a\nRUN mv target/release/jobs /usr/bin/run\nCMD [\"run\"]\n", "jobs"),
        ("FROM a\nCOPY target/release/jobs run.sh /\nENTRYPOINT [\"/run.sh\"]\n", "jobs"),
        ("FROM a\nCOPY run.sh /\nENTRYPOINT [\"/run.sh\"]\nCMD [\"shop\", \"x\"]\n", "shop x"),
        ("FROM a\nCMD [\"cargo\", \"run\", \"-p\", \"jobs\", \"--\", \"x\"]\n", "jobs x"),
        ("FROM a\nRUN cargo build -p b\nCMD [\"api\"]\n", "b/api"),
    ] {
        assert_eq!(one(text), image(expected), "{text}");
    }
    for text in [
        "FROM a\nCMD [\"api\"]\n",
        "FROM a\nCOPY target/release/shop /\nCMD [\"nginx\", \"shop\"]\n",
        "FROM a\nCOPY target/release/shop target/release/jobs run.sh /\nCMD [\"/run.sh\"]\n",
        "FROM a\nCMD [\"cargo\", \"run\"]\n",
        "FROM postgres\nCMD [\"shop\"]\n",
        "FROM a\nCMD [\"$BIN\"]\n",
    ] {
        assert_eq!(one(text), [""; 0], "{text}");
    }
    let named = ("b/Dockerfile", "FROM a\nCMD [\"api\"]\n");
    assert_eq!(runs(&[named]), ["image of `b/Dockerfile`: b/api"]);
}

#[test]
fn a_script_of_the_tree_starts_the_last_program_that_it_names() {
    let file = "FROM a\nENV DIR=/data\nCOPY target/release/shop target/release/jobs docker/run.sh \
                /\nENTRYPOINT [\"/run.sh\"]\nCMD [\"now\"]\n";
    let with = |script: &str| runs(&[("Dockerfile", file), ("docker/run.sh", script)]);
    let image = |said: &str| [format!("image of `Dockerfile`: {said}")];
    for (script, expected) in [
        ("jobs once\nexec shop --dir \"$DIR\" \"$@\"\n", "shop --dir /data now"),
        ("if [ -n \"$X\" ]; then\n  exec gosu app /jobs\nfi\n", "jobs"),
        ("echo shop\nset -e\n/srv/jobs work \"$@\"\n", "jobs work now"),
    ] {
        assert_eq!(with(script), image(expected), "{script}");
    }
    assert_eq!(with("exec \"$@\"\n"), [""; 0]);
    let other = ("other/run.sh", "exec shop\n");
    let ours = ("docker/run.sh", "exec jobs\n");
    assert_eq!(runs(&[("Dockerfile", file), other, ours]), image("jobs"));
}

#[test]
fn services_run_what_they_build_or_name() {
    let compose = |text: &str| runs(&[SHOP, ("compose.yaml", &format!("services:\n{text}"))]);
    let with = |text: &str| compose(&format!("  web:\n    build: .\n{text}"));
    for (text, expected) in [
        ("", "shop serve"),
        ("    command: work --all\n", "shop work --all"),
        ("    entrypoint: [shop, work]\n", "shop work"),
        ("    entrypoint: jobs\n", "jobs"),
        ("    deploy: {replicas: 4}\n", "shop serve x4"),
        ("    scale: ${N:-2}\n", "shop serve x2"),
        ("    scale: ${N}\n", "shop serve"),
        ("    image: acme/x\n", "shop serve"),
    ] {
        assert_eq!(with(text), [format!("compose service `web`: {expected}")], "{text}");
    }
    // Without a word of it, only the image is left to tell.
    let only = ["image of `Dockerfile`: shop serve"];
    assert_eq!(with("    profiles: [tools]\n"), only);
    assert_eq!(with("    profiles: [redis]\n"), ["compose service `web`: shop serve"]);
    assert_eq!(with("    command: --init\n"), ["compose service `web`: shop --init Admin"]);
    let always = "    command: --init\n    restart: always\n";
    assert_eq!(with(always), ["compose service `web`: shop --init"]);
    assert_eq!(with("    volumes: ['.:/app']\n"), only);
    assert_eq!(compose("  db:\n    image: postgres\n    command: shop\n"), only);
    assert_eq!(compose("  x:\n    build: https://example.com/x.git\n"), only);
    let two =
        "  a:\n    build: .\n    image: acme/store\n  b:\n    image: acme/store\n    command: b\n";
    let expected = ["compose service `a`: shop serve", "compose service `b`: shop b"];
    assert_eq!(compose(two), expected);
}

#[test]
fn what_a_build_server_pushes_is_known_by_its_name() {
    let jobs = ("docker/jobs.Dockerfile", "FROM a\nCOPY target/release/jobs /\nCMD [\"/jobs\"]\n");
    let text = deployment("web", "{image: 'ghcr.io/acme/portal:1'}");
    let of = |path: &str, pushed: &str| runs(&[SHOP, jobs, ("web.yaml", &text), (path, pushed)]);
    let step = "jobs:\n  a:\n    steps:\n    - uses: docker/build-push-action@v6\n      with:\n        \
                file: docker/jobs.Dockerfile\n        tags: r/x, ghcr.io/acme/portal:2\n";
    let script = "docker build -t acme/portal -f docker/jobs.Dockerfile .\n";
    let expected = ["image of `Dockerfile`: shop serve", "Deployment `web`: jobs x3"];
    assert_eq!(of(".github/workflows/release.yml", step), expected);
    assert_eq!(of("release.sh", script), expected);
    // Of what it is made, nobody knows.
    assert!(!of("release.sh", "docker push acme/portal\n").contains(&expected[1].to_string()));
}

#[test]
fn pods_run_the_image_of_their_name() {
    let jobs = ("docker/jobs.Dockerfile", "FROM a\nCOPY target/release/jobs /\nCMD [\"/jobs\"]\n");
    let of = |container: &str, more: &[(&str, &str)]| {
        let text = deployment("web", container);
        let mut files = vec![SHOP, ("web.yaml", &*text)];
        files.extend(more);
        runs(&files)
    };
    let web = |said: &str| format!("Deployment `web`: {said}");
    let alone = "image of `docker/jobs.Dockerfile`: jobs".to_string();
    let (serve, work) = ("{image: 'r/shop:1'}", "{image: 'r/shop:1', args: [work]}");
    assert_eq!(of(serve, &[]), [web("shop serve x3")]);
    assert_eq!(of(work, &[]), [web("shop work x3")]);
    assert_eq!(of(serve, &[jobs]), [web("shop serve x3"), alone]);
    let both = [web("jobs x3")];
    let of_jobs = of("{image: 'r/jobs:1'}", &[jobs]);
    assert_eq!(of_jobs[1..], both);
    assert_eq!(of("{image: 'r/shop-jobs:1'}", &[jobs])[1..], both);
    // An image of which nothing here says how it is made.
    assert_eq!(of("{image: 'r/other:1'}", &[]), ["image of `Dockerfile`: shop serve"]);
    assert_eq!(of("{image: 'r/other:1', command: [jobs]}", &[])[1..], both);
    let init =
        "{image: 'r/shop:1'}\n      initContainers:\n      - {image: 'r/shop:1', args: [up]}";
    assert_eq!(of(init, &[]), [web("shop serve x3"), web("shop up Admin")]);
    let chained = "{image: 'r/shop:1', command: [sh, -c, 'shop up && exec shop serve']}";
    assert_eq!(of(chained, &[]), [web("shop up Admin"), web("shop serve x3")]);
    let hpa = "apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nspec:\n  scaleTargetRef: \
               {kind: Deployment, name: web}\n  minReplicas: 2\n  maxReplicas: 10\n";
    assert_eq!(of(serve, &[("hpa.yaml", hpa)]), [web("shop serve x<=10")]);
    let job = "apiVersion: batch/v1\nkind: Job\nmetadata: {name: up}\nspec:\n  template:\n    spec:\n      \
               containers: [{image: 'r/shop:1', args: [up]}]\n";
    let job = [("job.yaml", job)];
    assert_eq!(of(serve, &job)[1..], ["Job `up`: shop up Admin"]);
}

#[test]
fn platforms_run_commands() {
    let procfile = "web: target/release/shop serve\nworker: cargo run -p jobs\nrelease: A=b bin/shop \
                    up\nclock: jobs tick\nproxy: nginx\n# shop\n";
    let formation = ("app.json", "{\"formation\": {\"web\": {\"quantity\": 2}}}");
    let expected = [
        "`web` of this Procfile: shop serve Web x2",
        "`worker` of this Procfile: jobs Worker",
        "`release` of this Procfile: shop up Admin",
        "`clock` of this Procfile: jobs tick",
    ];
    assert_eq!(runs(&[("Procfile", procfile), formation]), expected);
    let fly = |text: &str| runs(&[SHOP, ("fly.toml", &format!("app = 'x'\n{text}"))]);
    assert_eq!(fly("[http_service]\nmin_machines_running = 2\n"), ["this Fly app: shop serve x2"]);
    let processes =
        "[processes]\nweb = 'serve'\nworker = 'work'\n[deploy]\nrelease_command = 'up'\n";
    let expected = [
        "`web` of this Fly app: shop serve Web",
        "`worker` of this Fly app: shop work Worker",
        "`release_command` of this Fly app: shop up Admin",
    ];
    assert_eq!(fly(processes), expected);
    let render = "services:\n- type: worker\n  name: w\n  runtime: rust\n  startCommand: \
                  ./target/release/shop work\n  numInstances: 2\n";
    let expected = ["Render service `w`: shop work Worker x2"];
    assert_eq!(runs(&[("render.yaml", render)]), expected);
    let unit = "[Service]\nExecStart=-/usr/bin/shop serve\n";
    let expected = ["`ExecStart` of this systemd unit: shop serve"];
    assert_eq!(runs(&[("shop.service", unit)]), expected);
    let supervisor = "[program:shop]\ncommand=/usr/bin/shop serve\nnumprocs=4\n";
    let found = runs(&[("supervisord.conf", supervisor)]);
    assert_eq!(found, ["program `program:shop`: shop serve x4"]);
    let engine = "runtime: custom\nenv: flex\nentrypoint: shop serve\nautomatic_scaling:\n  \
                  max_num_instances: 5\n";
    let found = runs(&[("app.yaml", engine)]);
    assert_eq!(found, ["this App Engine service: shop serve Web x<=5"]);
    let nomad = "job \"x\" {\n  group \"web\" {\n    count = 3\n    task \"web\" {\n      config {\n        \
                 image = \"r/shop:1\"\n        args = [\"work\"]\n      }\n    }\n  }\n}\n";
    let expected = ["this Nomad group: shop work x3"];
    assert_eq!(runs(&[SHOP, ("x.nomad", nomad)]).len(), expected.len());
}

#[test]
fn replicas_are_said_here_or_elsewhere() {
    let with = |files: &[(&str, &str)]| {
        let mut all = vec![SHOP];
        all.extend(files);
        runs(&all)
    };
    let web = deployment("web", "{image: 'r/shop:1'}").replace("replicas: 3", "paused: false");
    let base = ("base/web.yaml", &*web);
    let count = |said: &str| [format!("Deployment `web`: shop serve{said}")];
    assert_eq!(with(&[base]), count(""));
    let kustomize = "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nreplicas:\n- \
                     {name: other, count: 9}\n- {name: web, count: 4}\n";
    assert_eq!(with(&[base, ("prod/kustomization.yaml", kustomize)]), count(" x4"));
    let patch =
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec: {replicas: 5}\n";
    assert_eq!(with(&[base, ("prod/patch.yaml", patch)]), count(" x5"));
    assert_eq!(with(&[base, ("test/patch.yaml", patch)]), count(""));
    let knative = "apiVersion: serving.knative.dev/v1\nkind: Service\nmetadata: {name: web}\nspec:\n  \
                   template:\n    metadata:\n      annotations: {autoscaling.knative.dev/minScale: '2'}\n    \
                   spec:\n      containers: [{image: 'r/shop:1'}]\n";
    assert_eq!(with(&[("web.yaml", knative)]), ["Service `web`: shop serve x2"]);
    let chart = ("chart/Chart.yaml", "apiVersion: v2\nname: shop\n");
    let values = "replicaCount: 3\nimage:\n  repository: r/shop\nautoscaling: {maxReplicas: 6}\n";
    let expected = ["release of the chart `shop`: shop serve x<=6"];
    assert_eq!(with(&[chart, ("chart/values.yaml", values)]), expected);
    let ecs = "resource \"aws_ecs_task_definition\" \"web\" {\n  container_definitions = \
               jsonencode([{ name = \"web\", image = \"r/shop:1\" }])\n}\nresource \"aws_ecs_service\" \
               \"w\" {\n  task_definition = aws_ecs_task_definition.web.arn\n  desired_count = 2\n}\n";
    let expected = ["aws_ecs_task_definition `web`: shop serve x2"];
    assert_eq!(with(&[("main.tf", ecs)]), expected);
    let stack = "Resources:\n  Task:\n    Type: AWS::ECS::TaskDefinition\n    Properties:\n      \
                 ContainerDefinitions: [{Image: 'r/shop:1'}]\n  Web:\n    Type: AWS::ECS::Service\n    \
                 Properties: {TaskDefinition: !Ref Task, DesiredCount: 3}\n";
    let expected = ["AWS::ECS::TaskDefinition `Task`: shop serve x3"];
    assert_eq!(with(&[("stack.yaml", stack)]), expected);
}
