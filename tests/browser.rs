//! The program as a person starts it, seen and used through the browser view: by role and name in a headless
//! Chromium, and by those who must be refused. Without Chromium its tests say so by name and are skipped.
#![allow(clippy::unwrap_used, clippy::expect_used)]

#[path = "browser/chromium.rs"]
mod chromium;
#[path = "browser/errand.rs"]
mod errand;
#[path = "browser/page.rs"]
mod page;
#[path = "browser/program.rs"]
mod program;

use chromium::Chromium;
use page::Page;
use program::Program;

/// Runs a test with a browser, or says that it is skipped.
fn in_chromium(name: &str, test: impl AsyncFnOnce(&mut Chromium)) {
    let Some(program) = chromium::installed() else {
        println!("SKIPPED {name}: there is no Chromium on this machine (apt-get install chromium)");
        return;
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let mut browser = Chromium::start(program, &[]).await;
        test(&mut browser).await;
    });
}

#[test]
fn the_seat_survives_a_reload_and_is_refused_to_another_browser() {
    in_chromium("the_seat_survives_a_reload_and_is_refused_to_another_browser", async |browser| {
        let program = Program::start();
        let mine = Page::open(browser, &program.link).await;
        mine.sees(browser, "button", "EN").await;
        assert_eq!(mine.evaluate(browser, "location.hash").await, "", "the token stays in the address");
        mine.reload(browser).await;
        mine.sees(browser, "button", "EN").await;
        let other = Page::open(browser, &program.link).await;
        other.says(browser, "链接无效，或已被另一个浏览器使用").await;
        let bare = Page::open(browser, program.link.split('#').next().unwrap()).await;
        bare.says(browser, "这里看不到终端").await;
        mine.press(browser, "button", "EN").await;
        mine.sees(browser, "button", "中文").await;
    });
}

#[test]
fn an_application_by_role_and_name_becomes_one_case_and_a_slip() {
    in_chromium("an_application_by_role_and_name_becomes_one_case_and_a_slip", async |browser| {
        let program = Program::start();
        let page = Page::open(browser, &program.link).await;
        errand::asks_for_the_card(&page, browser).await;
        page.dock(browser, "button", "放上证件：赵测试").await;
        page.reads(browser, "证件读好了").await;
        page.dock(browser, "button", "拿走证件").await;
        errand::fills_signs_and_submits(&page, browser).await;
        page.reads(browser, "大厅已收到").await;

        let number = errand::number(&page, browser).await;
        // Reading the hall's books is blocking work; this thread belongs to the browser.
        std::thread::scope(|threads| threads.spawn(|| the_hall_has_one_case(&program, &number)).join().unwrap());

        let on_screen = code_in(page.picture(browser, page::SCREEN, "查询进度的二维码").await);
        page.dock(browser, "button", "看单据").await;
        let on_paper = code_in(page.picture(browser, page::DOCK, "最后一张单据").await);
        assert_eq!(on_paper, on_screen, "slip and screen lead to the same application");
        page.save(browser, "browser-view.png").await;
    });
}

/// Exactly one case under that number, with what was typed.
fn the_hall_has_one_case(program: &Program, number: &str) {
    let hall = program.data.path().join("hall");
    let cases = hall::inspect::cases(&hall).unwrap();
    assert_eq!(cases.len(), 1);
    assert_eq!(cases[0].number, number);
    let opened = hall::inspect::open_case(&hall, &cases[0].submission_id).unwrap();
    let answers = serde_json::to_value(&opened.part0.answers).unwrap();
    errand::is_what_was_typed(&answers);
}

/// What the QR code in a picture says.
fn code_in((width, height, grey): (usize, usize, Vec<u8>)) -> String {
    let mut picture = rqrr::PreparedImage::prepare_from_greyscale(width, height, |x, y| grey[y * width + x]);
    let codes = picture.detect_grids();
    assert_eq!(codes.len(), 1, "one code in {width} x {height}");
    codes[0].decode().unwrap().1
}

#[test]
fn a_finger_on_the_picture_and_a_screen_reader_do_the_same() {
    in_chromium("a_finger_on_the_picture_and_a_screen_reader_do_the_same", async |browser| {
        let program = Program::start();
        let page = Page::open(browser, &program.link).await;
        page.touch(browser, "button", "EN").await;
        page.sees(browser, "button", "中文").await;
        page.press(browser, "button", "中文").await;
        page.sees(browser, "button", "EN").await;
    });
}

#[test]
fn chinese_is_written_into_a_field_that_was_clicked() {
    in_chromium("chinese_is_written_into_a_field_that_was_clicked", async |browser| {
        let program = Program::start();
        let page = Page::open(browser, &program.link).await;
        page.press(browser, "button", "触摸屏幕开始").await;
        page.press(browser, "button", "办事申请").await;
        page.touch(browser, "textbox", "搜索事项").await;
        page.compose(browser, "laonian", "老年").await;
        page.sees(browser, "button", "办老年证").await;
        let value = page.evaluate(browser, "document.querySelector('.layer > [aria-label=搜索事项]').value").await;
        assert_eq!(value, "老年");
    });
}

#[test]
fn a_keyboard_leads_out_of_the_picture_again() {
    in_chromium("a_keyboard_leads_out_of_the_picture_again", async |browser| {
        let program = Program::start();
        let page = Page::open(browser, &program.link).await;
        page.press(browser, "button", "触摸屏幕开始").await;
        page.touch(browser, "button", "EN").await;
        page.touch(browser, "button", "中文").await;
        page.key(browser, "Tab", 9).await;
        page.has_focus(browser, "canvas").await;
        page.key(browser, "Escape", 27).await;
        page.has_focus(browser, "您好，请选择要办的事").await;
        page.key(browser, "Tab", 9).await;
        page.has_focus(browser, "button").await;
    });
}

#[test]
fn a_second_finger_and_the_right_button_are_no_touch() {
    in_chromium("a_second_finger_and_the_right_button_are_no_touch", async |browser| {
        let program = Program::start();
        let page = Page::open(browser, &program.link).await;
        page.click_right(browser, "button", "EN").await;
        page.second_finger(browser, "button", "EN").await;
        page.sees(browser, "button", "EN").await;
        page.touch(browser, "button", "EN").await;
        page.sees(browser, "button", "中文").await;
    });
}

#[test]
fn a_cover_has_the_focus_and_gives_it_back_to_the_page() {
    in_chromium("a_cover_has_the_focus_and_gives_it_back_to_the_page", async |browser| {
        let program = Program::start();
        let page = Page::open(browser, &program.link).await;
        page.press(browser, "button", "触摸屏幕开始").await;
        page.press(browser, "button", "办事申请").await;
        page.press(browser, "button", "办老年证").await;
        page.press(browser, "button", "给自己办").await;
        page.dock(browser, "button", "放上证件：赵测试").await;
        page.press(browser, "button", "下一步").await;
        page.evaluate(browser, "document.querySelector('.layer > [aria-label=退出]').focus()").await;
        page.press(browser, "button", "退出").await;
        page.has_focus(browser, "要退出吗？").await;
        page.press(browser, "button", "不退出，继续填").await;
        page.sees(browser, "button", "退出").await;
        let title = "document.activeElement.node?.live";
        assert_eq!(page.evaluate(browser, title).await, "polite");
    });
}

#[test]
fn no_button_of_a_long_page_lies_over_the_button_that_turns_it() {
    in_chromium("no_button_of_a_long_page_lies_over_the_button_that_turns_it", async |browser| {
        let program = Program::start();
        let page = Page::open(browser, &program.link).await;
        page.press(browser, "button", "触摸屏幕开始").await;
        page.press(browser, "button", "办事申请").await;
        page.sees(browser, "button", "向下翻").await;
        let over = "(() => { \
             const all = [...document.querySelectorAll('[aria-label=终端屏幕] .layer > button')].map((e) => e.node); \
             const [x, y, w, h] = all.find((n) => n.label === '向下翻').rect; \
             const meets = ([a, b, c, d]) => a < x + w && x < a + c && b < y + h && y < b + d; \
             return all.filter((n) => n.label !== '向下翻' && meets(n.rect)).map((n) => n.label); })()";
        assert_eq!(page.evaluate(browser, over).await, serde_json::json!([]));
    });
}

#[test]
fn a_new_page_is_said_has_the_focus_and_tells_its_language() {
    in_chromium("a_new_page_is_said_has_the_focus_and_tells_its_language", async |browser| {
        let program = Program::start();
        let page = Page::open(browser, &program.link).await;
        page.press(browser, "button", "触摸屏幕开始").await;
        page.sees(browser, "button", "办事申请").await;
        page.evaluate(browser, "document.querySelector('.layer > [aria-label=办事申请]').focus()").await;
        page.press(browser, "button", "办事申请").await;
        page.sees(browser, "button", "向下翻").await;
        assert_eq!(page.evaluate(browser, "document.activeElement.textContent").await, "您要申请哪一项？");
        assert_eq!(page.evaluate(browser, "document.getElementById('polite').textContent").await, "您要申请哪一项？");
        assert_eq!(page.evaluate(browser, "document.documentElement.lang").await, "zh-CN");
        page.press(browser, "button", "EN").await;
        page.sees(browser, "button", "中文").await;
        assert_eq!(page.evaluate(browser, "document.documentElement.lang").await, "en");
    });
}

#[test]
fn an_address_beyond_this_machine_is_refused() {
    for address in ["0.0.0.0:0", "[::]:0"] {
        let said = Program::refused(address);
        assert!(said.contains("refused") && said.contains("127.0.0.1"), "{said}");
    }
}

#[test]
fn an_address_that_is_taken_is_refused() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let said = Program::refused(&taken.local_addr().unwrap().to_string());
    assert!(said.contains("Choose another port"), "{said}");
}

#[test]
fn an_address_without_a_number_or_a_port_is_refused_with_its_form() {
    for address in ["localhost:0", "127.0.0.1", "127.0.0.1:99999"] {
        let said = Program::refused(address);
        assert!(said.contains("ADDRESS:PORT, such as 127.0.0.1:8080"), "{said}");
    }
}

#[test]
fn a_wrong_token_a_foreign_host_and_a_foreign_origin_are_refused() {
    let program = Program::start();
    let (host, token) = (program.host(), program.token());
    let end = "Connection: close\n";
    let seat = |origin: &str, token: &str| {
        let length = token.len();
        program.request(&format!(
            "POST /seat HTTP/1.1\nHost: {host}\nOrigin: {origin}\nContent-Length: {length}\n{end}\n{token}"
        ))
    };
    let view = |host: &str, more: &str| {
        program.request(&format!(
            "GET /view HTTP/1.1\nHost: {host}\n{more}Connection: Upgrade\nUpgrade: websocket\n\
             Sec-WebSocket-Version: 13\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\n\n"
        ))
    };
    let refused = |answer: &str| answer.starts_with("HTTP/1.1 403 ");
    let ours = format!("http://{host}");

    assert!(refused(&program.request(&format!("GET / HTTP/1.1\nHost: evil.example\n{end}\n"))), "foreign host");
    assert!(refused(&seat(&ours, "0123456789abcdef0123456789abcdef")), "wrong token");
    assert!(refused(&seat("http://evil.example", token)), "foreign origin");
    assert!(refused(&view(host, &format!("Origin: {ours}\n"))), "no seat");

    let bought = seat(&ours, token);
    assert!(bought.starts_with("HTTP/1.1 204 "), "{bought}");
    let cookie = bought.lines().find_map(|line| line.strip_prefix("set-cookie: ")).unwrap();
    let cookie = cookie.split(';').next().unwrap();
    assert!(refused(&seat(&ours, token)), "the token was taken twice");
    assert!(refused(&view(host, &format!("Cookie: {cookie}\n"))), "no origin");
    assert!(refused(&view(host, &format!("Cookie: {cookie}\nOrigin: http://evil.example\n"))), "foreign origin");
    assert!(refused(&view("evil.example", &format!("Cookie: {cookie}\nOrigin: http://evil.example\n"))), "rebound");

    let page = program.request(&format!("GET / HTTP/1.1\nHost: {host}\n{end}\n")).to_lowercase();
    for rule in
        ["default-src 'none'", "frame-ancestors 'none'", "cache-control: no-store", "x-content-type-options: nosniff"]
    {
        assert!(page.contains(rule), "{rule}");
    }
}
