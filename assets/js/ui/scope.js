// Which jurisdiction the wall shows: its name in the title, the chooser, names for codes everywhere, its bounds.
(() => {
  "use strict";
  const wallboard = (globalThis.wallboard ??= {});
  const ui = (wallboard.ui ??= {});

  /** @typedef {{code: string, level: string, parent: string, name_zh: string, name_en: string, units: number}} Choice */

  const AGAIN_MS = 5000;
  /** names of places by code: Chinese, English @type {Record<string, [string, string]>} */
  let names = {};
  /** @type {Choice[]} */
  let choices = [];
  let total = 0;
  /** @type {ReturnType<typeof setTimeout>|undefined} */
  let timer;
  /** the bounds that the map was told to show */
  let fitted = "";

  /** The scope that an address asks for, "" for the city. @param {string} search */
  const asked = (search) => (new URLSearchParams(search).get("scope") ?? "").trim();

  /** The address of another scope. @param {string} href @param {string} code "" for the city */
  function addressOf(href, code) {
    const address = new URL(href);
    if (code) address.searchParams.set("scope", code);
    else address.searchParams.delete("scope");
    return address.href;
  }

  /** The title with a scope's name before its last part: "Police · South · One Map". @param {string} title @param {string} name */
  function titled(title, name) {
    if (!name) return title;
    const parts = title.split(" · ");
    return parts.length > 1 ? [...parts.slice(0, -1), name, parts[parts.length - 1]].join(" · ") : `${title} · ${name}`;
  }

  /** The choices as groups: each branch with its stations, and those without a branch. @param {Choice[]} all */
  function grouped(all) {
    const branches = all.filter((one) => one.level === "branch");
    const known = new Set(branches.map((one) => one.code));
    const alone = all.filter((one) => one.level !== "branch" && !known.has(one.parent));
    return [...branches.map((branch) => ({ branch, stations: all.filter((one) => one.parent === branch.code && one !== branch) })),
      ...(alone.length ? [{ branch: null, stations: alone }] : [])];
  }

  /** A name in the viewer's language. @param {{name_zh: string, name_en: string}} one */
  const nameOf = (one) => (ui.texts.lang() === "en" ? one.name_en : one.name_zh);

  /** What messages call a branch, a station or a zone, as people call it; an unknown code as it is. @param {string|null|undefined} code */
  ui.placeName = (code) => {
    const word = String(code ?? "");
    return Object.hasOwn(names, word) ? names[word][ui.texts.lang() === "en" ? 1 : 0] : word;
  };

  /** The title in the viewer's language, with the scope's name. */
  ui.retitle = () => {
    const body = ui.body("scope");
    const name = body?.state === "known" && body.level !== "city" ? nameOf(body) : "";
    for (const element of document.querySelectorAll(".wall-title")) {
      ui.dom.titled(element, titled(element.getAttribute(`data-${ui.texts.lang()}`) ?? "", name));
    }
  };

  async function fetchChoices() {
    clearTimeout(timer);
    try {
      const answer = await fetch("/api/scopes");
      if (!answer.ok) throw new Error(`HTTP ${answer.status}`);
      ({ scopes: choices, total } = await answer.json());
    } catch {
      clearTimeout(timer); // however often the chooser was looked at
      timer = setTimeout(fetchChoices, AGAIN_MS); // the wall works without; a chooser that comes late is better than none
      return;
    }
    fill();
  }

  /** @param {string} value @param {string} text */
  function option(value, text) {
    const made = document.createElement("option");
    made.value = value;
    made.textContent = text;
    return made;
  }

  function fill() {
    const select = document.getElementById(ui.ids.SCOPE_CHOICE);
    if (!(select instanceof HTMLSelectElement)) return;
    const label = (/** @type {Choice} */ one) => `${nameOf(one)}  ${ui.format.count(one.units)}`;
    const parts = grouped(choices).map(({ branch, stations }) => {
      const group = document.createElement("optgroup");
      group.label = branch ? nameOf(branch) : "—";
      if (branch) group.append(option(branch.code, label(branch)));
      group.append(...stations.map((one) => option(one.code, label(one))));
      return group;
    });
    select.replaceChildren(option("", `${ui.texts.t("scope.city")}  ${ui.format.count(total)}`), ...parts);
    const body = ui.body("scope");
    select.value = body?.state === "known" && body.level !== "city" ? body.code : "";
    if (select.parentElement) ui.dom.show(select.parentElement, choices.length > 0);
  }

  /** @param {any} body of the scope document */
  function fit(body) {
    const wall = document.getElementById(ui.ids.WALL);
    // a city's wall begins where the settings say, if they say it
    if (!wall || !Array.isArray(body.bounds) || (body.level === "city" && !wall.dataset.bounds)) return;
    const bounds = body.bounds.map((/** @type {number} */ degrees) => degrees.toFixed(6)).join(",");
    if (fitted === bounds) return;
    fitted = bounds;
    wall.dataset.bounds = bounds;
    ui.fitAnew();
  }

  /** @param {HTMLElement} root @param {any} body */
  function complain(root, body) {
    const problem = ui.dom.part(root, ".scope-problem"), wrong = Boolean(body) && body.state !== "known";
    ui.dom.show(problem, wrong);
    if (!wrong) return;
    ui.dom.text(ui.dom.part(root, ".scope-words"), ui.texts.t(body.state === "full" ? "scope.full" : "scope.unknown", { code: asked(location.search) }));
    ui.dom.attribute(ui.dom.part(root, ".scope-back"), "href", addressOf(location.href, ""));
  }

  ui.scope = { asked, addressOf, titled, grouped };

  (ui.panels ??= []).push({
    id: "scope",
    docs: ["scope"],
    /** @param {HTMLElement} root */
    start(root) {
      const select = root.querySelector("select");
      // a page of its own: everything on it is of one scope, and nothing of another is left over
      select?.addEventListener("change", () => location.assign(addressOf(location.href, select.value)));
      select?.addEventListener("focus", () => void fetchChoices());
      wallboard.live?.on("places", (/** @type {Record<string, [string, string]>} */ told) => {
        names = told;
        ui.changed("*");
      });
      void fetchChoices();
    },
    /** @param {HTMLElement} root */
    render(root) {
      const body = ui.body("scope");
      ui.retitle();
      complain(root, body);
      fill();
      if (body?.state === "known") fit(body);
    },
  });
})();
