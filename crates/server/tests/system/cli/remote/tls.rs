//! A server behind TLS, which is trusted by the authorities of the system or of `SSL_CERT_FILE`.

use super::{Away, ended};
use crate::bed::CliOutput;
use crate::management::{PASSWORD, staff};
use crate::tls::certified;

#[test]
fn a_certificate_is_trusted_only_if_its_authority_is() {
    let (mut bed, certificate) = certified(&["management"], "localhost");
    bed.run_serve();
    let away = Away { bed: staff(bed) };
    let server = away.server().replace("127.0.0.1", "localhost");
    assert!(server.starts_with("https://"), "{server}");
    let password = away.bed.file("password", PASSWORD);
    let login = ["login", "--server", &server, "--username", "ada", "--password-stdin"];
    let run = |args: &[&str], authorities: Option<&str>| {
        let mut command = away.command(args);
        command.stdin(std::fs::File::open(&password).expect("the password can be read"));
        command.env_remove("SSL_CERT_FILE").env_remove("SSL_CERT_DIR");
        CliOutput::of(command.envs(authorities.map(|file| ("SSL_CERT_FILE", file))))
    };
    ended(&run(&login, None), 6, "cannot be reached");
    let entered = run(&login, Some(&certificate));
    assert_eq!(entered.status, 0, "{entered:#?}");
    let listed = run(&["--server", &server, "account", "list", "--json"], Some(&certificate));
    assert!(listed.stdout.contains("300200"), "{listed:#?}");
    // Another name for the same place: the certificate is not for it.
    let other = server.replace("localhost", "127.0.0.1");
    let login = ["login", "--server", &other, "--username", "ada", "--password-stdin"];
    ended(&run(&login, Some(&certificate)), 6, "cannot be reached");
}
