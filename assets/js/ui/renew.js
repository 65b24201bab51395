// The page comes back by itself: it loads anew when the server would give another page now, when it never stood up,
// and on a kiosk when its own clock stands still. Never in a loop, and never from a server that does not answer.
(() => {
  "use strict";
  const wallboard = (globalThis.wallboard ??= {});
  const ui = (wallboard.ui ??= {});

  const SAME_BUILD_MS = 600_000;
  const AGAIN_MS = 300_000;
  const PATIENCE_MS = 60_000;
  const CHECK_MS = 5000;
  const SPREAD_MS = 2000;
  const KEY = "wall-renewed";

  /**
   * Whether to load the page anew for `cause`. Each build is tried once in ten minutes (behind a balancer page and
   * socket may come from different ones), anything else once in five.
   * @param {{cause: string, at: number}[]} past @param {string} cause @param {number} now Unix ms
   */
  function allowed(past, cause, now) {
    const pause = cause.startsWith("build ") ? SAME_BUILD_MS : AGAIN_MS;
    return !past.some((one) => one.cause === cause && now - one.at >= 0 && now - one.at < pause);
  }

  /** @param {{cause: string, at: number}[]} past @param {number} now */
  const recent = (past, now) => past.filter((one) => now - one.at >= 0 && now - one.at < SAME_BUILD_MS);

  /**
   * What is wrong with the page, "" while it is well or may still become so.
   * @param {{started: boolean, hidden: boolean, kiosk: boolean, born: number, beat: number, now: number}} page monotonic ms
   */
  function ailment({ started, hidden, kiosk, born, beat, now }) {
    if (hidden) return "";
    if (!started) return now - born > PATIENCE_MS ? "did not start" : "";
    return kiosk && now - beat > PATIENCE_MS ? "stands still" : "";
  }

  ui.renewal = { allowed, recent, ailment };
  if (typeof document === "undefined") return;

  /** @returns {{cause: string, at: number}[]} */
  function past() {
    try {
      return recent(JSON.parse(sessionStorage.getItem(KEY) ?? "[]"), Date.now());
    } catch {
      return [];
    }
  }

  /** Loads the page anew, if that was not done for the same cause just now. @param {string} cause */
  async function renew(cause) {
    const before = past();
    if (!allowed(before, cause, Date.now())) return;
    try {
      // without this the browser would show an error page for ever
      const answer = await fetch(new URL("alive.gif", document.baseURI), { cache: "no-store" });
      if (!answer.ok) return;
      sessionStorage.setItem(KEY, JSON.stringify([...before, { cause, at: Date.now() }]));
    } catch {
      return;
    }
    console.warn(`the page is loaded anew: ${cause}`);
    location.reload();
  }

  const born = performance.now();
  let beat = born;
  let wakes = born;
  setInterval(() => {
    const now = performance.now();
    // a machine that slept, or a tab that was held back, has to show first that its page lives
    if (now - wakes > 3 * CHECK_MS) beat = now;
    wakes = now;
    if (document.hidden) beat = now;
    const wall = document.getElementById(ui.ids?.WALL ?? "wall");
    const ill = ailment({
      started: Boolean(wall && ui.state?.started), hidden: document.hidden, kiosk: ui.kiosk?.() === true, born, beat, now,
    });
    if (ill) void renew(ill);
  }, CHECK_MS);

  /** @type {string} */
  let offered = "";

  /** @param {HTMLElement} root */
  function compare(root) {
    const build = ui.body("wall")?.build ?? "";
    const newer = build !== "" && root.dataset.build !== "" && build !== root.dataset.build;
    const offer = document.getElementById(ui.ids.NEWER);
    if (offer) ui.dom.show(offer, newer && !ui.kiosk());
    if (!newer || !ui.kiosk() || offered === build) return;
    offered = build;
    // walls that learn it together do not all ask at once
    setTimeout(() => void renew(`build ${build}`), Math.random() * SPREAD_MS);
  }

  (ui.panels ??= []).push({
    id: ui.ids?.NEWER ?? "newer",
    docs: ["wall"],
    ticks: true,
    /** @param {HTMLElement} button */
    start(button) {
      button.addEventListener("click", () => location.reload());
    },
    render() {
      beat = performance.now();
      const root = document.getElementById(ui.ids.WALL);
      if (root) compare(root);
    },
  });
})();
