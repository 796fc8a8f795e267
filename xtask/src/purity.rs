//! What a source file uses of the world outside: the clock, files, sockets, processes, the runtime.

use std::iter::Peekable;

use proc_macro2::{Delimiter, Group, LexError, TokenStream, TokenTree, token_stream};

/// Names that a pure crate may not use at all, whatever path leads to them.
const NAMES: [&str; 6] = ["Instant", "SystemTime", "TcpListener", "TcpStream", "UdpSocket", "tokio"];
/// Modules of the standard library that a pure crate may not use.
const MODULES: [&str; 4] = ["env", "fs", "process", "thread"];

/// What a pure crate may not use of this source, each as `line: what`. Comments and test code do not count.
pub fn impurities(source: &str) -> Result<Vec<String>, LexError> {
    let mut scan = Scan::default();
    scan.tokens(source.parse()?);
    Ok(scan.found)
}

#[derive(Default)]
struct Scan {
    found: Vec<String>,
    /// The last tokens seen, as text, oldest first: enough for `std :: fs`.
    last: [String; 3],
}

impl Scan {
    fn tokens(&mut self, tokens: TokenStream) {
        let mut tokens = tokens.into_iter().peekable();
        while let Some(token) = tokens.next() {
            if is_test_attribute(&token, &mut tokens) {
                skip_item(&mut tokens);
            } else {
                self.token(token);
            }
        }
    }

    fn token(&mut self, token: TokenTree) {
        match token {
            TokenTree::Group(group) => self.group(&group),
            TokenTree::Ident(ident) => {
                self.ident(&ident.to_string(), ident.span().start().line);
                self.remember(ident.to_string());
            }
            other => self.remember(other.to_string()),
        }
    }

    /// In `std::{fs, net::IpAddr}` each name of the group follows `std::`.
    fn group(&mut self, group: &Group) {
        let before = self.last.clone();
        if group.delimiter() == Delimiter::Brace && follows_std(&before) {
            for token in group.stream() {
                self.last.clone_from(&before);
                self.token(token);
            }
        } else {
            self.tokens(group.stream());
        }
        self.last = Default::default();
    }

    fn ident(&mut self, name: &str, line: usize) {
        if NAMES.contains(&name) {
            self.found.push(format!("{line}: {name}"));
        } else if MODULES.contains(&name) && follows_std(&self.last) {
            self.found.push(format!("{line}: std::{name}"));
        } else if name == "fn" && self.last[2] == "async" {
            self.found.push(format!("{line}: async fn"));
        }
    }

    fn remember(&mut self, token: String) {
        self.last.rotate_left(1);
        self.last[2] = token;
    }
}

fn follows_std(last: &[String; 3]) -> bool {
    *last == ["std", ":", ":"].map(String::from)
}

fn is_test_attribute(token: &TokenTree, next: &mut Peekable<token_stream::IntoIter>) -> bool {
    let is_hash = matches!(token, TokenTree::Punct(punct) if punct.as_char() == '#');
    let Some(TokenTree::Group(group)) = next.peek() else { return false };
    let attribute: String = group.stream().to_string().split_whitespace().collect();
    is_hash && attribute == "cfg(test)"
}

/// An item ends with its braces or with a semicolon.
fn skip_item(tokens: &mut Peekable<token_stream::IntoIter>) {
    for token in tokens {
        match token {
            TokenTree::Group(group) if group.delimiter() == Delimiter::Brace => return,
            TokenTree::Punct(punct) if punct.as_char() == ';' => return,
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(source: &str) -> Vec<String> {
        impurities(source).unwrap()
    }

    #[test]
    fn each_way_out_is_found() {
        assert_eq!(found("use std::fs::File;"), ["1: std::fs"]);
        assert_eq!(found("\nuse std::{fmt, fs, net::{IpAddr, TcpStream}};"), ["2: std::fs", "2: TcpStream"]);
        assert_eq!(found("fn a() { std::thread::spawn(b); }"), ["1: std::thread"]);
        assert_eq!(found("fn a() { println!(\"{:?}\", std::env::var(\"A\")); }"), ["1: std::env"]);
        assert_eq!(found("pub async fn a() {}"), ["1: async fn"]);
        assert_eq!(found("use tokio::sync::Mutex;"), ["1: tokio"]);
        assert_eq!(found("fn a() { std::time::Instant::now(); }"), ["1: Instant"]);
    }

    #[test]
    fn comments_texts_tests_and_other_names_are_not() {
        assert_eq!(found("//! Uses no tokio.\n/// Nor std::fs.\nconst A: &str = \"std::env\";"), [""; 0]);
        assert_eq!(found("use std::net::IpAddr; use crate::process::thread; env!(\"A\");"), [""; 0]);
        assert_eq!(found("#[cfg(test)]\nmod tests { use std::fs; }"), [""; 0]);
        assert_eq!(found("#[cfg(test)]\nuse std::fs;\nuse std::env;"), ["3: std::env"]);
    }
}
