//! Digests of passwords: argon2id (RFC 9106), away from the threads that serve requests, and a few at one time.

use std::sync::Arc;

use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use tokio::sync::Semaphore;

use crate::people::SignInError;
use crate::{AppError, Shown};

/// KiB of memory, passes and lanes: 19 MiB, 2 and 1.
const MEMORY: u32 = 19 * 1024;
const PASSES: u32 = 2;
const LANES: u32 = 1;
/// Digests that are computed at one time.
const RUNNING: usize = 2;
/// Digests that are computed or wait.
const PLACES: usize = 64;

/// The digest that the passwords of those are held against who do not exist or have none: as much work, and never right,
/// for nobody knows a password with this digest.
pub(in crate::people) const NOBODYS: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// Room for a few digests.
#[derive(Clone)]
pub(crate) struct Passwords {
    running: Arc<Semaphore>,
    places: Arc<Semaphore>,
}

impl Default for Passwords {
    fn default() -> Self {
        Self { running: Arc::new(Semaphore::new(RUNNING)), places: Arc::new(Semaphore::new(PLACES)) }
    }
}

fn argon2() -> Result<Argon2<'static>, AppError> {
    let params = Params::new(MEMORY, PASSES, LANES, None);
    let params = params.map_err(|error| AppError::Invalid(error.to_string()))?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

impl Passwords {
    /// The digest of a password.
    pub(in crate::people) async fn hash(&self, password: Shown, salt: [u8; 16]) -> Result<String, AppError> {
        let argon2 = argon2()?;
        self.run(move || {
            let hash = argon2.hash_password_with_salt(password.expose().as_bytes(), &salt);
            hash.map(|hash: argon2::PasswordHash| hash.to_string())
        })
        .await?
        .map_err(|error| AppError::Invalid(format!("the password cannot be digested: {error}")))
    }

    /// Whether the digest is that of the password.
    pub(in crate::people) async fn is_right(&self, password: Shown, hash: String) -> Result<bool, AppError> {
        let argon2 = argon2()?;
        self.run(move || argon2.verify_password(password.expose().as_bytes(), hash.as_str()).is_ok()).await
    }

    async fn run<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, AppError> {
        let Ok(place) = Arc::clone(&self.places).try_acquire_owned() else {
            return Err(SignInError::Busy.into());
        };
        let running = Arc::clone(&self.running).acquire_owned().await.map_err(|_| SignInError::Busy)?;
        // Whoever gives up waiting does not make room: the work goes on, and holds its places.
        let done = tokio::task::spawn_blocking(move || {
            let result = work();
            drop((running, place));
            result
        });
        done.await.map_err(|_| SignInError::Busy.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_digest_has_the_parameters_of_nobodys() {
        let passwords = Passwords::default();
        let shown = |text: &str| Shown::new(text);
        let hash = passwords.hash(shown("tern gull heron"), [7; 16]).await.unwrap();
        let head = |hash: &str| hash.split('$').take(4).map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(head(&hash), head(NOBODYS));
        assert_eq!(hash.len(), NOBODYS.len());
        assert!(passwords.is_right(shown("tern gull heron"), hash.clone()).await.unwrap());
        assert!(!passwords.is_right(shown("tern gull hero"), hash).await.unwrap());
        assert!(argon2::PasswordHash::new(NOBODYS).is_ok());
        assert!(!passwords.is_right(shown(""), NOBODYS.to_owned()).await.unwrap());
    }
}
