//! Calls of what does not exist, or cannot be read in one way.

use super::{Row, World};

pub(super) fn rows(world: &World) -> Vec<Row> {
    let known = |row: Row| row.with("Authorization", world.keys.good.basic());
    [places(), methods(), targets()]
        .concat()
        .into_iter()
        .map(known)
        .chain(bodies(world))
        .chain(forms(world))
        .collect()
}

fn each(lines: &[&str], status: u16, code: &'static str) -> Vec<Row> {
    lines.iter().map(|line| Row::new(*line, line).refused(status, code)).collect()
}

fn places() -> Vec<Row> {
    let nowhere = [
        "GET /",
        "GET /customers",
        "GET /Customers/v1/customers",
        "GET /customers/v9/customers",
        "GET /customers/V1/customers",
        "GET /customers/v1",
        "GET /customers/v1/nothing",
        "GET /customers/v1/Customers",
        "GET /customers/v1/customers/",
        "GET /customers/v1/customers;x=y",
        "GET /customers/v1/customers/C-1001/contacts/x",
        "GET /customers/v1/customers%20",
        "GET /customersx/v1/customers",
        "POST /nothing",
    ];
    each(&nowhere, 404, "unknown_endpoint")
}

fn methods() -> Vec<Row> {
    let others = ["DELETE", "PUT", "PATCH", "OPTIONS", "TRACE", "BREW", "get", "PRI"];
    let lines = others.map(|method| format!("{method} /customers/v1/customers"));
    let mut rows = each(&lines.each_ref().map(String::as_str), 405, "method_not_allowed");
    let more = [
        Row::new("POST where there is only GET", "POST /customers/v1/customers/C-1001"),
        Row::new("HEAD", "HEAD /customers/v1/customers"),
    ];
    rows.extend(more.map(|row| row.refused(405, "method_not_allowed")));
    rows
}

fn targets() -> Vec<Row> {
    let two_ways = [
        "GET /customers/v1/../v1/customers",
        "GET /customers/v1/./customers",
        "GET /customers/v1/customers/..",
        "GET /customers/v1/%2e%2e/v1/customers",
        "GET /customers/v1/%2E%2e/customers",
        "GET /customers/v1/.%2e/customers",
        "GET /customers/v1/..;/customers",
        "GET /customers/v1/..;a=b/v1/customers",
        "GET /customers/v1/..%3ba=b/v1/customers",
        "GET /customers/v1%2Fcustomers",
        "GET /customers%2fv1/customers",
        "GET /customers/v1/customers/C-1001%2Fcontacts",
        "GET /customers/v1//customers",
        "GET //customers/v1/customers",
        "GET /customers//v1/customers",
        "GET /customers/v1/customers//",
        "GET /customers/v1/%5ccustomers",
        "GET /customers/v1/customers%00",
        "GET /customers/v1/customers%0d%0a",
        "GET /customers/v1/customers%",
        "GET /customers/v1/customers%zz",
        "GET /customers/v1/customers%2",
    ];
    let no_target = [
        "GET /customers/v1\\customers",
        "GET /customers/v1/..\\customers",
        "GET /customers/v1/customers#fragment",
        "GET /customers/v1/customers?<script>",
        "GET /customers/v1/customers\u{e9}",
    ];
    let long = format!("GET /customers/v1/customers?{}", "x".repeat(9000));
    let mut rows = each(&two_ways, 400, "malformed_request");
    rows.push(Row::new("a long target", &long).refused(400, "malformed_request"));
    rows.extend(each(&no_target, 400, "malformed_request").into_iter().map(|row| row.closed().http1_only()));
    rows
}

fn bodies(world: &World) -> Vec<Row> {
    let post =
        |name| Row::new(name, "POST /billing/v1/payments").with("Authorization", world.keys.billing.basic());
    let typed = |name, value: &str| post(name).with("Content-Type", value);
    let refused = [
        post("no media type").body("{}"),
        post("no media type, no body"),
        typed("XML", "application/xml").body("<payment/>"),
        typed("a form", "application/x-www-form-urlencoded").body("a=b"),
        typed("text", "text/plain").body("{}"),
        typed("an empty media type", "").body("{}"),
        typed("JSON of some kind", "application/merge-patch+json").body("{}"),
        typed("two media types", "application/json, text/plain").body("{}"),
        typed("two media type headers", "application/json").with("Content-Type", "text/plain").body("{}"),
        Row::new("a GET with XML", "GET /billing/v1/invoices")
            .with("Authorization", world.keys.billing.basic())
            .with("Content-Type", "application/xml")
            .body("<x/>"),
    ];
    let taken = [
        typed("JSON", "application/json").body("{}"),
        typed("JSON with a parameter", "Application/JSON; charset=utf-8").body("{}"),
    ];
    let refused = refused.map(|row| row.refused(415, "unsupported_media_type"));
    refused.into_iter().chain(taken).collect()
}

/// Forms of target that only proxies serve (RFC 9112 section 3.2).
fn forms(world: &World) -> Vec<Row> {
    let host = crate::gate::address(&world.bed);
    let row = |name: &str, line: String| {
        Row::new(name, &line).with("Authorization", world.keys.good.basic()).http1_only()
    };
    let path = "/customers/v1/customers";
    let refused = [
        row("absolute, another host", format!("GET http://other.example{path}")),
        row("absolute, another port", format!("GET http://127.0.0.1:1{path}")),
        row("absolute, with a user", format!("GET http://u@{host}{path}")),
        row("absolute, another scheme", format!("GET ftp://{host}{path}")),
        row("absolute, no host", format!("GET http://{path}")),
        row("authority", format!("GET {host}")),
        row("a tunnel", format!("CONNECT {host}")),
        row("a tunnel to a path", format!("CONNECT {path}")),
        row("asterisk", "OPTIONS *".into()),
        row("asterisk for another method", "GET *".into()),
        row("no slash", "GET customers/v1/customers".into()),
    ];
    let refused = refused.map(|row| row.refused(400, "malformed_request").closed());
    let dots = row("absolute, with dots", format!("GET http://{host}/customers/../customers/v1/customers"));
    let taken = row("absolute, the same host", format!("GET http://{host}{path}"));
    refused.into_iter().chain([dots.refused(400, "malformed_request"), taken]).collect()
}
