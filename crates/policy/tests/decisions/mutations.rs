//! A valid request, changed at random.

use std::net::IpAddr;

use base64::Engine;
use base64::prelude::{BASE64_STANDARD, BASE64_STANDARD_NO_PAD};
use claviger_model::CredentialState::{Disabled, Revoked};
use claviger_policy::{Body, Decision, Grant, Protocol, Request, decide, explain};
use http::Method;
use http::header::{AUTHORIZATION, HeaderMap, HeaderName, HeaderValue};
use proptest::prelude::*;
use proptest::sample::{Index, select};

use crate::fixture::{ApiFixture, NOW, World, api, key_of};

/// More would be slow in a build without optimisation.
const CASES: u32 = 20_000;
const MAX_MUTATIONS: usize = 4;

const HOST: &str = "api.test";
const PATH: &str = "/billing/v1/customers/7";
/// Also stand in the allowlist below.
const NETWORK: [u8; 3] = [198, 51, 100];
const OTHER_KEYS: [&str; 4] = ["disabled", "revoked", "sandbox", "decoy"];

fn endpoints(api: ApiFixture) -> ApiFixture {
    let lines = ["GET /customers read:all", "GET /customers/{id} read:all", "POST /customers/{id} write:all"];
    api.version("v1", &lines).version("v2", &lines)
}

/// The API of the request at one host, and the same endpoints of another API at every other host.
fn world() -> World {
    let billing = endpoints(api("billing"))
        .environment("production", "http://up/{version}", &["api.test/billing/{version}"])
        .environment("sandbox", "http://sand/{version}", &["api.test/sandbox/{version}"]);
    let decoy =
        endpoints(api("decoy")).environment("production", "http://decoy/{version}", &["/billing/{version}"]);
    let own = |name: &str| key_of(name, "100042", "billing/production");
    World::empty()
        .account("100042")
        .account("100077")
        .api(billing)
        .api(decoy)
        .key("valid", own("valid").from(&["198.51.100.0/24"]).only(&["billing:read:all"]))
        .key("disabled", own("disabled").state(Disabled))
        .key("revoked", own("revoked").state(Revoked))
        .key("sandbox", key_of("sandbox", "100042", "billing/sandbox"))
        .key("decoy", key_of("decoy", "100077", "decoy/production").only(&[]))
}

/// A request as bytes, of which not all can arrive.
#[derive(Debug, Clone)]
struct Parts {
    method: Vec<u8>,
    host: Vec<u8>,
    target: Vec<u8>,
    credential: Vec<u8>,
    headers: Vec<(Vec<u8>, Vec<u8>)>,
    client: IpAddr,
}

fn valid(world: &World) -> Parts {
    let key = world.known("valid");
    let credential = format!("{}:{}", key.user, key.secret).into_bytes();
    let basic = format!("Basic {}", BASE64_STANDARD.encode(&credential));
    let headers = [
        ("authorization", basic.as_str()),
        ("accept", "application/json, */*;q=0.1"),
        ("content-type", "application/json"),
        ("x-forwarded-for", "198.51.100.8"),
    ];
    Parts {
        method: b"GET".to_vec(),
        host: HOST.into(),
        target: format!("{PATH}?page=2").into_bytes(),
        credential,
        headers: headers.map(|(name, value)| (name.into(), value.into())).to_vec(),
        client: IpAddr::from([NETWORK[0], NETWORK[1], NETWORK[2], 7]),
    }
}

/// A change of some bytes.
#[derive(Debug, Clone)]
enum Edit {
    Flip(Index, u8),
    Set(Index, u8),
    Insert(Index, u8),
    Delete(Index),
    Truncate(Index),
    /// Puts a piece of what is there in once more.
    Repeat(Index, Index),
}

#[derive(Debug, Clone)]
enum Mutation {
    Method(Edit),
    OtherMethod(&'static str),
    Host(Edit),
    Target(Edit),
    /// What base64 encodes.
    Credential(Edit),
    OtherKey(&'static str),
    HeaderName(Index, Edit),
    HeaderValue(Index, Edit),
    HeaderTwice(Index),
    HeaderGone(Index),
    Client(IpAddr),
}

fn edit() -> impl Strategy<Value = Edit> {
    let byte = || prop_oneof![select(b"/.%;:_-,=? \0\r\n\t\\25eEfF{}@#\xc3".to_vec()), any::<u8>()];
    let place = any::<Index>;
    prop_oneof![
        (place(), 0..8_u8).prop_map(|(place, bit)| Edit::Flip(place, bit)),
        (place(), byte()).prop_map(|(place, byte)| Edit::Set(place, byte)),
        (place(), byte()).prop_map(|(place, byte)| Edit::Insert(place, byte)),
        place().prop_map(Edit::Delete),
        place().prop_map(Edit::Truncate),
        (place(), place()).prop_map(|(from, to)| Edit::Repeat(from, to)),
    ]
}

fn client() -> impl Strategy<Value = IpAddr> {
    let near = any::<[u8; 2]>().prop_map(|[third, fourth]| IpAddr::from([198, 51, third, fourth]));
    let mapped =
        any::<u8>().prop_map(|last| IpAddr::V6(std::net::Ipv4Addr::new(198, 51, 100, last).to_ipv6_mapped()));
    prop_oneof![
        near,
        mapped,
        any::<[u8; 16]>().prop_map(IpAddr::from),
        any::<[u8; 4]>().prop_map(IpAddr::from)
    ]
}

fn mutation() -> impl Strategy<Value = Mutation> {
    let header = any::<Index>;
    prop_oneof![
        1 => edit().prop_map(Mutation::Method),
        1 => select(vec!["POST", "HEAD", "get", "OPTIONS", "DELETE"]).prop_map(Mutation::OtherMethod),
        1 => edit().prop_map(Mutation::Host),
        4 => edit().prop_map(Mutation::Target),
        3 => edit().prop_map(Mutation::Credential),
        1 => select(OTHER_KEYS.to_vec()).prop_map(Mutation::OtherKey),
        1 => (header(), edit()).prop_map(|(header, edit)| Mutation::HeaderName(header, edit)),
        3 => (header(), edit()).prop_map(|(header, edit)| Mutation::HeaderValue(header, edit)),
        1 => header().prop_map(Mutation::HeaderTwice),
        1 => header().prop_map(Mutation::HeaderGone),
        1 => client().prop_map(Mutation::Client),
    ]
}

impl Edit {
    fn apply(&self, bytes: &mut Vec<u8>) {
        let at = |place: &Index, len: usize| place.index(len.max(1));
        match self {
            Self::Insert(place, byte) => bytes.insert(place.index(bytes.len() + 1), *byte),
            Self::Truncate(place) => bytes.truncate(place.index(bytes.len() + 1)),
            Self::Repeat(from, to) => {
                let piece = bytes[from.index(bytes.len() + 1)..].to_vec();
                let to = to.index(bytes.len() + 1);
                bytes.splice(to..to, piece);
            }
            _ if bytes.is_empty() => {}
            Self::Flip(place, bit) => {
                let place = at(place, bytes.len());
                bytes[place] ^= 1 << bit;
            }
            Self::Set(place, byte) => {
                let place = at(place, bytes.len());
                bytes[place] = *byte;
            }
            Self::Delete(place) => {
                bytes.remove(at(place, bytes.len()));
            }
        }
    }
}

impl Parts {
    fn mutate(&mut self, mutation: &Mutation, world: &World) {
        match mutation {
            Mutation::Method(edit) => edit.apply(&mut self.method),
            Mutation::OtherMethod(method) => self.method = method.as_bytes().to_vec(),
            Mutation::Host(edit) => edit.apply(&mut self.host),
            Mutation::Target(edit) => edit.apply(&mut self.target),
            Mutation::Credential(edit) => {
                edit.apply(&mut self.credential);
                self.present();
            }
            Mutation::OtherKey(name) => {
                let key = world.known(name);
                self.credential = format!("{}:{}", key.user, key.secret).into_bytes();
                self.present();
            }
            Mutation::Client(client) => self.client = *client,
            Mutation::HeaderName(header, edit) => self.header(*header, |(name, _)| edit.apply(name)),
            Mutation::HeaderValue(header, edit) => self.header(*header, |(_, value)| edit.apply(value)),
            Mutation::HeaderTwice(header) if !self.headers.is_empty() => {
                self.headers.push(header.get(&self.headers).clone());
            }
            Mutation::HeaderGone(header) if !self.headers.is_empty() => {
                self.headers.remove(header.index(self.headers.len()));
            }
            Mutation::HeaderTwice(_) | Mutation::HeaderGone(_) => {}
        }
    }

    fn header(&mut self, which: Index, change: impl FnOnce(&mut (Vec<u8>, Vec<u8>))) {
        if !self.headers.is_empty() {
            let place = which.index(self.headers.len());
            change(&mut self.headers[place]);
        }
    }

    /// Encodes the credential anew.
    fn present(&mut self) {
        let basic = format!("Basic {}", BASE64_STANDARD.encode(&self.credential)).into_bytes();
        if let Some((_, value)) = self.headers.iter_mut().find(|(name, _)| name == b"authorization") {
            *value = basic;
        }
    }

    /// The parts as a door would hand them over; nothing if they do not even make a request.
    fn arrive(&self) -> Option<Arrived> {
        let mut headers = HeaderMap::new();
        for (name, value) in &self.headers {
            headers.append(HeaderName::from_bytes(name).ok()?, HeaderValue::from_bytes(value).ok()?);
        }
        let method = Method::from_bytes(&self.method).ok()?;
        let host = str::from_utf8(&self.host).ok()?.to_owned();
        let target = str::from_utf8(&self.target).ok()?.to_owned();
        Some(Arrived { method, host, target, headers, client: self.client })
    }
}

#[derive(Debug)]
struct Arrived {
    method: Method,
    host: String,
    target: String,
    headers: HeaderMap,
    client: IpAddr,
}

impl Arrived {
    /// User name and password, read without the product's own reader; of exactly one header.
    fn credential(&self) -> Option<Vec<u8>> {
        let mut values = self.headers.get_all(AUTHORIZATION).iter();
        let value = values.next().filter(|_| values.next().is_none())?.to_str().ok()?;
        let (word, encoded) = value.split_once(' ')?;
        let encoded = encoded.trim_matches(' ').trim_end_matches('=');
        word.eq_ignore_ascii_case("basic").then(|| BASE64_STANDARD_NO_PAD.decode(encoded).ok())?
    }

    fn is_near(&self) -> bool {
        matches!(self.client.to_canonical(), IpAddr::V4(address) if address.octets()[..3] == NETWORK)
    }

    /// Whatever is let through is, in all that counts, the valid request.
    fn assert_unchanged(&self, grant: &Grant<'_>, world: &World) {
        let key = world.known("valid");
        assert_eq!(self.credential(), Some(valid(world).credential), "the credential differs");
        assert_eq!(grant.credential, key.credential.id, "another credential is granted");
        assert!(self.is_near(), "the address is not of the allowlist");
        assert_eq!(self.method, Method::GET, "the method differs");
        assert_eq!(self.host, HOST, "the host differs");
        assert_eq!(
            (grant.api.api.slug.as_str(), grant.environment.environment.slug.as_str()),
            ("billing", "production")
        );
        assert!(grant.target.starts_with("/v1/customers") || grant.target.starts_with("/v2/customers"));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(CASES))]

    #[test]
    fn a_changed_request_is_let_through_only_if_nothing_that_counts_was_changed(
        mutations in proptest::collection::vec(mutation(), 1..=MAX_MUTATIONS)
    ) {
        thread_local!(static WORLD: World = world());
        WORLD.with(|world| {
            let mut parts = valid(world);
            for mutation in &mutations {
                parts.mutate(mutation, world);
            }
            if let Some(arrived) = parts.arrive() {
                judge(world, &arrived);
            }
        });
    }
}

impl Arrived {
    fn request<'a>(&'a self, world: &'a World) -> Request<'a> {
        let Self { method, host, target, headers, client } = self;
        let (authority, protocol) = (host, Protocol::Https);
        let parts =
            claviger_policy::Parts { method, host, authority, protocol, target, headers, body: Body::None };
        Request { parts, client: *client, uses: &world.uses, replays: &world.replays }
    }
}

fn judge(world: &World, arrived: &Arrived) {
    let request = arrived.request(world);
    let (explained, lines) = explain(&world.snapshot, &request, NOW);
    match decide(&world.snapshot, &request, NOW) {
        Decision::Allow(grant) => arrived.assert_unchanged(&grant, world),
        Decision::Deny(denial) => {
            let Decision::Deny(again) = explained else { panic!("explained as let through: {arrived:?}") };
            assert_eq!((denial.reason, denial.detail), (again.reason, again.detail));
            assert!(lines.last().is_some_and(|line| !line.passed));
        }
    }
}

#[test]
fn the_request_itself_is_let_through() {
    let world = world();
    let arrived = valid(&world).arrive().unwrap();
    let request = arrived.request(&world);
    let Decision::Allow(grant) = decide(&world.snapshot, &request, NOW) else { panic!("it is refused") };
    arrived.assert_unchanged(&grant, &world);
}
