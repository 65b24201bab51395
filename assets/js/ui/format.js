// Numbers, durations and times as text. Pure: every time and zone is passed in.
(() => {
  "use strict";
  const wallboard = (globalThis.wallboard ??= {});
  const ui = (wallboard.ui ??= {});

  const MINUTE_S = 60;
  const HOUR_S = 3600;
  const DAY_S = 86400;
  const COMPASS = { zh: ["北", "东北", "东", "东南", "南", "西南", "西", "西北"], en: ["N", "NE", "E", "SE", "S", "SW", "W", "NW"] };
  const WEEKDAYS = { zh: ["周日", "周一", "周二", "周三", "周四", "周五", "周六"], en: ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"] };

  const two = (/** @type {number} */ n) => String(n).padStart(2, "0");

  /** Whole seconds as m:ss, h:mm:ss from an hour on, "3 d 4 h" from two days on. @param {number} seconds */
  function clockwise(seconds) {
    const s = Math.max(0, Math.floor(seconds));
    if (s >= 2 * DAY_S) return `${Math.floor(s / DAY_S)} d ${Math.floor((s % DAY_S) / HOUR_S)} h`;
    const minutes = Math.floor((s % HOUR_S) / MINUTE_S);
    if (s >= HOUR_S) return `${Math.floor(s / HOUR_S)}:${two(minutes)}:${two(s % MINUTE_S)}`;
    return `${minutes}:${two(s % MINUTE_S)}`;
  }

  /** A countdown: time left rounded up, so that 0:00 is the breach; overdue with a plus. @param {number} remaining_s */
  function countdown(remaining_s) {
    return remaining_s >= 0 ? clockwise(Math.ceil(remaining_s)) : `+${clockwise(-remaining_s)}`;
  }

  /** An age: "12 s" up to a minute and a half, then m:ss. @param {number} seconds */
  function age(seconds) {
    const s = Math.max(0, Math.floor(seconds));
    return s < 90 ? `${s} s` : clockwise(s);
  }

  /** A length of time in its two largest units: "45 min", "2 h 30 min", "1 d 4 h". @param {number} minutes */
  function span(minutes) {
    const m = Math.max(0, Math.round(minutes)), days = Math.floor(m / 1440), hours = Math.floor((m % 1440) / 60);
    const parts = days ? [`${days} d`, hours ? `${hours} h` : ""] : [hours ? `${hours} h` : "", m % 60 || !hours ? `${m % 60} min` : ""];
    return parts.filter(Boolean).join(" ");
  }

  /** A length in metres: "850 m", "1.4 km". @param {number} metres */
  function distance(metres) {
    return metres < 995 ? `${Math.round(metres / 10) * 10} m` : `${(metres / 1000).toFixed(metres < 9950 ? 1 : 0)} km`;
  }

  /** A count with thousands separated. @param {number} n */
  function count(n) {
    return String(Math.round(n)).replace(/\B(?=(\d{3})+$)/g, ",");
  }

  /** A share as 0…1, safe against a total of 0. @param {number} part @param {number} total */
  function share(part, total) {
    return total > 0 ? Math.min(1, Math.max(0, part / total)) : 0;
  }

  /** @type {Map<string, Intl.DateTimeFormat>} */
  const formats = new Map();

  /** @param {string} zone */
  function formatOf(zone) {
    let format = formats.get(zone);
    if (!format) {
      format = new Intl.DateTimeFormat("en-CA", {
        timeZone: zone, hourCycle: "h23", year: "numeric", month: "2-digit", day: "2-digit",
        hour: "2-digit", minute: "2-digit", second: "2-digit", weekday: "short",
      });
      formats.set(zone, format);
    }
    return format;
  }

  /**
   * Date, weekday and time of an instant in a zone: {date: "2026-11-21 周六", time: "18:41:07"}.
   * @param {number} ms Unix milliseconds @param {string} zone IANA name @param {string} lang zh or en
   */
  function wallTime(ms, zone, lang) {
    /** @type {Record<string, string>} */
    const part = {};
    for (const { type, value } of formatOf(zone).formatToParts(ms)) part[type] = value;
    const weekday = WEEKDAYS[lang === "en" ? "en" : "zh"][WEEKDAYS.en.indexOf(part.weekday)];
    return { date: `${part.year}-${part.month}-${part.day} ${weekday}`, time: `${part.hour}:${part.minute}:${part.second}` };
  }

  /** Degrees from north as a compass word. @param {number} degrees @param {string} lang */
  function compass(degrees, lang) {
    const words = COMPASS[lang === "en" ? "en" : "zh"];
    return words[Math.round((((degrees % 360) + 360) % 360) / 45) % 8];
  }

  /**
   * The longest round length (1, 2 or 5 × 10ⁿ m) that fits into `room_px`, as {metres, px, text}.
   * @param {number} metresPerPixel @param {number} room_px
   */
  function scaleBar(metresPerPixel, room_px) {
    const most = metresPerPixel * room_px;
    if (!(most > 0) || !Number.isFinite(most)) return { metres: 0, px: 0, text: "" };
    const power = 10 ** Math.floor(Math.log10(most));
    const metres = ([5, 2, 1].find((m) => m * power <= most * (1 + 1e-9)) ?? 1) * power;
    return { metres, px: metres / metresPerPixel, text: metres >= 1000 ? `${metres / 1000} km` : `${metres} m` };
  }

  ui.format = { clockwise, countdown, age, span, distance, count, share, wallTime, compass, scaleBar };
})();
