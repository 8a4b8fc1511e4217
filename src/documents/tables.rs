//! The tables that Hufu reads: the columns of its file tools and of its imports.

use super::schema::table;

table! {
    /// The book: what should be there.
    Book BOOK "book" "资产账" {
        ItemNumber "item_number" "资产编号" Identifier required
            ["资产编码", "固定资产编号", "固定资产编码", "资产卡片编号", "卡片编号", "资产号", "物品编号", "asset_number"]
            or ["编号", "编码", "卡片号", "自定义编号"];
        Name "name" "资产名称" Text ["固定资产名称", "物品名称", "设备名称", "item_name", "asset_name"] or ["名称", "品名"];
        Unit "unit" "使用部门" Text ["使用单位", "所属单位", "使用/管理部门", "所属部门", "所在部门", "所在单位"]
            or ["单位", "部门", "科室", "单位名称", "部门名称", "管理部门", "department"];
        Place "place" "存放地点" Text ["存放位置", "存放处", "存放地", "放置地点", "所在位置", "location"]
            or ["地点", "位置", "房间", "房间号", "book_place"];
        Keeper "keeper" "使用人" Text ["保管人", "责任人", "使用人/责任人", "领用人", "使用人姓名", "asset_user"]
            or ["管理人", "姓名", "book_keeper", "user"];
        Quantity "quantity" "数量" Quantity ["账面数量", "账面数", "账存数量", "资产数量", "book_quantity", "qty"] or ["件数"];
        State "state" "使用状况" State ["使用状态", "资产状态", "资产状况", "状态", "usage_status", "status"] or ["现状"];
        SerialNumber "serial_number" "序列号"
            Identifier ["机身序列号", "机身号", "出厂编号", "出厂序列号", "SN", "S/N", "SN码", "serial"] or ["机号"];
        Value "value" "价值" Money ["资产价值", "账面价值"]
            or ["原值", "账面原值", "资产原值", "金额", "original_value", "价值合计"];
        ExcusedBy "excused_by" "不在依据" Text ["不在位依据", "离位依据", "外出依据", "不在原因"] or [];
    }
}

table! {
    /// A count: what was seen, one row a sighting.
    Count COUNT "count" "盘点表" {
        ItemNumber "item_number" "资产编号" Identifier required
            ["资产编码", "固定资产编号", "固定资产编码", "资产卡片编号", "卡片编号", "资产号", "物品编号", "asset_number"]
            or ["编号", "编码", "条码", "扫描内容", "卡片号", "自定义编号", "barcode"];
        Place "place" "盘点地点" Text ["实际地点", "实际存放地点", "实际位置", "实盘地点", "counted_place"]
            or ["存放地点", "存放位置", "地点", "位置", "房间", "location"];
        Keeper "keeper" "实际使用人" Text ["盘点使用人", "现使用人", "实际保管人", "counted_keeper"]
            or ["使用人", "保管人", "责任人"];
        Quantity "quantity" "实盘数量" Quantity ["实盘数", "盘点数量", "实有数量", "实际数量", "清点数量", "counted_quantity"]
            or ["数量", "qty", "件数"];
        Condition "condition" "完好情况" Text ["完好状况", "实物状况", "物品状况", "实际状况", "完好程度"]
            or ["使用状况", "状况", "状态"];
        CountedAt "counted_at" "盘点时间" DateTime ["盘点日期", "清点时间", "扫描时间"] or ["时间", "日期"];
        Counter "counter" "盘点人" Text ["清点人", "盘点人员", "盘点员", "扫描人"] or [];
        SerialNumber "serial_number" "序列号"
            Identifier ["机身序列号", "机身号", "出厂编号", "出厂序列号", "SN", "S/N", "SN码", "serial"] or ["机号"];
        Name "name" "资产名称" Text ["固定资产名称", "物品名称", "设备名称", "item_name", "asset_name"] or ["名称", "品名"];
        Note "note" "备注" Text ["盘点备注", "remark", "remarks", "notes"] or ["说明"];
    }
}

table! {
    /// A count brought into a campaign: as [`Count`], and the code on the label.
    Counts COUNTS "counts" "盘点表" {
        ItemNumber "item_number" "资产编号" Identifier
            ["资产编码", "固定资产编号", "固定资产编码", "资产卡片编号", "卡片编号", "资产号", "物品编号", "asset_number"]
            or ["编号", "编码", "卡片号", "自定义编号"];
        Place "place" "盘点地点" Text ["实际地点", "实际存放地点", "实际位置", "实盘地点", "counted_place"]
            or ["存放地点", "存放位置", "地点", "位置", "房间", "location"];
        Keeper "keeper" "实际使用人" Text ["盘点使用人", "现使用人", "实际保管人", "counted_keeper"]
            or ["使用人", "保管人", "责任人"];
        Quantity "quantity" "实盘数量" Quantity ["实盘数", "盘点数量", "实有数量", "实际数量", "清点数量", "counted_quantity"]
            or ["数量", "qty", "件数"];
        Condition "condition" "完好情况" Text ["完好状况", "实物状况", "物品状况", "实际状况", "完好程度"]
            or ["使用状况", "状况", "状态"];
        CountedAt "counted_at" "盘点时间" DateTime ["盘点日期", "清点时间", "扫描时间"] or ["时间", "日期"];
        Counter "counter" "盘点人" Text ["清点人", "盘点人员", "盘点员", "扫描人"] or [];
        SerialNumber "serial_number" "序列号"
            Identifier ["机身序列号", "机身号", "出厂编号", "出厂序列号", "SN", "S/N", "SN码", "serial"] or ["机号"];
        Name "name" "资产名称" Text ["固定资产名称", "物品名称", "设备名称", "item_name", "asset_name"] or ["名称", "品名"];
        Note "note" "备注" Text ["盘点备注", "remark", "remarks", "notes"] or ["说明"];
        Code "code" "标签码" Identifier ["标签编码", "标签号", "二维码", "条码", "扫描内容", "barcode", "label_code"] or [];
    }
}

table! {
    /// The things to print labels for.
    Items ITEMS "items" "标签清单" {
        Code "code" "标签码" Identifier ["标签编码", "标签号", "二维码", "条码", "barcode", "label_code"] or [];
        ItemNumber "item_number" "资产编号" Identifier required
            ["资产编码", "固定资产编号", "固定资产编码", "资产卡片编号", "卡片编号", "资产号", "物品编号", "asset_number"]
            or ["编号", "编码", "卡片号", "自定义编号"];
        Name "name" "资产名称" Text ["固定资产名称", "物品名称", "设备名称", "item_name", "asset_name"] or ["名称", "品名"];
        Specification "specification" "规格型号" Text ["规格", "型号", "型号规格", "规格/型号", "model", "spec"] or [];
        Unit "unit" "使用部门" Text ["使用单位", "所属单位", "使用/管理部门", "所属部门", "所在部门", "所在单位"]
            or ["单位", "部门", "科室", "单位名称", "部门名称", "管理部门", "department"];
        Keeper "keeper" "使用人" Text ["保管人", "责任人", "使用人/责任人", "领用人", "使用人姓名", "asset_user"]
            or ["管理人", "姓名", "user"];
        Place "place" "存放地点" Text ["存放位置", "存放处", "存放地", "放置地点", "所在位置", "location"]
            or ["地点", "位置", "房间", "房间号"];
        AcquiredOn "acquired_on" "取得日期" Date ["购置日期", "购入日期", "购买日期", "取得时间", "购置时间"]
            or ["启用日期", "入账日期"];
    }
}

table! {
    /// The vehicles whose fuel is checked.
    Vehicles VEHICLES "vehicles" "车辆台账" {
        Plate "plate" "车牌号" Identifier required ["车牌", "车牌号码", "号牌号码", "车号", "plate_number"] or ["号牌"];
        TankL "tank_l" "油箱容量" Decimal ["油箱容积", "油箱", "tank_capacity"] or ["容量"];
        FuelGrade "fuel_grade" "油品" Text ["燃油标号", "油品标号", "燃料标号", "燃油种类", "燃料种类", "燃料类型", "燃油类型", "grade"]
            or ["标号"];
        RatedLPer100km "rated_l_per_100km" "百公里油耗" Decimal
            ["额定油耗", "百公里标准油耗", "额定百公里油耗", "标准油耗", "核定油耗", "litres_per_100km"] or ["油耗"];
        CardNumber "card_number" "加油卡号" Identifier ["油卡号", "副卡号", "油卡卡号", "fuel_card"] or ["卡号", "加油卡", "油卡"];
        Unit "unit" "使用部门" Text ["使用单位", "所属单位", "所属部门", "所在单位"] or ["单位", "部门", "单位名称"];
        State "state" "使用状况" State ["车辆状态", "使用状态", "状态", "车辆状况", "status"] or ["现状"];
    }
}

table! {
    /// Fuel-card transactions, as the oil companies export them.
    Fills FILLS "fills" "加油记录" {
        FillId "fill_id" "流水号" Identifier ["交易流水号", "交易流水", "交易编号", "单号", "小票号", "transaction_id"]
            or ["序号", "编号"];
        CardNumber "card_number" "卡号" Identifier ["加油卡号", "副卡号", "油卡号", "油卡卡号", "交易卡号"] or ["加油卡"];
        Plate "plate" "车牌号" Identifier ["车牌", "车牌号码", "车号", "号牌号码", "持卡人/车牌"] or ["持卡人"];
        FilledAt "filled_at" "交易时间" DateTime required ["加油时间", "交易日期", "加油日期", "消费时间", "opeTime"]
            or ["时间", "日期"];
        Kind "kind" "交易类型" Text ["业务类型", "traName"] or ["类型"];
        Grade "grade" "油品" Text ["商品名称", "油品名称", "油品标号", "oilName", "品名"] or ["标号"];
        Litres "litres" "加油量" Decimal ["加油升数", "升数", "加油数量", "litre", "liters", "油量"] or ["数量"];
        UnitPrice "unit_price" "单价" Decimal ["油价", "加油单价", "price"] or [];
        Amount "amount" "金额" Money ["交易金额", "加油金额", "实付金额"] or ["应付金额", "消费金额"];
        Balance "balance" "余额" Money ["卡余额", "卡内余额"] or [];
        Station "station" "网点" Text ["加油站", "网点名称", "交易地点", "加油地点", "网点/地点", "油站名称", "nodeTag"]
            or ["地点", "油站"];
        OdometerKm "odometer_km" "里程表读数" Decimal ["里程数", "里程", "加油里程", "当前里程", "公里数"] or [];
        FullTank "full_tank" "是否加满" YesNo ["加满", "满箱", "是否满箱"] or [];
        Note "note" "备注" Text ["remark", "remarks", "notes"] or ["说明"];
    }
}

table! {
    /// Trips, from the vehicles' logbooks.
    Trips TRIPS "trips" "出车记录" {
        Plate "plate" "车牌号" Identifier required ["车牌", "车牌号码", "车号", "号牌号码"] or ["车辆"];
        DepartedAt "departed_at" "出车时间" DateTime required ["出发时间", "出车日期", "用车时间", "开始时间", "departure_time"]
            or ["时间", "日期"];
        ReturnedAt "returned_at" "还车时间" DateTime ["返回时间", "回队时间", "收车时间", "结束时间", "return_time"] or [];
        DepartedKm "departed_km" "出车前里程" Decimal ["出车里程", "出发里程", "起始里程", "出车里程数", "开始里程"] or [];
        ReturnedKm "returned_km" "还车里程" Decimal ["还车时里程", "返回里程", "收车里程", "终止里程", "结束里程", "还车后里程"]
            or ["里程"];
        Destination "destination" "目的地" Text ["目的地点", "去向", "前往地点", "到达地点"] or ["地点"];
        Driver "driver" "驾驶员" Text ["驾驶人", "司机", "驾驶员姓名"] or [];
    }
}

table! {
    /// Readings of odometers.
    Odometer ODOMETER "odometer" "里程表读数" {
        Plate "plate" "车牌号" Identifier required ["车牌", "车牌号码", "车号", "号牌号码"] or ["车辆"];
        ReadOn "read_on" "读数日期" Date required ["抄表日期", "登记日期", "抄表时间", "读数时间"] or ["日期", "时间"];
        OdometerKm "odometer_km" "里程表读数" Decimal required ["里程数", "里程", "读数", "当前里程", "公里数", "累计里程", "累计行驶里程"]
            or [];
    }
}

table! {
    /// Vehicles as their ledger has them, with what their cards say.
    Cars CARS "cars" "公务用车台账" {
        ItemNumber "item_number" "资产编号" Identifier required ["资产编码", "固定资产编号", "卡片编号", "asset_number"] or ["编号", "编码"];
        Plate "plate" "车牌号" Identifier required ["车牌", "车牌号码", "号牌号码", "车号", "plate_number"] or ["号牌"];
        Name "name" "车辆名称" Text ["资产名称", "车辆类型", "名称", "vehicle_name"] or ["品名"];
        Specification "specification" "规格型号" Text ["型号", "车型", "品牌型号", "规格", "model"] or [];
        Brand "brand" "品牌" Text ["厂牌", "品牌名称"] or [];
        Unit "unit" "使用部门" Text required ["使用单位", "所属单位", "所属部门", "所在单位"] or ["单位", "部门", "单位名称"];
        Vin "vin" "车辆识别号" Identifier ["车辆识别代号", "车架号", "VIN", "VIN码"] or [];
        EngineNumber "engine_number" "发动机号" Identifier ["发动机号码", "engine"] or [];
        Quota "quota" "编制情况" Text ["编制", "车辆编制"] or [];
        UseKind "use_kind" "车辆用途" Text ["用途", "使用性质"] or [];
        Energy "energy" "能源类型" Text ["能源", "燃料种类", "燃料类型", "动力类型"] or [];
        Seats "seats" "座位数" Quantity ["核定载客", "座位", "载客人数"] or [];
        DisplacementMl "displacement_ml" "排气量" Text ["汽车排气量", "排量"] or [];
        TankL "tank_l" "油箱容量" Decimal ["油箱容积", "油箱", "tank_capacity"] or ["容量"];
        FuelGrade "fuel_grade" "燃油标号" Text ["油品", "油品标号", "燃料标号", "grade"] or ["标号"];
        RatedLPer100km "rated_l_per_100km" "百公里油耗" Decimal ["额定油耗", "额定百公里油耗", "标准油耗"] or ["油耗"];
        RegisteredOn "registered_on" "登记日期" Date ["注册日期", "上牌日期"] or [];
        CompulsoryUntil "compulsory_until" "交强险到期" Date ["交强险到期日", "交强险有效期", "保险到期"] or [];
        CommercialUntil "commercial_until" "商业险到期" Date ["商业险到期日", "商业险有效期"] or [];
        InspectedUntil "inspected_until" "年检有效期" Date ["检验有效期", "年检到期", "检验有效期至", "年审到期"] or [];
        OdometerKm "odometer_km" "累计行驶里程" Quantity ["里程", "里程数", "当前里程", "累计里程"] or [];
        Value "value" "价值" Money ["原值", "账面原值", "资产原值"] or ["金额"];
        AcquiredOn "acquired_on" "取得日期" Date ["购置日期", "购入日期", "购买日期"] or [];
    }
}

table! {
    /// Guns as their ledger has them.
    Guns GUNS "guns" "配备枪支台账" {
        Model "model" "枪支类型" Text required ["枪支型号", "枪型", "型号"] or ["类型"];
        Serial "serial" "枪号" Identifier required ["枪支号码", "枪支编号", "firearm_serial"] or ["编号"];
        Category "category" "枪种" Text ["枪支种类"] or ["种类"];
        Certificate "certificate" "枪证号码" Identifier ["枪证号", "枪证", "持枪证件号", "firearm_certificate"] or [];
        BallisticRecord "ballistic_record" "痕迹建档" Identifier ["痕迹建档编号", "弹痕建档", "弹痕档案号"] or [];
        Store "store" "枪弹库" Identifier required ["枪库", "枪库编号", "枪弹库编号", "armoury"] or ["库"];
        Cabinet "cabinet" "枪柜" Identifier ["枪柜编号", "gun_cabinet"] or ["柜号"];
        Slot "slot" "枪位" Quantity ["枪位号"] or ["位置"];
        DedicatedTo "dedicated_to" "专用人" Text ["专用人警号", "使用人"] or [];
        IssuedOn "issued_on" "配发时间" Date ["配发日期"] or ["日期"];
        Value "value" "价值" Money ["原值", "账面原值"] or ["金额"];
        Document "document" "凭证" Text ["配发文号", "调拨单号", "凭证号"] or ["文号"];
    }
}

table! {
    /// Rounds by lot as they came into a store.
    Lots LOTS "lots" "弹药台账" {
        TypeName "type_name" "弹药种类" Text required ["弹药类型", "子弹种类", "弹种"] or ["种类", "类型"];
        Lot "lot" "批次" Identifier required ["批号", "弹药批次", "批次号"] or ["编号"];
        Rounds "rounds" "发数" Quantity required ["数量（发）", "数量(发)", "子弹数"];
        Store "store" "弹药库" Identifier required ["枪弹库", "弹药库编号", "枪弹库编号", "armoury"] or ["库"];
        Document "document" "凭证" Text required ["入库单号", "调拨单号", "凭证号"] or ["文号"];
        MadeOn "made_on" "生产日期" Date ["出厂日期"] or ["日期"];
        Note "note" "备注" Text ["说明"] or [];
    }
}

table! {
    /// Armed officers and their carry licences.
    Carriers CARRIERS "officers" "配枪人员台账" {
        BadgeNumber "badge_number" "警号" Identifier ["民警警号"] or ["编号"];
        Name "name" "姓名" Text ["民警姓名", "配枪人员"] or ["名称"];
        Licence "licence" "持枪证号" Identifier required ["证件号码", "持枪证", "持枪证号码", "carry_licence"] or ["证号"];
        Issuer "issuer" "发证机关" Text ["发证单位"] or [];
        IssuedOn "issued_on" "发证日期" Date required ["领证日期"] or [];
        ValidUntil "valid_until" "有效期限" Date required ["有效期至", "有效期", "到期日期", "换证日期"] or [];
        Note "note" "说明" Text ["备注"] or [];
    }
}

table! {
    /// Units of the sub-bureau.
    Units UNITS "units" "单位" {
        Code "code" "单位代码" Identifier required ["单位编码", "机构代码", "部门编码", "部门代码", "单位编号", "unit_code"]
            or ["代码", "编码", "编号"];
        Name "name" "单位名称" Text required ["机构名称", "部门名称", "unit_name"] or ["名称", "单位", "部门"];
        Parent "parent" "上级单位" Text ["上级单位代码", "上级部门", "上级机构", "上级单位编码", "parent_code"] or ["上级"];
        Kind "kind" "单位类型" Text ["单位类别", "机构类型", "单位性质"] or ["类型", "类别"];
    }
}

table! {
    /// People of the sub-bureau.
    People PEOPLE "people" "人员" {
        BadgeNumber "badge_number" "警号" Identifier required ["工号", "人员编号", "警员编号", "辅警编号", "警号/工号"]
            or ["编号"];
        Name "name" "姓名" Text required ["人员姓名", "民警姓名"] or ["名称"];
        Unit "unit" "所属单位" Text required ["单位", "所在单位", "单位名称", "所属部门", "工作单位"] or ["部门", "科室", "单位代码"];
        Duty "duty" "职责" Text ["管理职责", "岗位职责", "资产管理职责"] or ["岗位", "角色"];
        Kind "kind" "人员类别" Text ["人员类型", "人员身份", "身份"] or ["类别", "类型"];
    }
}

table! {
    /// Places where things are kept.
    Places PLACES "places" "存放地点" {
        Code "code" "地点代码" Identifier required ["地点编码", "地点编号", "房间编号", "位置编码", "place_code"]
            or ["代码", "编码", "编号"];
        Name "name" "地点名称" Text required ["存放地点", "房间名称", "位置名称", "place_name"] or ["名称", "地点", "房间", "位置"];
        Unit "unit" "所属单位" Text ["使用部门", "使用单位", "管理单位", "单位名称", "所属部门"] or ["单位", "部门", "单位代码"];
        Keeper "keeper" "保管人" Text ["管理人", "责任人", "负责人", "保管人姓名"] or ["警号"];
    }
}

table! {
    /// Fixed assets, as the asset system exports their cards.
    Assets ASSETS "assets" "固定资产" {
        ItemNumber "item_number" "资产编号" Identifier required
            ["资产编码", "固定资产编号", "固定资产编码", "资产卡片编号", "卡片编号", "资产号", "物品编号", "asset_number"]
            or ["编号", "编码", "卡片号", "自定义编号"];
        ClassCode "class_code" "资产分类代码" Identifier ["分类代码", "资产分类编码", "国标分类代码", "国标代码", "asset_class_code"]
            or ["分类编码"];
        ClassName "class_name" "资产分类名称" Text ["分类名称", "资产类别", "资产类别名称"] or ["资产分类"];
        Name "name" "资产名称" Text required ["固定资产名称", "物品名称", "设备名称", "item_name", "asset_name"] or ["名称", "品名"];
        Specification "specification" "规格型号" Text ["规格", "型号", "型号规格", "规格/型号", "model", "spec"] or [];
        SerialNumber "serial_number" "序列号"
            Identifier ["机身序列号", "机身号", "出厂编号", "出厂序列号", "SN", "S/N", "SN码", "serial"] or ["机号"];
        Unit "unit" "使用部门" Text required ["使用单位", "所属单位", "使用/管理部门", "所属部门", "所在部门", "所在单位"]
            or ["单位", "部门", "科室", "单位名称", "部门名称", "管理部门", "department"];
        Place "place" "存放地点" Text ["存放位置", "存放处", "存放地", "放置地点", "所在位置", "location"]
            or ["地点", "位置", "房间", "房间号"];
        Keeper "keeper" "使用人" Text ["保管人", "责任人", "使用人/责任人", "领用人", "使用人姓名", "asset_user"]
            or ["管理人", "姓名", "user"];
        Quantity "quantity" "数量" Quantity ["账面数量", "账面数", "账存数量", "资产数量", "qty"] or ["件数"];
        MeasureUnit "measure_unit" "计量单位" Text ["数量单位"] or ["单位"];
        Value "value" "价值" Money ["资产价值", "账面价值"]
            or ["原值", "账面原值", "资产原值", "金额", "original_value", "价值合计"];
        State "state" "使用状况" State ["使用状态", "资产状态", "资产状况", "状态", "usage_status", "status"] or ["现状"];
        AcquiredOn "acquired_on" "取得日期" Date ["购置日期", "购入日期", "购买日期", "取得时间", "购置时间"]
            or ["启用日期", "入账日期"];
        Brand "brand" "品牌" Text ["品牌名称", "厂牌"] or [];
        ExcusedBy "excused_by" "不在依据" Text ["不在位依据", "离位依据", "外出依据", "不在原因"] or [];
        Form "form" "卡片种类" Text ["卡片类型"];
        BookedOn "booked_on" "财务入账日期" Date [];
        Voucher "voucher" "会计凭证号" Identifier ["记账凭证号"] or ["凭证号"];
        Valuation "valuation" "价值类型" Text [];
        Fiscal "fiscal_fen" "财政拨款" Money ["财政性资金", "财政拨款金额"];
        NonFiscal "non_fiscal_fen" "非财政拨款" Money ["非财政性资金", "非财政拨款金额"];
        Acquisition "acquisition" "取得方式" Text [];
        Purchase "purchase_organisation" "采购组织形式" Text [];
        BudgetProject "budget_project" "预算项目编号" Identifier [];
        Manufacturer "manufacturer" "生产厂家" Text ["生产厂商", "制造商"];
        Supplier "supplier" "销售商" Text ["供应商", "销售单位"];
        Contract "contract_number" "合同编号" Identifier ["合同号"];
        Invoice "invoice_number" "发票号" Identifier ["发票号码"];
        WarrantyUntil "warranty_until" "保修截止日期" Date ["保修期至"];
        Booking "booking" "财务入账状态" Text ["入账状态"];
        AccountSubject "account_subject" "入账科目" Text ["会计科目"];
        Depreciation "depreciation" "折旧状态" Text [];
        LifeYears "life_years" "折旧年限" Identifier ["折旧年限(年)"];
        InServiceOn "in_service_on" "投入使用日期" Date [];
        ManagingUnit "managing_unit" "资产管理部门" Text [] or ["管理部门"];
        Purpose "purpose" "设备用途" Text [];
        RepairCost "repair_cost_fen" "维修费用合计" Money [];
        FromConstruction "from_construction" "是否在建工程转入" Text [];
        CustomNumber "custom_number" "单位自编号" Identifier [] or ["自定义编号"];
        Plate "plate" "车牌号" Identifier ["车牌号码", "号牌号码"];
        Vin "vin" "车辆识别号" Identifier ["车架号", "车辆识别代号"];
        EngineNumber "engine_number" "发动机号" Identifier [];
        Origin "origin" "车辆产地" Text [];
        Displacement "displacement_ml" "排气量（毫升）" Identifier [];
        Quota "quota" "编制情况" Text [];
        VehicleUse "vehicle_use" "车辆用途" Text [];
        HasLicence "has_licence" "行驶证" Text [];
        LicenceHolder "licence_holder" "持证人" Text [];
        RegisteredOn "registered_on" "登记日期" Date [];
        Seats "seats" "座位数" Identifier [];
        Mileage "mileage_km" "累计行驶里程" Identifier [];
        Site "site" "坐落位置" Text [];
        Area "area" "面积" Identifier ["建筑面积"];
        Structure "structure" "建筑结构" Text [];
        Title "title_certificate" "权属证号" Identifier [];
        Material "material" "材质" Text [];
        Remark "remark" "备注" Text [];
    }
}

/// Every table, for help texts and tests.
pub const ALL: [&super::schema::Schema; 16] = [
    BOOK, COUNT, COUNTS, ITEMS, VEHICLES, FILLS, TRIPS, ODOMETER, CARS, GUNS, LOTS, CARRIERS, UNITS, PEOPLE, PLACES,
    ASSETS,
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::documents::columns::normal;
    use std::collections::HashMap;

    #[test]
    fn no_header_is_two_fields_own_name() {
        for schema in ALL {
            let mut seen = HashMap::new();
            for field in schema.fields {
                let own = field.headers.iter().chain([&field.name, &field.zh]);
                for header in own.clone().map(|h| normal(h)).collect::<std::collections::BTreeSet<_>>() {
                    if let Some(other) = seen.insert(header.clone(), field.name) {
                        panic!("{}: {header} is both {other} and {}", schema.name, field.name);
                    }
                }
                for header in field.fallback {
                    assert!(!own.clone().any(|own| normal(own) == normal(header)), "{}: {header}", schema.name);
                }
            }
        }
    }
}

table! {
    /// The finance system's list of fixed assets, to be held against the book.
    Finance FINANCE "finance" "财务资产明细账" {
        ItemNumber "item_number" "资产编号" Identifier required
            ["资产编码", "固定资产编号", "固定资产编码", "资产卡片编号", "卡片编号", "资产号", "asset_number"]
            or ["编号", "编码", "卡片号", "自定义编号"];
        Name "name" "资产名称" Text ["固定资产名称", "物品名称", "设备名称", "asset_name"] or ["名称", "品名"];
        Value "value" "原值" Money required
            ["账面原值", "资产原值", "固定资产原值", "原值（元）", "原值(元)", "original_value", "入账价值"]
            or ["价值", "资产价值", "账面价值", "金额", "借方余额"];
        Accumulated "accumulated" "累计折旧" Money ["累计折旧额", "已提折旧", "累计折旧（元）", "累计折旧(元)", "accumulated_depreciation"]
            or ["折旧"];
        Net "net" "净值" Money ["账面净值", "资产净值", "净值（元）", "净值(元)", "净额", "net_value"] or [];
        BookedOn "booked_on" "入账日期" Date ["财务入账日期", "记账日期", "入账时间"] or ["日期"];
        Account "account" "科目" Text ["入账科目", "会计科目", "科目名称", "科目编码", "科目代码", "总账科目"] or [];
        Unit "unit" "使用部门" Text ["使用单位", "所属单位", "使用/管理部门", "所属部门", "所在部门"]
            or ["单位", "部门", "科室", "单位名称", "部门名称", "管理部门"];
    }
}
