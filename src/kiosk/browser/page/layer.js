// The accessible layer of one pane: transparent native elements, each where its picture is.
const native = { button: "button", checkbox: "button", radio: "button", switch: "button", tab: "button",
  combobox: "button", listitem: "button", "text-input": "textarea" };
const spoken = { button: null, "text-input": null, text: null };

export class Layer {
  constructor(root, send) {
    this.root = root;
    this.send = send;
    this.sent = 0;
    this.elements = new Map();
  }

  update(change) {
    for (const node of change.set) this.set(node);
    const left = new Set(change.order);
    for (const [id, element] of this.elements) {
      if (!left.has(id)) { element.remove(); this.elements.delete(id); }
    }
    // Reading order is the order of the page; only what stands elsewhere is moved, so that focus stays.
    let next = this.root.firstChild;
    for (const id of change.order) {
      const element = this.elements.get(id);
      if (element === next) next = next.nextSibling;
      else this.root.insertBefore(element, next);
    }
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
    const attribute = (name, value) => {
      if (value === undefined || value === null) element.removeAttribute(name);
      else if (element.getAttribute(name) !== String(value)) element.setAttribute(name, value);
    };
    if (node.role === "text") { if (element.textContent !== node.label) element.textContent = node.label; }
    else attribute("aria-label", node.label);
    attribute("aria-description", node.description);
    attribute("aria-live", node.live);
    if (element.localName === "button") element.disabled = Boolean(node.disabled);
    else if (node.role === "text-input") { element.disabled = Boolean(node.disabled); element.readOnly = Boolean(node.readonly); }
    else attribute("aria-disabled", node.disabled);
    attribute(node.role === "button" ? "aria-pressed" : "aria-checked", node.checked);
    attribute("aria-selected", node.selected);
    attribute("aria-expanded", node.expanded);
    attribute("placeholder", node.placeholder);
    if (node.range) { attribute("aria-valuemin", node.range[0]); attribute("aria-valuemax", node.range[1]); }
    if (!element.pending) this.value(element, node);
  }

  value(element, node) {
    if (node.role === "text-input") { if (element.value !== (node.value ?? "")) element.value = node.value ?? ""; }
    else if (node.range) { if (node.value !== undefined) element.setAttribute("aria-valuenow", node.value); }
    else if (node.role !== "text" && node.value !== undefined) element.textContent = node.value;
  }

  make(node) {
    const element = document.createElement(native[node.role] ?? "div");
    const role = node.role in spoken ? spoken[node.role] : node.role;
    if (role) element.setAttribute("role", role);
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
      element.addEventListener("input", () => {
        element.pending = this.act({ t: "set", id: node.id, value: element.value });
      });
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

  act(message) { return this.send(message); }
}
