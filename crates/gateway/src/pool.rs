//! Connections to one upstream: idle ones of HTTP/1.1, the one of HTTP/2, and new ones.
//!
//! Smaller than a general client: a request that finds an idle connection costs one lock and no task or box.

use std::pin::pin;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use hyper::client::conn::{http1, http2};
use tokio::sync::{Notify, Semaphore};

use crate::connect::{Alpn, Connector, Fresh, Place, Target};
use crate::failure::Failure;
use crate::upload::Upload;

pub(crate) type Http1 = http1::SendRequest<Upload>;
pub(crate) type Http2 = http2::SendRequest<Upload>;

/// The connections to one upstream.
#[derive(Debug)]
pub(crate) struct Pool {
    target: Target,
    connector: Arc<Connector>,
    idle: Mutex<Vec<Idle>>,
    shared: Mutex<Option<Http2>>,
    /// Whether the upstream has chosen HTTP/2 before, so that waiting for one connection is better than making many.
    multiplexes: AtomicBool,
    connecting: tokio::sync::Mutex<()>,
    /// Places for connections. One is held by each until it is closed, whatever it was upgraded to.
    places: Arc<Semaphore>,
    /// Woken when a connection became idle while all places were taken.
    returned: Notify,
    age: AtomicU64,
}

#[derive(Debug)]
struct Idle {
    sender: Http1,
    since: u64,
}

/// A connection that a request can be sent on.
#[derive(Debug)]
pub(crate) enum Line {
    /// HTTP/1.1, for one request at a time.
    Http1(Seat),
    /// HTTP/2, shared.
    Http2(Http2),
}

/// A connection for a request, and how far it can be trusted to be open.
#[derive(Debug)]
pub(crate) enum Offer {
    /// It was open before, and may turn out to be closed.
    Open(Line),
    /// It was made for the request.
    New(Line),
}

/// What a request was waiting for.
enum Room {
    Line(Line),
    Place(Place),
}

/// A place on an HTTP/1.1 connection. Dropped, it closes the connection.
#[derive(Debug)]
pub(crate) struct Seat {
    pub(crate) sender: Http1,
    pool: Arc<Pool>,
}

impl Seat {
    /// Gives the connection back for the next request, once it is ready for one.
    pub(crate) fn give_back(self) {
        if self.sender.is_closed() {
            return;
        }
        if self.sender.is_ready() {
            return self.pool.keep(self.sender);
        }
        let Ok(runtime) = tokio::runtime::Handle::try_current() else { return };
        runtime.spawn(async move {
            let Self { mut sender, pool } = self;
            if sender.ready().await.is_ok() {
                pool.keep(sender);
            }
        });
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Pool {
    pub(crate) fn new(target: Target, connector: Arc<Connector>) -> Self {
        Self {
            multiplexes: AtomicBool::new(target.is_h2c()),
            places: Arc::new(Semaphore::new(connector.connections())),
            target,
            connector,
            idle: Mutex::default(),
            shared: Mutex::default(),
            connecting: tokio::sync::Mutex::default(),
            returned: Notify::new(),
            age: AtomicU64::new(0),
        }
    }

    /// An open connection that looks ready.
    pub(crate) fn open_line(self: &Arc<Self>) -> Option<Line> {
        if self.multiplexes.load(Ordering::Acquire)
            && let Some(sender) = self.shared_sender()
        {
            return Some(Line::Http2(sender));
        }
        let mut idle = lock(&self.idle);
        while let Some(Idle { sender, .. }) = idle.pop() {
            if sender.is_ready() {
                return Some(Line::Http1(Seat { sender, pool: self.clone() }));
            }
        }
        None
    }

    fn shared_sender(&self) -> Option<Http2> {
        let mut shared = lock(&self.shared);
        if shared.as_ref().is_some_and(Http2::is_closed) {
            *shared = None;
        }
        shared.clone()
    }

    /// An open connection, or a new one where there is a place for it.
    pub(crate) async fn line(self: &Arc<Self>) -> Result<Offer, Failure> {
        if let Some(line) = self.open_line() {
            return Ok(Offer::Open(line));
        }
        // Apart: making a connection takes kilobytes, which would be part of each request that needs none.
        Box::pin(self.awaited_line()).await
    }

    async fn awaited_line(self: &Arc<Self>) -> Result<Offer, Failure> {
        if !self.multiplexes.load(Ordering::Acquire) {
            return self.line_or_place().await;
        }
        let _turn = self.connecting.lock().await;
        match self.shared_sender() {
            Some(sender) => Ok(Offer::Open(Line::Http2(sender))),
            None => self.line_or_place().await,
        }
    }

    async fn line_or_place(self: &Arc<Self>) -> Result<Offer, Failure> {
        match self.connector.in_time(self.room()).await? {
            Room::Line(line) => Ok(Offer::Open(line)),
            Room::Place(place) => self.connect(Alpn::Any, place).await.map(Offer::New),
        }
    }

    /// Waits for a place, or for another request to give its connection back.
    async fn room(self: &Arc<Self>) -> Room {
        loop {
            let mut returned = pin!(self.returned.notified());
            // From here on no return is missed.
            returned.as_mut().enable();
            if let Some(line) = self.open_line() {
                return Room::Line(line);
            }
            tokio::select! {
                place = Place::among(&self.places) => return Room::Place(place),
                () = returned => {}
            }
        }
    }

    /// A new connection of HTTP/1.1, which alone can be upgraded.
    pub(crate) async fn new_http1(self: &Arc<Self>) -> Result<Line, Failure> {
        if self.is_full() {
            // An idle one makes room.
            drop(lock(&self.idle).pop());
        }
        let place = self.connector.in_time(Place::among(&self.places)).await?;
        self.connect(Alpn::Http1, place).await
    }

    fn is_full(&self) -> bool {
        self.places.available_permits() == 0
    }

    async fn connect(self: &Arc<Self>, alpn: Alpn, place: Place) -> Result<Line, Failure> {
        Ok(match self.connector.connect(&self.target, alpn, place).await? {
            Fresh::Http1(sender) => Line::Http1(Seat { sender, pool: self.clone() }),
            Fresh::Http2(sender) => {
                *lock(&self.shared) = Some(sender.clone());
                self.multiplexes.store(true, Ordering::Release);
                self.returned.notify_waiters();
                Line::Http2(sender)
            }
        })
    }

    fn keep(&self, sender: Http1) {
        let mut idle = lock(&self.idle);
        if idle.len() < self.connector.pool_size() {
            idle.push(Idle { sender, since: self.age.load(Ordering::Relaxed) });
        }
        drop(idle);
        if self.is_full() {
            self.returned.notify_one();
        }
    }

    /// Drops connections that were idle when this was called the time before last. Returns whether any connection is
    /// left.
    pub(crate) fn grow_older(&self) -> Left {
        let age = self.age.fetch_add(1, Ordering::Relaxed);
        let mut idle = lock(&self.idle);
        idle.retain(|idle| idle.since + 1 >= age && !idle.sender.is_closed());
        if idle.is_empty() && self.shared_sender().is_none() { Left::Nothing } else { Left::Connections }
    }

    /// The URL's parts.
    pub(crate) const fn target(&self) -> &Target {
        &self.target
    }
}

/// What a pool holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Left {
    Nothing,
    Connections,
}
