// Progress for uploads; written for old phones (ES5). Without it the form does the same with one button.
(function () {
  "use strict";
  var form = document.getElementById("upload");
  var told = document.getElementById("told");
  if (!form || !window.FormData || !window.XMLHttpRequest) { return; }
  var inputs = [document.getElementById("photo"), document.getElementById("files")];
  var most = Number(form.getAttribute("data-bytes"));
  var left = Number(form.getAttribute("data-files"));
  var waiting = [];
  var sending = false;
  document.documentElement.className = "js";

  function row(name) {
    var box = document.createElement("div");
    box.className = "file";
    var text = document.createElement("p");
    text.className = "name";
    text.appendChild(document.createTextNode(name));
    var state = document.createElement("p");
    state.className = "hint";
    var bar = document.createElement("div");
    bar.className = "bar";
    var fill = document.createElement("div");
    bar.appendChild(fill);
    box.appendChild(text);
    box.appendChild(bar);
    box.appendChild(state);
    told.appendChild(box);
    return { box: box, fill: fill, state: state };
  }

  function say(shown, good, zh, en) {
    shown.box.className = good ? "file sent" : "file failed";
    shown.fill.style.width = good ? "100%" : "0";
    shown.state.textContent = (good ? "✓ " : "× ") + zh + " " + en;
  }

  function next() {
    if (sending || waiting.length === 0) { return; }
    sending = true;
    var one = waiting.shift();
    var data = new FormData();
    data.append("files", one.file, one.file.name || "photo.jpg");
    var request = new XMLHttpRequest();
    request.open("POST", form.getAttribute("action"), true);
    request.setRequestHeader("Accept", "application/json");
    if (request.upload) {
      request.upload.onprogress = function (event) {
        if (!event.lengthComputable) { return; }
        var part = Math.floor(event.loaded * 100 / event.total);
        one.shown.fill.style.width = part + "%";
        one.shown.state.textContent = part < 100 ? "正在传 Sending " + part + "%" : "正在加密 Sealing…";
      };
    }
    request.onload = function () {
      var answer = null;
      try { answer = JSON.parse(request.responseText)[0]; } catch (error) { answer = null; }
      if (answer) { say(one.shown, answer.taken, answer.zh, answer.en); }
      else { say(one.shown, false, "没有传成，请再传一次", "Not sent, please try again"); }
      if (answer && answer.taken) { left -= 1; }
      sending = false;
      next();
    };
    request.onerror = function () {
      say(one.shown, false, "网络断了，请再传一次", "The network failed, please try again");
      sending = false;
      next();
    };
    request.send(data);
  }

  function take(input) {
    var i, file, shown;
    for (i = 0; i < input.files.length; i += 1) {
      file = input.files[i];
      shown = row(file.name || "photo.jpg");
      if (file.size > most) {
        say(shown, false, "超过 " + most / 1048576 + " MB，没有传", "Too large, not sent");
      } else if (waiting.length + (sending ? 1 : 0) >= left) {
        say(shown, false, "文件太多，没有传", "Too many files, not sent");
      } else {
        waiting.push({ file: file, shown: shown });
      }
    }
    input.value = "";
    next();
  }

  inputs.forEach(function (input) {
    if (!input) { return; }
    input.addEventListener("change", function () { if (input.files && input.files.length) { take(input); } });
  });
}());
