//! Digital certificates in the year.

use hufu::access::{CoSigner, accounts};
use hufu::certificates::keeping::{self, NewCertificate};
use hufu::certificates::lending::{self, Wish};
use hufu::certificates::model::Deed;
use hufu::certificates::quizzes::{self, NewQuiz};
use hufu::certificates::{checks, reminders};
use hufu::kernel::Actor;
use hufu::kernel::Timestamp;
use hufu::kernel::rights::Scope;

use super::year::Year;

impl Year {
    /// Out and back, out and lost, found, closed; a check with something amiss; a question.
    pub(super) async fn certificates(&self) {
        let (db, ctx, unit) = (&self.office.db, &self.ctx, self.office.units[1]);
        let holder = self.office.people[1][2];
        let account = accounts::create(db, ctx, "holder", holder).await.unwrap().account.id;
        let theirs = ctx.acting_as(Actor::Person(holder), Scope::Everything);
        let taker = CoSigner { person: holder, account, ctx: theirs };
        let valid_until = ctx.now().day() + chrono::Days::new(900);
        for number in ["GA-0001", "GA-0002"] {
            let (number, kept_at) = (number.to_owned(), "证书柜".to_owned());
            keeping::enter(db, ctx, &NewCertificate { number, holder, kept_at, valid_until }).await.unwrap();
        }
        let wish = Wish { task: "审批".to_owned(), due: Timestamp(ctx.now().0 + 3_600_000) };
        lending::draw(db, ctx, &taker, "GA-0001", &wish).await.unwrap();
        checks::check(db, ctx, unit, &[], "有一个不在柜").await.unwrap();
        lending::take_back(db, ctx, "GA-0001", "完好").await.unwrap();
        lending::draw(db, ctx, &taker, "GA-0001", &wish).await.unwrap();
        for deed in [Deed::Lose, Deed::Find, Deed::Close] {
            keeping::keep(db, ctx, "GA-0001", None, deed, "外出").await.unwrap();
        }
        lending::draw(db, ctx, &taker, "GA-0002", &wish).await.unwrap();
        self.office.clock.advance_ms(3_600_001);
        reminders::mark(db, ctx).await.unwrap();
        lending::take_back(db, ctx, "GA-0002", "").await.unwrap();
        let (question, answer) = ("证书遗失怎么办？".to_owned(), "立即报告".to_owned());
        quizzes::ask(db, ctx, &NewQuiz { person: holder, question, answer, correct: true }).await.unwrap();
    }
}
