//! What a phone that counts asks for: who it works for, which sheets wait, the ground, the book, others' scans; and what
//! it tells: that it is at work, and which scans were given up.

use axum::extract::State;
use axum::http::StatusCode;
use axum::{Extension, Json};
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::views::{Named, instant};
use super::{campaign_number, sentence};
use crate::access::Identity;
use crate::items::model::ItemState;
use crate::kernel::Timestamp;
use crate::kernel::ids::{PlaceId, ScanId, UnitId};
use crate::org::Directory;
use crate::stocktake::counting::phone::{self, Booked, GivenUp, Told, Waiting};
use crate::stocktake::counting::presence::{self, MOST_DEVICE};
use crate::stocktake::model::{Condition, IdentifiedBy, SheetState};
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

/// Whom a phone works for.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = phone::MeView)]
struct MeView {
    /// The account: what waits on the phone is kept apart by it.
    #[serde(skip_serializing_if = "Option::is_none")]
    account: Option<Uuid>,
    login: String,
    /// Who counts.
    #[serde(skip_serializing_if = "Option::is_none")]
    person: Option<Named>,
    #[serde(skip_serializing_if = "Option::is_none")]
    unit: Option<Named>,
    /// What changes must carry in `X-CSRF-Token`; empty for a token's bearer, who needs none.
    csrf: String,
    /// `zh` or `en`.
    language: &'static str,
    /// The server's time: how wrong the phone's clock goes.
    at: DateTime<Utc>,
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

/// A sheet that waits to be counted.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = phone::WaitingView)]
struct WaitingView {
    /// The campaign's number.
    campaign: String,
    campaign_name: String,
    /// Whether the counter is kept from seeing what is expected (盲盘).
    blind: bool,
    /// The last day of counting.
    to: NaiveDate,
    unit: Named,
    /// Whether it is the counter's own unit.
    own: bool,
    version: i64,
    /// Things expected; absent in a blind count.
    #[serde(skip_serializing_if = "Option::is_none")]
    expected: Option<i64>,
    /// Of these, things seen; absent in a blind count.
    #[serde(skip_serializing_if = "Option::is_none")]
    seen: Option<i64>,
}

impl WaitingView {
    fn new(waiting: &Waiting, directory: &Directory) -> Self {
        Self {
            campaign: waiting.campaign.number.clone(),
            campaign_name: waiting.campaign.name.clone(),
            blind: waiting.campaign.blind,
            to: waiting.campaign.window_to.day(),
            unit: Named::unit(directory, waiting.sheet.unit_id),
            own: waiting.own,
            version: waiting.sheet.version,
            expected: waiting.progress.map(|progress| progress.expected),
            seen: waiting.progress.map(|progress| progress.seen),
        }
    }
}

/// The sheets that wait for somebody.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = phone::SheetsView)]
struct SheetsView {
    /// Those of the own unit first.
    sheets: Vec<WaitingView>,
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

/// A place, as a phone knows it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = phone::PlaceView)]
struct PlaceView {
    id: Uuid,
    code: String,
    name: String,
    unit: Named,
    /// The codes on its labels, old ones too.
    labels: Vec<String>,
}

/// Where and by whom a unit's things are kept.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = phone::GroundView)]
struct GroundView {
    campaign_name: String,
    blind: bool,
    /// `open`, `submitted`, `confirmed`.
    #[schema(value_type = String)]
    state: SheetState,
    unit: Named,
    /// Places within reach, the unit's own first.
    places: Vec<PlaceView>,
    /// Codes on labels of other places.
    other_places: Vec<String>,
    /// The unit's people, for the keeper stated on the spot.
    people: Vec<Named>,
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
    let directory = Directory::load(db).await?;
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

/// A thing as the book has it now.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = phone::ThingView)]
struct ThingView {
    item: Uuid,
    number: String,
    name: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    specification: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    place: Option<Named>,
    #[serde(skip_serializing_if = "Option::is_none")]
    keeper: Option<Named>,
    quantity: i64,
    #[schema(value_type = String)]
    state: ItemState,
    /// The paper that explains why it is not there.
    #[serde(skip_serializing_if = "Option::is_none")]
    excused_by: Option<String>,
    /// Whether the sheet expects it; else it is gone from the book.
    expected: bool,
    /// The code on its current label.
    labels: Vec<String>,
    /// The codes on older ones.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    old_labels: Vec<String>,
    #[serde(skip)]
    key: String,
}

impl ThingView {
    fn new(thing: Booked, codes: Vec<(String, bool)>, directory: &Directory) -> Self {
        let (current, old): (Vec<_>, Vec<_>) = codes.into_iter().partition(|(_, current)| *current);
        let texts = |codes: Vec<(String, bool)>| codes.into_iter().map(|(code, _)| code).collect();
        Self {
            item: thing.item_id.0,
            number: thing.item_number,
            name: thing.name,
            specification: thing.specification,
            place: Named::place(directory, thing.place_id),
            keeper: Named::person(directory, thing.keeper_id),
            quantity: thing.quantity.0,
            state: thing.state,
            excused_by: thing.excused_by,
            expected: thing.expected,
            labels: texts(current),
            old_labels: texts(old),
            key: thing.number_key,
        }
    }
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
    let directory = Directory::load(db).await?;
    let views = book.things.into_iter().map(|thing| {
        let codes = book.codes.remove(&thing.item_id).unwrap_or_default();
        ThingView::new(thing, codes, &directory)
    });
    Ok(Json(Page::cut(views.collect(), rows, |view: &ThingView| view.key.clone())))
}

/// A scan of a sheet.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = phone::ScanView)]
struct ScanView {
    id: Uuid,
    /// The order received; ask for what comes after it.
    seq: i64,
    code: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    item: Option<Uuid>,
    /// `current_label`, `superseded_label`, `item_number`, `unknown`.
    #[schema(value_type = String)]
    identified_by: IdentifiedBy,
    #[serde(skip_serializing_if = "Option::is_none")]
    place: Option<Uuid>,
    quantity: i64,
    /// `good` or `damaged`.
    #[schema(value_type = String)]
    condition: Condition,
    counter: String,
    /// Whether whoever asks made it.
    mine: bool,
    device: String,
    at: DateTime<Utc>,
    /// The scan that it undoes.
    #[serde(skip_serializing_if = "Option::is_none")]
    negates: Option<Uuid>,
    /// Whether it speaks no more, because its thing is counted again.
    spent: bool,
}

impl From<Told> for ScanView {
    fn from(told: Told) -> Self {
        let scan = told.scan;
        Self {
            id: scan.id.0,
            seq: scan.seq,
            code: scan.code_read,
            item: scan.item_id.map(|item| item.0),
            identified_by: scan.identified_by,
            place: scan.place_id.map(|place| place.0),
            quantity: scan.quantity.0,
            condition: scan.condition,
            counter: scan.counter,
            mine: told.mine,
            device: scan.device,
            at: instant(scan.server_at),
            negates: scan.negates.map(|id| id.0),
            spent: told.spent,
        }
    }
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

/// Another phone on the sheet.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = phone::OtherView)]
struct OtherView {
    device: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    person: Option<Named>,
    #[serde(skip_serializing_if = "Option::is_none")]
    place: Option<Named>,
    /// How long ago it was heard of.
    seconds: i64,
}

/// How the sheet stands.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = phone::PulseView)]
struct PulseView {
    /// `open`, `submitted`, `confirmed`.
    #[schema(value_type = String)]
    state: SheetState,
    version: i64,
    /// `planned`, `counting`, `reviewing`, `closed`, `cancelled`.
    #[schema(value_type = String)]
    campaign_state: crate::stocktake::model::CampaignState,
    /// The last number that a scan of the campaign was given.
    last_seq: i64,
    /// Recounts opened in the campaign; when more than before, read the scans again from the first.
    recounts: u64,
    /// Other phones at work on this sheet in the last minute.
    others: Vec<OtherView>,
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
