//! The doors that requests come in by.

use std::sync::Arc;

use axum::Router;
use claviger_app::{App, SlowKeys};
use claviger_check::Doors;
use claviger_door::{Counters, Door, RequestIds};
use claviger_gateway::{ClientConfig, Gateway, Listener, PolicyJudge};
use claviger_listen::Listening;
use claviger_policy::TrustedProxies;
use ipnet::IpNet;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use super::own::Mount;
use super::{Ambient, ServeError, tls};
use crate::config::Config;

/// What doors are made of.
pub(super) struct Making<'a> {
    pub(super) config: &'a Config,
    pub(super) app: &'a Arc<App>,
    pub(super) slow: &'a SlowKeys,
    pub(super) ambient: &'a Ambient,
    /// What people and their programs are answered by.
    pub(super) router: &'a Router,
    pub(super) stop: &'a CancellationToken,
}

impl Making<'_> {
    /// The gateway, ready to be run to its end.
    pub(super) fn gateway(
        &self,
        socket: TcpListener,
    ) -> Result<impl Future<Output = ()> + Send + 'static, ServeError> {
        let settings = &self.config.gateway;
        let client = ClientConfig { tls: tls::client(settings.upstream_roots.as_deref())? };
        let listener = Listener {
            socket,
            tls: settings.tls.as_ref().map(tls::server).transpose()?,
            carriers: settings.trusted_proxies.clone(),
            proxy_protocol: settings.proxy_protocol,
        };
        let gateway = Gateway::new(Arc::new(self.judge()), settings.limits.clone(), client);
        Ok(gateway.serve(vec![listener], self.stop.clone()))
    }

    fn judge(&self) -> PolicyJudge {
        let settings = &self.config.gateway;
        let judge = PolicyJudge::new(self.door("gateway", &settings.trusted_proxies), &*self.ambient.entropy);
        if settings.own_paths.is_empty() {
            return judge;
        }
        judge.with_own(Arc::new(Mount { paths: settings.own_paths.clone(), router: self.router.clone() }))
    }

    /// The doors for infrastructure, ready to be run to their end.
    pub(super) fn check(
        &self,
        socket: TcpListener,
    ) -> Result<impl Future<Output = ()> + Send + 'static, ServeError> {
        let settings = &self.config.check;
        let listening = Listening {
            name: "check",
            socket,
            tls: settings.tls.as_ref().map(tls::server).transpose()?,
            carriers: settings.trusted_proxies.clone(),
            limits: settings.limits.clone(),
        };
        let doors = Doors {
            askers: TrustedProxies::new(settings.trusted_proxies.clone()),
            forward_auth: self.door("forward-auth", &settings.trusted_proxies),
            ext_authz: self.door("ext-authz", &self.config.gateway.trusted_proxies),
            verify: self.door("verify", &[]),
            ids: RequestIds::new(&*self.ambient.entropy),
        };
        Ok(claviger_check::serve(listening, doors, self.stop.clone()))
    }

    /// The ways in for people and their programs, ready to be run to their end.
    pub(super) fn management(
        &self,
        socket: TcpListener,
    ) -> Result<impl Future<Output = ()> + Send + 'static, ServeError> {
        let settings = &self.config.management;
        let listening = Listening {
            name: "management",
            socket,
            tls: settings.tls.as_ref().map(tls::server).transpose()?,
            carriers: settings.trusted_proxies.clone(),
            limits: settings.limits.clone(),
        };
        Ok(claviger_listen::serve(listening, self.router.clone(), self.stop.clone()))
    }

    fn door(&self, name: &'static str, trusted: &[IpNet]) -> Door {
        Door {
            snapshots: Arc::clone(self.app.snapshots()),
            clock: Arc::clone(&self.ambient.clock),
            trusted: TrustedProxies::new(trusted.to_vec()),
            records: Arc::new(self.app.recorder().clone()),
            counters: Counters::new(name),
            slow: Some(Arc::new(self.slow.clone())),
        }
    }
}
