// The accessible layer of one pane: transparent native elements, each where its picture is.
const native = { button: "button", checkbox: "button", radio: "button", switch: "button", tab: "button",
  combobox: "button", listitem: "button", "text-input": "textarea" };
const spoken = { button: null, "text-input": null, text: null };
// These say their value; their text would not be read.
const measured = new Set(["slider", "spinbutton", "progressbar"]);

function attribute(element, name, value) {
  if (value === undefined || value === null) element.removeAttribute(name);
  else if (element.getAttribute(name) !== String(value)) element.setAttribute(name, value);
}

export class Layer {
  constructor(root, send) {
    this.root = root;
    this.send = send;
    this.sent = 0;
    this.elements = new Map();
  }

  update(change) {
    const focused = this.root.contains(document.activeElement) ? document.activeElement : null;
    const title = this.title();
    for (const node of change.set) this.set(node);
    const left = new Set(change.order);
    for (const [id, element] of this.elements) {
      if (!left.has(id)) { element.heard?.remove(); element.remove(); this.elements.delete(id); }
    }
    // Reading order is the order of the page; only what stands elsewhere is moved, so that focus stays.
    let next = this.root.firstChild;
    for (const id of change.order) {
      const element = this.elements.get(id);
      if (element === next) next = next.nextSibling;
      else this.root.insertBefore(element, next);
    }
    if (focused && document.activeElement !== focused) this.refocus(focused, title);
  }

  // The title of the page that is shown, or of what covers it.
  title() {
    const said = (how) => [...this.root.children].find((element) => element.node.live === how);
    return said("polite") ?? said("assertive");
  }

  // The language of the screen, told by the button that leads to the other one; nothing while it is covered.
  language() {
    const buttons = [...this.elements.values()].filter((element) => element.node.role === "button");
    if (buttons.some((button) => button.node.label === "中文")) return "en";
    return buttons.some((button) => button.node.label === "EN") ? "zh-CN" : null;
  }

  // The focus was lost with an element: a new page is read from its title; on the same page what took the
  // element's place has it, such as a button that changed its name.
  refocus(focused, title) {
    const all = [...this.root.children];
    const heir = focused.isConnected ? focused : all.find((element) => element.node.role === focused.node.role
      && element.node.rect[0] === focused.node.rect[0] && element.node.rect[1] === focused.node.rect[1]);
    const now = this.title();
    this.focus((now === title ? heir : null) ?? now ?? heir ?? all.find((element) => !element.disabled));
  }

  // Comes from the picture into the layer, to where the page begins; Tab leads on from there.
  enter() { this.focus(this.title() ?? [...this.root.children].find((element) => !element.disabled)); }

  focus(element) {
    if (!element) return;
    if (element.localName === "div" && !element.hasAttribute("tabindex")) element.tabIndex = -1;
    element.focus({ preventScroll: true });
  }

  // What was typed here counts until the terminal has answered to it.
  settle(done) {
    for (const element of this.elements.values()) {
      if (element.pending && element.pending <= done) { element.pending = 0; this.value(element, element.node); }
    }
  }

  set(node) {
    let element = this.elements.get(node.id);
    if (!element) {
      element = this.make(node);
      this.elements.set(node.id, element);
    }
    element.node = node;
    const [x, y, width, height] = node.rect;
    Object.assign(element.style, { left: x + "px", top: y + "px", width: width + "px", height: height + "px" });
    if (node.role === "text") { if (element.textContent !== node.label) element.textContent = node.label; }
    else attribute(element, "aria-label", node.label);
    attribute(element, "aria-description", node.description);
    if (element.localName === "button") element.disabled = Boolean(node.disabled);
    else if (node.role === "text-input") { element.disabled = Boolean(node.disabled); element.readOnly = Boolean(node.readonly); }
    else attribute(element, "aria-disabled", node.disabled);
    attribute(element, node.role === "button" ? "aria-pressed" : "aria-checked", node.checked);
    attribute(element, "aria-selected", node.selected);
    attribute(element, "aria-expanded", node.expanded);
    attribute(element, "placeholder", node.placeholder);
    attribute(element, "aria-valuemin", node.range?.[0]);
    attribute(element, "aria-valuemax", node.range?.[1]);
    if (!element.pending) this.value(element, node);
  }

  value(element, node) {
    if (element.composing) return;
    if (node.role === "text-input") { if (element.value !== (node.value ?? "")) element.value = node.value ?? ""; }
    else if (measured.has(node.role)) {
      attribute(element, "aria-valuetext", node.value);
      attribute(element, "aria-valuenow", Number.isFinite(Number(node.value)) ? Number(node.value) : null);
    }
    else if (node.role !== "text" && node.value !== undefined) element.textContent = node.value;
  }

  make(node) {
    const element = document.createElement(native[node.role] ?? "div");
    const role = node.role in spoken ? spoken[node.role] : node.role;
    if (role) element.setAttribute("role", role);
    // A screen in English still has names in Chinese.
    if (/\p{Script=Han}/u.test(node.label)) element.lang = "zh-CN";
    if (node.live) element.heard = this.hear(node, element.lang);
    if (element.localName === "button") {
      element.type = "button";
      // A finger was already sent as a finger; this is a screen reader, a key or a test.
      element.addEventListener("click", (event) => {
        if (event.detail === 0 || !event.isTrusted) this.act({ t: "press", id: node.id });
      });
    }
    if (element.localName === "textarea") {
      element.rows = 1;
      element.autocomplete = "off";
      element.spellcheck = false;
      const typed = () => { element.pending = this.act({ t: "set", id: node.id, value: element.value }); };
      // What an input method is still putting together is no value yet.
      element.addEventListener("compositionstart", () => { element.composing = true; });
      element.addEventListener("compositionend", () => { element.composing = false; typed(); });
      element.addEventListener("input", () => { if (!element.composing) typed(); });
    }
    if (node.role === "slider" || node.role === "spinbutton") {
      element.tabIndex = 0;
      element.addEventListener("keydown", (event) => {
        if (event.key === "ArrowUp" || event.key === "ArrowRight") this.act({ t: "step", id: node.id, up: true });
        if (event.key === "ArrowDown" || event.key === "ArrowLeft") this.act({ t: "step", id: node.id, up: false });
      });
    }
    return element;
  }

  // A screen reader says what comes into a place that was there before, so the words go there once more.
  hear(node, lang) {
    const words = document.createElement("p");
    words.textContent = node.label;
    if (lang) words.lang = lang;
    document.getElementById(node.live).append(words);
    return words;
  }

  act(message) { return this.send(message); }
}
