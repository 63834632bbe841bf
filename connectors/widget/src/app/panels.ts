// What opens over the talk: options, a person, the phone, deletion, speech. Native dialogs: they keep the focus and give it back.
import * as client from "./client";
import { button, el, listen, qrCode } from "./dom";
import { findPrivate } from "./privacy";
import type { Settings } from "./store";
import type { Talk } from "./talk";
import { applySettings } from "./theme";
import { plainText } from "./reply";
import { canRead } from "./voice";
import { words } from "./words";

export class Panels {
  constructor(private readonly root: HTMLElement, private readonly talk: Talk, readonly settings: Settings, private readonly saved: () => void) {}

  options(): void {
    const { settings, talk } = this;
    const change = () => {
      applySettings(this.root, settings);
      this.saved();
    };
    const body = [
      choiceRow(words.size, words.sizes.map((label, i) => [String(i), label]), String(settings.size), (value) => {
        settings.size = Number(value);
        change();
      }),
      choiceRow(words.scheme, Object.entries(words.schemes), settings.scheme, (value) => {
        settings.scheme = value;
        change();
      }),
      checkRow(words.plain, settings.plain, (isOn) => {
        settings.plain = isOn;
        change();
      }),
      canRead() ? checkRow(words.aloud, settings.aloud, (isOn) => {
        settings.aloud = isOn;
        change();
      }) : null,
    ];
    const dialog = this.dialog(words.menu, body);
    const act = (label: string, run: () => void) => button("button.row", label, () => {
      dialog.close();
      run();
    });
    dialog.append(el(
      "div.rows", {},
      act(words.human, () => this.human()),
      talk.config.carry_on ? act(words.carry, () => this.carry()) : null,
      act(words.print, () => talk.print("", words.name)),
      act(words.download, () => this.download()),
      act(words.erase, () => this.erase()),
    ));
  }

  human(): void {
    const state = el("p", { role: "status" });
    const call = el("p");
    const body = [state, call, el("p", {}, words.deskVisit)];
    const dialog = this.dialog(words.human, body);
    if (this.talk.config.hotline) call.append(`${words.deskCall} `, el("a.phone", { href: `tel:${this.talk.config.hotline.replace(/[^\d+]/g, "")}` }, this.talk.config.hotline));
    client.desk().then(
      (desk) => {
        state.append(el("b", {}, desk.is_open ? words.deskOpen : words.deskClosed));
        if (desk.hours) state.append(el("span.block", {}, `${words.deskHours} ${desk.hours}`));
        if (desk.takes_contacts) dialog.append(this.contactForm());
      },
      () => state.append(words.deskFault),
    );
  }

  private contactForm(): HTMLFormElement {
    const name = el("input", { type: "text", maxlength: 80, autocomplete: "name" });
    const reach = el("input", { type: "text", maxlength: 120, inputmode: "tel", autocomplete: "tel", required: true });
    const matter = el("textarea", { rows: 2, maxlength: 500, required: true });
    const consent = el("input", { type: "checkbox", required: true });
    const fault = el("p.fault-line", { role: "alert" });
    const last = this.talk.state.turns.filter((turn) => turn.who === "person" && turn.payload && !turn.payload.startsWith("#")).pop();
    matter.value = last?.text?.slice(0, 500) || "";
    const form = el(
      "form.contact", { novalidate: true }, el("h3", {}, words.leave), el("p", {}, words.leaveText),
      el("label.block", {}, words.leaveName, name), el("label.block", {}, words.leaveReach, reach),
      el("label.block", {}, words.leaveMatter, matter), el("label.check", {}, consent, words.leaveConsent),
      fault, el("div.chips", {}, el("button.primary", { type: "submit" }, words.leaveSend)),
    );
    return listen(form, {
      submit: (event) => {
        event.preventDefault();
        const wrong = wrongField(reach, matter, consent);
        for (const field of [reach, matter, consent]) field.setAttribute("aria-invalid", String(wrong?.field === field));
        fault.textContent = wrong ? wrong.text : "";
        if (wrong) return wrong.field.focus();
        const covered = findPrivate(matter.value, words.covered)?.covered || matter.value.trim();
        const code = [...this.talk.state.turns].reverse().find((turn) => turn.reply?.procedure)?.reply?.procedure?.code || "";
        client.leaveContact({ session_id: this.talk.state.session, name: name.value.trim(), reach: reach.value.trim(), matter: covered, procedure_code: code, consent: true }).then(
          (kept) => {
            const done = el("p.done", { role: "status", tabindex: -1 }, words.leaveDone(kept.number));
            form.replaceWith(done);
            done.focus();
          },
          (error: Error) => (fault.textContent = error.message || words.notKept),
        );
        return undefined;
      },
    });
  }

  carry(): void {
    const state = el("p", { role: "status" }, words.carryWait);
    const dialog = this.dialog(words.carry, [state]);
    client.carryOn(this.talk.state.session).then(
      (given) => {
        state.textContent = words.carryText;
        for (const link of given.links) {
          const code = qrCode(link.qr, link.size, link.title);
          const row = el("div.carry", {}, el("a", { href: link.url, target: "_blank", rel: "noopener" }, link.title));
          if (code) row.prepend(code);
          dialog.append(row);
        }
        dialog.append(el("p", {}, `${words.carryCode} `, el("b.code", {}, given.code)), el("p", {}, words.carryMinutes(given.minutes)));
      },
      () => (state.textContent = words.carryFault),
    ).then(() => dialog.append(this.codeForm(dialog)));
  }

  /** The other way: go on here with what began on the telephone. */
  private codeForm(dialog: HTMLDialogElement): HTMLFormElement {
    const code = el("input", { type: "text", maxlength: 40, autocomplete: "off", autocapitalize: "characters", required: true });
    const fault = el("p.fault-line", { role: "alert" });
    const form = el("form.contact", { novalidate: true }, el("label.block", {}, words.takeLabel, code), fault, el("div.chips", {}, el("button.primary", { type: "submit" }, words.takeSend)));
    return listen(form, {
      submit: (event) => {
        event.preventDefault();
        this.talk.takeOver(code.value.trim()).then(() => dialog.close(), () => {
          fault.textContent = words.takeFault;
          code.focus();
        });
      },
    });
  }

  erase(): void {
    const dialog = this.dialog(words.eraseAsk, [el("p", {}, words.eraseText)]);
    dialog.append(el("div.chips", {}, button("button.primary.danger", words.eraseYes, () => {
      dialog.close();
      void this.talk.erase();
    }), button("button.chip", words.no, () => dialog.close())));
  }

  /** Say once who turns speech into text before the microphone opens. */
  agreeToVoice(agreed: () => void): void {
    const dialog = this.dialog(words.speakTitle, [el("p", {}, words.speakText)]);
    dialog.append(el("div.chips", {}, button("button.primary", words.speakYes, () => {
      this.settings.voiceAgreed = true;
      this.saved();
      dialog.close();
      agreed();
    }), button("button.chip", words.no, () => dialog.close())));
  }

  private download(): void {
    const lines = this.talk.state.turns.map((turn) => (turn.who === "person" ? `${words.you}${turn.text}` : `${words.machine}${plainText(turn.reply!)}`));
    const address = URL.createObjectURL(new Blob(["\ufeff", lines.join("\n\n----\n\n"), "\n"], { type: "text/plain;charset=utf-8" }));
    el("a", { href: address, download: words.file }).click();
    window.setTimeout(() => URL.revokeObjectURL(address), 10_000);
  }

  private dialog(title: string, body: (HTMLElement | null)[]): HTMLDialogElement {
    const before = document.activeElement as HTMLElement | null;
    const close = button("button.chip", words.back, () => dialog.close());
    const dialog: HTMLDialogElement = el("dialog.panel", { "aria-labelledby": "panel-title" }, el("div.panel-head", {}, el("h2", { id: "panel-title", tabindex: -1 }, title), close), ...body);
    dialog.addEventListener("close", () => {
      dialog.remove();
      (before && before.isConnected ? before : this.talk.view.input).focus({ preventScroll: true });
    });
    dialog.addEventListener("click", (event) => {
      if (event.target === dialog) dialog.close(); // beside the sheet
    });
    dialog.addEventListener("keydown", (event) => {
      if (event.key === "Escape") event.stopPropagation(); // closes this, not the chat
    });
    this.root.append(dialog);
    dialog.showModal();
    dialog.querySelector("h2")!.focus();
    return dialog;
  }
}

function wrongField(reach: HTMLInputElement, matter: HTMLTextAreaElement, consent: HTMLInputElement) {
  const digits = reach.value.replace(/\D/g, "");
  const isPhone = /^[+\d][\d\s.()-]*$/.test(reach.value.trim()) && digits.length >= 8 && digits.length <= 13;
  if (!isPhone && !/^[^\s@]+@[^\s@]+\.[^\s@]{2,}$/.test(reach.value.trim())) return { field: reach, text: words.leaveReachBad };
  if (matter.value.trim().length < 3) return { field: matter, text: words.leaveMatterBad };
  return consent.checked ? null : { field: consent, text: words.leaveConsentBad };
}

function choiceRow(legend: string, options: [string, string][], chosen: string, pick: (value: string) => void): HTMLElement {
  const name = `option-${legend}`;
  const row = el("fieldset.segmented", {}, el("legend", {}, legend));
  for (const [value, label] of options) {
    const radio = listen(el("input", { type: "radio", name, value, checked: value === chosen }), { change: () => pick(value) });
    row.append(el("label", {}, radio, el("span", {}, label)));
  }
  return row;
}

function checkRow(label: string, isOn: boolean, change: (isOn: boolean) => void): HTMLElement {
  const box = el("input", { type: "checkbox", checked: isOn });
  box.addEventListener("change", () => change(box.checked));
  return el("label.check", {}, box, label);
}
