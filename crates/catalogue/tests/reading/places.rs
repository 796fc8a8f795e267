//! Where requests come from and go to: routes, upstreams and the variables in them.

use crate::{GOOD, after, bundle, check, mistakes};

const UPSTREAM_HELP: &str = " (such as `http://127.0.0.1:7070/billing/{version}`)";

#[test]
fn upstreams_are_addresses() {
    let cases = [
        ("billing.example", "an upstream starts with `http://`, `https://` or `h2c://`"),
        ("http://u:secret@a", "an upstream has no user name or password"),
        ("http://:80", "an upstream has a host and perhaps a port"),
        ("http://a?b", "an upstream has no query and no fragment"),
        ("http://a//b", "the path of an upstream has plain segments only: no `//`, `.`, `..` or `%`"),
        ("http://a/{version}/{version}", "`{version}` stands in an upstream at most once"),
        ("http://{version}/", "`{version}` stands in the path of an upstream only"),
    ];
    for (upstream, wanted) in cases {
        let wanted = format!("c.yaml:49:39: {wanted}{UPSTREAM_HELP}");
        assert_eq!(after("https://billing.example", upstream), wanted);
    }
}

#[test]
fn variables_are_filled_in_or_missed() {
    check(&[
        (
            "https://billing.example",
            "${BILLING}",
            "c.yaml:49:39: the variable `BILLING` is not set (set it where the catalogue is applied, or write \
             `${BILLING:-default}`)",
        ),
        (
            "https://billing.example",
            "${A",
            "c.yaml:49:39: `${` has no `}` (write `${NAME}` or `${NAME:-default}`)",
        ),
        (
            "${HOST}",
            "${1}",
            "c.yaml:43:19: `1` is not the name of a variable (a name has letters, digits and `_`, and a default \
             follows `:-`)",
        ),
    ]);
    let mut secret = bundle(GOOD);
    secret.variables.insert("UP".to_owned(), "http://user:hunter2@up".to_owned());
    let wanted = format!("c.yaml:39:19: an upstream has no user name or password{UPSTREAM_HELP}");
    assert_eq!(mistakes(&secret), wanted);
}

const BROKEN_ROUTES: &[(&str, &str)] = &[
    ("billing", "`billing` cannot be matched: it does not start with `/` (write `/billing`)"),
    ("/billing/", "`/billing/` cannot be matched: it ends with `/` (write `/billing`)"),
    (
        "/a//b",
        "`/a//b` cannot be matched: it has an empty segment; requests with `//` are refused (write `/a/b`)",
    ),
    (
        "'/{version}/{version}'",
        "`/{version}/{version}` cannot be matched: it has `{version}` twice (such as `/billing/{version}`)",
    ),
    (
        "'/b/{id}'",
        "`/b/{id}` cannot be matched: braces stand in it only as the whole segment `{version}` (such as \
             `/billing/{version}`)",
    ),
    (
        "'/b/v{version}'",
        "`/b/v{version}` cannot be matched: braces stand in it only as the whole segment `{version}` (such as \
             `/billing/{version}`)",
    ),
    (
        "/a/../b",
        "`/a/../b` cannot be matched: it has a `.` or `..` segment; requests with these are refused (such as \
             `/billing/{version}`)",
    ),
    (
        "/a?b",
        "`/a?b` cannot be matched: `?` cannot stand in it; write it percent-encoded (such as \
             `/billing/{version}`)",
    ),
];

#[test]
fn routes_are_well_formed() {
    let broken = "c.yaml:49:83: the route ";
    for (path, wanted) in BROKEN_ROUTES {
        assert_eq!(after("path: /billing ", &format!("path: {path} ")), format!("{broken}{wanted}"));
    }
    check(&[
        (
            "${HOST}",
            "API.example.com:8000",
            "c.yaml:43:19: `API.example.com:8000` is not a host name in lower case without a port (write \
             `api.example.com`)",
        ),
        (
            "${HOST}",
            "a_b",
            "c.yaml:43:19: `a_b` is not a host name in lower case without a port (such as `api.example.com`)",
        ),
    ]);
}

const OTHER_ROUTES: &[(&str, &str, &str)] = &[
    (
        "path: /billing ",
        "path: '/customers/{version}' ",
        "c.yaml:49:83: the route `/customers/{version}` is already given in line 41",
    ),
    (
        "path: /billing ",
        "path: '/{version}/billing' ",
        "c.yaml:49:83: a request can match this and the route `/customers/{version}` in line 41",
    ),
    ("path: /billing ", "path: '/other/{version}' ", "none"),
    ("path: /billing ", "path: /customers/v1 ", "none"),
    ("path: /billing ", "path: /customers ", "none"),
    ("path: /billing ", "path: '/customers/{version}', host: api.example.com ", "none"),
    (
        "path: /billing ",
        "path: /c, host: api.example.com ",
        "c.yaml:49:83: the route `/c` is already given in line 42",
    ),
];

#[test]
fn routes_belong_to_one_environment() {
    check(OTHER_ROUTES);
}
