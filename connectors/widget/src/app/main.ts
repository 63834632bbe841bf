// Puts the chat together in its root element: <section id="chat" data-config="…">.
import { joinHost } from "./bridge";
import { ICONS, isWebAddress, listen } from "./dom";
import { Panels } from "./panels";
import { watchNotice } from "./pause";
import { Keeper, type Keeping } from "./store";
import { Talk } from "./talk";
import { applyAccent, applySettings } from "./theme";
import type { Config } from "./types";
import { iconButton, View } from "./view";
import { canListen, canRead, listenOnce, readAloud } from "./voice";
import { plainText } from "./reply";
import { speak, words } from "./words";

const root = document.getElementById("chat");
if (root) start(root);

function start(root: HTMLElement): void {
  const config = JSON.parse(root.dataset.config || "{}") as Config;
  const given = new URLSearchParams(location.hash.startsWith("#v=") ? location.hash.slice(1) : "");
  const option = (name: string) => given.get(name) || root.dataset[name] || "";
  speak(option("lang"));
  document.documentElement.lang = option("lang") === "en" && config.mode === "frame" ? "en" : document.documentElement.lang;
  const keeper = new Keeper(readKeeping(option("history")));
  const settings = keeper.settings();
  if (/^(light|dark)$/.test(option("scheme")) && settings.scheme === "auto") settings.scheme = option("scheme");
  if (option("text") === "large" && settings.size === 0) settings.size = 1;
  applyAccent(root, option("accent"));
  applySettings(root, settings);

  const logo = option("logo");
  const view = new View(config, {
    root, title: option("title").slice(0, 60), greeting: option("greeting").slice(0, 300), logo: isWebAddress(logo) ? logo : "",
    focusesAtOnce: !!given.get("open") && !config.notice,
  });
  const talk = new Talk(config, view, keeper);
  const panels = new Panels(root, talk, settings, () => keeper.saveSettings(settings));
  talk.panels = panels;
  view.onSubmit = (text) => talk.askTyped(text);
  view.menu.addEventListener("click", () => panels.options());
  if (config.voice && canListen()) addMicrophone(view, panels);
  joinPage(root, talk);

  view.pause(config.notice);
  const lookForNotice = watchNotice(view);
  const tellHost = joinHost(config.mode === "frame" ? config.origins : [], {
    open: () => {
      view.focusField();
      lookForNotice(); // the frame may have been loaded long before
    },
    ask: (text) => text && talk.askTyped(text),
    edge: (edge) => focusEdge(root, edge),
  });
  view.onClose = () => tellHost({ hm: 1, type: "close" });
  talk.onAnswer = (turn) => {
    tellHost({ hm: 1, type: "answer", status: turn.reply!.status });
    if (turn.reply!.status === "unanswerable_paused") lookForNotice();
    if (settings.aloud && canRead()) readAloud(plainText(turn.reply!), () => undefined);
  };
  canRead(); // asks for the voices, which come later
  talk.start();
  root.dataset.state = "ready";
  if (given.get("open")) view.focusField();
  tellHost({ hm: 1, type: "ready" });
}

function readKeeping(text: string): Keeping {
  if (text === "none" || text === "tab") return text;
  return "device";
}

/** Buttons of the page around the chat that ask something: data-ask, data-shown. */
function joinPage(root: HTMLElement, talk: Talk): void {
  document.addEventListener("click", (event) => {
    const press = (event.target as Element).closest<HTMLElement>("button[data-ask]");
    if (press && !root.contains(press)) talk.ask(press.dataset.ask!, press.dataset.shown || press.dataset.ask!);
  });
}

function addMicrophone(view: View, panels: Panels): void {
  const button = iconButton(words.speak, ICONS.mic);
  let stop: (() => void) | null = null;
  const label = (text: string, isOn: boolean) => {
    button.setAttribute("aria-label", text);
    button.title = text;
    button.setAttribute("aria-pressed", String(isOn));
  };
  const begin = () => {
    label(words.speakStop, true);
    view.notice(words.listening);
    stop = listenOnce(
      (text) => view.write(text, false),
      (isFault) => {
        stop = null;
        label(words.speak, false);
        if (isFault) view.notice(words.speakFault);
        view.focusField();
      },
    );
  };
  label(words.speak, false);
  listen(button, { click: () => (stop ? stop() : panels.settings.voiceAgreed ? begin() : panels.agreeToVoice(begin)) });
  view.input.after(button);
}

function focusEdge(root: HTMLElement, edge: "first" | "last"): void {
  const all = [...root.querySelectorAll<HTMLElement>("a[href], button, input, textarea, summary, [tabindex='0']")].filter((node) => node.offsetParent && !(node as HTMLButtonElement).disabled);
  (edge === "first" ? all[0] : all[all.length - 1])?.focus();
}
