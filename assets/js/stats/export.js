// The button that has a briefing written: asks for it, shows how far it is, offers the file.
(() => {
  "use strict";
  const wallboard = (globalThis.wallboard ??= {});
  const stats = (wallboard.stats ??= {});
  const ADDRESS = "/api/briefings";
  const SHARED = ["period", "date", "key", "scope", "lang"];
  const POLL_MS = 500;
  const LOST_AFTER = 20; // polls without an answer

  /** The query of a briefing of what an address shows. @param {string} search @param {string} format @param {string} lang */
  function query(search, format, lang) {
    const shown = new URLSearchParams(search);
    const asked = new URLSearchParams();
    for (const name of SHARED) if (shown.get(name)) asked.set(name, shown.get(name) ?? "");
    if (!asked.has("lang")) asked.set("lang", lang);
    asked.set("format", format);
    return asked.toString();
  }

  /** What a refusal says. @param {any} told */
  function reason(told) {
    const detail = told?.detail;
    return Array.isArray(detail) ? detail.map((one) => one.msg).join("; ") : String(detail ?? "");
  }

  /** @param {HTMLElement} box @param {{state: string, share?: number, why?: string, files?: {name: string}[]}} told */
  function show(box, told) {
    box.dataset.state = told.state;
    const bar = box.querySelector("progress");
    if (bar) bar.value = Math.round((told.share ?? 0) * 100);
    const why = box.querySelector(".export-why");
    if (why) why.textContent = told.why ?? "";
    const link = box.querySelector(".export-done");
    const file = told.files?.[0];
    if (link instanceof HTMLAnchorElement && file) {
      link.href = `/briefings/${encodeURIComponent(file.name)}`;
      link.download = file.name;
      if (told.state === "done") link.click();
    }
  }

  /** @param {HTMLElement} box @param {string} format */
  async function write(box, format) {
    if (["waiting", "working"].includes(box.dataset.state ?? "")) return;
    const lang = document.documentElement.lang.startsWith("en") ? "en" : "zh";
    show(box, { state: "waiting" });
    try {
      const answer = await fetch(`${ADDRESS}?${query(location.search, format, lang)}`, { method: "POST" });
      let told = await answer.json();
      if (!answer.ok) throw new Error(reason(told));
      let lost = 0;
      while (told.state === "waiting" || told.state === "working") {
        show(box, told);
        await new Promise((done) => setTimeout(done, POLL_MS));
        const next = await fetch(`${ADDRESS}/${told.id}`).catch(() => null);
        if (next?.ok) [told, lost] = [await next.json(), 0];
        else if (next?.status === 404 || ++lost > LOST_AFTER) throw new Error("");
      }
      show(box, told);
    } catch (error) {
      show(box, { state: "failed", why: error instanceof Error ? error.message : "" });
    }
  }

  globalThis.document?.addEventListener("click", (event) => {
    const button = event.target instanceof Element ? event.target.closest("[data-export]") : null;
    const box = button?.closest("details");
    if (button instanceof HTMLElement && box) void write(box, button.dataset.export ?? "");
  });

  stats.briefing = { query, reason };
})();
