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
    ];
    for (config, expected) in cases {
        let (_, wrong) = with(SHOP, config);
        assert!(
            wrong.len() == 1 && wrong[0].starts_with(expected),
            "{config}\nfound    {wrong:#?}\nexpected {expected}"
        );
    }
}
