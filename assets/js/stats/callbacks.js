// What Dash calls in the browser. Dash's components give way here to the page's own functions.
(() => {
  "use strict";
  const global = /** @type {any} */ (globalThis);
  const wallboard = (globalThis.wallboard ??= {});
  const stats = (wallboard.stats ??= {});
  const CHART_WAIT_MS = 400;
  let version = -1;

  /** The rows of the tables are others now: ask for them again, from the top if they are of another state. @param {boolean} anew */
  function renew(anew) {
    for (const id of ["grid", "drawer-grid"]) {
      try {
        const api = global.dash_ag_grid?.getApi(id);
        if (anew) api?.ensureIndexVisible(0, "top");
        if (anew) api?.purgeInfiniteCache();
        else api?.refreshInfiniteCache();
      } catch { /* the table is not there yet: it will ask by itself */ }
    }
  }

  const functions = {
    /** Another address. */
    address() {
      stats.speak();
      renew(true);
      return location.search;
    },

    /** Something was drawn. @param {any} shown */
    drawn(shown) {
      stats.speak();
      setTimeout(stats.listen, 0);
      setTimeout(stats.listen, CHART_WAIT_MS); // Plotly itself may still be loading
      if (shown?.version !== undefined && shown.version !== version) {
        if (version !== -1) renew(false);
        version = shown.version;
      }
      return String(version);
    },

    /** Date, jurisdiction and categories: a choice that the page did not make itself is a person's. @param {string|null} date @param {string|null} scope @param {string[]|null} category @param {any} shown */
    chosen(date, scope, category, shown) {
      const own = shown?.controls;
      if (!own) return "";
      let search = location.search;
      if (date && date !== own.date) search = stats.address.set(search, new URLSearchParams({ date }).toString());
      if ((scope ?? "") !== own.scope) search = stats.address.set(search, new URLSearchParams({ scope: scope ?? "" }).toString());
      if (JSON.stringify(category ?? []) !== JSON.stringify(own.category)) search = stats.address.choose(search, "category", category ?? []);
      stats.go(search);
      return search;
    },

    /** The drawer was closed by its own means: the address says so too. @param {boolean} opened */
    closed(opened) {
      if (opened === false && new URLSearchParams(location.search).has("figure")) {
        stats.go(stats.address.set(location.search, "figure="));
      }
      return String(opened);
    },
  };

  global.dash_clientside = Object.assign({}, global.dash_clientside, { statistics: functions });

  const WEEKDAYS = { zh: "日一二三四五六", en: "SMTWTFS" };
  (global.dashMantineFunctions ??= {}).statisticsWeekday = (/** @type {any} */ date) =>
    WEEKDAYS[document.documentElement.lang === "en" ? "en" : "zh"][new Date(String(date).slice(0, 10) + "T00:00:00").getDay()];

  const styles = (/** @type {string} */ name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  (global.dashAgGridFunctions ??= {}).statisticsTheme = (/** @type {any} */ quartz) => {
    const rem = parseFloat(getComputedStyle(document.documentElement).fontSize);
    return quartz.withParams({
      backgroundColor: styles("--panel"), foregroundColor: styles("--ink-2"), headerTextColor: styles("--ink-3"),
      headerBackgroundColor: styles("--panel"), borderColor: styles("--line"), rowBorder: { color: styles("--line") },
      oddRowBackgroundColor: styles("--panel"), rowHoverColor: styles("--track"), accentColor: styles("--calm"),
      browserColorScheme: "dark", fontFamily: "inherit", fontSize: 1.083 * rem, headerFontSize: rem, spacing: rem / 2.4,
      wrapperBorder: false, headerColumnBorder: false, columnBorder: false, wrapperBorderRadius: 0,
      headerFontWeight: 400,
    });
  };
})();
