//! One scene a page and state, with the longest real words of the catalogue.

use kiosk::view::*;
use serde_json::Value;
use std::sync::Arc;

/// What is shown, and what is touched before it is looked at.
pub struct Scene {
    pub name: &'static str,
    pub view: View,
    pub touches: Vec<&'static str>,
}

/// The catalogue's words in one language.
pub struct Words {
    catalogue: Value,
    pub english: bool,
}

impl Words {
    fn load(language: Language) -> Self {
        let path = super::root().join("assets/catalogue/catalogue.json");
        let catalogue = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
        Self { catalogue, english: language == Language::En }
    }

    pub fn of(&self, zh: &str, en: &str) -> String {
        if self.english { en } else { zh }.to_string()
    }

    fn pick(&self, value: &Value, zh: &str, en: &str) -> String {
        let text = |key: &str| value[key].as_str().filter(|text| !text.is_empty());
        if self.english { text(en).or(text(zh)) } else { text(zh) }.unwrap_or_default().to_string()
    }

    fn items(&self) -> &Vec<Value> {
        self.catalogue["items"].as_array().unwrap()
    }

    /// The longest label, name or choice of one kind in the catalogue.
    fn longest(&self, texts: impl Iterator<Item = String>) -> String {
        texts.max_by_key(|text| text.chars().count()).unwrap_or_default()
    }

    fn fields(&self) -> impl Iterator<Item = &Value> {
        self.items()
            .iter()
            .flat_map(|item| item["form"]["sections"].as_array().unwrap())
            .flat_map(|section| section["fields"].as_array().unwrap())
    }
}

fn frame(words: &Words, language: Language, elder: bool) -> Frame {
    Frame {
        language,
        elder,
        hall: words.pick(&words.catalogue["hall"], "name_zh", "name_en"),
        terminal_no: "007".into(),
        offline: false,
        progress: None,
        back: true,
        leave: true,
        staff: Staff::Button,
        today: jiff::civil::date(2026, 11, 24),
        masked: false,
    }
}

/// A page of nothing, to start afresh from.
pub fn between(view: &View) -> View {
    View { frame: view.frame.clone(), page: Page::Waiting(Waiting::Storing), cover: None }
}

/// All scenes in one language and type size.
pub fn scenes(language: Language, elder: bool) -> Vec<Scene> {
    let words = Words::load(language);
    let mut scenes = Vec::new();
    let base = frame(&words, language, elder);
    let front = Frame { back: false, leave: false, ..base.clone() };
    let mut add = |name: &'static str, frame: &Frame, page: Page| {
        scenes.push(Scene { name, view: View { frame: frame.clone(), page, cover: None }, touches: Vec::new() });
    };
    let at = |step: u8| Frame {
        progress: Some(Progress { step, of: 6, title: words.of("老年人优待证办理", "Senior citizen card") }),
        ..base.clone()
    };

    add("idle", &front, Page::Idle(idle(&words, true)));
    let desk = Frame {
        staff: Staff::Desk(
            words.of("需要帮忙请到 1 层 1 号咨询台，或打 12345", "For help go to desk 1, 1st floor, or call 12345"),
        ),
        ..front.clone()
    };
    add("idle-closed", &desk, Page::Idle(idle(&words, false)));
    add("home", &front, Page::Home(home(&words, 8)));
    add("home-few", &Frame { offline: true, ..desk.clone() }, Page::Home(home(&words, 4)));
    add("home-guest", &Frame { leave: true, ..front.clone() }, {
        let home = home(&words, 3);
        Page::Home(Home { card_reader: false, guest: words.of("王*示", "D. A. S."), ..home })
    });
    add("welcome", &base, Page::Welcome(welcome(&words, 4)));
    add("welcome-expired", &base, Page::Welcome(welcome(&words, 1)));
    add("services", &base, Page::Services(services(&words, 20)));
    add("services-look-up", &Frame { offline: true, ..base.clone() }, Page::Services(look_ups(&words)));
    add("services-none", &base, Page::Services(services(&words, 0)));
    add("guide", &base, Page::Guide(guide(&words)));
    add("for-whom", &at(1), Page::ForWhom(for_whom(&words)));
    for (name, state) in cards(&words) {
        add(name, &at(1), Page::Card(card(&words, state)));
    }
    add("card-staff", &at(1), Page::Card(staff_card(&words)));
    add("question-choice", &at(3), Page::Question(question_choice(&words)));
    add("question-facts", &at(2), Page::Question(question_facts(&words)));
    add("question-rows", &at(3), Page::Question(question_rows(&words)));
    add("question-lists", &Frame { offline: true, ..at(3) }, Page::Question(question_lists(&words)));
    add("materials", &at(4), Page::Materials(materials(&words)));
    add("review", &at(5), Page::Review(review(&words, false)));
    add("review-look-up", &at(5), Page::Review(Review { follows: Follows::LookUp, ..review_look_up(&words) }));
    add("review-error", &Frame { offline: true, ..at(5) }, Page::Review(review(&words, true)));
    add("sign", &at(6), Page::Sign(sign(None)));
    add(
        "sign-empty",
        &at(6),
        Page::Sign(Sign {
            strokes: vec![],
            error: words.of("请在框里签名，或点“不便签名”", "Please sign in the box, or touch “I cannot sign”"),
            witness: None,
        }),
    );
    add("sign-witness", &at(6), Page::Sign(sign(Some(Witness::StaffCard))));
    add("waiting", &Frame { back: false, leave: false, ..at(6) }, Page::Waiting(Waiting::Sending));
    let end = Frame { back: false, ..base.clone() };
    add("outcome", &end, Page::Outcome(outcome(&words, true)));
    add("outcome-offline", &Frame { offline: true, ..end.clone() }, Page::Outcome(outcome(&words, false)));
    add("farewell", &Frame { leave: false, ..end.clone() }, Page::Farewell(farewell(&words)));
    add("message", &base, Page::Message(message(&words)));
    add("notices", &base, Page::Notices(notices(&words, false)));
    add("notice", &base, Page::Notices(notices(&words, true)));
    add(
        "out-of-service",
        &Frame { back: false, leave: false, ..desk.clone() },
        Page::OutOfService(out_of_service(&words)),
    );

    for (name, page) in super::paper::pages(&words).into_iter().chain(super::tracking::pages(&words)) {
        scenes.push(Scene { name, view: View { frame: base.clone(), page, cover: None }, touches: Vec::new() });
    }
    typed_in(&mut scenes, &words, &base, &at(3));
    covers(&mut scenes, &words, &at(3));
    scenes
}

/// The same pages with a keyboard or a list open.
fn typed_in(scenes: &mut Vec<Scene>, words: &Words, base: &Frame, journey: &Frame) {
    let mut add = |name, frame: &Frame, page, touches: Vec<&'static str>| {
        scenes.push(Scene { name, view: View { frame: frame.clone(), page, cover: None }, touches });
    };
    let line = if words.english { "Mobile number" } else { "手机号码" };
    add("keys-digits", journey, Page::Question(question_choice(words)), vec![line]);
    let id = if words.english { "ID number" } else { "证件号码" };
    add("keys-id", journey, Page::Question(question_lines(words)), vec![id]);
    let code = if words.english { "Unified social credit code" } else { "统一社会信用代码" };
    add("keys-code", journey, Page::Question(question_lines(words)), vec![code]);
    let text = if words.english { "Address" } else { "通讯地址" };
    add("keys-text", journey, Page::Question(question_lines(words)), vec![text]);
    let search = if words.english { "Search services" } else { "搜索事项" };
    add("keys-search", base, Page::Services(services(words, 3)), vec![search]);
    let nation = if words.english { "Ethnic group" } else { "民族" };
    add("picker", journey, Page::Question(question_lists(words)), vec![nation]);
    let scope = if words.english { "Business scope" } else { "经营范围" };
    let wheels = if words.english { "Wheels for Start of residence" } else { "拨着选居住起始日期" };
    add("wheels", journey, Page::Question(question_dates(words, "2026-11-24")), vec![wheels]);
    add("wheels-empty", journey, Page::Question(question_dates(words, "")), vec![wheels]);
    let month = if words.english { "Wheels for First month of payment" } else { "拨着选首次缴费月份" };
    add("wheels-month", journey, Page::Question(question_dates(words, "2026-11-24")), vec![month]);
    add("picker-many", journey, Page::Question(question_lists(words)), vec![scope]);
}

fn covers(scenes: &mut Vec<Scene>, words: &Words, frame: &Frame) {
    let all = [
        ("cover-warning", Cover::Warning { seconds: 24, filling: true }),
        ("cover-calling", Cover::StaffCall(StaffCall::Calling)),
        (
            "cover-answered",
            Cover::StaffCall(StaffCall::Answered { who: words.of("导办员 小李", "Guide Li"), minutes: 2 }),
        ),
        (
            "cover-unanswered",
            Cover::StaffCall(StaffCall::Unanswered {
                desk: words.of("1 层东区 1 号咨询台，或拨打 12345", "Desk 1, 1st floor east, or call 12345"),
            }),
        ),
        ("cover-leave", Cover::LeaveAsked),
    ];
    for (name, cover) in all {
        let page = Page::Question(question_choice(words));
        scenes.push(Scene { name, view: View { frame: frame.clone(), page, cover: Some(cover) }, touches: Vec::new() });
    }
}

fn idle(words: &Words, open: bool) -> Idle {
    let notices = words.catalogue["notices"].as_array().unwrap().iter().take(3);
    let titles = notices.map(|n| (n["id"].as_str().unwrap().to_string(), words.pick(n, "title_zh", "title_en")));
    Idle {
        hours: if open {
            words.of("今天 9:00—12:00、13:00—17:00", "Today 9:00–12:00, 13:00–17:00")
        } else {
            words.of("11月25日(周三) 9:00 开门", "Opens Wednesday, 25 November, 9:00")
        },
        open,
        works_now: if open {
            String::new()
        } else {
            words.of(
                "现在可以查办事指南、填写申请；提交后开门时送达",
                "Now you can read guides and apply; what you submit is delivered when the hall opens",
            )
        },
        notices: titles.collect(),
        card_reader: true,
        recovered: (!open).then(|| Recovered { time: "10:42".into(), number: "007-00012-6".into() }),
    }
}

fn home(words: &Words, count: usize) -> Home {
    let lines = [
        ("A 区约 12 分钟", "Zone A: about 12 min"),
        ("社保、公积金、房产、纳税", "Insurance, fund, property, tax"),
        ("身份证、手机文件，免费", "ID card, phone files, free"),
        ("刷身份证，边问边填", "By ID card, question by question"),
        ("去哪里、多久办好、收不收费", "Where, how long, what it costs"),
        ("刷身份证或输提交编号", "By ID card or number"),
        ("办不成事、提意见", "Problems and opinions"),
        ("今天 2 条新消息", "2 new today"),
    ];
    let menu = words.catalogue["menu"].as_array().unwrap().iter().zip(lines);
    let tiles = menu.enumerate().map(|(place, (entry, (zh, en)))| Tile {
        id: entry["id"].as_str().unwrap().into(),
        title: words.pick(entry, "zh", "en"),
        line: words.of(zh, en),
        reason: if place == 2 {
            words.of("10:42 起打印机缺纸，正在处理", "No paper since 10:42, being refilled")
        } else {
            String::new()
        },
    });
    Home {
        hours: words.of("今天 9:00—12:00、13:00—17:00", "Today 9:00–12:00, 13:00–17:00"),
        tiles: tiles.take(count).collect(),
        card_reader: true,
        guest: String::new(),
    }
}

fn welcome(words: &Words, count: usize) -> Welcome {
    let rows = services(words, count).rows;
    Welcome {
        name: words.of("王*示", "D. A. S."),
        rows: if count == 1 { Vec::new() } else { rows },
        remark: if count == 1 {
            words.of(
                "这张证件已经过期，不能用来提交申请；换领新证请到 1 层北区公安服务区。办事指南可以照常看。",
                "This card has expired and cannot be used to apply; renew it at the public security area, ground floor \
                 north. Guides can be read as usual.",
            )
        } else {
            String::new()
        },
        large_type: count > 1,
    }
}

fn services(words: &Words, count: usize) -> Services {
    let rows = words.items().iter().take(count).enumerate().map(|(place, item)| ServiceRow {
        id: item["item_id"].as_str().unwrap().into(),
        title: words.pick(item, "plain_name_zh", "title_en"),
        official: format!(
            "{} · {}",
            item["task_name"].as_str().unwrap(),
            item["guide"]["accept_org"].as_str().unwrap()
        ),
        minutes: u32::try_from(item["kiosk"]["est_minutes"].as_u64().unwrap_or(5)).unwrap(),
        reason: if place == 2 {
            words
                .of("现在断网，这一项要联网才能办；可到 B01 窗口", "Needs the network, which is down; go to window B01")
        } else {
            String::new()
        },
    });
    let filter = |id: &str, label: String, selected| Filter { id: id.into(), label, selected };
    let mut filters = vec![
        filter("all", words.of("全部", "All"), true),
        filter("audience:1", words.of("个人", "People"), false),
        filter("audience:2", words.of("企业", "Businesses"), false),
    ];
    let themes = words.catalogue["themes"].as_array().unwrap();
    filters.extend(
        themes
            .iter()
            .take(9)
            .map(|t| filter(&format!("theme:{}", t.as_str().unwrap()), t.as_str().unwrap().into(), false)),
    );
    Services {
        errand: Errand::Apply,
        query: if count == 0 { "没有的事".into() } else { String::new() },
        filters,
        rows: rows.collect(),
    }
}

/// The records that can be looked up, as they stand with the network down.
fn look_ups(words: &Words) -> Services {
    let all = services(words, 20);
    let records = ["XC-RSJ-01", "XC-GJJ-01", "XC-BDC-01", "XC-SWJ-01"];
    let rows = all.rows.into_iter().filter(|row| records.contains(&row.id.as_str())).map(|row| ServiceRow {
        reason: words.of(
            "网络中断，查不到最新的记录；请稍后再来，或到窗口",
            "The network is down and records cannot be looked up; come back later, or go to the window",
        ),
        ..row
    });
    Services { errand: Errand::LookUp, rows: rows.collect(), ..all }
}

fn staff_card(words: &Words) -> Card {
    Card {
        role: words.of("工作人员", "Staff member"),
        title: words.of(
            "查看或办理本人的事，要由工作人员当面核对您和证件上是同一个人",
            "For your own records and this service a member of staff compares you with the card",
        ),
        state: CardState::Staff(words.of(
            "大厅没有认出这张工作卡。您填写的内容还在，请工作人员换一张工作卡再刷",
            "The hall does not know this staff card. Your answers are still here; another staff card is needed",
        )),
        large_type: false,
        other_way: String::new(),
    }
}

fn review_look_up(words: &Words) -> Review {
    Review {
        notice: words.of(
            "记录由主管部门此刻提供，只在本机显示和打印，本机不留存；打印件上有验证码，任何人都可以核对真伪。",
            "The record comes from the department at this moment. It is shown and printed here and not kept; a code on \
             the paper lets anybody verify it.",
        ),
        consent: String::new(),
        error: words.of(
            "暂时联系不上大厅，请稍后再试，或到 1 号咨询台",
            "The hall cannot be reached: try again later, or ask at desk 1",
        ),
        ..review(words, true)
    }
}

/// The item whose guide is longest.
fn guide(words: &Words) -> Guide {
    let item = words.items().iter().max_by_key(|item| item["guide"].to_string().chars().count()).unwrap();
    let g = &item["guide"];
    let list = |key: &str| {
        g[key]
            .as_array()
            .map(|a| a.iter().filter_map(|v| v.as_str().map(String::from)).collect::<Vec<_>>())
            .unwrap_or_default()
    };
    let materials: Vec<String> = item["materials"]
        .as_array()
        .unwrap()
        .iter()
        .map(|m| words.pick(m, "material_name", "material_name_en"))
        .collect();
    Guide {
        title: words.pick(item, "plain_name_zh", "title_en"),
        official: format!("{} · {}", item["task_name"].as_str().unwrap(), g["accept_org"].as_str().unwrap()),
        facts: vec![
            (words.of("谁能办", "Who"), g["scope"].as_str().unwrap().chars().take(16).collect()),
            (words.of("多久办好", "How long"), item["promise"]["explain"].as_str().unwrap_or("5 个工作日").into()),
            (words.of("收费", "Fee"), words.of("不收费", "Free")),
        ],
        sections: vec![
            (words.of("要带的材料", "What to bring"), materials),
            (words.of("办理条件", "Conditions"), list("accept_condition")),
            (words.of("在哪里办", "Where"), vec![g["transact_addr"].as_str().unwrap().into()]),
            (words.of("办理时间", "When"), vec![g["transact_time"].as_str().unwrap().into()]),
            (words.of("您的权利", "Your rights"), list("rights")),
        ],
        can_apply: true,
        can_print: true,
        qr: Some(qr()),
        printed: words.of("清单已打印，请从左下方取走", "Printed. Take it at the lower left"),
    }
}

fn qr() -> QrCode {
    let modules = (0..33 * 33).map(|i| (i * 7 + i / 33 * 5) % 3 == 0).collect();
    QrCode { size: 33, modules: Arc::new(modules) }
}

fn for_whom(words: &Words) -> ForWhom {
    let choice = |id: &str, label: String, hint: String| (id.to_string(), label, hint);
    ForWhom {
        title: words.of("办老年证", "Senior citizen card"),
        choices: vec![
            choice("self", words.of("给自己办", "For myself"), words.of("带您自己的身份证", "With your own ID card")),
            choice(
                "family",
                words.of("替家人办", "For a family member"),
                words.of(
                    "带家人的和您自己的身份证；老人不能到场的，另带关系证明",
                    "With both ID cards; proof of kinship if the person is not here",
                ),
            ),
            choice(
                "organisation",
                words.of("替单位办", "For an organisation"),
                words.of("带法定代表人或经办人的身份证", "With the ID card of the representative or agent"),
            ),
        ],
        note: words
            .of("未满 60 周岁的，请到 2 层西区 D01 窗口咨询", "Under 60, please ask at window D01, 2nd floor west"),
    }
}

fn cards(words: &Words) -> Vec<(&'static str, CardState)> {
    vec![
        ("card", CardState::Waiting),
        ("card-reading", CardState::Reading),
        ("card-lifted", CardState::LiftedTooEarly),
        ("card-unreadable", CardState::Unreadable { attempts: 3 }),
        ("card-fault", CardState::ReaderFault),
        (
            "card-wrong",
            CardState::WrongCard(words.of(
                "这张身份证 2026年10月1日已过期。请带新证件来，或到 1 层北区 G02 窗口换领。",
                "This card expired on 1 October 2026. Bring a valid one, or renew it at window G02.",
            )),
        ),
        (
            "card-read",
            CardState::Read {
                name: "王*示".into(),
                number: "419*************58".into(),
                remark: words.of(
                    "姓名里的“𰻝”本机能显示；“〈U+E863〉”显示不了，工作人员会核对。",
                    "One character of the name cannot be shown here; staff will check it.",
                ),
            },
        ),
    ]
}

fn card(words: &Words, state: CardState) -> Card {
    Card {
        role: words.of("法定代表人(经营者)", "legal representative"),
        title: words.of("办老年证", "Senior citizen card"),
        large_type: matches!(state, CardState::Read { .. }),
        state,
        other_way: words.of("家人不能到场，手工填写证件号", "Not here: type the number instead"),
    }
}

fn field(key: &str, label: String, help: String, control: Control) -> Field {
    Field { key: key.into(), label, help, optional: false, error: String::new(), control }
}

fn choice(value: &str, label: String, selected: bool) -> Choice {
    Choice { value: value.into(), label, section: String::new(), selected }
}

fn question_choice(words: &Words) -> Question {
    let kinds = [
        ("手机", "Mobile"),
        ("座机", "Landline"),
        ("家人代收", "Family member"),
        ("我自己来查", "I will check myself"),
    ];
    let choices = kinds.iter().enumerate().map(|(i, (zh, en))| choice(&i.to_string(), words.of(zh, en), i == 0));
    let mut line = field(
        "contact#value",
        words.of("手机号码", "Mobile number"),
        String::new(),
        Control::Line { text: "138001380".into(), keyboard: Keyboard::Mobile, max_len: 11 },
    );
    line.error = words.of("手机号应为 11 位，还差 2 位", "A mobile number has 11 digits, 2 are missing");
    Question {
        title: words.of("办好了怎样通知您？", "How shall we tell you when it is ready?"),
        fields: vec![
            field(
                "contact#kind",
                words.of("怎样通知您", "How"),
                String::new(),
                Control::Buttons { choices: choices.collect(), many: false },
            ),
            line,
        ],
        errors: vec![words.of("手机号应为 11 位，还差 2 位", "A mobile number has 11 digits, 2 are missing")],
    }
}

fn question_facts(words: &Words) -> Question {
    let fact = |key: &str, label: String, value: &str, origin, changeable| {
        field(key, label, String::new(), Control::Fact { value: value.into(), origin, changeable })
    };
    Question {
        title: words.of("核对证件上的信息", "Check what the card says"),
        fields: vec![
            fact("name", words.of("姓名", "Name"), "阿卜杜热西提·阿卜杜克热木", Origin::Card, true),
            fact("id", words.of("证件号码", "ID number"), "419*************58", Origin::Card, false),
            fact(
                "born",
                words.of("出生日期", "Date of birth"),
                &words.of("1945年10月1日，81 周岁", "1 October 1945, aged 81"),
                Origin::Derived,
                false,
            ),
            fact(
                "addr",
                words.of("户籍地址", "Registered address"),
                "河南省周口市项城市水寨街道办事处人民路中段福寿小区12号楼3单元402室",
                Origin::Card,
                true,
            ),
            field(
                "promise",
                words.of(
                    "本人知晓：以承诺代替佐证材料的，作不实承诺要承担相应责任，办理部门会在办结后核查",
                    "I use a written promise instead of proof and know that it will be checked",
                ),
                String::new(),
                Control::Tick { on: true },
            ),
        ],
        errors: vec![],
    }
}

fn question_lines(words: &Words) -> Question {
    let line = |key: &str, label: String, help: String, text: &str, keyboard| {
        field(key, label, help, Control::Line { text: text.into(), keyboard, max_len: 0 })
    };
    let mut code = line(
        "code",
        words.of("统一社会信用代码", "Unified social credit code"),
        words.of("营业执照上的 18 位代码", "18 characters, on the business licence"),
        "91411681MA",
        Keyboard::Code,
    );
    code.error = words.of("应为 18 位，还差 8 位", "18 characters are needed, 8 are missing");
    let mut date = line(
        "date",
        words.of("居住登记日期", "Date of residence registration"),
        String::new(),
        "20261",
        Keyboard::Date,
    );
    date.error = words.of("日期没有写完，比如 2026年1月5日写作 20260105", "The date is not complete");
    Question {
        title: words.of("请补充这些信息", "A few more things"),
        fields: vec![
            line(
                "id",
                words.of("证件号码", "ID number"),
                words.of("老人身份证上的号码", "The number on the card"),
                "41168119451001",
                Keyboard::IdNumber,
            ),
            code,
            date,
            line(
                "bank",
                words.of("银行卡号", "Bank card number"),
                String::new(),
                "6217001234567890123",
                Keyboard::BankCard,
            ),
            line(
                "address",
                words.of("通讯地址", "Address"),
                words.of("能收到信的地方，可用实体键盘写中文", "Where letters reach you"),
                "河南省项城市水寨街道",
                Keyboard::Text,
            ),
        ],
        errors: vec!["一".into(), "二".into()],
    }
}

fn question_dates(words: &Words, date: &str) -> Question {
    let line = |key: &str, label: String, text: &str, keyboard| {
        let control = Control::Line { text: text.into(), keyboard, max_len: 0 };
        field(
            key,
            label,
            words.of("记不清的，写大概的日子", "If you are not sure, give the day as you remember it"),
            control,
        )
    };
    Question {
        title: words.of("从什么时候开始", "Since when"),
        fields: vec![
            line("start", words.of("居住起始日期", "Start of residence"), date, Keyboard::Date),
            line("month", words.of("首次缴费月份", "First month of payment"), "2026-09", Keyboard::Month),
        ],
        errors: Vec::new(),
    }
}

fn question_rows(words: &Words) -> Question {
    let row = |row: usize| {
        let name = field(
            &format!("children.{row}.c_name"),
            words.of("孩子姓名", "Child's name"),
            String::new(),
            Control::Line { text: String::new(), keyboard: Keyboard::Text, max_len: 20 },
        );
        let sexes = vec![choice("1", words.of("男", "Male"), false), choice("2", words.of("女", "Female"), true)];
        let sex = field(
            &format!("children.{row}.sex"),
            words.of("性别", "Sex"),
            String::new(),
            Control::Buttons { choices: sexes, many: false },
        );
        let head = field(
            &format!("children.{row}"),
            String::new(),
            String::new(),
            Control::RowHead { title: words.of(&format!("第 {} 名", row + 1), &format!("Child {}", row + 1)) },
        );
        vec![head, name, sex]
    };
    let mut fields = [row(0), row(1)].concat();
    fields.push(field(
        "children",
        words.of("再加一名", "Add another child"),
        String::new(),
        Control::AddRow { enabled: true },
    ));
    let mut note = field(
        "note",
        words.of("还要说明什么", "Anything else"),
        String::new(),
        Control::Paragraph {
            text: words.of("两个孩子在同一所学校读书，希望一起办理。", "Both go to the same school."),
            max_len: 200,
        },
    );
    note.optional = true;
    fields.push(note);
    Question { title: words.of("家里有几个孩子？", "Your children"), fields, errors: vec![] }
}

fn question_lists(words: &Words) -> Question {
    let industries = words.catalogue["codes"]["biz_scope"].as_array().unwrap();
    let scopes =
        industries.iter().enumerate().map(|(i, v)| choice(&i.to_string(), v.as_str().unwrap().into(), i < 3)).collect();
    let nations = [
        ("汉族", "Han"),
        ("满族", "Manchu"),
        ("回族", "Hui"),
        ("维吾尔族", "Uygur"),
        ("哈萨克族", "Kazak"),
        ("苗族", "Miao"),
        ("壮族", "Zhuang"),
        ("土家族", "Tujia"),
    ];
    let nations = nations.iter().enumerate().map(|(i, (zh, en))| Choice {
        value: i.to_string(),
        label: words.of(zh, en),
        section: words.of(if i < 3 { "常见" } else { "其他" }, if i < 3 { "Common" } else { "Others" }),
        selected: false,
    });
    let longest = words.longest(
        words
            .fields()
            .flat_map(|f| f["options"].as_array().cloned().unwrap_or_default())
            .map(|o| words.pick(&o, "zh", "en")),
    );
    let many = vec![
        choice("a", longest, true),
        choice("b", words.of("失业保险", "Unemployment"), false),
        choice("c", words.of("工伤保险", "Work injury"), true),
    ];
    Question {
        title: words.of("选择这几项", "Choose these"),
        fields: vec![
            field(
                "nation",
                words.of("民族", "Ethnic group"),
                String::new(),
                Control::List { choices: nations.collect(), many: false },
            ),
            field(
                "scope",
                words.of("经营范围", "Business scope"),
                words.of("可以选几项", "Several may be chosen"),
                Control::List { choices: scopes, many: true },
            ),
            field(
                "kinds",
                words.longest(words.fields().map(|f| words.pick(f, "label_zh", "label_en"))),
                String::new(),
                Control::Buttons { choices: many, many: true },
            ),
        ],
        errors: vec![],
    }
}

fn materials(words: &Words) -> Materials {
    let all = words.items().iter().flat_map(|i| i["materials"].as_array().unwrap());
    let longest = words.longest(all.clone().map(|m| words.pick(m, "material_name", "material_name_en")));
    let help = words.longest(all.map(|m| m["accept_stand"].as_str().unwrap_or_default().to_string()));
    let picture = Picture {
        width: 60,
        height: 84,
        rgb: Arc::new((0..60 * 84 * 3).map(|i| 120 + (i / 180 % 100) as u8).collect()),
    };
    let row = |order_num, name: String, state, pages: Vec<Picture>| MaterialRow {
        order_num,
        name,
        help: help.clone(),
        state,
        can_capture: true,
        can_scan: order_num != 3,
        can_defer: true,
        optional: false,
        pages,
        max_pages: 3,
    };
    Materials {
        rows: vec![
            row(1, words.of("申请人有效身份证件", "Valid ID of the applicant"), MaterialState::FromCard, vec![]),
            row(2, longest, MaterialState::Missing, vec![]),
            row(3, words.of("近期免冠照片", "Recent photo"), MaterialState::Captured, vec![picture.clone(), picture]),
            MaterialRow {
                optional: true,
                can_capture: false,
                ..row(4, words.of("医院诊断证明", "Medical certificate"), MaterialState::Deferred, vec![])
            },
        ],
        error: words.of(
            "还差“关系证明”。可以现在拍，也可以点“以后补交”。",
            "The proof of kinship is missing. Capture it now, or hand it in later.",
        ),
    }
}

fn review(words: &Words, wrong: bool) -> Review {
    let row = |id: &str, label: String, origin: String, value: String, changeable| ReviewRow {
        id: id.into(),
        label,
        origin,
        value,
        changeable,
    };
    let card = words.of("来自身份证", "from the card");
    Review {
        rows: vec![
            row("name", words.of("申请人", "Applicant"), card.clone(), "王*示 · 419*************58".into(), false),
            row("born", words.of("出生日期", "Date of birth"), card, words.of("1945年10月1日，81 周岁", "1 October 1945, aged 81"), false),
            row("agent", words.of("代办人", "Agent"), String::new(), words.of("女儿 赵*试", "Daughter 赵*试"), true),
            row("contact", words.of("怎样通知", "How to tell you"), words.of("自填", "typed"), words.of("手机 138****8000", "Mobile 138****8000"), true),
            row("address", words.of("居住地址", "Address"), words.of("自填", "typed"), "河南省周口市项城市水寨街道办事处人民路中段福寿小区12号楼3单元402室".into(), true),
            row("photo", words.of("照片", "Photo"), String::new(), words.of("用身份证上的照片", "The one on the ID card"), true),
        ],
        revealed: false,
        notice: words.of("提交后，工作人员核对材料是否齐全、是否符合法定形式，符合的予以受理；是否准予，受理后审查决定。", "After you submit, staff check whether the documents are complete and in legal form; the decision follows after acceptance. The Chinese text prevails."),
        declaration: words.of("本人确认以上内容属实，已知悉办理条件；如有隐瞒或作假，愿承担相应责任。", "I confirm that this is true and know the conditions; I am liable for false statements. The Chinese text prevails."),
        consent: words.of("同意本机读取证件信息，加密后送交办理部门，仅用于本事项。", "I agree that card data is read, encrypted and sent to the department, for this service only."),
        agreed: !wrong,
        error: if wrong { words.of("请先看一看并勾选“同意提交”", "Please read and tick the box first") } else { String::new() },
        follows: if wrong { Follows::Submission } else { Follows::Signature },
    }
}

fn sign(witness: Option<Witness>) -> Sign {
    let stroke = |x: f32| (0..40).map(|i| (x + i as f32 * 4.0, 220.0 + (i as f32 / 5.0).sin() * 90.0)).collect();
    Sign { strokes: vec![stroke(120.0), stroke(380.0), stroke(640.0)], error: String::new(), witness }
}

fn outcome(words: &Words, delivered: bool) -> Outcome {
    Outcome {
        delivered,
        number_small: "411681-20261123".into(),
        number_large: "007-00012-6".into(),
        query_code: "704318".into(),
        slip: if delivered {
            Slip::Printed
        } else {
            Slip::NotPrinted(words.of(
                "打印纸用完了，请记下编号或扫码带走；工作人员已收到通知",
                "Out of paper. Note the number or scan the code; staff has been told",
            ))
        },
        qr: qr(),
        next: vec![
            if delivered {
                words.of(
                    "大厅 5 个工作日内核对材料，要补正会一次说清",
                    "The hall checks the documents within 5 working days",
                )
            } else {
                words.of(
                    "联网后自动送达，不用您操作；送达前查不到进度",
                    "It is delivered once the network is back; you need not do anything",
                )
            },
            words.of(
                "等通知后，带身份证到 2 层西区 D01 窗口取证",
                "When told, bring your ID card to window D01, 2nd floor west",
            ),
        ],
        not_here: words.of(
            "照片回执本机还不能打印，请到 2 层西区 D01 窗口领取",
            "The photo receipt cannot be printed here; ask at window D01",
        ),
    }
}

fn farewell(words: &Words) -> Farewell {
    Farewell {
        card: true,
        slip: true,
        paper: true,
        erased: vec![
            words.of("身份证上的姓名、号码、住址", "name, number and address of the card"),
            words.of("您填写的 12 项内容和签名", "12 answers and the signature"),
            words.of("1 张照片", "1 photo"),
        ],
        kept: words.of(
            "申请已加密存在本机，只有大厅能打开，送达并备份后自动删除",
            "The application is encrypted here; only the hall can open it. It is deleted once delivered and backed up",
        ),
        seconds: 15,
    }
}

fn message(words: &Words) -> Message {
    Message {
        tone: Tone::Warning,
        title: words.of("这一项现在不能在本机办", "This cannot be done here now"),
        lines: vec![
            words.of("办老年证要年满 60 周岁，证件上的年龄还不到。", "A senior card needs age 60; the card says less."),
            words.of(
                "想提前了解，请到 2 层西区 D01 窗口，或打 0394-0000108。",
                "For questions go to window D01, 2nd floor west, or call 0394-0000108.",
            ),
        ],
        next: words.of("看看要带什么材料", "See what to bring"),
    }
}

fn notices(words: &Words, open: bool) -> Notices {
    let all = words.catalogue["notices"].as_array().unwrap();
    let rows = all.iter().map(|n| {
        (
            n["id"].as_str().unwrap().to_string(),
            words.pick(n, "title_zh", "title_en"),
            n["category"].as_str().unwrap().to_string(),
        )
    });
    let longest = all.iter().max_by_key(|n| n["body_zh"].as_str().unwrap_or_default().chars().count()).unwrap();
    Notices {
        rows: rows.collect(),
        open: open.then(|| (words.pick(longest, "title_zh", "title_en"), words.pick(longest, "body_zh", "body_en"))),
    }
}

fn out_of_service(words: &Words) -> OutOfService {
    OutOfService {
        reason: words.of("本机暂时不能接收新的申请", "This terminal cannot take applications now"),
        since: "10:42".into(),
        elsewhere: words.of("旁边的 8 号终端，或 1 层 3 号咨询台", "terminal 8 next to it, or desk 3 on the 1st floor"),
        technician: words.of(
            "数据盘剩余 12 MB，低于 200 MB。待发送 41 件，最早 3 天前。处理：导出密封件或检查网络。",
            "Data disk: 12 MB free, below 200 MB. 41 waiting, oldest 3 days. Export sealed files or check the network.",
        ),
    }
}
