//! What a phone that counts asks for: who it works for, which sheets wait, the ground, the book, others' scans; and what
//! it tells: that it is at work, and which scans were given up.

use axum::extract::State;
use axum::http::StatusCode;
use axum::{Extension, Json};
use chrono::{DateTime, Utc};
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::phone_views::{
    GroundView, MeView, OtherView, PlaceView, PulseView, ScanView, SheetsView, ThingView, WaitingView,
};
use super::views::{Named, instant};
use super::{campaign_number, sentence};
use crate::access::Identity;
use crate::kernel::Timestamp;
use crate::kernel::ids::{PlaceId, ScanId, UnitId};
use crate::org::Directory;
use crate::stocktake::counting::phone::{self, GivenUp};
use crate::stocktake::counting::presence::{self, MOST_DEVICE};
use crate::web::error::Problems;
use crate::web::extract::{Body, Page, Paging, Path, Query};
use crate::web::pages::Language;
use crate::web::{ApiError, App, Caller};

/// Scans that are given up at once.
const MOST_GIVEN_UP: usize = 50;

/// The operations.
pub(super) fn router() -> OpenApiRouter<App> {
    // A book of ten thousand things is one megabyte, and a tenth of that packed. What `me` answers holds a secret beside
    // nothing that others choose, and is not packed at all.
    let packed = tower_http::compression::CompressionLayer::new().gzip(true);
    let large = OpenApiRouter::new().routes(routes!(ground)).routes(routes!(book)).routes(routes!(scans)).layer(packed);
    OpenApiRouter::new()
        .routes(routes!(me))
        .routes(routes!(sheets))
        .routes(routes!(at_work))
        .routes(routes!(give_up))
        .merge(large)
}

/// Who is signed in, and what their changes must carry.
#[utoipa::path(
    get, path = "/phone/me", operation_id = "phone_me", tag = "phone",
    responses((status = 200, body = MeView), Problems),
    security(("session" = []), ("token" = [])),
)]
async fn me(
    State(app): State<App>,
    Caller(ctx): Caller,
    language: Option<Extension<Language>>,
    identity: Option<Extension<Identity>>,
) -> Result<Json<MeView>, ApiError> {
    let identity = identity.map(|Extension(identity)| identity);
    let people: Vec<_> = ctx.person().into_iter().collect();
    let directory = Directory::load_some(app.db().read(), &[], &people).await?;
    let person = ctx.person().and_then(|id| directory.person(id));
    Ok(Json(MeView {
        account: identity.as_ref().map(|identity| identity.account.0),
        login: identity.as_ref().map(|identity| identity.login.clone()).unwrap_or_default(),
        person: Named::person(&directory, person.map(|person| person.id)),
        unit: person.map(|person| Named::unit(&directory, person.unit_id)),
        csrf: identity.map(|identity| identity.csrf).unwrap_or_default(),
        language: language.map(|Extension(language)| language).unwrap_or_default().name(),
        at: instant(ctx.now()),
    }))
}

/// The open sheets that whoever is signed in may count on.
#[utoipa::path(
    get, path = "/phone/sheets", operation_id = "phone_sheets", tag = "phone",
    responses((status = 200, body = SheetsView), Problems),
    security(("session" = []), ("token" = [])),
)]
async fn sheets(State(app): State<App>, Caller(ctx): Caller) -> Result<Json<SheetsView>, ApiError> {
    let db = app.db().read();
    let waiting = phone::waiting(db, &ctx).await?;
    let directory = Directory::load_some(db, &[], &[]).await?;
    Ok(Json(SheetsView { sheets: waiting.iter().map(|waiting| WaitingView::new(waiting, &directory)).collect() }))
}

/// The places that a phone knows without network, and the unit's people. Also of a blind count.
#[utoipa::path(
    get, path = "/campaigns/{number}/sheets/{unit}/ground", operation_id = "phone_ground", tag = "phone",
    params(("number" = String, Path, description = "The campaign's number"), ("unit" = Uuid, Path, description = "The unit")),
    responses((status = 200, body = GroundView), Problems),
    security(("session" = []), ("token" = [])),
)]
async fn ground(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path((number, unit)): Path<(String, Uuid)>,
) -> Result<Json<GroundView>, ApiError> {
    let db = app.db().read();
    let ground = phone::ground(db, &ctx, &campaign_number(number)?, UnitId(unit)).await?;
    let people: Vec<_> = ground.people.iter().map(|person| person.id).collect();
    let directory = Directory::load_some(db, &[], &people).await?;
    let place = |(place, labels): (crate::org::entity::place::Model, Vec<String>)| PlaceView {
        id: place.id.0,
        unit: Named::unit(&directory, place.unit_id),
        code: place.code,
        name: place.name,
        labels,
    };
    Ok(Json(GroundView {
        campaign_name: ground.campaign.name,
        blind: ground.campaign.blind,
        state: ground.sheet.state,
        unit: Named::unit(&directory, ground.sheet.unit_id),
        places: ground.places.into_iter().map(place).collect(),
        other_places: ground.other_places,
        people: ground.people.iter().filter_map(|person| Named::person(&directory, Some(person.id))).collect(),
    }))
}

/// What a phone judges by without network, by number: what the sheet expects, and what its unit has no more. Refused in a
/// blind count, to everybody.
#[utoipa::path(
    get, path = "/campaigns/{number}/sheets/{unit}/book", operation_id = "phone_book", tag = "phone",
    params(
        ("number" = String, Path, description = "The campaign's number"),
        ("unit" = Uuid, Path, description = "The unit"),
        Paging
    ),
    responses((status = 200, body = Page<ThingView>), Problems),
    security(("session" = []), ("token" = [])),
)]
async fn book(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path((number, unit)): Path<(String, Uuid)>,
    Query(paging): Query<Paging>,
) -> Result<Json<Page<ThingView>>, ApiError> {
    let rows = paging.rows()?;
    let after = paging.after.unwrap_or_default();
    if after.contains('\0') {
        return Err(ApiError::invalid("after", "不是上一页给出的位置"));
    }
    let db = app.db().read();
    let book = phone::book(db, &ctx, &campaign_number(number)?, UnitId(unit), &after, rows + 1).await?;
    let Some(mut book) = book else {
        return Err(ApiError::Forbidden("盲盘不下发账面".to_owned()));
    };
    let places = distinct(book.things.iter().filter_map(|thing| thing.place_id));
    let keepers = distinct(book.things.iter().filter_map(|thing| thing.keeper_id));
    let directory = Directory::load_some(db, &places, &keepers).await?;
    let views = book.things.into_iter().map(|thing| {
        let codes = book.codes.remove(&thing.item_id).unwrap_or_default();
        ThingView::new(thing, codes, &directory)
    });
    Ok(Json(Page::cut(views.collect(), rows, |view: &ThingView| view.key.clone())))
}

fn distinct<T: Ord>(ids: impl Iterator<Item = T>) -> Vec<T> {
    let mut ids: Vec<T> = ids.collect();
    ids.sort_unstable();
    ids.dedup();
    ids
}

/// The scans of a sheet in the order received; `after` is the last number seen. In a blind count only one's own.
#[utoipa::path(
    get, path = "/campaigns/{number}/sheets/{unit}/scans", operation_id = "phone_scans", tag = "phone",
    params(
        ("number" = String, Path, description = "The campaign's number"),
        ("unit" = Uuid, Path, description = "The unit"),
        Paging
    ),
    responses((status = 200, body = Page<ScanView>), Problems),
    security(("session" = []), ("token" = [])),
)]
async fn scans(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path((number, unit)): Path<(String, Uuid)>,
    Query(paging): Query<Paging>,
) -> Result<Json<Page<ScanView>>, ApiError> {
    let rows = paging.rows()?;
    let after = paging.after.as_deref().unwrap_or("0").parse::<i64>();
    let after = after.map_err(|_| ApiError::invalid("after", "不是上一页给出的位置"))?;
    let number = campaign_number(number)?;
    let told = phone::scans_since(app.db().read(), &ctx, &number, UnitId(unit), after, rows + 1).await?;
    let views = told.into_iter().map(ScanView::from).collect();
    Ok(Json(Page::cut(views, rows, |view: &ScanView| view.seq.to_string())))
}

/// A phone's sign of life.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = phone::AtWorkBody)]
struct AtWorkBody {
    /// What the phone calls itself, the same each time.
    #[schema(min_length = 1, max_length = 64)]
    device: String,
    /// The place whose label was scanned last.
    place: Option<Uuid>,
}

/// Says that a phone is at work on a sheet and where; tells who else is. Nobody is refused for that.
#[utoipa::path(
    put, path = "/campaigns/{number}/sheets/{unit}/at-work", operation_id = "phone_at_work", tag = "phone",
    params(("number" = String, Path, description = "The campaign's number"), ("unit" = Uuid, Path, description = "The unit")),
    request_body = AtWorkBody,
    responses((status = 200, body = PulseView), Problems),
    security(("session" = []), ("token" = [])),
)]
async fn at_work(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path((number, unit)): Path<(String, Uuid)>,
    Body(body): Body<AtWorkBody>,
) -> Result<Json<PulseView>, ApiError> {
    let (number, unit, now) = (campaign_number(number)?, UnitId(unit), ctx.now());
    let device = device(&body.device)?;
    let place = body.place.map(PlaceId);
    crate::access::permit_somewhere(&ctx, crate::access::Action::CampaignsCount)?;
    if let Some(id) = place
        && Directory::load_some(app.db().read(), &[id], &[]).await?.place(id).is_none()
    {
        return Err(ApiError::invalid("place", "地点未登记"));
    }
    let beat = async move |db: crate::db::Db| presence::beat(&db, &ctx, &number, unit, &device, place).await;
    let pulse = app.write(beat).await?;
    let places: Vec<_> = pulse.others.iter().filter_map(|other| other.place_id).collect();
    let people: Vec<_> = pulse.others.iter().filter_map(|other| other.person_id).collect();
    let directory = Directory::load_some(app.db().read(), &places, &people).await?;
    let others = pulse.others.into_iter().map(|other| OtherView {
        person: Named::person(&directory, other.person_id),
        place: Named::place(&directory, other.place_id),
        seconds: (now.0 - other.seen_at.0).max(0) / 1000,
        device: other.device,
    });
    Ok(Json(PulseView {
        state: pulse.sheet.state,
        version: pulse.sheet.version,
        campaign_state: pulse.campaign.state,
        last_seq: pulse.last_seq,
        recounts: pulse.recounts,
        others: others.collect(),
    }))
}

fn device(name: &str) -> Result<String, ApiError> {
    let name = sentence("device", name, MOST_DEVICE)?;
    if name.is_empty() { Err(ApiError::invalid("device", "请写明设备")) } else { Ok(name) }
}

/// Scans that were given up.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = phone::GiveUpBody)]
struct GiveUpBody {
    /// On which phone.
    #[schema(min_length = 1, max_length = 64)]
    device: String,
    #[schema(min_items = 1, max_items = 50)]
    scans: Vec<GivenUpBody>,
}

/// A scan that was given up.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = phone::GivenUpBody)]
struct GivenUpBody {
    id: Uuid,
    /// What had been read.
    #[schema(max_length = 4296)]
    code: String,
    place: Option<Uuid>,
    device_at: DateTime<Utc>,
    /// Why it had been refused, as its counter was told.
    #[schema(min_length = 1, max_length = 500)]
    reason: String,
}

impl GivenUpBody {
    fn read(self) -> Result<GivenUp, ApiError> {
        let reason = sentence("reason", &self.reason, 500)?;
        if reason.is_empty() {
            return Err(ApiError::invalid("reason", "请写明放弃的原因"));
        }
        Ok(GivenUp {
            id: ScanId(self.id),
            code: sentence("code", &self.code, 4_296)?,
            place: self.place.map(PlaceId),
            device_at: Timestamp(self.device_at.timestamp_millis()),
            reason,
        })
    }
}

/// Notes in the journal that scans which had been refused were given up on the phone. None of them is recorded by this.
#[utoipa::path(
    post, path = "/campaigns/{number}/scans/give-up", operation_id = "phone_give_up", tag = "phone",
    params(("number" = String, Path, description = "The campaign's number")), request_body = GiveUpBody,
    responses((status = 204, description = "Noted"), Problems),
    security(("session" = []), ("token" = [])),
)]
async fn give_up(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(number): Path<String>,
    Body(body): Body<GiveUpBody>,
) -> Result<StatusCode, ApiError> {
    let number = campaign_number(number)?;
    crate::access::permit_somewhere(&ctx, crate::access::Action::CampaignsCount)?;
    let device = device(&body.device)?;
    if body.scans.is_empty() || body.scans.len() > MOST_GIVEN_UP {
        return Err(ApiError::invalid("scans", format!("一次 1 至 {MOST_GIVEN_UP} 次扫描")));
    }
    let scans = body.scans.into_iter().map(GivenUpBody::read).collect::<Result<Vec<_>, _>>()?;
    app.write(async move |db| phone::give_up(&db, &ctx, &number, &scans, &device).await).await?;
    Ok(StatusCode::NO_CONTENT)
}
