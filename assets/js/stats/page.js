// What happens on the statistics page in the browser: clicks become addresses, words stand in the viewer's language.
(() => {
  "use strict";
  const wallboard = (globalThis.wallboard ??= {});
  const stats = (wallboard.stats ??= {});
  const COPIED_MS = 1600;

  const { texts } = wallboard.ui;

  const page = () => document.getElementById("statistics");

  // the smallest text, 12 px at 1920×1080: before the page is built, so that nothing is ever drawn at another size
  const scale = () => Math.max(1, Math.min(innerWidth / 1920, innerHeight / 1080));
  const size = () => { document.documentElement.style.fontSize = `${12 * scale()}px`; };
  size();
  addEventListener("resize", size);

  /** Goes to another state; Back comes from there. @param {string} search */
  function go(search) {
    if (search === location.search) return;
    history.pushState({}, "", location.pathname + search + location.hash);
    dispatchEvent(new CustomEvent("_dashprivate_pushstate"));
  }

  function speak() {
    const root = page();
    if (!root) return;
    texts.load(document.getElementById("texts")?.dataset.texts ?? "{}");
    const lang = texts.asked(location.search, root.dataset.default ??= root.dataset.lang ?? "zh");
    texts.setLang(lang);
    root.dataset.lang = lang;
    document.documentElement.lang = lang === "zh" ? "zh-CN" : "en";
    texts.translate(root);
    const back = document.getElementById("back");
    if (back instanceof HTMLAnchorElement) back.setAttribute("href", stats.address.across(back.getAttribute("href") ?? "/", location.search));
  }

  /** @param {MouseEvent} event */
  function clicked(event) {
    const element = event.target instanceof Element ? event.target.closest("[data-set], [data-toggle]") : null;
    const target = event.target instanceof Element ? event.target : null;
    if (element instanceof HTMLElement && !(element instanceof HTMLButtonElement && element.disabled)) {
      if (element.dataset.toggle) go(stats.address.toggle(location.search, element.dataset.toggle));
      else if (element.classList.contains("rhythm-cell")) go(stats.address.flip(location.search, element.dataset.set));
      else go(stats.address.set(location.search, element.dataset.set ?? ""));
    } else if (target?.closest("#language")) {
      go(stats.address.set(location.search, `lang=${texts.lang() === "zh" ? "en" : "zh"}`));
    } else if (target?.closest("#copy")) {
      copy();
    }
  }

  async function copy() {
    const button = document.getElementById("copy");
    try {
      await navigator.clipboard.writeText(location.href);
    } catch {
      return;
    }
    if (!button) return;
    button.textContent = texts.t("page.copied");
    setTimeout(() => { button.textContent = texts.t("page.copy"); }, COPIED_MS);
  }

  /** Arrow keys in a grid of buttons whose rows are as long as data-roves says. @param {KeyboardEvent} event */
  function roved(event) {
    const from = event.target;
    const grid = from instanceof HTMLElement ? from.closest("[data-roves]") : null;
    if (!(grid instanceof HTMLElement) || !(from instanceof HTMLElement) || from.tagName !== "BUTTON") return;
    const cells = /** @type {HTMLElement[]} */ ([...grid.querySelectorAll(".rhythm-cell")]);
    const at = cells.indexOf(from);
    const row = Number(grid.dataset.roves);
    const step = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -row, ArrowDown: row }[event.key];
    const next = at < 0 || step === undefined ? undefined : cells[at + step];
    if (!next) return;
    event.preventDefault();
    from.tabIndex = -1;
    next.tabIndex = 0;
    next.focus();
  }

  addEventListener("click", clicked);
  addEventListener("keydown", roved);
  Object.assign(stats, { go, speak });
})();
