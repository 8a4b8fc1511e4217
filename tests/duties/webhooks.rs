//! Others are told: in order, signed, again when they did not hear, and only where a message may go.

use hufu::access::Role;
use hufu::chores;
use hufu::db::DbError;
use hufu::jobs::Runner;
use hufu::kernel::Ctx;
use hufu::webhooks::address::allow_loopback;
use hufu::webhooks::entity::webhook_delivery::DeliveryState;
use hufu::webhooks::entity::{webhook, webhook_attempt, webhook_delivery};
use hufu::webhooks::service::{self, NewWebhook};
use hufu::webhooks::{Event, WebhookError, delivery, publish, signature};
use sea_orm::EntityTrait as _;
use serde_json::{Value, json};

use super::receiver::Receiver;
use super::support::{DAY, MINUTE, Office};
use super::web;

struct Bench {
    office: Office,
    receiver: Receiver,
    admin: Ctx,
    runner: Runner,
}

impl Bench {
    async fn new() -> Self {
        let office = Office::found().await;
        allow_loopback(&office.db, true);
        let admin = web::holding(&office, office.people[0][0], Role::SystemAdministrator, None);
        let runner = Runner::new(office.db.clone(), chores::ctx(&office.ctx), chores::handlers());
        Self { receiver: Receiver::open().await, office, admin, runner }
    }

    async fn subscribe(&self, events: &[Event]) -> (webhook::Model, String) {
        let new =
            NewWebhook { url: self.receiver.url.clone(), events: events.to_vec(), description: "平台".to_owned() };
        service::create(&self.office.db, &self.admin, &new).await.unwrap()
    }

    async fn tell(&self, event: Event, data: &Value) {
        self.office.db.write(async |tx| publish(tx, &self.office.ctx, event, data).await).await.unwrap();
    }

    async fn run(&self) -> usize {
        self.runner.run_due().await.unwrap()
    }

    async fn deliveries(&self, of: &webhook::Model) -> Vec<(webhook_delivery::Model, Vec<webhook_attempt::Model>)> {
        service::deliveries(self.office.db.read(), &self.admin, of.id, None, 50).await.unwrap()
    }

    fn numbers(&self) -> Vec<i64> {
        let number = |body: &str| serde_json::from_str::<Value>(body).unwrap()["data"]["n"].as_i64().unwrap();
        self.receiver.got().iter().map(|got| number(&got.body)).collect()
    }
}

#[tokio::test]
async fn a_message_is_signed_says_what_it_is_and_comes_once() {
    let bench = Bench::new().await;
    let (hook, secret) = bench.subscribe(&[Event::CampaignClosed]).await;
    bench.tell(Event::FindingOpened, &json!({ "n": 0 })).await;
    bench.tell(Event::CampaignClosed, &json!({ "n": 1, "name": "年终盘点" })).await;
    assert_eq!((bench.run().await, bench.run().await), (1, 0));
    let got = bench.receiver.got();
    assert_eq!(got.len(), 1);
    let header = |name: &str| got[0].headers[name].to_str().unwrap().to_owned();
    assert!(signature::verify(&secret, &header("hufu-signature"), &got[0].body));
    assert!(!signature::verify("hfwh_other", &header("hufu-signature"), &got[0].body));
    let seconds = bench.office.ctx.now().0 / 1000;
    assert!(header("hufu-signature").starts_with(&format!("t={seconds},v1=")));
    let body: Value = serde_json::from_str(&got[0].body).unwrap();
    assert_eq!(
        (&body["event"], &body["sequence"], &body["data"]["name"]),
        (&json!("campaign.closed"), &json!(1), &json!("年终盘点"))
    );
    assert_eq!(body["id"].as_str().unwrap(), header("hufu-delivery"));
    assert_eq!((header("hufu-event"), header("content-type")), ("campaign.closed".into(), "application/json".into()));
    let log = bench.deliveries(&hook).await;
    assert_eq!((log.len(), log[0].0.state, log[0].1.len()), (1, DeliveryState::Delivered, 1));
    assert_eq!((log[0].1[0].attempt, log[0].1[0].status), (1, Some(204)));
}

#[tokio::test]
async fn what_was_sent_is_kept_for_its_time_and_what_waits_for_ever() {
    let bench = Bench::new().await;
    let (hook, _) = bench.subscribe(&[Event::CampaignClosed]).await;
    bench.tell(Event::CampaignClosed, &json!({ "n": 1 })).await;
    bench.run().await;
    bench.tell(Event::CampaignClosed, &json!({ "n": 2 })).await;
    let (db, ctx) = (&bench.office.db, &bench.office.ctx);
    bench.office.clock.advance_ms(190 * DAY);
    assert_eq!(service::prune(db, ctx).await.unwrap(), 0, "to the day");
    bench.office.clock.advance_ms(1);
    assert_eq!(service::prune(db, ctx).await.unwrap(), 1);
    assert!(webhook_attempt::Entity::find().all(db.read()).await.unwrap().is_empty(), "with every try");
    bench.run().await;
    let sent: Vec<_> = bench.deliveries(&hook).await.iter().map(|(row, _)| (row.seq, row.state)).collect();
    assert_eq!(sent, [(2, DeliveryState::Delivered)], "numbers go on");
    let forge = webhook_attempt::Entity::update_many()
        .col_expr(webhook_attempt::Column::Answer, sea_orm::prelude::Expr::value("x"));
    let forged = db.write(async |tx| Ok::<_, DbError>(forge.clone().exec(tx).await?)).await;
    assert!(matches!(forged, Err(DbError::Constraint { .. })), "forgotten, never altered: {forged:?}");
}

#[tokio::test]
async fn a_deed_undone_is_not_told() {
    let bench = Bench::new().await;
    bench.subscribe(&[Event::CampaignClosed]).await;
    let undone = bench.office.db.write(async |tx| {
        publish(tx, &bench.office.ctx, Event::CampaignClosed, &json!({ "n": 1 })).await?;
        Err::<(), _>(DbError::Stale)
    });
    undone.await.unwrap_err();
    assert_eq!((bench.run().await, bench.receiver.got().len()), (0, 0));
}

#[tokio::test]
async fn what_was_not_heard_is_said_again_and_nothing_overtakes_it() {
    let bench = Bench::new().await;
    let (hook, _) = bench.subscribe(&[Event::CampaignClosed]).await;
    for (status, text) in [(500, "内部\u{7}错误"), (503, "稍后")] {
        bench.receiver.answers(status, text);
    }
    for n in 1..=3 {
        bench.tell(Event::CampaignClosed, &json!({ "n": n })).await;
    }
    bench.run().await;
    assert_eq!(bench.numbers(), [1], "the others wait behind it");
    assert_eq!(bench.run().await, 0, "and so does it");
    bench.tell(Event::CampaignClosed, &json!({ "n": 4 })).await;
    bench.run().await;
    assert_eq!(bench.numbers(), [1], "news does not shorten its wait");
    for _ in 0..2 {
        bench.office.clock.advance_ms(MINUTE);
        bench.run().await;
    }
    assert_eq!(bench.numbers(), [1, 1, 1, 2, 3, 4]);
    let log = bench.deliveries(&hook).await;
    let tries: Vec<_> = log[3].1.iter().map(|t| (t.attempt, t.status, t.answer.as_str())).collect();
    assert_eq!(tries, [(1, Some(500), "内部错误"), (2, Some(503), "稍后"), (3, Some(204), "")]);
    assert!(log.iter().all(|(delivery, _)| delivery.state == DeliveryState::Delivered));
    let ids: Vec<_> = bench.receiver.got().iter().map(|got| got.headers["hufu-delivery"].clone()).collect();
    assert!(ids[0] == ids[2] && ids[2] != ids[3], "a repeat is known by its id");
}

#[tokio::test]
async fn who_never_hears_is_given_up_and_the_next_is_tried() {
    let bench = Bench::new().await;
    let (hook, _) = bench.subscribe(&[Event::CampaignClosed]).await;
    for _ in 0..delivery::MAX_ATTEMPTS {
        bench.receiver.answers(500, "");
    }
    bench.tell(Event::CampaignClosed, &json!({ "n": 1 })).await;
    bench.tell(Event::CampaignClosed, &json!({ "n": 2 })).await;
    for _ in 0..delivery::MAX_ATTEMPTS {
        bench.run().await;
        bench.office.clock.advance_ms(2 * 60 * MINUTE);
    }
    let log = bench.deliveries(&hook).await;
    assert_eq!((log[1].0.state, log[1].1.len()), (DeliveryState::GivenUp, 12));
    assert_eq!((log[0].0.state, log[0].1.len()), (DeliveryState::Delivered, 1));
    assert_eq!(bench.numbers().last(), Some(&2));
}

#[tokio::test]
async fn no_answer_leads_anywhere_else_or_fills_the_log() {
    let bench = Bench::new().await;
    let (hook, _) = bench.subscribe(&[Event::CampaignClosed]).await;
    bench.receiver.answers(302, &bench.receiver.url.replace("/hook", "/inside"));
    bench.receiver.answers(200, &"好".repeat(1_000_000));
    bench.tell(Event::CampaignClosed, &json!({ "n": 1 })).await;
    bench.run().await;
    assert_eq!(bench.receiver.got().len(), 1, "a redirect is not followed");
    bench.office.clock.advance_ms(MINUTE);
    bench.run().await;
    let log = bench.deliveries(&hook).await;
    let tries: Vec<_> = log[0].1.iter().map(|t| (t.status, t.answer.chars().count())).collect();
    assert_eq!(tries, [(Some(302), 0), (Some(200), 300)]);
}

#[tokio::test]
async fn what_may_not_be_reached_is_not_even_when_it_was_allowed_once() {
    let bench = Bench::new().await;
    let (hook, _) = bench.subscribe(&[Event::CampaignClosed]).await;
    allow_loopback(&bench.office.db, false);
    bench.tell(Event::CampaignClosed, &json!({ "n": 1 })).await;
    bench.run().await;
    assert_eq!(bench.receiver.got().len(), 0);
    let log = bench.deliveries(&hook).await;
    assert!(log[0].1[0].status.is_none() && log[0].1[0].answer.contains("不能推送到"), "{:?}", log[0].1);
    let new =
        NewWebhook { url: bench.receiver.url.clone(), events: vec![Event::CampaignClosed], description: String::new() };
    let refused = service::create(&bench.office.db, &bench.admin, &new).await;
    assert!(matches!(refused, Err(WebhookError::Address(_))), "{refused:?}");
}

#[tokio::test]
async fn a_subscription_ends_and_its_secret_with_it() {
    let bench = Bench::new().await;
    let (hook, secret) = bench.subscribe(&[Event::CampaignClosed, Event::FindingOpened]).await;
    assert_eq!(secret.len(), "hfwh_".len() + 64);
    service::ping(&bench.office.db, &bench.admin, hook.id).await.unwrap();
    let ended = service::end(&bench.office.db, &bench.admin, hook.id).await.unwrap();
    assert!(!ended.active);
    bench.tell(Event::CampaignClosed, &json!({ "n": 1 })).await;
    bench.run().await;
    assert_eq!(bench.receiver.got().len(), 0);
    assert_eq!(bench.deliveries(&hook).await[0].0.state, DeliveryState::GivenUp);
    for refused in [
        service::end(&bench.office.db, &bench.admin, hook.id).await.map(|_| ()),
        service::ping(&bench.office.db, &bench.admin, hook.id).await.map(|_| ()),
    ] {
        assert!(matches!(refused, Err(WebhookError::Ended)), "{refused:?}");
    }
    let stranger = web::holding(&bench.office, bench.office.people[0][1], Role::SecurityAdministrator, None);
    assert!(matches!(service::list(bench.office.db.read(), &stranger).await, Err(WebhookError::Forbidden(_))));
    let journal: Vec<_> = hufu::journal::entity::Entity::find().all(bench.office.db.read()).await.unwrap();
    assert!(journal.iter().all(|entry| !entry.payload.contains(&secret)));
    assert!(journal.iter().any(|entry| entry.action == "webhooks.end"));
}
