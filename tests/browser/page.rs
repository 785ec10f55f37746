//! A page of the browser view, used by role and name as a screen reader uses it.

use super::chromium::Chromium;
use serde_json::{Value, json};

/// Waits in the page until an element of that role and name is there and enabled, then does something with it.
/// What is on the page instead is the message of a failure.
const FIND: &str = r#"(role, name, pane, act) => new Promise((found, lost) => {
  const all = () => [...document.querySelectorAll('[aria-label="' + pane + '"] .layer > *')];
  const is = (e) => e.computedRole === role && e.computedName === name && !e.disabled;
  const look = () => {
    const element = all().find(is);
    if (!element) return;
    observer.disconnect();
    clearTimeout(limit);
    found(act(element));
  };
  const observer = new MutationObserver(look);
  observer.observe(document, { subtree: true, childList: true, attributes: true, characterData: true });
  const limit = setTimeout(() => {
    observer.disconnect();
    lost(new Error('no ' + role + ' "' + name + '" on: ' + document.getElementById('state').textContent + ' '
      + all().map((e) => e.computedRole + ' "' + (e.computedName || e.textContent) + '"' + (e.disabled ? ' (off)' : '')).join(', ')));
  }, 20000);
  look();
})"#;

/// Waits until a condition on the page holds.
const UNTIL: &str = r#"(holds, what) => new Promise((found, lost) => {
  const look = () => { if (holds()) { observer.disconnect(); clearTimeout(limit); found(true); } };
  const observer = new MutationObserver(look);
  observer.observe(document, { subtree: true, childList: true, attributes: true, characterData: true });
  const limit = setTimeout(() => { observer.disconnect(); lost(new Error(what + ' on: ' + document.body.innerText)); }, 20000);
  look();
})"#;

/// Waits until the screen has stood still for a moment: what slides has arrived.
const STILL: &str = r#"new Promise((still) => {
  let timer = setTimeout(still, 250);
  new MutationObserver(() => { clearTimeout(timer); timer = setTimeout(still, 250); })
    .observe(document.getElementById('panes').firstChild, { subtree: true, childList: true, attributes: true });
})"#;

/// Name of the pane of the terminal's screen.
pub const SCREEN: &str = "终端屏幕";
/// Name of the pane of the dev dock.
pub const DOCK: &str = "演示台";

/// An open page.
pub struct Page {
    session: String,
}

impl Page {
    /// Opens an address in a browser context of its own: no cookie of another page is known there.
    pub async fn open(browser: &mut Chromium, address: &str) -> Self {
        let context = browser.ask(None, "Target.createBrowserContext", json!({})).await;
        let context = &context["browserContextId"];
        let target = json!({ "url": "about:blank", "browserContextId": context, "width": 1280, "height": 1400 });
        let target = browser.ask(None, "Target.createTarget", target).await;
        let attach = json!({ "targetId": target["targetId"], "flatten": true });
        let attached = browser.ask(None, "Target.attachToTarget", attach).await;
        let page = Self { session: attached["sessionId"].as_str().unwrap().to_owned() };
        browser.ask(Some(&page.session), "Page.enable", json!({})).await;
        page.load(browser, address).await;
        page
    }

    /// Loads the page again, as it stands in the address line.
    pub async fn reload(&self, browser: &mut Chromium) {
        let address = self.evaluate(browser, "location.href").await;
        self.load(browser, address.as_str().unwrap()).await;
    }

    async fn load(&self, browser: &mut Chromium, address: &str) {
        browser.ask(Some(&self.session), "Page.navigate", json!({ "url": address })).await;
        let loaded = "document.readyState === 'complete' \
                      || new Promise((done) => addEventListener('load', () => done(true), { once: true }))";
        self.evaluate(browser, loaded).await;
    }

    /// Does what a screen reader does with an element.
    pub async fn press(&self, browser: &mut Chromium, role: &str, name: &str) {
        self.on(browser, SCREEN, (role, name), "(e) => { e.click(); }").await;
        self.settled(browser).await;
    }

    /// Turns further down by the page's own button until an element is there, and uses it.
    pub async fn press_below(&self, browser: &mut Chromium, role: &str, name: &str) {
        let there = |role: &str, name: &str| {
            let [role, name, pane] = [role, name, SCREEN].map(Value::from);
            format!(
                "[...document.querySelectorAll('[aria-label=' + JSON.stringify({pane}) + '] .layer > *')]\
                 .some((e) => e.computedRole === {role} && e.computedName === {name} && !e.disabled)"
            )
        };
        loop {
            self.evaluate(browser, STILL).await;
            if self.evaluate(browser, &there(role, name)).await == true
                || self.evaluate(browser, &there("button", "向下翻")).await != true
            {
                break;
            }
            self.press(browser, "button", "向下翻").await;
        }
        self.press(browser, role, name).await;
    }

    /// The same in the dock.
    pub async fn dock(&self, browser: &mut Chromium, role: &str, name: &str) {
        self.on(browser, DOCK, (role, name), "(e) => { e.click(); }").await;
        self.settled(browser).await;
    }

    /// Types into a text box.
    pub async fn fill(&self, browser: &mut Chromium, name: &str, text: &str) {
        let text = Value::from(text);
        let act = format!("(e) => {{ e.value = {text}; e.dispatchEvent(new Event('input', {{ bubbles: true }})); }}");
        self.on(browser, SCREEN, ("textbox", name), &act).await;
        self.settled(browser).await;
    }

    /// Waits for an element.
    pub async fn sees(&self, browser: &mut Chromium, role: &str, name: &str) {
        self.on(browser, SCREEN, (role, name), "(e) => {}").await;
    }

    /// All that is read on the screen, line by line.
    pub async fn lines(&self, browser: &mut Chromium) -> Vec<String> {
        let texts =
            format!("[...document.querySelectorAll('[aria-label={SCREEN}] .layer > *')].map((e) => e.textContent)");
        let texts = self.evaluate(browser, &texts).await;
        texts.as_array().unwrap().iter().map(|text| text.as_str().unwrap().to_owned()).collect()
    }

    /// Waits for a text that stands anywhere on the screen: as words, as a name, or as what is said of an element.
    pub async fn reads(&self, browser: &mut Chromium, text: &str) {
        let needle = Value::from(text);
        let holds = format!(
            "() => [...document.querySelectorAll('.layer > *')].some((e) => \
             [e.textContent, e.ariaLabel, e.ariaDescription].join(' ').includes({needle}))"
        );
        self.until(browser, &holds, &format!("{text:?} is not")).await;
    }

    /// Waits for the page's own word about the connection.
    pub async fn says(&self, browser: &mut Chromium, text: &str) {
        let holds = format!("() => document.getElementById('state').textContent.includes({})", Value::from(text));
        self.until(browser, &holds, &format!("{text:?} is not said")).await;
    }

    /// A real finger (pressed and lifted by the browser) in the middle of an element.
    pub async fn touch(&self, browser: &mut Chromium, role: &str, name: &str) {
        let middle = "(e) => { const r = e.getBoundingClientRect(); return [r.x + r.width / 2, r.y + r.height / 2]; }";
        let at = self.on(browser, SCREEN, (role, name), middle).await;
        self.click(browser, "left", &at).await;
    }

    /// The mouse's right button there.
    pub async fn click_right(&self, browser: &mut Chromium, role: &str, name: &str) {
        let middle = "(e) => { const r = e.getBoundingClientRect(); return [r.x + r.width / 2, r.y + r.height / 2]; }";
        let at = self.on(browser, SCREEN, (role, name), middle).await;
        self.click(browser, "right", &at).await;
    }

    async fn click(&self, browser: &mut Chromium, button: &str, at: &Value) {
        for kind in ["mousePressed", "mouseReleased"] {
            let event = json!({ "type": kind, "x": at[0], "y": at[1], "button": button, "clickCount": 1 });
            browser.ask(Some(&self.session), "Input.dispatchMouseEvent", event).await;
        }
        self.settled(browser).await;
    }

    /// A second finger, down and up in the middle of an element while the first may lie elsewhere.
    pub async fn second_finger(&self, browser: &mut Chromium, role: &str, name: &str) {
        let act = "(e) => { const r = e.getBoundingClientRect(); \
                   for (const kind of ['pointerdown', 'pointerup']) e.dispatchEvent(new PointerEvent(kind, \
                     { pointerId: 77, pointerType: 'touch', isPrimary: false, button: 0, buttons: 1, bubbles: true, \
                       cancelable: true, clientX: r.x + r.width / 2, clientY: r.y + r.height / 2 })); }";
        self.on(browser, SCREEN, (role, name), act).await;
        self.settled(browser).await;
    }

    /// A key of the keyboard, with the number that Windows gives it.
    pub async fn key(&self, browser: &mut Chromium, key: &str, number: u32) {
        for kind in ["rawKeyDown", "keyUp"] {
            let event = json!({ "type": kind, "key": key, "code": key, "windowsVirtualKeyCode": number });
            browser.ask(Some(&self.session), "Input.dispatchKeyEvent", event).await;
        }
        self.settled(browser).await;
    }

    /// What an input method does: letters under way, then the words they stand for.
    pub async fn compose(&self, browser: &mut Chromium, letters: &str, words: &str) {
        let end = letters.len();
        let under_way = json!({ "text": letters, "selectionStart": end, "selectionEnd": end });
        browser.ask(Some(&self.session), "Input.imeSetComposition", under_way).await;
        self.settled(browser).await;
        browser.ask(Some(&self.session), "Input.insertText", json!({ "text": words })).await;
        self.settled(browser).await;
    }

    /// Waits until what has the focus says this.
    pub async fn has_focus(&self, browser: &mut Chromium, text: &str) {
        let text = Value::from(text);
        let holds = format!(
            "() => [document.activeElement.textContent, document.activeElement.ariaLabel, document.activeElement.localName]\
             .includes({text})"
        );
        let now = "document.activeElement.outerHTML";
        let now = self.evaluate(browser, now).await;
        self.until(browser, &holds, &format!("{text} has no focus, but {now}")).await;
    }

    /// A stroke over an element, from a quarter to three quarters.
    pub async fn stroke(&self, browser: &mut Chromium, role: &str, name: &str) {
        let corners = "(e) => { const r = e.getBoundingClientRect(); return [r.x, r.y, r.width, r.height]; }";
        let rect = self.on(browser, SCREEN, (role, name), corners).await;
        let side = |index: usize| rect[index].as_f64().unwrap();
        for step in 0..=8 {
            let part = 0.25 + 0.5 * f64::from(step) / 8.0;
            let (x, y) =
                (side(0) + side(2) * part, side(1) + side(3) * (part + if step % 2 == 0 { 0.1 } else { -0.1 }));
            let kind = if step == 0 { "mousePressed" } else { "mouseMoved" };
            self.mouse(browser, kind, (x, y)).await;
            if step == 8 {
                self.mouse(browser, "mouseReleased", (x, y)).await;
            }
        }
        self.settled(browser).await;
    }

    async fn mouse(&self, browser: &mut Chromium, kind: &str, (x, y): (f64, f64)) {
        let event = json!({ "type": kind, "x": x, "y": y, "button": "left", "buttons": 1, "clickCount": 1 });
        browser.ask(Some(&self.session), "Input.dispatchMouseEvent", event).await;
    }

    /// The grey pixels of an element's place on a pane, with a margin of white or whatever stands there.
    pub async fn picture(&self, browser: &mut Chromium, pane: &str, name: &str) -> (usize, usize, Vec<u8>) {
        use base64::Engine;
        self.evaluate(browser, STILL).await;
        let cut = "(e) => { const [x, y, w, h] = e.node.rect.map((n, i) => n + [-24, -24, 48, 48][i]); \
                   const canvas = e.closest('.pane').querySelector('canvas'); \
                   const { data } = canvas.getContext('2d').getImageData(x, y, w, h); \
                   let grey = ''; for (let i = 0; i < data.length; i += 4) grey += String.fromCharCode(data[i]); \
                   return [w, h, btoa(grey)]; }";
        let cut = self.on(browser, pane, ("image", name), cut).await;
        let side = |index: usize| usize::try_from(cut[index].as_u64().unwrap()).unwrap();
        let grey = base64::engine::general_purpose::STANDARD.decode(cut[2].as_str().unwrap()).unwrap();
        (side(0), side(1), grey)
    }

    /// Waits until the terminal has answered to all that was sent.
    pub async fn settled(&self, browser: &mut Chromium) {
        let holds = "() => document.documentElement.dataset.done === (document.documentElement.dataset.sent ?? '0')";
        self.until(browser, holds, "the terminal does not answer").await;
    }

    /// What a program on the page gives back.
    pub async fn evaluate(&self, browser: &mut Chromium, program: &str) -> Value {
        let parameters = json!({ "expression": program, "awaitPromise": true, "returnByValue": true });
        let answer = browser.ask(Some(&self.session), "Runtime.evaluate", parameters).await;
        assert!(answer.get("exceptionDetails").is_none(), "{}", answer["exceptionDetails"]["exception"]["description"]);
        answer["result"]["value"].clone()
    }

    /// Saves a picture of the page under `target/screens`, for the eye.
    pub async fn save(&self, browser: &mut Chromium, name: &str) {
        use base64::Engine;
        let shot = browser.ask(Some(&self.session), "Page.captureScreenshot", json!({ "format": "png" })).await;
        let png = base64::engine::general_purpose::STANDARD.decode(shot["data"].as_str().unwrap()).unwrap();
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("target/screens");
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join(name), png).unwrap();
    }

    async fn until(&self, browser: &mut Chromium, holds: &str, what: &str) {
        self.evaluate(browser, &format!("({UNTIL})({holds}, {})", Value::from(what))).await;
    }

    async fn on(&self, browser: &mut Chromium, pane: &str, (role, name): (&str, &str), act: &str) -> Value {
        let [role, name, pane] = [role, name, pane].map(Value::from);
        self.evaluate(browser, &format!("({FIND})({role}, {name}, {pane}, {act})")).await
    }
}
