// What Dash calls in the browser. Dash's components give way here to the page's own functions.
(() => {
  "use strict";
  const global = /** @type {any} */ (globalThis);
  const wallboard = (globalThis.wallboard ??= {});
  const stats = (wallboard.stats ??= {});
  const TOUCH_MS = 1000;
  const CONTROLS = ".head-controls, .mantine-Popover-dropdown, [role=listbox]";
  let version = -1;

  let touched_ms = 0;
  for (const kind of ["pointerdown", "keydown"]) {
    addEventListener(kind, (event) => {
      if (event.target instanceof Element && event.target.closest(CONTROLS)) touched_ms = Date.now();
    }, true);
  }

  /** The rows of the tables are others now: ask for them again, from the top if they are of another state. @param {boolean} anew */
  function renew(anew) {
    for (const id of ["grid", "drawer-grid"]) {
      try {
        const api = global.dash_ag_grid?.getApi(id);
        if (anew && api?.getDisplayedRowCount()) api.ensureIndexVisible(0, "top");
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
      stats.watch();
      if (shown?.version !== undefined && shown.version !== version) {
        if (version !== -1) renew(false);
        version = shown.version;
      }
      return String(version);
    },

    /** The controls say what is shown; after what they offer has come, else they would drop it. @param {any} shown */
    controls(shown) {
      const own = shown?.controls;
      return own ? [own.date, own.scope || null, own.category] : Array(3).fill(global.dash_clientside.no_update);
    },

    /** Date, jurisdiction and categories: the controls also change by themselves, and only a person's choice counts. @param {string|null} date @param {string|null} scope @param {string[]|null} category @param {any} shown */
    chosen(date, scope, category, shown) {
      const own = shown?.controls;
      if (!own || Date.now() - touched_ms > TOUCH_MS) return "";
      let search = location.search;
      if (date && date !== own.date) search = stats.address.set(search, new URLSearchParams({ date }).toString());
      if ((scope ?? "") !== own.scope) search = stats.address.set(search, new URLSearchParams({ scope: scope ?? "" }).toString());
      if (JSON.stringify(category ?? []) !== JSON.stringify(own.category)) search = stats.address.choose(search, "category", category ?? []);
      stats.go(search);
      return search;
    },

    /** A table is about to be seen. @param {boolean} near */
    async table(near) {
      const { outputs_list } = global.dash_clientside.callback_context;
      return near ? stats.table(outputs_list.id) : global.dash_clientside.no_update;
    },

    /** The drawer was closed by its own means: the address says so too. @param {boolean} opened */
    closed(opened) {
      if (opened === false && new URLSearchParams(location.search).has("figure")) {
        stats.go(stats.address.set(location.search, "figure="));
      }
      return String(opened);
    },
  };

  /** @type {Map<string, any>} what was told, for another size of the window */
  const told = new Map();
  let drawn_at = NaN;

  /** @param {"figure"|"columnDefs"} prop @param {any} data */
  function made(prop, data) {
    drawn_at = stats.scale();
    return (prop === "figure" ? stats.sized : stats.widened)(data, drawn_at);
  }

  /** A table in a drawer that is closed cannot measure its rows. @param {string} id */
  function rows(id) {
    try {
      const api = global.dash_ag_grid?.getApi(id);
      api?.setGridOption("rowHeight", Math.round(28 * stats.scale()));
      api?.setGridOption("headerHeight", Math.round(30 * stats.scale()));
    } catch { /* the table is not there yet: it measures by itself */ }
  }

  /** @param {"figure"|"columnDefs"} prop */
  function drawing(prop) {
    return (/** @type {any} */ data) => {
      const id = global.dash_clientside.callback_context?.outputs_list?.id;
      if (id) told.set(id, { prop, data });
      if (prop === "columnDefs") setTimeout(rows, 0, id);
      return data ? made(prop, data) : global.dash_clientside.no_update;
    };
  }
  Object.assign(functions, { figure: drawing("figure"), columnDefs: drawing("columnDefs") });

  /** Charts and tables in the sizes of another screen; of the same one a redrawn map would be a dot for a moment. */
  function resized() {
    if (stats.scale() === drawn_at) return;
    for (const [id, { prop, data }] of told) {
      if (data) global.dash_clientside.set_props(id, { [prop]: made(prop, data) });
    }
  }
  addEventListener("resize", () => setTimeout(resized, 0)); // after the page itself has taken its size

  global.dash_clientside = Object.assign({}, global.dash_clientside, { statistics: functions });

  const styles = (/** @type {string} */ name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  (global.dashAgGridFunctions ??= {}).statisticsTheme = (/** @type {any} */ quartz) => {
    const rem = parseFloat(getComputedStyle(document.documentElement).fontSize);
    return quartz.withParams({
      backgroundColor: styles("--panel"), foregroundColor: styles("--ink-2"), headerTextColor: styles("--ink-3"),
      headerBackgroundColor: styles("--panel"), borderColor: styles("--line"), rowBorder: { color: styles("--line") },
      oddRowBackgroundColor: styles("--panel"), rowHoverColor: styles("--track"), accentColor: styles("--calm"),
      browserColorScheme: "dark", fontFamily: "inherit", fontSize: 1.083 * rem, headerFontSize: rem, spacing: rem / 2.4, rowHeight: 2.333 * rem, headerHeight: 2.5 * rem,
      wrapperBorder: false, headerColumnBorder: false, columnBorder: false, wrapperBorderRadius: 0,
      headerFontWeight: 400,
    });
  };
})();
