//! Lists in the order of one of their columns, a page at a time. A page goes on after the last row of the one before,
//! named by its key alone: what that row has in the column is looked up, so that no cursor carries it, of whatever type it
//! is. Rows that are alike in the column follow each other by key.

use sea_orm::sea_query::{Expr, ExprTrait as _, Func, Query, SimpleExpr};
use sea_orm::{
    ColumnTrait, EntityTrait, Iterable as _, Order as Way, QueryFilter as _, QueryOrder as _, Select, Value,
};

/// What rows are put in order by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By<C> {
    /// A column that always holds something.
    Full(C),
    /// A column of text that may hold nothing; nothing comes first.
    Text(C),
    /// A column of numbers or instants that may hold nothing; nothing is as zero.
    Number(C),
    /// A column of days that may hold none; none comes first.
    Day(C),
    /// What the row of another table that this column names has in a column of text: table and column.
    Of(C, &'static str, &'static str),
    /// The same of a ledger's table, whose row is of the item that this column names.
    OfItem(C, &'static str, &'static str),
}

/// In which order, and after which row.
#[derive(Debug, Clone, PartialEq)]
pub struct Order<C> {
    /// By what.
    pub by: By<C>,
    /// From the last to the first.
    pub down: bool,
    /// The key of the row that the page before ended with.
    pub after: Option<Value>,
}

impl<C: ColumnTrait> By<C> {
    fn expression(self) -> SimpleExpr {
        let column = |column: C| Expr::col(column.as_column_ref());
        match self {
            Self::Full(one) => column(one),
            Self::Text(one) => Func::coalesce([column(one), Expr::val("")]).into(),
            Self::Number(one) => Func::coalesce([column(one), Expr::val(0i64)]).into(),
            Self::Day(one) => Func::coalesce([column(one), Expr::val(chrono::NaiveDate::default())]).into(),
            Self::Of(one, table, name) => looked_up(column(one), (table, "id"), name),
            Self::OfItem(one, table, name) => looked_up(column(one), (table, "item_id"), name),
        }
    }
}

/// What stands in the column `name` of the row whose key is `id`; blank when there is none.
fn looked_up(id: SimpleExpr, key: (&'static str, &'static str), name: &'static str) -> SimpleExpr {
    let row = Query::select().column((key.0, name)).from(key.0).and_where(Expr::col(key).eq(id)).take();
    Func::coalesce([SimpleExpr::SubQuery(None, Box::new(row.into())), Expr::val("")]).into()
}

/// The query in this order, from after its row on; whoever asks limits it.
pub fn sorted<E: EntityTrait>(query: Select<E>, order: &Order<E::Column>) -> Select<E> {
    let Some(key) = E::PrimaryKey::iter().next().map(sea_orm::PrimaryKeyToColumn::into_column) else { return query };
    let (by, id) = (order.by.expression(), Expr::col(key.as_column_ref()));
    let way = if order.down { Way::Desc } else { Way::Asc };
    let query = query.order_by(by.clone(), way.clone()).order_by(id.clone(), way);
    let Some(after) = &order.after else { return query };
    let last = Query::select()
        .exprs([by.clone(), id.clone()])
        .from(E::default().table_ref())
        .and_where(key.eq(after.clone()))
        .take();
    let (row, last) = (Expr::tuple([by, id]), SimpleExpr::SubQuery(None, Box::new(last.into())));
    query.filter(if order.down { row.lt(last) } else { row.gt(last) })
}
