//! The doors that requests come in by.

use std::sync::Arc;

use claviger_app::{App, SlowKeys};
use claviger_check::Doors;
use claviger_door::{Counters, Door, RequestIds};
use claviger_gateway::{ClientConfig, Gateway, Listener, PolicyJudge};
use claviger_policy::TrustedProxies;
use ipnet::IpNet;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use super::{Ambient, ServeError, tls};
use crate::config::Config;

/// The gateway, ready to be run to its end.
pub(super) fn gateway(
    socket: TcpListener,
    config: &Config,
    app: &Arc<App>,
    slow: &SlowKeys,
    ambient: &Ambient,
    stop: CancellationToken,
) -> Result<impl Future<Output = ()> + Send + 'static, ServeError> {
    let settings = &config.gateway;
    let door = door("gateway", &settings.trusted_proxies, app, slow, ambient);
    let judge = Arc::new(PolicyJudge::new(door, &*ambient.entropy));
    let client = ClientConfig { tls: tls::client(settings.upstream_roots.as_deref())? };
    let proxies = if settings.proxy_protocol { settings.trusted_proxies.clone() } else { Vec::new() };
    let tls = settings.tls.as_ref().map(tls::server).transpose()?;
    let gateway = Gateway::new(judge, settings.limits.clone(), client);
    Ok(gateway.serve(vec![Listener { socket, tls, proxies }], stop))
}

/// The doors for infrastructure, ready to be run to their end.
pub(super) fn check(
    socket: TcpListener,
    config: &Config,
    app: &Arc<App>,
    slow: &SlowKeys,
    ambient: &Ambient,
    stop: CancellationToken,
) -> impl Future<Output = ()> + Send + 'static {
    let settings = &config.check;
    let doors = Doors {
        askers: TrustedProxies::new(settings.trusted_proxies.clone()),
        forward_auth: door("forward-auth", &settings.trusted_proxies, app, slow, ambient),
        ext_authz: door("ext-authz", &config.gateway.trusted_proxies, app, slow, ambient),
        verify: door("verify", &[], app, slow, ambient),
        ids: RequestIds::new(&*ambient.entropy),
    };
    claviger_check::serve(socket, doors, settings.limits.clone(), stop)
}

fn door(name: &'static str, trusted: &[IpNet], app: &Arc<App>, slow: &SlowKeys, ambient: &Ambient) -> Door {
    Door {
        snapshots: Arc::clone(app.snapshots()),
        clock: Arc::clone(&ambient.clock),
        trusted: TrustedProxies::new(trusted.to_vec()),
        records: Arc::new(app.recorder().clone()),
        counters: Counters::new(name),
        slow: Some(Arc::new(slow.clone())),
    }
}
