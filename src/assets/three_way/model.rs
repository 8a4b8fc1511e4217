//! Verdicts in their order of precedence, kinds of explanation, where a check stands.

use crate::kernel::naming::named;

named! {
    /// What the three say of one thing; the first that applies. See the table of [`super`].
    Verdict {
        TwiceInFinance "twice_in_finance" "财务重复入账"
        GoneFromBook "gone_from_book" "已处置未销账"
        NotOnBook "not_on_book" "财务有实物账无"
        NotOnAnyBook "not_on_any_book" "盘盈、账销物存"
        NotInFinance "not_in_finance" "财务未入账"
        CountMissing "count_missing" "盘亏"
        CountDiffers "count_differs" "数量不符"
        ValueDiffers "value_differs" "原值不符"
        DepreciationDiffers "depreciation_differs" "折旧、净值不符"
        NotCounted "not_counted" "未盘点"
        Agreed "agreed" "三方相符"
    }
}

named! {
    /// Why the three differ.
    Category {
        Timing "timing" "入账时间差"
        ToBook "to_book" "待登记入账"
        WrongEntry "wrong_entry" "登记有误待更正"
        Valuation "valuation" "计价口径不同"
        ShortagePending "shortage_pending" "盘亏待批"
        DisposalPending "disposal_pending" "处置待销账"
        Found "found" "已找到"
        Other "other" "其他"
    }
}

named! {
    /// Where a check stands.
    State {
        Open "open" "核对中"
        Closed "closed" "已核对"
        Void "void" "已作废"
    }
}
