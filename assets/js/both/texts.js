// The interface's words, of the wall and of the statistics page. Pure lookup first; `translate` writes them into elements with data-t.
(() => {
  "use strict";
  const wallboard = (globalThis.wallboard ??= {});
  const ui = (wallboard.ui ??= {});

  /** @type {Record<string, Record<string, string>>} */
  let tables = { zh: {}, en: {} };
  let lang = "zh";

  /** Puts values into {places}; a place without a value stays empty. @param {string} template @param {Record<string, unknown>} [values] */
  function fill(template, values = {}) {
    return template.replace(/\{(\w+)\}/g, (_, name) => String(values[name] ?? ""));
  }

  /** The text of `key`; the key itself when the catalogue lacks it, so that nothing is ever blank. @param {string} key @param {Record<string, unknown>} [values] */
  function t(key, values) {
    return fill(tables[lang]?.[key] ?? key, values);
  }

  /** The text of `key`, null when the catalogue lacks it. @param {string} key @returns {string|null} */
  function known(key) {
    return tables[lang]?.[key] ?? null;
  }

  /** The name of a word of the messages (category, detection kind); an unknown word shows itself. @param {string} family @param {string|null|undefined} word */
  function named(family, word) {
    const text = tables[lang]?.[`${family}.${String(word ?? "").trim().toLowerCase().replace(/[\s-]+/g, "_")}`];
    return text ?? String(word ?? "");
  }

  /** All names of a family in the viewer's language, by their word, which messages write with spaces too. @param {string} name @returns {Record<string, string>} */
  function family(name) {
    const head = `${name}.`;
    /** @type {Record<string, string>} */
    const names = {};
    for (const [key, text] of Object.entries(tables[lang] ?? {})) {
      if (!key.startsWith(head)) continue;
      const word = key.slice(head.length);
      names[word] = names[word.replaceAll("_", " ")] = text;
    }
    return names;
  }

  /** Which language an address asks for; `fallback` when none or an unknown one. @param {string} search @param {string} fallback */
  function asked(search, fallback) {
    const wanted = new URLSearchParams(search).get("lang") ?? "";
    return wanted === "zh" || wanted === "en" ? wanted : fallback === "en" ? "en" : "zh";
  }

  /** Writes texts and titles into every marked element under `root`. @param {ParentNode} root */
  function translate(root) {
    for (const element of root.querySelectorAll("[data-t]")) {
      const text = t(element.getAttribute("data-t") ?? "");
      if (element.textContent !== text) element.textContent = text;
    }
    for (const element of root.querySelectorAll("[data-t-label]")) {
      element.setAttribute("aria-label", t(element.getAttribute("data-t-label") ?? ""));
    }
    for (const element of root.querySelectorAll("[data-t-title]")) {
      const text = t(element.getAttribute("data-t-title") ?? "");
      element.setAttribute("title", text);
      element.setAttribute("aria-label", text);
    }
  }

  ui.texts = {
    fill, t, known, named, family, asked, translate,
    /** @param {string} json the catalogue as the page carries it */
    load(json) { tables = JSON.parse(json); },
    /** @param {string} next */
    setLang(next) { lang = next === "en" ? "en" : "zh"; },
    lang: () => lang,
  };
})();
