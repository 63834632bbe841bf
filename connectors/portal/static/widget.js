// The snippet a portal embeds: a script tag with /widget.js of this server
// A button in the corner opens the chat in a frame of its own origin, so the portal's page never sees the talk.
(() => {
  "use strict";
  const script = document.currentScript;
  if (!script || document.getElementById("motcua-widget")) return;
  const origin = new URL(script.src).origin;
  const place = { position: "fixed", right: "16px", zIndex: "2147483000" };

  const frame = document.createElement("iframe");
  frame.id = "motcua-widget";
  frame.title = "Hỏi Một Cửa: hỏi đáp thủ tục hành chính";
  frame.hidden = true;
  Object.assign(frame.style, place, {
    bottom: "84px", width: "min(420px, calc(100vw - 32px))", height: "min(640px, calc(100vh - 110px))",
    border: "0", borderRadius: "16px", boxShadow: "0 12px 40px rgba(0,0,0,.28)", background: "Canvas",
  });

  const button = document.createElement("button");
  button.type = "button";
  button.textContent = "Hỏi thủ tục";
  button.setAttribute("aria-expanded", "false");
  button.setAttribute("aria-controls", frame.id);
  Object.assign(button.style, place, {
    bottom: "16px", padding: "14px 20px", border: "0", borderRadius: "999px", cursor: "pointer",
    background: "#0b5c52", color: "#fff", font: "600 17px system-ui, sans-serif", boxShadow: "0 6px 20px rgba(0,0,0,.25)",
  });
  button.addEventListener("click", () => {
    if (!frame.src) frame.src = `${origin}/embed`;
    frame.hidden = !frame.hidden;
    button.textContent = frame.hidden ? "Hỏi thủ tục" : "Đóng";
    button.setAttribute("aria-expanded", String(!frame.hidden));
  });
  document.body.append(frame, button);
})();
