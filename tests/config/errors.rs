//! Is everything that is wrong with a configuration told, and where?

use crate::services::SHOP;
use crate::with;

/// What is wrong is told with its place and with what was probably meant.
#[test]
fn errors_name_place_and_remedy() {
    let cases = [
        ("[types", "error twelve-lint.toml:1:7: this is not TOML: "),
        (
            "[type]\n\"a::B\" = \"cache\"\n",
            "error twelve-lint.toml:1:2: `type` is no section of this configuration; did you mean \
             `types`?",
        ),
        (
            "[types]\n\"our_cache::Store\" = \"cahce\"\n",
            "error twelve-lint.toml:2:22: `cahce` is no kind of type; did you mean `cache`?",
        ),
        (
            "[types]\n\"our_cache::Store\" = { is = \"cache\", change = [\"put\"] }\n",
            "error twelve-lint.toml:2:38: `change` is no key that describes a type; did you mean \
             `changes`?",
        ),
        (
            "[types]\n\"our_cache::Store\" = { changes = [\"put\"] }\n",
            "error twelve-lint.toml:2:22: this says nothing of the type; say `is = \
             \"backing-service\"` and the like, or of a trait `registers`",
        ),
        (
            "[types]\n\"our_cache::Store\" = 3\n",
            "error twelve-lint.toml:2:22: what is said of a type is a table; write `[..]` or `{ .. }`",
        ),
        (
            "[functions]\n\"our_cache::mount\" = { registers = \"handler\", at = \"1\" }\n",
            "error twelve-lint.toml:2:52: this is no number of an argument; write the number of the \
             argument: the first is 0, the receiver not counted",
        ),
        (
            "[functions]\n\"shop::kv::Client\" = \"serves\"\n",
            "error twelve-lint.toml:2:1: `shop::kv::Client` is a type, and stands among the \
             functions; move the line to `[types]`",
        ),
        (
            "[types]\n\"shop::Client\" = \"cache\"\n",
            "error twelve-lint.toml:2:1: nothing in the tree is called `shop::Client`; did you mean \
             `shop::kv::Client`?",
        ),
        (
            "[types]\n\"our_cash::Store\" = \"cache\"\n",
            "error twelve-lint.toml:2:1: no package here is, or depends on, a crate `our_cash`; did \
             you mean `our_cache`?",
        ),
        (
            "[types]\n\"our_cache::Stroe\" = \"cache\"\n",
            "note twelve-lint.toml:2:1: nothing here names `our_cache::Stroe`: the line has no \
             effect; did you mean `our_cache::Store`?",
        ),
        (
            "[types]\n\"Store\" = \"cache\"\n",
            "error twelve-lint.toml:2:1: `Store` is no path of a type or function; write it from \
             its crate on: \"shop::kv::Client\", \"our_kv::Client\"",
        ),
        (
            "[processes]\nshopp = \"admin\"\n",
            "error twelve-lint.toml:2:1: no binary or package here is called `shopp`; did you mean \
             `shop`?",
        ),
        (
            "[processes]\nshop = \"batch\"\n",
            "error twelve-lint.toml:2:8: `batch` is no kind of process; one of: web, worker, admin, \
             cli, build, test",
        ),
        (
            "[rules]\nin-process-cache = \"deny\"\n",
            "error twelve-lint.toml:2:1: there is no rule `in-process-cache`; did you mean \
             `in_process_cache`?",
        ),
        (
            "[rules]\nfrobnicate = \"deny\"\n",
            "error twelve-lint.toml:2:1: there is no rule `frobnicate`; `cargo twelve-lint rules` \
             lists them",
        ),
        (
            "[rules]\nin_process_cache = \"error\"\n",
            "error twelve-lint.toml:2:20: `error` is no level; one of: allow, note, warn, deny",
        ),
        (
            "[rules]\nin_process_cache = 1\n",
            "error twelve-lint.toml:2:20: what is said of a rule is a table; write `[..]` or \
             `{ .. }`",
        ),
        (
            "[rules]\nin_process_cache = { hazrad = \"allow\" }\n",
            "error twelve-lint.toml:2:22: `hazrad` is no verdict of a rule; did you mean `hazard`?",
        ),
        (
            "[rules]\nin_process_cache = { reason = \"x\" }\n",
            "error twelve-lint.toml:2:20: this gives the rule no level; write `\"warn\"`, or \
             `{ violation = \"deny\", hazard = \"allow\" }`",
        ),
        (
            "[rules]\nin_process_counter = { hazard = \"allow\" }\n",
            "note twelve-lint.toml:2:1: `in_process_counter` never finds a hazard; take `hazard` out: \
             it has no effect",
        ),
        (
            "[overrides]\npaths = [\"src\"]\n",
            "error twelve-lint.toml:1:1: overrides are a list of tables; write `[[overrides]]` above \
             each of them",
        ),
        (
            "[[overrides]]\npaths = [\"src\"]\n",
            "error twelve-lint.toml:1:1: this override changes no rule; name `paths` or `processes`, \
             and `rules` with their levels",
        ),
        (
            "[[overrides]]\nrules = { all = \"note\" }\n",
            "error twelve-lint.toml:1:1: this override holds nowhere in particular; name `paths`",
        ),
        (
            "[[overrides]]\npath = [\"src\"]\nrules = { all = \"note\" }\n",
            "error twelve-lint.toml:2:1: `path` is no key of an override; did you mean `paths`?",
        ),
        (
            "[[overrides]]\npaths = []\nrules = { all = \"note\" }\n",
            "error twelve-lint.toml:2:9: this list is empty; name what is meant, or leave it out",
        ),
        (
            "[[overrides]]\npaths = [\"src/[a\"]\nrules = { all = \"note\" }\n",
            "error twelve-lint.toml:2:10: `src/[a` is no pattern of paths: ",
        ),
        (
            "[[overrides]]\npaths = [\"/src\"]\nrules = { all = \"note\" }\n",
            "error twelve-lint.toml:2:10: `/src` is no pattern of paths: it starts somewhere else; \
             write a path from the folder of this configuration on, with `*` and `**`",
        ),
        (
            "[[overrides]]\npaths = [\"scr\"]\nrules = { all = \"note\" }\n",
            "note twelve-lint.toml:2:10: no file that was read matches `scr`; patterns start from \
             the folder of this configuration: ",
        ),
        (
            "[[overrides]]\nprocesses = [\"wroker\"]\nrules = { all = \"note\" }\n",
            "error twelve-lint.toml:2:14: `wroker` is no process, binary or package here; did you \
             mean `worker`?",
        ),
    ];
    for (config, expected) in cases {
        let (_, wrong) = with(SHOP, config);
        assert!(
            wrong.len() == 1 && wrong[0].starts_with(expected),
            "{config}\nfound    {wrong:#?}\nexpected {expected}"
        );
    }
}
