//! TLS for callers, with HTTP/1.1 and HTTP/2.

use claviger_testkit::{Call, Curl, CurlClient};
use rstest::rstest;

use crate::bed::{Bed, Engine};

/// A folder in which these doors are configured with a certificate for this name; the certificate's file.
pub(crate) fn certified(doors: &[&str], name: &str) -> (Bed, String) {
    let mut bed = Bed::empty(Engine::Sqlite);
    let made = rcgen::generate_simple_self_signed([name.to_owned()]).expect("a certificate can be made");
    let certificate = bed.file("certificate.pem", &made.cert.pem());
    let key = bed.file("key.pem", &made.signing_key.serialize_pem());
    let tls = |door: &&str| format!("[{door}.tls]\ncertificate = \"{certificate}\"\nkey = \"{key}\"\n");
    bed.configure(&doors.iter().map(tls).collect::<String>());
    (bed, certificate)
}

/// A demo whose gateway has a certificate for 127.0.0.1; the certificate's file.
fn start() -> (Bed, String) {
    let (mut bed, certificate) = certified(&["gateway"], "127.0.0.1");
    bed.run(&["demo", "--json", "--ports", "auto"]);
    (bed, certificate)
}

#[rstest]
#[case::management("management", "/v1/openapi.json", 200)]
#[case::check("check", "/v1/verify", 401)]
fn the_other_doors_are_served_over_tls(#[case] door: &str, #[case] path: &str, #[case] status: u16) {
    let (mut bed, certificate) = certified(&["management", "check"], "127.0.0.1");
    bed.run_serve();
    let url = bed.ready()[door].as_str().expect("the server says where it is").to_owned();
    assert!(url.starts_with("https://"), "{url}");
    let method = if status == 200 { "GET" } else { "POST" };
    for version in ["--http1.1", "--http2"] {
        let call = Curl::new(method, &format!("{url}{path}")).arg(version).arg("--cacert").arg(&certificate);
        assert_eq!(call.run().status, status, "{version}");
    }
    assert!(Curl::get(&url.replace("https://", "http://")).try_run().is_err(), "in the clear");
}

#[rstest]
#[case::http1("--http1.1", "HTTP/1.1 200")]
#[case::http2("--http2", "HTTP/2 200")]
fn callers_are_served_over_tls(#[case] version: &str, #[case] status_line: &str) {
    let (bed, certificate) = start();
    assert!(bed.gateway().starts_with("https://"), "{}", bed.gateway());
    let key = bed.credential_in("customers", "active");
    let call: Call<CurlClient> = key.get(&format!("{}/customers/v1/customers", bed.gateway()));
    let answer =
        call.arg(version).arg("--cacert").arg(&certificate).header("Accept", "application/json").run();
    assert_eq!(answer.status, 200, "{}", answer.text());
    let received = &answer.json()["received"]["headers"];
    let protocol =
        received.as_array().into_iter().flatten().find(|header| header["name"] == "x-forwarded-proto");
    assert_eq!(protocol.map(|header| header["value"].clone()), Some("https".into()));
    let line = std::process::Command::new("curl")
        .args(["-sS", "-I", "-X", "GET", "--noproxy", "*", "--cacert", &certificate, version])
        .args([
            "-H",
            &format!("Authorization: {}", key.basic()),
            &format!("{}/customers/v1/customers", bed.gateway()),
        ])
        .output()
        .expect("curl runs");
    let head = String::from_utf8_lossy(&line.stdout);
    assert!(head.starts_with(status_line), "{head}");
}

#[test]
fn a_caller_in_the_clear_gets_no_answer_from_a_tls_port() {
    let (bed, _) = start();
    let url = bed.gateway().replace("https://", "http://");
    assert!(Curl::get(&url).try_run().is_err());
}

#[rstest]
fn a_certificate_that_is_none_is_named(#[values("gateway", "check", "management")] door: &str) {
    let mut bed = Bed::empty(Engine::Sqlite);
    let file = bed.file("nothing.pem", "nothing");
    bed.configure(&format!("[{door}.tls]\ncertificate = \"{file}\"\nkey = \"{file}\"\n"));
    let output = bed.cli(&["serve", "--ports", "auto"]);
    assert_eq!(output.status, 1, "{output:#?}");
    assert!(output.stderr.contains("nothing.pem"), "{output:#?}");
}
