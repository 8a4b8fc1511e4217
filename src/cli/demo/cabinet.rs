//! The cabinets of the made-up stores: each tells of every gun that leaves its slot and comes back.

use std::sync::atomic::{AtomicI64, Ordering};

use crate::cli::CliError;
use crate::db::Db;
use crate::firearms::cabinets::devices::{self, NewDevice};
use crate::firearms::cabinets::model::EventKind;
use crate::firearms::cabinets::reporting::{self, NewEvent};
use crate::kernel::Ctx;
use crate::webhooks::signature::sign;

/// What is signed: the demonstration speaks to the service, not to the server.
const BODY: &[u8] = b"demo";

/// A cabinet's device, and how far it has counted.
pub(super) struct Cabinet {
    number: String,
    secret: String,
    seq: AtomicI64,
}

impl Cabinet {
    /// Registers the device of a store's first cabinet.
    pub(super) async fn register(db: &Db, ctx: &Ctx, store: usize) -> Result<Self, CliError> {
        let number = format!("ZD-{store}");
        let (armoury, cabinet, name) = (format!("QK-{store}"), "1".to_owned(), "智能枪柜终端".to_owned());
        let new = NewDevice { armoury, cabinet, number: number.clone(), name };
        let (_, secret) = devices::register(db, ctx, &new).await?;
        Ok(Self { number, secret, seq: AtomicI64::new(0) })
    }

    /// A gun leaves its slot or comes back to it, between the opening and the closing of the door.
    pub(super) async fn moves(&self, db: &Db, ctx: &Ctx, kind: EventKind, slot: Option<i64>) -> Result<(), CliError> {
        self.tell(db, ctx, &[(EventKind::DoorOpened, None), (kind, slot), (EventKind::DoorClosed, None)]).await
    }

    /// Tells of what happens now.
    pub(super) async fn tell(&self, db: &Db, ctx: &Ctx, what: &[(EventKind, Option<i64>)]) -> Result<(), CliError> {
        let header = sign(&self.secret, ctx.now(), BODY);
        let Some(of) = reporting::authentic(db, ctx, &self.number, &header, BODY).await? else { return Ok(()) };
        let told: Vec<NewEvent> = what
            .iter()
            .map(|(kind, slot)| NewEvent {
                seq: self.seq.fetch_add(1, Ordering::Relaxed) + 1,
                kind: *kind,
                slot: *slot,
                badge: String::new(),
                note: String::new(),
                happened_at: ctx.now(),
            })
            .collect();
        reporting::take(db, ctx, &of, &told).await?;
        Ok(())
    }
}
