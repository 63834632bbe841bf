// The chat: one file, no library. Everything that came from the server is set as text, never as HTML.
(() => {
  "use strict";
  const STORE_KEY = "motcua.chat.v1";
  const MAX_KEPT = 60;
  const TIMEOUT_MS = 30000;
  const MAX_CHIP = 64; // characters: two lines of a narrow screen
  const chat = document.getElementById("chat");
  const log = document.getElementById("chat-log");
  const form = document.getElementById("chat-form");
  const input = document.getElementById("chat-input");
  const send = document.getElementById("chat-send");
  const hello = document.getElementById("chat-hello");
  let state = load();
  let isBusy = false;

  // A touch screen's keyboard covers the answer: there the field is left and not entered again unasked.
  const hasTouchKeyboard = () => matchMedia("(pointer: coarse)").matches;

  state.turns.forEach((turn) => (turn.who === "person" ? showPerson(turn.text) : showReply(turn.reply, turn.asked)));

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const text = input.value.trim();
    if (!text) return input.focus();
    ask(text, text);
  });
  input.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      form.requestSubmit();
    }
  });
  input.addEventListener("input", grow);
  document.addEventListener("click", (event) => {
    const button = event.target.closest("button[data-ask]");
    if (button) ask(button.dataset.ask, button.dataset.shown || button.dataset.ask);
  });
  document.getElementById("chat-clear").addEventListener("click", () => {
    if (isBusy) return;
    state = { session: null, turns: [] };
    save();
    log.replaceChildren(hello);
    input.focus();
  });

  async function ask(payload, shown) {
    if (isBusy) return;
    setBusy(true);
    if (hasTouchKeyboard()) input.blur();
    showPerson(shown);
    keep({ who: "person", text: shown });
    input.value = "";
    grow();
    showChat();
    await fetchReply(payload, shown);
  }

  async function fetchReply(payload, shown) {
    setBusy(true);
    const waiting = showWaiting();
    try {
      const reply = await post(payload);
      state.session = reply.session_id;
      keep({ who: "machine", reply, asked: shown });
      waiting.remove();
      showReply(reply, shown);
    } catch (error) {
      waiting.remove();
      showFailure(error, () => fetchReply(payload, shown));
    } finally {
      setBusy(false);
      if (!hasTouchKeyboard()) input.focus({ preventScroll: true });
    }
  }

  async function post(question) {
    const response = await fetch("/api/v1/ask", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ question, session_id: state.session }),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    const body = await response.json().catch(() => ({}));
    if (!response.ok) throw new Error(body.message || "");
    return body;
  }

  function showPerson(text) {
    const turn = element("div", "turn person");
    turn.append(element("span", "sr", "Bạn: "), element("div", "bubble", text));
    log.append(turn);
    scrollDown();
  }

  function showReply(reply, asked) {
    const turn = element("div", "turn machine");
    turn.append(element("span", "sr", "Trợ lý: "));
    if (reply.understood && reply.understood.trim().toLowerCase() !== (asked || "").trim().toLowerCase()) {
      turn.append(element("p", "understood", `Mình hiểu bạn hỏi: ${reply.understood}`));
    }
    const chosen = new Set((reply.choices || []).map((choice) => `#tt ${choice.code}`));
    reply.messages.forEach((message) => {
      if (message.text) {
        const bubble = element("div", "bubble");
        bubble.append(...blocks(message.text));
        turn.append(bubble);
      }
      if (message.card) turn.append(card(message.card));
    });
    if (reply.choices && reply.choices.length) turn.append(choiceList(reply.choices));
    if (reply.citations && reply.citations.length) turn.append(sources(reply.citations));
    const buttons = reply.messages.flatMap((message) => message.buttons || []).filter((button) => !chosen.has(button.payload));
    if (buttons.length) turn.append(chips(buttons));
    log.append(turn);
    reveal(turn);
  }

  // Paragraphs by blank lines, lists by "- ", other line breaks kept.
  function blocks(text) {
    return text.trim().split(/\n\s*\n/).flatMap((part) => {
      const nodes = [];
      let list = null;
      let lines = [];
      const flush = () => {
        if (lines.length) nodes.push(linked(element("p"), lines.join("\n")));
        lines = [];
      };
      part.split("\n").forEach((line) => {
        const item = line.match(/^\s*[-•]\s+(.*)$/);
        if (!item) {
          list = null;
          lines.push(line);
          return;
        }
        flush();
        if (!list) nodes.push((list = element("ul")));
        list.append(linked(element("li"), item[1]));
      });
      flush();
      return nodes;
    });
  }

  function linked(node, text) {
    let end = 0;
    for (const match of text.matchAll(/https?:\/\/[^\s<>"“”]+[^\s<>"“”.,;:!?)\]]/g)) {
      node.append(text.slice(end, match.index), link(match[0], match[0]));
      end = match.index + match[0].length;
    }
    node.append(text.slice(end));
    return node;
  }

  function link(address, text) {
    const anchor = element("a", "", text);
    anchor.href = address;
    anchor.target = "_blank";
    anchor.rel = "noopener noreferrer";
    return anchor;
  }

  function card(content) {
    const box = element("div", "card");
    if (content.title) box.append(element("h3", "", String(content.title)));
    if (content.text) box.append(...blocks(String(content.text)));
    const rows = Array.isArray(content.rows) ? content.rows : [];
    if (rows.length) {
      const list = element("dl");
      rows.forEach((row) => list.append(element("dt", "", String(row.label ?? "")), element("dd", "", String(row.value ?? ""))));
      box.append(list);
    }
    if (isWebAddress(content.url)) box.append(link(content.url, "Mở trang dịch vụ công"));
    return box;
  }

  function choiceList(choices) {
    const list = element("ol", "choices");
    choices.forEach((choice) => {
      const button = element("button", "choice");
      button.type = "button";
      button.dataset.ask = `#tt ${choice.code}`;
      button.dataset.shown = choice.name;
      button.append(element("span", "choice-name", choice.name));
      if (choice.facet) button.append(element("span", "choice-facet", choice.facet));
      const item = element("li");
      item.append(button);
      list.append(item);
    });
    return list;
  }

  function chips(buttons) {
    const row = element("div", "choices-row");
    row.setAttribute("role", "group");
    row.setAttribute("aria-label", "Hỏi tiếp");
    buttons.forEach((given) => {
      const label = shortened(given.title, MAX_CHIP);
      const button = element("button", "chip", label);
      button.type = "button";
      button.dataset.ask = given.payload;
      button.dataset.shown = label;
      if (label !== given.title) button.title = given.title;
      row.append(button);
    });
    return row;
  }

  // Cut at the last whole word that fits, with "…".
  function shortened(text, limit) {
    if (text.length <= limit) return text;
    const head = text.slice(0, limit);
    const end = head.lastIndexOf(" ");
    return `${(end > 0 ? head.slice(0, end) : head).replace(/[\s,;:.–-]+$/, "")} …`;
  }

  function sources(citations) {
    const box = element("div", "sources");
    box.append(element("p", "sources-title", "Nguồn"));
    box.append(sourceList(citations.slice(0, 2)));
    if (citations.length > 2) {
      const more = element("details");
      more.append(element("summary", "", `Thêm ${citations.length - 2} nguồn`), sourceList(citations.slice(2)));
      box.append(more);
    }
    return box;
  }

  function sourceList(citations) {
    const list = element("ul");
    citations.forEach((citation) => {
      const item = element("li");
      const title = citation.title || citation.source;
      item.append(isWebAddress(citation.url) ? link(citation.url, title) : element("span", "source-name", title));
      if (citation.expired) item.append(" ", element("span", "badge", "đã hết thời gian áp dụng"));
      const facts = [citation.number, citation.section && `mục ${citation.section}`, citation.as_of && `đọc ${day(citation.as_of)}`];
      item.append(element("span", "source-facts", facts.filter(Boolean).join(" · ")));
      if (citation.quote && citation.kind === "plan") item.append(element("q", "", citation.quote));
      list.append(item);
    });
    return list;
  }

  function showWaiting() {
    const turn = element("div", "turn machine waiting");
    const bubble = element("div", "bubble", "Đang tìm câu trả lời");
    bubble.append(element("span", "dots"));
    turn.append(bubble);
    log.append(turn);
    scrollDown();
    return turn;
  }

  function showFailure(error, retry) {
    const turn = element("div", "turn machine failure");
    turn.setAttribute("role", "alert");
    const why = error.message && !/fetch|network|abort|timed? ?out/i.test(error.message) ? error.message : "Chưa gửi được câu hỏi. Bạn xem lại kết nối mạng rồi thử lại nhé.";
    const button = element("button", "chip", "Thử lại");
    button.type = "button";
    button.addEventListener("click", () => {
      if (isBusy) return;
      turn.remove();
      retry();
    });
    turn.append(element("div", "bubble", why), button);
    log.append(turn);
    scrollDown();
  }

  function setBusy(busy) {
    isBusy = busy;
    send.disabled = busy;
    log.setAttribute("aria-busy", String(busy));
  }

  // The question at the top of the log and the start of its answer beneath; a question so long that it would
  // push the answer out of sight gives way.
  function reveal(turn) {
    const question = turn.previousElementSibling;
    const first = question && question.classList.contains("person") ? question : turn;
    log.scrollTop = Math.max(topOf(first) - 12, topOf(turn) - log.clientHeight / 2);
  }

  function topOf(turn) {
    return turn.getBoundingClientRect().top - log.getBoundingClientRect().top + log.scrollTop;
  }

  // The page may stand elsewhere: a topic below the chat was pressed, or the chat is taller than the screen.
  function showChat() {
    const fits = chat.offsetHeight <= window.innerHeight;
    (fits ? chat : log).scrollIntoView({ block: fits ? "nearest" : "start" });
  }

  function scrollDown() {
    log.scrollTop = log.scrollHeight;
  }

  function grow() {
    input.rows = Math.min(5, Math.max(1, input.value.split("\n").length + Math.floor(input.value.length / 60)));
  }

  function keep(turn) {
    state.turns = [...state.turns, turn].slice(-MAX_KEPT);
    save();
  }

  function save() {
    try {
      sessionStorage.setItem(STORE_KEY, JSON.stringify(state));
    } catch {
      // A full or forbidden storage only costs the history after a reload.
    }
  }

  function load() {
    try {
      const kept = JSON.parse(sessionStorage.getItem(STORE_KEY));
      if (kept && Array.isArray(kept.turns)) return kept;
    } catch {
      // Unreadable history: begin anew.
    }
    return { session: null, turns: [] };
  }

  function day(iso) {
    const [year, month, date] = iso.split("-");
    return [date, month, year].filter(Boolean).join("/");
  }

  function isWebAddress(address) {
    return typeof address === "string" && /^https?:\/\//.test(address);
  }

  function element(tag, className, text) {
    const node = document.createElement(tag);
    if (className) node.className = className;
    if (text !== undefined) node.textContent = text;
    return node;
  }
})();
