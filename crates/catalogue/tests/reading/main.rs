//! What catalogues mean, and where their mistakes are.

mod places;
mod signatures;

use std::collections::BTreeMap;

use claviger_catalogue::{Bundle, Mistakes, SourceFile, documents_named, read, schema, variables_named};
use claviger_model::{Activation, AllowlistKind, Format, Mixing, Route, Scheme, Span};
use proptest::prelude::*;

const GOOD: &str = r#"catalogue: 1
accounts:
  - number: 0042
    realm: northwind
    name: Northwind Traders
  - { number: "7", realm: contoso, name: Contoso }
apis:
  - slug: customers
    name: Customers
    policy:
      prefix: nwc
      schemes:
        - scheme: basic
          user: account_number
      methods: [GET, POST]
      request_media_types: [application/json]
      formats: [xml, json]
      key_types:
        - slug: full
          name: Full
        - slug: read
          name: Read only
      activation: operator
      recoverable: true
      allowlist: { min: 1, max: 1, kind: address }
      max_lifetime: 365d
      version_mixing:
        action: refuse
        window: 12h
      refusals:
        unauthenticated: 403
    versions:
      - name: v1
        document: v1.yaml
      - name: 1.10
        document: more/v2.yaml
    environments:
      - slug: production
        upstream: "${UP:-http://127.0.0.1:7070}/customers/{version}"
        routes:
          - path: /customers/{version}
          - path: /c
            host: ${HOST}
  - slug: billing
    name: Billing
    policy: { prefix: bill, schemes: [{ scheme: basic }], key_types: [{ slug: full, name: Full }] }
    versions: [{ name: v1, document: v1.yaml }]
    environments:
      - { slug: production, upstream: "https://billing.example", routes: [{ path: /billing }] }
"#;

const DOCUMENT: &str = "openapi: 3.1.0\ninfo: { title: T, version: '1' }\npaths:\n  /x:\n    get: {}\n";

fn bundle(catalogue: &str) -> Bundle {
    let pairs =
        |pairs: &[(&str, &str)]| pairs.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect();
    Bundle {
        catalogue: source(catalogue),
        documents: pairs(&[("v1.yaml", DOCUMENT), ("more/v2.yaml", DOCUMENT)]),
        variables: pairs(&[("HOST", "api.example.com")]),
    }
}

fn source(text: &str) -> SourceFile {
    SourceFile { name: "c.yaml".to_owned(), text: text.to_owned() }
}

#[test]
fn a_good_catalogue_says_what_should_exist() {
    let desired = read(&bundle(GOOD)).unwrap();
    let numbers: Vec<_> = desired.accounts.iter().map(|account| account.number.as_str()).collect();
    assert_eq!(numbers, ["0042", "7"]);
    let customers = &desired.apis[0];
    let policy = &customers.policy;
    assert_eq!((policy.activation, policy.allowlist.kind), (Activation::Operator, AllowlistKind::Address));
    assert_eq!(
        (policy.version_mixing.action, policy.max_lifetime),
        (Mixing::Refuse, Some(Span::from_days(365)))
    );
    let versions: Vec<_> = customers.versions.iter().map(|version| version.name.as_str()).collect();
    assert_eq!(versions, ["v1", "1.10"]);
    assert_eq!(customers.versions[1].endpoints[0].permissions[0].as_str(), "customers:x:read");
    assert_eq!(customers.documents[&customers.versions[0].name], DOCUMENT);
    let production = &customers.environments[0];
    assert_eq!(production.upstream, "http://127.0.0.1:7070/customers/{version}");
    let at_host = Route { host: Some("api.example.com".to_owned()), path: "/c".to_owned() };
    assert_eq!(production.routes[1], at_host);
    assert_eq!(desired.apis[1].policy.formats, [Format::Json]);
}

#[test]
fn what_has_to_be_sent_along_is_named() {
    assert_eq!(documents_named(&source(GOOD)).unwrap(), ["more/v2.yaml", "v1.yaml"]);
    assert_eq!(variables_named(&source(GOOD)).unwrap(), ["HOST", "UP"]);
    for name in ["/etc/passwd", "../v1.yaml", "a/../b", "./a", "a//b", "C:a", "a\\b", "''"] {
        let catalogue = GOOD.replacen("v1.yaml", name, 1);
        let mistakes = documents_named(&source(&catalogue)).unwrap_err();
        assert_eq!((mistakes.0.len(), mistakes.0[0].line, mistakes.0[0].column), (1, 34, 19), "{mistakes}");
        assert!(read(&bundle(&catalogue)).is_err());
    }
}

#[test]
fn nothing_at_all_is_a_good_catalogue_too() {
    let desired = read(&bundle("catalogue: 1\n")).unwrap();
    assert!(desired.accounts.is_empty() && desired.apis.is_empty());
}

fn mistakes(bundle: &Bundle) -> String {
    read(bundle).map_or_else(|mistakes| mistakes.to_string(), |_| "none".to_owned())
}

/// The mistakes after one change of the good catalogue, which must be possible at one place only.
fn after(from: &str, to: &str) -> String {
    assert_eq!(GOOD.matches(from).count(), 1, "{from}");
    mistakes(&bundle(&GOOD.replace(from, to)))
}

fn check(cases: &[(&str, &str, &str)]) {
    for (from, to, wanted) in cases {
        assert_eq!(after(from, to), *wanted, "{from} -> {to}");
    }
}

const MISTAKES_OF_SHAPE: &[(&str, &str, &str)] = &[
    (
        "catalogue: 1\n",
        "catalogue: 2\n",
        "c.yaml:1:12: this catalogue has version 2 of the format, and version 1 is read",
    ),
    ("catalogue: 1\n", "", "c.yaml:1:1: `catalogue` is missing"),
    ("accounts:", "acounts:", "c.yaml:2:1: the field `acounts` is not known here (did you mean `accounts`?)"),
    (
        "    realm: northwind\n",
        "    colour: red\n",
        "c.yaml:4:5: the field `colour` is not known here (known here: number, realm, name, second_factor)",
    ),
    ("    realm: northwind\n", "", "c.yaml:3:5: `realm` is missing"),
    ("      prefix: nwc\n", "", "c.yaml:11:7: `prefix` is missing"),
    (
        "      formats: [xml, json]",
        "      format: [xml]",
        "c.yaml:17:7: the field `format` is not known here (did you mean `formats`?)",
    ),
    ("[xml, json]", "[xml, jsn]", "c.yaml:17:22: the value `jsn` is not known here (did you mean `json`?)"),
    (
        "recoverable: true",
        "recoverable: yes",
        "c.yaml:24:20: expected `true` or `false`, found the text `yes`",
    ),
    (
        "- scheme: basic\n",
        "- scheme: baisc\n",
        "c.yaml:13:19: the value `baisc` is not known here (did you mean `basic`?)",
    ),
    (
        "user: account_number",
        "usr: account_number",
        "c.yaml:14:11: the field `usr` is not known here (did you mean `user`?)",
    ),
    ("max: 1,", "max: 70000,", "c.yaml:25:33: expected a whole number in range, found the number 70000"),
    ("methods: [GET, POST]", "methods: GET", "c.yaml:15:16: expected a list, found the text `GET`"),
    ("name: Northwind Traders", "name:", "c.yaml:5:9: expected a text, found nothing"),
    (
        "max_lifetime: 365d",
        "max_lifetime: 1y",
        "c.yaml:26:21: `1y` is not a length of time: write a whole number and a unit, such as 500ms, 30s, 5m, \
             12h or 365d",
    ),
    (
        "realm: northwind",
        "realm: North Wind",
        "c.yaml:4:12: `North Wind` is not a slug: 1 to 63 lower-case letters, digits and hyphens, a letter first",
    ),
    ("    realm: northwind", "    realm: a\n    realm: b", "c.yaml:5:5: `realm` is given twice"),
];

#[test]
fn mistakes_of_shape_are_told_with_what_would_be_right() {
    check(MISTAKES_OF_SHAPE);
    assert!(after("realm: northwind", "realm: \"a").starts_with("c.yaml:"));
    assert_eq!(mistakes(&bundle("")), "c.yaml:1:1: expected a mapping, found nothing");
    assert_eq!(mistakes(&bundle("- a")), "c.yaml:1:1: expected a mapping, found a list");
}

const GIVEN_TWICE: &[(&str, &str, &str)] = &[
    ("number: \"7\"", "number: 0042", "c.yaml:6:15: the account number `0042` is already given in line 3"),
    ("contoso", "northwind", "c.yaml:6:27: the realm `northwind` is already given in line 4"),
    ("slug: billing", "slug: customers", "c.yaml:44:11: the API `customers` is already given in line 8"),
    ("prefix: bill", "prefix: nwc", "c.yaml:46:23: the key prefix `nwc` is already given in line 11"),
    ("name: 1.10", "name: v1", "c.yaml:35:15: the version `v1` is already given in line 33"),
    ("- slug: read", "- slug: full", "c.yaml:21:17: the key type `full` is already given in line 19"),
    ("[xml, json]", "[json, json]", "c.yaml:17:23: the format `json` is already given in line 17"),
    ("[GET, POST]", "[GET, GET]", "c.yaml:15:22: the method `GET` is already given in line 15"),
    (
        "          user: account_number\n",
        "        - { scheme: basic, user: key_id }\n",
        "c.yaml:14:21: the scheme `basic` is already given in line 13",
    ),
    (
        "      - { slug: production,",
        "      - { slug: production, upstream: \"http://a\", routes: [{ path: /b }] }\n      - { slug: production,",
        "c.yaml:50:17: the environment `production` is already given in line 49",
    ),
];

#[test]
fn what_is_unique_is_given_once() {
    check(GIVEN_TWICE);
}

#[test]
fn schemes_are_read_with_their_names() {
    let listed = "[{ scheme: api_token }, { scheme: query, name: key }, { scheme: raw }, { scheme: bearer }, \
                  { scheme: header, name: X_Key }]";
    let desired = read(&bundle(&GOOD.replace("[{ scheme: basic }]", listed))).unwrap();
    let expected = [
        Scheme::ApiToken { word: "apiToken".parse().unwrap() },
        Scheme::Query { name: "key".parse().unwrap() },
        Scheme::Raw {},
        Scheme::Bearer {},
        Scheme::Header { name: "X_Key".parse().unwrap() },
    ];
    assert_eq!(desired.apis[1].policy.schemes, expected);
    let defaults = GOOD.replace("[{ scheme: basic }]", "[{ scheme: query }, { scheme: header }]");
    let names = serde_json::to_value(&read(&bundle(&defaults)).unwrap().apis[1].policy.schemes).unwrap();
    assert_eq!(names[0]["name"], "apiToken");
    assert_eq!(names[1]["name"], "X-API-Key");
}

#[test]
fn names_of_schemes_follow_their_grammar() {
    let after = |schemes: &str| after("[{ scheme: basic }]", schemes);
    for word in ["Basic", "BEARER", "a b", "''"] {
        let mistake = after(&format!("[{{ scheme: api_token, word: {word} }}]"));
        assert!(mistake.contains("is not a scheme word: 1 to 64 letters"), "{mistake}");
    }
    for name in ["a b", "a%20", "a[]", "''"] {
        let mistake = after(&format!("[{{ scheme: query, name: '{}' }}]", name.trim_matches('\'')));
        assert!(mistake.contains("is not the name of a query parameter"), "{mistake}");
    }
    for name in [
        "Authorization",
        "host",
        "Content-Type",
        "accept",
        "Accept_Language",
        "X-Claviger-Key",
        "TE",
        "Cookie",
        "proxy.authorization",
        "X-Forwarded-For",
        "x-request-id",
    ] {
        let mistake = after(&format!("[{{ scheme: header, name: {name} }}]"));
        let wanted =
            format!("c.yaml:46:63: the header `{name}` has a meaning of its own (such as `X-API-Key`)");
        assert_eq!(mistake, wanted);
    }
    assert!(after("[{ scheme: raw, name: x }]").contains("the field `name` is not known here"));
    assert!(after("[{ scheme: bearer, word: x }]").contains("the field `word` is not known here"));
    let twice = after("[{ scheme: header, name: A }, { scheme: header, name: B }]");
    assert!(twice.contains("the scheme `header` is already given in line 46"), "{twice}");
}

#[test]
fn what_has_to_be_there_is_there() {
    check(&[
        ("[{ scheme: basic }]", "[]", "c.yaml:46:38: at least one scheme is needed"),
        ("[{ slug: full, name: Full }]", "[]", "c.yaml:46:70: at least one key type is needed"),
        ("[{ name: v1, document: v1.yaml }]", "[]", "c.yaml:47:15: at least one version is needed"),
        ("[{ path: /billing }]", "[]", "c.yaml:49:74: at least one route is needed"),
        (
            "\n      - { slug: production, upstream: \"https://billing.example\", routes: [{ path: /billing }] }",
            " []",
            "c.yaml:48:19: at least one environment is needed",
        ),
        ("[xml, json]", "[]", "c.yaml:17:16: at least one format is needed"),
        ("more/v2.yaml", "v3.yaml", "c.yaml:36:19: the document `v3.yaml` is not there"),
    ]);
}

#[test]
fn texts_follow_their_grammar() {
    let long = "n".repeat(201);
    check(&[
        ("name: Northwind Traders", "name: ' '", "c.yaml:5:11: a name is not empty"),
        (
            "name: Northwind Traders",
            &format!("name: {long}"),
            "c.yaml:5:11: a name has at most 200 characters",
        ),
        ("name: Northwind Traders", r#"name: "a\tb""#, "c.yaml:5:11: a name has no control characters"),
        ("[GET, POST]", "[GET, Post]", "c.yaml:15:22: the method `Post` is not in capitals (write `POST`)"),
        ("[GET, POST]", "['G T']", "c.yaml:15:17: `G T` is not an HTTP method (such as `GET`)"),
        (
            "[application/json]",
            "[json]",
            "c.yaml:16:29: `json` is not a media type (write `type/subtype`, such as `application/json`)",
        ),
        (
            "[application/json]",
            "[text/*]",
            "c.yaml:16:29: `text/*` is not a media type (write `type/subtype`, such as `application/json`)",
        ),
        (
            "[application/json]",
            "[Text/Plain]",
            "c.yaml:16:29: the media type `Text/Plain` is not in lower case (write `text/plain`)",
        ),
    ]);
}

#[test]
fn numbers_of_a_policy_are_in_range() {
    check(&[
        (
            "unauthenticated: 403",
            "unauthenticated: 404",
            "c.yaml:31:26: the status of refusals is 401 or 403, not 404",
        ),
        (
            "{ min: 1, max: 1,",
            "{ min: 2, max: 1,",
            "c.yaml:25:25: an allowlist has at least 2 and at most 1 entries, which none can have (raise `max` to 2 or more)",
        ),
        (
            "window: 12h",
            "window: 59s",
            "c.yaml:29:17: the window is shorter than a minute (write `1m` or longer)",
        ),
        ("365d", "0s", "c.yaml:26:21: the lifetime has to be more than 0 (leave it out for no limit)"),
    ]);
}

#[test]
fn mistakes_of_documents_name_the_document_and_are_told_once() {
    let mut bundle = bundle(GOOD);
    bundle.documents.insert("v1.yaml".to_owned(), DOCUMENT.replace("get:", "gett:"));
    let wanted = "v1.yaml:5:5: `gett` is neither a method nor a field of a path (did you mean `get`?)";
    assert_eq!(mistakes(&bundle), wanted);
    bundle.documents.insert("v1.yaml".to_owned(), "openapi: 3.1.0\n  x".to_owned());
    assert!(mistakes(&bundle).starts_with("v1.yaml:"));
}

#[test]
fn all_mistakes_are_told_at_once() {
    let changes =
        [("number: \"7\"", "number: 0042"), ("12h", "1s"), ("/billing }", "/billing/ }"), ("more/", "less/")];
    let catalogue = changes.iter().fold(GOOD.to_owned(), |text, (from, to)| text.replace(from, to));
    let told = mistakes(&bundle(&catalogue));
    let lines: Vec<_> = told.lines().map(|line| line.split(':').nth(1).unwrap()).collect();
    assert_eq!(lines, ["6", "29", "36", "49"], "{told}");
}

#[test]
fn a_catalogue_that_is_too_long_is_refused() {
    let apis = |count: usize| {
        let api = |number| {
            format!(
                "- {{ slug: a{number}, name: A, policy: {{ prefix: p{number}, schemes: [{{ scheme: basic }}], \
                 key_types: [{{ slug: k, name: K }}] }}, versions: [{{ name: v, document: v1.yaml }}], environments: \
                 [{{ slug: e, upstream: 'http://u', routes: [{{ path: /r{number} }}] }}] }}\n"
            )
        };
        format!("catalogue: 1\napis:\n{}", (0..count).map(api).collect::<String>())
    };
    assert_eq!(mistakes(&bundle(&apis(1_000))), "none");
    assert_eq!(mistakes(&bundle(&apis(1_001))), "c.yaml:1003:3: there are 1001 APIs; at most 1000 are taken");
    let long = format!("catalogue: 1\n#{}", "x".repeat(4 << 20));
    assert_eq!(
        mistakes(&bundle(&long)),
        "c.yaml:1:1: the document has 4194318 bytes; at most 4194304 are read"
    );
}

#[test]
fn a_hundred_thousand_accounts_fit_and_one_more_does_not() {
    let account = |number| format!("- {{number: {number}, realm: r{number}, name: N}}\n");
    let accounts: String = (0..100_001).map(account).collect();
    let told = mistakes(&bundle(&format!("catalogue: 1\naccounts:\n{accounts}")));
    assert_eq!(told, "c.yaml:100003:3: there are 100001 accounts; at most 100000 are taken");
}

#[test]
fn bundles_and_mistakes_survive_json() {
    let bundle = bundle(&GOOD.replace("12h", "1s"));
    let json = serde_json::to_string(&bundle).unwrap();
    assert_eq!(serde_json::from_str::<Bundle>(&json).unwrap(), bundle);
    let mistakes = read(&bundle).unwrap_err();
    let json = serde_json::to_string(&mistakes).unwrap();
    assert_eq!(serde_json::from_str::<Mistakes>(&json).unwrap(), mistakes);
}

#[test]
fn the_schema_knows_every_field_of_the_good_catalogue() {
    let schema = schema();
    let definitions = &schema["$defs"];
    let knows = |definition: &str, fields: &[&str]| {
        let object = if definition.is_empty() { &schema } else { &definitions[definition] };
        assert_eq!(object["additionalProperties"], false, "{definition}");
        for field in fields {
            assert!(object["properties"][field].is_object(), "{definition} {field}");
        }
    };
    knows("", &["catalogue", "accounts", "apis"]);
    knows("Account", &["number", "realm", "name", "second_factor"]);
    knows("Api", &["slug", "name", "policy", "versions", "environments"]);
    knows(
        "ApiPolicy",
        &["prefix", "schemes", "methods", "request_media_types", "formats", "key_types", "activation"],
    );
    knows("Environment", &["slug", "upstream", "routes"]);
    knows("Route", &["host", "path"]);
    assert_eq!(definitions["Version"]["required"], serde_json::json!(["name", "document"]));
    assert_eq!(schema["required"], serde_json::json!(["catalogue"]));
}

proptest! {
    #[test]
    fn no_text_panics(text in "\\PC{0,200}") {
        let _ = read(&bundle(&text));
        let _ = documents_named(&source(&text));
    }

    #[test]
    fn no_change_of_a_catalogue_panics(at in 0..GOOD.len(), with in "[\\PC\n]{0,6}", cut in 0..12_usize) {
        let end = (at + cut).min(GOOD.len());
        let changed = format!("{}{with}{}", &GOOD[..at], &GOOD[end..]);
        if let Err(mistakes) = read(&bundle(&changed)) {
            prop_assert!(!mistakes.0.is_empty());
            prop_assert!(mistakes.0.iter().all(|mistake| mistake.line > 0 && mistake.column > 0));
        }
    }

    #[test]
    fn no_variable_panics_or_is_shown(value in "\\PC{0,40}") {
        let mut bundle = bundle(GOOD);
        bundle.variables = BTreeMap::from([("UP".to_owned(), format!("http://a:{value}@b"))]);
        let told = mistakes(&bundle);
        prop_assert!(value.chars().count() < 9 || !told.contains(&value), "{}", told);
    }
}
