// The browser view: draws what the terminal sends, sends what is touched and typed.
import { Layer } from "./layer.js";
import { play } from "./tones.js";

const state = document.getElementById("state");
const panes = [];
let socket;
let sent = 0;
let work = Promise.resolve();

const say = (text) => { state.textContent = text; };

function send(message) {
  if (socket?.readyState !== WebSocket.OPEN) return sent;
  socket.send(JSON.stringify(message));
  if (message.t !== "seen") document.documentElement.dataset.sent = ++sent;
  return sent;
}

class Pane {
  constructor({ name, width, height }, index) {
    Object.assign(this, { width, height, index });
    this.room = document.createElement("section");
    this.room.className = "room";
    this.room.setAttribute("aria-label", name);
    this.box = document.createElement("div");
    this.box.className = "pane";
    Object.assign(this.box.style, { width: width + "px", height: height + "px" });
    this.canvas = document.createElement("canvas");
    Object.assign(this.canvas, { width, height, tabIndex: -1 });
    this.canvas.setAttribute("aria-hidden", "true");
    this.context = this.canvas.getContext("2d", { alpha: false });
    const layer = document.createElement("div");
    layer.className = "layer";
    this.box.append(this.canvas, layer);
    this.room.append(this.box);
    document.getElementById("panes").append(this.room);
    this.layer = new Layer(layer, (message) => send({ pane: index, ...message }));
    this.listen();
  }

  fit(scale) {
    this.box.style.transform = `scale(${scale})`;
    Object.assign(this.room.style, { width: this.width * scale + "px", height: this.height * scale + "px" });
  }

  place(event) {
    const rect = this.canvas.getBoundingClientRect();
    return { x: (event.clientX - rect.left) / rect.width * this.width,
      y: (event.clientY - rect.top) / rect.height * this.height };
  }

  // The focus goes where the finger went: into a text field, since a picture takes nothing from an input method and no
  // paste; else to the picture, which hands keys on.
  follow(target) {
    const field = target.localName === "textarea" && !target.disabled;
    (field ? target : this.canvas).focus({ preventScroll: true });
  }

  listen() {
    // One finger at a time; a second one and the mouse's other buttons are no touch.
    let finger = null;
    const touch = (t, event) => send({ t, pane: this.index, ...this.place(event) });
    this.box.addEventListener("pointerdown", (event) => {
      event.preventDefault();
      if (finger !== null || !event.isPrimary || event.button !== 0) return;
      finger = event.pointerId;
      this.follow(event.target);
      this.box.setPointerCapture(finger);
      touch("down", event);
    });
    this.box.addEventListener("pointermove", (event) => {
      if (event.pointerId === finger || (finger === null && event.pointerType === "mouse")) touch("move", event);
    });
    this.box.addEventListener("pointerup", (event) => {
      if (event.pointerId !== finger) return;
      finger = null;
      touch("up", event);
    });
    const lost = (event) => {
      if (event.pointerId !== finger) return;
      finger = null;
      send({ t: "leave", pane: this.index });
    };
    this.box.addEventListener("pointercancel", lost);
    this.box.addEventListener("lostpointercapture", lost);
    this.box.addEventListener("mousedown", (event) => event.preventDefault());
    this.box.addEventListener("contextmenu", (event) => event.preventDefault());
    this.box.addEventListener("wheel", (event) => {
      event.preventDefault();
      send({ t: "wheel", pane: this.index, ...this.place(event), dx: -event.deltaX, dy: -event.deltaY });
    }, { passive: false });
    const key = (down) => (event) => {
      if (event.target !== this.canvas || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
      const name = event.key === "Tab" && event.shiftKey ? "Backtab" : event.key;
      event.preventDefault();
      // Tab stays within the picture, so there is another key that leads out of it.
      if (event.key === "Escape") { if (down) this.layer.enter(); return; }
      send({ t: "key", pane: this.index, key: name, down });
    };
    this.box.addEventListener("keydown", key(true));
    this.box.addEventListener("keyup", key(false));
  }
}

function fit() {
  const width = panes.reduce((sum, pane) => sum + pane.width, 0);
  const height = Math.max(1, ...panes.map((pane) => pane.height));
  const scale = Math.min((innerWidth - 8 * (panes.length - 1)) / width, innerHeight / height);
  for (const pane of panes) pane.fit(scale);
}
addEventListener("resize", fit);

function hello(message) {
  for (const id of ["panes", "polite", "assertive"]) document.getElementById(id).replaceChildren();
  panes.splice(0, panes.length, ...message.panes.map((pane, index) => new Pane(pane, index)));
  fit();
  say("");
}

// Rectangles are decoded at once and drawn in order; the layer follows the pictures it belongs to.
function receive(event) {
  if (typeof event.data !== "string") {
    const view = new DataView(event.data);
    const image = createImageBitmap(new Blob([event.data.slice(5)], { type: "image/webp" }));
    work = work.then(async () => {
      const bitmap = await image;
      panes[view.getUint8(0)].context.drawImage(bitmap, view.getUint16(1), view.getUint16(3));
      bitmap.close();
    });
    return;
  }
  const message = JSON.parse(event.data);
  if (message.panes) { work = work.then(() => hello(message)); return; }
  work = work.then(() => {
    for (const change of message.layers) panes[change.pane].layer.update(change);
    // The first pane is the terminal's screen; its language is the page's.
    document.documentElement.lang = panes[0]?.layer.language() ?? document.documentElement.lang;
    for (const pane of panes) pane.layer.settle(message.done);
    document.documentElement.dataset.done = message.done;
    for (const notes of message.tones) play(notes);
    send({ t: "seen" });
  });
}

function open() {
  sent = 0;
  socket = new WebSocket(`ws://${location.host}/view`);
  socket.binaryType = "arraybuffer";
  let opened = false;
  socket.onopen = () => { opened = true; };
  socket.onmessage = receive;
  socket.onclose = (event) => {
    if (event.code === 4001) say("已在另一个页面打开\nOpen in another page of this browser");
    else if (opened) { say("连接已断开，正在重连\nConnection lost, trying again"); setTimeout(open, 1000); }
    else say("这里看不到终端：链接已用过，或终端已关闭\nNo view here: the link was used by another browser, or the terminal has ended");
  };
}

async function begin() {
  const token = location.hash.slice(1);
  if (token) {
    history.replaceState(null, "", "/");
    const answer = await fetch("/seat", { method: "POST", body: token });
    if (!answer.ok) {
      say("链接无效，或已被另一个浏览器使用\nThe link is wrong, or another browser has used it");
      return;
    }
  }
  open();
}
begin();
