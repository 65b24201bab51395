// A wall that nobody operates (?kiosk=1, or the setting): no controls, no pointer, a screen that stays awake. And the
// page's title, which says in a list of tabs what the wall would say.
(() => {
  "use strict";
  const wallboard = (globalThis.wallboard ??= {});
  const ui = (wallboard.ui ??= {});

  const asked = () => new URLSearchParams(location.search).get("kiosk");
  const html = document.documentElement;
  ui.kiosk = () => html.hasAttribute("data-kiosk");

  /** @param {boolean} on */
  function set(on) {
    ui.dom?.attribute(html, "data-kiosk", on ? "" : null);
  }

  /** @type {any} */
  let lock = null;
  /** The browser lets go of it whenever the page is hidden; only secure contexts have it. */
  async function stayAwake() {
    const wakeLock = /** @type {any} */ (navigator).wakeLock;
    if (!wakeLock || !ui.kiosk() || document.hidden || (lock && !lock.released)) return;
    try {
      lock = await wakeLock.request("screen");
    } catch {
      lock = null; // refused, as on an empty battery: the next change of visibility asks again
    }
  }

  /** While the server is gone its address shows a page that waits for it; browsers allow that in secure contexts only. */
  function keepRecovery() {
    if (!ui.kiosk() || !("serviceWorker" in navigator)) return;
    navigator.serviceWorker.register(new URL("recover-worker.js", document.baseURI))
      .catch((error) => console.info("no recovery page is kept:", String(error)));
  }

  function title() {
    const { docs, link } = ui.state;
    const name = document.getElementById(ui.ids.WALL)?.querySelector(".wall-title")?.textContent ?? "";
    const alarms = docs.alarms?.body.total ?? 0;
    const said = link.state === "lost" ? `${ui.texts.t("wall.lost")} · ${name}` : alarms ? `(${ui.format.count(alarms)}) ${name}` : name;
    if (document.title !== said) document.title = said;
  }

  set(asked() === "1"); // before the page is built, so that no pointer is ever seen
  addEventListener("contextmenu", (event) => { if (ui.kiosk()) event.preventDefault(); });
  document.addEventListener("visibilitychange", () => void stayAwake());

  (ui.panels ??= []).push({
    id: ui.ids?.WALL ?? "wall",
    docs: ["alarms", "link"],
    /** @param {HTMLElement} root */
    start(root) {
      set((asked() ?? root.dataset.kiosk) === "1");
      root.inert = ui.kiosk(); // nothing takes the focus, so keys reach nothing but what listens to the page
      void stayAwake();
      keepRecovery();
    },
    render: title,
  });
})();
