//! The sealed journal: lists of touched rows, what waits to be sealed, the Merkle tree, checkpoints, the lease of
//! whoever seals, and what the journal was founded with.

use sea_orm_migration::async_trait;
use sea_orm_migration::prelude::{
    ColumnDef, DbErr, DeriveMigrationName, Index, MigrationTrait, SchemaManager, Table, TableCreateStatement,
};
use sea_orm_migration::sea_orm::ConnectionTrait as _;

use crate::helpers::{append_only, check, create, drop, fk, index, int, table, text, unique, uuid};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

fn blob(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).blob().not_null().to_owned()
}

fn key(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).big_integer().not_null().primary_key().to_owned()
}

fn entry_id() -> ColumnDef {
    ColumnDef::new("entry_id").uuid().not_null().primary_key().to_owned()
}

fn pending() -> TableCreateStatement {
    // Handed out as entries are written: of two commands that touched one row, the later has the higher number, which
    // neither the clock nor the entry's id promises.
    let seq = ColumnDef::new("seq").big_integer().not_null().auto_increment().primary_key().to_owned();
    table("journal_pending")
        .col(seq)
        .col(uuid("entry_id"))
        .foreign_key(&mut fk("journal_pending", "entry_id", "journal_entries"))
        .to_owned()
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let rename = Table::alter().table("journal_entries").rename_column("rows_sha256", "rows_hash").to_owned();
        manager.alter_table(rename).await?;
        // 0: written before lists of touched rows were kept; 1: has its list.
        let format = ColumnDef::new("format").big_integer().not_null().default(0).to_owned();
        manager.alter_table(Table::alter().table("journal_entries").add_column(format).to_owned()).await?;
        let touched = table("journal_touched")
            .col(entry_id())
            .col(blob("list"))
            .foreign_key(&mut fk("journal_touched", "entry_id", "journal_entries"))
            .to_owned();
        let leaves = table("journal_leaves")
            .col(key("idx"))
            .col(uuid("entry_id"))
            .col(blob("hash"))
            .foreign_key(&mut fk("journal_leaves", "entry_id", "journal_entries"))
            .check(check("ck_journal_leaves_idx", "idx >= 0"))
            .to_owned();
        let nodes = table("journal_nodes")
            .col(int("level"))
            .col(int("idx"))
            .col(blob("hash"))
            .primary_key(Index::create().name("pk_journal_nodes").col("level").col("idx"))
            .check(check("ck_journal_nodes_level", "level BETWEEN 1 AND 62"))
            .to_owned();
        let checkpoints = table("journal_checkpoints")
            .col(key("size"))
            .col(int("at"))
            .col(text("actor"))
            .col(blob("root"))
            .col(text("note"))
            .col(int("previous_size"))
            .col(blob("proof"))
            .check(check("ck_journal_checkpoints_size", "size > previous_size AND previous_size >= 0"))
            .to_owned();
        let lease =
            table("journal_lease").col(key("id")).col(text("holder")).col(int("until")).col(int("token")).to_owned();
        let founding = table("journal_founding")
            .col(key("id"))
            .col(text("hash"))
            .col(text("origin"))
            .col(int("founded_at"))
            .col(blob("public_key"))
            .check(check("ck_journal_founding_id", "id = 1"))
            .check(check("ck_journal_founding_hash", "hash IN ('sha256','sm3')"))
            .to_owned();
        let secret = table("journal_secret").col(key("id")).col(blob("seed")).to_owned();
        create(
            manager,
            vec![touched, pending(), leaves, nodes, checkpoints, lease, founding, secret],
            vec![
                unique("uq_journal_pending_entry_id", "journal_pending", &["entry_id"]),
                unique("uq_journal_leaves_entry_id", "journal_leaves", &["entry_id"]),
                index("ix_journal_entries_actor", "journal_entries", &["actor"]),
                index("ix_journal_entries_action", "journal_entries", &["action"]),
                index("ix_journal_entries_unit_id", "journal_entries", &["unit_id"]),
            ],
        )
        .await?;
        let db = manager.get_connection();
        db.execute_unprepared("INSERT INTO journal_lease (id, holder, until, token) VALUES (1, '', 0, 0)").await?;
        db.execute_unprepared("INSERT INTO journal_pending (entry_id) SELECT id FROM journal_entries ORDER BY at, id")
            .await?;
        for name in ["journal_touched", "journal_leaves", "journal_nodes", "journal_checkpoints", "journal_founding"] {
            append_only(manager, name).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop(
            manager,
            &[
                "journal_touched",
                "journal_pending",
                "journal_leaves",
                "journal_nodes",
                "journal_checkpoints",
                "journal_lease",
                "journal_founding",
                "journal_secret",
            ],
        )
        .await
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}
