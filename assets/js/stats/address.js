// The address is the state of the statistics page: what a click does to it. Pure.
(() => {
  "use strict";
  const wallboard = (globalThis.wallboard ??= {});
  const stats = (wallboard.stats ??= {});

  const KEPT_BY_NAVIGATION = ["lang"];

  /** The query in one spelling, with its question mark; "" for none. @param {URLSearchParams} query */
  function spelled(query) {
    const text = query.toString();
    return text ? `?${text}` : "";
  }

  /** Sets parameters; an empty value takes one out. What opens the drawer leaves the rest, all else closes it. @param {string} search @param {string} change as in data-set */
  function set(search, change) {
    const query = new URLSearchParams(search);
    const changes = new URLSearchParams(change);
    if (!changes.has("figure")) query.delete("figure");
    for (const [name, value] of changes) {
      if (value) query.set(name, value);
      else query.delete(name);
    }
    return spelled(query);
  }

  /** Adds a value to a filter, or takes it out if it is there. @param {string} search @param {string} change as in data-toggle */
  function toggle(search, change) {
    const query = new URLSearchParams(search);
    query.delete("figure");
    for (const [name, value] of new URLSearchParams(change)) {
      const values = query.getAll(name);
      query.delete(name);
      const next = values.includes(value) ? values.filter((one) => one !== value) : [...values, value];
      for (const one of next) query.append(name, one);
    }
    return spelled(query);
  }

  /** Sets both an hour and a weekday, or takes both out if they are what is set: a cell of the matrix. @param {string} search @param {string} change */
  function flip(search, change) {
    const query = new URLSearchParams(search);
    const same = [...new URLSearchParams(change)].every(([name, value]) => query.getAll(name).join() === value);
    return same ? set(search, new URLSearchParams([...new URLSearchParams(change)].map(([name]) => [name, ""])).toString())
      : set(search, change);
  }

  /** All values of a filter at once. @param {string} search @param {string} name @param {string[]} values */
  function choose(search, name, values) {
    const query = new URLSearchParams(search);
    query.delete("figure");
    query.delete(name);
    for (const value of values) query.append(name, value);
    return spelled(query);
  }

  /** The address of the other page, in the same language. @param {string} href @param {string} search */
  function across(href, search) {
    const query = new URLSearchParams(search);
    const kept = new URLSearchParams(href.split("?")[1] ?? "");
    for (const name of KEPT_BY_NAVIGATION) if (query.has(name)) kept.set(name, query.get(name) ?? "");
    return href.split("?")[0] + spelled(kept);
  }

  stats.address = { set, toggle, flip, choose, across };
})();
