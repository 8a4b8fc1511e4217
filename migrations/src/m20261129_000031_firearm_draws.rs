//! Draws of guns: the paper, the acts at the counter with their clearance steps and signatures, who holds what, locks after
//! a loss, extensions.

use sea_orm_migration::async_trait;
use sea_orm_migration::prelude::{
    DbErr, DeriveMigrationName, ForeignKey, ForeignKeyCreateStatement, MigrationTrait, SchemaManager,
    TableCreateStatement,
};
use sea_orm_migration::sea_orm::ConnectionTrait as _;

use crate::helpers::{
    append_only, check, create, drop, fk, flag, id, index, int, int_null, table, text, text_null, unique, uuid,
    uuid_null,
};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

fn of_gun(table: &'static str) -> ForeignKeyCreateStatement {
    ForeignKey::create().name(format!("fk_{table}_item_id")).from(table, "item_id").to("firearms", "item_id").to_owned()
}

fn draws() -> TableCreateStatement {
    table("firearm_draws")
        .col(id())
        .col(text("number"))
        .col(text("state"))
        .col(uuid("unit_id"))
        .col(uuid("armoury_id"))
        .col(uuid("drawer_id"))
        .col(text("purpose"))
        .col(text("task"))
        .col(flag("urgent"))
        .col(flag("cross_area"))
        .col(flag("bulk"))
        .col(text("model_key"))
        .col(int("rounds_asked"))
        .col(int("magazines_asked"))
        .col(int("asked_at"))
        .col(int("planned_from"))
        .col(int("first_due_at"))
        .col(int("due_at"))
        .col(uuid("approval_id"))
        .col(uuid_null("item_id"))
        .col(uuid_null("stock_id"))
        .col(int("rounds_out"))
        .col(int_null("out_at"))
        .col(int("rounds_back"))
        .col(int("rounds_fired"))
        .col(int("rounds_damaged"))
        .col(int("rounds_lost"))
        .col(flag("gun_lost"))
        .col(int_null("loss_reported_at"))
        .col(int_null("returned_at"))
        .col(text("ended_reason"))
        .col(int("version"))
        .foreign_key(&mut of_gun("firearm_draws"))
        .foreign_key(&mut fk("firearm_draws", "unit_id", "units"))
        .foreign_key(&mut fk("firearm_draws", "armoury_id", "armouries"))
        .foreign_key(&mut fk("firearm_draws", "drawer_id", "people"))
        .foreign_key(&mut fk("firearm_draws", "approval_id", "approval_requests"))
        .foreign_key(&mut fk("firearm_draws", "stock_id", "ammunition_stock"))
        .check(check(
            "ck_firearm_draws_state",
            "state IN ('asked','approved','handing','out','returning','closed','refused','withdrawn')",
        ))
        .check(check(
            "ck_firearm_draws_purpose",
            "purpose IN ('vice','gambling','criminal','emergency','patrol','training','other')",
        ))
        .check(check("ck_firearm_draws_task", "length(task) BETWEEN 1 AND 500"))
        .check(check("ck_firearm_draws_rounds_asked", "rounds_asked BETWEEN 0 AND 200"))
        .check(check("ck_firearm_draws_magazines_asked", "magazines_asked BETWEEN 0 AND 6"))
        .check(check("ck_firearm_draws_due_at", "first_due_at > planned_from AND due_at >= first_due_at"))
        .check(check("ck_firearm_draws_urgent", "NOT (urgent AND (cross_area OR bulk))"))
        .check(check("ck_firearm_draws_out_at", "(state IN ('out','returning','closed')) = (out_at IS NOT NULL)"))
        .check(check("ck_firearm_draws_item_id", "(out_at IS NULL) = (item_id IS NULL)"))
        .check(check("ck_firearm_draws_stock_id", "(rounds_out = 0) OR (stock_id IS NOT NULL)"))
        .check(check("ck_firearm_draws_rounds_out", "rounds_out BETWEEN 0 AND 200"))
        .check(check(
            "ck_firearm_draws_rounds",
            "rounds_back >= 0 AND rounds_fired >= 0 AND rounds_damaged >= 0 AND rounds_lost >= 0 AND \
             (state <> 'closed' OR rounds_out = rounds_back + rounds_fired + rounds_damaged + rounds_lost)",
        ))
        .check(check("ck_firearm_draws_loss_reported_at", "NOT gun_lost OR loss_reported_at IS NOT NULL"))
        .check(check(
            "ck_firearm_draws_returned_at",
            "(state = 'closed') = (returned_at IS NOT NULL) AND (returned_at IS NULL OR returned_at >= out_at)",
        ))
        .to_owned()
}

fn acts() -> TableCreateStatement {
    table("firearm_acts")
        .col(id())
        .col(uuid("draw_id"))
        .col(text("kind"))
        .col(text("state"))
        .col(uuid_null("item_id"))
        .col(text("opened_by"))
        .col(int("opened_at"))
        .col(int("cleared"))
        .col(int_null("scanned_at"))
        .col(int_null("counted_at"))
        .col(uuid_null("stock_id"))
        .col(int("rounds"))
        .col(int("fired"))
        .col(int("damaged"))
        .col(int("lost"))
        .col(text("magazines"))
        .col(int_null("ended_at"))
        .col(text("ended_by"))
        .col(text("ended_reason"))
        .col(int("version"))
        .foreign_key(&mut of_gun("firearm_acts"))
        .foreign_key(&mut fk("firearm_acts", "draw_id", "firearm_draws"))
        .foreign_key(&mut fk("firearm_acts", "stock_id", "ammunition_stock"))
        .check(check("ck_firearm_acts_kind", "kind IN ('issue','return')"))
        .check(check("ck_firearm_acts_state", "state IN ('open','done','cancelled')"))
        .check(check("ck_firearm_acts_item_id", "kind = 'return' OR item_id IS NOT NULL"))
        .check(check("ck_firearm_acts_cleared", "cleared BETWEEN 0 AND 5"))
        .check(check(
            "ck_firearm_acts_done",
            "state <> 'done' OR (counted_at IS NOT NULL AND (item_id IS NULL OR (cleared = 5 AND scanned_at IS NOT NULL)))",
        ))
        .check(check(
            "ck_firearm_acts_rounds",
            "rounds BETWEEN 0 AND 200 AND fired BETWEEN 0 AND 200 AND damaged BETWEEN 0 AND 200 AND lost BETWEEN 0 AND 200",
        ))
        .check(check("ck_firearm_acts_ended_at", "(state = 'open') = (ended_at IS NULL)"))
        .check(check("ck_firearm_acts_ended_reason", "state <> 'cancelled' OR ended_reason <> ''"))
        .to_owned()
}

fn steps() -> TableCreateStatement {
    table("firearm_act_steps")
        .col(id())
        .col(uuid("act_id"))
        .col(int("seq"))
        .col(text("step"))
        .col(text("done_by"))
        .col(int("done_at"))
        .foreign_key(&mut fk("firearm_act_steps", "act_id", "firearm_acts"))
        .check(check(
            "ck_firearm_act_steps_step",
            "(seq = 1 AND step = 'muzzle') OR (seq = 2 AND step = 'magazine') OR (seq = 3 AND step = 'slide') OR \
             (seq = 4 AND step = 'chamber') OR (seq = 5 AND step = 'dry_fire')",
        ))
        .to_owned()
}

fn signatures() -> TableCreateStatement {
    table("firearm_signatures")
        .col(id())
        .col(uuid("act_id"))
        .col(text("part"))
        .col(uuid("person_id"))
        .col(uuid("account_id"))
        .col(uuid("drawer_id"))
        .col(int("signed_at"))
        .col(int_null("voided_at"))
        .col(int("version"))
        .foreign_key(&mut fk("firearm_signatures", "act_id", "firearm_acts"))
        .foreign_key(&mut fk("firearm_signatures", "person_id", "people"))
        .foreign_key(&mut fk("firearm_signatures", "account_id", "accounts"))
        .foreign_key(&mut fk("firearm_signatures", "drawer_id", "people"))
        .check(check("ck_firearm_signatures_part", "part IN ('keeper1','keeper2','confirmer')"))
        .check(check("ck_firearm_signatures_person_id", "person_id <> drawer_id"))
        .to_owned()
}

fn holdings() -> TableCreateStatement {
    table("firearm_holdings")
        .col(id())
        .col(uuid("item_id"))
        .col(uuid("person_id"))
        .col(uuid("draw_id"))
        .col(int("since"))
        .col(int_null("ended_at"))
        .col(text_null("ended_as"))
        .col(int("version"))
        .foreign_key(&mut of_gun("firearm_holdings"))
        .foreign_key(&mut fk("firearm_holdings", "person_id", "people"))
        .foreign_key(&mut fk("firearm_holdings", "draw_id", "firearm_draws"))
        .check(check("ck_firearm_holdings_ended_at", "(ended_at IS NULL) = (ended_as IS NULL)"))
        .check(check("ck_firearm_holdings_since", "ended_at IS NULL OR ended_at >= since"))
        .check(check("ck_firearm_holdings_ended_as", "ended_as IS NULL OR ended_as IN ('returned','lost')"))
        .to_owned()
}

fn magazine_holdings() -> TableCreateStatement {
    table("firearm_magazine_holdings")
        .col(id())
        .col(uuid("magazine_id"))
        .col(uuid("draw_id"))
        .col(int("since"))
        .col(int_null("ended_at"))
        .col(text_null("ended_as"))
        .col(int("version"))
        .foreign_key(&mut fk("firearm_magazine_holdings", "magazine_id", "firearm_magazines"))
        .foreign_key(&mut fk("firearm_magazine_holdings", "draw_id", "firearm_draws"))
        .check(check("ck_firearm_magazine_holdings_ended_at", "(ended_at IS NULL) = (ended_as IS NULL)"))
        .check(check("ck_firearm_magazine_holdings_ended_as", "ended_as IS NULL OR ended_as IN ('returned','lost')"))
        .to_owned()
}

fn locks() -> TableCreateStatement {
    table("firearm_locks")
        .col(id())
        .col(uuid("unit_id"))
        .col(uuid("draw_id"))
        .col(text("reason"))
        .col(int("locked_at"))
        .col(int_null("lifted_at"))
        .col(text("lifted_by"))
        .col(text("lift_reason"))
        .col(int("version"))
        .foreign_key(&mut fk("firearm_locks", "unit_id", "units"))
        .foreign_key(&mut fk("firearm_locks", "draw_id", "firearm_draws"))
        .check(check("ck_firearm_locks_lifted_at", "(lifted_at IS NULL) = (lift_reason = '')"))
        .to_owned()
}

fn extensions() -> TableCreateStatement {
    table("firearm_extensions")
        .col(id())
        .col(uuid("draw_id"))
        .col(text("state"))
        .col(int("until"))
        .col(text("reason"))
        .col(uuid("approval_id"))
        .col(int("asked_at"))
        .col(int("version"))
        .foreign_key(&mut fk("firearm_extensions", "draw_id", "firearm_draws"))
        .foreign_key(&mut fk("firearm_extensions", "approval_id", "approval_requests"))
        .check(check("ck_firearm_extensions_state", "state IN ('asked','granted','refused','late')"))
        .to_owned()
}

/// What is unique only while it is open: name, table, columns, when.
const WHILE_OPEN: [(&str, &str, &str, &str); 9] = [
    (
        "uq_firearm_draws_drawer_id",
        "firearm_draws",
        "drawer_id",
        "state IN ('asked','approved','handing','out','returning')",
    ),
    ("uq_firearm_acts_draw_id", "firearm_acts", "draw_id", "state = 'open'"),
    ("uq_firearm_acts_item_id", "firearm_acts", "item_id", "state = 'open'"),
    ("uq_firearm_signatures_part", "firearm_signatures", "act_id, part", "voided_at IS NULL"),
    ("uq_firearm_signatures_person_id", "firearm_signatures", "act_id, person_id", "voided_at IS NULL"),
    ("uq_firearm_holdings_item_id", "firearm_holdings", "item_id", "ended_at IS NULL"),
    ("uq_firearm_holdings_person_id", "firearm_holdings", "person_id", "ended_at IS NULL"),
    ("uq_firearm_magazine_holdings_magazine_id", "firearm_magazine_holdings", "magazine_id", "ended_at IS NULL"),
    ("uq_firearm_extensions_draw_id", "firearm_extensions", "draw_id", "state = 'asked'"),
];

const TABLES: [&str; 8] = [
    "firearm_draws",
    "firearm_acts",
    "firearm_act_steps",
    "firearm_signatures",
    "firearm_holdings",
    "firearm_magazine_holdings",
    "firearm_locks",
    "firearm_extensions",
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let tables =
            vec![draws(), acts(), steps(), signatures(), holdings(), magazine_holdings(), locks(), extensions()];
        let indexes = vec![
            unique("uq_firearm_draws_number", "firearm_draws", &["number"]),
            index("ix_firearm_draws_unit_id", "firearm_draws", &["unit_id", "id"]),
            index("ix_firearm_draws_state", "firearm_draws", &["state", "due_at"]),
            index("ix_firearm_acts_draw", "firearm_acts", &["draw_id", "id"]),
            unique("uq_firearm_act_steps_seq", "firearm_act_steps", &["act_id", "seq"]),
            index("ix_firearm_holdings_item", "firearm_holdings", &["item_id", "since"]),
            index("ix_firearm_magazine_holdings_draw_id", "firearm_magazine_holdings", &["draw_id"]),
            index("ix_firearm_locks_unit_id", "firearm_locks", &["unit_id", "lifted_at"]),
        ];
        create(manager, tables, indexes).await?;
        for (name, table, columns, when) in WHILE_OPEN {
            let sql = format!("CREATE UNIQUE INDEX {name} ON {table} ({columns}) WHERE {when}");
            manager.get_connection().execute_unprepared(&sql).await?;
        }
        append_only(manager, "firearm_act_steps").await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop(manager, &TABLES).await
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}
