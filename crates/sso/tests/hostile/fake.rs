//! A provider of which every answer can be set.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex};

use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{EcdsaKeyPair, KeyPair, RsaKeyPair};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD as BASE64;
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::{CLIENT, NONCE, NOW};

/// What is answered at a path.
#[derive(Clone)]
pub(crate) enum Says {
    /// A status and a body.
    Json(u16, Value),
    /// Bytes, and an end.
    Bytes(Vec<u8>),
    /// These bytes, for ever.
    Endless(&'static [u8], &'static [u8]),
}

#[derive(Default)]
struct State {
    says: HashMap<String, Says>,
    asked: Vec<String>,
}

/// The provider. It runs as long as the test.
#[derive(Clone)]
pub(crate) struct Fake {
    pub(crate) issuer: String,
    state: Arc<Mutex<State>>,
}

impl Fake {
    /// One that does everything right, with the key `one`.
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let issuer = format!("http://{}", listener.local_addr().unwrap());
        let fake = Self { issuer, state: Arc::default() };
        let at = |path: &str| format!("{}{path}", fake.issuer);
        let document = json!({
            "issuer": fake.issuer, "authorization_endpoint": at("/authorize"), "token_endpoint": at("/token"),
            "jwks_uri": at("/keys"), "userinfo_endpoint": at("/userinfo"),
        });
        fake.says("/.well-known/openid-configuration", Says::Json(200, document));
        fake.has_keys(&[&Signer::rsa("one")]);
        fake.says("/userinfo", Says::Json(200, json!({ "sub": "ada-1", "groups": ["staff"] })));
        fake.gives(&Signer::rsa("one").sign(&fake.claims()));
        let serving = fake.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let fake = serving.clone();
                tokio::spawn(async move { fake.answer(stream).await });
            }
        });
        fake
    }

    pub(crate) fn says(&self, path: &str, what: Says) {
        self.state.lock().unwrap().says.insert(path.to_owned(), what);
    }

    /// Changes what it says of itself.
    pub(crate) fn describes(&self, name: &str, value: Value) {
        let path = "/.well-known/openid-configuration";
        let Some(Says::Json(_, mut document)) = self.state.lock().unwrap().says.get(path).cloned() else {
            panic!("no document")
        };
        document[name] = value;
        self.says(path, Says::Json(200, document));
    }

    pub(crate) fn has_keys(&self, keys: &[&Signer]) {
        let keys: Vec<_> = keys.iter().map(|key| key.public.clone()).collect();
        self.says("/keys", Says::Json(200, json!({ "keys": keys })));
    }

    /// Gives this ID token for every code.
    pub(crate) fn gives(&self, id_token: &str) {
        let tokens = json!({ "id_token": id_token, "access_token": "access", "token_type": "Bearer" });
        self.says("/token", Says::Json(200, tokens));
    }

    /// What a good ID token says.
    pub(crate) fn claims(&self) -> Value {
        json!({
            "iss": self.issuer, "aud": CLIENT, "sub": "ada-1", "nonce": NONCE, "iat": NOW, "exp": NOW + 300,
            "amr": ["pwd", "mfa"], "acr": "2",
        })
    }

    /// The requests to a path so far, whole.
    pub(crate) fn asked(&self, path: &str) -> Vec<String> {
        let asked = self.state.lock().unwrap().asked.clone();
        let is_there = |request: &String| request.split(' ').nth(1) == Some(path);
        asked.into_iter().filter(is_there).collect()
    }

    async fn answer(&self, mut stream: TcpStream) {
        let request = read(&mut stream).await;
        let path = request.split(' ').nth(1).unwrap_or_default().to_owned();
        let says = {
            let mut state = self.state.lock().unwrap();
            state.asked.push(request);
            state.says.get(&path).cloned().unwrap_or(Says::Json(404, Value::Null))
        };
        // Who asked may have gone.
        let _ = say(&mut stream, says).await;
    }
}

async fn read(stream: &mut TcpStream) -> String {
    let (mut read, mut buffer) = (Vec::new(), [0; 4096]);
    loop {
        let text = String::from_utf8_lossy(&read).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head
                .lines()
                .find_map(|line| line.to_lowercase().strip_prefix("content-length: ").map(str::to_owned));
            if body.len() >= length.map_or(0, |length| length.parse().unwrap()) {
                return text;
            }
        }
        match stream.read(&mut buffer).await {
            Ok(more @ 1..) => read.extend_from_slice(&buffer[..more]),
            _ => return text,
        }
    }
}

async fn say(stream: &mut TcpStream, says: Says) -> std::io::Result<()> {
    match says {
        Says::Json(status, body) => {
            let body = body.to_string();
            let head = format!("HTTP/1.1 {status} Said\r\nContent-Length: {}\r\n\r\n", body.len());
            stream.write_all(head.as_bytes()).await?;
            stream.write_all(body.as_bytes()).await
        }
        Says::Bytes(bytes) => stream.write_all(&bytes).await,
        Says::Endless(first, again) => {
            stream.write_all(first).await?;
            loop {
                stream.write_all(again).await?;
            }
        }
    }
}

/// Somebody who signs, with a key of their own.
pub(crate) struct Signer {
    kid: String,
    algorithm: Algorithm,
    key: EncodingKey,
    pub(crate) public: Value,
}

/// RSA keys take long to make: one for each name.
static KEYS: Mutex<BTreeMap<String, Vec<u8>>> = Mutex::new(BTreeMap::new());

impl Signer {
    pub(crate) fn rsa(kid: &str) -> Self {
        let make = || {
            let pair = RsaKeyPair::generate(KeySize::Rsa2048).unwrap();
            let der =
                aws_lc_rs::encoding::AsDer::<aws_lc_rs::encoding::Pkcs8V1Der<'_>>::as_der(&pair).unwrap();
            der.as_ref().to_vec()
        };
        let der = KEYS.lock().unwrap().entry(kid.to_owned()).or_insert_with(make).clone();
        let pair = RsaKeyPair::from_pkcs8(&der).unwrap();
        let public = pair.public_key();
        let text = |bytes: &[u8]| BASE64.encode(bytes);
        let (n, e) = (
            public.modulus().big_endian_without_leading_zero(),
            public.exponent().big_endian_without_leading_zero(),
        );
        let public = json!({ "kty": "RSA", "use": "sig", "kid": kid, "n": text(n), "e": text(e) });
        let key = EncodingKey::from_rsa_der(&rsa_inside(&der));
        Self { kid: kid.to_owned(), algorithm: Algorithm::RS256, key, public }
    }

    pub(crate) fn ecdsa(kid: &str) -> Self {
        let pair = EcdsaKeyPair::generate(&aws_lc_rs::signature::ECDSA_P256_SHA256_FIXED_SIGNING).unwrap();
        let document = pair.to_pkcs8v1().unwrap();
        let (x, y) = pair.public_key().as_ref()[1..].split_at(32);
        let public = json!({
            "kty": "EC", "crv": "P-256", "alg": "ES256", "kid": kid, "x": BASE64.encode(x), "y": BASE64.encode(y),
        });
        let key = EncodingKey::from_ec_der(document.as_ref());
        Self { kid: kid.to_owned(), algorithm: Algorithm::ES256, key, public }
    }

    /// With a secret that is no secret.
    pub(crate) fn hmac(kid: &str, secret: &[u8]) -> Self {
        let key = EncodingKey::from_secret(secret);
        Self { kid: kid.to_owned(), algorithm: Algorithm::HS256, key, public: json!({}) }
    }

    /// The same under another name.
    pub(crate) fn named(self, kid: &str) -> Self {
        Self { kid: kid.to_owned(), ..self }
    }

    /// The modulus of an RSA key, as anybody knows it.
    pub(crate) fn modulus(&self) -> String {
        self.public["n"].as_str().unwrap().to_owned()
    }

    pub(crate) fn sign(&self, claims: &Value) -> String {
        let header = Header { kid: Some(self.kid.clone()), ..Header::new(self.algorithm) };
        encode(&header, claims, &self.key).unwrap()
    }

    /// The same without a name of the key.
    pub(crate) fn sign_unnamed(&self, claims: &Value) -> String {
        encode(&Header::new(self.algorithm), claims, &self.key).unwrap()
    }
}

/// The PKCS#1 key within a PKCS#8 one: the content of the octet string after the algorithm.
fn rsa_inside(der: &[u8]) -> Vec<u8> {
    let at = der.windows(2).position(|pair| pair == [0x04, 0x82]).unwrap();
    der[at + 4..].to_vec()
}
