//! Looking for what somebody typed, the same on both engines.

use sea_orm::sea_query::{Expr, ExprTrait as _, Func, LikeExpr};
use sea_orm::{ColumnTrait, sea_query::SimpleExpr};

/// Whether the column has `text` in it, as it stands: `%` and `_` are letters like any other, and Latin letters are
/// alike in both cases. SQLite's LIKE takes no notice of case and PostgreSQL's does; so both sides are lowered.
pub fn contains(column: impl ColumnTrait, text: &str) -> SimpleExpr {
    let pattern = format!("%{}%", escaped(text));
    let lowered = Expr::expr(Func::lower(Expr::col(column.as_column_ref())));
    // ASCII only: so does lower() of SQLite, and of PostgreSQL on text that is compared by bytes.
    lowered.like(LikeExpr::new(pattern.to_ascii_lowercase()).escape(ESCAPE))
}

const ESCAPE: char = '!';

fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        if matches!(letter, '%' | '_' | ESCAPE) {
            escaped.push(ESCAPE);
        }
        escaped.push(letter);
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::escaped;

    #[test]
    fn what_like_would_read_as_a_sign_is_a_letter() {
        for (typed, sent) in [("电脑", "电脑"), ("100%", "100!%"), ("A_1", "A!_1"), ("!", "!!"), (r"\", r"\")] {
            assert_eq!(escaped(typed), sent);
        }
    }
}
