//! The providers by which people sign in, made of the configuration.

use std::path::Path;
use std::sync::Arc;

use claviger_app::{AccountName, AccountOf, EmailLinks, Newcomers, RolesOf, Sso, SsoProvider, VouchedFactor};
use claviger_model::Slug;
use claviger_sso::{Address, ProviderSettings, Providers, SettingsError, Trust, UserInfo};
use secrecy::SecretString;

use crate::config::{
    AccountByConfig, Config, NewcomersConfig, SecretConfig, SsoAccountConfig, SsoConfig, SsoRolesConfig,
};

/// Bytes of a client secret, with white space around it.
const LONGEST_SECRET: u64 = 4096;
/// More than a user can have.
const MOST_ROLES: usize = 32;
/// Where a program on the person's own machine waits for the browser.
const LOOPBACK_PATH: &str = "/";

/// Why people cannot sign in as the configuration says. No secret is in it.
#[derive(Debug, thiserror::Error)]
pub enum SsoConfigError {
    /// A value does not fit.
    #[error("the configuration has a mistake at `sso.{provider}.{key}`: {why}")]
    Value {
        /// Of which provider.
        provider: Slug,
        /// Which value.
        key: &'static str,
        /// Why.
        why: String,
    },
    /// A provider cannot be spoken with.
    #[error(transparent)]
    Settings(#[from] SettingsError),
}

/// What is wrong, and with which value.
type Mistake = (&'static str, String);

fn mistake(key: &'static str, why: impl Into<String>) -> Mistake {
    (key, why.into())
}

/// Every provider of the configuration.
pub(super) fn providers(config: &Config) -> Result<Sso, SsoConfigError> {
    let (mut rules, mut settings) = (Vec::new(), Vec::new());
    for (slug, config) in &config.sso {
        let wrong = |(key, why)| SsoConfigError::Value { provider: slug.clone(), key, why };
        settings.push(settings_of(slug, config).map_err(wrong)?);
        rules.push(rules_of(slug, config).map_err(wrong)?);
    }
    Ok(Sso::new(rules, Arc::new(Providers::new(settings)?)))
}

fn settings_of(slug: &Slug, config: &SsoConfig) -> Result<ProviderSettings, Mistake> {
    let issuer = Address::issuer(&config.issuer).map_err(|error| mistake("issuer", error.to_string()))?;
    if config.client_id.trim().is_empty() {
        return Err(mistake("client_id", "it is empty"));
    }
    check_scopes(&config.scopes)?;
    check_redirect(config)?;
    Ok(ProviderSettings {
        slug: slug.clone(),
        issuer,
        client_id: config.client_id.clone(),
        client_secret: config.client_secret.as_ref().map(secret).transpose()?,
        scopes: config.scopes.clone(),
        redirect: config.redirect.clone(),
        loopback_path: config.command_line.then_some(LOOPBACK_PATH),
        userinfo: if config.userinfo { UserInfo::Asked } else { UserInfo::Ignored },
        trust: config.roots.clone().map_or(Trust::System, Trust::File),
    })
}

/// RFC 6749 section 3.3.
fn check_scopes(scopes: &[String]) -> Result<(), Mistake> {
    let fits = |scope: &String| {
        !scope.is_empty() && scope.bytes().all(|byte| byte.is_ascii_graphic() && !b"\"\\".contains(&byte))
    };
    if scopes.iter().all(fits) { Ok(()) } else { Err(mistake("scopes", "a scope is one word")) }
}

fn check_redirect(config: &SsoConfig) -> Result<(), Mistake> {
    match &config.redirect {
        Some(redirect) => {
            let read: Result<Address, _> = redirect.parse();
            read.map(drop).map_err(|error| mistake("redirect", error.to_string()))
        }
        None if config.command_line => Ok(()),
        None => Err(mistake("redirect", "it is missing, and `command_line` is not on: nobody could sign in")),
    }
}

fn secret(source: &SecretConfig) -> Result<SecretString, Mistake> {
    let text = match (&source.environment, &source.file) {
        (Some(name), _) => std::env::var(name)
            .map_err(|_| mistake("client_secret.environment", format!("{name} is not set")))?,
        (None, Some(path)) => read_secret(path)?,
        (None, None) => return Err(mistake("client_secret", "give `file` or `environment`")),
    };
    let trimmed = text.trim();
    if trimmed.is_empty() {
        return Err(mistake("client_secret", "it is empty"));
    }
    Ok(SecretString::from(trimmed))
}

fn read_secret(path: &Path) -> Result<String, Mistake> {
    let wrong = |why: String| mistake("client_secret.file", format!("{}: {why}", path.display()));
    let length = std::fs::metadata(path).map_err(|error| wrong(error.to_string()))?.len();
    if length > LONGEST_SECRET {
        return Err(wrong("it is too long for a secret".to_owned()));
    }
    std::fs::read_to_string(path).map_err(|error| wrong(error.to_string()))
}

fn rules_of(slug: &Slug, config: &SsoConfig) -> Result<SsoProvider, Mistake> {
    let name = config.name.trim();
    if name.is_empty() || name.chars().count() > 200 || name.chars().any(char::is_control) {
        return Err(mistake("name", "it has 1 to 200 characters, on one line"));
    }
    Ok(SsoProvider {
        slug: slug.clone(),
        name: name.to_owned(),
        issuer: config.issuer.clone(),
        account: account(&config.account)?,
        roles: roles(&config.roles)?,
        newcomers: match config.newcomers {
            NewcomersConfig::Make => Newcomers::Made,
            NewcomersConfig::Refuse => Newcomers::Refused,
        },
        email_links: if config.link_by_email { EmailLinks::Verified } else { EmailLinks::Never },
        factor: VouchedFactor {
            methods: config.second_factor.amr.clone(),
            classes: config.second_factor.acr.clone(),
        },
    })
}

fn account(config: &SsoAccountConfig) -> Result<AccountOf, Mistake> {
    match (&config.number, &config.claim) {
        (Some(_), None) if !config.only.is_empty() => {
            Err(mistake("account.only", "it restricts what a `claim` names"))
        }
        (Some(number), None) => Ok(AccountOf::One(number.clone())),
        (None, Some(claim)) => {
            let by = match config.by {
                AccountByConfig::Number => AccountName::Number,
                AccountByConfig::Realm => AccountName::Realm,
            };
            Ok(AccountOf::Claim { claim: claim.clone(), by, only: config.only.clone() })
        }
        _ => Err(mistake("account", "give `number` or `claim`, and not both")),
    }
}

fn roles(config: &SsoRolesConfig) -> Result<RolesOf, Mistake> {
    let SsoRolesConfig { claim, values, default } = config.clone();
    if claim.is_none() && !values.is_empty() {
        return Err(mistake("roles.claim", "it is missing, and `values` are those of a claim"));
    }
    if default.is_empty() && values.values().all(Vec::is_empty) {
        return Err(mistake("roles", "nobody would have a role; give `claim` and `values`, or `default`"));
    }
    if values.values().flatten().count() + default.len() > MOST_ROLES {
        return Err(mistake("roles", format!("a user has at most {MOST_ROLES} roles")));
    }
    Ok(RolesOf { claim, values, default })
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = r#"
        [sso.company]
        name = "Example Company"
        issuer = "https://sso.example.com"
        client_id = "claviger"
        redirect = "https://keys.example.com/sso"
        account = { number = "300200" }
        roles = { default = ["member"] }
    "#;

    /// What is said of the example with one line in another's place.
    fn said(before: &str, after: &str) -> String {
        let config: Config = toml::from_str(&GOOD.replace(before, after)).unwrap();
        match providers(&config) {
            Ok(sso) => format!("{sso:?}"),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn mistakes_are_said_with_their_key() {
        // Nobody on the machine on which this runs has to be trusted.
        assert!(!said("", "").contains("mistake"));
        let table = [
            ("https://sso", "http://sso", "`sso.company.issuer`: it is not https://"),
            ("https://sso.example.com", "https://sso.example.com?a", "`sso.company.issuer`: it has a query"),
            ("\"claviger\"", "\" \"", "`sso.company.client_id`: it is empty"),
            ("redirect", "#", "`sso.company.redirect`: it is missing"),
            ("https://keys", "http://keys", "`sso.company.redirect`: it is not https://"),
            ("name = \"Example Company\"", "name = \"\"", "`sso.company.name`: it has 1 to 200"),
            ("{ number = \"300200\" }", "{}", "`sso.company.account`: give `number` or `claim`"),
            ("number = ", "claim = \"c\", number = ", "`sso.company.account`: give `number` or `claim`"),
            ("number = ", "only = [\"1\"], number = ", "`sso.company.account.only`"),
            ("{ default = [\"member\"] }", "{}", "`sso.company.roles`: nobody would have a role"),
            (
                "default = [",
                "values.a = [\"admin\"], default = [",
                "`sso.company.roles.claim`: it is missing",
            ),
            ("client_id", "scopes = [\"a b\"]\nclient_id", "`sso.company.scopes`: a scope is one word"),
            ("client_id", "client_secret = {}\nclient_id", "`sso.company.client_secret`: give `file`"),
            (
                "client_id",
                "client_secret = { file = \"/nowhere\" }\nclient_id",
                "`sso.company.client_secret.file`: /nowhere",
            ),
            (
                "client_id",
                "client_secret = { environment = \"NO_SUCH_VARIABLE\" }\nclient_id",
                "`sso.company.client_secret.environment`: NO_SUCH_VARIABLE is not set",
            ),
        ];
        for (before, after, wanted) in table {
            let said = said(before, after);
            assert!(said.contains(wanted), "{after}: {said}");
        }
    }
}
