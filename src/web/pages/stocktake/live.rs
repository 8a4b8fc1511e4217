//! The board as it changes: server-sent events, each the live part of the page anew.
//!
//! A stream asks for no more than it needs: between two looks it holds no connection and no thread, looks at most once a
//! second, and sends only what differs from what it sent last. It ends with the session, with the rights, and with the
//! server.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Extension;
use axum::extract::State;
use axum::http::{HeaderMap, header};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse as _, Response};
use axum_extra::extract::cookie::CookieJar;
use futures_util::stream::unfold;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::{board, is_under_way, number_of};
use crate::access::{self, Action, Door, Identity};
use crate::kernel::Ctx;
use crate::kernel::ids::CampaignId;
use crate::kernel::rights::Reach;
use crate::stocktake::look;
use crate::stocktake::standing::{self, Pulse, Sight};
use crate::web::extract::Path;
use crate::web::layers::{Visit, auth};
use crate::web::pages::view::Frame;
use crate::web::{ApiError, App, Caller};

/// How often a stream looks whether something changed.
const EVERY: Duration = Duration::from_secs(1);
/// "3 minutes ago" is said anew even if nothing else changed.
const ANEW: Duration = Duration::from_secs(60);
/// A stream of somebody who has no session to ask after ends, and its browser comes back as anew.
const UNASKED: Duration = Duration::from_secs(60);
/// What proxies and browsers hear meanwhile.
const ALIVE: Duration = Duration::from_secs(15);
/// Streams at a time.
const MOST: usize = 256;
/// To work out a standing takes at most one part in so many of a core, however quickly it changes.
const SHARE: u32 = 4;

/// The seats of a database's streams.
#[derive(Debug)]
struct Seats(Arc<Semaphore>);

impl Default for Seats {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(MOST)))
    }
}

/// Whether the campaign has ended while somebody looked on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ending {
    No,
    /// The last board was sent; that it was the last is said next, so that the browser does not come back.
    Shown,
    Said,
}

/// A stream between two looks.
struct Watch {
    app: App,
    frame: Frame,
    ctx: Ctx,
    campaign: CampaignId,
    /// The session's secret, when there is one to ask after.
    session: Option<String>,
    begun: Instant,
    pulse: Option<Pulse>,
    sent: String,
    sent_at: Instant,
    rest: Duration,
    ending: Ending,
    _seat: OwnedSemaphorePermit,
}

pub(super) async fn stream(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(number): Path<String>,
    Extension(visit): Extension<Visit>,
    who: Option<Extension<Identity>>,
    headers: HeaderMap,
    frame: Frame,
) -> Result<Response, ApiError> {
    let (campaign, _) = look::campaign(app.db().read(), &ctx, &number_of(number)?, Action::CampaignsRead).await?;
    let seats = Arc::clone(&app.db().memory().of::<Seats>().0);
    let seat = seats.try_acquire_owned().map_err(|_| ApiError::Busy)?;
    let by_session = who.is_some_and(|who| matches!(who.door, Door::Session(_)));
    let cookie =
        || CookieJar::from_headers(&headers).get(auth::cookie_name(visit.secure)).map(|it| it.value().to_owned());
    let now = Instant::now();
    let watch = Watch {
        session: if by_session { cookie() } else { None },
        app,
        frame,
        ctx,
        campaign: campaign.id,
        begun: now,
        pulse: None,
        sent: String::new(),
        sent_at: now,
        rest: Duration::ZERO,
        ending: Ending::No,
        _seat: seat,
    };
    let events = unfold(watch, |watch| watch.next());
    // A proxy that gathers answers up would make of this a board that stands still.
    let unbuffered = [(header::HeaderName::from_static("x-accel-buffering"), "no")];
    Ok((unbuffered, Sse::new(events).keep_alive(KeepAlive::new().interval(ALIVE))).into_response())
}

impl Watch {
    /// The next event; `None` ends the stream.
    async fn next(mut self) -> Option<(Result<Event, Infallible>, Self)> {
        loop {
            match self.ending {
                Ending::No => {}
                Ending::Shown => {
                    self.ending = Ending::Said;
                    return Some((Ok(Event::default().event("over").data("over")), self));
                }
                Ending::Said => return None,
            }
            tokio::select! {
                () = self.app.stopped() => return None,
                () = tokio::time::sleep(self.rest) => {}
            }
            self.rest = EVERY;
            self.is_still_allowed().await?;
            let pulse = Pulse::of(self.app.db(), self.campaign).await.ok()?;
            if self.pulse == Some(pulse) && self.sent_at.elapsed() < ANEW {
                continue;
            }
            let begun = Instant::now();
            let standing = standing::of(self.app.db(), self.campaign).await.ok()?;
            let sight = Sight::onto(standing, &self.ctx);
            if sight.sheets().next().is_none() && access::reach(&self.ctx, Action::CampaignsRead) != Reach::Everywhere {
                return None;
            }
            let html = board::part(&self.frame, &self.ctx, &sight).ok()?;
            // Whoever had to wait for it to be worked out lets the others work meanwhile.
            self.rest = EVERY.max(begun.elapsed().max(sight.took()).saturating_mul(SHARE));
            self.pulse = Some(pulse);
            self.sent_at = Instant::now();
            if !is_under_way(sight.campaign().state) {
                self.ending = Ending::Shown;
            }
            if html == self.sent {
                continue;
            }
            // A carriage return would end a line of the event in the middle of a name.
            let event = Event::default().event("board").data(html.replace('\r', ""));
            self.sent = html;
            return Some((Ok(event), self));
        }
    }

    /// Asks anew who they are and what they may do now.
    async fn is_still_allowed(&mut self) -> Option<()> {
        match &self.session {
            Some(token) => {
                let who = access::by_session(self.app.db(), self.app.base(), token).await.ok()??;
                if !who.must.is_empty() {
                    return None;
                }
                self.ctx = who.ctx;
            }
            None if self.begun.elapsed() >= UNASKED => return None,
            None => {}
        }
        access::permit_somewhere(&self.ctx, Action::CampaignsRead).ok()
    }
}
